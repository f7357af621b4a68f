"""A list that grows as it is scrolled: newest first, page by page, each page read once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual import events, on, work
from textual.widget import Widget

from core import KvkkError
from kvkk_tui.page import Page
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _

if TYPE_CHECKING:
    from core import Desk

T = TypeVar("T")
PAGE = 100


class ListPage(Page, Generic[T]):
    """A screen with one table. A subclass says what a row is called, its columns and how a page is read."""

    def __init__(self) -> None:
        super().__init__()
        self.grid: Grid[T] = Grid(self.key_of)
        self.grid.empty = self.empty
        self._cursor: int | None = None
        self._reading = False
        self._read = False

    def key_of(self, row: T) -> Any:
        """What names a row."""
        raise TypeError("a list says what its rows are called")

    def columns(self, width: int) -> Sequence[Column[T]]:
        """The columns for a table of so many cells."""
        return ()

    def page(self, desk: Desk, after: int | None) -> tuple[Sequence[T], int | None]:
        """(rows after the cursor, cursor of the next page)"""
        return (), None

    def empty(self) -> Sequence[str]:
        """Lines for a list without rows."""
        return [_("Nothing here yet.")] if self._read else [_("Reading…")]

    def body(self) -> Iterable[Widget]:
        yield self.grid

    def on_mount(self) -> None:
        self.begin()

    def begin(self) -> None:
        """The screen is there: read the first page."""
        self.grid.focus()
        self.start()

    def on_resize(self, _event: events.Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Columns for the width that there is."""
        self.grid.columns = self.columns(self.grid.scrollable_content_region.width or self.size.width)
        self.grid.refresh()

    def spoken(self) -> None:
        super().spoken()
        self.lay_out()

    @work(exclusive=True, group="list")
    async def start(self) -> None:
        """Read the first page."""
        await self.changed()

    async def changed(self) -> None:
        rows, self._cursor = await self._ask(None)
        self._read = True
        self.grid.show(rows, 0, len(rows) + (1 if self._cursor is not None else 0))
        self.lay_out()

    @on(Grid.Wanted)
    def _wanted(self, event: Grid.Wanted) -> None:
        event.stop()
        if self._cursor is not None and not self._reading:
            self._more()

    @work(group="more")
    async def _more(self) -> None:
        self._reading = True
        try:
            rows, self._cursor = await self._ask(self._cursor)
            held = (*self.grid.rows, *rows)
            self.grid.show(held, 0, len(held) + (1 if self._cursor is not None else 0))
        finally:
            self._reading = False

    async def _ask(self, after: int | None) -> tuple[Sequence[T], int | None]:
        try:
            return await self.lanes.quick(lambda desk: self.page(desk, after))
        except KvkkError as error:
            self.complain(error)
            return (), None
