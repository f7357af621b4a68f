"""Writes that wait, to be made together: one statement a table for a whole page of requests, where each alone would need its own.

What waits is not in the database yet: whoever must read it back calls `flush` first. A transaction flushes at its end by itself.
Stages are written in their order, whatever order they came in; inside a stage what came first goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

Write = Callable[..., None]
"""`write(conn, items, *same)`: makes all of one kind. Raises Conflict where the database does not hold what was decided on."""


class Stage(IntEnum):
    """When a write is made, seen from the others."""

    DECIDE = 1
    """Our own requests: whoever lost the race stops before a row of the company is touched."""
    CHANGE = 2
    LOOSEN = 3
    """Foreign keys of rows that go become NULL."""
    DELETE = 4
    FORGET = 5
    """The customer's key in our own tables."""
    KEEP = 6
    """Papers, and the block of a stub that an erase leaves."""


class Pile:
    """What one transaction still has to write."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self._waiting: dict[tuple[Any, ...], list[Any]] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, stage: Stage, write: Write, item: Any, *same: Hashable, place: int = 0) -> None:
        """Keep one item for `write`, which is called once for all that came with the same `same`. `place`: order inside the stage."""
        self._waiting.setdefault((stage, place, write, *same), []).append(item)

    def flush(self) -> None:
        """Write everything. Raises what the writers raise: nothing of the transaction may be kept then."""
        while self._waiting:
            waiting, self._waiting = self._waiting, {}
            for (_, _, write, *same), items in sorted(waiting.items(), key=lambda one: one[0][:2]):
                write(self.conn, items, *same)

    def clear(self) -> None:
        """What waits is not wanted any more: its savepoint was rolled back."""
        self._waiting.clear()
