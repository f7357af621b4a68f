"""Consent: given and withdrawn, append-only, the latest counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select, update

from core.model.datamap import IS_NULL, NOT_NULL
from core.model.records import Channel, ConsentStatus
from core.store import sql, tables

if TYPE_CHECKING:
    from core.store.atlas import Atlas
    from core.store.engine import Unit

TEXT_VERSION = 1
"""The version of the built-in consent text."""
NONE_YET = ConsentStatus(given=False)


def mark_latest(conn: Connection) -> None:
    """Rows of a release that did not mark the word that counts."""
    book = tables.consents
    whose = book.c.customer.is_not(None)
    latest = select(func.max(book.c.id).label("id")).where(book.c.kind == "consent", whose).group_by(book.c.customer).subquery()
    conn.execute(update(book).where(book.c.current_of.is_(None), book.c.id.in_(select(latest.c.id))).values(current_of=book.c.customer))


def add(unit: Unit, customer: str, *, given: bool, channel: Channel, version: int = TEXT_VERSION) -> None:
    """Append one row, the one that counts from now on. Who said another word at this moment makes it fail with `constraint`."""
    book = tables.consents
    unit.conn.execute(update(book).where(book.c.current_of == customer).values(current_of=None))
    unit.conn.execute(
        insert(book).values(
            customer=customer,
            current_of=customer,
            given=given,
            version=version,
            at=unit.at,
            channel=channel.value,
            recorded_by=str(unit.actor),
        )
    )


def status(conn: Connection, customer: str | None) -> ConsentStatus:
    """What counts now; nothing given when the customer is gone."""
    book = tables.consents
    if customer is None:
        return NONE_YET
    row = conn.execute(select(book).where(book.c.customer == customer).order_by(book.c.id.desc()).limit(1)).one_or_none()
    return ConsentStatus(row.given, row.version, row.at, row.channel) if row else NONE_YET


def given_count(conn: Connection) -> int:
    """How many customers have a consent that counts."""
    book = tables.consents
    latest = select(func.max(book.c.id)).where(book.c.customer.is_not(None)).group_by(book.c.customer)
    return conn.execute(select(func.count()).where(book.c.id.in_(latest), book.c.given)).scalar_one()


def missing_count(conn: Connection, atlas: Atlas) -> int:
    """How many customers have no consent that counts: whom `enforce-consent` locks out."""
    customer, quote = atlas.map.customer, atlas.sql.quote
    tests, values = ["1 = 1"], list[Any]()
    for column, allowed in customer.where:
        if allowed in ((IS_NULL,), (NOT_NULL,)):
            tests.append(f"{quote(column)} IS {allowed[0].upper()}")
        else:
            tests.append(f"{quote(column)} IN {atlas.sql.marks(len(allowed))}")
            values.extend(allowed)
    statement = f"SELECT count(*) FROM {quote(customer.table)} WHERE {' AND '.join(tests)}"
    return max(0, int(sql.run(conn, statement, values).scalar_one()) - given_count(conn))
