"""Rows of our own that are past their retention: closed requests with their papers, old downloads, what was said of customers who are gone.

Kept whatever their age: requests that are open or have a hold that is not finished; consents and blocks of customers who are
there; tombstones, which name nobody and are compared with a file outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, exists, or_, select

from core.model.records import OPEN_STATES
from core.store import tables

if TYPE_CHECKING:
    from core.store.engine import Unit

PAGE = 200
DOWNLOADS = 5000
_BOOK, _HOLDS = tables.requests, tables.holds
PAPERS = (tables.certificates, tables.outbox, tables.holds, tables.scrubs)
"""Tables of ours whose rows go with their request."""
TIED = (tables.consents, tables.downloads)
"""Tables of ours whose rows of an erased customer go with the last request of that customer."""


def closed_before(conn: Connection, before: datetime) -> Sequence[int]:
    """Some requests that were decided, and whose last hold was finished, before that moment."""
    held = exists().where(_HOLDS.c.request == _BOOK.c.number, or_(_HOLDS.c.released_at.is_(None), _HOLDS.c.released_at >= before))
    tests = (_BOOK.c.state.not_in([state.value for state in OPEN_STATES]), _BOOK.c.decided_at < before, ~held)
    return conn.execute(select(_BOOK.c.number).where(*tests).order_by(_BOOK.c.number).limit(PAGE)).scalars().all()


def remove(unit: Unit, numbers: Sequence[int]) -> None:
    """The requests and everything that belongs to them."""
    conn = unit.conn
    wanted = select(_BOOK.c.subject).where(_BOOK.c.number.in_(numbers), _BOOK.c.subject.is_not(None))
    subjects = set(conn.execute(wanted).scalars())
    for table in PAPERS:
        conn.execute(delete(table).where(table.c.request.in_(numbers)))
    conn.execute(delete(_BOOK).where(_BOOK.c.number.in_(numbers)))
    left = set(conn.execute(select(_BOOK.c.subject).where(_BOOK.c.subject.in_(subjects))).scalars()) if subjects else set()
    for table in TIED if subjects - left else ():
        conn.execute(delete(table).where(table.c.subject.in_(subjects - left)))


def remove_downloads(unit: Unit, before: datetime) -> int:
    """Some downloads that ended before that moment; returns how many."""
    book = tables.downloads
    ids = unit.conn.execute(select(book.c.id).where(book.c.finished_at < before).order_by(book.c.id).limit(DOWNLOADS)).scalars().all()
    if ids:
        unit.conn.execute(delete(book).where(book.c.id.in_(ids)))
    return len(ids)


def remove_messages(unit: Unit, before: datetime) -> int:
    """Messages without a request that were sent or dropped before that moment; returns how many."""
    book = tables.outbox
    return unit.conn.execute(delete(book).where(book.c.request.is_(None), book.c.closed_at < before)).rowcount
