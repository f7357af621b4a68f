"""The view `kvkk_access(customer, allowed, reason)`: the gate's answer for a website in any language, by one SELECT.

No row means refuse. `customer` is the company's key column itself, so that their index answers `WHERE customer = ?`; a composite
key stands in `customer_1`, `customer_2`, … in the order of the map, and `customer` is then its text, which no index answers.
The reader needs the right to read the view and nothing else: it runs with the rights of whoever made it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError

from core.model.records import Gate
from core.store import gatekeeper, meta, tables
from core.store.faults import reason, translate
from core.store.paths import key_text
from core.store.sql import run
from core.store.subjects import key_parts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas
    from core.store.engine import Store

NAME = "kvkk_access"
REMEMBERED = "view"
"""Where `kvkk_meta` keeps the hash of what the view was made from."""
COMPARED = 25
"""Customers of each sort that `doctor` asks both the view and the gate about."""


def make(store: Store, atlas: Atlas) -> None:
    """Make the view, or make it anew. Who could read it still can. Raises Unavailable, UsageError `gate-key-type`."""
    try:
        with store.writer.begin() as conn:
            query = _query(conn, atlas)
            if store.name == "mariadb":
                run(conn, f"CREATE OR REPLACE ALGORITHM = MERGE VIEW {NAME} AS {query}")
            elif store.name == "sqlite":
                run(conn, f"DROP VIEW IF EXISTS {NAME}")
                run(conn, f"CREATE VIEW {NAME} AS {query}")
            else:
                _make_on_postgresql(conn, query)
            meta.write(conn, REMEMBERED, _hash(query))
    except DBAPIError as error:
        raise translate(error) from None


def _make_on_postgresql(conn: Connection, query: str) -> None:
    """Replaced where its columns stay as they were; else dropped and made, with the rights that it had."""
    point = conn.begin_nested()
    try:
        run(conn, f"CREATE OR REPLACE VIEW {NAME} AS {query}")
    except DBAPIError as error:
        if reason(error) != "database-error":  # "cannot change data type of view column" has no code of its own
            raise
        point.rollback()
    else:
        point.commit()
        return
    rights: Any = run(conn, _RIGHTS, (NAME,)).all()
    run(conn, f"DROP VIEW {NAME}")
    run(conn, f"CREATE VIEW {NAME} AS {query}")
    for who, right, further in rights:
        run(conn, f"GRANT {right} ON {NAME} TO {who.replace('%', '%%')}{' WITH GRANT OPTION' if further else ''}")


_RIGHTS = """
SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, a.privilege_type, a.is_grantable
FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = to_regclass(%s) AND a.grantee <> c.relowner"""


def _query(conn: Connection, atlas: Atlas) -> str:
    quote, names = atlas.sql.quote, atlas.map.customer.key
    if len(names) == 1:
        return gatekeeper.statement(conn, atlas, f"c.{quote(names[0])} AS customer")
    columns = (f"c.{quote(name)} AS {shown}" for name, shown in zip(names, key_columns(atlas), strict=True))
    return gatekeeper.statement(conn, atlas, ", ".join((f"{gatekeeper.key_as_text(conn, atlas)} AS customer", *columns)))


def key_columns(atlas: Atlas) -> tuple[str, ...]:
    """Columns of the view by which a customer is looked up, in the order of the map's key."""
    count = len(atlas.map.customer.key)
    return ("customer",) if count == 1 else tuple(f"customer_{place}" for place in range(1, count + 1))


def _hash(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()


def is_there(conn: Connection) -> bool:
    """Whether the database has the view."""
    return NAME in inspect(conn).get_view_names()


def is_current(conn: Connection, atlas: Atlas) -> bool:
    """Whether it was made from this map, this schema and this version of kvkk."""
    return meta.read(conn, REMEMBERED) == _hash(_query(conn, atlas))


def ask(conn: Connection, atlas: Atlas, customer: str) -> Gate:
    """What a website reads for the customer with exactly this key."""
    parts = key_parts(atlas, conn, customer)
    if parts is None:
        return Gate.UNKNOWN
    names = key_columns(atlas)
    same = " AND ".join(f"{name} = {atlas.sql.mark}" for name in names)
    rows = run(conn, f"SELECT allowed, reason, {', '.join(names)} FROM {NAME} WHERE {same}", parts).all()
    found = [row for row in rows if key_text(row[2:]) == customer]
    if not found:
        return Gate.UNKNOWN
    return Gate.ALLOWED if found[0].allowed else Gate(found[0].reason)


def differing(conn: Connection, atlas: Atlas) -> tuple[int, int]:
    """(customers that were compared, how many of them the view answers otherwise than the gate)."""
    keys = dict.fromkeys(_some_keys(conn, atlas))
    wrong = sum(ask(conn, atlas, key) is not gatekeeper.answer(conn, atlas, key) for key in keys)
    return len(keys), wrong


def _some_keys(conn: Connection, atlas: Atlas) -> Iterator[str]:
    """Some blocked customers, some who said a word on consent, and some of the company's first."""
    for column in (tables.blocks.c.customer, tables.consents.c.current_of):
        yield from conn.execute(select(column).where(column.is_not(None)).limit(COMPARED)).scalars()
    sql, customer = atlas.sql, atlas.map.customer
    names = ", ".join(sql.quote(name) for name in customer.key)
    rows: Any = run(conn, f"SELECT {names} FROM {sql.quote(customer.table)} ORDER BY {names} LIMIT {COMPARED}")
    yield from (key_text(row) for row in rows)
