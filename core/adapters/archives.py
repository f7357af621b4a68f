"""Archives of the audit: files of one canonical JSON object a line, written whole or not at all, read back and held against their hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.adapters.files import Atomic
from core.errors import ChainBroken, Conflict, NotFound, Unavailable

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as the table had it."""

    seq: int
    at: datetime
    actor: str
    verb: str
    request: int | None
    detail: str
    hash: str
    key_id: str | None
    mac: str | None


def write(path: Path, lines: Iterable[bytes]) -> str:
    """Write an archive that is not there yet; returns its SHA-256. Raises UsageError, Unavailable as `Atomic`."""
    target = Atomic(path)
    digest = hashlib.sha256()
    with target as file:
        for line in lines:
            digest.update(line)
            file.write(line)
        target.keep()
    return digest.hexdigest()


def same(path: Path, lines: Iterable[bytes]) -> str:
    """SHA-256 of an archive that is there already: a run was killed behind it. Raises Conflict `archive-differs`, Unavailable."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
    if sha256_of(path) != digest.hexdigest():
        raise Conflict("archive-differs", file=path.name)
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Of the file's bytes. Raises NotFound `archive-missing`, Unavailable `archive-unreadable`."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except FileNotFoundError:
        raise NotFound("archive-missing", file=path.name) from None
    except OSError as error:
        raise Unavailable("archive-unreadable", file=path.name, kind=type(error).__name__) from None
    return digest.hexdigest()


def read(path: Path, first: int, sha256: str) -> Iterator[Entry]:
    """The entries of an archive. Raises ChainBroken `audit-broken` when it is not the file that was written, NotFound, Unavailable."""
    if sha256_of(path) != sha256:
        raise ChainBroken("audit-broken", seq=first, why="archive")
    with path.open("rb") as file:
        file.readline()
        for line in file:
            entry: dict[str, Any] = json.loads(line)
            yield Entry(**entry | {"at": datetime.fromisoformat(entry["at"])})
