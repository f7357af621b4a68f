"""The line above the queue: which requests are shown, how many there are, how many are marked."""

from __future__ import annotations

from typing import ClassVar

from textual.app import RenderResult
from textual.content import Content
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
        self._found: int | None = None
        self._marked = 0

    def put(self, sift: Sift, found: int | None, marked: int) -> None:
        """Show this from now on."""
        self._sift, self._found, self._marked = sift, found, marked
        self.refresh()

    def render(self) -> RenderResult:
        left, right = self._view(), self._counts()
        gap = " " * max(1, self.size.width - left.cell_length - right.cell_length - 2)
        return Content.assemble(" ", left, gap, right)

    def _view(self) -> Content:
        dim, here = self.get_visual_style("bar--dim"), self.get_visual_style("bar--here")
        state, kind, order = self._sift.words()
        parts = [(_(state), here), (_(kind), here if self._sift.kind else dim), (_(order), dim)]
        if self._sift.search:
            parts.insert(0, (_("search: {text}").format(text=safe(self._sift.search, 40)), here))
        return Content(" · ").join([Content.styled(text, style) for text, style in parts])

    def _counts(self) -> Content:
        parts = []
        if self._marked:
            marked = _("{n} marked").format(n=forms().whole(self._marked))
            parts.append(Content.styled(f" ✓ {marked} ", self.get_visual_style("bar--badge")))
        if self._found is not None:
            parts.append(Content.styled(_("{n} found").format(n=forms().whole(self._found)), self.get_visual_style("bar--dim")))
        return Content("  ").join(parts)
