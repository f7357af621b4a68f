"""A data map against the live schema, before anything runs: every mistake by table and column, drift included.

Promises of a proof without problems: every mask can be stored, rows can be deleted children first, no table or column that
reaches the customer is unjudged, and no foreign key of an unjudged table points at a row that may be deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import Fact
from core.model.datamap import Action, DataMap, LinkKind, TableMap
from core.model.graph import Edge, deletion_order
from core.model.kinds import Mask, default_mask, fits
from core.model.mapreader import Problem, Problems
from core.model.schema import Schema, TableShape

CUSTOMER_WORDS = ("customer", "client", "user", "member", "account", "musteri", "uye", "kullanici", "cari", "abone")


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven: the schema, the mask of every personal column, and the order of deletion."""

    schema: Schema
    masks: Mapping[tuple[str, str], tuple[Mask, str | None]]
    """(table, column) → (mask, constant)"""
    keyed: Mapping[tuple[str, str], Mask]
    """(table, kind) → mask of a key/value table's value column."""
    order: tuple[str, ...]
    """Tables, children first."""
    loosened: tuple[Edge, ...]
    """Nullable foreign keys that are set NULL in rows about to be deleted, because they close a circle."""
    problems: tuple[Problem, ...]


def prove(mapping: DataMap, schema: Schema) -> Proof:
    """Check the whole map; never raises, the problems are in the proof."""
    problems = Problems()
    masks: dict[tuple[str, str], tuple[Mask, str | None]] = {}
    keyed: dict[tuple[str, str], Mask] = {}
    for name, table in mapping.tables.items():
        shape = schema.tables.get(name)
        if shape is None:
            problems.add(f"tables.{name}", "map-table-missing", table=name)
            continue
        _columns(table, shape, masks, problems)
        _keyed(table, shape, keyed, problems)
        _references(table, shape, problems)
    _access(mapping, schema, problems)
    _drift(mapping, schema, problems)
    order, loosened, stuck = deletion_order(mapping, schema)
    if stuck:
        problems.add("tables", "map-fk-cycle", tables=stuck)
    return Proof(schema, masks, keyed, order, loosened, tuple(problems.found))


def _columns(
    table: TableMap, shape: TableShape, masks: dict[tuple[str, str], tuple[Mask, str | None]], problems: Problems
) -> None:
    for rule in table.columns.values():
        at = f"tables.{table.name}.columns.{rule.name}"
        column = shape.column(rule.name)
        if column is None:
            problems.add(at, "map-column-missing", table=table.name, column=rule.name)
        elif rule.personal:
            unique = is_unique(shape, rule.name)
            mask = rule.mask or default_mask(rule.kind, column, unique=unique)
            masks[table.name, rule.name] = (mask, rule.constant)
            if _ever_masked(table) and (why := fits(mask, column, unique=unique)):
                problems.add(at, why, table=table.name, column=rule.name, mask=mask.value, type=column.type)
            if _ever_masked(table) and rule.name in _linking(table, shape):
                problems.add(at, "mask-on-link", table=table.name, column=rule.name)
    judged = set(table.columns) | ({table.keyed.key, table.keyed.value} if table.keyed else set())
    for name in shape.names:
        if name not in judged:
            problems.add(f"tables.{table.name}.columns.{name}", "drift-column", table=table.name, column=name)


def _ever_masked(table: TableMap) -> bool:
    """Whether any row of the table can stay with masked cells."""
    if table.link.kind is LinkKind.NONE:
        return False
    fates = {table.on_mask, table.on_erase, *(s.on_mask for s in table.states), *(s.on_erase for s in table.states)}
    return Action.MASK in fates or table.hold is not None


def is_unique(shape: TableShape, column: str) -> bool:
    """Whether a constant in this column could collide with another row."""
    return any(column in group for group in (shape.key, *shape.unique))


def _linking(table: TableMap, shape: TableShape) -> frozenset[str]:
    """Columns that hold the row in place: its primary key and its key links. A value link may be masked like any value."""
    link = table.link.columns if table.link.kind in (LinkKind.UP, LinkKind.DOWN) else ()
    declared = (c for key in shape.foreign_keys for c in key.columns)
    return frozenset((*shape.key, *link, *declared))


def _keyed(table: TableMap, shape: TableShape, masks: dict[tuple[str, str], Mask], problems: Problems) -> None:
    if table.keyed is None:
        return
    for name in (table.keyed.key, table.keyed.value):
        if shape.column(name) is None:
            problems.add(f"tables.{table.name}.keyed", "map-column-missing", table=table.name, column=name)
    column = shape.column(table.keyed.value)
    if column is None:
        return
    for kind in {*table.keyed.kinds.values(), *([table.keyed.rest] if table.keyed.rest else [])}:
        unique = is_unique(shape, column.name)
        masks[table.name, kind] = default_mask(kind, column, unique=unique)
        if why := fits(masks[table.name, kind], column, unique=unique):
            at = f"tables.{table.name}.keyed"
            problems.add(at, why, table=table.name, column=column.name, mask=masks[table.name, kind], type=column.type)


def _references(table: TableMap, shape: TableShape, problems: Problems) -> None:
    """A pointer at a customer must be free to become NULL."""
    for rule in table.columns.values():
        column = shape.column(rule.name)
        if rule.refers_to and column is not None and not column.nullable:
            at = f"tables.{table.name}.columns.{rule.name}"
            problems.add(at, "mask-not-null", table=table.name, column=rule.name, mask="null", type=column.type)


def _access(mapping: DataMap, schema: Schema, problems: Problems) -> None:
    root = mapping.customer.table
    shape = schema.tables.get(root)
    for name in mapping.access.clear if shape else ():
        column = shape.column(name) if shape else None
        if column is not None and not column.nullable:
            problems.add("access.clear", "mask-not-null", table=root, column=name, mask="null", type=column.type)
    for name, value in mapping.access.block:
        column = shape.column(name) if shape else None
        if column is None:
            continue
        facts: dict[str, Fact] = {"table": root, "column": name, "mask": str(value), "type": column.type}
        if column.length is not None and len(str(value)) > column.length:
            problems.add(f"access.block.{name}", "mask-too-long", **facts)
        if column.choices and str(value) not in column.choices:
            problems.add(f"access.block.{name}", "mask-wrong-type", **facts)


def _drift(mapping: DataMap, schema: Schema, problems: Problems) -> None:
    """Tables that nobody has judged and that reach a mapped one, by a declared key or by the name of a column."""
    for name, shape in schema.tables.items():
        if name in mapping.tables:
            continue
        parents = tuple(sorted({k.parent for k in shape.foreign_keys if k.parent in mapping.tables}))
        if name in mapping.not_personal:
            if blocked := [p for p in parents if _deletes(mapping.tables[p])]:
                problems.add("not_personal", "drift-reaches", table=name, through=tuple(blocked))
            continue
        named = tuple(sorted(c for c in shape.names if _names_customer(c, mapping)))
        if parents:
            problems.add(f"tables.{name}", "drift-table", table=name, through=parents)
        elif named:
            problems.add(f"tables.{name}", "drift-table", table=name, through=named)
    for name in mapping.not_personal:
        if name not in schema.tables:
            problems.add("not_personal", "map-table-missing", table=name)


def _deletes(table: TableMap) -> bool:
    """Whether an erase or a mask may delete rows of the table."""
    fates = {table.on_mask, table.on_erase, *(s.on_mask for s in table.states), *(s.on_erase for s in table.states)}
    return Action.DELETE in fates


def _names_customer(column: str, mapping: DataMap) -> bool:
    """Whether a column is named like a key of a customer: `customer_id`, `client_id`, `userid`, `musteri_no`."""
    low = column.lower()
    words = {*CUSTOMER_WORDS, mapping.customer.table.lower().rstrip("s")}
    return any(low in (w, f"{w}_id", f"{w}id", f"{w}_no", f"{w}_key", f"{w}_email", f"{w}s_id") for w in words)
