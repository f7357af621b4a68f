"""What is read on the day on which holds end: the customer's rows as they are now, and what is to happen to which of them.

The same decision as in the resolution, over again and against the live schema, with the days on record; of its plan only this
is carried out: rows whose day has come, rows that were held as long as any invoice was, and after an erase whatever nothing
needs any more, the customer's stub at last. All else stays as it is.

Rows on record that the customer's links no longer reach are looked up by their key: one that belongs to nobody is finished like
the others, one that is gone or belongs to another customer now is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from core.errors import Refused
from core.model.datamap import TableMap, holds_condition
from core.model.identity import Identifier, needles
from core.model.plan import Decided, Fate, Plan
from core.model.preview import counts
from core.model.residue import Judged
from core.model.rowset import Address, Found
from core.store.drags import refuse_dragging
from core.store.holdbook import Held, Record, is_derived
from core.store.owners import owners
from core.store.paths import Subject, bind
from core.store.rows import at, collect, identifying
from core.store.survey import Survey, decided

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.records import Resolution, TableCount
    from core.store.atlas import Atlas

NOBODY = Subject("", (), {})
NAMES = frozenset({"name", "company"})
NOTHING = Judged((), (), frozenset())


@dataclass(frozen=True, slots=True)
class Ending:
    """What one request's holds come to today."""

    seen: Survey
    """The survey, its plan narrowed to what is carried out; its needles are of these rows alone."""
    changed: Mapping[str, tuple[Decided, ...]]
    due: tuple[Held, ...]
    """On record, and their day has come."""
    gone: int
    """Of these, rows that are not there any more or not the customer's."""
    fresh: Mapping[str, tuple[Decided, ...]]
    """Rows that are held and not on record: issued since, and needed by what is still held."""
    names: tuple[str, ...]

    @property
    def last(self) -> bool:
        """Whether the customer's own row goes now."""
        plan = self.seen.plan
        return bool(plan.of(plan.root, Fate.DELETE))

    @property
    def counts(self) -> tuple[TableCount, ...]:
        """Table by table what is deleted and masked."""
        return counts(replace(self.seen.plan, tables=self.changed, pointers=()), NOTHING)


def ending(
    conn: Connection,
    atlas: Atlas,
    held: Sequence[Held],
    key: str | None,
    resolution: Resolution,
    years: int | None,
    today: date,
) -> Ending:
    """Read and decide. `key` None: there is no such customer any more. Raises MapError, Drift, Refused (`hold-unmapped`, …)."""
    proof = atlas.proof(conn)
    if unmapped := next((one.table for one in held if one.table not in atlas.map.tables), None):
        raise Refused("hold-unmapped", table=unmapped)
    who, found = collect(conn, atlas, key) if key is not None else (NOBODY, {})
    record = _record(conn, atlas, held, who)
    due = tuple(one for one in held if one.release_on <= today)
    found = _with_strays(conn, atlas, record, found)
    whole = decided(conn, atlas, proof, who, found, resolution, years, today, record.release_on)
    plan, changed = _narrowed(atlas, whole, record, today)
    refuse_dragging(conn, atlas.sql, proof.schema, plan)
    met = _met(record, found)
    own = {name: replace(found[name], rows=tuple(d.row for d in rows)) for name, rows in changed.items()}
    values = identifying(atlas, own)
    seen = Survey(who, proof, plan, needles(Identifier(kind, value) for kind, value in values), values)
    fresh = _fresh(atlas, whole, record) if resolution.erase or _derived(atlas, whole) else {}
    return Ending(seen, changed, due, sum(one.id not in met for one in due), fresh, tuple(_names(atlas, own)))


def foreign(conn: Connection, atlas: Atlas, held: Sequence[Held]) -> frozenset[str]:
    """Keys of the customers to whom rows on record belong now, asked when their own customer is not to be found."""
    missing = _missing(conn, atlas, _record(conn, atlas, held, NOBODY), {})
    owned = (owners(conn, atlas, name, addresses) for name, addresses in missing.items() if name in atlas.map.tables)
    return frozenset(key for found in owned for keys in found.values() for key in keys)


def _record(conn: Connection, atlas: Atlas, held: Sequence[Held], who: Subject) -> Record:
    return Record(atlas.map, held, who.parts, lambda name: atlas.sql.address(atlas.shape(conn, name)))


def _with_strays(conn: Connection, atlas: Atlas, record: Record, found: Mapping[str, Found]) -> dict[str, Found]:
    """The rows, and those on record that belong to nobody now; every owned table is in it, empty where there is nothing."""
    whole = {name: found[name] if name in found else at(conn, atlas, name, ()) for name in atlas.map.owned()}
    for name, addresses in _missing(conn, atlas, record, whole).items():
        there = at(conn, atlas, name, addresses)
        taken = owners(conn, atlas, name, [there.key(row) for row in there.rows])
        strays = tuple(row for row in there.rows if there.key(row) not in taken)
        whole[name] = replace(whole[name], rows=(*whole[name].rows, *strays))
    return whole


def _met(record: Record, found: Mapping[str, Found]) -> frozenset[int]:
    """Ids of the records whose rows are there."""
    rows = ((name, table.key(row)) for name, table in found.items() for row in table.rows)
    return frozenset(one.id for name, address in rows if (one := record.of(name, address)) is not None)


def _missing(conn: Connection, atlas: Atlas, record: Record, found: Mapping[str, Found]) -> dict[str, list[Address]]:
    """Addresses on record that are not among the rows."""
    met = _met(record, found)
    missing: dict[str, list[Address]] = {}
    for one in record.rows:
        if one.id not in met:
            shape = atlas.shape(conn, one.table)
            names = atlas.sql.address(shape)
            parts = tuple(bind(part, shape.column(name)) for name, part in zip(names, record.address(one), strict=True))
            if None not in parts:
                missing.setdefault(one.table, []).append(parts)
    return missing


def _narrowed(atlas: Atlas, whole: Plan, record: Record, today: date) -> tuple[Plan, dict[str, tuple[Decided, ...]]]:
    """The plan in which everything that is not finished today is kept, and what is finished."""
    tables: dict[str, tuple[Decided, ...]] = {}
    changed: dict[str, tuple[Decided, ...]] = {}
    for name, rows in whole.tables.items():
        ends = [_ends(atlas.map.tables[name], whole, name, d, record, today) for d in rows]
        told = [_spared(atlas.map.tables[name], whole, name, d, record) if end else d for d, end in zip(rows, ends, strict=True)]
        tables[name] = tuple(d if end or d.unlink else _kept(d) for d, end in zip(told, ends, strict=True))
        if any(ends):
            changed[name] = tuple(d for d, end in zip(told, ends, strict=True) if end)
    return replace(whole, tables=tables), changed


def _spared(table: TableMap, plan: Plan, name: str, d: Decided, record: Record) -> Decided:
    """What stayed readable in the row is masked whole where it is free text: the values that it may name are gone by now."""
    known = record.of(name, plan.found[name].key(d.row))
    return replace(d, whole=known.spared if known else table.hold.keep if table.hold else ())


def _ends(table: TableMap, plan: Plan, name: str, d: Decided, record: Record, today: date) -> bool:
    if d.fate not in (Fate.DELETE, Fate.MASK):
        return False
    if plan.resolution.erase and d.fate is Fate.DELETE:
        return True
    found = plan.found[name]
    if table.hold is not None and table.hold.with_invoices:
        return holds_condition(found.record(d.row), table.hold.when)
    known = record.of(name, found.key(d.row))
    return known is not None and known.release_on <= today


def _kept(d: Decided) -> Decided:
    return d if d.fate is Fate.SHARED else Decided(d.row, Fate.KEEP)


def _derived(atlas: Atlas, plan: Plan) -> bool:
    """Whether anything is held as long as an invoice is."""
    return any(is_derived(atlas.map, name) and any(d.fate is Fate.HOLD for d in rows) for name, rows in plan.tables.items())


def _fresh(atlas: Atlas, plan: Plan, record: Record) -> dict[str, tuple[Decided, ...]]:
    fresh = {}
    for name, rows in plan.tables.items():
        if not is_derived(atlas.map, name):
            fresh[name] = tuple(d for d in rows if d.fate is Fate.HOLD and record.of(name, plan.found[name].key(d.row)) is None)
    return fresh


def _names(atlas: Atlas, own: Mapping[str, Found]) -> Iterable[str]:
    """Names in the rows that are finished: they are blanked in the texts of these rows."""
    for name, found in own.items():
        columns = [rule.name for rule in atlas.map.tables[name].personal if rule.kind in NAMES]
        for row in found.rows:
            record: dict[str, Any] = found.record(row)
            yield from (str(record[column]) for column in columns if record[column] not in (None, ""))
