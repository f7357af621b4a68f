"""A line to type in that cannot be made to hold control characters, not even by pasting."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList

from core import N_

LONGEST = 500


class Entry(Input):
    """One line of text."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", N_("Confirm"), id="entry.go")]

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None, longest: int = LONGEST) -> None:
        super().__init__(value, placeholder=placeholder, id=id, max_length=longest, compact=True, select_on_focus=False)

    def validate_value(self, value: str) -> str:
        """Printable characters only; anything else becomes a blank."""
        return value if value.isprintable() else "".join(char if char.isprintable() else " " for char in value)


class Options(OptionList):
    """Lines to choose from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", N_("Choose"), id="options.go"),
        Binding("down,j", "cursor_down", N_("Down"), show=False, id="options.down"),
        Binding("up,k", "cursor_up", N_("Up"), show=False, id="options.up"),
    ]
