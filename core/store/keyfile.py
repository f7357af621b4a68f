"""The file of the keys on the disk: one key a line as 64 hex digits, the newest last. Read, made, and replaced whole.

Promises: at every moment the file holds all keys of before or all keys of after; it keeps its owner, group and mode; what a
kill leaves behind beside it is swept by the next who writes. Whoever writes holds a lock on the folder, so that two who add a
key to one file both find theirs in it. Refusals are KeyFileErrors that name the file.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import KeyFileError, KvkkError, Unavailable

KEY_BYTES = 32
KEYS_MOST = 100
"""Keys in one file; a file with more was not written here."""
SHUT = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP
"""Permissions that a key file may not have; its group may read it (several members of staff, one group)."""
Mark = tuple[int, int, int, int]
"""Tells one state of the file from another: device, inode, size, moment of the last change."""
_LINE = re.compile(rb"[0-9a-fA-F]{%d}" % (KEY_BYTES * 2))


def mark(path: Path) -> Mark | None:
    """The state of the file now; None where there is none."""
    try:
        return _mark(os.stat(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyFileError("key-file-unreadable", path=str(path), kind=type(error).__name__) from None


def read(path: Path) -> tuple[tuple[bytes, ...], Mark | None]:
    """(keys, oldest first, the state that was read); no keys where there is no file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return (), None
    except OSError as error:
        raise KeyFileError("key-file-unreadable", path=str(path), kind=type(error).__name__) from None
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise KeyFileError("key-file-damaged", path=str(path))
        if found.st_mode & SHUT:
            raise KeyFileError("key-file-open-to-others", path=str(path), mode=f"{stat.S_IMODE(found.st_mode):04o}")
        text = os.read(handle, KEYS_MOST * (KEY_BYTES * 2 + 2) + 1)
    finally:
        os.close(handle)
    lines = text.split()
    if not 0 < len(lines) <= KEYS_MOST or not all(_LINE.fullmatch(line) for line in lines):
        raise KeyFileError("key-file-damaged", path=str(path))
    return tuple(dict.fromkeys(bytes.fromhex(line.decode("ascii")) for line in lines)), _mark(found)


def make(path: Path, raw: bytes) -> bool:
    """A new file with one key, for its owner only; False when somebody else was first."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(path):
            beside = _beside(path, (raw,))
            try:
                os.link(beside, path, follow_symlinks=False)
            except FileExistsError:
                return False
            finally:
                beside.unlink()
            _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    return True


def change(path: Path, new: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> None:
    """The file holds what `new` makes of its keys from now on; it must be there, and one key must stay."""
    try:
        real = path.resolve(strict=True)  # where the name is a link it stays one
        with _locked(real):
            before, _ = read(real)
            after = new(before)
            if not 0 < len(after) <= KEYS_MOST:
                raise KeyFileError("key-file-full", path=str(path), most=KEYS_MOST)
            if after != before:
                beside = _beside(real, after, like=os.stat(real))
                os.replace(beside, real)
                _sync_folder(real.parent)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> KvkkError:
    """A full disk is the machine's fault and goes away; everything else is in the set-up."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable("key-file-no-room", path=str(path))
    return KeyFileError("key-file-unwritable", path=str(path), kind=errno.errorcode.get(error.errno or 0, type(error).__name__))


def _beside(path: Path, keys: tuple[bytes, ...], like: os.stat_result | None = None) -> Path:
    """A synced file beside `path`, with the owner, group and mode of `like`; nothing is left of one that fails."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(b"".join(raw.hex().encode("ascii") + b"\n" for raw in keys))
            file.flush()
            if like is not None:
                _dress(file.fileno(), like)
            os.fsync(file.fileno())
    except OSError:
        beside.unlink()
        raise
    return beside


def _dress(handle: int, like: os.stat_result) -> None:
    """Owner, group and mode; whoever may not give the file to its group must not lock that group out: OSError."""
    mine = os.fstat(handle)
    if mine.st_uid != like.st_uid and os.geteuid() == 0:
        os.fchown(handle, like.st_uid, -1)
    if mine.st_gid != like.st_gid and like.st_mode & stat.S_IRGRP:
        os.fchown(handle, -1, like.st_gid)
    os.fchmod(handle, stat.S_IMODE(like.st_mode))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The only one who writes in this folder on this host; what kills have left behind is swept."""
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        leftover = re.compile(re.escape(f".{path.name}.") + "[0-9a-f]{16}")
        for name in os.listdir(path.parent):
            if leftover.fullmatch(name):
                path.with_name(name).unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mark(found: os.stat_result) -> Mark:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
