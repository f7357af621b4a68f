"""What `kvkk doctor` says of old bytes in the database's files: what this set-up can promise, what stands in the way, what waits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.model.records import Finding
from core.store import scrub_servers, scrub_sqlite, scrubs

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from core.store.engine import Store

MEGABYTE = 1 << 20
POSTGRESQL = {
    "scrub-not-owner": (
        "SELECT session_user FROM pg_class WHERE relnamespace = CAST(current_schema() AS regnamespace) AND relkind IN ('r', 'p') "
        "AND NOT pg_has_role(relowner, 'USAGE') LIMIT 1"
    ),
    "scrub-not-searched": "SELECT session_user FROM pg_roles WHERE rolname = current_user AND NOT rolsuper",
    "scrub-archive": "SELECT setting FROM pg_settings WHERE name = 'archive_mode' AND setting <> 'off'",
    "scrub-slots": "SELECT string_agg(slot_name, ', ') FROM pg_replication_slots HAVING count(*) > 0",
    "scrub-prepared": "SELECT count(*) FROM pg_prepared_xacts HAVING count(*) > 0",
}
"""Code → what stands in the way, or keeps old values where we do not come: no row when nothing does."""
MARIADB = {
    "scrub-shared-tablespace": "SELECT 'innodb_file_per_table' FROM DUAL WHERE @@global.innodb_file_per_table = 0",
    "scrub-binlog": "SELECT 'log_bin' FROM DUAL WHERE @@global.log_bin = 1",
}


def findings(conn: Connection, store: Store, setting: Callable[[str], Any]) -> Iterator[Finding]:
    """What becomes of old bytes here, under the setting `scrub` as it is."""
    size = scrub_sqlite.size_of(store.file) if store.file is not None else 0
    when = scrubs.when(setting("scrub"), store.name, size)
    yield Finding(f"scrub-is-{when}", "ok" if when != "off" else "note", (("engine", store.name),))
    if store.file is not None:
        yield _room(store.file, size, needed=when != "off")
    elif when != "off":
        yield from _in_the_way(conn, POSTGRESQL if store.name == "postgresql" else MARIADB)
        if store.name == "mariadb" and scrub_servers.searchable(conn, store) is None:
            yield Finding("scrub-not-searched", "note", (("found", str(conn.exec_driver_sql("SELECT CURRENT_USER()").scalar())),))
    if waiting := scrubs.count(conn):
        yield Finding("scrub-waits" if when != "off" else "scrub-waits-off", "note", (("count", waiting),))


def _room(file: Path, size: int, *, needed: bool) -> Finding:
    """Whether the disk has room for the copy that the cleaning makes."""
    free, wanted = shutil.disk_usage(file.parent).free, size * scrub_sqlite.ROOM
    enough, short = free >= wanted, "warning" if needed else "note"
    return Finding(
        "scrub-room" if enough else "scrub-room-short",
        "ok" if enough else short,
        (("needs", _megabytes(wanted)), ("free", free // MEGABYTE), ("size", _megabytes(size))),
    )


def _megabytes(size: int) -> int:
    return -(-size // MEGABYTE)


def _in_the_way(conn: Connection, questions: dict[str, str]) -> Iterator[Finding]:
    for code, query in questions.items():
        if (found := conn.exec_driver_sql(query).scalar()) is not None:
            yield Finding(code, "warning" if code == "scrub-not-owner" else "note", (("found", str(found)),))
