"""What a resolution does to each row of a customer: a pure value, executed elsewhere.

    delete   the row goes
    mask     it stays, every personal column masked
    hold     it stays until a date: columns that the law asks for stay, the others are masked
    stub     it would go, but a row that stays needs it: masked
    keep     it stays as it is, with the map's reason
    shared   another customer uses it too: it stays, the tie to this customer is cut
    block    access only: the access columns change

Nothing is skipped silently: every collected row of a mask or an erase gets exactly one fate.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from core.errors import Refused
from core.model.datamap import Action, DataMap, LinkKind, TableMap, holds_condition
from core.model.graph import Edge
from core.model.holding import latest, release
from core.model.records import Resolution
from core.model.rowset import Address, Cell, Found, Row


class Fate(StrEnum):
    """See the module."""

    DELETE = "delete"
    MASK = "mask"
    HOLD = "hold"
    STUB = "stub"
    KEEP = "keep"
    SHARED = "shared"
    BLOCK = "block"


OF_ACTION = {Action.DELETE: Fate.DELETE, Action.MASK: Fate.MASK, Action.KEEP: Fate.KEEP}


@dataclass(frozen=True, slots=True)
class Decided:
    """One row and its fate."""

    row: Row
    fate: Fate
    because: str = ""
    release_on: date | None = None
    spared: tuple[str, ...] = ()
    """Columns of a held row that stay readable."""
    unlink: tuple[str, ...] = ()
    """Columns that are set NULL, because what they point at goes or is shared."""
    whole: tuple[str, ...] = ()
    """Free texts and documents that are masked whole: nobody knows any more what they may name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every row's fate, table by table."""

    resolution: Resolution
    root: str
    """The customer's own table."""
    tables: Mapping[str, tuple[Decided, ...]]
    found: Mapping[str, Found]
    pointers: tuple[Cell, ...] = ()
    """Cells of rows that stay and point at the customer (`refers_to`): NULL once the customer is gone."""

    def of(self, table: str, *fates: Fate) -> tuple[Decided, ...]:
        return tuple(d for d in self.tables.get(table, ()) if d.fate in fates)

    @property
    def master_stays(self) -> bool:
        """Whether the customer's own row is still there afterwards."""
        return bool(self.tables[self.root]) and not self.of(self.root, Fate.DELETE)


Recorded = Callable[[str, Address], date | None]
"""(table, address) → the day on which a row's hold ends, where it is on record."""


def nothing_recorded(_table: str, _address: Address) -> date | None:
    """For a first resolution: no hold is on record yet."""
    return None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the decision needs beside the rows."""

    mapping: DataMap
    edges: tuple[Edge, ...]
    """Declared foreign keys between mapped tables."""
    nullable: frozenset[tuple[str, str]]
    """(table, column) that may be NULL."""
    years: int | None
    """`invoice-retention-years`; None: never chosen."""
    today: date
    recorded: Recorded = nothing_recorded


def decide(rules: Rules, found: Mapping[str, Found], resolution: Resolution, shared: Mapping[str, Collection[Address]]) -> Plan:
    """The plan. `shared` holds addresses of rows that another customer uses too.

    Raises Refused `hold-not-chosen` (issued invoices and nobody has set the years), `hold-without-date`.
    """
    work = _Work(rules, found, resolution, shared)
    for name in rules.mapping.order:
        if name in found:
            work.table(name)
    work.hold_with_invoices()
    if not (resolution.mask or resolution.erase):
        work.follow_deleted()
    else:
        work.cut_shared()
        if resolution.mask:
            work.follow_deleted()
        work.save_parents()
    return Plan(resolution, rules.mapping.customer.table, {name: tuple(rows) for name, rows in work.fates.items()}, found)


class _Work:
    """The fates while they are being decided."""

    def __init__(self, rules: Rules, found: Mapping[str, Found], resolution: Resolution, shared: Mapping[str, Collection[Address]]) -> None:
        self.rules, self.found, self.resolution, self.shared = rules, found, resolution, shared
        self.fates: dict[str, list[Decided]] = {}
        self._index: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], Decided]] = {}

    def table(self, name: str) -> None:
        table, found = self.rules.mapping.tables[name], self.found[name]
        self.fates[name] = [d for row in found.rows if (d := self.row(table, found, row)) is not None]

    def row(self, table: TableMap, found: Found, row: Row) -> Decided | None:
        if table.name in self.rules.mapping.access.delete:
            return Decided(row, Fate.DELETE)
        if not (self.resolution.mask or self.resolution.erase):
            return Decided(row, Fate.BLOCK) if table.link.kind is LinkKind.ROOT else None
        if found.key(row) in self.shared.get(table.name, ()):
            return Decided(row, Fate.SHARED)
        record = found.record(row)
        if held := self.held(table, record, found.key(row)):
            return replace(held, row=row)
        action, because = self.action(table, record)
        return Decided(row, OF_ACTION[action], because)

    def action(self, table: TableMap, record: dict[str, Any]) -> tuple[Action, str]:
        state = next((s for s in table.states if holds_condition(record, s.when)), None)
        chosen = state or table
        return (chosen.on_erase if self.resolution.erase else chosen.on_mask), chosen.because

    def held(self, table: TableMap, record: dict[str, Any], address: Address) -> Decided | None:
        hold = table.hold
        if hold is None or hold.with_invoices:
            return None
        if hold.with_parent:
            parent = self.parent_of(table, record)
            if parent is None or parent.fate is not Fate.HOLD:
                return None
            return Decided((), Fate.HOLD, hold.because, parent.release_on, hold.keep)
        until = release(self.rules, table.name, hold, record, self.rules.recorded(table.name, address))
        return Decided((), Fate.HOLD, hold.because, until, hold.keep) if until else None

    def hold_with_invoices(self) -> None:
        """Rows that a law needs as long as any invoice of the customer is held: where an invoice stores no buyer's name."""
        invoices = self.rules.mapping.invoices
        until = latest(self.fates.get(invoices.table, ())) if invoices else None
        for name, fates in self.fates.items() if until else ():
            hold, found = self.rules.mapping.tables[name].hold, self.found[name]
            for i, d in enumerate(fates if hold and hold.with_invoices else ()):
                if hold and d.fate in (Fate.MASK, Fate.DELETE) and holds_condition(found.record(d.row), hold.when):
                    fates[i] = Decided(d.row, Fate.HOLD, hold.because, until, hold.keep)

    def parent_of(self, table: TableMap, record: dict[str, Any]) -> Decided | None:
        """The decided parent row that an UP link points at."""
        name, columns = table.link.parent, table.link.parent_columns
        if (name, columns) not in self._index:
            found = self.found[name]
            self._index[name, columns] = {tuple(map(str, found.pick(d.row, columns))): d for d in self.fates[name]}
        return self._index[name, columns].get(tuple(str(record.get(c)) for c in table.link.columns))

    # -- ties between rows ------------------------------------------------------------------------------------------

    def references(self) -> tuple[Edge, ...]:
        """Declared keys and the map's links, as one list of `columns of child point at parent`."""
        known = {(e.child, e.columns, e.parent): e for e in self.rules.edges}
        for name, table in self.rules.mapping.tables.items():
            link = table.link
            if link.kind is LinkKind.UP and not link.pack:
                edge = (name, link.columns, link.parent, link.parent_columns)
            elif link.kind is LinkKind.DOWN:
                edge = (link.parent, link.parent_columns, name, link.columns)
            else:
                continue
            free = all((edge[0], c) in self.rules.nullable for c in edge[1])
            known.setdefault(edge[:3], Edge(*edge, free))
        return tuple(e for e in known.values() if e.child in self.found and e.parent in self.found)

    def cut_shared(self) -> None:
        """The tie of this customer to a shared row: the pointer becomes NULL where it may, else the row that points goes."""
        for name, rows in self.fates.items():
            link = self.rules.mapping.tables[name].link
            if link.kind is not LinkKind.DOWN or not any(d.fate is Fate.SHARED for d in rows):
                continue
            found, parent = self.found[name], self.found[link.parent]
            targets = {tuple(map(str, found.pick(d.row, link.columns))) for d in rows if d.fate is Fate.SHARED}
            free = all((link.parent, c) in self.rules.nullable for c in link.parent_columns)
            for i, d in enumerate(self.fates[link.parent]):
                points = tuple(map(str, parent.pick(d.row, link.parent_columns))) in targets
                if points and d.fate not in (Fate.DELETE, Fate.HOLD, Fate.KEEP):  # what is kept keeps what it points at
                    self.fates[link.parent][i] = self.cut(link.parent, d, link.parent_columns, free=free)

    def cut(self, table: str, d: Decided, columns: tuple[str, ...], *, free: bool) -> Decided:
        if free:
            return replace(d, unlink=(*d.unlink, *columns))
        if self.rules.mapping.tables[table].link.kind is LinkKind.ROOT:
            raise Refused("shared-cannot-cut", table=table, column=columns[0])
        return replace(d, fate=Fate.DELETE, spared=(), because="")

    def follow_deleted(self) -> None:
        """Where the row state or the access block deletes a parent, its children go with it (a draft's lines)."""
        for name in self.rules.mapping.order:
            link = self.rules.mapping.tables[name].link
            if name not in self.found or link.kind is not LinkKind.UP or link.pack:
                continue
            gone = self.keys_of(link.parent, link.parent_columns, Fate.DELETE)
            if gone:
                self.follow(name, link.columns, gone)

    def follow(self, name: str, columns: tuple[str, ...], gone: Collection[tuple[str, ...]]) -> None:
        found, fates = self.found[name], self.fates[name]

        def follows(row: Row) -> bool:
            return tuple(map(str, found.pick(row, columns))) in gone

        for i, d in enumerate(fates):
            if d.fate is Fate.MASK and follows(d.row):
                fates[i] = Decided(d.row, Fate.DELETE)
        decided = {found.key(d.row) for d in fates}
        fates += [Decided(row, Fate.DELETE) for row in found.rows if found.key(row) not in decided and follows(row)]

    def keys_of(self, name: str, columns: tuple[str, ...], *fates: Fate) -> set[tuple[str, ...]]:
        found = self.found.get(name)
        rows = self.fates.get(name, ()) if found else ()
        return {tuple(map(str, found.pick(d.row, columns))) for d in rows if d.fate in fates} if found else set()

    def save_parents(self) -> None:
        """Until nothing moves: a row that stays keeps what it must point at as a stub, or lets go of it."""
        references = self.references()
        moved = True
        while moved:
            moved = sum(self.save(edge) for edge in references) > 0

    def save(self, edge: Edge) -> bool:
        gone = self.keys_of(edge.parent, edge.parent_columns, Fate.DELETE)
        if not gone:
            return False
        needed: dict[tuple[str, ...], str] = {}
        moved = False
        child = self.found[edge.child]
        for i, d in enumerate(self.fates[edge.child]):
            target = tuple(map(str, child.pick(d.row, edge.columns)))
            if d.fate is Fate.DELETE or target not in gone or set(edge.columns) <= set(d.unlink):
                continue
            moved = True
            if edge.nullable and d.fate is not Fate.HOLD:
                self.fates[edge.child][i] = replace(d, unlink=(*d.unlink, *edge.columns))
            else:
                needed.setdefault(target, d.because)
        self.make_stubs(edge, needed)
        return moved

    def make_stubs(self, edge: Edge, needed: Mapping[tuple[str, ...], str]) -> None:
        parent = self.found[edge.parent]
        for i, d in enumerate(self.fates[edge.parent]):
            key = tuple(map(str, parent.pick(d.row, edge.parent_columns)))
            if d.fate is Fate.DELETE and key in needed:
                self.fates[edge.parent][i] = replace(d, fate=Fate.STUB, because=needed[key])
