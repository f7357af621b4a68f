"""Carries a plan out: every change is `WHERE address IN (…)`, children first, and every count is compared with the plan.

The changes of the customer's own rows wait in the pile of the transaction, so that those of a whole page are made together. A
statement that touches more or fewer rows than were decided raises Conflict `rows-moved`: somebody changed the rows meanwhile,
the whole transaction goes back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import Conflict
from core.model.datamap import ColumnRule
from core.model.kinds import Mask
from core.model.masking import ROW_BY_ROW, row_value, whole
from core.model.plan import Decided, Fate, Plan
from core.model.rowset import Address
from core.store.maskcells import Expression, masked
from core.store.pile import Stage
from core.store.sql import Sql, chunks, run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.identity import Needle
    from core.model.schema import Column, TableShape
    from core.store.atlas import Atlas
    from core.store.pile import Pile
    from core.store.prove import Proof
    from core.store.residue import Hit

MASKED = (Fate.MASK, Fate.HOLD, Fate.STUB)
CHUNK = 500
FEW = 4
"""So many different new values are written by a statement each; more go through one statement, row by row."""
NULL: Expression = ("NULL", ())


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table that get the same new values, or go."""

    shape: TableShape
    values: tuple[Any, ...]
    """Bound in the head of the statement."""
    met: Mapping[Address, int]
    """Address → how many rows it must meet: equal rows without a key have one address."""


class Hand:
    """One resolution being carried out, its changes put on a pile."""

    def __init__(self, pile: Pile, atlas: Atlas, proof: Proof, plan: Plan, needles: Sequence[Needle], names: Sequence[Needle] = ()) -> None:
        self.pile, self.conn, self.atlas, self.sql = pile, pile.conn, atlas, atlas.sql
        self.proof, self.plan, self.needles = proof, plan, needles
        self.own = (*needles, *names)
        """Blanked in the customer's own rows. A name identifies nobody alone: in other rows it may be a namesake's."""
        self._masked: dict[tuple[str, tuple[str, ...]], dict[str, Expression]] = {}

    def carry_out(self) -> None:
        """Change, then delete. A row is changed by one statement: without a primary key its address is gone afterwards."""
        for name in self.plan.tables:
            self.change(name)
        self.loosen()
        self.forget_pointers()
        for place, name in enumerate(self.proof.order):
            if rows := self.plan.of(name, Fate.DELETE):
                self.put(Stage.DELETE, name, f"DELETE FROM {self.sql.quote(name)}", (), rows, place)

    # -- changes ----------------------------------------------------------------------------------------------------

    def change(self, name: str) -> None:
        """Mask, block and unlink: rows with the same new values go together."""
        groups: dict[tuple[str, tuple[Any, ...]], list[Decided]] = defaultdict(list)
        alike: dict[tuple[Any, ...], tuple[str, tuple[Any, ...]]] = {}
        own = self.needs_old_values(name)
        for d in self.plan.tables[name]:
            same = (d.fate, d.spared, d.unlink)
            if own or same not in alike:
                alike[same] = self.assignments(self.new_cells(name, d))
            groups[alike[same]].append(d)
        for (text, values), rows in groups.items():
            if text:
                self.put(Stage.CHANGE, name, f"UPDATE {self.sql.quote(name)} SET {text}", values, rows)

    def needs_old_values(self, name: str) -> bool:
        """Whether what a row of the table becomes may depend on what stands in it."""
        rules = self.atlas.map.tables[name]
        return rules.keyed is not None or any(self.proof.masks[name, rule.name][0] in ROW_BY_ROW for rule in rules.personal)

    def assignments(self, cells: Mapping[str, Expression]) -> tuple[str, tuple[Any, ...]]:
        """(text after SET, its values); empty when nothing changes."""
        text = ", ".join(f"{self.sql.quote(column)} = {new}" for column, (new, _) in cells.items())
        return text, tuple(v for _, values in cells.values() for v in values)

    def new_cells(self, name: str, d: Decided) -> dict[str, Expression]:
        """Column → new value of one row; the later of two reasons to change a column wins."""
        cells: dict[str, Expression] = {}
        if d.fate in MASKED:
            cells.update(self.masked(name, d.spared))
            cells.update(self.masked_by_row(name, d))
            cells.update(self.masked_value(name, d))
        if name == self.plan.root and d.fate in (Fate.BLOCK, *MASKED):
            access = self.atlas.map.access
            cells.update({column: (self.sql.mark, (value,)) for column, value in access.block})
            cells.update(dict.fromkeys(access.clear, NULL))
        if d.fate is not Fate.DELETE:
            cells.update(dict.fromkeys(d.unlink, NULL))
        return cells

    def masked(self, name: str, spared: tuple[str, ...]) -> dict[str, Expression]:
        """Columns that one statement can mask for all rows."""
        if (name, spared) not in self._masked:
            self._masked[name, spared] = {
                rule.name: masked(self.sql, self.column(name, rule.name), *self.proof.masks[name, rule.name])
                for rule in self.atlas.map.tables[name].personal
                if rule.name not in spared and self.proof.masks[name, rule.name][0] not in ROW_BY_ROW
            }
        return self._masked[name, spared]

    def masked_by_row(self, name: str, d: Decided) -> dict[str, Expression]:
        """Columns that need the old value."""
        cells: dict[str, Expression] = {}
        record = self.plan.found[name].record(d.row)
        for rule in self.atlas.map.tables[name].personal:
            mask = self.proof.masks[name, rule.name][0]
            if rule.name not in d.spared and mask in ROW_BY_ROW:
                blind = rule.name in d.whole and mask in (Mask.REDACT, Mask.JSON)
                new = (
                    whole(record[rule.name], rule, self.column(name, rule.name).length)
                    if blind
                    else row_value(mask, record[rule.name], rule, self.own)
                )
                if new != record[rule.name]:
                    cells[rule.name] = self.stored(name, rule.name, new)
        return cells

    def masked_value(self, name: str, d: Decided) -> dict[str, Expression]:
        """A key/value row: the mask follows the kind of its key."""
        keyed = self.atlas.map.tables[name].keyed
        if keyed is None or keyed.value in d.spared:
            return {}
        record = self.plan.found[name].record(d.row)
        kind = keyed.kinds.get(str(record[keyed.key]), keyed.rest)
        if not kind:
            return {}
        mask = self.proof.keyed[name, kind]
        if mask in ROW_BY_ROW:
            rule, blind = ColumnRule(keyed.value, kind=kind), keyed.value in d.whole and mask is Mask.REDACT
            length = self.column(name, keyed.value).length
            new = whole(record[keyed.value], rule, length) if blind else row_value(mask, record[keyed.value], rule, self.own)
            return {keyed.value: self.stored(name, keyed.value, new)} if new != record[keyed.value] else {}
        return {keyed.value: masked(self.sql, self.column(name, keyed.value), mask, None)}

    def stored(self, name: str, column: str, value: Any) -> Expression:
        return self.sql.cast_mark(self.column(name, column)), (self.sql.storable(value),)

    def loosen(self) -> None:
        """Foreign keys in a circle, or into their own table, become NULL in rows that are about to go."""
        for edge in self.proof.loosened:
            gone = self.plan.of(edge.child, Fate.DELETE)
            if gone:
                assignments = ", ".join(f"{self.sql.quote(c)} = NULL" for c in edge.columns)
                self.put(Stage.LOOSEN, edge.child, f"UPDATE {self.sql.quote(edge.child)} SET {assignments}", (), gone)

    def forget_pointers(self) -> None:
        """Pointers of other rows at a customer who goes (`referred_by`)."""
        for cell in self.plan.pointers:
            head = f"UPDATE {self.sql.quote(cell.table)} SET {self.sql.quote(cell.column)} = NULL"
            self.pile.add(Stage.LOOSEN, write, Rows(self.shape(cell.table), (), {cell.address: 1}), self.sql.engine, head)

    def redact_hits(self, hits: Iterable[Hit]) -> None:
        """Blank the customer's values in cells of rows that are not theirs, as they are once everything that waits is written."""
        rows: dict[tuple[str, Address], dict[str, None]] = defaultdict(dict)
        for hit in hits:
            rows[hit.table, hit.address][hit.column] = None
        if rows:
            self.pile.flush()
        for (table, address), columns in rows.items():
            old, count = self.read_cells(table, address, tuple(columns))
            new = {c: row_value(Mask.REDACT, value, ColumnRule(c), self.needles) for c, value in old.items()}
            changed = {c: value for c, value in new.items() if value != old[c]}
            if changed:
                self.set_cells(table, address, changed, count)

    # -- statements -------------------------------------------------------------------------------------------------

    def shape(self, name: str) -> TableShape:
        return self.proof.schema.tables[name]

    def column(self, table: str, name: str) -> Column:
        found = self.shape(table).column(name)
        if found is None:  # proven a moment ago
            raise Conflict("rows-moved", table=table)
        return found

    def put(self, stage: Stage, name: str, head: str, values: tuple[Any, ...], rows: Sequence[Decided], place: int = 0) -> None:
        """Rows of the plan for `write`."""
        found = self.plan.found[name]
        met = Counter(found.key(d.row) for d in rows)
        self.pile.add(stage, write, Rows(self.shape(name), values, met), self.sql.engine, head, place=place)

    def read_cells(self, table: str, address: Address, columns: Sequence[str]) -> tuple[dict[str, Any], int]:
        """Cells of the row at an address, and how many equal rows share it. Raises Conflict `rows-moved`."""
        where, values = self.sql.where_rows(self.shape(table), [address])
        picked = ", ".join(self.sql.quote(c) for c in columns)
        rows = run(self.conn, f"SELECT {picked} FROM {self.sql.quote(table)} WHERE {where}", values).all()
        if not rows:
            raise Conflict("rows-moved", table=table)
        return dict(zip(columns, rows[0], strict=True)), len(rows)

    def set_cells(self, table: str, address: Address, cells: Mapping[str, Any], count: int = 1) -> None:
        where, values = self.sql.where_rows(self.shape(table), [address])
        assignments = ", ".join(f"{self.sql.quote(c)} = {self.sql.cast_mark(self.column(table, c))}" for c in cells)
        bound = (*(self.sql.storable(v) for v in cells.values()), *values)
        done = run(self.conn, f"UPDATE {self.sql.quote(table)} SET {assignments} WHERE {where}", bound)
        expect(table, done.rowcount, count)


def write(conn: Connection, items: Sequence[Rows], engine: str, head: str) -> None:
    """Rows of one table, of however many customers, changed or deleted by `head`. Raises Conflict `rows-moved`."""
    groups: dict[Any, tuple[tuple[Any, ...], Counter[Address]]] = {}
    for rows in items:
        same = (rows.values, tuple(map(type, rows.values)))  # 1, 1.0 and True are equal to Python
        groups.setdefault(same, (rows.values, Counter()))[1].update(rows.met)
    sql, shape = Sql(engine), items[0].shape
    if len(groups) > FEW:
        _row_by_row(conn, sql, shape, head, [(values, *one) for values, met in groups.values() for one in met.items()])
        return
    for values, met in groups.values():
        for some in chunks(list(met), CHUNK):
            where, bound = sql.where_rows(shape, some)
            done = run(conn, f"{head} WHERE {where}", (*values, *bound))
            expect(shape.name, done.rowcount, sum(met[address] for address in some))


def _row_by_row(conn: Connection, sql: Sql, shape: TableShape, head: str, rows: Sequence[tuple[tuple[Any, ...], Address, int]]) -> None:
    """One statement, its values row by row: each has its own."""
    bound = []
    for values, address, _ in rows:
        where, at = sql.where_rows(shape, [address])
        bound.append((*values, *at))
    done = conn.exec_driver_sql(f"{head} WHERE {where}", bound)
    expect(shape.name, done.rowcount, sum(count for _, _, count in rows))


def expect(table: str, done: int, planned: int) -> None:
    """Raises Conflict `rows-moved`."""
    if done != planned:
        raise Conflict("rows-moved", table=table)
