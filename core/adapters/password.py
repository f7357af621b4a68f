"""A password from the first line of a file that not every user may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from core.errors import UsageError

LINE_MOST = 4096


def read_password(path: Path) -> str:
    """The first line. Raises UsageError `password-file-missing`, `password-file-unreadable`, `password-file-open-to-others`."""
    try:
        with open(path, encoding="utf-8", opener=_patiently) as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise UsageError("password-file-unreadable", path=str(path))
            if mode & stat.S_IRWXO:
                raise UsageError("password-file-open-to-others", path=str(path))
            return opened.readline(LINE_MOST).rstrip("\r\n")
    except FileNotFoundError:
        raise UsageError("password-file-missing", path=str(path)) from None
    except (OSError, UnicodeDecodeError):
        raise UsageError("password-file-unreadable", path=str(path)) from None


def _patiently(path: str, flags: int) -> int:
    """A pipe that nobody writes to must not hold us up."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
