"""Entries of the blacklist as people handle them: pages, one by its name, taken off with a reason.

An entry is named by the begin of its fingerprint, which tells nothing without the key file. Who takes one off leaves a row
that says who, when and why, and no fingerprint: what must not be remembered any more is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select

from core.errors import NotFound, UsageError
from core.model.records import BlacklistRow, Removal
from core.model.tombstone import Deed, Mark
from core.store import tables, tombstones
from core.store.blacklist import BOOK

if TYPE_CHECKING:
    from core.store.engine import Unit
    from core.store.keyring import Key

NAME_DIGITS = 16
"""Digits of a fingerprint that name an entry."""
NAME_LEAST = 8
GONE = tables.blacklist_removals
_NAME = re.compile(rf"[0-9a-f]{{{NAME_LEAST},64}}")
_CURSOR = re.compile(r"(\d{1,17})\.([0-9a-f]{64})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def page(conn: Connection, after: str | None, limit: int, *, kind: str | None = None, request: int | None = None) -> list[Row[Any]]:
    """Newest first, also those that have ended. Raises UsageError `bad-cursor`."""
    query = select(BOOK).order_by(BOOK.c.added_at.desc(), BOOK.c.fingerprint.desc()).limit(limit)
    if kind is not None:
        query = query.where(BOOK.c.kind == kind)
    if request is not None:
        query = query.where(BOOK.c.request == request)
    if after is not None:
        at, mark = _read(after)
        further = or_(BOOK.c.added_at < at, and_(BOOK.c.added_at == at, BOOK.c.fingerprint < mark))
        query = query.where(BOOK.c.added_at <= at, further)
    return list(conn.execute(query).all())


def cursor(row: Row[Any]) -> str:
    """By which the page after this row is fetched."""
    return f"{(row.added_at - _EPOCH) // _TICK}.{row.fingerprint}"


def record(row: Row[Any], today: date, states: Mapping[str, str]) -> BlacklistRow:
    """A row without its fingerprint."""
    return BlacklistRow(
        entry=row.fingerprint[:NAME_DIGITS],
        kind=row.kind,
        request=row.request,
        added_at=row.added_at,
        added_by=row.added_by,
        expires_on=row.expires_on,
        ended=row.expires_on < today,
        reason=row.reason,
        key_id=row.key_id,
        key_state=states.get(row.key_id, "unknown"),
    )


def named(conn: Connection, name: str) -> Row[Any]:
    """The one entry whose fingerprint begins so. Raises NotFound `entry-not-found`, UsageError `entry-malformed`, `entry-ambiguous`."""
    text = name.strip().lower()
    if not _NAME.fullmatch(text):
        raise UsageError("entry-malformed", least=NAME_LEAST)
    rows = conn.execute(select(BOOK).where(BOOK.c.fingerprint >= text, BOOK.c.fingerprint < text + "g").limit(2)).all()
    if not rows:
        raise NotFound("entry-not-found", entry=text)
    if len(rows) > 1:
        raise UsageError("entry-ambiguous", entry=text)
    return rows[0]


def take_off(unit: Unit, key: Key, rows: Sequence[Row[Any]], reason: str) -> tuple[Removal, ...]:
    """Remove entries, with a row that says why. One that somebody else removes at this moment raises NotFound `entry-not-found`."""
    done = tuple(_take_off(unit, row, reason) for row in rows)
    marks = [Mark(row.kind, row.fingerprint, row.key_id, row.expires_on) for row in rows]
    tombstones.keep_listed(unit, Deed.UNLISTED, key, marks)
    return done


def removals(conn: Connection, after: int | None, limit: int) -> tuple[Removal, ...]:
    """Newest first; `after` is the id of the last one of the page before."""
    query = select(GONE).order_by(GONE.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(GONE.c.id < after)
    return tuple(Removal(*row) for row in conn.execute(query))


def forget_removals(conn: Connection, before: datetime) -> int:
    """Rows of removals that are past their retention go; returns how many."""
    return conn.execute(delete(GONE).where(GONE.c.removed_at < before)).rowcount


def _take_off(unit: Unit, row: Row[Any], reason: str) -> Removal:
    gone = delete(BOOK).where(BOOK.c.fingerprint == row.fingerprint, BOOK.c.key_id == row.key_id)
    if unit.conn.execute(gone).rowcount != 1:
        raise NotFound("entry-not-found", entry=row.fingerprint[:NAME_DIGITS])
    kept: dict[str, Any] = {"kind": row.kind, "request": row.request, "added_at": row.added_at, "added_by": row.added_by}
    kept |= {"removed_at": unit.at, "removed_by": str(unit.actor), "reason": reason}
    done: Any = unit.conn.execute(insert(GONE).values(**kept)).inserted_primary_key
    return Removal(id=int(done[0]), **kept)


def _read(text: str) -> tuple[datetime, str]:
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise UsageError("bad-cursor")
    return _EPOCH + int(found[1]) * _TICK, found[2]
