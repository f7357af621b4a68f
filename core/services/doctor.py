"""What `kvkk doctor` asks: each check answers with findings or nothing, and changes nothing."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from core.adapters import mailcheck
from core.errors import KvkkError
from core.model.records import Actor, Finding, Role
from core.store import chain, consentcheck, keycheck, migrate, scrubcheck, setups, staff, staffcheck, stonecheck

if TYPE_CHECKING:
    from core.services.context import Context

UNSAFE_ENGINES = ("MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE")
"""Engines of MariaDB that ignore ROLLBACK."""
SECURE_DELETE = {0: "off", 1: "on", 2: "fast"}
NAMED_MOST = 10

Check = Callable[["Context"], Iterator[Finding]]
"""One question."""


def findings(context: Context, actor: Actor) -> tuple[Finding, ...]:
    """Every finding, in a fixed order. Raises Unavailable when the database cannot be opened."""
    with context.reading() as conn:
        found = migrate.state(conn)
    schema = Finding(f"schema-{found}", "ok" if found == "current" else "error")
    checks: tuple[Check, ...] = (*EVERYWHERE, partial(_setup, actor), *(INITIALISED if found == "current" else ()))
    # One broken thing may stop two checks: it is told once.
    return tuple(dict.fromkeys((schema, *(finding for check in checks for finding in _run(check, context)))))


def _run(check: Check, context: Context) -> Iterator[Finding]:
    try:
        yield from check(context)
    except KvkkError as error:
        yield Finding(error.code, "error", tuple(error.facts.items()))


def _integrity(context: Context) -> Iterator[Finding]:
    if context.store.file is None:
        return
    with context.reading() as conn:
        said = conn.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    # SQLite's own sentence may quote a row: only whether it is whole is told.
    yield Finding("integrity-ok", "ok") if said == "ok" else Finding("database-damaged", "error")


def _sqlite_modes(context: Context) -> Iterator[Finding]:
    if context.store.file is None:
        return
    with context.store.alone() as conn:
        journal = str(conn.exec_driver_sql("PRAGMA journal_mode").scalar())
        secure = int(conn.exec_driver_sql("PRAGMA secure_delete").scalar() or 0)
    yield Finding("journal-mode", "ok" if journal == "wal" else "note", (("mode", journal),))
    yield Finding("secure-delete", "ok" if secure == 1 else "warning", (("mode", SECURE_DELETE.get(secure, "off")),))


def _permissions(context: Context) -> Iterator[Finding]:
    file = context.store.file
    if file is None:
        return
    for name in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        if name.exists() and name.stat().st_mode & stat.S_IRWXO:
            mode = f"{stat.S_IMODE(name.stat().st_mode):04o}"
            yield Finding("file-open-to-others", "warning", (("file", name.name), ("mode", mode)))


def _mariadb_engines(context: Context) -> Iterator[Finding]:
    if context.store.name != "mariadb":
        return
    query = "SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'"
    with context.reading() as conn:
        bad = sorted(name for name, engine in conn.execute(text(query)) if engine in UNSAFE_ENGINES)
    if bad:
        yield Finding("tables-ignore-rollback", "error", (("tables", tuple(bad[:NAMED_MOST])), ("count", len(bad))))


def _key_file(context: Context) -> Iterator[Finding]:
    with context.reading() as conn:
        yield from keycheck.findings(conn, context.keyring, context.today(conn))


def _chain(context: Context) -> Iterator[Finding]:
    watch = context.watch()
    with context.reading() as conn:
        verified = chain.verify(conn, context.keyring.held(), None, context.clock(), watch)
    yield Finding("audit-ok", "ok", (("entries", verified.entries),))
    if verified.unchecked:
        yield Finding("audit-unchecked", "note", (("count", verified.unchecked),))
    if verified.unsigned:
        yield Finding("audit-unsigned", "warning")


def _tombstones(context: Context) -> Iterator[Finding]:
    yield from stonecheck.place(context.stones, context.store.file)
    reading = context.stones.read(context.keyring.if_present)
    with context.reading() as conn:
        yield from stonecheck.content(conn, reading)


def _data_map(context: Context) -> Iterator[Finding]:
    atlas = context.atlas
    with context.reading() as conn:
        triggers = atlas.proof(conn).triggers
    yield Finding("map-ok", "ok", (("map", atlas.map.name), ("tables", len(atlas.map.tables))))
    if triggers:
        named = tuple(f"{trigger} ({table})" for trigger, table in triggers)
        yield Finding("triggers", "warning", (("triggers", named[:NAMED_MOST]), ("count", len(named))))


def _consent(context: Context) -> Iterator[Finding]:
    with context.reading() as conn:
        yield from consentcheck.of_texts(conn, context.settings)


def _view(context: Context) -> Iterator[Finding]:
    with context.reading() as conn:
        yield from consentcheck.of_view(conn, context.atlas)


def _scrub(context: Context) -> Iterator[Finding]:
    with context.reading() as conn:
        yield from scrubcheck.findings(conn, context.store, context.settings.reader(conn))


def _mail(context: Context) -> Iterator[Finding]:
    with context.reading() as conn:
        setting = context.settings.reader(conn)
    yield from mailcheck.findings(setting)


def _setup(actor: Actor, context: Context) -> Iterator[Finding]:
    """For one person or for several: by the file's mode, or by the login's rights."""
    with context.reading() as conn:
        there = staff.is_there(conn)
        registered = staff.count(conn, Role.VIEWER) if there else 0
        if context.store.file is not None:
            yield from setups.of_file(context.store.file, context.keyring.path, actor, registered)
        elif there:
            yield from setups.of_login(conn, actor, staff.role_of(conn, actor) or Role.VIEWER, registered)


def _staff(context: Context) -> Iterator[Finding]:
    with context.reading() as conn:
        setting = context.settings.reader(conn)
        yield from staffcheck.findings(conn, setting, context.clock(), here=context.store.file is not None)


def _command(_: Context) -> Iterator[Finding]:
    found = shutil.which("kvkk")
    ours = (Path(sys.prefix) / "bin" / "kvkk", Path(sys.argv[0]) if sys.argv else Path())
    if found is None:
        yield Finding("command-not-on-path", "note")
    elif not any(name.exists() and Path(found).resolve() == name.resolve() for name in ours):
        yield Finding("command-is-another", "warning", (("path", found),))
    else:
        yield Finding("command-ok", "ok", (("path", found),))


EVERYWHERE: tuple[Check, ...] = (_integrity, _sqlite_modes, _permissions, _mariadb_engines)
INITIALISED: tuple[Check, ...] = (
    _key_file,
    _tombstones,
    _chain,
    _data_map,
    _consent,
    _view,
    _scrub,
    _mail,
    _staff,
    _command,
)
