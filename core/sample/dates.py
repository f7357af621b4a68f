"""Moves the sample in time, so that a demonstration looks as if it had been made today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Column, Connection, Date, DateTime, Table, text

from core.errors import UsageError
from core.sample.columns import company
from core.sample.requests import DAY_OF_SAMPLE, KEEPER, ours
from core.store import meta
from core.store.audit import sealer
from core.store.engine import Store
from core.store.tables import Moment

STAYS = frozenset({("customers", "birth_date")})
"""People do not get younger."""
SHIFTS = {
    # The time of day and its fractions stay as they are written.
    "sqlite": "date(substr({0}, 1, 10), :days || ' days') || substr({0}, 11)",
    "postgresql": "{0} + make_interval(days => :days)",
    "mariadb": "DATE_ADD({0}, INTERVAL :days DAY)",
}


def shift_dates(store: Store, to: date) -> int:
    """Move every date of the company's and of our tables so that the sample stands on the day `to`; returns the days moved.

    Birth dates stay, and the audit chain, whose moments are hashed. Raises UsageError `not-a-sample` for any other database:
    nobody's real dates are ever moved. Leaves no audit entry: it changes what the sample pretends, not data of anybody.
    """
    with store.writing(KEEPER, sealer(lambda _: None)) as unit:
        conn = unit.conn
        stands = _day(conn)
        days = (to - stands).days
        if days:
            for table in (*company.sorted_tables, *ours()):
                _shift(conn, table, days, store.name)
            meta.write(conn, DAY_OF_SAMPLE, to.isoformat())
    return days


def _day(conn: Connection) -> date:
    from sqlalchemy import inspect

    known = inspect(conn).has_table("kvkk_meta") and meta.read(conn, DAY_OF_SAMPLE)
    if not known:
        raise UsageError("not-a-sample")
    return date.fromisoformat(known)


def _shift(conn: Connection, table: Table, days: int, engine: str) -> None:
    quote = conn.dialect.identifier_preparer.quote
    changes = [f"{quote(c.name)} = {SHIFTS[engine].format(quote(c.name))}" for c in _dated(table)]
    if changes:
        conn.execute(text(f"UPDATE {quote(table.name)} SET {', '.join(changes)}"), {"days": days})


def _dated(table: Table) -> Iterator[Column[object]]:
    for column in table.c:
        if isinstance(column.type, Date | DateTime | Moment) and (table.name, column.name) not in STAYS:
            yield column
