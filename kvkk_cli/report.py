"""The report file of a run: one line a request, JSON or CSV by the file's name. No personal data: numbers and codes.

A line is on disk before the next page begins, so that the report of a killed run tells what was committed. A new run makes a
new file (0600, never over another one); `--resume` adds to a report, and to no other file. A disk that is full in the middle
stops no run: what the file cannot take is handed back, to be told elsewhere.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from core import UsageError

if TYPE_CHECKING:
    from core import ItemDone

COLUMNS = ("number", "state", "grade", "code")


class Report:
    """Where the lines go; nowhere when no file was asked for."""

    def __init__(self, handle: int | None, *, as_csv: bool) -> None:
        self._handle = handle
        self._csv = as_csv
        self.broken: str | None = None
        """Why the file takes no more lines (ENOSPC, …); it then ends with a whole one."""

    @classmethod
    @contextmanager
    def opened(cls, path: Path | None, *, fresh: bool) -> Iterator[Self]:
        """Raises UsageError `report-…`, `output-folder-missing` before anything is changed."""
        if path is None:
            yield cls(None, as_csv=False)
            return
        as_csv = path.suffix.lower() == ".csv"
        handle = _opened(path, fresh=fresh)
        try:
            _begin(handle, as_csv=as_csv)
        except UsageError:
            os.close(handle)
            if fresh:  # else the next try would find a file
                path.unlink(missing_ok=True)
            raise
        try:
            yield cls(handle, as_csv=as_csv)
        finally:
            os.close(handle)

    def add(self, item: ItemDone) -> str | None:
        """One request, after its COMMIT. Returns its line where the file cannot take it."""
        if self._handle is None:
            return None
        told = {"number": item.number, "state": item.state, "grade": item.grade, "code": item.code}
        line = _row(tuple(told.values())) if self._csv else json.dumps(told) + "\n"
        if self.broken is None:
            try:
                _write(self._handle, line)
                return None
            except UsageError as error:
                self.broken = str(error.facts["kind"])
        return line.rstrip("\n")


def _opened(path: Path, *, fresh: bool) -> int:
    if str(path) == "-" or path.is_dir():
        raise UsageError("report-needs-file")
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_EXCL if fresh else 0)
    try:
        handle = os.open(path, flags, 0o600)
    except FileExistsError:
        raise UsageError("report-exists") from None
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError("output-folder-missing") from None
    except OSError as error:
        raise _unwritable(error) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UsageError("report-needs-file")
    return handle


def _begin(handle: int, *, as_csv: bool) -> None:
    """Lines are added to a report of the same kind alone: a mistyped name must not spoil another file. Raises UsageError."""
    begins = _row(COLUMNS) if as_csv else '{"number": '
    if not os.fstat(handle).st_size:
        _write(handle, begins if as_csv else "")
    elif os.pread(handle, len(begins), 0) != begins.encode("ascii"):
        raise UsageError("report-of-something-else")


def _write(handle: int, line: str) -> None:
    """The whole line or nothing of it. Raises UsageError `report-unwritable`."""
    before, left = os.fstat(handle).st_size, line.encode("utf-8")
    try:
        while left:
            left = left[os.write(handle, left) :]
    except OSError as error:
        os.ftruncate(handle, before)
        raise _unwritable(error) from None


def _unwritable(error: OSError) -> UsageError:
    return UsageError("report-unwritable", kind=errno.errorcode.get(error.errno or 0, type(error).__name__))


def _row(cells: tuple[object, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(["" if cell is None else cell for cell in cells])
    return text.getvalue()
