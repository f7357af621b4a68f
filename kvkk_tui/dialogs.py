"""Small questions above a screen. Each is awaited and answers with a value, or None when it was left with Esc."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core import N_, safe
from kvkk_tui.widgets.bars import KeyBar
from kvkk_tui.widgets.entry import Entry, Options
from kvkk_tui.words import _


def said(text: str, limit: int = 2000) -> Content:
    """Words of a dialog, line by line safe, never markup."""
    return Content("\n".join(safe(line, limit) for line in text.split("\n")))


Check = Callable[[str], str | None]
"""What is wrong with a text, in words; None when nothing is."""


class Ask(ModalScreen[str | None]):
    """Asks for a line of text. `needed`: an empty one is not taken. `exactly`: only this text is. `check`: asked with every letter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("Cancel"), id="ask.leave"),
    ]

    def __init__(
        self, title: str, question: str, value: str = "", *, needed: bool = True, exactly: str | None = None, check: Check | None = None
    ) -> None:
        super().__init__()
        self._title, self._question, self._value = title, question, value
        self._needed, self._exactly, self._check = needed, exactly, check

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(said(self._title), classes="dialog--title")
            yield Static(said(self._question), classes="dialog--text")
            yield Entry(self._value)
            yield Static("", classes="dialog--wrong")
            yield KeyBar()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_go()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._wrong(self._checked(event.value.strip()) or "")

    def _checked(self, text: str) -> str | None:
        return self._check(text) if self._check is not None and (text or not self._needed) else None

    def action_go(self) -> None:
        text = self.query_one(Entry).value.strip()
        wrong = self._checked(text)
        if self._exactly is not None and text != self._exactly:
            self._wrong(_("That is not {wanted}. Nothing was changed.").format(wanted=self._exactly))
        elif self._needed and not text:
            self._wrong(_("It cannot be empty."))
        elif wrong:
            self._wrong(wrong)
        else:
            self.dismiss(text)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _wrong(self, text: str) -> None:
        self.query_one(".dialog--wrong", Static).update(said(text))


class Confirm(ModalScreen[bool]):
    """Yes or no; Enter alone says nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e,y", "yes", N_("Yes"), id="confirm.yes"),
        Binding("h,n,escape", "no", N_("No"), id="confirm.no"),
    ]

    def __init__(self, title: str, question: str) -> None:
        super().__init__()
        self._title, self._question = title, question

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(said(self._title), classes="dialog--title")
            yield Static(said(self._question), classes="dialog--text")
            yield KeyBar()

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_no(self) -> None:
        self.dismiss(False)


class Choose(ModalScreen[str | None]):
    """One of several; the one that counts now is highlighted first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("Cancel"), id="choose.leave"),
    ]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], now: str = "") -> None:
        super().__init__()
        self._title, self._options, self._now = title, options, now

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(said(self._title), classes="dialog--title")
            yield Options(*(Option(said(text, 200)) for _value, text in self._options), compact=True)
            yield KeyBar()

    def on_mount(self) -> None:
        values = [value for value, _text in self._options]
        self.query_one(Options).highlighted = values.index(self._now) if self._now in values else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._options[event.option_index][0])

    def action_leave(self) -> None:
        self.dismiss(None)
