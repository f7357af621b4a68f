"""The recipe for SQLite: every page is written anew, the old ones are cut off, and the files are read to prove it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.store import filescan
from core.store.sql import Sql

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.engine import Store

ROOM = 2
"""Free disk that VACUUM needs, in sizes of the database."""
IN_MEMORY_BYTES = 500 << 20
"""Up to this size the copy is made in memory; beyond, in unlinked files of the temporary folder."""


def clean(store: Store, _tables: Sequence[str], wanted: Sequence[bytes]) -> filescan.Scanned | str:
    """What is found in the files after cleaning them, or the code of the reason why they are not clean."""
    database = Path(str(store.url.database))
    size = size_of(database)
    if shutil.disk_usage(database.parent).free < size * ROOM:
        return "scrub-no-room"
    with store.alone() as conn:
        conn.exec_driver_sql(f"PRAGMA temp_store={'MEMORY' if size <= IN_MEMORY_BYTES else 'FILE'}")
        in_wal = str(conn.exec_driver_sql("PRAGMA journal_mode=WAL").scalar()) == "wal"
        _merge_words(conn)
        if conn.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name LIKE 'sqlite!_stat%' ESCAPE '!'").first():
            conn.exec_driver_sql("ANALYZE")
        conn.exec_driver_sql("VACUUM")
        busy = conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    if busy:
        return "scrub-busy"
    if not in_wal:  # with another journal a reader may have kept everything, and SQLite does not say so
        return "scrub-not-wal"
    return filescan.scan(files(database), wanted)


def files(database: Path) -> Iterator[Path]:
    """The database and what SQLite keeps beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        yield Path(f"{database}{ending}")


def size_of(database: Path) -> int:
    """Bytes of the database with what lies beside it."""
    return sum(file.stat().st_size for file in files(database) if file.exists())


def _merge_words(conn: Connection) -> None:
    """Full-text indexes keep the words of deleted rows until their segments are merged."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"
    for name, made in conn.exec_driver_sql(query).all():
        if "using fts" in " ".join(str(made).lower().split()):
            quoted = Sql("sqlite").quote(name)
            conn.exec_driver_sql(f"INSERT INTO {quoted}({quoted}) VALUES ('optimize')")
