"""Brings the queue's rows to a grid: one read at a time, the latest wish first, stale answers dropped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from kvkk_tui import window
from kvkk_tui.lanes import Lanes
from kvkk_tui.sift import FIRST, Sift
from kvkk_tui.widgets.grid import Grid

if TYPE_CHECKING:
    from core import Desk, RequestFilter, RequestPage, RequestRow, Tally


class QueuePages:
    """The rows of one filter in one grid."""

    def __init__(self, lanes: Lanes, grid: Grid[RequestRow]) -> None:
        self._lanes = lanes
        self._grid = grid
        self.tally: Tally | None = None
        self._turn = 0
        """Grows with every new filter; answers to an older one are dropped."""
        self._due: tuple[int, int] | None = None
        self._reading = False

    @cached_property
    def wanted(self) -> RequestFilter:
        """What is shown."""
        return Sift().wanted()

    async def open(self, wanted: RequestFilter) -> None:
        """Show another filter from its start. Raises KvkkError."""
        self.wanted = wanted
        self._turn += 1
        turn = self._turn
        page = await self._read(self.wanted)
        if turn == self._turn:
            self._grid.show(page.rows, 0, len(page.rows) + (1 if page.cursor else 0), anew=True)
            await self._count()

    def begin(self, page: RequestPage) -> None:
        """Show the first rows of the open requests, which somebody else has read; how many there are is told by `counted`."""
        self._grid.show(page.rows, 0, len(page.rows) + (1 if page.cursor else 0))

    async def counted(self, ask: Callable[[], Awaitable[Tally | None]]) -> None:
        """Show how many there are, asking for it only when nobody else has counted. Raises KvkkError."""
        turn = self._turn
        tally = await ask()
        if tally is None:
            await self._count()
        elif turn == self._turn:
            self._counted(tally)

    async def _count(self) -> None:
        turn = self._turn
        tally = await self._tally(self.wanted)
        if turn == self._turn:
            self._counted(tally)

    def _counted(self, tally: Tally) -> None:
        self.tally = tally
        self._grid.count(max(tally.matching, self._grid.start + len(self._grid.rows)))

    def leave(self) -> None:
        """Something else is shown in the grid: what is still being read is dropped."""
        self._turn += 1

    async def want(self, top: int, bottom: int) -> None:
        """Bring these rows. Raises KvkkError."""
        self._due = (top, bottom)
        if self._reading:
            return
        self._reading = True
        try:
            while self._due is not None:
                (top, bottom), self._due = self._due, None
                await self._bring(top, bottom)
        finally:
            self._reading = False

    async def again(self) -> None:
        """Read anew what is held, after a change. Raises KvkkError."""
        grid, turn = self._grid, self._turn
        wanted = self.wanted
        tally = await self._tally(wanted)
        start = max(0, min(grid.start, tally.matching - window.KEEP))
        limit = min(max(len(grid.rows), FIRST), window.KEEP)
        page = await self._read(replace(wanted, skip=start, limit=limit))
        if turn == self._turn:
            self.tally = tally
            grid.show(page.rows, start, max(tally.matching, start + len(page.rows)) if page.cursor else start + len(page.rows))

    async def _read(self, wanted: RequestFilter) -> RequestPage:
        return await self._lanes.quick(lambda desk: desk.requests.list(desk.actor, wanted))

    async def _tally(self, wanted: RequestFilter) -> Tally:
        return await self._lanes.quick(lambda desk: desk.requests.tally(desk.actor, wanted))

    async def _bring(self, top: int, bottom: int) -> None:
        grid, turn = self._grid, self._turn
        fetch = window.plan(grid.start, len(grid.rows), grid.total, top, bottom)
        if fetch is None:
            return
        page = await self._read(self._filter(fetch))
        if turn != self._turn:
            return
        rows, start = self._joined(fetch, page.rows)
        ends = not fetch.backwards and page.cursor is None
        total = start + len(rows) if ends else max(grid.total, start + len(rows))
        first, held = window.trim(start, len(rows), top)
        grid.show(rows[first - start : first - start + held], first, total)

    def _filter(self, fetch: window.Fetch) -> RequestFilter:
        edge = {"after": -1, "before": 0}.get(fetch.anchor)
        after = None if edge is None else self.wanted.cursor(self._grid.rows[edge])
        return replace(self.wanted, after=after, skip=fetch.skip, limit=fetch.limit, backwards=fetch.backwards)

    def _joined(self, fetch: window.Fetch, rows: Sequence[RequestRow]) -> tuple[Sequence[RequestRow], int]:
        held = tuple(self._grid.rows)
        if not fetch.extends:
            at = fetch.at if not fetch.backwards else max(0, fetch.at + fetch.limit - len(rows))
            return rows, at
        if fetch.anchor == "after":
            return (*held, *rows), self._grid.start
        return (*rows, *held), max(0, self._grid.start - len(rows))


def first_rows(desk: Desk, wanted: RequestFilter, most: int) -> Sequence[RequestRow]:
    """The first `most` requests of a filter, for marking them all."""
    return desk.requests.list(desk.actor, replace(wanted, after=None, skip=0, backwards=False, limit=most, counted=False)).rows
