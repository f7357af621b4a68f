"""Words on consent: given, withdrawn, and the notice read. Rows are only added; `current_of` marks the one that counts.

That mark is UNIQUE, so that of two who speak for one customer at once the later is later on every engine, and so that who counts is
one look-up in an index: for the gate, for the view, and for a list over a million customers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from core.errors import Conflict
from core.model.records import Channel, ConsentEntry, ConsentStatus, TextKind
from core.store import consenttexts, gatekeeper, sql, tables

if TYPE_CHECKING:
    from datetime import date

    from core.store.atlas import Atlas
    from core.store.engine import Unit

HISTORY_MOST = 500
"""Words of one customer that are shown."""
NONE_YET = ConsentStatus(given=False)
_BOOK = tables.consents


def mark_latest(conn: Connection) -> None:
    """Rows of a release that did not mark the word that counts."""
    whose = _BOOK.c.customer.is_not(None)
    latest = select(func.max(_BOOK.c.id).label("id")).where(_BOOK.c.kind == "consent", whose).group_by(_BOOK.c.customer).subquery()
    unmarked = (_BOOK.c.current_of.is_(None), _BOOK.c.id.in_(select(latest.c.id)))
    conn.execute(update(_BOOK).where(*unmarked).values(current_of=_BOOK.c.customer))


def add(
    unit: Unit,
    customer: str,
    previous: Row[Any] | None,
    *,
    given: bool,
    channel: Channel,
    version: int,
    kind: TextKind = TextKind.CONSENT,
    sha256: str | None = None,
    received_on: date | None = None,
    verified_by: str | None = None,
) -> None:
    """Append one row, which counts from now on in place of the `previous` one (`latest`; of no matter for a notice).

    Raises Conflict `constraint` when somebody has recorded another word since that was looked up.
    """
    if kind is TextKind.CONSENT and previous is not None:
        same = (_BOOK.c.id == previous.id, _BOOK.c.current_of == customer)
        if unit.conn.execute(update(_BOOK).where(*same).values(current_of=None)).rowcount != 1:
            raise Conflict("constraint")
    unit.conn.execute(
        insert(_BOOK).values(
            kind=kind.value,
            customer=customer,
            current_of=customer if kind is TextKind.CONSENT else None,
            given=given,
            version=version,
            sha256=sha256,
            at=unit.at,
            channel=channel.value,
            recorded_by=str(unit.actor),
            received_on=received_on,
            verified_by=verified_by,
        )
    )


def latest(conn: Connection, customer: str) -> Row[Any] | None:
    """The word that counts, given or withdrawn."""
    return conn.execute(select(_BOOK).where(_BOOK.c.current_of == customer)).one_or_none()


def status(conn: Connection, customer: str | None) -> ConsentStatus:
    """What counts now; nothing given when the customer is gone."""
    row = latest(conn, customer) if customer is not None else None
    if row is None:
        return NONE_YET
    outdated = row.given and row.version < consenttexts.current_version(conn, TextKind.CONSENT)
    counts = row.given and not (outdated and consenttexts.renewed(conn))
    return ConsentStatus(counts, row.version, row.at, row.channel, outdated)


def history(conn: Connection, whose: ColumnElement[bool], kind: TextKind | None = None) -> tuple[ConsentEntry, ...]:
    """Words of one customer, newest first."""
    query = select(_BOOK).where(whose).order_by(_BOOK.c.id.desc()).limit(HISTORY_MOST)
    return tuple(_entry(row) for row in conn.execute(query if kind is None else query.where(_BOOK.c.kind == kind.value)))


def _entry(row: Row[Any]) -> ConsentEntry:
    return ConsentEntry(
        kind=TextKind(row.kind),
        given=row.given,
        version=row.version,
        at=row.at,
        channel=row.channel,
        recorded_by=row.recorded_by,
        sha256=row.sha256,
        received_on=row.received_on,
        verified_by=row.verified_by,
    )


def locked_out(conn: Connection, atlas: Atlas) -> int:
    """How many customers the gate refuses for want of consent, if it asks for it: all but those whose consent counts or who are
    blocked. One statement: each customer is looked up once in two indexes of ours. Raises UsageError `gate-key-type`.
    """
    key, customers = gatekeeper.key_as_text(conn, atlas), atlas.sql.quote(atlas.map.customer.table)
    least = consenttexts.current_version(conn, TextKind.CONSENT) if consenttexts.renewed(conn) else 1
    statement = (
        f"SELECT count(*) FROM {customers} c LEFT JOIN kvkk_blocks b ON b.customer = {key}"
        f" LEFT JOIN kvkk_consents k ON k.current_of = {key}"
        f" WHERE {' AND '.join(gatekeeper.whose(conn, atlas))} AND b.customer IS NULL"
        f" AND (k.id IS NULL OR k.given IS NOT TRUE OR k.version < {atlas.sql.mark})"
    )
    return int(sql.run(conn, statement, (least,)).scalar_one())
