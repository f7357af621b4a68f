"""The report file of a run: one line a request, JSON or CSV by the file's name. No personal data: numbers and codes.

A line is on disk before the next page begins, so that the report of a killed run tells what was committed. A new run makes a
new file (0600, never over another one); `--resume` adds to it.
"""

from __future__ import annotations

import csv
import io
import json
import os
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

    @classmethod
    @contextmanager
    def opened(cls, path: Path | None, *, fresh: bool) -> Iterator[Self]:
        """Raises UsageError `output-exists`, `output-folder-missing`, `output-folder-read-only` before anything is changed."""
        if path is None:
            yield cls(None, as_csv=False)
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_EXCL if fresh else 0)
        try:
            handle = os.open(path, flags, 0o600)
        except FileExistsError:
            raise UsageError("output-exists") from None
        except (FileNotFoundError, NotADirectoryError):
            raise UsageError("output-folder-missing") from None
        except OSError:
            raise UsageError("output-folder-read-only") from None
        report = cls(handle, as_csv=path.suffix.lower() == ".csv")
        try:
            if report._csv and not os.fstat(handle).st_size:
                report._write(_row(COLUMNS))
            yield report
        finally:
            os.close(handle)

    def add(self, item: ItemDone) -> None:
        """One request, after its COMMIT."""
        if self._handle is None:
            return
        told = {"number": item.number, "state": item.state, "grade": item.grade, "code": item.code}
        self._write(_row(tuple(told.values())) if self._csv else json.dumps(told) + "\n")

    def _write(self, line: str) -> None:
        if self._handle is not None:
            os.write(self._handle, line.encode("utf-8"))


def _row(cells: tuple[object, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(["" if cell is None else cell for cell in cells])
    return text.getvalue()
