"""Our `kvkk_*` tables in the company's database: created, upgraded, and checked before every verb.

Alembic keeps its place in `kvkk_alembic_version`, beside whatever the company's own migrations use, and looks at nothing
that is not ours. It is imported by `upgrade` alone: the check before a verb is one look-up of a table and one row.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from core.errors import Unavailable, UsageError
from core.store import meta, tables
from core.store.audit import GENESIS
from core.store.faults import translate

if TYPE_CHECKING:
    from sqlalchemy.engine.reflection import Inspector

    from core.store.engine import Store

FOLDER = Path(__file__).parent / "migrations"
REVISIONS = ("0001", "0002")
"""Every revision, oldest first; a test compares it with the folder."""
LOCK = 0x6B766B6B
"""Names the advisory lock of PostgreSQL ("kvkk")."""
LOCK_WAIT_S = 60
ORIGIN_BYTES = 8


def state(conn: Connection) -> str:
    """`none` (our tables are not there), `old`, `current`, or `newer` (a later release was here)."""
    if not inspect(conn).has_table(tables.VERSION_TABLE):
        return "none"
    found = conn.execute(text(f"SELECT version_num FROM {tables.VERSION_TABLE}")).scalars().all()
    if not found:
        return "none"
    if any(version not in REVISIONS for version in found):
        return "newer"
    return "current" if found[0] == REVISIONS[-1] else "old"


def require_current(conn: Connection) -> None:
    """Raises UsageError `not-initialised`, Unavailable `schema-old` or `schema-newer`."""
    found = state(conn)
    if found == "none":
        raise UsageError("not-initialised")
    if found != "current":
        raise Unavailable(f"schema-{found}")


def upgrade(store: Store) -> str:
    """Create or upgrade our tables; returns the state found before. Raises Unavailable (`schema-newer` among others)."""
    try:
        with store.writer.connect() as conn, _alone(conn), conn.begin():
            if conn.dialect.name == "postgresql":
                conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            before = state(conn)
            if before == "newer":
                raise Unavailable("schema-newer")
            if before == "none":
                create(conn)
            _run_alembic(conn, fresh=before == "none")
            return before
    except DBAPIError as error:
        raise translate(error) from None


def create(conn: Connection) -> None:
    """Every table as it is now, the head of the audit chain and its origin; what exists already stays."""
    for table in tables.metadata.sorted_tables:
        # The database's default may be Aria (which ignores ROLLBACK) or latin1 (which has no ş).
        for dialect in ("mysql", "mariadb"):
            table.dialect_kwargs[f"{dialect}_engine"] = "InnoDB"
            table.dialect_kwargs[f"{dialect}_charset"] = "utf8mb4"
    tables.metadata.create_all(conn)
    _complete(conn)
    if conn.execute(select(tables.audit_head.c.id)).first() is None:
        conn.execute(insert(tables.audit_head).values(id=1, seq=0, hash=GENESIS))
    if meta.read(conn, "origin") is None:
        meta.write(conn, "origin", secrets.token_hex(ORIGIN_BYTES))


def _complete(conn: Connection) -> None:
    """Columns and indexes that a later revision has added to a table that is there already; repeatable after a broken try."""
    looked = inspect(conn)
    _add_columns(conn, looked)
    from core.store import consents  # for an upgrade only: every command asks this module whether our tables are current

    consents.mark_latest(conn)
    for table in tables.metadata.sorted_tables:
        indexed = {index["name"] for index in looked.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in indexed:
                index.create(conn)


def _add_columns(conn: Connection, looked: Inspector) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    operations = Operations(MigrationContext.configure(conn))
    for table in tables.metadata.sorted_tables:
        there = {column["name"] for column in looked.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                fresh = Column(
                    column.name, column.type, nullable=column.nullable, server_default=column.server_default, comment=column.comment
                )
                operations.add_column(table.name, fresh)


def options() -> dict[str, Any]:
    """How alembic is to look at a database that is mostly the company's."""

    def ours(name: str | None, type_: str, parents: Any) -> bool:
        table = name if type_ == "table" else parents.get("table_name")
        return type_ == "schema" or (str(table).startswith(tables.PREFIX) and table != tables.VERSION_TABLE)

    return {
        "target_metadata": tables.metadata,
        "version_table": tables.VERSION_TABLE,
        "include_name": ours,
        "transactional_ddl": None,
        "transaction_per_migration": False,
    }


def _run_alembic(conn: Connection, *, fresh: bool) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = conn
    (command.stamp if fresh else command.upgrade)(config, "head")


@contextmanager
def _alone(conn: Connection) -> Iterator[None]:
    """One upgrade at a time, until it is committed: by a lock of MariaDB's session. The others lock inside the transaction."""
    if conn.dialect.name not in ("mysql", "mariadb"):
        yield
        return
    if not conn.execute(text(f"SELECT GET_LOCK(CONCAT('kvkk.', DATABASE()), {LOCK_WAIT_S})")).scalar():
        raise Unavailable("database-locked", kind="GET_LOCK")
    conn.commit()  # the lock is the session's, not this transaction's
    try:
        yield
    finally:
        with suppress(DBAPIError):  # a session that is gone has no lock any more
            conn.execute(text("SELECT RELEASE_LOCK(CONCAT('kvkk.', DATABASE()))"))
            conn.commit()
