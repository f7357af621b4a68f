"""What would remain of many customers, found in one pass over the database, and given out customer by customer.

The pass costs the same for one and for a thousand. It was a moment ago: each customer's hits are read again where they stand
before they are judged, and a value that appeared elsewhere meanwhile is found by the last pass of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from core.model.identity import Needle
from core.model.residue import Judged
from core.model.rowset import Address
from core.store import residue, survey

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.schema import Schema
    from core.store.atlas import Atlas


class Located:
    """The hits of one pass, by value."""

    def __init__(self, hits: Iterable[residue.Hit]) -> None:
        self._by_value = _by_value(hits)
        self._now: dict[str, list[residue.Hit]] | None = None

    @classmethod
    def search(cls, conn: Connection, schema: Schema, needles: Iterable[Needle], told: Callable[[int, int], None]) -> Located:
        """One pass, table by table; `told` hears how many of them are read."""
        wanted = {needle.canonical: needle for needle in needles}
        return cls(residue.search(conn, schema, wanted.values(), told=told))

    def places(self, needles: Iterable[Needle]) -> frozenset[tuple[str, Address, str]]:
        """(table, address, column) of every cell in which one of these values stood."""
        return frozenset((hit.table, hit.address, hit.column) for hit in self.of(needles))

    def of(self, needles: Iterable[Needle]) -> list[residue.Hit]:
        """Where these values stood."""
        return [hit for needle in needles for hit in self._by_value.get(needle.canonical, ())]

    def locate(self, conn: Connection, atlas: Atlas, seen: survey.Survey) -> Judged:
        """What would remain of this customer now: the places that are known, read again."""
        if not (seen.plan.resolution.mask or seen.plan.resolution.erase):
            return Judged((), (), frozenset())
        if self._now is not None:
            still = tuple(hit for needle in seen.needles for hit in self._now.get(needle.canonical, ()))
        else:
            still = tuple(residue.read_again(conn, seen.proof.schema, self.of(seen.needles)))
        return survey.judged(conn, atlas, seen, still)

    def read_again(self, conn: Connection, schema: Schema, needles: Iterable[Needle]) -> None:
        """The places of many customers at once, for `locate` until `stale`."""
        self._now = _by_value(residue.read_again(conn, schema, self.of(needles)))

    def stale(self) -> None:
        """Rows were changed since: each customer's places are read again when their turn comes."""
        self._now = None

    def beyond(self, seen: survey.Survey) -> bool:
        """Whether a value of this customer stood in a row that is not theirs."""
        found = seen.plan.found
        own = {(hit.table, hit.address) for hit in self.of(seen.needles)}
        for table in {table for table, _ in own} & found.keys():
            own -= {(table, found[table].key(row)) for row in found[table].rows}
        return bool(own)


def _by_value(hits: Iterable[residue.Hit]) -> dict[str, list[residue.Hit]]:
    found: dict[str, list[residue.Hit]] = {}
    for hit in hits:
        found.setdefault(hit.needle.canonical, []).append(hit)
    return found
