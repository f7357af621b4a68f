"""Every key of the screen that was left for help, derived from its bindings, and the commands that do the same."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from core import N_
from kvkk_tui.dialogs import said
from kvkk_tui.lines import Lines, piece
from kvkk_tui.page import Page
from kvkk_tui.verbs_of import Verb, verbs
from kvkk_tui.widgets.bars import KeyBar
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _


class HelpScreen(ModalScreen[None]):
    """Keys and what they do; what cannot be done now says why."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1", "leave", N_("Back"), id="help.leave")]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog tall"):
            yield Static(said(_("Keys")), classes="dialog--title")
            yield Sheet(self._draw)
            yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Sheet).focus()

    def _draw(self, lines: Lines) -> None:
        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        if not isinstance(below, Page):
            return
        rows = [(piece(one.key, "key" if one.possible else "dim"), _said(one)) for one in verbs(below)]
        lines.table((_("Press"), _("What it does")), rows)
        lines.blank()
        lines.text(_("Everything here can be done with commands too: `kvkk --help`. Text is selected with Shift and the mouse."), "dim")

    def action_leave(self) -> None:
        self.dismiss()


def _said(verb: Verb) -> object:
    text = f"{verb.name} – {verb.about}" if verb.about else verb.name
    return piece(text if verb.why_not is None else f"{text} ({verb.why_not})", "text" if verb.possible else "dim")
