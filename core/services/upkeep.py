"""Set-up and upkeep: our tables are made and upgraded, and `doctor` says what it finds.

`init` creates nothing that exists: run twice it says so. It is the only verb that makes a database file, and only one that
is wholly made or not there at all.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from core.adapters.files import NO_HARD_LINKS
from core.errors import KvkkError, Unavailable, UsageError
from core.model.records import Actor, Finding, Initialised, Role
from core.services.gate import needs
from core.store import accessview, meta, migrate
from core.store.atlas import Atlas
from core.store.engine import Store
from core.store.faults import translate

if TYPE_CHECKING:
    from core.model.datamap import DataMap
    from core.services.context import Context

EMBEDDED_MAP = "sample"
"""The map of the schema that `init` gives a database it makes itself."""
WAL_PAUSE_S = 0.05


class Upkeep:
    """`kvkk init`, `kvkk upgrade`, `kvkk doctor`."""

    def __init__(
        self,
        context: Context,
        company_schema: Callable[[Engine], None] | None = None,
        read_map: Callable[[str], DataMap] | None = None,
        examine: Callable[[Actor], tuple[Finding, ...]] | None = None,
    ) -> None:
        self._context = context
        self._company_schema = company_schema
        self._read_map = read_map
        self._examine = examine

    @needs(Role.ADMIN)
    def init(self, actor: Actor, map_ref: str | None = None) -> Initialised:
        """Make our tables; a missing SQLite file is made with them. `map_ref` is remembered. Raises Unavailable, MapError."""
        if map_ref is not None and self._read_map is not None:
            self._read_map(map_ref)  # before the first side effect: a map that cannot be read is not remembered
        file = self._context.store.file
        if file is None or file.exists():
            return self._set_up(actor, map_ref, made_file=False)
        if self._company_schema is None:
            raise Unavailable("database-missing", kind="FileNotFoundError")
        beside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        try:
            done = self._make(actor, beside, map_ref or EMBEDDED_MAP, self._company_schema)
            _publish(beside, file)
        except FileExistsError:  # somebody else made one meanwhile: theirs counts
            return self._set_up(actor, map_ref, made_file=False)
        except OSError as error:
            raise Unavailable("database-cannot-be-made", kind=type(error).__name__) from None
        finally:
            _remove(beside)
        return replace(done, database=self._context.store.label)

    def _make(self, actor: Actor, file: Path, map_ref: str, schema: Callable[[Engine], None]) -> Initialised:
        """A whole database under a name that nobody knows: half of one never stands under its own, whatever kills us."""
        _touch(file)
        store = Store(self._context.store.url.set(database=str(file)), self._context.clock, self._context.store.wait)
        try:
            _translated(schema, store.writer)
            done = Upkeep(replace(self._context, store=store), read_map=self._read_map)._set_up(actor, map_ref, made_file=True)
            with store.alone() as conn:
                conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            store.close()
        return done

    @needs(Role.ADMIN)
    def upgrade(self, actor: Actor) -> Initialised:
        """Bring our tables up to date. Raises UsageError `not-initialised`, Unavailable `schema-newer`."""
        with self._context.reading() as conn:
            if migrate.state(conn) == "none":
                raise UsageError("not-initialised")
        return self._set_up(actor, None, made_file=False)

    @needs(Role.VIEWER)
    def doctor(self, actor: Actor) -> tuple[Finding, ...]:
        """Everything that can be said of the set-up. Raises Unavailable when the database cannot be opened at all."""
        return self._examine(actor) if self._examine is not None else ()

    def _set_up(self, actor: Actor, map_ref: str | None, *, made_file: bool) -> Initialised:
        store = self._context.store
        if store.file is not None:
            _use_wal(store)
        before = migrate.upgrade(store)
        with self._context.reading() as conn:
            known = meta.read(conn, "map")
        wanted = map_ref if map_ref is not None else known
        if before != "current" or wanted != known:
            with self._context.writing(actor) as unit:
                if wanted is not None:
                    meta.write(unit.conn, "map", wanted)
                verb = "init" if before == "none" else "upgrade" if before == "old" else "map"
                # Only whether: the file name of a map is the company's own word and need not stand here for ever.
                unit.record(verb, None, schema=migrate.REVISIONS[-1], map=wanted is not None)
        return Initialised(store.label, before, made_file, wanted, self._view(wanted))

    def _view(self, map_ref: str | None) -> Finding | None:
        """Make the view of the access gate anew; what stands in its way is told and stops nothing else."""
        if map_ref is None or self._read_map is None:
            return Finding("view-needs-map", "warning")
        try:
            accessview.make(self._context.store, Atlas(self._read_map(map_ref), self._context.store.name))
        except KvkkError as error:
            return Finding(error.code, "warning", tuple(error.facts.items()))
        return None


def _translated(schema: Callable[[Engine], None], engine: Engine) -> None:
    """The company's tables are made outside a unit of work. Raises Unavailable (a full disk, for one)."""
    try:
        schema(engine)
    except DBAPIError as error:
        raise translate(error) from None


def _publish(beside: Path, file: Path) -> None:
    """Give a whole file its name, unless somebody has taken it meanwhile. Raises OSError, FileExistsError among them."""
    try:
        os.link(beside, file, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        _touch(file)
        os.replace(beside, file)


def _use_wal(store: Store) -> None:
    """SQLite changes its journal only while nobody else has the file open, and does not wait for that by itself."""
    until = time.monotonic() + store.wait
    while True:
        try:
            with store.alone() as conn:
                if conn.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
                    conn.exec_driver_sql("PRAGMA journal_mode=WAL")
                return
        except Unavailable as error:
            if error.code != "database-locked" or time.monotonic() > until:
                raise
        time.sleep(WAL_PAUSE_S)


def _touch(file: Path) -> None:
    """An empty file that only its owner can read. Raises Unavailable when the folder does not let us."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Unavailable("database-cannot-be-made", kind=type(error).__name__) from None


def _remove(file: Path) -> None:
    for name in (file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        name.unlink(missing_ok=True)
