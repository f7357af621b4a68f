"""What is still to be cleaned out of the database's files: queued in the transaction of the resolution, gone when it is done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, select, update

from core.store import tables
from core.store.forget import WORDS
from core.store.pile import Stage
from core.store.scrub import Order

if TYPE_CHECKING:
    from datetime import datetime

    from core.store.engine import Unit
    from core.store.keyring import Key, Keyring

AUTO_NOW_BYTES = 500 << 20
"""Up to this size an SQLite file is cleaned at once by `auto`: some seconds."""


def when(setting: str, engine: str, size: int) -> str:
    """`now`, `run` or `off`, for the setting `scrub` and a database of so many bytes (0 on a server)."""
    if setting != "auto":
        return setting
    if engine != "sqlite":
        return "off"
    return "now" if size < AUTO_NOW_BYTES else "run"


def queue(unit: Unit, key: Key, number: int, changed: Iterable[str], values: Sequence[str]) -> None:
    """Remember what a resolution leaves; words of staff about the customer were changed in tables of ours too."""
    _put_all(unit.conn, [_row(unit, key, number, changed, values)])


def queue_later(unit: Unit, key: Key, number: int, changed: Iterable[str], values: Sequence[str]) -> None:
    """The same, written with the others of its page."""
    unit.pile.add(Stage.KEEP, _put_all, _row(unit, key, number, changed, values))


def _put_all(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    conn.execute(insert(tables.scrubs), list(rows))


def _row(unit: Unit, key: Key, number: int, changed: Iterable[str], values: Sequence[str]) -> dict[str, Any]:
    touched = sorted({*changed, *(table.name for table, _, _ in WORDS)})
    sealed = key.seal(json.dumps(list(values), ensure_ascii=True).encode("ascii"))
    return {"request": number, "queued_at": unit.at, "tables": json.dumps(touched), "key_id": key.id, "sealed": sealed}


def queue_more(unit: Unit, keyring: Keyring, number: int, changed: Iterable[str], values: Sequence[str]) -> None:
    """The same for a request that was resolved long ago: what it left then may still wait, and both go together."""
    before = next((order for order in pending(unit.conn, keyring) if order.request == number), None)
    if before is not None:
        close(unit.conn, number)
        changed, values = {*changed, *before.tables}, tuple(dict.fromkeys((*before.values, *values)))
    queue(unit, keyring.obtain(unit.conn), number, changed, values)


def pending(conn: Connection, keyring: Keyring) -> tuple[Order, ...]:
    """Everything that waits. Raises KeyFileError where it was sealed by a key that is not at hand."""
    rows = conn.execute(select(tables.scrubs).order_by(tables.scrubs.c.request)).all()
    sealed = ((row, json.loads(keyring.holding(conn, row.key_id).open(bytes(row.sealed)))) for row in rows)
    return tuple(Order(row.request, tuple(json.loads(row.tables)), tuple(values)) for row, values in sealed)


def count(conn: Connection) -> int:
    """How many requests wait."""
    return int(conn.execute(select(func.count()).select_from(tables.scrubs)).scalar_one())


def close(conn: Connection, number: int) -> bool:
    """It is done; False when somebody else has said so already."""
    return conn.execute(delete(tables.scrubs).where(tables.scrubs.c.request == number)).rowcount == 1


def put_off(conn: Connection, numbers: Sequence[int], why: str, at: datetime) -> None:
    """It could not be done now."""
    conn.execute(update(tables.scrubs).where(tables.scrubs.c.request.in_(numbers)).values(last_try=at, last_why=why))
