"""The company's customers in the order of their key, by stretches: where one ends the next begins, whatever lies before it.

A place is the key as the driver gave it, and goes back to it the same: SQLite keeps anything in a column, and still has an order for it.
A stretch is a condition and no subquery with a LIMIT, which costs SQLite a copy of every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.store.sql import run
from core.store.subjects import condition_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.store.atlas import Atlas
    from core.store.sql import Sql

Place = tuple[Any, ...]
Condition = tuple[str, tuple[Any, ...]]
"""SQL that begins with ` AND`, or nothing, and its values."""


def further(sql: Sql, names: Sequence[str], place: Place) -> Condition:
    """What lies behind a place. `names`: the key's columns, quoted, as the query calls them."""
    return _side(sql, names, place, ">", ">")


def between(atlas: Atlas, after: Place | None, upto: Place | None) -> Condition:
    """What lies behind one place and up to another, which is included; None: the very first, the very last."""
    names = _names(atlas)
    behind, first = further(atlas.sql, names, after) if after is not None else ("", ())
    before, last = _side(atlas.sql, names, upto, "<", "<=") if upto is not None else ("", ())
    return behind + before, (*first, *last)


def end(conn: Connection, atlas: Atlas, after: Place | None, most: int) -> Place | None:
    """The place of the last of the next so many customers, None when there are not so many."""
    names, table = ", ".join(_names(atlas)), atlas.sql.quote(atlas.map.customer.table)
    behind, place = between(atlas, after, None)
    more, values = condition_sql(atlas)
    statement = f"SELECT {names} FROM {table} WHERE 1 = 1{behind}{more} ORDER BY {names} LIMIT 1 OFFSET {most - 1}"
    row = run(conn, statement, (*place, *values)).one_or_none()
    return None if row is None else tuple(row)


def _side(sql: Sql, names: Sequence[str], place: Place, sign: str, own: str) -> Condition:
    """Part by part: ` AND a >= x AND (a > x OR (a = x AND b > y))`; `own` is the sign of the last part."""
    side, values = f"{names[-1]} {own} {sql.mark}", [place[-1]]
    for name, part in zip(names[-2::-1], place[-2::-1], strict=True):
        side, values = f"{name} {sign} {sql.mark} OR ({name} = {sql.mark} AND ({side}))", [part, part, *values]
    return f" AND {names[0]} {sign}= {sql.mark} AND ({side})", (place[0], *values)


def _names(atlas: Atlas) -> list[str]:
    return [atlas.sql.quote(name) for name in atlas.map.customer.key]
