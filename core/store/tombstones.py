"""Tombstones as rows: kept in the transaction of what they tell, read back whole, and taken back from a file after a restore."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select

from core.model.tombstone import Deed, Mark, Tombstone, canonical, marks_data, proof_text, read_marks
from core.store import owned, tables
from core.store.pile import Stage
from core.store.sql import chunks

if TYPE_CHECKING:
    from datetime import datetime

    from core.store.engine import Unit
    from core.store.keyring import Key
    from core.store.person import Witness

CHUNK = 500
_IDS = select(tables.tombstones.c.id).where(tables.tombstones.c.request.in_(bindparam("many", expanding=True)))
CREATED = "created"
PROOF = "proof"
"""Purposes of the tokens."""


def keep(unit: Unit, number: int, customer: str, deed: Deed, key: Key, witness: Witness, marks: Sequence[Mark] = ()) -> int:
    """What was done to a customer; `witness` was taken before the first change. Returns the id of the row."""
    row = put(unit.conn, _of(unit.at, number, customer, deed, key, witness, marks))
    if not deed.closes:
        unit.outside.append(row)
    return row


def keep_later(unit: Unit, number: int, customer: str, deed: Deed, key: Key, witness: Witness, marks: Sequence[Mark]) -> None:
    """The same, written with the others of its page; whoever commits brings it outside (`ids_of`)."""
    unit.pile.add(Stage.KEEP, put_back, _of(unit.at, number, customer, deed, key, witness, marks))


def _of(at: datetime, number: int, customer: str, deed: Deed, key: Key, witness: Witness, marks: Sequence[Mark]) -> Tombstone:
    created = witness.created
    return Tombstone(
        request=number,
        at=at,
        deed=deed,
        key_id=key.id,
        subject=subject_token(key, customer),
        created=created_token(key, customer, created) if created else None,
        proofs=tuple(sorted({proof_token(key, kind, value, created) for kind, value in witness.values})),
        marks=tuple(marks),
    )


def keep_listed(unit: Unit, deed: Deed, key: Key, marks: Sequence[Mark]) -> int:
    """What was put on the blacklist, or taken off it, without a request: a restored database gets it back, or lets it be."""
    row = put(unit.conn, Tombstone(0, unit.at, deed, key.id, marks=tuple(marks)))
    unit.outside.append(row)
    return row


def subject_token(key: Key, customer: str) -> str:
    """Token of a customer's key: the one that stands in `subject` of our other tables."""
    return key.token(owned.PURPOSE, customer)


def created_token(key: Key, customer: str, created: str) -> str:
    """Token of a key and the moment at which the account was made."""
    return key.token(CREATED, f"{customer}:{created}")


def proof_token(key: Key, kind: str, value: str, created: str | None) -> str:
    """Token of one canonical value and that moment."""
    return key.token(PROOF, proof_text(kind, value, created))


def put(conn: Connection, stone: Tombstone) -> int:
    """Keep one; returns the id of the row."""
    done = conn.execute(insert(tables.tombstones), _values(stone))
    key: Any = done.inserted_primary_key
    return int(key[0])


def put_back(conn: Connection, stones: Sequence[Tombstone]) -> None:
    """Keep many: those of a page, or what a file knew and the table had lost."""
    for start in range(0, len(stones), CHUNK):
        conn.execute(insert(tables.tombstones), [_values(stone) for stone in stones[start : start + CHUNK]])


def ids_of(conn: Connection, requests: Sequence[int]) -> list[int]:
    """Ids of the rows that tell of these requests."""
    return [row for some in chunks(requests) for row in conn.execute(_IDS, {"many": list(some)}).scalars()]


def every(conn: Connection) -> Iterator[tuple[int, Tombstone]]:
    """(id, tombstone) of every row, oldest first, streamed."""
    return _rows(conn, select(tables.tombstones).order_by(tables.tombstones.c.id))


def after(conn: Connection, last: int, own: Iterable[int] = ()) -> Iterator[tuple[int, Tombstone]]:
    """Those with a greater id, and those that are named."""
    book = tables.tombstones
    return _rows(conn, select(book).where((book.c.id > last) | book.c.id.in_(list(own))).order_by(book.c.id))


def top(conn: Connection) -> int:
    """The greatest id; 0 when there is none."""
    return conn.execute(select(func.max(tables.tombstones.c.id))).scalar_one() or 0


def _rows(conn: Connection, query: Select[Any]) -> Iterator[tuple[int, Tombstone]]:
    for row in conn.execute(query, execution_options={"yield_per": CHUNK}):
        yield row.id, _stone(row)


def _stone(row: Row[Any]) -> Tombstone:
    return Tombstone(
        request=row.request,
        at=row.at,
        deed=Deed(row.outcome),
        key_id=row.key_id,
        subject=row.subject,
        created=row.created,
        proofs=tuple(json.loads(row.proofs or "[]")),
        marks=read_marks(json.loads(row.marks or "[]")),
    )


def _values(stone: Tombstone) -> dict[str, Any]:
    return {
        "request": stone.request,
        "at": stone.at,
        "outcome": stone.deed.value,
        "key_id": stone.key_id,
        "subject": stone.subject,
        "created": stone.created,
        "proofs": canonical(list(stone.proofs)),
        "marks": canonical(marks_data(stone.marks)),
    }
