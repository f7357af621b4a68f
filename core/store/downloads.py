"""Who downloaded whose data: reading the list. The rows are written by the export."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from core.model.records import Download
from core.store import owned, tables


def last(conn: Connection, customer: str | None, tokens: Collection[str]) -> Download | None:
    """The latest download of this customer's data."""
    found = page(conn, owned.of(tables.downloads, customer, tokens), None, 1)
    return found[0] if found else None


def page(conn: Connection, whose: ColumnElement[bool] | None, before: int | None, limit: int) -> tuple[Download, ...]:
    """Newest first; `before` is the id of the last one of the page before."""
    book = tables.downloads
    query = select(book).order_by(book.c.id.desc()).limit(limit)
    if whose is not None:
        query = query.where(whose)
    if before is not None:
        query = query.where(book.c.id < before)
    return tuple(_record(row) for row in conn.execute(query))


def _record(row: Row[Any]) -> Download:
    return Download(
        id=row.id,
        customer=row.customer,
        by=row.by,
        started_at=row.started_at,
        finished_at=row.finished_at,
        state=row.state,
        format=row.format,
        rows=row.rows,
        bytes=row.bytes,
        sha256=row.sha256,
        reason=row.reason,
        channel=row.channel,
        received_on=row.received_on,
        verified_by=row.verified_by,
    )
