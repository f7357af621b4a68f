"""The command palette: every verb of the screen by its name, Turkish letters and case apart; what it has not, of the other views.

A verb of another view is begun there.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from core import N_, fold, safe
from kvkk_tui.page import Page
from kvkk_tui.verbs_of import Verb, elsewhere, verbs
from kvkk_tui.widgets.bars import KeyBar
from kvkk_tui.widgets.entry import Entry
from kvkk_tui.words import _


class PaletteScreen(ModalScreen[None]):
    """Type a piece of a name; Enter does it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", N_("Down"), show=False, id="palette.down"),
        Binding("up", "move(-1)", N_("Up"), show=False, id="palette.up"),
        Binding("escape", "leave", N_("Back"), id="palette.leave"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._all: list[Verb] = []
        self._others: list[Verb] = []
        self._found: list[Verb] = []
        self._page: Page | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Entry(placeholder=_("What do you want to do?"))
            yield OptionList(compact=True)
            yield KeyBar()

    def on_mount(self) -> None:
        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        self._page = below if isinstance(below, Page) else None
        self._all = [one for one in verbs(below) if not one.moves] if isinstance(below, Page) else []
        self.query_one(OptionList).can_focus = False
        self._list("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._list(event.value)

    def _list(self, text: str) -> None:
        words = fold(text).split()
        self._found = [one for one in self._all if all(word in fold(f"{one.name} {one.about}") for word in words)]
        if not self._found and self._page is not None:
            self._others = self._others or elsewhere(self._page)
            self._found = [one for one in self._others if all(word in fold(one.name) for word in words)]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self._line(one), disabled=not one.possible) for one in self._found])
        if not self._found:
            options.add_option(Option(Content(_("Nothing is called that.")), disabled=True))
        options.highlighted = next((i for i, one in enumerate(self._found) if one.possible), None)

    def _line(self, one: Verb) -> Content:
        why = one.why_not or one.about
        return Content(safe(f"{one.name}  [{one.key}]" + (f"  {why}" if why else ""), 200))

    def action_move(self, by: int) -> None:
        options = self.query_one(OptionList)
        options.action_cursor_down() if by > 0 else options.action_cursor_up()

    @on(Input.Submitted)
    def _chosen(self, event: Input.Submitted) -> None:
        event.stop()
        place = self.query_one(OptionList).highlighted
        if place is not None and place < len(self._found):
            self._do(self._found[place])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._do(self._found[event.option_index])

    def _do(self, one: Verb) -> None:
        self.dismiss()
        if one.view:
            self.app.call_later(begin, self.app, one)
        else:
            self.app.call_later(self.app.run_action, one.action, one.node)

    def action_leave(self) -> None:
        self.dismiss()


async def begin(app: App[object], verb: Verb) -> None:
    """A verb of another view: go there and begin it; what is done with a row waits until somebody has chosen one, and says so."""
    await app.switch_mode(verb.view)
    page = app.screen
    if not isinstance(page, Page):
        return
    refused = page.console.role_too_low(page.ROLES[verb.action]) if verb.action in page.ROLES else None
    if refused:
        page.console.tell(refused, severity="warning")
    elif verb.of_row:
        key = verb.key.partition(" ")[2]
        page.console.tell(_("{verb}: choose the row, then press {key}.").format(verb=verb.name, key=key))
    else:
        app.call_after_refresh(app.run_action, verb.action, page)
