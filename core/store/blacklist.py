"""The blacklist: keyed fingerprints of details with which no account may be opened again.

A fingerprint is HMAC-SHA-256 of kind and folded value. An entry counts through the day on which it ends. Entries of an old
key count too and are verified with it; where a key that live entries were made with is not at hand, or the key file must not
be used, the question is refused: it is never answered with "not listed".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select, update

from core.errors import UsageError
from core.model.identity import canonical
from core.model.tombstone import KINDS, Mark
from core.store import keybook, tables

if TYPE_CHECKING:
    from core.store.engine import Unit
    from core.store.keyring import Key, Keyring

YEAR_DAYS = 365
BOOK = tables.blacklist


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms values are listed."""

    today: date
    expires: date
    """The last day on which they count."""
    reason: str | None = None
    request: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One value after `keep`."""

    how: str
    """added, extended, there"""
    mark: Mark


def terms(setting: Callable[[str], Any], today: date, request: int | None = None) -> Terms:
    """The terms that the settings name: `blacklist-years`, `blacklist-reason`."""
    return Terms(today, today + timedelta(days=YEAR_DAYS * setting("blacklist-years")), setting("blacklist-reason"), request)


def listed(conn: Connection, keyring: Keyring, values: Sequence[tuple[str, str]], today: date) -> tuple[str, ...]:
    """Kinds of those (kind, raw value) that are on the list today, in the order given.

    A value that identifies nobody (empty, `-`, stars) is never listed. Raises UsageError `bad-kind`, KeyFileError.
    """
    keys = verifying(conn, keyring, today)
    found = (kind for kind, value in folded(values) if any(row.expires_on >= today for row in rows_of(conn, keys, kind, value)))
    return tuple(dict.fromkeys(found))


def folded(values: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """(kind, canonical value), each once; without what identifies nobody. Raises UsageError `bad-kind`."""
    kept: dict[tuple[str, str], None] = {}
    for kind, value in values:
        if kind not in KINDS:
            raise UsageError("bad-kind", allowed=KINDS)
        one = canonical(kind, value)
        if one is not None:
            kept[kind, one] = None
    return tuple(kept)


def verifying(conn: Connection, keyring: Keyring, today: date) -> tuple[Key, ...]:
    """Every key that live entries were made with, the current one always. Raises KeyFileError when one is not at hand.

    Also a key that the database does not know: its entries came back after a restored backup had forgotten a rotation.
    """
    known = keybook.states(conn)
    if not known:
        keyring.held()  # nothing was ever keyed; a file that must not be used is told all the same
    needed = {one: None for one, state in known.items() if state == "current"}
    needed |= {one: None for one in keys_in_use(conn, today) if known.get(one) != "dropped"}
    return tuple(keyring.holding(conn, one) for one in needed)


def keys_in_use(conn: Connection, today: date) -> tuple[str, ...]:
    """Ids of keys with live entries; from key to key along the index, however many entries there are."""
    found, last = [], ""
    while (one := conn.execute(select(func.min(BOOK.c.key_id)).where(BOOK.c.key_id > last)).scalar()) is not None:
        last = one
        if conn.execute(select(BOOK.c.key_id).where(BOOK.c.key_id == one, live(today)).limit(1)).first() is not None:
            found.append(one)
    return tuple(found)


def keep(unit: Unit, keyring: Keyring, values: Sequence[tuple[str, str]], terms: Terms) -> tuple[Kept, ...]:
    """List (kind, canonical value); says of each whether it is `added`, `extended` or was `there` already.

    What is there lives on to the later day, with the purpose that reaches so far; what has ended is a new entry. An entry of
    an old key stays until its end, and reaches no further: the later day is written under the current key.
    """
    if not values:
        return ()
    key = keyring.obtain(unit.conn)
    keys = (key, *(one for one in keyring.held() if one.id != key.id))
    return tuple(_keep(unit, keys, kind, value, terms) for kind, value in values)


def _keep(unit: Unit, keys: Sequence[Key], kind: str, value: str, terms: Terms) -> Kept:
    rows = rows_of(unit.conn, keys, kind, value)
    known = max((row for row in rows if row.expires_on >= terms.today), key=lambda row: row.expires_on, default=None)
    if known is not None and known.expires_on >= terms.expires:
        return Kept("there", Mark(kind, known.fingerprint, known.key_id, known.expires_on))
    mark = Mark(kind, keys[0].token(kind, value), keys[0].id, terms.expires)
    own = next((row for row in rows if row.key_id == mark.key_id), None)
    fresh: dict[str, Any] = {"expires_on": terms.expires, "reason": terms.reason}
    if own is not None and own.expires_on >= terms.today:
        fresh["reason"] = terms.reason or own.reason
    else:
        fresh |= {"request": terms.request, "added_at": unit.at, "added_by": str(unit.actor)}
    if own is None:
        unit.conn.execute(insert(BOOK).values(fingerprint=mark.fingerprint, key_id=mark.key_id, kind=kind, **fresh))
    else:
        unit.conn.execute(update(BOOK).where(*_is(mark)).values(**fresh))
    return Kept("added" if known is None else "extended", mark)


def _is(mark: Mark) -> tuple[ColumnElement[bool], ...]:
    return BOOK.c.fingerprint == mark.fingerprint, BOOK.c.key_id == mark.key_id


def purge(conn: Connection, today: date) -> int:
    """Remove what has ended; returns how many entries that were."""
    return conn.execute(delete(BOOK).where(BOOK.c.expires_on < today)).rowcount


def live(today: date) -> ColumnElement[bool]:
    """Condition: the entry still counts."""
    return BOOK.c.expires_on >= today


def rows_of(conn: Connection, keys: Iterable[Key], kind: str, value: str) -> list[Row[Any]]:
    """Entries of a canonical value under any of the keys, ended ones too."""
    marks = [and_(BOOK.c.fingerprint == key.token(kind, value), BOOK.c.key_id == key.id) for key in keys]
    return list(conn.execute(select(BOOK).where(or_(*marks))).all()) if marks else []


def count(conn: Connection, *tests: ColumnElement[bool]) -> int:
    """How many entries fit."""
    return conn.execute(select(func.count()).select_from(BOOK).where(*tests)).scalar_one()
