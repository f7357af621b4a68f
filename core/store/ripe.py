"""Requests that may be resolved without anybody looking on: past their grace, asked for in a way that counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, or_, select

from core.model.records import OPEN_STATES, Channel, Kind, Regime
from core.store import tables

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = 200
FAILED = "request.failed"
_BOOK = tables.requests


def page(conn: Connection, kinds: Iterable[Kind], received_by: date, after: int) -> Sequence[Row[Any]]:
    """Open requests of these kinds that were received by that day, numbers above `after`. A phone call is no request under KVKK."""
    written = or_(_BOOK.c.channel != Channel.PHONE.value, _BOOK.c.regime != Regime.KVKK.value)
    tests = (
        _BOOK.c.state.in_([state.value for state in OPEN_STATES]),
        _BOOK.c.kind.in_([kind.value for kind in kinds]),
        _BOOK.c.received_on <= received_by,
        _BOOK.c.customer.is_not(None),
        _BOOK.c.number > after,
        written,
    )
    return conn.execute(select(_BOOK).where(*tests).order_by(_BOOK.c.number).limit(PAGE)).all()


def failed_at(conn: Connection, number: int) -> datetime | None:
    """When an attempt at this request failed last."""
    log = tables.audit
    return conn.execute(select(func.max(log.c.at)).where(log.c.request == number, log.c.verb == FAILED)).scalar_one_or_none()
