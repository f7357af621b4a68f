"""Carries a plan out: every change is `WHERE address IN (…)`, children first, and every count is compared with the plan.

Takes an open connection and never commits. A statement that touches more or fewer rows than were decided raises Conflict
`rows-moved`: somebody changed the rows meanwhile, the whole transaction goes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.errors import Conflict, Refused
from core.model.datamap import ColumnRule, TableMap
from core.model.kinds import STARS, Mask
from core.model.masking import EMAIL_DOMAIN, ROW_BY_ROW, row_value
from core.model.plan import Decided, Fate, Plan
from core.model.rowset import Address, Found
from core.store.sql import chunks, flatten, run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.identity import Needle
    from core.model.schema import Column, TableShape
    from core.store.atlas import Atlas
    from core.store.paths import Subject
    from core.store.prove import Proof
    from core.store.residue import Hit

MASKED = (Fate.MASK, Fate.HOLD, Fate.STUB)
CHUNK = 500


class Hand:
    """One resolution being carried out on one connection."""

    def __init__(self, conn: Connection, atlas: Atlas, proof: Proof, plan: Plan, needles: Sequence[Needle]) -> None:
        self.conn, self.atlas, self.sql = conn, atlas, atlas.sql
        self.proof, self.plan, self.needles = proof, plan, needles

    def carry_out(self, who: Subject) -> None:
        """Unlink, mask, block, then delete; in this order no statement meets a row that an earlier one has lost."""
        for name, rows in self.plan.tables.items():
            self.unlink(name, rows)
        for name in self.plan.tables:
            self.mask(name)
        self.block()
        self.loosen()
        if not self.plan.master_stays:
            self.forget_references(who)
        for name in self.proof.order:
            gone = self.plan.of(name, Fate.DELETE)
            self.delete(name, gone)

    # -- changes ----------------------------------------------------------------------------------------------------

    def unlink(self, name: str, rows: Sequence[Decided]) -> None:
        by_columns: dict[tuple[str, ...], list[Decided]] = defaultdict(list)
        for d in rows:
            if d.unlink and d.fate is not Fate.DELETE:
                by_columns[tuple(dict.fromkeys(d.unlink))].append(d)
        for columns, group in by_columns.items():
            assignments = ", ".join(f"{self.sql.quote(c)} = NULL" for c in columns)
            self.update(name, assignments, (), group)

    def mask(self, name: str) -> None:
        table = self.atlas.map.tables[name]
        groups: dict[tuple[str, ...], list[Decided]] = defaultdict(list)
        for d in self.plan.of(name, *MASKED):
            groups[d.spared].append(d)
        for spared, group in groups.items():
            rules = [rule for rule in table.personal if rule.name not in spared]
            whole, single = self.split(name, rules)
            if whole:
                parts = [self.expression(name, rule.name, *self.proof.masks[name, rule.name]) for rule in whole]
                self.update(name, ", ".join(p for p, _ in parts), [v for _, values in parts for v in values], group)
            if single:
                self.row_by_row(name, single, group)
            if table.keyed and table.keyed.value not in spared:
                self.key_values(table, group)

    def split(self, name: str, rules: Iterable[ColumnRule]) -> tuple[list[ColumnRule], list[ColumnRule]]:
        """Columns that one statement can mask for all rows, and columns that need the old value."""
        whole: list[ColumnRule] = []
        single: list[ColumnRule] = []
        for rule in rules:
            mask = self.proof.masks[name, rule.name][0]
            (single if mask in ROW_BY_ROW else whole).append(rule)
        return whole, single

    def expression(self, name: str, column: str, mask: Mask, constant: str | None) -> tuple[str, list[Any]]:
        """`column = …` with its values; NULL and empty cells stay what they are."""
        quoted, shape = self.sql.quote(column), self.shape(name).column(column)
        new, values = mask_sql(self.sql.engine, mask, shape, constant, self.sql.mark)
        if mask is Mask.NULL:
            return f"{quoted} = NULL", []
        text = shape is not None and shape.family.value == "text"
        empty = f" OR {quoted} = ''" if text and mask is not Mask.EMPTY else ""
        return f"{quoted} = CASE WHEN {quoted} IS NULL{empty} THEN {quoted} ELSE {new} END", values

    def row_by_row(self, name: str, rules: Sequence[ColumnRule], group: Sequence[Decided]) -> None:
        found = self.plan.found[name]
        for d in group:
            record = found.record(d.row)
            new = {r.name: row_value(self.proof.masks[name, r.name][0], record[r.name], r, self.needles) for r in rules}
            changed = {c: v for c, v in new.items() if v != record[c]}
            if changed:
                self.set_cells(name, found.key(d.row), changed)

    def key_values(self, table: TableMap, group: Sequence[Decided]) -> None:
        """Key/value rows: the mask follows the kind of each row's key."""
        keyed, found = table.keyed, self.plan.found[table.name]
        by_kind: dict[str, list[Decided]] = defaultdict(list)
        for d in group:
            if keyed and (kind := keyed.kinds.get(str(found.record(d.row)[keyed.key]), keyed.rest)):
                by_kind[kind].append(d)
        for kind, rows in by_kind.items() if keyed else ():
            mask = self.proof.keyed[table.name, kind]
            value = keyed.value if keyed else ""
            if mask in ROW_BY_ROW:
                rule = ColumnRule(value, kind=kind)
                for d in rows:
                    old = found.record(d.row)[value]
                    self.set_cells(table.name, found.key(d.row), {value: row_value(mask, old, rule, self.needles)})
            else:
                text, values = self.expression(table.name, value, mask, None)
                self.update(table.name, text, values, rows)

    def block(self) -> None:
        """What denies sign-in, wherever the customer's own row stays."""
        access = self.atlas.map.access
        rows = self.plan.of(self.plan.root, Fate.BLOCK, *MASKED)
        values = {**dict.fromkeys(access.clear), **dict(access.block)}
        if rows and values:
            assignments = ", ".join(f"{self.sql.quote(c)} = {self.sql.mark}" for c in values)
            self.update(self.plan.root, assignments, list(values.values()), rows)

    def loosen(self) -> None:
        """Foreign keys in a circle, or into their own table, become NULL in rows that are about to go."""
        for edge in self.proof.loosened:
            gone = self.plan.of(edge.child, Fate.DELETE)
            if gone:
                assignments = ", ".join(f"{self.sql.quote(c)} = NULL" for c in edge.columns)
                self.update(edge.child, assignments, (), gone)

    def forget_references(self, who: Subject) -> None:
        """Pointers of other customers at one that goes (`referred_by`)."""
        for name, table in self.atlas.map.tables.items():
            for rule in table.columns.values():
                if rule.refers_to:
                    column = self.sql.quote(rule.name)
                    run(
                        self.conn,
                        f"UPDATE {self.sql.quote(name)} SET {column} = NULL WHERE {column} = {self.sql.mark}",
                        (who.parts[0],),
                    )

    def delete(self, name: str, rows: Sequence[Decided]) -> None:
        shape, found = self.shape(name), self.plan.found.get(name)
        if found and rows:
            self.refuse_dragging(name, found, rows)
        for chunk in chunks([found.key(d.row) for d in rows] if found else [], CHUNK):
            where, values = self.sql.where_rows(shape, chunk)
            done = run(self.conn, f"DELETE FROM {self.sql.quote(name)} WHERE {where}", values)
            self.expect(name, done.rowcount, len(chunk))

    def refuse_dragging(self, name: str, found: Found, rows: Sequence[Decided]) -> None:
        """What a delete would drag along or orphan by itself must be gone already: what is left was not decided on.

        Raises Refused `drags-along`: rows of somebody else, or rows that a hold keeps, hang on these by CASCADE or SET NULL.
        """
        loose = {(edge.child, edge.columns) for edge in self.proof.loosened}
        for child in self.proof.schema.tables.values():
            for key in child.foreign_keys:
                if key.parent != name or not key.on_delete or key.on_delete in ("NO ACTION", "RESTRICT"):
                    continue
                if child.name == name and (name, key.columns) not in loose:
                    continue  # NOT NULL into its own table: the rows go in one statement
                values = [v for d in rows if None not in (v := found.pick(d.row, key.parent_columns))]
                for chunk in chunks(values, CHUNK):
                    self.refuse_if_any(child.name, key.columns, chunk, name)

    def refuse_if_any(self, child: str, columns: tuple[str, ...], keys: Sequence[tuple[Any, ...]], parent: str) -> None:
        one = "(" + " AND ".join(f"{self.sql.quote(c)} = {self.sql.mark}" for c in columns) + ")"
        where = f"{self.sql.quote(columns[0])} IN {self.sql.marks(len(keys))}"
        where = where if len(columns) == 1 else " OR ".join([one] * len(keys))
        statement = f"SELECT 1 FROM {self.sql.quote(child)} WHERE {where} LIMIT 1"
        if run(self.conn, statement, flatten(keys)).first() is not None:
            raise Refused("drags-along", table=child, parent=parent)

    def redact_hits(self, hits: Iterable[Hit]) -> dict[tuple[str, str], int]:
        """Blank the customer's values in cells of rows that are not theirs; returns cells per (table, column)."""
        cells: dict[tuple[str, Address, str], None] = {(h.table, h.address, h.column): None for h in hits}
        done: dict[tuple[str, str], int] = defaultdict(int)
        for table, address, column in cells:
            old = self.read_cell(table, address, column)
            new = row_value(Mask.REDACT, old, ColumnRule(column), self.needles)
            if new != old:
                self.set_cells(table, address, {column: new})
                done[table, column] += 1
        return dict(done)

    # -- statements -------------------------------------------------------------------------------------------------

    def shape(self, name: str) -> TableShape:
        return self.proof.schema.tables[name]

    def update(self, name: str, assignments: str, values: Sequence[Any], rows: Sequence[Decided]) -> None:
        shape, found = self.shape(name), self.plan.found[name]
        for chunk in chunks([found.key(d.row) for d in rows], CHUNK):
            where, bound = self.sql.where_rows(shape, chunk)
            done = run(self.conn, f"UPDATE {self.sql.quote(name)} SET {assignments} WHERE {where}", (*values, *bound))
            self.expect(name, done.rowcount, len(chunk))

    def read_cell(self, table: str, address: Address, column: str) -> Any:
        where, values = self.sql.where_rows(self.shape(table), [address])
        statement = f"SELECT {self.sql.quote(column)} FROM {self.sql.quote(table)} WHERE {where}"
        row = run(self.conn, statement, values).first()
        if row is None:
            raise Conflict("rows-moved", table=table)
        return row[0]

    def set_cells(self, table: str, address: Address, cells: Mapping[str, Any]) -> None:
        where, values = self.sql.where_rows(self.shape(table), [address])
        assignments = ", ".join(f"{self.sql.quote(c)} = {self.sql.cast_mark(self.shape(table).column(c))}" for c in cells)
        done = run(
            self.conn,
            f"UPDATE {self.sql.quote(table)} SET {assignments} WHERE {where}",
            (*(self.sql.storable(v) for v in cells.values()), *values),
        )
        self.expect(table, done.rowcount, 1)

    def expect(self, table: str, done: int, planned: int) -> None:
        if done != planned:
            raise Conflict("rows-moved", table=table)


def mask_sql(engine: str, mask: Mask, column: Column | None, constant: str | None, mark: str) -> tuple[str, list[Any]]:
    """The new value of a cell as an SQL expression and its bound values."""
    length = column.length if column is not None else None
    if mask is Mask.STARS:
        return mark, [STARS[:length] if length else STARS]
    if mask is Mask.CONSTANT:
        return mark, [constant or ""]
    if mask is Mask.ZERO:
        return "0", []
    if mask is Mask.EMPTY:
        return mark, [b"" if column is not None and column.family.value == "binary" else ""]
    if mask is Mask.TOKEN:
        return _random_hex(engine, min(length or 32, 32)), []
    if mask is Mask.EMAIL:
        room = min((length or 64) - len(EMAIL_DOMAIN), 24)
        return _joined(engine, _random_hex(engine, room), f"'{EMAIL_DOMAIN}'"), []
    if mask is Mask.PHONE:
        return _joined(engine, "'+00'", _random_digits(engine, min((length or 13) - 3, 10))), []
    return "NULL", []


def _joined(engine: str, left: str, right: str) -> str:
    return f"CONCAT({left}, {right})" if engine == "mariadb" else f"({left} || {right})"


def _random_hex(engine: str, length: int) -> str:
    """Random hex of a new value for each row, derived from nothing."""
    source = {
        "sqlite": "lower(hex(randomblob(16)))",
        "postgresql": "replace(gen_random_uuid()::text, '-', '')",
        "mariadb": "lower(hex(random_bytes(16)))",
    }[engine]
    return f"substr({source}, 1, {length})"


def _random_digits(engine: str, length: int) -> str:
    source = {
        "sqlite": "substr('0000000000' || abs(random() % 10000000000), -10)",
        "postgresql": "lpad(floor(random() * 10000000000)::bigint::text, 10, '0')",
        "mariadb": "lpad(floor(rand() * 10000000000), 10, '0')",
    }[engine]
    return f"substr({source}, 1, {length})"
