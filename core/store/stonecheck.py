"""What `doctor` says of the tombstone file: its place, whether it is whole, and whether it and the table agree."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.records import Finding
from core.store import meta, tombstones

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.stonefile import StoneFile
    from core.store.stonelines import Reading

NAMED_MOST = 5


def place(file: StoneFile, database: Path | None) -> Iterator[Finding]:
    """Who may read and write it, and whether a restore takes it back together with the database."""
    path = str(file.path)
    if not file.is_writable():
        yield Finding("tombstones-not-writable", "warning", (("path", path),))
    mode = file.path.stat().st_mode if file.path.exists() else 0
    if mode & stat.S_IRWXO:
        yield Finding("tombstones-open-to-others", "warning", (("path", path), ("mode", f"{stat.S_IMODE(mode):04o}")))
    if database is not None and database.resolve().parent == file.path.resolve().parent:
        yield Finding("tombstones-beside-database", "note", (("path", path),))


def content(conn: Connection, reading: Reading) -> Iterator[Finding]:
    """`reading` was made before this snapshot was: what it knows and the table does not was lost by a restore."""
    path, known = str(reading.path), reading.stones(meta.read(conn, "origin"))
    kept = {stone.uid for _, stone in tombstones.every(conn)}
    lost = [stone for uid, stone in known.items() if uid not in kept]
    if lost:
        day = min(stone.at for stone in lost).astimezone(UTC).date().isoformat()
        yield Finding("tombstones-lost", "error", (("path", path), ("count", len(lost)), ("day", day)))
    if reading.problems:
        line, why = reading.problems[0]
        yield Finding("tombstones-edited", "error", (("path", path), ("line", line), ("why", why)))
    if reading.keyless:
        keys, count = tuple(reading.keyless)[:NAMED_MOST], sum(reading.keyless.values())
        yield Finding("tombstones-keyless", "warning", (("path", path), ("count", count), ("keys", keys)))
    if behind := len(kept - known.keys()):
        yield Finding("tombstones-behind", "warning", (("path", path), ("count", behind)))
    elif not (lost or reading.problems):
        code = "tombstones-ok" if kept else "tombstones-not-needed-yet"
        yield Finding(code, "ok", (("path", path), ("count", len(kept))))
