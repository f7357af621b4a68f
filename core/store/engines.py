"""How a connection to each engine is made: isolation, waiting for locks, what SQLite and MariaDB must be told in each session."""

from __future__ import annotations

import os
import sqlite3
import stat
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, InvalidRequestError

from core.errors import Unavailable
from core.model import exactjson
from core.store import pgvalues
from core.store.faults import reason, translate

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, ExceptionContext

SESSION = "-c client_encoding=UTF8 -c datestyle=ISO -c intervalstyle=postgres"
"""What PostgreSQL is told in each session: the driver reads dates in no other style."""
LOST = "kvkk-transaction-lost"
"""Where a connection of MariaDB remembers that a deadlock has ended its transaction."""


def make_engine(url: URL, wait: float, *, write: bool) -> Engine:
    """An engine for write transactions or for read snapshots. Raises Unavailable where MariaDB is not there."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, wait, write=write)
    if url.get_backend_name() == "postgresql":
        return _postgresql_engine(url, wait, write=write)
    return _mariadb_engine(url, wait, write=write)


def _sqlite_engine(url: URL, wait: float, *, write: bool) -> Engine:
    path = str(url.database)

    def connect() -> sqlite3.Connection:
        _refuse_no_file(path)
        os.umask(os.umask(0o077) | 0o007)
        uri = "file:" + path.replace("%", "%25").replace("?", "%3f").replace("#", "%23") + "?mode=rw"
        raw = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=wait, check_same_thread=False)
        raw.text_factory = _text
        return raw

    engine = create_engine("sqlite://", creator=connect, hide_parameters=True, poolclass=_sqlite_pool())

    @event.listens_for(engine, "connect")
    def _pragmas(raw: Any, _record: Any) -> None:
        for pragma in ("foreign_keys=ON", "secure_delete=ON", "synchronous=FULL", "temp_store=MEMORY"):
            raw.execute(f"PRAGMA {pragma}")
        if not write:
            raw.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        if conn.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            return  # `alone`: inside a transaction journal_mode and VACUUM silently do nothing
        conn.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _refuse_no_file(path: str) -> None:
    """SQLite says one thing for all of these. Raises Unavailable `database-missing`, `not-a-database`, `database-no-permission`."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise Unavailable("database-missing") from None
    except (OSError, ValueError) as error:
        raise Unavailable("database-no-permission", kind=type(error).__name__) from None
    if not stat.S_ISREG(mode):
        raise Unavailable("not-a-database")
    if not os.access(path, os.R_OK):
        raise Unavailable("database-no-permission")


def _sqlite_pool() -> Any:
    from sqlalchemy.pool import QueuePool

    return QueuePool


def _text(raw: bytes) -> str:
    """TEXT cells may hold bytes that are no UTF-8; they must neither stop a reader nor change when written back."""
    return raw.decode("utf-8", "surrogateescape")


def _postgresql_engine(url: URL, wait: float, *, write: bool) -> Engine:
    level = {} if write else {"postgresql_readonly": True}
    engine = create_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED" if write else "REPEATABLE READ",
        execution_options=level,
        json_deserializer=exactjson.document,
        connect_args={"connect_timeout": 10, "options": f"-c lock_timeout={round(wait * 1000)} {SESSION}"},
    )
    event.listen(engine, "connect", pgvalues.register)
    return engine


def _mariadb_engine(url: URL, wait: float, *, write: bool) -> Engine:
    options: dict[str, Any] = {
        "hide_parameters": True,
        "isolation_level": "READ COMMITTED" if write else "REPEATABLE READ",
        "connect_args": {"charset": "utf8mb4", "connect_timeout": 10},
    }
    engine = create_engine(url, **options)
    try:
        engine.connect().close()
    except InvalidRequestError:  # MySQL proper: SQLAlchemy's mariadb dialect refuses it by name
        engine.dispose()
        engine = create_engine(url.set(drivername="mysql+pymysql"), **options)
    except (DBAPIError, OSError) as error:
        engine.dispose()
        raise translate(error) from None
    event.listen(engine, "connect", partial(_mariadb_session, wait))
    event.listen(engine, "handle_error", _remember_lost)
    engine.dispose()  # the probe's connection has no session settings yet
    return engine


def _remember_lost(context: ExceptionContext) -> None:
    if context.connection is not None and reason(context.original_exception) == "database-contention":
        context.connection.info[LOST] = True


def _mariadb_session(wait: float, raw: Any, _record: Any) -> None:
    with raw.cursor() as cursor:
        # lock_wait_timeout is about tables (an ALTER that runs, a backup); its default is a day
        seconds = max(1, round(wait))
        locks = f"innodb_lock_wait_timeout={seconds}, lock_wait_timeout={seconds}"
        cursor.execute(f"SET SESSION {locks}, sql_mode=CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')")
        cursor.execute("SHOW VARIABLES LIKE 'wsrep_on'")
        row = cursor.fetchone()
        if row and str(row[1]).upper() == "ON":  # Galera: a read sees what another node has just committed
            cursor.execute("SET SESSION wsrep_sync_wait=1")
