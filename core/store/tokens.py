"""Tokens that customers carry: sessions, and links that were sent to their own address.

Kept as a SHA-256 only: 32 random bytes need no slow hash, and a reader of the table can use none of them. A link can be used
once, by one of two who try at the same moment. Every row of a customer goes in the transaction that blocks the account.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.store import tables

if TYPE_CHECKING:
    from core.store.engine import Unit

TOKEN_BYTES = 32
TEXT_MOST = 100
"""Characters beyond which a text is no token of ours."""
IDLE = timedelta(minutes=30)
"""A session that is not used for so long ends."""
MOVED = timedelta(minutes=5)
"""The end of a session is moved at most so often: a page view need not write."""
SKEW = timedelta(minutes=5)
"""Clocks of two hosts may differ by so much. A token from further in the future was made under a clock that has jumped."""
KEPT = timedelta(days=1)
"""Rows of used and ended tokens are removed after that."""
BOOK = tables.tokens


class Purpose(StrEnum):
    """What a token is good for."""

    SESSION = "session"
    RESET = "reset"
    SIGNIN = "signin"
    REGISTER = "register"


LIFE = {
    Purpose.SESSION: timedelta(hours=12),
    Purpose.RESET: timedelta(minutes=60),
    Purpose.SIGNIN: timedelta(minutes=30),
    Purpose.REGISTER: timedelta(hours=2),
}
"""The longest that each lives; a session also ends when it is not used."""


def make(unit: Unit, purpose: Purpose, customer: str | None, address: str | None = None) -> str:
    """A new token; only its hash is kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    life = IDLE if purpose is Purpose.SESSION else LIFE[purpose]
    row = {"purpose": purpose.value, "customer": customer, "address": address, "made_at": unit.at, "expires_at": unit.at + life}
    unit.conn.execute(insert(BOOK).values(hash=digest(token), **row))
    return token


def peek(conn: Connection, purpose: Purpose, token: str, now: datetime) -> Row[Any] | None:
    """The row of a token that can still be used."""
    good = (BOOK.c.hash == digest(token), BOOK.c.purpose == purpose.value, BOOK.c.used_at.is_(None), *_alive(now))
    return conn.execute(select(BOOK).where(*good)).one_or_none()


def use(unit: Unit, purpose: Purpose, token: str) -> Row[Any] | None:
    """The row of a token that is used up by this; None for one that is not, or no longer, good. Of two at once one has it."""
    mark = digest(token)
    good = (BOOK.c.hash == mark, BOOK.c.purpose == purpose.value, BOOK.c.used_at.is_(None), *_alive(unit.at))
    if unit.conn.execute(update(BOOK).where(*good).values(used_at=unit.at)).rowcount != 1:
        return None
    return unit.conn.execute(select(BOOK).where(BOOK.c.hash == mark)).one()


def stand_in_line(conn: Connection, address: str) -> None:
    """Of several who open an account by one address, one at a time, until COMMIT. SQLite has one writer anyway."""
    tests = (BOOK.c.purpose == Purpose.REGISTER.value, BOOK.c.address == address)
    conn.execute(select(BOOK.c.hash).where(*tests).order_by(BOOK.c.hash).with_for_update()).all()


def session(conn: Connection, token: str, now: datetime) -> Row[Any] | None:
    """The row of a session that is alive."""
    tests = (BOOK.c.hash == digest(token), BOOK.c.purpose == Purpose.SESSION.value, *_alive(now))
    row = conn.execute(select(BOOK).where(*tests)).one_or_none()
    return row if row is not None and now < row.made_at + LIFE[Purpose.SESSION] else None


def should_move(row: Row[Any], now: datetime) -> bool:
    """Whether the session was used long enough after its end was last set."""
    due: datetime = end_of(row, now)
    return bool(due - row.expires_at >= MOVED)


def end_of(row: Row[Any], now: datetime) -> datetime:
    """When a session ends that is used now."""
    end: datetime = min(now + IDLE, row.made_at + LIFE[Purpose.SESSION])
    return end


def move(unit: Unit, row: Row[Any]) -> None:
    """Set the end of a session that is being used anew. Nothing happens when it is gone meanwhile."""
    same = (BOOK.c.hash == row.hash, BOOK.c.expires_at == row.expires_at)
    unit.conn.execute(update(BOOK).where(*same).values(expires_at=end_of(row, unit.at)))


def drop(unit: Unit, token: str) -> bool:
    """End a session; False when there was none."""
    tests = (BOOK.c.hash == digest(token), BOOK.c.purpose == Purpose.SESSION.value)
    return unit.conn.execute(delete(BOOK).where(*tests)).rowcount == 1


def drop_all(unit: Unit, customer: str) -> None:
    """End every session and link of a customer."""
    unit.conn.execute(delete(BOOK).where(BOOK.c.customer == customer))


def drop_address(unit: Unit, address: str) -> None:
    """End every link that was sent to somebody without an account."""
    unit.conn.execute(delete(BOOK).where(BOOK.c.purpose == Purpose.REGISTER.value, BOOK.c.address == address))


def purge(conn: Connection, now: datetime) -> int:
    """Remove what has ended a day ago; returns how many rows that were."""
    return conn.execute(delete(BOOK).where(BOOK.c.expires_at < now - KEPT)).rowcount


def digest(token: str) -> str:
    """What is kept of a token. A text that is too long to be one is the hash of nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass") if len(token) <= TEXT_MOST else b"").hexdigest()


def _alive(now: datetime) -> tuple[Any, ...]:
    return BOOK.c.expires_at > now, BOOK.c.made_at <= now + SKEW
