"""What staff were told of a deadline: `near` once, `overdue` once, each request by compare-and-set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, case, or_, select, update

from core.model.records import OPEN_STATES
from core.store import tables

if TYPE_CHECKING:
    from core.store.engine import Unit

NEAR, OVERDUE = "near", "overdue"
PAGE = 500
_BOOK = tables.requests
_OPEN = _BOOK.c.state.in_([state.value for state in OPEN_STATES])


def untold(conn: Connection, today: date, near: date, after: int) -> Sequence[tuple[int, str]]:
    """(number, stage) of open requests that have reached a stage of which staff were not told; numbers above `after`."""
    overdue = and_(_BOOK.c.due_on < today, or_(_BOOK.c.reminded.is_(None), _BOOK.c.reminded != OVERDUE))
    close = and_(_BOOK.c.due_on >= today, _BOOK.c.due_on <= near, _BOOK.c.reminded.is_(None))
    stage = case((_BOOK.c.due_on < today, OVERDUE), else_=NEAR)
    query = select(_BOOK.c.number, stage).where(_OPEN, or_(overdue, close), _BOOK.c.number > after)
    return [(row[0], row[1]) for row in conn.execute(query.order_by(_BOOK.c.number).limit(PAGE))]


def mark(unit: Unit, row: Row[Any], stage: str) -> bool:
    """Whether the request is marked by us: False when somebody told it, or moved its deadline, since `row` was read.

    Its version stays: a reminder changes nothing that anybody decides on.
    """
    before = _BOOK.c.reminded.is_(None) if row.reminded is None else _BOOK.c.reminded == row.reminded
    same = (_BOOK.c.number == row.number, _BOOK.c.due_on == row.due_on, before)
    return row.reminded != stage and unit.conn.execute(update(_BOOK).where(*same).values(reminded=stage)).rowcount == 1


def first_after(conn: Connection, day: date) -> Row[Any] | None:
    """The most urgent open request whose last day lies after `day`."""
    found: list[Any] = []
    for state in OPEN_STATES:  # one statement a state: each is one step along its index
        tests = (_BOOK.c.state == state.value, _BOOK.c.due_on > day)
        query = select(_BOOK.c.number, _BOOK.c.due_on).where(*tests).order_by(_BOOK.c.due_on, _BOOK.c.number).limit(1)
        found += conn.execute(query).all()
    return min(found, key=lambda row: (row.due_on, row.number), default=None)
