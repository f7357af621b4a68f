"""Accounts whose access is blocked: the row by which the gate refuses, and what an admin needs to undo a mistake.

Written in the transaction of the resolution that blocks; from then on our own sessions and tokens of the customer are dead.
`before` holds states of the account only: neither secrets nor anything that the map calls personal, so that a password never
comes back and our table names nobody. After a mask or an erase there is nothing to undo, and `before` is empty.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, literal, select, update

from core.errors import Conflict
from core.model.datamap import holds_condition
from core.store import tables, upsert
from core.store.pile import Stage
from core.store.sql import run
from core.store.subjects import master_row

if TYPE_CHECKING:
    from core.model.datamap import DataMap
    from core.model.plan import Plan
    from core.store.atlas import Atlas
    from core.store.engine import Unit

_UPDATE = update(tables.blocks).where(tables.blocks.c.customer == bindparam("who"))
_KNOWN = select(tables.blocks.c.customer).where(tables.blocks.c.customer.in_(bindparam("many", expanding=True)))
_END_MANY = delete(tables.tokens).where(tables.tokens.c.customer.in_(bindparam("many", expanding=True)))
_END_TOKENS = delete(tables.tokens).where(tables.tokens.c.customer == bindparam("who"))
NOTHING = "{}"
CLOSING = ("access", "mask", "erase")
"""Outcomes after which the account is blocked; an erase leaves a customer only where a hold keeps a stub."""
BYTES = "hex"
"""MariaDB gives a BIT column as bytes, which JSON cannot hold."""


def add(unit: Unit, customer: str, request: int | None, before: str = NOTHING) -> None:
    """Block the account, and end its sessions and tokens. A second block of access only keeps what the first remembers."""
    _add(unit.conn, customer, request, unit.at, before)
    unit.conn.execute(_END_TOKENS, {"who": customer})


def add_later(unit: Unit, customer: str, request: int, before: str) -> None:
    """The same, written with the others of its page."""
    unit.pile.add(Stage.KEEP, _add_all, (customer, request, before), unit.at)


def _add_all(conn: Connection, items: Sequence[tuple[str, int, str]], at: datetime) -> None:
    book, many = tables.blocks, [customer for customer, _, _ in items]
    known = set(conn.execute(_KNOWN, {"many": many}).scalars()) if len(items) > 1 else set(many)
    fresh = {customer: _row(customer, request, at, before) for customer, request, before in items if customer not in known}
    if fresh and not upsert.add_all(conn, book, list(fresh.values())):
        fresh = {}
    for customer, request, before in items:
        if customer not in fresh:
            _add(conn, customer, request, at, before)
    conn.execute(_END_MANY, {"many": many})


def _row(customer: str, request: int | None, at: datetime, before: str) -> dict[str, Any]:
    return {"customer": customer, "request": request, "blocked_at": at, "before": before}


def _add(conn: Connection, customer: str, request: int | None, at: datetime, before: str) -> None:
    book = tables.blocks
    again = {"request": request} | ({"before": NOTHING} if before == NOTHING else {})
    if not conn.execute(_UPDATE, {"who": customer, **again}).rowcount:
        upsert.add(conn, book, _row(customer, request, at, before))


def mark_old(conn: Connection) -> None:
    """Blocks of what a release without this table has resolved: the gate must not let in who was anonymised then."""
    asked, book = tables.requests.c, tables.blocks
    closing = (asked.state == "resolved", asked.outcome.in_(CLOSING), asked.customer.is_not(None))
    missing = asked.customer.not_in(select(book.c.customer))
    columns = (asked.customer, func.max(asked.number), func.max(asked.decided_at), literal(NOTHING))
    old = select(*columns).where(*closing, missing).group_by(asked.customer)
    conn.execute(insert(book).from_select(["customer", "request", "blocked_at", "before"], old))


def remove(conn: Connection, customer: str) -> bool:
    """Lift the block; False when there is none (any more): of two who lift it at once one hears True."""
    return conn.execute(delete(tables.blocks).where(tables.blocks.c.customer == customer)).rowcount == 1


def is_blocked(conn: Connection, customer: str) -> bool:
    """Whether the account may not be used."""
    return find(conn, customer) is not None


def find(conn: Connection, customer: str) -> Row[Any] | None:
    """The block of an account."""
    return conn.execute(select(tables.blocks).where(tables.blocks.c.customer == customer)).one_or_none()


def states(mapping: DataMap) -> tuple[str, ...]:
    """Columns of the customer's row that a block changes and a restore may give back."""
    access, rules = mapping.access, mapping.tables[mapping.customer.table].columns
    changed = dict.fromkeys((*(column for column, _ in access.block), *access.clear))
    return tuple(c for c in changed if c != access.password and not rules[c].personal)


def before(mapping: DataMap, plan: Plan) -> str:
    """What `add` is given: states of the account as the plan found them, for a block of access only."""
    found = plan.found[plan.root]
    if plan.resolution.name != "access" or not found.rows:
        return NOTHING
    record = found.record(found.rows[0])
    return json.dumps({column: _plain(record[column]) for column in states(mapping)}, sort_keys=True)


def values(before: str) -> dict[str, Any]:
    """Column → value before the block, as a driver takes it."""
    read: dict[str, Any] = json.loads(before)
    return {column: bytes.fromhex(value[BYTES]) if isinstance(value, dict) else value for column, value in read.items()}


def _plain(value: Any) -> Any:
    """A cell in JSON; what has no form of its own there goes as the text that every engine reads back."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return {BYTES: value.hex()}
    return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat() if isinstance(value, date) else str(value)


def give_back(conn: Connection, atlas: Atlas, customer: str, before: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The states from before the block, where nobody has changed them since.

    Returns (columns that are as before, columns that were changed and stay). Raises Conflict `rows-moved`.
    """
    old, shape = values(before), atlas.shape(conn, atlas.map.customer.table)
    row = master_row(atlas, conn, customer, old)
    if row is None or not old:
        return (), ()
    wrote = {**dict.fromkeys(atlas.map.access.clear), **dict(atlas.map.access.block)}
    given = tuple(column for column in old if column in wrote and _is(row[column], wrote[column]))
    if given:
        quote, names = atlas.sql.quote, atlas.map.customer.key
        cells = ", ".join(f"{quote(column)} = {atlas.sql.cast_mark(shape.column(column))}" for column in given)
        where = " AND ".join(f"{quote(name)} = {atlas.sql.mark}" for name in names)
        bound = (*(atlas.sql.storable(old[column]) for column in given), *(row[name] for name in names))
        if run(conn, f"UPDATE {quote(shape.name)} SET {cells} WHERE {where}", bound).rowcount != 1:
            raise Conflict("rows-moved", table=shape.name)
    return given, tuple(column for column in old if column not in given)


def _is(cell: Any, wrote: Any) -> bool:
    return cell is None if wrote is None else holds_condition({"cell": cell}, (("cell", (wrote,)),))
