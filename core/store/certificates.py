"""Certificates and their addenda as rows: part 0 is the certificate, 1… its addenda. Written once, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, func, insert, select

from core.store import tables
from core.store.pile import Stage
from core.store.sql import chunks

if TYPE_CHECKING:
    from core.model.certificate import Addendum, Certificate
    from core.store.engine import Unit


_PUT = insert(tables.certificates)
_BOOK = tables.certificates.c
_MANY = _BOOK.request.in_(bindparam("many", expanding=True))
_LAST = select(_BOOK.request, func.max(_BOOK.part)).where(_MANY).group_by(_BOOK.request)


def put(conn: Connection, number: int, part: int, at: datetime, document: str) -> None:
    """Keep one document. A part that is there already is refused by the database (Conflict `constraint`)."""
    conn.execute(_PUT, {"request": number, "part": part, "made_at": at, "document": document})


def load(conn: Connection, number: int) -> tuple[tuple[int, datetime, str], ...]:
    """(part, made at, document) of a request in order; empty when nothing was certified."""
    book = tables.certificates
    query = select(book.c.part, book.c.made_at, book.c.document).where(book.c.request == number).order_by(book.c.part)
    return tuple((row.part, row.made_at, row.document) for row in conn.execute(query))


def exists(conn: Connection, number: int) -> bool:
    """Whether the request has a certificate."""
    book = tables.certificates
    return conn.execute(select(book.c.part).where(book.c.request == number, book.c.part == 0)).first() is not None


def fix(conn: Connection, certificate: Certificate) -> None:
    """Keep a certificate, in the transaction of what it certifies."""
    put(conn, certificate.number, 0, certificate.decided_at, certificate.to_json())


def fix_later(unit: Unit, certificate: Certificate) -> None:
    """The same, written with the others of its page."""
    unit.pile.add(Stage.KEEP, put_all, (certificate.number, 0, certificate.decided_at, certificate.to_json()))


def put_all(conn: Connection, documents: Sequence[tuple[int, int, datetime, str]]) -> None:
    """`put` for many: (number, part, at, document)."""
    conn.execute(_PUT, [{"request": number, "part": part, "made_at": at, "document": text} for number, part, at, text in documents])


def append(conn: Connection, addendum: Addendum) -> int:
    """Keep an addendum as the next part; returns its part. Two at once: one is refused and tries again."""
    return append_all(conn, (addendum,))[addendum.number]


def append_all(conn: Connection, addenda: Sequence[Addendum]) -> dict[int, int]:
    """`append` for one addendum each of many requests; request → part."""
    parts: dict[int, int] = {}
    for some in chunks(addenda):
        last = _last(conn, [addendum.number for addendum in some])
        parts |= {addendum.number: last.get(addendum.number, 0) + 1 for addendum in some}
        put_all(conn, [(one.number, parts[one.number], one.at, one.to_json()) for one in some])
    return parts


def _last(conn: Connection, numbers: Sequence[int]) -> dict[int, int]:
    return {row[0]: row[1] for row in conn.execute(_LAST, {"many": list(numbers)})}
