"""A new key takes over: what that means for everything which older keys have made.

Older keys stay in the key file to verify, unless they are dropped (a key leaked): then what they made is worth nothing. Their
blacklist entries go, since whoever has the leaked key could test them; waiting messages are sealed anew; counters of failed
sign-ins begin at zero. Tombstones and tokens of erased customers stay where they are and match nobody any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, select, update

from core.model.records import KeyLoss
from core.model.tombstone import Deed
from core.store import blacklist, keybook, tables

if TYPE_CHECKING:
    from core.store.engine import Unit
    from core.store.keyring import Key, Keyring

CHUNK = 500
KEY_LOST = "sealed-by-another-key"
"""`last_error` of a message that nobody can open any more."""


def at_risk(conn: Connection, keyring: Keyring, ids: Collection[str], today: date) -> KeyLoss:
    """What would be given up with these keys."""
    stones, requests, outbox = tables.tombstones, tables.requests, tables.outbox
    away = [one for one in ids if keyring.if_present(one) is None]
    erased = select(stones.c.subject).where(stones.c.key_id.in_(ids), stones.c.outcome == Deed.ERASE.value)
    return KeyLoss(
        keys=tuple(ids),
        entries=blacklist.count(conn, blacklist.BOOK.c.key_id.in_(ids), blacklist.live(today)),
        tombstones=_count(conn, stones.c.key_id.in_(ids), stones.c.subject != ""),
        erased=_count(conn, requests.c.subject.in_(erased)),
        messages=_count(conn, outbox.c.key_id.in_(away), outbox.c.sealed.is_not(None)),
    )


def drop(unit: Unit, keyring: Keyring, ids: Collection[str], fresh: Key) -> None:
    """Give these keys up; everything that can be saved is made anew with `fresh`."""
    conn = unit.conn
    conn.execute(delete(blacklist.BOOK).where(blacklist.BOOK.c.key_id.in_(ids)))
    conn.execute(delete(tables.attempts))
    for row in _sealed(conn, ids):
        _reseal(unit, row, keyring.if_present(row.key_id), fresh)
    keybook.drop(conn, ids)


def _sealed(conn: Connection, ids: Collection[str]) -> Iterator[Any]:
    """Waiting messages of these keys, some at a time."""
    book, last = tables.outbox, 0
    query = select(book.c.id, book.c.key_id, book.c.sealed).where(book.c.key_id.in_(ids), book.c.sealed.is_not(None))
    while rows := conn.execute(query.where(book.c.id > last).order_by(book.c.id).limit(CHUNK)).all():
        last = rows[-1].id
        yield from rows


def _reseal(unit: Unit, row: Any, key: Key | None, fresh: Key) -> None:
    """Unless it was sent meanwhile: then nothing is left to seal."""
    book = tables.outbox
    new: dict[str, Any] = {"key_id": fresh.id}
    if key is None:
        new = {"sealed": None, "key_id": None, "next_at": None, "state": "dropped", "closed_at": unit.at, "last_error": KEY_LOST}
    else:
        new["sealed"] = fresh.seal(key.open(row.sealed))
    unit.conn.execute(update(book).where(book.c.id == row.id, book.c.sealed.is_not(None)).values(**new))


def _count(conn: Connection, *tests: Any) -> int:
    return conn.execute(select(func.count()).where(*tests)).scalar_one()
