"""One row by its key: changed where it is there, made where it is not, also when somebody else makes it at this moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert, update
from sqlalchemy.exc import IntegrityError


def keep(conn: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """The row of that key has these values from now on; of two who make it at once the later counts, and nobody fails."""
    change = update(table).where(*(table.c[name] == value for name, value in key.items())).values(**values)
    if not conn.execute(change).rowcount and not add(conn, table, {**key, **values}):
        conn.execute(change)


def add(conn: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert the row; False when one of its key is there: whoever made it meanwhile has committed it by now."""
    return add_all(conn, table, [values])


def add_all(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Insert the rows, all or none; False when the key of any is there."""
    point = conn.begin_nested()
    try:
        conn.execute(insert(table), [dict(row) for row in rows])  # beside the statement: it is built once
    except IntegrityError:
        point.rollback()
        return False
    point.commit()
    return True
