"""What a value of the customer that would remain somewhere means. Pure: hits, plan and owners in, verdicts out.

(planned)        the row goes or the column is masked
hold             a law or the map's reason keeps the cell
redact           the map says `everywhere`: the value is blanked in this cell too
other-customer   the row belongs to another customer
shared-value     the value identifies another customer as well
common-value     too short or too common to identify
residue          none of these: refused or reported, by setting
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.model.datamap import DataMap
from core.model.kinds import IDENTIFYING
from core.model.plan import Decided, Fate, Plan
from core.model.records import ResidueLine
from core.model.rowset import Address

Owners = Callable[[str, list[Address]], Mapping[Address, frozenset[str]]]
"""(table, addresses) → keys of the customers that the rows belong to."""


class NeedleLike(Protocol):
    """What is asked of a needle here."""

    @property
    def kind(self) -> str: ...

    @property
    def canonical(self) -> str: ...

    @property
    def common(self) -> bool: ...


class HitLike(Protocol):
    """One cell in which a value was found."""

    @property
    def table(self) -> str: ...

    @property
    def address(self) -> tuple[Any, ...]: ...

    @property
    def column(self) -> str: ...

    @property
    def needle(self) -> NeedleLike: ...

    @property
    def whole(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Judged:
    """Hits that do not go by themselves."""

    lines: tuple[ResidueLine, ...]
    redact: tuple[HitLike, ...]
    remaining: frozenset[tuple[str, Address, str]]
    """(table, address, column) of cells in which a value is expected to stay."""
    staying: frozenset[str] = frozenset()
    """Canonical texts of the values that are expected to stay somewhere."""

    @property
    def refused(self) -> tuple[ResidueLine, ...]:
        return tuple(line for line in self.lines if line.verdict == "residue")


def judge(mapping: DataMap, plan: Plan, hits: Iterable[HitLike], key: str, owners: Owners) -> Judged:
    """Verdicts of all hits. `key` is the customer's, as text."""
    planned = {(t, plan.found[t].key(d.row)): d for t, rows in plan.tables.items() for d in rows}
    foreign: list[HitLike] = []
    verdicts: list[tuple[HitLike, str]] = []
    for hit in hits:
        decided = planned.get((hit.table, hit.address))
        if decided is None:
            foreign.append(hit)
        elif verdict := _own(mapping, plan, hit, decided):
            verdicts.append((hit, verdict))
    verdicts += _foreign(mapping, foreign, key, owners)
    redact = tuple(hit for hit, verdict in verdicts if verdict == "redact")
    stay = [(hit, verdict) for hit, verdict in verdicts if verdict != "redact"]
    cells = frozenset((h.table, h.address, h.column) for h, _ in stay)
    return Judged(_lines(stay), redact, cells, frozenset(h.needle.canonical for h, _ in stay))


def _own(mapping: DataMap, plan: Plan, hit: HitLike, d: Decided) -> str | None:
    """A hit in a row of the customer; None when it goes with the plan."""
    if d.fate is Fate.DELETE:
        return None
    if d.fate is Fate.KEEP:
        return "hold"
    if d.fate is Fate.SHARED:
        return "other-customer"
    table = mapping.tables[hit.table]
    rule = table.columns.get(hit.column)
    if hit.column in d.spared:
        return "hold"
    if table.keyed and hit.column == table.keyed.value:
        kind = table.keyed.kinds.get(str(plan.found[hit.table].record(d.row)[table.keyed.key]), table.keyed.rest)
        return None if kind else "residue"
    if hit.column in d.unlink or (rule is not None and rule.personal):
        return None
    return "hold" if rule is not None and rule.keep else "residue"


def _foreign(mapping: DataMap, hits: list[HitLike], key: str, owners: Owners) -> list[tuple[HitLike, str]]:
    """Hits in rows that the map does not give to the customer."""
    whose: dict[tuple[str, Address], frozenset[str]] = {}
    for table in dict.fromkeys(hit.table for hit in hits):
        found = owners(table, [hit.address for hit in hits if hit.table == table])
        whose.update({(table, address): keys for address, keys in found.items()})
    shared = {id_of(h) for h in hits if h.whole and _identifies_other(mapping, h, whose, key)}
    return [(hit, _verdict(mapping, hit, whose, key, id_of(hit) in shared)) for hit in hits]


def id_of(hit: HitLike) -> int:
    return id(hit.needle)


def _identifies_other(mapping: DataMap, hit: HitLike, whose: Mapping[tuple[str, Address], frozenset[str]], key: str) -> bool:
    """Whether the whole cell is another customer's own identifying value."""
    table = mapping.tables.get(hit.table)
    rule = table.columns.get(hit.column) if table else None
    others = whose.get((hit.table, hit.address), frozenset()) - {key}
    return bool(others) and rule is not None and rule.kind in IDENTIFYING and not mapping.by_value(hit.table)


def _verdict(mapping: DataMap, hit: HitLike, whose: Mapping[tuple[str, Address], frozenset[str]], key: str, shared: bool) -> str:
    if hit.needle.common:
        return "common-value"
    if shared:
        return "shared-value"
    table = mapping.tables.get(hit.table)
    rule = table.columns.get(hit.column) if table else None
    if rule is not None and rule.everywhere:
        return "redact"
    return "other-customer" if whose.get((hit.table, hit.address), frozenset()) - {key} else "residue"


def _lines(verdicts: Iterable[tuple[HitLike, str]]) -> tuple[ResidueLine, ...]:
    cells = {(h.table, h.address, h.column, h.needle.kind, verdict) for h, verdict in verdicts}
    counted = Counter((table, column, kind, verdict) for table, _, column, kind, verdict in cells)
    return tuple(ResidueLine(table, column, kind, cells, verdict) for (table, column, kind, verdict), cells in sorted(counted.items()))
