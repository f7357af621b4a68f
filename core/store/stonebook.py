"""Everything that is known of what was done, from the table and from files; and what a restored database is given back of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, select

from core.model.records import StoneFileSeen
from core.model.tombstone import Deed, Mark, Tombstone
from core.store import keybook, meta, tables, tombstones
from core.store.stonewatch import Watch
from core.store.upsert import add

if TYPE_CHECKING:
    from core.store.engine import Unit
    from core.store.stonelines import Reading

BOOK = tables.blacklist


@dataclass(frozen=True, slots=True)
class Book:
    """What one look found."""

    stones: Mapping[str, Tombstone]
    """uid → tombstone: of the table and of every file."""
    kept: frozenset[str]
    """uids that the table has."""
    files: tuple[StoneFileSeen, ...]
    lost_places: tuple[str, ...] = ()
    """Hashes of checkpoints that a file knows and the audit chain does not, the last one of each file."""
    back: tuple[Mark, ...] = ()
    """Fingerprints of the blacklist that the table has lost."""
    off: tuple[Mark, ...] = ()
    """Fingerprints that were taken off the blacklist, and that are on it again."""

    def lost(self, since: datetime) -> list[Tombstone]:
        """Tombstones that only a file knows, in the order of what was done."""
        gone = (stone for uid, stone in self.stones.items() if uid not in self.kept and stone.at >= since)
        return sorted(gone, key=lambda one: (one.at, one.uid))


def look(conn: Connection, own: Reading, others: Sequence[Reading], since: datetime, today: date, held: Collection[str]) -> Book:
    """`own` is this host's file: only what it says of this database counts. Others were named, and count whole.

    The files were read before this snapshot was made: what they know and the table does not is lost. `held` are the ids of
    the keys at hand: fingerprints of a key that is gone recognise nobody.
    """
    origin = meta.read(conn, "origin") or ""
    table = {stone.uid: stone for _, stone in tombstones.every(conn)}
    stones = dict(table)
    for reading in others:
        stones |= reading.stones()
    stones |= own.stones(origin)
    places = tuple(filter(None, (_lost_place(conn, reading, origin) for reading in (own, *others))))
    seen = (_seen(own, origin), *(_seen(reading, None) for reading in others))
    book = Book(stones, frozenset(table), seen, places)
    back, off = _marks(conn, book, since, today, held)
    return replace(book, back=back, off=off)


def _seen(reading: Reading, origin: str | None) -> StoneFileSeen:
    every, ours = reading.stones(), reading.stones(origin)
    return StoneFileSeen(
        path=str(reading.path),
        exists=reading.path.exists(),
        tombstones=len(ours),
        others=len(every) - len(ours),
        keyless=sum(reading.keyless.values()),
        problems=tuple(reading.problems),
    )


def _lost_place(conn: Connection, reading: Reading, origin: str) -> str | None:
    watch = Watch(reading.lines)
    watch.begin(origin)
    watch.look(conn)
    line = watch.lost()
    return line.hash if line else None


def _marks(conn: Connection, book: Book, since: datetime, today: date, held: Collection[str]) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """(to be listed again, to be taken off again): what the lost tombstones came to, in the order of what was done."""
    last: dict[tuple[str, str], tuple[bool, Mark]] = {}
    for stone in book.lost(since):
        for mark in stone.marks:
            last[mark.fingerprint, mark.key_id] = (stone.deed is not Deed.UNLISTED, mark)
    there = {(row.fingerprint, row.key_id) for row in conn.execute(select(BOOK.c.fingerprint, BOOK.c.key_id))}
    back = (mark for place, (listed, mark) in last.items() if listed and place not in there)
    off = tuple(mark for place, (listed, mark) in last.items() if not listed and place in there)
    return tuple(mark for mark in back if mark.expires_on >= today and mark.key_id in held), off


def give_back(unit: Unit, stones: Sequence[Tombstone], book: Book, reason: str | None) -> None:
    """The table knows again what only files knew, and the blacklist is as it was."""
    tombstones.put_back(unit.conn, stones)
    known = keybook.states(unit.conn)
    for key_id in sorted({mark.key_id for mark in book.back} - known.keys()):
        # The key is from after the backup: it verifies what it made, and whoever rotates next makes it no more than that.
        add(unit.conn, tables.keys, {"key_id": key_id, "state": "old", "since": datetime.now(UTC)})
    for mark in book.back:
        fresh = {"fingerprint": mark.fingerprint, "key_id": mark.key_id, "kind": mark.kind, "expires_on": mark.expires_on}
        add(unit.conn, BOOK, fresh | {"added_at": unit.at, "added_by": str(unit.actor), "reason": reason})
    for mark in book.off:
        unit.conn.execute(delete(BOOK).where(BOOK.c.fingerprint == mark.fingerprint, BOOK.c.key_id == mark.key_id))
