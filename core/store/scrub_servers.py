"""The recipes for PostgreSQL and MariaDB: the touched tables are rebuilt, and where this login may, their files are read.

Both lock the tables while they work (on Galera the whole cluster): the setting `scrub` has to ask for it. What a server keeps
elsewhere (its logs, replicas, dumps) is level C.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.store import filescan
from core.store.faults import reason
from core.store.sql import Sql

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.engine import Store

HERE = (None, "", "localhost", "127.0.0.1", "::1")

SNAPSHOT_WAIT_S = 3.0
"""How long to wait for those who still see the state from before; most are gone in a moment."""
_NOW = "SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)"
_HELD_BACK = f"""
SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) < :since
    OR EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)
               AND age(backend_xmin) > ({_NOW}) - :since)
    OR EXISTS (SELECT 1 FROM pg_replication_slots WHERE age(xmin) > ({_NOW}) - :since)
"""
_OTHERS_TABLES = "SELECT count(*) FROM pg_class WHERE oid = ANY(CAST(:tables AS regclass[])) AND NOT pg_has_role(relowner, 'USAGE')"
_FILES = """
WITH heap AS (
    SELECT oid, reltoastrelid FROM pg_class
    WHERE oid = ANY(CAST(:tables AS regclass[])) OR relname IN ('pg_statistic', 'pg_statistic_ext_data')
       OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = ANY(CAST(:tables AS regclass[])))
), tables AS (SELECT oid FROM heap UNION SELECT reltoastrelid FROM heap WHERE reltoastrelid <> 0)
SELECT pg_relation_filepath(oid) FROM tables
UNION SELECT pg_relation_filepath(indexrelid) FROM pg_index WHERE indrelid IN (SELECT oid FROM tables)
"""


def postgresql(store: Store, tables: Sequence[str], wanted: Sequence[bytes]) -> filescan.Scanned | str:
    """What is found in the tables' files after rebuilding them, or the code of the reason why nothing can be told."""
    sql = Sql("postgresql")
    named = {"tables": [sql.quote(table).replace("%%", "%") for table in tables]}
    with store.alone() as conn:
        if conn.execute(text(_OTHERS_TABLES), named).scalar_one():
            return "scrub-not-owner"
        if not _seen_by_nobody(conn):
            return "scrub-old-snapshot"
        superuser = str(conn.exec_driver_sql("SHOW is_superuser").scalar()) == "on"
        for table in (*map(sql.quote, tables), *(["pg_catalog.pg_statistic"] if superuser else [])):
            conn.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table}")
        if not superuser:
            return "rebuilt-not-searched"
        conn.exec_driver_sql("CHECKPOINT")
        found = filescan.Scanned()
        for path in conn.execute(text(_FILES), named).scalars().all():
            found += _relation(conn, path, wanted)
    return found


def _seen_by_nobody(conn: Connection) -> bool:
    """Wait until nobody can see rows that are gone by now: VACUUM would keep them.

    A transaction that writes in any database of the server counts, since new snapshots reach back to its beginning.
    """
    since, until = conn.execute(text(_NOW)).scalar_one(), time.monotonic() + SNAPSHOT_WAIT_S
    while conn.execute(text(_HELD_BACK), {"since": since}).scalar_one():
        if time.monotonic() > until:
            return False
        time.sleep(SNAPSHOT_WAIT_S / 50)
    return True


def _relation(conn: Connection, path: str, wanted: Sequence[bytes]) -> filescan.Scanned:
    """One relation: its first file, and those that follow at every gigabyte."""
    found, number = filescan.Scanned(), 0
    while (some := filescan.count(_blocks(conn, f"{path}.{number}" if number else path), wanted)).size:
        found += some
        number += 1
    return found


def _blocks(conn: Connection, file: str) -> Iterator[bytes]:
    query, at = text("SELECT pg_read_binary_file(:file, :at, :size, true)"), 0
    while block := conn.execute(query, {"file": file, "at": at, "size": filescan.BLOCK}).scalar():
        yield bytes(block)
        at += len(block)


def mariadb(store: Store, tables: Sequence[str], wanted: Sequence[bytes]) -> filescan.Scanned | str:
    """What is found in the database's files after rebuilding the tables, or the code of the reason why nothing can be told."""
    names = [Sql("mariadb").quote(table) for table in tables]
    with store.alone() as conn:
        kept = _statistics(conn)
        for table, name in zip(tables, names, strict=True):
            if not _succeeded(conn.exec_driver_sql(f"OPTIMIZE TABLE {name}").all()):
                return "scrub-busy"
            conn.exec_driver_sql(f"ANALYZE TABLE {name}{_counted_anew(kept, table)}").all()
        if kept:  # rows that were written over leave their old bytes in that table, too
            conn.exec_driver_sql("OPTIMIZE TABLE mysql.column_stats").all()
        folder = searchable(conn, store)
        if folder is None:
            return "rebuilt-not-searched"
        conn.exec_driver_sql(f"FLUSH TABLES {', '.join(names)} FOR EXPORT")  # what is in memory goes to disk, and stays so
        try:
            found = filescan.scan(sorted(folder.glob("*.ibd")), wanted)
        finally:
            conn.exec_driver_sql("UNLOCK TABLES")
        return found + filescan.count(_statistics_bytes(conn), wanted) if kept else found


def searchable(conn: Connection, store: Store) -> Path | None:
    """The folder of MariaDB in which the files of this database lie; None where not all that it keeps can be searched from here."""
    folder = Path(str(conn.exec_driver_sql("SELECT @@datadir").scalar()), str(store.url.database))
    here = store.url.host in HERE and os.access(folder, os.R_OK | os.X_OK)
    return folder if here and _statistics(conn) is not None else None


def _statistics(conn: Connection) -> Mapping[str, Sequence[str]] | None:
    """Table → columns whose least, greatest and frequent values MariaDB keeps; None where this login may not look."""
    if not getattr(conn.dialect, "is_mariadb", False):
        return {}
    try:
        rows = conn.exec_driver_sql("SELECT table_name, column_name FROM mysql.column_stats WHERE db_name = DATABASE()").all()
    except DBAPIError as error:
        if reason(error) == "database-no-permission":
            return None
        raise
    kept: dict[str, list[str]] = {}
    for table, column in rows:
        kept.setdefault(table, []).append(column)
    return kept


def _counted_anew(kept: Mapping[str, Sequence[str]] | None, table: str) -> str:
    """The end of an ANALYZE: the columns of which there are statistics, and no others. A plain one leaves those as they are."""
    columns = ", ".join(map(Sql("mariadb").quote, (kept or {}).get(table, ())))
    return f" PERSISTENT FOR COLUMNS ({columns}) INDEXES ()" if columns else ""


def _statistics_bytes(conn: Connection) -> Iterator[bytes]:
    """What is kept of this database; the file holds that of others too, in which the same value proves nothing."""
    query = "SELECT min_value, max_value, histogram FROM mysql.column_stats WHERE db_name = DATABASE()"
    for row in conn.exec_driver_sql(query):
        for cell in row:
            yield (cell if isinstance(cell, bytes) else str(cell or "").encode()) + b"\n"


def _succeeded(rows: Sequence[Any]) -> bool:
    """OPTIMIZE reports a failure as a row, not as an error."""
    return any(str(row[2]).lower() == "status" and str(row[3]).upper() == "OK" for row in rows)
