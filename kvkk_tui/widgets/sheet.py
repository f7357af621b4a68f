"""A document on the screen: lines made for the width that there is, scrolled with keys or the wheel."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core import N_
from kvkk_tui.lines import STYLES, Lines

Draw = Callable[[Lines], None]


class Sheet(ScrollView, can_focus=True):
    """Shows what `draw` writes into a `Lines`; drawn anew when the width or the language changes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{name}" for name in STYLES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", N_("Down"), show=False, id="sheet.down"),
        Binding("up,k", "scroll_up", N_("Up"), show=False, id="sheet.up"),
        Binding("pagedown,ctrl+d", "page_down", N_("Page down"), show=False, id="sheet.page-down"),
        Binding("pageup,ctrl+u", "page_up", N_("Page up"), show=False, id="sheet.page-up"),
        Binding("home", "scroll_home", N_("To the start"), show=False, id="sheet.home"),
        Binding("end", "scroll_end", N_("To the end"), show=False, id="sheet.end"),
    ]

    def __init__(self, draw: Draw | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._draw = draw or (lambda _lines: None)
        self._lines = Lines(80)

    @property
    def text(self) -> str:
        """What is drawn, as plain text."""
        return "\n".join("".join(piece.text for piece in line).rstrip() for line in self._lines.lines)

    def put(self, draw: Draw) -> None:
        """Show another document from its start."""
        self._draw = draw
        self.again()
        self.scroll_to(0, 0, animate=False)

    def again(self) -> None:
        """Draw the document anew (language or facts changed); the place in it stays."""
        self._lines = Lines(self._width())
        self._draw(self._lines)
        self.virtual_size = Size(self._lines.width, len(self._lines.lines))
        self.show_vertical_scrollbar = len(self._lines.lines) > self.container_size.height  # now, or it is all drawn twice
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        if self._lines.width != max(self._width(), 20) or not self._lines.lines:
            self.again()

    def _width(self) -> int:
        return self.scrollable_content_region.width or 80

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        index = y + round(self.scroll_y)
        base = self.rich_style
        if index >= len(self._lines.lines):
            return Strip.blank(width, base)
        line = self._lines.lines[index]
        found = [Segment(one.text, base + self.get_component_rich_style(f"lines--{one.style}", partial=True)) for one in line]
        return Strip(found).adjust_cell_length(width, base).simplify().apply_offsets(0, y)
