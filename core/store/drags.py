"""What a delete would drag along, untie or be stopped by: rows that hang on rows that go and that nobody has decided on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.errors import Refused
from core.model.plan import Fate, Plan
from core.model.rowset import Address
from core.store.sql import CHUNK, chunks, flatten, run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.schema import ForeignKey, Schema, TableShape
    from core.store.sql import Sql


def refuse_dragging(conn: Connection, sql: Sql, schema: Schema, plan: Plan) -> None:
    """Raises Refused `drags-along`: rows of somebody else, or rows that stay, hang on rows that go by a declared key.

    CASCADE would delete them, SET NULL untie them, and the others stop the delete without a name.
    """
    gone = {name: rows for name in plan.tables if (rows := plan.of(name, Fate.DELETE))}
    for child in schema.tables.values():
        for key in child.foreign_keys:
            if key.parent in gone and key.parent in plan.found:
                found = plan.found[key.parent]
                targets = {v for d in gone[key.parent] if None not in (v := found.pick(d.row, key.parent_columns))}
                decided = _decided(plan, child.name, key)
                if any(address not in decided for address in _hanging(conn, sql, child, key, sorted(targets, key=repr))):
                    raise Refused("drags-along", table=child.name, parent=key.parent)


def _decided(plan: Plan, table: str, key: ForeignKey) -> set[Address]:
    """Rows that go too, or that let go of what they point at."""
    found = plan.found.get(table)
    rows = plan.tables.get(table, ()) if found else ()
    own = {found.key(d.row) for d in rows if d.fate is Fate.DELETE or set(key.columns) <= set(d.unlink)} if found else set()
    return own | {cell.address for cell in plan.pointers if cell.table == table and key.columns == (cell.column,)}


def _hanging(conn: Connection, sql: Sql, child: TableShape, key: ForeignKey, targets: Sequence[tuple[Any, ...]]) -> Iterator[Address]:
    picked = ", ".join(sql.quote(n) for n in sql.address(child))
    one = "(" + " AND ".join(f"{sql.quote(c)} = {sql.mark}" for c in key.columns) + ")"
    for chunk in chunks(targets, CHUNK // len(key.columns)):
        where = f"{sql.quote(key.columns[0])} IN {sql.marks(len(chunk))}"
        where = where if len(key.columns) == 1 else " OR ".join([one] * len(chunk))
        for row in run(conn, f"SELECT {picked} FROM {sql.quote(child.name)} WHERE {where}", flatten(chunk)).all():
            yield tuple(row)
