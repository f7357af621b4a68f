"""Certificates and their addenda as rows: part 0 is the certificate, 1… its addenda. Written once, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, insert, select

from core.store import tables

if TYPE_CHECKING:
    from core.model.certificate import Addendum, Certificate


def put(conn: Connection, number: int, part: int, at: datetime, document: str) -> None:
    """Keep one document. A part that is there already is refused by the database (Conflict `constraint`)."""
    conn.execute(insert(tables.certificates).values(request=number, part=part, made_at=at, document=document))


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


def append(conn: Connection, addendum: Addendum) -> int:
    """Keep an addendum as the next part; returns its part. Two at once: one is refused and tries again."""
    last = conn.execute(select(func.max(tables.certificates.c.part)).where(tables.certificates.c.request == addendum.number))
    part = int(last.scalar_one_or_none() or 0) + 1
    put(conn, addendum.number, part, addendum.at, addendum.to_json())
    return part
