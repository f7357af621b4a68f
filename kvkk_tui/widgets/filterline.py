"""The line above the queue: which requests are shown, how many there are, how many are marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from core import safe
from kvkk_tui.sift import Sift
from kvkk_tui.words import _, forms


class FilterLine(Widget):
    """Told by `put`; says nothing of its own."""

    auto_links = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"bar--here", "bar--dim", "bar--badge"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sift = Sift()
        self._found = ""
        self._marked = 0

    def put(self, sift: Sift, found: str, marked: int) -> None:
        """Show this from now on; `found`: how many there are, in words."""
        self._sift, self._found, self._marked = sift, found, marked
        self.refresh()

    def render(self) -> RenderResult:
        right = self._counts()
        left = self._view(self.size.width - right.cell_length - 3)
        gap = " " * max(1, self.size.width - left.cell_length - right.cell_length - 2)
        return Content.assemble(" ", left, gap, right)

    def _view(self, room: int) -> Content:
        """What was chosen; what nobody chose, and the order, give way to the counts."""
        dim, here = self.get_visual_style("bar--dim"), self.get_visual_style("bar--here")
        state, kind, order = self._sift.words()
        parts = [(_(state), here), (_(kind), here if self._sift.kind else dim), (_(order), dim)]
        if self._sift.search:
            parts.insert(0, (_("search: {text}").format(text=safe(self._sift.search, 40)), here))
        while len(parts) > 1 and _long(parts) > room:
            parts.pop()
        shown = Content(" · ").join([Content.styled(text, style) for text, style in parts])
        return shown if shown.cell_length <= room else shown.truncate(max(room, 1), ellipsis=True)

    def _counts(self) -> Content:
        parts = []
        if self._marked:
            marked = _("{n} marked").format(n=forms().whole(self._marked))
            parts.append(Content.styled(f" ✓ {marked} ", self.get_visual_style("bar--badge")))
        if self._found:
            parts.append(Content.styled(self._found, self.get_visual_style("bar--dim")))
        return Content("  ").join(parts)


def _long(parts: Sequence[tuple[str, Style]]) -> int:
    return sum(cell_len(text) for text, _style in parts) + 3 * (len(parts) - 1)
