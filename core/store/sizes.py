"""About how many rows each table has, from what the engine knows anyway: nothing is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.store.sql import Sql

if TYPE_CHECKING:
    from sqlalchemy import Connection

ROW_BYTES = 100
"""Taken for the length of a row where PostgreSQL has not looked at a table yet."""
POSTGRESQL = text(
    "SELECT relname, CASE WHEN reltuples < 0 THEN pg_relation_size(oid) / :row ELSE reltuples END FROM pg_class "
    "WHERE relkind IN ('r', 'p') AND relnamespace = CAST(current_schema() AS regnamespace)"
)
MARIADB = text("SELECT TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()")


def about(conn: Connection, tables: list[str]) -> dict[str, int]:
    """Table → rows, more or less; 0 where nothing is known."""
    engine = conn.dialect.name
    if engine == "sqlite":
        return {name: _highest(conn, name) for name in tables}
    query = POSTGRESQL.bindparams(row=ROW_BYTES) if engine == "postgresql" else MARIADB
    known = {str(row[0]): int(row[1] or 0) for row in conn.execute(query)}
    return {name: known.get(name, 0) for name in tables}


def _highest(conn: Connection, table: str) -> int:
    """SQLite keeps no count; the highest rowid is found at once."""
    try:
        return int(conn.exec_driver_sql(f"SELECT max(_rowid_) FROM {Sql('sqlite').quote(table)}").scalar() or 0)
    except DBAPIError:  # WITHOUT ROWID, or virtual
        return 0
