"""Brings what a search of the queue finds to a grid, as it is found, and keeps it true while the database changes.

What was found is held as one sorted number a request; rows are read for the screen only. Each stretch of the search is a verb of its own
in the lane of the searches, so that no key waits, and whoever leaves is rid of it after the stretch that runs. While the search is shown
and something has changed, it is done again quietly: what the screen shows is read at once, what else is found when it has ended.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core import KvkkError
from kvkk_tui.lanes import Lanes
from kvkk_tui.widgets.grid import MARGIN, Grid

if TYPE_CHECKING:
    from core import Desk, Found, Onward, RequestFilter, RequestRow

HELD = 4 * MARGIN
"""Rows that are read at once; the grid asks for others before it needs them."""
REST = 4.0
"""After a quiet search it rests so many times as long as it took: a busy office is not searched through without end."""
REST_LEAST_S = 1.0


@dataclass(frozen=True)
class Standing:
    """How a search stands."""

    found: int = 0
    going: bool = True
    broken: bool = False
    """It ended with an error: there may be more."""


class Hits:
    """The requests of one search in one grid. `told` hears whenever its standing has changed."""

    def __init__(self, lanes: Lanes, grid: Grid[RequestRow], wanted: RequestFilter, told: Callable[[], None]) -> None:
        self._lanes = lanes
        self._grid = grid
        self._wanted = wanted
        self._down = wanted.descending
        self._told = told
        self._all: list[int] = []
        """Everything that was found, in order."""
        self._held: list[int] = []
        """What the rows of the grid are."""
        self._moved = asyncio.Event()
        self.standing = Standing()

    async def keep(self) -> None:
        """Search, then again whenever something has changed; until it is cancelled. Raises KvkkError."""
        self._grid.show((), 0, 0, anew=True)
        self._told()
        try:
            async for found in self._search():
                await self._take(found)
        except KvkkError:
            self._stand(going=False, broken=True)
            raise
        self._stand(going=False)
        while True:
            await self._moved.wait()
            await self._anew()

    async def again(self) -> None:
        """Something has changed: read anew what is held, and the rest in a while. Raises KvkkError."""
        self._moved.set()
        start = self._grid.start
        await self._show(self._all[start : start + HELD], start)

    async def bring(self, first: int, last: int) -> None:
        """Rows of the screen, with some around them. Raises KvkkError."""
        start = max(0, first - MARGIN)
        await self._show(self._all[start : max(last + MARGIN, start + HELD)], start)

    async def first(self, most: int) -> Sequence[RequestRow] | None:
        """The first so many; None while there may be more. Raises KvkkError."""
        hits = self._all[:most]
        if self.standing.going or self.standing.broken:
            return None
        return await self._lanes.quick(lambda desk: desk.requests.hit_rows(desk.actor, hits))

    # -- searching ------------------------------------------------------------------------------------------------

    async def _search(self) -> AsyncIterator[list[int]]:
        """What was found after each stretch: the same list while nothing came to it."""
        from core import Onward

        onward: Onward | None = Onward()
        found: list[int] = []
        first: frozenset[int] = frozenset()
        while onward is not None:
            told, found = await self._lanes.seek(_stretch(self._wanted, onward, found, first, down=self._down))
            first = first or frozenset(told.hits)
            onward = told.onward
            yield found

    async def _take(self, found: list[int]) -> None:
        if found is self._all:
            return
        self._all = found
        self._stand(found=len(found))
        await self._place()

    async def _anew(self) -> None:
        """The whole search once more, shown when it has ended."""
        self._moved.clear()
        begun = time.monotonic()
        found: list[int] = []
        try:
            async for told in self._search():
                found = told
        except KvkkError:
            return  # the next change tries again; what is shown was read when it was found
        if found != self._all:
            self._all = found
            await self._place()
        self._stand(found=len(found), broken=False)
        await asyncio.sleep(max(REST_LEAST_S, REST * (time.monotonic() - begun)))

    def _stand(self, **facts: object) -> None:
        self.standing = replace(self.standing, **facts)  # type: ignore[arg-type]  # names of its own fields
        self._told()

    # -- rows -----------------------------------------------------------------------------------------------------

    async def _place(self) -> None:
        """Show what is found where the screen stands: the row under the cursor keeps its place on it."""
        grid, held = self._grid, self._held
        under = grid.cursor - grid.start
        top = grid.cursor - round(grid.scroll_y)
        here = self._index(held[under]) if 0 <= under < len(held) else 0
        start = max(0, here - top - MARGIN)
        some = self._all[start : start + HELD]
        if some == held:
            grid.show(grid.rows, start, len(self._all))
        else:
            await self._show(some, start)

    def _index(self, hit: int) -> int:
        """Where a hit stands, or would stand."""
        return bisect_left(self._all, -hit if self._down else hit, key=(lambda one: -one) if self._down else None)

    async def _show(self, some: list[int], start: int) -> None:
        whole = self._all
        rows = await self._lanes.quick(lambda desk: desk.requests.hit_rows(desk.actor, some))
        if whole is not self._all:
            return  # more was found meanwhile, and shown
        if len(rows) == len(some):
            self._held = some
        else:  # past their retention, and gone: searched again
            self._held = []
            self._moved.set()
        self._grid.show(rows, start, len(whole))


def _stretch(
    wanted: RequestFilter, onward: Onward, found: list[int], first: frozenset[int], *, down: bool
) -> Callable[[Desk], tuple[Found, list[int]]]:
    """The next stretch, and everything found with it; sorted in the lane and not in the loop that draws.

    `first`: what the first stretch found, by its number perhaps from far beyond it; it is found once more on the way.
    """

    def verb(desk: Desk) -> tuple[Found, list[int]]:
        told = desk.requests.search(desk.actor, wanted, onward)
        fresh = [hit for hit in told.hits if hit not in first]
        return told, sorted([*found, *fresh], reverse=down) if fresh else found

    return verb
