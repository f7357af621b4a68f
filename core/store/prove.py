"""A data map against the live schema, before anything runs: every mistake by table and column, drift included.

Promises of a proof without problems: every mask can be stored, rows can be deleted children first, no table or column that
reaches the customer is unjudged, and no foreign key of an unjudged table points at a row that may be deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.errors import Fact
from core.model.datamap import Action, DataMap, LinkKind, TableMap
from core.model.folding import fold
from core.model.graph import Edge, deletion_order, edges
from core.model.kinds import Mask, default_mask, fits
from core.model.mapaccess import prove_register
from core.model.mapreader import Problem, Problems
from core.model.schema import Schema, TableShape

CUSTOMER_WORDS = ("customer", "client", "user", "member", "account", "musteri", "uye", "kullanici", "cari", "abone")
KEY_ENDS = ("_id", "id", "_no", "no", "_key", "_email", "s_id", "_ref")
GENERIC_KEYS = frozenset({"id", "no", "key", "code", "kod", "number", "uuid", "guid"})
"""Keys that every table calls so: sharing the name says nothing."""


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
    triggers: tuple[tuple[str, str], ...]
    """(trigger, table) on mapped tables: what they do with a row is not in the plan."""
    problems: tuple[Problem, ...]


def prove(mapping: DataMap, schema: Schema) -> Proof:
    """Check the whole map but its CHECK constraints; never raises, the problems are in the proof."""
    problems = Problems()
    masks: dict[tuple[str, str], tuple[Mask, str | None]] = {}
    keyed: dict[tuple[str, str], Mask] = {}
    masked = ever_masked(mapping, schema)
    referenced = _referenced(mapping, schema)
    for name, table in mapping.tables.items():
        shape = schema.tables.get(name)
        if shape is None:
            problems.add(f"tables.{name}", "map-table-missing", table=name)
            continue
        found = _columns(table, shape, problems)
        masks.update({(name, column): mask for column, mask in found.items()})
        if name in masked:
            fixed = _linking(table, shape) | {column for parent, column in referenced if parent == name}
            _masks(table, shape, found, fixed, problems)
        _everywhere(table, shape, problems)
        _keyed(table, shape, keyed, problems)
        _references(table, shape, problems)
        if table.hold is not None and not table.hold.with_invoices and not shape.key:
            problems.add(f"tables.{name}.hold", "map-hold-needs-key", table=name)
    _access(mapping, schema, problems)
    if root := schema.tables.get(mapping.customer.table):
        prove_register(mapping, root, problems)
    _drift(mapping, schema, problems)
    order, loosened, stuck = deletion_order(mapping, schema)
    if stuck:
        problems.add("tables", "map-fk-cycle", tables=stuck)
    triggers = tuple(trigger for trigger in schema.triggers if trigger[1] in mapping.tables)
    return Proof(schema, masks, keyed, order, loosened, triggers, tuple(problems.found))


def _columns(table: TableMap, shape: TableShape, problems: Problems) -> dict[str, tuple[Mask, str | None]]:
    """Column → mask of every personal column; columns that the map or the database alone knows are noted."""
    masks: dict[str, tuple[Mask, str | None]] = {}
    for rule in table.columns.values():
        column = shape.column(rule.name)
        if column is None:
            at = f"tables.{table.name}.columns.{rule.name}"
            problems.add(at, "map-column-missing", table=table.name, column=rule.name)
        elif rule.personal:
            mask = rule.mask or default_mask(rule.kind, column, unique=is_unique(shape, rule.name))
            masks[rule.name] = (mask, rule.constant)
    judged = set(table.columns) | ({table.keyed.key, table.keyed.value} if table.keyed else set())
    for name in shape.names:
        if name not in judged:
            problems.add(f"tables.{table.name}.columns.{name}", "drift-column", table=table.name, column=name)
    return masks


def _masks(
    table: TableMap,
    shape: TableShape,
    masks: Mapping[str, tuple[Mask, str | None]],
    fixed: frozenset[str],
    problems: Problems,
) -> None:
    """Every mask can be stored, and none stands on a key or a link (`fixed`)."""
    for column in (c for c in shape.columns if c.name in masks):
        at = f"tables.{table.name}.columns.{column.name}"
        mask, constant = masks[column.name]
        if why := fits(mask, column, unique=is_unique(shape, column.name), constant=constant):
            problems.add(at, why, table=table.name, column=column.name, mask=mask.value, type=column.type)
        if column.name in fixed:
            problems.add(at, "mask-on-link", table=table.name, column=column.name)


def _everywhere(table: TableMap, shape: TableShape, problems: Problems) -> None:
    """Where the customer's values are blanked in other people's rows, a blanked text must fit too."""
    for rule in table.columns.values():
        column = shape.column(rule.name)
        if rule.everywhere and column is not None:
            unique = is_unique(shape, rule.name)
            if why := fits(Mask.REDACT, column, unique=unique):
                at = f"tables.{table.name}.columns.{rule.name}.everywhere"
                problems.add(at, why, table=table.name, column=rule.name, mask=Mask.REDACT.value, type=column.type)


def ever_masked(mapping: DataMap, schema: Schema) -> frozenset[str]:
    """Tables of which a row can stay with masked cells: by its own fate, or as the stub that a row that stays points at."""
    stays = {name for name, table in mapping.tables.items() if _may_stay(table)}
    masked = {name for name in stays if _may_be_masked(mapping.tables[name])}
    pairs = {
        (child, parent)
        for child, columns, parent in _ties(mapping, schema)
        if mapping.tables[child].hold or not _may_be_null(schema, child, columns)
    }
    while more := {parent for child, parent in pairs if child in stays} - stays:
        stays |= more
        masked |= more
    return frozenset(masked | {parent for child, parent in pairs if child in stays})


def _ties(mapping: DataMap, schema: Schema) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(child, columns, parent): declared keys and the map's links."""
    for edge in edges(mapping, schema):
        yield edge.child, edge.columns, edge.parent
    for name, table in mapping.tables.items():
        if table.link.kind is LinkKind.UP and not table.link.pack:
            yield name, table.link.columns, table.link.parent
        elif table.link.kind is LinkKind.DOWN:
            yield table.link.parent, table.link.parent_columns, name


def _may_be_null(schema: Schema, table: str, columns: tuple[str, ...]) -> bool:
    shape = schema.tables.get(table)
    found = [shape.column(name) for name in columns] if shape else []
    return all(column is not None and column.nullable for column in found)


def _may_stay(table: TableMap) -> bool:
    """Whether any row of the table can stay after a mask or an erase."""
    if table.link.kind is LinkKind.NONE:
        return False
    return any(fate is not Action.DELETE for fate in _fates(table)) or table.hold is not None


def _may_be_masked(table: TableMap) -> bool:
    return Action.MASK in _fates(table) or table.hold is not None


def _fates(table: TableMap) -> set[Action]:
    return {table.on_mask, table.on_erase, *(s.on_mask for s in table.states), *(s.on_erase for s in table.states)}


def _referenced(mapping: DataMap, schema: Schema) -> frozenset[tuple[str, str]]:
    """(table, column) that other rows point at, by a declared key or by a link of the map."""
    found = {(key.parent, column) for shape in schema.tables.values() for key in shape.foreign_keys for column in key.parent_columns}
    for table in mapping.tables.values():
        found |= {(table.link.parent, column) for column in table.link.parent_columns}
    return frozenset(found)


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
        if column.generated:
            problems.add(f"access.block.{name}", "mask-generated-column", **facts)
        if shape and is_unique(shape, name):
            problems.add(f"access.block.{name}", "mask-not-unique", **facts)
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
    return Action.DELETE in _fates(table)


def _names_customer(column: str, mapping: DataMap) -> bool:
    """Whether a column is named like a key of a customer: `customer_id`, `client_id`, `userid`, `musteri_no`."""
    low = fold(column)
    words = {*CUSTOMER_WORDS, fold(mapping.customer.table).rstrip("s")}
    own = {fold(key) for key in mapping.customer.key} - GENERIC_KEYS
    return low in own or any(low in (w, *(f"{w}{end}" for end in KEY_ENDS)) for w in words)
