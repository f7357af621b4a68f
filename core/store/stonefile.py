"""Tombstones outside the database: one append-only file, one canonical JSON object a line (core/store/stonelines.py).

Promises: a line that is there is never changed; lines come whole, in one write that is synced, behind whatever a broken write
left; who has no key can neither edit, add, remove nor swap a line unseen; each names a checkpoint of the audit chain, by which
a restored database is recognised. Only the end can be cut unseen: the table knows what is missing then, and `sync` appends it.

A file is one host's: several hosts have several, each of which is brought up to the whole table, so that any one is enough.
It is opened for appending only, so that the file system may hold it to that (`chattr +a`).
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Unavailable
from core.model.tombstone import canonical
from core.store import chain, tombstones
from core.store.stonelines import GENESIS, Keys, Line, Reading, judge, write_line

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.records import Checkpoint
    from core.model.tombstone import Tombstone
    from core.store.keyring import Key

TAIL = 1 << 16
"""Bytes at the end in which the last line is looked for."""
SHORT_TAIL = 1 << 13
"""Enough for the last line nearly always: to prove every line of a long end costs more than all else that a resolution computes."""
LINE_MOST = 1 << 16
LOCK_S = 10
PAUSE_S = 0.02
HEARTBEAT_S = 86400
"""So often a line without a tombstone says how far the audit chain has come, when it has."""
GROUP_MAY = stat.S_IRGRP | stat.S_IWGRP


@dataclass(slots=True)
class _Known:
    """What the file says already."""

    mac: str = GENESIS
    """What the next line names."""
    uids: set[str] = field(default_factory=set)
    since: int | None = None
    """Rows after this one are new to it; None: every row has to be compared."""
    newest: Line | None = None


class StoneFile:
    """The file of this host. `key_file` says who may read it: whoever may use the key may append too."""

    def __init__(self, path: Path, key_file: Path) -> None:
        self.path = path
        self._key_file = key_file

    def read(self, keys: Keys) -> Reading:
        """Every line, judged. A missing file is an empty one. Raises Unavailable `tombstones-unreadable`."""
        return read(self.path, keys)

    def sync(self, conn: Connection, key: Key, keys: Keys, at: datetime, *, own: Sequence[int] = (), whole: bool = False) -> int:
        """Append what the table knows and the file does not; returns how many lines.

        Quick unless `whole`: rows that came after the last line's, and the rows `own` that the caller has just committed.
        Raises Unavailable `tombstones-unwritable`, `tombstones-locked`.
        """
        top = tombstones.top(conn)
        try:
            if not top and not self.path.exists():
                return 0
            with self._locked() as handle:
                return self._append(handle, conn, key, keys, at, own, top, whole=whole)
        except OSError as error:
            raise Unavailable("tombstones-unwritable", path=str(self.path), kind=type(error).__name__) from None

    def is_writable(self) -> bool:
        """Whether a line could be appended now, or the file be made."""
        if self.path.exists():
            return self.path.is_file() and os.access(self.path, os.R_OK | os.W_OK)
        folder = next(one for one in self.path.parents if one.exists())
        return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)

    def _append(
        self, handle: int, conn: Connection, key: Key, keys: Keys, at: datetime, own: Sequence[int], top: int, *, whole: bool
    ) -> int:
        end = chain.anchor(conn, at)
        for length in (SHORT_TAIL, TAIL):
            known = self._known(handle, key, keys, end.origin, top, None if whole else length)
            rows = tombstones.every(conn) if known.since is None else tombstones.after(conn, known.since, own)
            fresh = [(row, one) for row, one in rows if one.uid not in known.uids]
            if known.since is None or not _perhaps_there(handle, fresh):
                break
        lines, mac = [], known.mac
        for place, (row, stone) in enumerate(fresh, 1):
            # If the write breaks off behind a line, this is how far the file has come.
            upto = top if place == len(fresh) else max(row, known.since or 0)
            line, mac = write_line(key, mac, end, at, upto, stone)
            lines.append(line)
        if whole and not fresh and _is_due(known.newest, end, at):
            lines.append(write_line(key, mac, end, at, top, None)[0])
        if lines:
            _write(handle, b"".join(lines))
        return len(lines)

    def _known(self, handle: int, key: Key, keys: Keys, origin: str, top: int, length: int | None) -> _Known:
        """The last bytes of the file, or all of it where they do not tell enough: another database, or one that was restored."""
        size = os.fstat(handle).st_size
        for most in () if length is None else dict.fromkeys((length, TAIL)):
            tail = Reading(self.path)
            judge(tail, _raw(handle, max(0, size - most)), lambda wanted: key if wanted == key.id else None, middle=size > most)
            last = tail.newest(origin)
            if last is not None and last.mac == tail.mac and last.upto <= top:
                return _Known(tail.mac, set(tail.stones()), last.upto)
        everything = Reading(self.path)
        judge(everything, _raw(handle, 0), keys)
        return _Known(everything.mac, set(everything.stones(origin)), None, everything.newest(origin))

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, open for appending and ours alone. Raises OSError, Unavailable `tombstones-locked`."""
        handle = self._opened()
        try:
            until = time.monotonic() + LOCK_S
            while not _lock(handle):
                if time.monotonic() > until:
                    raise Unavailable("tombstones-locked", path=str(self.path))
                time.sleep(PAUSE_S)
            yield handle
        finally:
            os.close(handle)

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(self.path, flags | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            handle = os.open(self.path, flags)
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                os.close(handle)
                raise Unavailable("tombstones-unwritable", path=str(self.path), kind="NotAFile") from None
            return handle
        self._share(handle)
        _sync_folder(self.path.parent)
        return handle

    def _share(self, handle: int) -> None:
        """A key that a group may read is several people's: each of them has to append."""
        with suppress(OSError):
            about = self._key_file.stat()
            if about.st_mode & stat.S_IRGRP:
                os.fchown(handle, -1, about.st_gid)
                os.fchmod(handle, 0o600 | GROUP_MAY)


def read(path: Path, keys: Keys) -> Reading:
    """Every line of a file, judged. A missing file is an empty one. Raises Unavailable `tombstones-unreadable`."""
    found = Reading(path)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return found
    except OSError as error:
        raise Unavailable("tombstones-unreadable", path=str(path), kind=type(error).__name__) from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Unavailable("tombstones-unreadable", path=str(path), kind="NotAFile")
        judge(found, _raw(handle, 0), keys)
    finally:
        os.close(handle)
    return found


def _is_due(last: Line | None, end: Checkpoint, at: datetime) -> bool:
    """Whether it is time for a line that only says how far the chain has come."""
    return last is not None and end.seq > last.seq and (at - last.at).total_seconds() >= HEARTBEAT_S


def _perhaps_there(handle: int, fresh: Sequence[tuple[int, Tombstone]]) -> bool:
    """Whether the text of any of these stands near the end, proven or not: another process may have been quicker."""
    end = os.pread(handle, TAIL, max(0, os.fstat(handle).st_size - TAIL))
    return any(canonical(one.to_data()).encode("ascii") in end for _, one in fresh)


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _raw(handle: int, start: int) -> Iterator[bytes | None]:
    """Lines without their newlines; None for one that is longer than any of ours. From inside the file: from the next line on."""
    with os.fdopen(os.dup(handle), "rb") as file:
        file.seek(max(0, start - 1))
        if start:
            file.readline()
        while text := file.readline(LINE_MOST):
            whole = text.endswith(b"\n")
            while not whole and (more := file.readline(LINE_MOST)):
                text, whole = b"", more.endswith(b"\n")
            yield text[:-1] if text and whole else None


def _write(handle: int, text: bytes) -> None:
    """In one write where the system lets us; a line that broke off before gets its end first."""
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":
        text = b"\n" + text
    while text:
        text = text[os.write(handle, text) :]
    os.fsync(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
