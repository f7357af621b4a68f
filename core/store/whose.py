"""Whose a request was, when only a token still says so: the stub that a hold has left, or nobody any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from core.errors import Refused
from core.store import customers, keybook, owned, tables
from core.store.holdsurvey import foreign
from core.store.paths import key_text
from core.store.sql import stream
from core.store.subjects import condition_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.store.atlas import Atlas
    from core.store.holdbook import Held
    from core.store.keyring import Keyring


def customer_of(conn: Connection, atlas: Atlas, keyring: Keyring, row: Row[Any], held: Sequence[Held]) -> str | None:
    """Key of the customer of a request, None when there is no such customer any more.

    Raises KeyFileError where a key that may have made the token is not at hand, Refused `hold-owner-unknown` where it was dropped
    and rows on record belong to somebody: whether that is the same person cannot be told any more.
    """
    if row.customer is not None:
        return row.customer if customers.exists(conn, atlas, row.customer) else None
    found = _by_block(conn, atlas, row) or _by_token(conn, atlas, keyring, row.subject)
    if found is None:
        keyring.whole(conn)
        if "dropped" in keybook.states(conn).values() and foreign(conn, atlas, held):
            raise Refused("hold-owner-unknown", number=row.number)
    return found


def _by_block(conn: Connection, atlas: Atlas, row: Row[Any]) -> str | None:
    """A stub is blocked by the request that erased it, or by a later one of the same person."""
    book, blocks = tables.requests, tables.blocks
    same = select(book.c.number).where(book.c.subject == row.subject)
    found = conn.execute(select(blocks.c.customer).where(blocks.c.request.in_(same)).limit(1)).scalar_one_or_none()
    return found if found is not None and customers.exists(conn, atlas, found) else None


def _by_token(conn: Connection, atlas: Atlas, keyring: Keyring, subject: str) -> str | None:
    """The customer whose key gives the token: every key is tried, some seconds for a million."""
    sql, customer = atlas.sql, atlas.map.customer
    more, values = condition_sql(atlas)
    picked = ", ".join(sql.quote(name) for name in customer.key)
    keys = stream(conn, f"SELECT {picked} FROM {sql.quote(customer.table)} WHERE 1 = 1{more}", values)
    return next((key for parts in keys if subject in owned.subjects(keyring, key := key_text(parts))), None)
