"""Connections to SQLite, PostgreSQL and MariaDB/MySQL, and the two ways to use them: `reading` and `writing`.

Promises: a reading block sees one moment and changes nothing; a writing block commits whole, audit entries included, or not
at all; no message of a driver reaches a caller (PostgreSQL's DETAIL and MariaDB's texts carry values), it becomes an
`Unavailable`, `Conflict` or `OutcomeUnknown`. A missing SQLite file is never created here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidRequestError

from core.errors import KvkkError, UsageError
from core.store.engines import LOST, make_engine
from core.store.faults import translate, translate_commit
from core.store.pile import Pile

if TYPE_CHECKING:
    from core.model.records import Actor
    from core.store.audit import Sealer

LOCK_WAIT_S = 30
"""How long to wait for somebody else's lock, in seconds."""
OBTAINED = "kvkk-key-obtained"
"""Where a connection remembers the id of the key that its open transaction has made something with."""
FIRST = "kvkk-key-first"
"""Where it remembers the id of the key that this transaction was the first to use."""
STREAMS = "kvkk-open-streams"
"""Where a connection remembers results that are still being read."""
DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mariadb+pymysql",
    "mariadb": "mariadb+pymysql",
    "sqlite": "sqlite",
}


def parse_url(target: str) -> URL:
    """A file name or a URL, with the driver that ships with us. Raises UsageError `bad-url`, `unknown-engine`."""
    if "://" not in target:
        return URL.create("sqlite", database=str(Path(target).expanduser().absolute()))
    try:
        url = make_url(target)
    except (ArgumentError, ValueError):
        raise UsageError("bad-url") from None
    scheme = url.drivername.split("+")[0]
    if scheme not in DRIVERS:
        raise UsageError("unknown-engine", engine=scheme, allowed=tuple(sorted(DRIVERS)))
    url = url.set(drivername=DRIVERS[scheme])
    if scheme == "sqlite":
        if not url.database or url.database == ":memory:":
            raise UsageError("sqlite-needs-file")
        return URL.create("sqlite", database=str(Path(url.database).expanduser().absolute()))
    return url


class Unit:
    """One open write transaction: its connection, its moment, and the audit entries that commit with it."""

    def __init__(self, conn: Connection, actor: Actor, at: datetime) -> None:
        self.conn = conn
        self.actor = actor
        self.at = at
        self._read: dict[str, Any] = {}
        self.pile = Pile(conn)
        """Writes that wait for the end of the transaction, or for whoever reads them back."""
        self.entries: list[tuple[str, int | None, dict[str, Any]]] = []
        self.messages: list[str] = []
        """Message-IDs of what was queued, to be sent at once after the COMMIT."""
        self.sealed: tuple[int, str] | None = None
        """(seq, hash) of the last audit entry, known once the block is about to commit."""
        self.outside: list[int] = []
        """Rows of tombstones that also belong into the file outside, and that nobody else brings there after the commit."""

    def once(self, name: str, read: Callable[[], Any]) -> Any:
        """What is read once for the whole transaction, whoever asks."""
        if name not in self._read:
            self._read[name] = read()
        return self._read[name]

    def record(self, verb: str, request: int | None = None, **detail: Any) -> None:
        """Buffer an audit entry: numbers, words of ours, names of tables; never a value of a person."""
        self.entries.append((verb, request, detail))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happens inside, its audit entries and messages too, when a KvkkError leaves the block."""
        mark, queued = len(self.entries), len(self.messages)
        self.pile.flush()
        point = self.conn.begin_nested()
        try:
            yield
            self.pile.flush()
        except KvkkError:
            self.pile.clear()
            point.rollback()
            del self.entries[mark:]
            del self.messages[queued:]
            raise
        point.commit()


class Store:
    """An open database. Engines are made on first use; `close` gives every connection back."""

    def __init__(self, url: URL, clock: Callable[[], datetime] = lambda: datetime.now(UTC), wait: float = LOCK_WAIT_S) -> None:
        self.url = url
        self.clock = clock
        self.wait = wait
        """Seconds to wait for somebody else's lock; read when an engine is made. MariaDB knows whole seconds only."""
        self._writer: Engine | None = None
        self._reader: Engine | None = None

    @property
    def name(self) -> str:
        """`sqlite`, `postgresql` or `mariadb` (MySQL included): what SQL has to be written for."""
        backend = self.url.get_backend_name()
        return "mariadb" if backend in ("mysql", "mariadb") else backend

    @property
    def label(self) -> str:
        """The database's name for people: file name, or host/database; never a password."""
        if self.name == "sqlite":
            return Path(self.url.database or "").name
        return f"{self.url.host or 'localhost'}/{self.url.database or ''}"

    @property
    def file(self) -> Path | None:
        """The SQLite file, None on a server."""
        return Path(self.url.database or "") if self.name == "sqlite" else None

    @property
    def writer(self) -> Engine:
        """Engine of write transactions: READ COMMITTED on servers, BEGIN IMMEDIATE on SQLite."""
        if self._writer is None:
            self._writer = make_engine(self.url, self.wait, write=True)
        return self._writer

    @property
    def reader(self) -> Engine:
        """Engine of read snapshots."""
        if self._reader is None:
            self._reader = make_engine(self.url, self.wait, write=False)
        return self._reader

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One read snapshot. Raises Unavailable for whatever the engine cannot do now."""
        try:
            with self.reader.connect() as conn:
                try:
                    yield conn
                finally:
                    _close_streams(conn)
        except (DBAPIError, InvalidRequestError, sqlite3.Error) as error:
            raise translate(error) from None

    @contextmanager
    def writing(self, actor: Actor, seal: Sealer) -> Iterator[Unit]:
        """One write transaction; `seal` appends the buffered audit entries as the last statements before COMMIT.

        Raises Unavailable or Conflict when nothing was changed, OutcomeUnknown when the line was lost at COMMIT.
        """
        try:
            with self.writer.connect() as conn:
                for left in (LOST, OBTAINED, FIRST):
                    conn.info.pop(left, None)
                begun = conn.begin()
                unit = Unit(conn, actor, self.clock())
                yield unit
                unit.pile.flush()
                unit.sealed = seal(unit)
                assert_in_transaction(conn)
                try:
                    begun.commit()
                except (DBAPIError, sqlite3.Error) as error:
                    raise translate_commit(error) from None
        except (DBAPIError, InvalidRequestError, sqlite3.Error) as error:
            raise translate(error) from None

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """An autocommit connection for what cannot run in a transaction (VACUUM, PRAGMA journal_mode, migrations)."""
        try:
            with self.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
                yield conn
        except (DBAPIError, InvalidRequestError, sqlite3.Error) as error:
            raise translate(error) from None

    def writes_beside_readers(self) -> bool:
        """Whether a write commits while somebody reads; not with SQLite's old journal, where it would stop every new reader too."""
        if self.file is None:
            return True
        with self.reading() as conn:
            return str(conn.exec_driver_sql("PRAGMA journal_mode").scalar()) == "wal"

    def close(self) -> None:
        for engine in (self._writer, self._reader):
            if engine is not None:
                engine.dispose()
        self._writer = self._reader = None


def _close_streams(conn: Connection) -> None:
    """A result that was left half read holds SQLite's lock past the end of its transaction: whoever writes next would wait for it."""
    if not conn.closed and not conn.invalidated:
        for result in conn.info.pop(STREAMS, ()):
            result.close()


def assert_in_transaction(conn: Connection) -> None:
    """SQLITE_FULL and MariaDB's deadlock roll back by themselves; committing after that would keep half a change.

    MariaDB begins the next transaction silently, so there the deadlock itself is remembered.
    """
    raw: Any = conn.connection.dbapi_connection
    if conn.dialect.name == "sqlite":
        alive = raw.in_transaction
    elif conn.dialect.name == "postgresql":
        alive = raw.info.transaction_status.name == "INTRANS"
    else:
        alive = LOST not in conn.info
    if not alive:
        raise KvkkError("transaction-lost")
