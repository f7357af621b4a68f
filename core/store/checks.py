"""The proof that masked rows still fulfil the CHECK constraints of their tables.

The condition is evaluated as the engine prints it, by the engine, over a derived table in which masked expressions stand in
the place of the columns: on real rows of the table, and on one masked row of our own where a condition names masked columns
only. Nothing is changed. A condition that cannot be evaluated over masked values would stop the UPDATE too, so it counts as
broken. What `redact` leaves of a text depends on the customer and cannot be proven: those columns stand as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from core.model.kinds import Mask
from core.model.mapreader import Problem, Problems
from core.model.masking import ROW_BY_ROW, row_value
from core.model.schema import Check, TableShape
from core.store.constraints import names_column
from core.store.maskcells import Expression, fresh, masked
from core.store.prove import ever_masked
from core.store.sql import Sql, run

if TYPE_CHECKING:
    from core.model.datamap import ColumnRule, DataMap, TableMap
    from core.store.prove import Proof

SAMPLE = 100
"""Rows of a table on which its conditions are tried."""


def prove_checks(conn: Connection, sql: Sql, mapping: DataMap, proof: Proof) -> tuple[Problem, ...]:
    """Every CHECK constraint that a mask, a hold or the access block of the map would break."""
    problems = Problems()
    stays = ever_masked(mapping, proof.schema)
    for name, table in mapping.tables.items():
        shape = proof.schema.tables.get(name)
        if shape is None or not shape.checks:
            continue
        told: set[tuple[str, ...]] = set()
        for change in _changes(sql, mapping, table, shape, proof, masks=name in stays):
            for check, columns in broken(conn, sql, shape, change):
                if (check.text, *columns) not in told:
                    told.add((check.text, *columns))
                    _tell(problems, name, columns, check)
    return tuple(problems.found)


def _tell(problems: Problems, table: str, columns: tuple[str, ...], check: Check) -> None:
    at = f"tables.{table}.columns.{columns[0]}"
    constraint = check.name or " ".join(check.text.split())
    problems.add(at, "mask-breaks-check", table=table, column=", ".join(columns), constraint=constraint)


def _changes(sql: Sql, mapping: DataMap, table: TableMap, shape: TableShape, proof: Proof, *, masks: bool) -> Iterator[Masked]:
    """What can become of a row of the table, one way after another."""
    whole = _whole(sql, table, shape, proof) if masks else Masked({}, {}, {})
    if table.name == mapping.customer.table:
        access = mapping.access
        block: dict[str, Expression] = {c: (sql.mark, (v,)) for c, v in access.block if shape.column(c)}
        block |= {c: ("NULL", ()) for c in access.clear if shape.column(c)}
        yield Masked(block, block, {})
        whole = Masked({**whole.sql, **block}, {**whole.fresh, **block}, whole.by_row)
    yield whole
    if table.hold is not None:
        yield whole.without(table.hold.keep)
    yield from _keyed(sql, table, shape, proof)
    for rule in table.columns.values():
        if rule.refers_to:
            yield Masked({rule.name: ("NULL", ())}, {}, {})


def _whole(sql: Sql, table: TableMap, shape: TableShape, proof: Proof) -> Masked:
    now: dict[str, Expression] = {}
    new: dict[str, Expression] = {}
    by_row: dict[str, ColumnRule] = {}
    for rule in table.personal:
        column = shape.column(rule.name)
        if column is None:
            continue
        mask, constant = proof.masks[table.name, rule.name]
        if mask not in ROW_BY_ROW:
            now[rule.name] = masked(sql, column, mask, constant)
            new[rule.name] = fresh(sql, column, mask, constant)
        elif mask is not Mask.REDACT:
            by_row[rule.name] = replace(rule, mask=mask)
    return Masked(now, new, by_row)


def _keyed(sql: Sql, table: TableMap, shape: TableShape, proof: Proof) -> Iterator[Masked]:
    """A key/value table: the value of each key by the mask of its kind."""
    keyed = table.keyed
    column = shape.column(keyed.value) if keyed else None
    for key, kind in keyed.kinds.items() if keyed and column else ():
        mask = proof.keyed[table.name, kind]
        if keyed and column and mask not in ROW_BY_ROW:
            new, values = masked(sql, column, mask, None)
            quoted = sql.quote(column.name)
            case = f"CASE WHEN {sql.quote(keyed.key)} = {sql.mark} THEN {new} ELSE {quoted} END"
            yield Masked({column.name: (case, (key, *values))}, {}, {})


@dataclass(frozen=True, slots=True)
class Masked:
    """What a change makes of one table's rows, column by column."""

    sql: Mapping[str, Expression]
    """Column → the new value as an expression over the old row, and its bound values."""
    fresh: Mapping[str, Expression]
    """Column → the new value without an old row."""
    by_row: Mapping[str, ColumnRule]
    """Columns whose new value is made in Python; the rule names its mask."""

    def without(self, columns: tuple[str, ...]) -> Masked:
        """The same change with some columns left alone."""

        return Masked(
            {name: new for name, new in self.sql.items() if name not in columns},
            {name: new for name, new in self.fresh.items() if name not in columns},
            {name: rule for name, rule in self.by_row.items() if name not in columns},
        )


def broken(conn: Connection, sql: Sql, shape: TableShape, masked: Masked) -> Iterator[tuple[Check, tuple[str, ...]]]:
    """(condition, masked columns that it names) of every condition that masked rows do not fulfil."""
    ours = {*masked.sql, *masked.by_row}
    for check in shape.checks:
        named = tuple(name for name in shape.names if names_column(check.text, name))
        touched = tuple(name for name in named if name in ours)
        if touched and _breaks(conn, sql, shape, masked, check, named):
            yield check, touched


def _breaks(conn: Connection, sql: Sql, shape: TableShape, masked: Masked, check: Check, named: tuple[str, ...]) -> bool:
    trials = list(_rows(conn, sql, shape, masked, named))
    if set(named) <= set(masked.fresh):
        trials.append(_one_row(sql, shape, {name: masked.fresh[name] for name in named}))
    return any(_fails(conn, sql, shape, check, source, values) for source, values in trials)


def _rows(conn: Connection, sql: Sql, shape: TableShape, masked: Masked, named: tuple[str, ...]) -> Iterator[Expression]:
    """Real rows with the masked values in them: all at once, or one by one where Python makes a value."""
    table = sql.quote(shape.name)
    whole = {name: masked.sql[name] for name in named if name in masked.sql}
    single = [name for name in named if name in masked.by_row]
    if not single:
        yield _selected(sql, shape, whole, f"(SELECT * FROM {table} LIMIT {SAMPLE}) t")
        return
    names = sql.address(shape)
    picked = ", ".join(sql.quote(n) for n in (*names, *single))
    for row in run(conn, f"SELECT {picked} FROM {table} LIMIT {SAMPLE}").all():
        where, address = sql.where_rows(shape, [tuple(row[: len(names)])])
        new = dict(whole)
        for name, old in zip(single, row[len(names) :], strict=True):
            rule = masked.by_row[name]
            value = sql.storable(row_value(rule.mask, old, rule, ())) if rule.mask else old
            new[name] = (sql.cast_mark(shape.column(name)), (value,))
        source, values = _selected(sql, shape, new, f"(SELECT * FROM {table} WHERE {where}) t")
        yield source, (*values, *address)


def _one_row(sql: Sql, shape: TableShape, fresh: Mapping[str, Expression]) -> Expression:
    """A row that need not exist: NULL everywhere, the new values in the types of their columns."""
    table = sql.quote(shape.name)
    return _selected(sql, shape, fresh, f"(SELECT r.* FROM (SELECT 1 AS one) o LEFT JOIN {table} r ON 1 = 0) t")


def _selected(sql: Sql, shape: TableShape, new: Mapping[str, Expression], source: str) -> Expression:
    cells: list[str] = []
    values: list[object] = []
    for name in shape.names:
        quoted = sql.quote(name)
        if name in new:
            expression, bound = new[name]
            cells.append(f"CASE WHEN 1 = 0 THEN {quoted} ELSE {expression} END AS {quoted}")  # in the column's own type
            values += bound
        else:
            cells.append(quoted)
    return f"SELECT {', '.join(cells)} FROM {source}", tuple(values)


def _fails(conn: Connection, sql: Sql, shape: TableShape, check: Check, source: str, values: tuple[object, ...]) -> bool:
    found = _evaluates(conn, sql, shape, check, source, values)
    if found is None:  # not the mask's fault when the condition cannot be evaluated over rows as they are either
        return _evaluates(conn, sql, shape, check, f"SELECT * FROM {sql.quote(shape.name)} t", ()) is not None
    return found


def _evaluates(conn: Connection, sql: Sql, shape: TableShape, check: Check, source: str, values: tuple[object, ...]) -> bool | None:
    """Whether a row of the source breaks the condition; None when the engine cannot say."""
    text = check.text if sql.engine == "sqlite" else check.text.replace("%", "%%")
    statement = f"SELECT 1 FROM ({source} LIMIT {SAMPLE}) AS {sql.quote(shape.name)} WHERE NOT ({text}) LIMIT 1"
    point = conn.begin_nested()  # on PostgreSQL a failed statement would take the snapshot with it
    try:
        return run(conn, statement, values).first() is not None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return None
    finally:
        if point.is_active:
            point.rollback()
