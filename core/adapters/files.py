"""Files that appear whole or not at all.

`Atomic` writes beside the target and gives the file its name last: temporary file (random name, O_EXCL|O_NOFOLLOW, 0600),
fsync, link (a file that appeared meanwhile is not overwritten) or rename (where overwriting was asked for), fsync of the
folder. The folder is opened once and every step is taken relative to it, so that nobody can put another folder in its
place. A crash leaves only a temporary file, which `sweep` removes once its writer is gone.

Refuses a target that exists, is no regular file or stands in a folder that cannot be written. No error names the path.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from core.errors import KvkkError, Unavailable, UsageError

TEMPORARY = ".kvkk-"
SUFFIX = ".part"
BUFFER = 1 << 18
LEFTOVER_AFTER_S = 60
"""A younger temporary file may belong to a writer that has not locked it yet."""
NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})
"""What file systems without hard links (FAT, some network ones) answer to link()."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def default_name(day: date, ending: str = "xml") -> str:
    """`kvkk-export-20261123-5f0a….xml`: never made from data."""
    return f"kvkk-export-{day:%Y%m%d}-{secrets.token_hex(6)}.{ending}"


def told(error: OSError) -> KvkkError:
    """What a failure of the file system means, by its number; its text may hold a path."""
    if error.errno in FULL:
        return Unavailable("disk-full")
    if error.errno in READ_ONLY:
        return UsageError("output-folder-read-only")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return UsageError("output-folder-missing")
    if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
        return UsageError("output-name")
    if error.errno == errno.EEXIST:
        return UsageError("output-exists")
    return Unavailable("output-failed", kind=errno.errorcode.get(error.errno or 0, type(error).__name__))


class Atomic:
    """`with Atomic(path) as file: …; target.keep(); …`: the file keeps its name only if nothing fails until the block ends.

    Raises UsageError `output-exists`, `output-not-a-file`, `output-folder-missing`, `output-folder-read-only`,
    `output-name`, Unavailable `disk-full`, `output-failed`; an OSError in the block becomes one of these.
    """

    def __init__(self, target: Path, *, overwrite: bool = False) -> None:
        self.target = target.absolute()
        self._overwrite = overwrite
        self._name = self.target.name
        self._beside = f"{TEMPORARY}{secrets.token_hex(12)}{SUFFIX}"
        self._folder = -1
        self._file: BinaryIO | None = None
        self._identity = (0, 0)
        self._kept = False

    def check(self) -> None:
        """Refuse what can be refused before anything is done."""
        try:
            mode = self.target.lstat().st_mode
        except FileNotFoundError:
            if not self.target.parent.is_dir():
                raise UsageError("output-folder-missing") from None
        except ValueError:  # a NUL in the name
            raise UsageError("output-name") from None
        except OSError as error:
            raise told(error) from None
        else:
            if not stat.S_ISREG(mode):  # a device, a pipe or a link is never replaced: root would lose /dev/null
                raise UsageError("output-not-a-file")
            if not self._overwrite:
                raise UsageError("output-exists")
        if not os.access(self.target.parent, os.W_OK | os.X_OK):
            raise UsageError("output-folder-read-only")

    def __enter__(self) -> BinaryIO:
        self.check()
        try:
            self._folder = os.open(self.target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            handle = os.open(self._beside, flags, 0o600, dir_fd=self._folder)
        except OSError as error:
            self._shut()
            raise told(error) from None
        self._file = os.fdopen(handle, "wb", BUFFER)
        with suppress(OSError):  # a file system without locks: `sweep` cannot tell there, and leaves the file alone
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        about = os.fstat(handle)
        self._identity = (about.st_dev, about.st_ino)
        return self._file

    def keep(self) -> None:
        """Give the file its name. Whoever looks sees the old state or the whole file, also after a crash."""
        self.sync()
        self.name()
        self.sync_folder()

    def sync(self) -> None:
        """The first step of `keep`: every byte is on the disk."""
        file = self._opened()
        file.flush()
        os.fsync(file.fileno())

    def name(self) -> None:
        """The second: the file has its name."""
        if self._overwrite:
            self._rename()
        else:
            self._link()
        self._kept = True

    def sync_folder(self) -> None:
        """The third: the name is on the disk."""
        _sync(self._folder)

    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise RuntimeError("Atomic is used in a with statement")
        return self._file

    def _rename(self) -> None:
        os.rename(self._beside, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def _link(self) -> None:
        try:
            os.link(self._beside, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder, follow_symlinks=False)
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            self._claim()
            self._rename()
        else:
            os.unlink(self._beside, dir_fd=self._folder)

    def _claim(self) -> None:
        """Take the name with an empty file, which is then replaced: without hard links a crash between leaves it empty."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(self._name, flags, 0o600, dir_fd=self._folder))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError):  # a buffer that no longer fits the disk
            self._opened().close()
        if error is not None or not self._kept:
            self._remove(self._beside)
            self._remove(self._name)
        self._shut()
        if isinstance(error, OSError):
            raise told(error) from None

    def _remove(self, name: str) -> None:
        """Take a name away, if it is still our file that bears it. What an overwrite replaced does not come back."""
        with suppress(OSError):
            about = os.stat(name, dir_fd=self._folder, follow_symlinks=False)
            if (about.st_dev, about.st_ino) == self._identity:
                os.unlink(name, dir_fd=self._folder)

    def _shut(self) -> None:
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1


def _sync(folder: int) -> None:
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno != errno.EINVAL:  # file systems that cannot sync a folder say so with EINVAL
            raise


def sweep(folder: Path, older_s: float = LEFTOVER_AFTER_S) -> int:
    """Remove our temporary files whose writer is gone; returns how many. Never an error: leftovers are swept next time.

    `older_s` 0 is for who goes on where a writer was killed a moment ago, in a folder of its own.
    """
    removed = 0
    with suppress(OSError), os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(TEMPORARY) and entry.name.endswith(SUFFIX)]
        for name in names:
            removed += _sweep_one(folder / name, older_s)
    return removed


def _sweep_one(path: Path, older_s: float) -> bool:
    """A file of ours, old enough, that nobody holds a lock on."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid() or time.time() - about.st_mtime < older_s:
            return False
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
