"""A text of several lines to write in that cannot be made to hold control characters, not even by pasting."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from core import N_


class Draft(TextArea):
    """Plain text, its lines numbered as complaints name them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+home", "first", N_("To the start"), show=False, id="draft.first"),
        Binding("ctrl+end", "last", N_("To the end"), show=False, id="draft.last"),
    ]

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(_plain(text), soft_wrap=True, show_line_numbers=True, tab_behavior="focus", id=id)

    def put(self, text: str) -> None:
        """Show another text."""
        self.load_text(_plain(text))

    def action_first(self) -> None:
        self.move_cursor((0, 0))

    def action_last(self) -> None:
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = _plain(event.text)
        await super()._on_paste(event)


def _plain(text: str) -> str:
    """Lines of printable characters; anything else becomes a blank."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(char if char.isprintable() else " " for char in line) for line in lines)
