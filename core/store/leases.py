"""Leases: what only one may do at a time, on one host or on several, as a row that is taken by compare-and-set.

No lock of a host or of a node: a file lock says nothing to other hosts, GET_LOCK and row locks nothing to another node of a
Galera cluster. Whoever took a lease has it once the transaction is committed (on Galera the COMMIT refuses the second), must
`renew` it before it ends, and learns there that it is lost. A dead holder loses it when `until` has passed, and at once where it was a
process of this machine, which can tell that it is dead: a console whose line has dropped keeps nobody waiting.

A server's own clock counts, the same for every host; on SQLite the host's. A lease is no proof of being alone: clocks of
nodes differ, a process may sleep. So whatever is done under one is safe to be done twice; the lease saves the work, not the data.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, select, update

from core.store import alive, tables
from core.store.clocks import server_clock
from core.store.upsert import add

if TYPE_CHECKING:
    from core.store.engine import Unit

LONGEST_S = 3600
"""No lease is longer. One that ends later was taken under a clock that was wrong: it holds nobody up."""
TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds a lease now."""

    who: str
    """account@host"""
    taken_at: datetime
    until: datetime


def take(unit: Unit, name: str, seconds: int) -> str | None:
    """The token of the new holder, None while somebody holds it. It counts once the transaction is committed."""
    now = _now(unit)
    row = _row(unit.conn, name)
    if row is not None and _holds(row, now):
        return None
    token = f"{secrets.token_hex(TOKEN_BYTES)}.{alive.mark()}"
    fresh = {"holder": token, "who": str(unit.actor), "taken_at": now, "until": now + _length(seconds)}
    if row is None:
        return token if add(unit.conn, tables.leases, {"name": name, **fresh}) else None
    return token if _change(unit.conn, name, row.holder, row.until, fresh) else None


def renew(unit: Unit, name: str, holder: str, seconds: int) -> bool:
    """Whether it is still this holder's, until so many seconds from now. False: somebody has taken it, or it was released."""
    row = _row(unit.conn, name)
    if row is None or row.holder != holder:
        return False
    return _change(unit.conn, name, holder, row.until, {"until": _now(unit) + _length(seconds)})


def release(unit: Unit, name: str, holder: str) -> None:
    """Give it back; nothing happens when it is not this holder's any more."""
    book = tables.leases
    unit.conn.execute(delete(book).where(book.c.name == name, book.c.holder == holder))


def held(conn: Connection, name: str, at: datetime) -> Lease | None:
    """Who holds it now, None when it is free. `at`: the host's clock, which counts on SQLite."""
    row = _row(conn, name)
    if row is None or not _holds(row, server_clock(conn) or at):
        return None
    return Lease(row.who, row.taken_at, row.until)


def _holds(row: Row[Any], now: datetime) -> bool:
    until: datetime = row.until
    return now < until <= now + timedelta(seconds=LONGEST_S) and not alive.is_dead(row.holder.partition(".")[2])


def _length(seconds: int) -> timedelta:
    if not 0 < seconds <= LONGEST_S:
        raise ValueError(f"a lease takes 1 to {LONGEST_S} seconds")
    return timedelta(seconds=seconds)


def _now(unit: Unit) -> datetime:
    return server_clock(unit.conn) or unit.at


def _row(conn: Connection, name: str) -> Row[Any] | None:
    return conn.execute(select(tables.leases).where(tables.leases.c.name == name)).one_or_none()


def _change(conn: Connection, name: str, holder: str, until: datetime, values: dict[str, Any]) -> bool:
    """Compare-and-set: whoever saw the same row second changes nothing."""
    book = tables.leases
    same = (book.c.name == name, book.c.holder == holder, book.c.until == until)
    return conn.execute(update(book).where(*same).values(**values)).rowcount == 1
