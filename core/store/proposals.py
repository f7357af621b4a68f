"""Changes that one admin has proposed and another must confirm: at most one a setting, and not for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, select

from core.model.records import Proposal, Role, person_of
from core.store import staff, tables
from core.store.upsert import keep

if TYPE_CHECKING:
    from core.store.engine import Unit

LASTS = timedelta(days=7)
_BOOK = tables.proposals


def pending(conn: Connection, now: datetime) -> dict[str, Proposal]:
    """What waits, by the name of the setting: not lapsed, and proposed by somebody who is still an admin."""
    found = ((row.name, _proposal(row)) for row in conn.execute(select(_BOOK)))
    return {name: one for name, one in found if now < one.until and staff.role(conn, person_of(one.by)) is Role.ADMIN}


def put(unit: Unit, name: str, value: str) -> Proposal:
    """Propose it, in place of whatever was proposed before."""
    who = str(unit.actor)
    keep(unit.conn, _BOOK, {"name": name}, {"value": value, "at": unit.at, "by": who})
    return Proposal(value, who, unit.at + LASTS)


def drop(unit: Unit, name: str) -> None:
    """It is confirmed, or off the table."""
    unit.conn.execute(delete(_BOOK).where(_BOOK.c.name == name))


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(row.value, row.by, row.at + LASTS)
