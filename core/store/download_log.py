"""What the list of downloads is told by an export: the intent before the first byte, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from core.store import tables

if TYPE_CHECKING:
    from core.model.records import Word
    from core.store.engine import Unit


def begin(unit: Unit, customer: str, kind: str, reason: str | None, word: Word) -> int:
    """Record the intent; returns the number of the download."""
    channel = word.channel.value if word.channel else None
    asked = {"channel": channel, "received_on": word.received_on, "verified_by": word.verified_by}
    begun = {"customer": customer, "by": str(unit.actor), "started_at": unit.at, "state": "started", "format": kind}
    done = unit.conn.execute(insert(tables.downloads).values(**begun, reason=reason, **asked))
    key: Any = done.inserted_primary_key
    number = int(key[0])
    unit.record("export.begin", download=number, format=kind, channel=channel)
    return number


def finish(unit: Unit, number: int, *, rows: int, size: int, sha256: str, marked: int) -> None:
    """Record what went out."""
    _end(unit, number, state="done", rows=rows, bytes=size, sha256=sha256)
    unit.record("export.done", download=number, rows=rows, bytes=size, sha256=sha256, marked=marked)


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
