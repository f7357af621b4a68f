"""The list of what a run of exports has written: `manifest.jsonl` in its folder, one line a customer.

    {"run": "5f0a3c1e", "format": "xml"}                                       the first line
    {"key": "77", "file": "kvkk-export-….xml", "rows": 33, "bytes": …, "sha256": …}
    {"place": 3, "error": "customer-not-found"}                                the third one that was named

The lines of a page of customers are on disk before the next page begins, so a killed run loses at most the lines of one page, whose
files are then written again. The file holds keys of customers and is readable by its owner alone; it appears with its first line, and
one process writes in it. Refused: a manifest of another run, or one that is no manifest.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.adapters.files import Atomic, told
from core.errors import Conflict, NotFound, UsageError

NAME = "manifest.jsonl"
Line = dict[str, Any]


def written(key: str, file: str, rows: int, size: int, sha256: str) -> Line:
    """The line of a customer whose file is there."""
    return {"key": key, "file": file, "rows": rows, "bytes": size, "sha256": sha256}


def refused(place: int, code: str) -> Line:
    """The line of one who could not be written, by the place in the list: how the customer was named may be an address."""
    return {"place": place, "error": code}


class Manifest:
    """`with Manifest(folder, run, form, resume=False) as book: …; book.add([written(key, …)])`."""

    def __init__(self, folder: Path, run: str, form: str, *, resume: bool) -> None:
        self._path = folder / NAME
        self._head: Line = {"run": run, "format": form}
        self._resume = resume
        self._handle = -1
        self.done: set[str] = set()
        """Keys of the customers that are written."""
        self._refused: set[tuple[int, str]] = set()
        """(place, code) of those that an earlier try has refused: once is enough."""

    def __enter__(self) -> Self:
        """Raises UsageError `manifest-exists`, `manifest-damaged`, `output-…`, NotFound `manifest-missing`, `manifest-of-another`,
        Conflict `manifest-in-use`, Unavailable `disk-full`."""
        if not self._resume:
            self._begin()
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise NotFound("manifest-missing") from None
        except OSError as error:
            raise told(error) from None
        try:
            self._lock()
            self._read()
        except BaseException:
            os.close(self._handle)
            raise
        return self

    def _begin(self) -> None:
        """The file with its first line, or none: an empty one would keep every other run out of the folder."""
        try:
            place = Atomic(self._path)
            with place as file:
                file.write(_lines(self._head))
                place.keep()
        except UsageError as error:
            raise (UsageError("manifest-exists") if error.code == "output-exists" else error) from None

    def _lock(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("manifest-in-use") from None
        except OSError:  # a file system without locks
            return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._handle)

    def add(self, lines: Iterable[Line]) -> None:
        """What became of some customers. Raises Unavailable `disk-full`."""
        lines = tuple(line for line in lines if "key" in line or (line["place"], line["error"]) not in self._refused)
        if lines:
            self._write(*lines)
        self.done.update(line["key"] for line in lines if "key" in line)

    def _write(self, *lines: Line) -> None:
        raw = _lines(*lines)
        try:
            while raw:
                raw = raw[os.write(self._handle, raw) :]
            os.fsync(self._handle)
        except OSError as error:
            raise told(error) from None

    def _read(self) -> None:
        """What is done, and the torn line of a killed run cut off."""
        try:
            with os.fdopen(os.dup(self._handle), "rb") as file:
                whole = file.read()
        except OSError as error:
            raise told(error) from None
        kept = whole[: whole.rfind(b"\n") + 1]
        try:
            head, *lines = (json.loads(line) for line in kept.splitlines())
            self.done = {line["key"] for line in lines if "error" not in line}
            self._refused = {(line["place"], line["error"]) for line in lines if "error" in line}
            run, form = str(head["run"]), str(head["format"])
        except (ValueError, KeyError, TypeError):
            raise UsageError("manifest-damaged") from None
        if head != self._head:
            raise NotFound("manifest-of-another", run=run, format=form)
        if kept != whole:
            os.truncate(self._handle, len(kept))


def _lines(*lines: Line) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines).encode("ascii")
