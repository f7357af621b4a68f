"""The clock of a database server: the one that all its hosts share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.store.tables import MYSQL

if TYPE_CHECKING:
    from sqlalchemy import Connection

QUERIES = {"postgresql": "SELECT clock_timestamp() AT TIME ZONE 'UTC'"} | dict.fromkeys(MYSQL, "SELECT UTC_TIMESTAMP(6)")


def server_clock(conn: Connection) -> datetime | None:
    """The moment by the server's clock; None on SQLite, whose clock is the host's."""
    query = QUERIES.get(conn.dialect.name)
    if query is None:
        return None
    found: datetime = conn.exec_driver_sql(query).scalar_one()
    return found.replace(tzinfo=UTC)
