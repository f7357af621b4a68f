"""What the list of downloads is told by an export: the intent before the first byte, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, insert, select, update

from core.store import tables

if TYPE_CHECKING:
    from core.model.records import Word
    from core.store.engine import Unit

_DONE = update(tables.downloads).where(tables.downloads.c.id == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Ended:
    """An export whose last byte is written."""

    number: int
    """Of the download."""
    rows: int
    size: int
    sha256: str
    marked: int


def begin(unit: Unit, customer: str, kind: str, reason: str | None, word: Word) -> int:
    """Record the intent; returns the number of the download."""
    return begin_many(unit, [customer], kind, reason, word)[customer]


def begin_many(unit: Unit, customers: Sequence[str], kind: str, reason: str | None, word: Word) -> dict[str, int]:
    """Record the intent of an export of each of them; returns the numbers of the downloads."""
    channel = word.channel.value if word.channel else None
    asked = {"reason": reason, "channel": channel, "received_on": word.received_on, "verified_by": word.verified_by}
    begun = {"by": str(unit.actor), "started_at": unit.at, "state": "started", "format": kind}
    numbers = _insert(unit.conn, [{"customer": customer} | begun | asked for customer in customers])
    for number in numbers:
        unit.record("export.begin", download=number, format=kind, channel=channel)
    return dict(zip(customers, numbers, strict=True))


def _insert(conn: Connection, rows: Sequence[dict[str, Any]]) -> list[int]:
    """The numbers of the new rows, in their order; in one statement where the engine can tell them."""
    book = tables.downloads
    if len(rows) > 1 and conn.dialect.insert_executemany_returning_sort_by_parameter_order:
        told = conn.execute(insert(book).returning(book.c.id, sort_by_parameter_order=True), rows)
        return list(told.scalars())
    keys: list[Any] = [conn.execute(insert(book), row).inserted_primary_key for row in rows]
    return [int(key[0]) for key in keys]


def finish(unit: Unit, number: int, *, rows: int, size: int, sha256: str, marked: int) -> None:
    """Record what went out."""
    finish_many(unit, [Ended(number, rows, size, sha256, marked)])


def finish_many(unit: Unit, ended: Sequence[Ended]) -> None:
    """Record what went out of many exports."""
    ends = [{"number": one.number, "rows": one.rows, "bytes": one.size, "sha256": one.sha256} for one in ended]
    if ends:
        unit.conn.execute(_DONE, [end | {"finished_at": unit.at, "state": "done"} for end in ends])
    for one in ended:
        unit.record("export.done", download=one.number, rows=one.rows, bytes=one.size, sha256=one.sha256, marked=one.marked)


def break_off(unit: Unit, number: int, code: str) -> None:
    """Record that no whole file came of it; `code` is an error's code or the class of an interruption."""
    _end(unit, number, state="broken")
    unit.record("export.broken", download=number, code=code)


def abandoned(conn: Connection, before: datetime, limit: int) -> Sequence[int]:
    """Downloads that were begun before that moment and never ended."""
    book = tables.downloads
    tests = (book.c.state == "started", book.c.started_at < before)
    return conn.execute(select(book.c.id).where(*tests).order_by(book.c.id).limit(limit)).scalars().all()


def _end(unit: Unit, number: int, **values: Any) -> None:
    book = tables.downloads
    unit.conn.execute(update(book).where(book.c.id == number).values(finished_at=unit.at, **values))
