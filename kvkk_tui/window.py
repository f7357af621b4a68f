"""Which rows to read next, so that a table of a million holds some hundreds. Pure.

Indexes count from the start of the whole list. Neighbours of what is held are read from its edge by keyset; a jump is counted
from the nearest place that is known: the start, the end, or an edge of what is held.
"""

from __future__ import annotations

from dataclasses import dataclass

AHEAD = 120
"""Rows read beyond the screen, above and below."""
KEEP = 800
"""Rows held at most; what lies farthest from the screen goes first."""
MOST = 500
"""Rows of one read."""


@dataclass(frozen=True)
class Fetch:
    """One read."""

    anchor: str
    """`start`, `end`, `after` (the last row held) or `before` (the first row held)"""
    skip: int
    limit: int
    at: int
    """Index of the first row that is expected."""

    @property
    def backwards(self) -> bool:
        return self.anchor in ("end", "before")

    @property
    def extends(self) -> bool:
        """Whether the rows join those that are held."""
        return self.anchor in ("after", "before") and self.skip == 0


def plan(start: int, held: int, total: int, top: int, bottom: int) -> Fetch | None:
    """The read that brings rows `top` to `bottom`; None when they are held."""
    end = start + held
    if held and start <= top and bottom <= end:
        return _ahead(start, end, total, top, bottom)
    first, last = max(0, top - AHEAD), min(total, bottom + AHEAD)
    if held and first <= end < last and start <= top:
        return Fetch("after", 0, min(MOST, last - end), end)
    if held and first < start <= last and bottom <= end:
        limit = min(MOST, start - first)
        return Fetch("before", 0, limit, start - limit)
    return _jump(start, end if held else start, total, first, min(last, first + MOST))


def _ahead(start: int, end: int, total: int, top: int, bottom: int) -> Fetch | None:
    """Rows beyond an edge that is near the screen."""
    if end < total and end - bottom < AHEAD // 2:
        return Fetch("after", 0, min(AHEAD, total - end), end)
    if start > 0 and top - start < AHEAD // 2:
        limit = min(AHEAD, start)
        return Fetch("before", 0, limit, start - limit)
    return None


def _jump(start: int, end: int, total: int, first: int, last: int) -> Fetch:
    ways = [Fetch("start", first, last - first, first), Fetch("end", total - last, last - first, first)]
    if end > start and first >= end:
        ways.append(Fetch("after", first - end, last - first, first))
    if end > start and last <= start:
        ways.append(Fetch("before", start - last, last - first, first))
    return min(ways, key=lambda way: way.skip)


def trim(start: int, held: int, top: int) -> tuple[int, int]:
    """(index of the first, number) of the rows to keep of those held, around the screen."""
    if held <= KEEP:
        return start, held
    first = min(max(start, top - KEEP // 2), start + held - KEEP)
    return first, KEEP
