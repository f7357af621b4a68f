"""Everything that is read before a resolution: the customer's rows, what identifies them, what is shared, the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from core.model.datamap import LinkKind
from core.model.graph import edges
from core.model.identity import Identifier, Needle, needles
from core.model.plan import Fate, Plan, Recorded, Rules, decide, nothing_recorded
from core.model.preview import fingerprint
from core.model.records import Resolution
from core.model.residue import Judged, judge
from core.model.rowset import Address, Cell, Found
from core.store import residue
from core.store.customers import keys_with
from core.store.drags import refuse_dragging
from core.store.owners import owners
from core.store.paths import bind
from core.store.rows import collect, identifying
from core.store.sql import run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.ahead import Taken
    from core.store.atlas import Atlas
    from core.store.paths import Subject
    from core.store.prove import Proof


@dataclass(frozen=True, slots=True)
class Survey:
    """What was read, in one moment."""

    who: Subject
    proof: Proof
    plan: Plan
    needles: tuple[Needle, ...]
    identifiers: tuple[tuple[str, str], ...]
    """(kind, value) as the cells hold them: what the needles were made from."""


def survey(
    conn: Connection, atlas: Atlas, key: str, resolution: Resolution, years: int | None, today: date, ahead: Taken | None = None
) -> Survey:
    """Read the customer's rows, but for what was read ahead, and decide. Raises NotFound, Refused (holds, keys, drags), MapError, Drift."""
    proof = (ahead and ahead.proof) or atlas.proof(conn)
    who, found = collect(conn, atlas, key, ahead)
    plan = decided(conn, atlas, proof, who, found, resolution, years, today)
    refuse_dragging(conn, atlas.sql, proof.schema, plan)
    held = identifying(atlas, found)
    return Survey(who, proof, plan, needles(Identifier(kind, value) for kind, value in held), held)


def wanted(conn: Connection, atlas: Atlas, key: str, ahead: Taken | None = None) -> tuple[Needle, ...]:
    """The needles that `survey` would give, without a decision. Raises NotFound, Refused (keys), Unavailable."""
    return needles(Identifier(kind, value) for kind, value in identifying(atlas, collect(conn, atlas, key, ahead)[1]))


def decided(
    conn: Connection,
    atlas: Atlas,
    proof: Proof,
    who: Subject,
    found: Mapping[str, Found],
    resolution: Resolution,
    years: int | None,
    today: date,
    recorded: Recorded = nothing_recorded,
) -> Plan:
    """The plan of rows that were read. Raises Refused as `decide`."""
    rules = Rules(atlas.map, edges(atlas.map, proof.schema), _nullable(proof), years, today, recorded)
    shared = _shared(conn, atlas, who, found) if resolution.mask or resolution.erase else {}
    plan = decide(rules, found, resolution, shared)
    if resolution.erase and who.parts:
        plan = replace(plan, pointers=tuple(_pointers(conn, atlas, plan, who)))
    return plan


def located(conn: Connection, atlas: Atlas, seen: Survey) -> Judged:
    """Search the whole database for what would remain, and judge it. Access only: nothing is destroyed, nothing is sought."""
    if not (seen.plan.resolution.mask or seen.plan.resolution.erase):
        return Judged((), (), frozenset())
    hits = tuple(residue.search(conn, seen.proof.schema, seen.needles))
    return judged(conn, atlas, seen, hits)


def judged(conn: Connection, atlas: Atlas, seen: Survey, hits: Sequence[residue.Hit]) -> Judged:
    """Verdicts of hits, owners looked up on this connection."""

    def whose(table: str, addresses: list[Address]) -> Mapping[Address, frozenset[str]]:
        return owners(conn, atlas, table, addresses)

    return judge(atlas.map, seen.plan, hits, seen.who.key, whose)


def gone(seen: Survey, remains: Judged) -> tuple[str, ...]:
    """Identifying values, as the cells held them, that stand nowhere in the database once the plan is carried out."""
    found = ((value, needles([Identifier(kind, value)])) for kind, value in seen.identifiers)
    return tuple(value for value, some in found if some and not any(n.common or n.canonical in remains.staying for n in some))


def print_of(atlas: Atlas, seen: Survey, remains: Judged, years: int | None) -> str:
    """The fingerprint of the plan and the residue found for it."""
    return fingerprint(atlas.map, seen.plan, remains, years)


def approval_mark(atlas: Atlas, seen: Survey, remains: Judged, years: int | None) -> str:
    """What the approval of a permanent erase binds to: the fingerprint without the blacklist, which destroys nothing."""
    plan = replace(seen.plan, resolution=replace(seen.plan.resolution, blacklist=False))
    return fingerprint(atlas.map, plan, remains, years)


def erase_marks(conn: Connection, atlas: Atlas, key: str, years: int | None, today: date) -> tuple[str, str]:
    """(fingerprint to approve, the one that a preview with blacklist shows) of a permanent erase now. Raises as `survey`."""
    seen = survey(conn, atlas, key, Resolution(erase=True), years, today)
    remains = located(conn, atlas, seen)
    listed = replace(seen.plan, resolution=Resolution(erase=True, blacklist=True))
    return print_of(atlas, seen, remains, years), fingerprint(atlas.map, listed, remains, years)


def _pointers(conn: Connection, atlas: Atlas, plan: Plan, who: Subject) -> Iterator[Cell]:
    """Cells that point at the customer (`referred_by`) in rows that stay."""
    for name, table in atlas.map.tables.items():
        shape = atlas.shape(conn, name)
        names = atlas.sql.address(shape)
        gone = {plan.found[name].key(d.row) for d in plan.of(name, Fate.DELETE)}
        for rule in table.columns.values():
            if not rule.refers_to or (key := bind(who.parts[0], shape.column(rule.name))) is None:
                continue
            picked = ", ".join(atlas.sql.quote(n) for n in (*names, rule.name))
            where = f"{atlas.sql.quote(rule.name)} = {atlas.sql.mark}"
            rows = run(conn, f"SELECT {picked} FROM {atlas.sql.quote(name)} WHERE {where}", (key,)).all()
            for row in rows:
                if str(row[-1]) == str(who.parts[0]) and tuple(row[:-1]) not in gone:
                    yield Cell(name, tuple(row[:-1]), rule.name)


def _nullable(proof: Proof) -> frozenset[tuple[str, str]]:
    return frozenset((t.name, c.name) for t in proof.schema.tables.values() for c in t.columns if c.nullable)


def _shared(conn: Connection, atlas: Atlas, who: Subject, found: Mapping[str, Found]) -> dict[str, set[Address]]:
    """Addresses of rows that belong to another customer as well: through a link table, or by a value that two have."""
    result: dict[str, set[Address]] = {}
    for name, table in found.items():
        path = atlas.map.path(name)
        kinds = {atlas.map.tables[step].link.kind for step in path}
        if not table.rows or (LinkKind.DOWN not in kinds and LinkKind.MATCH not in kinds):
            continue
        if LinkKind.MATCH in kinds and not _value_shared(conn, atlas, path[-1], who):
            continue
        owned = owners(conn, atlas, name, [table.key(row) for row in table.rows])
        if rows := {address for address, keys in owned.items() if keys - {who.key}}:
            result[name] = rows
    return result


def _value_shared(conn: Connection, atlas: Atlas, end: str, who: Subject) -> bool:
    """Whether any value that links rows to this customer is another customer's too."""
    kind = atlas.map.tables[end].link.to
    distinct = {needle.canonical for needle in needles(Identifier(kind, v) for v in who.values.get(kind, ()))}
    return any(keys_with(conn, atlas, kind, value) - {who.key} for value in distinct)
