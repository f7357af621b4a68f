"""The list of consents: who has accepted and who has not, by pages, over a million customers.

Who has accepted is read along our own index: newest version of the text first, then by key. Who has not, and everybody, is found by
walking along the company's key from where the page before ended, and asking our index for each: stretch by stretch, until the page is
full. No page looks at what lies before it or beyond its last stretch; where nearly all have accepted a page goes far.
Whom a piece of text fits is found as everywhere, in one answer without further pages.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select

from core.errors import UsageError
from core.model.records import ConsentFilter, ConsentPage, ConsentPart, ConsentRow, TextKind
from core.store import consenttexts, customers, gatekeeper, keywalk, lookup, sql, tables
from core.store.paths import key_text
from core.store.subjects import key_parts

if TYPE_CHECKING:
    from core.store.atlas import Atlas

PAGE_MOST = 1000
STRETCHES = (2_000, 4_000, *[8_000] * 8)
"""Customers who are looked at in one statement for who has not accepted. A page that goes beyond these looks at all the others at
once: then one pass over our words (below a second for a million) costs less than a look-up for each."""
_BOOK = tables.consents


def page(conn: Connection, atlas: Atlas, wanted: ConsentFilter, after: str | None, limit: int) -> ConsentPage:
    """One page. Raises UsageError `bad-limit`, `bad-cursor`, `gate-key-type`."""
    if not 1 <= limit <= PAGE_MOST:
        raise UsageError("bad-limit", allowed=f"1–{PAGE_MOST}")
    by_word = wanted in (ConsentFilter.GIVEN, ConsentFilter.OUTDATED)
    start = _place(after, by_word=by_word) if after is not None else None
    if by_word:
        found = _by_word(conn, atlas, wanted, start, limit + 1)
    else:
        walk = _missing if wanted is ConsentFilter.MISSING else _everybody
        keys = walk(conn, atlas, start[1] if start else None, limit + 1)
        found = [(0, key) for key in keys]
    rows = _rows(conn, atlas, [key for _, key in found[:limit]])
    return ConsentPage(rows, _cursor(*found[limit - 1]) if len(found) > limit else None)


def found(conn: Connection, atlas: Atlas, wanted: ConsentFilter, text: str, limit: int) -> tuple[ConsentRow, ...]:
    """Customers whom the text fits, at most `limit`; then the filter. Raises UsageError `bad-limit`, `customer-malformed`."""
    if not 1 <= limit <= PAGE_MOST:
        raise UsageError("bad-limit", allowed=f"1–{PAGE_MOST}")
    rows = _rows(conn, atlas, lookup.keys(conn, atlas, text, limit))
    return tuple(row for row in rows if _leaves(wanted, row))


def part(conn: Connection, atlas: Atlas, wanted: ConsentFilter, text: str, after: keywalk.Place | None, limit: int) -> ConsentPart:
    """The same by parts, as `lookup.part` brings them."""
    if not 1 <= limit <= PAGE_MOST:
        raise UsageError("bad-limit", allowed=f"1–{PAGE_MOST}")
    keys, onward = lookup.part(conn, atlas, text, after, limit)
    return ConsentPart(tuple(row for row in _rows(conn, atlas, keys) if _leaves(wanted, row)), onward)


def _leaves(wanted: ConsentFilter, row: ConsentRow) -> bool:
    return {
        ConsentFilter.ALL: True,
        ConsentFilter.GIVEN: row.counts,
        ConsentFilter.MISSING: not row.counts,
        ConsentFilter.OUTDATED: row.state == "outdated",
    }[wanted]


def _by_word(conn: Connection, atlas: Atlas, wanted: ConsentFilter, start: tuple[int, str] | None, count: int) -> list[tuple[int, str]]:
    """(version, key) of customers who accepted; whom the company has deleted by itself is passed over."""
    found: list[tuple[int, str]] = []
    for version in _versions(conn, wanted):
        if start is not None and version > start[0]:
            continue
        after = start[1] if start is not None and version == start[0] else ""
        while len(found) < count and (keys := _next(conn, version, after, count)):
            there = customers.existing(conn, atlas, keys)
            found += [(version, key) for key in keys if key in there]
            after = keys[-1]
    return found[:count]


def _next(conn: Connection, version: int, after: str, count: int) -> Sequence[str]:
    tests = (_BOOK.c.given.is_(True), _BOOK.c.version == version, _BOOK.c.current_of > after)
    return conn.execute(select(_BOOK.c.current_of).where(*tests).order_by(_BOOK.c.current_of).limit(count)).scalars().all()


def _versions(conn: Connection, wanted: ConsentFilter) -> Sequence[int]:
    """Versions whose acceptance is asked for, newest first."""
    now = consenttexts.current_version(conn, TextKind.CONSENT)
    if wanted is ConsentFilter.OUTDATED:
        return range(now - 1, 0, -1)
    return (now,) if consenttexts.renewed(conn) else range(now, 0, -1)


def _cursor(version: int, key: str) -> str:
    """Where a page ended, in signs that every shell takes: a key may hold others."""
    return base64.urlsafe_b64encode(json.dumps([version, key]).encode()).decode().rstrip("=")


def _place(said: str, *, by_word: bool) -> tuple[int, str]:
    """Raises UsageError `bad-cursor`, also for the cursor of another filter."""
    try:
        found = json.loads(base64.b64decode(said + "=" * (-len(said) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeError, ValueError):
        raise UsageError("bad-cursor") from None
    if not (isinstance(found, list) and [type(part) for part in found] == [int, str] and (found[0] > 0) is by_word):
        raise UsageError("bad-cursor")
    return found[0], found[1]


def _everybody(conn: Connection, atlas: Atlas, start: str | None, count: int) -> list[str]:
    """Keys of customers in the order of the company's key."""
    statement, values = _walk(conn, atlas, start)
    return [key_text(row) for row in sql.run(conn, f"{statement} LIMIT {count}", values).all()]


def _missing(conn: Connection, atlas: Atlas, start: str | None, count: int) -> list[str]:
    """The same, of those without a consent that counts."""
    found: list[str] = []
    for stretch in STRETCHES:
        found += _missing_in(conn, atlas, start, f" LIMIT {stretch}", count - len(found))
        if len(found) == count:
            return found
        statement, values = _walk(conn, atlas, start)
        end = sql.run(conn, f"{statement} LIMIT 1 OFFSET {stretch - 1}", values).one_or_none()
        if end is None:
            return found
        start = key_text(end)
    return found + _missing_in(conn, atlas, start, "", count - len(found))


def _missing_in(conn: Connection, atlas: Atlas, start: str | None, stretch: str, count: int) -> list[str]:
    """Those of the next so many customers. A stretch stands in a statement of its own: no engine is to read all our words for it."""
    walk, values = _walk(conn, atlas, start)
    picked = ", ".join(f"c.{atlas.sql.quote(name)}" for name in atlas.map.customer.key)
    least = consenttexts.current_version(conn, TextKind.CONSENT) if consenttexts.renewed(conn) else 1
    statement = (
        f"SELECT {picked} FROM ({walk}{stretch}) c"
        f" LEFT JOIN kvkk_consents k ON k.current_of = {gatekeeper.key_as_text(conn, atlas)}"
        f" WHERE k.id IS NULL OR k.given IS NOT TRUE OR k.version < {atlas.sql.mark} ORDER BY {picked} LIMIT {count}"
    )
    return [key_text(row) for row in sql.run(conn, statement, (*values, least)).all()]


def _walk(conn: Connection, atlas: Atlas, start: str | None) -> tuple[str, tuple[Any, ...]]:
    """Customers behind a key, in the order of the company's key."""
    quote = atlas.sql.quote
    further, values = _further(conn, atlas, start)
    picked = ", ".join(f"c.{quote(name)}" for name in atlas.map.customer.key)
    whose = " AND ".join(gatekeeper.whose(conn, atlas))
    return f"SELECT {picked} FROM {quote(atlas.map.customer.table)} c WHERE {whose}{further} ORDER BY {picked}", values


def _further(conn: Connection, atlas: Atlas, start: str | None) -> tuple[str, tuple[Any, ...]]:
    """What lies behind a key. Raises UsageError `bad-cursor`."""
    if start is None:
        return "", ()
    parts = key_parts(atlas, conn, start)
    if parts is None:
        raise UsageError("bad-cursor")
    return keywalk.further(atlas.sql, [f"c.{atlas.sql.quote(name)}" for name in atlas.map.customer.key], parts)


def _rows(conn: Connection, atlas: Atlas, keys: Sequence[str]) -> tuple[ConsentRow, ...]:
    known = customers.names_for(conn, atlas, keys)
    said = {row.current_of: row for row in _words(conn, keys)}
    now, renewed = consenttexts.current_version(conn, TextKind.CONSENT), consenttexts.renewed(conn)
    return tuple(_row(key, known[key], said.get(key), now, renewed=renewed) for key in keys if key in known)


def _words(conn: Connection, keys: Sequence[str]) -> Iterator[Row[Any]]:
    for chunk in sql.chunks(keys):
        yield from conn.execute(select(_BOOK).where(_BOOK.c.current_of.in_(chunk)))


def _row(key: str, name: str, word: Row[Any] | None, now: int, *, renewed: bool) -> ConsentRow:
    if word is None:
        return ConsentRow(key, name, "none", counts=False, version=None, at=None, channel=None)
    outdated = word.given and word.version < now
    state = "outdated" if outdated else "given" if word.given else "withdrawn"
    counts = word.given and not (outdated and renewed)
    return ConsentRow(key, name, state, counts=counts, version=word.version, at=word.at, channel=word.channel)
