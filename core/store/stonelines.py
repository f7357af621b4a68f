"""The lines of a tombstone file: how one is written, and how a whole file is judged.

A line is canonical ASCII JSON with the MAC of the line before (`prev`) and its own (`mac`). What does not parse is the rest of
a broken write while the next line goes on where the last whole one ended, and an edited line otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UsageError
from core.model.tombstone import Tombstone, canonical
from core.store import chain

if TYPE_CHECKING:
    from core.model.records import Checkpoint
    from core.store.keyring import Key

GENESIS = "0" * 64
PURPOSE = "tombstone-line"
FORMAT = 1
EDITED = "edited"
GAP = "gap"

Keys = Callable[[str], "Key | None"]
"""The key of an id, None when it is not at hand."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is what it was when it was written."""

    number: int
    at: datetime
    upto: int
    """The file was compared with the table up to this row, at that time."""
    stone: Tombstone | None
    """None: the line only names a checkpoint."""
    origin: str
    """Names the database: where its audit chain began."""
    seq: int
    hash: str
    """Place and hash of the last audit entry at that time."""
    mac: str


@dataclass(slots=True)
class Reading:
    """A file, or the end of one."""

    path: Path
    lines: list[Line] = field(default_factory=list)
    """Those that are proven."""
    problems: list[tuple[int, str]] = field(default_factory=list)
    """(line, why): `edited`, or `gap` where lines are missing before it."""
    keyless: dict[str, int] = field(default_factory=dict)
    """Lines by the id of a key that is not at hand: neither proven nor of any use."""
    mac: str = GENESIS
    """Of the last line, which the next one has to name."""

    def stones(self, origin: str | None = None) -> dict[str, Tombstone]:
        """uid → tombstone, of one database or of all."""
        return {one.stone.uid: one.stone for one in self.lines if one.stone and origin in (None, one.origin)}

    def newest(self, origin: str) -> Line | None:
        """The last line of this database."""
        return next((one for one in reversed(self.lines) if one.origin == origin), None)


def write_line(key: Key, prev: str, end: Checkpoint, at: datetime, upto: int, stone: Tombstone | None) -> tuple[bytes, str]:
    """(the line with its newline, its MAC)"""
    said = {
        "v": FORMAT,
        "at": at.isoformat(),
        "upto": upto,
        "checkpoint": str(end),
        "key_id": key.id,
        "prev": prev,
        "stone": stone.to_data() if stone else None,
    }
    mac = _mac(key, said)
    return canonical(said | {"mac": mac}).encode("ascii") + b"\n", mac


def judge(into: Reading, raw: Iterator[bytes | None], keys: Keys, *, middle: bool = False) -> None:
    """Read lines into a Reading; `middle`: what comes before the first one is not known."""
    prev = None if middle else GENESIS
    broken: int | None = None
    for number, text in enumerate(raw, 1):
        said = None if text is None else _parse(text)
        if said is None:
            broken = broken or number
            continue
        if prev is not None and said["prev"] != prev:
            into.problems.append((number, GAP) if broken is None else (broken, EDITED))
        prev, broken = said["mac"], None
        _prove(into, number, said, keys)
    into.mac = prev or GENESIS


def _prove(into: Reading, number: int, said: dict[str, Any], keys: Keys) -> None:
    key = keys(said["key_id"])
    if key is None:
        into.keyless[said["key_id"]] = into.keyless.get(said["key_id"], 0) + 1
        return
    line = _line(number, said) if _mac(key, {name: value for name, value in said.items() if name != "mac"}) == said["mac"] else None
    if line is None:
        into.problems.append((number, EDITED))
    else:
        into.lines.append(line)


def _mac(key: Key, said: dict[str, Any]) -> str:
    return key.token(PURPOSE, canonical(said))


def _parse(text: bytes) -> dict[str, Any] | None:
    """What a line says, when it has the form of one."""
    try:
        said = json.loads(text.decode("ascii"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("v") != FORMAT:
        return None
    return said if all(isinstance(said.get(name), str) for name in ("prev", "mac", "key_id")) else None


def _line(number: int, said: dict[str, Any]) -> Line | None:
    """The line as a value; None for one that its key signed and that says nothing we know."""
    try:
        origin, seq, digest = chain.parse_checkpoint(said["checkpoint"])
        stone = Tombstone.from_data(said["stone"]) if said["stone"] is not None else None
        return Line(number, datetime.fromisoformat(said["at"]), int(said["upto"]), stone, origin, seq, digest, said["mac"])
    except (KeyError, TypeError, ValueError, UsageError):
        return None
