"""A list that grows as it is scrolled: newest first, page by page, each page read once.

A list is a small file: a `ListPage` that says what a row is called, its columns, how a page is read, and what can be done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from core import N_, KvkkError
from kvkk_tui.lines import Lines
from kvkk_tui.page import Page
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, forms

if TYPE_CHECKING:
    from core import Desk

T = TypeVar("T")
PAGE = 100
AGAIN_MOST = 1000
"""Rows that are read anew at once when something has changed; what lies further down is read again when it is scrolled to."""
HELD_MOST = 20_000
"""Rows of a list that are held: whoever wants older ones narrows with a command."""
Cursor = Any
"""Whatever the service calls the place where the next page begins."""


class ListPage(Page, Generic[T]):
    """A screen with one table."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "start", N_("Refresh"), show=False, id="list.refresh")]
    TELLS = False
    """Whether more is told of the row under the cursor, below the table (`about`)."""
    NOTHING = N_("Nothing here yet.")
    """What stands in an empty list."""

    def __init__(self) -> None:
        super().__init__()
        self.grid: Grid[T] = Grid(self.key_of)
        self.grid.empty = self.empty
        self._cursor: Cursor = None
        self._reading = False
        self._read = False
        self._turn = 0
        """Grows with every list that is begun: what was read for an older one is dropped."""

    @property
    def searches(self) -> bool:
        """Whether its rows are looked for among all customers, a part at a time."""
        return False

    # -- what a list says of itself -----------------------------------------------------------------------------------

    def key_of(self, row: T) -> Any:
        """What names a row."""
        raise TypeError("a list says what its rows are called")

    def columns(self, width: int) -> Sequence[Column[T]]:
        """The columns for a table of so many cells."""
        return ()

    def page(self, desk: Desk, after: Cursor, limit: int) -> tuple[Sequence[T], Cursor]:
        """(rows after the cursor, cursor of the next page or None)"""
        return (), None

    def about(self, lines: Lines, row: T) -> None:
        """Everything about one row."""

    def came(self) -> None:
        """More rows have come, or are being read."""

    def empty(self) -> Sequence[str]:
        """Lines for a list without rows."""
        return [_(self.NOTHING)] if self._read else [_("Reading…")]

    # -- the screen -----------------------------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.grid, Sheet(self._about, id="entry")) if self.TELLS else self.grid

    def on_mount(self) -> None:
        self.begin()

    def begin(self) -> None:
        """The screen is there: read the first page."""
        self.grid.focus()
        self.action_start()

    def on_resize(self, _event: events.Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Columns for the width that there is."""
        self.grid.columns = self.columns(self.grid.scrollable_content_region.width or self.size.width)
        self.grid.refresh()

    def spoken(self) -> None:
        super().spoken()
        self.lay_out()

    def _about(self, lines: Lines) -> None:
        if self.grid.row is not None:
            self.about(lines, self.grid.row)

    @on(Grid.Moved)
    def _moved(self, event: Grid.Moved) -> None:
        event.stop()
        self.tell_again()
        self.refresh_bindings()

    def tell_again(self) -> None:
        """What is told of the row has changed."""
        for sheet in self.query("#entry").results(Sheet):
            sheet.again()

    # -- rows -----------------------------------------------------------------------------------------------------

    @work(exclusive=True, group="list")
    async def action_start(self) -> None:
        """Read from the start."""
        await self.changed()

    def restart(self) -> None:
        """Another list, from its start."""
        self._turn += 1
        self._cursor, self._read = None, False
        self.grid.show((), 0, 0, anew=True)
        self.came()
        self.action_start()

    async def changed(self) -> None:
        self._turn += 1
        turn, held = self._turn, min(len(self.grid.rows), AGAIN_MOST)
        rows, cursor = await self._ask(None, max(held, PAGE))
        while len(rows) < held and cursor is not None:  # a search brings little at a time: none of what is shown is to vanish
            more, cursor = await self._ask(cursor, PAGE)
            rows = (*rows, *more)
        if turn != self._turn:
            return
        self._cursor, self._read = cursor, True
        self._show(rows)
        self.came()
        self.lay_out()
        self.refresh_bindings()

    @on(Grid.Wanted)
    def _wanted(self, event: Grid.Wanted) -> None:
        event.stop()
        if self._cursor is not None and not self._reading:
            self._reading = True  # before the worker begins: a second wish that comes meanwhile would read the same page
            self.came()
            self._more()

    @work(group="more")
    async def _more(self) -> None:
        """The next page; page after page while somebody waits at the end of the list."""
        turn = self._turn
        try:
            while self._cursor is not None and await self._next(turn):
                pass
        finally:
            self._reading = False
        self.came()
        self.grid.want()  # the screen may still have room, also after another list has begun meanwhile

    async def _next(self, turn: int) -> bool:
        """The next page, if the list is still the same; whether somebody waits for more."""
        rows, cursor = await self._ask(self._cursor, PAGE)
        if turn != self._turn:
            return False
        if cursor is not None and len(self.grid.rows) + len(rows) >= HELD_MOST:
            cursor = None
            self.console.tell(_("The list goes on; only its first {n} rows are shown.").format(n=HELD_MOST))
        waits = bool(self.grid.rows) and self.grid.cursor == self.grid.total - 1
        self._cursor = cursor
        self._show((*self.grid.rows, *rows))
        self.came()
        if waits:
            self.grid.cursor = self.grid.total - 1
        return waits

    def how_many(self) -> str:
        """How many a search has found, as far as it has looked."""
        n = forms().whole(len(self.grid.rows))
        if not self._read or self._reading:
            return _("{n} so far, searching…").format(n=n)
        return _("{n} found").format(n=n) if self._cursor is None else _("the first {n}; more as you scroll").format(n=n)

    def _show(self, rows: Sequence[T]) -> None:
        """One row more than there is stands for the pages that were not read."""
        self.grid.show(rows, 0, len(rows) + (1 if self._cursor is not None else 0))

    async def _ask(self, after: Cursor, limit: int) -> tuple[Sequence[T], Cursor]:
        try:
            lane = self.lanes.seek if self.searches else self.lanes.quick
            return await lane(lambda desk: self.page(desk, after, limit))
        except KvkkError as error:
            self.complain(error)
            return (), None
