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
        self._by_value: dict[str, list[residue.Hit]] = {}
        for hit in hits:
            self._by_value.setdefault(hit.needle.canonical, []).append(hit)

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
        still = tuple(residue.read_again(conn, seen.proof.schema, self.of(seen.needles)))
        return survey.judged(conn, atlas, seen, still)
