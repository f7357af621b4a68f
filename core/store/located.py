"""What would remain of many customers, found in one pass over the database, and given out customer by customer.

The pass costs the same for one and for a thousand. It was a moment ago: each customer's hits are read again where they stand
before they are judged, and a value that appeared elsewhere meanwhile is found by the last pass of the run. What cannot be read
again is searched anew: rows whose address changes with their cells, in their table, and a value that the pass did not look for
(somebody's new address) everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from typing import TYPE_CHECKING

from core.model.identity import Needle
from core.model.residue import Judged
from core.model.rowset import Address
from core.store import residue, survey

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.schema import Schema, TableShape
    from core.store.atlas import Atlas

Place = tuple[str, Address, str]
"""(table, address, column) of a cell."""


class Located:
    """The hits of one pass, by value."""

    def __init__(self, hits: Iterable[residue.Hit], needles: Iterable[Needle] = ()) -> None:
        self._by_value = _by_value(hits)
        self._sought = frozenset(needle.canonical for needle in needles)
        self._now: dict[str, list[residue.Hit]] | None = None
        """Value → where it stands now, of the values that were read again together."""

    @classmethod
    def search(cls, conn: Connection, schema: Schema, needles: Iterable[Needle], told: Callable[[int, int], None]) -> Located:
        """One pass, table by table; `told` hears how many of them are read."""
        wanted = {needle.canonical: needle for needle in needles}
        return cls(residue.search(conn, schema, wanted.values(), told=told), wanted.values())

    def places(self, needles: Iterable[Needle]) -> frozenset[Place]:
        """Every cell in which one of these values stood."""
        return frozenset((hit.table, hit.address, hit.column) for hit in self.of(needles))

    def of(self, needles: Iterable[Needle]) -> list[residue.Hit]:
        """Where these values stood."""
        return [hit for needle in needles for hit in self._by_value.get(needle.canonical, ())]

    def locate(self, conn: Connection, atlas: Atlas, seen: survey.Survey) -> Judged:
        """What would remain of this customer now: the places that are known, read again."""
        if not _asked(seen):
            return Judged((), (), frozenset())
        now = self._now or {}
        together = all(needle.canonical in now for needle in seen.needles)
        still = [hit for needle in seen.needles for hit in now[needle.canonical]] if together else self._still(conn, atlas, seen.needles)
        return survey.judged(conn, atlas, seen, tuple(still))

    def read_again(self, conn: Connection, atlas: Atlas, needles: Sequence[Needle]) -> None:
        """The places of many customers at once, for `locate` until `stale`."""
        self._now = {needle.canonical: [] for needle in needles} | _by_value(self._still(conn, atlas, needles))

    def _still(self, conn: Connection, atlas: Atlas, needles: Sequence[Needle]) -> list[residue.Hit]:
        """Where these values stand now."""
        schema = atlas.schema(conn)
        sought = [needle for needle in needles if needle.canonical in self._sought]
        known = self.of(sought)
        still = list(residue.read_again(conn, schema, known))
        gone = {_mark(hit) for hit in known} - {_mark(hit) for hit in still}
        if moved := {table for table in {table for table, *_ in gone} & schema.tables.keys() if _may_move(atlas, schema.tables[table])}:
            still = [hit for hit in still if hit.table not in moved] + list(residue.search(conn, schema, sought, only=moved))
        if fresh := [needle for needle in needles if needle.canonical not in self._sought]:
            still += residue.search(conn, schema, fresh)
        return still

    def stale(self) -> None:
        """Rows were changed since: each customer's places are read again when their turn comes."""
        self._now = None

    def beyond(self, seen: survey.Survey) -> bool:
        """Whether a value of this customer stood in a row that is not theirs, or nobody knows where it stood."""
        if not _asked(seen):
            return False
        found = seen.plan.found
        own = {(hit.table, hit.address) for hit in self.of(seen.needles)}
        for table in {table for table, _ in own} & found.keys():
            own -= {(table, found[table].key(row)) for row in found[table].rows}
        return bool(own) or any(needle.canonical not in self._sought for needle in seen.needles)


def unexplained(atlas: Atlas, schema: Schema, places: Set[Place], expected: Set[Place]) -> int:
    """How many cells hold a value that was not expected to stay. Rows that stand elsewhere once they are written are counted by column."""
    named = {table for table, *_ in (*places, *expected)}
    moving = {table for table in named & schema.tables.keys() if _may_move(atlas, schema.tables[table])}
    counted = Counter((table, column) for table, _, column in places if table in moving)
    counted.subtract((table, column) for table, _, column in expected if table in moving)
    left = {place for place in places if place[0] not in moving} - expected
    return len(left) + sum(count for count in counted.values() if count > 0)


def _asked(seen: survey.Survey) -> bool:
    return seen.plan.resolution.mask or seen.plan.resolution.erase


def _mark(hit: residue.Hit) -> tuple[str, Address, str, str]:
    return hit.table, hit.address, hit.column, hit.needle.canonical


def _may_move(atlas: Atlas, shape: TableShape) -> bool:
    """Whether what is written into a row changes its address. A primary key is never masked."""
    return not shape.key and atlas.sql.engine != "sqlite"


def _by_value(hits: Iterable[residue.Hit]) -> dict[str, list[residue.Hit]]:
    found: dict[str, list[residue.Hit]] = {}
    for hit in hits:
        found.setdefault(hit.needle.canonical, []).append(hit)
    return found
