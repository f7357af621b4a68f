"""What the database knows of its keys: ids and states; the keys themselves are in the key file.

One key is `current`: everything new is made with it. `old` ones stay to verify what they made. `dropped` ones are gone from
the file: nothing can be verified with them any more, and nothing that they made is kept as if it could.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select, update

from core.errors import Conflict
from core.store import tables
from core.store.upsert import add

if TYPE_CHECKING:
    from core.store.engine import Unit

_BOOK = tables.keys
_CURRENT = select(_BOOK.c.key_id).where(_BOOK.c.state == "current").order_by(_BOOK.c.since, _BOOK.c.key_id).limit(1)


def current(conn: Connection) -> str | None:
    """Id of the key that everything new is made with; None before the first use of a key.

    The first one counts where two hosts with a key file each came at the same moment: the other then hears so.
    """
    return conn.execute(_CURRENT).scalar_one_or_none()


def states(conn: Connection) -> dict[str, str]:
    """State of every key that was ever used here, by id, in the order of their first use."""
    query = select(_BOOK.c.key_id, _BOOK.c.state).order_by(_BOOK.c.since, _BOOK.c.key_id)
    return {row.key_id: row.state for row in conn.execute(query)}


def living(conn: Connection) -> tuple[str, ...]:
    """Ids of the keys that still count, the current one last."""
    return tuple(one for one, state in states(conn).items() if state != "dropped")


def drop(conn: Connection, ids: Collection[str]) -> None:
    """These keys count no more."""
    conn.execute(update(_BOOK).where(_BOOK.c.key_id.in_(ids)).values(state="dropped"))


def register(conn: Connection, key_id: str, at: datetime) -> str:
    """Id of the current key from now on: whoever registers the same at the same moment waits here for the other's COMMIT."""
    add(conn, _BOOK, {"key_id": key_id, "state": "current", "since": at})
    return current(conn) or key_id


def hand_over(unit: Unit, before: str, after: str) -> None:
    """`after` is the current key from now on and `before` an old one. Raises Conflict `key-rotated` when it is not current."""
    gone = update(_BOOK).where(_BOOK.c.key_id == before, _BOOK.c.state == "current").values(state="old")
    if unit.conn.execute(gone).rowcount != 1:
        raise Conflict("key-rotated", key_id=before)
    unit.conn.execute(insert(_BOOK).values(key_id=after, state="current", since=unit.at))
