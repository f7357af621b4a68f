"""Destruction reports as rows, and the certificates that they are added up from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, insert, select

from core.errors import NotFound
from core.store import tables

if TYPE_CHECKING:
    from core.model.report import Report
    from core.store.engine import Unit

CHUNK = 500
_BOOK, _PAPERS = tables.reports, tables.certificates


def last_until(conn: Connection) -> date | None:
    """The day up to which the last report goes."""
    found: date | None = conn.execute(select(func.max(_BOOK.c.until))).scalar_one()
    return found


def first_certificate(conn: Connection) -> datetime | None:
    """When the first certificate was made."""
    found: datetime | None = conn.execute(select(func.min(_PAPERS.c.made_at))).scalar_one()
    return found


def documents(conn: Connection, since: datetime, until: datetime) -> Iterator[tuple[int, str]]:
    """(part, document) of every certificate and addendum of a period, streamed."""
    query = select(_PAPERS.c.part, _PAPERS.c.document).where(_PAPERS.c.made_at >= since, _PAPERS.c.made_at < until)
    for row in conn.execute(query, execution_options={"yield_per": CHUNK}):
        yield row.part, row.document


def keep(unit: Unit, report: Report) -> int:
    """Keep a report; returns its number. A second one of the period is refused by the database (Conflict `constraint`)."""
    done = unit.conn.execute(
        insert(_BOOK).values(since=report.since, until=report.until, made_at=report.made_at, document=report.to_json())
    )
    key: Any = done.inserted_primary_key
    return int(key[0])


def every(conn: Connection) -> list[Row[Any]]:
    """All of them, the newest first."""
    return list(conn.execute(select(_BOOK).order_by(_BOOK.c.number.desc())))


def one(conn: Connection, number: int) -> Row[Any]:
    """The report of that number. Raises NotFound `report-not-found`."""
    row = conn.execute(select(_BOOK).where(_BOOK.c.number == number)).one_or_none() if 0 < number < 2**31 else None
    if row is None:
        raise NotFound("report-not-found", number=number)
    return row
