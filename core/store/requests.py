"""The requests as rows: pages by keyset, one by number, and changes by compare-and-set.

`due_on` is always the last day that counts now; `extended_to` repeats it when the deadline was extended once. Every change
names the version it was decided on: whoever comes second finds no row and hears who was first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from core.errors import Conflict, NotFound, UsageError
from core.model import lifecycle
from core.model.records import OPEN_STATES, Channel, CustomerRow, Kind, Regime, RequestFilter, RequestRow, State
from core.store import tables

if TYPE_CHECKING:
    from core.store.engine import Unit

PAGE_MOST = 1000
NUMBER_MOST = 2**63 - 1
_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})")


def one(conn: Connection, number: int) -> Row[Any]:
    """The request of that number. Raises NotFound `request-not-found`."""
    known = 0 < number <= NUMBER_MOST  # a longer number is more than drivers can carry
    query = select(tables.requests).where(tables.requests.c.number == number)
    row = conn.execute(query).one_or_none() if known else None
    if row is None:
        raise NotFound("request-not-found", number=number)
    return row


def open_of(conn: Connection, customer: str) -> int | None:
    """Number of the customer's open request, if there is one."""
    book = tables.requests
    return conn.execute(select(book.c.number).where(book.c.open_customer == customer)).scalar_one_or_none()


def wait_for_resolution(conn: Connection, customer: str) -> None:
    """Stand behind whoever resolves a request of this customer now, and before whoever comes next.

    A resolution clears the customer from our tables; without this lock a row that names the customer could come in between.
    Whoever waited here asks again whether the customer still exists. SQLite needs no lock: it has one writer.
    """
    book = tables.requests
    conn.execute(select(book.c.number).where(book.c.open_customer == customer).with_for_update()).all()


def add(unit: Unit, **values: Any) -> int:
    """Insert a pending request; returns its number."""
    fresh = {"state": State.PENDING.value, "version": 1, "blacklisted": False, "filed_at": unit.at} | values
    done = unit.conn.execute(insert(tables.requests).values(filed_by=str(unit.actor), **fresh))
    key: Any = done.inserted_primary_key
    return int(key[0])


def change(unit: Unit, row: Row[Any], **values: Any) -> None:
    """Compare-and-set on the version of `row`. Raises Conflict `already-decided` or `request-changed`."""
    book = tables.requests
    same = (book.c.number == row.number, book.c.version == row.version, book.c.state == row.state)
    done = unit.conn.execute(update(book).where(*same).values(version=row.version + 1, **values))
    if done.rowcount != 1:
        refuse_decided(one(unit.conn, row.number))
        raise Conflict("request-changed", number=row.number)


def decide(unit: Unit, row: Row[Any], state: State, **values: Any) -> None:
    """Compare-and-set into a final state; the customer may file again. Raises as `change`."""
    final = {"state": state.value, "open_customer": None, "decided_at": unit.at, "decided_by": str(unit.actor)}
    change(unit, row, **final, **values)


def refuse_decided(row: Row[Any]) -> None:
    """Raises Conflict `already-decided` with who and when, for a request that is final."""
    if State(row.state) not in OPEN_STATES:
        at = row.decided_at.isoformat(timespec="seconds") if row.decided_at else ""
        raise Conflict("already-decided", number=row.number, state=row.state, by=row.decided_by or "", at=at)


def page(conn: Connection, wanted: RequestFilter, whose: ColumnElement[bool] | None) -> tuple[list[Row[Any]], str | None]:
    """One page by (due_on, number) and the cursor of the next. Raises UsageError `bad-limit`, `bad-cursor`.

    One statement a state, each along the index (state, due_on, number): an `IN` over states would sort the whole queue.
    """
    if not 1 <= wanted.limit <= PAGE_MOST:
        raise UsageError("bad-limit", allowed=f"1–{PAGE_MOST}")
    found: list[Row[Any]] = []
    book = tables.requests
    tests = _tests(wanted, whose)
    for state in dict.fromkeys(wanted.states or tuple(State)):
        query = select(book).where(book.c.state == state.value, *tests).order_by(book.c.due_on, book.c.number)
        found += conn.execute(query.limit(wanted.limit + 1)).all()
    found.sort(key=lambda row: (row.due_on, row.number))
    rows = found[: wanted.limit]
    cursor = f"{rows[-1].due_on.isoformat()}.{rows[-1].number}" if len(found) > wanted.limit else None
    return rows, cursor


def total_open(conn: Connection) -> int:
    """How many requests are open."""
    states = [state.value for state in OPEN_STATES]
    return conn.execute(select(func.count()).where(tables.requests.c.state.in_(states))).scalar_one()


def of(conn: Connection, whose: ColumnElement[bool], before: int | None = None) -> Sequence[Row[Any]]:
    """Every request of a customer, newest first; with `before` those filed earlier than that one."""
    book = tables.requests
    query = select(book).where(whose).order_by(book.c.number.desc())
    return conn.execute(query if before is None else query.where(book.c.number < before)).all()


def record(row: Row[Any], today: date, customer: CustomerRow | None) -> RequestRow:
    """The record of a row, with what is known of the customer now."""
    state = State(row.state)
    return RequestRow(
        number=row.number,
        customer=row.customer,
        customer_name=customer.name if customer else None,
        kind=Kind(row.kind),
        regime=Regime(row.regime),
        channel=Channel(row.channel),
        state=state,
        received_on=row.received_on,
        due_on=row.due_on,
        days_left=lifecycle.days_left(state, row.due_on, today),
        services=customer.services if customer else None,
        invoices=customer.invoices if customer else None,
        last_error=row.last_error,
    )


def keys(rows: Iterable[Row[Any]]) -> list[str]:
    """Keys of the customers that these requests still name, without repetition."""
    return list(dict.fromkeys(row.customer for row in rows if row.customer is not None))


def _tests(wanted: RequestFilter, whose: ColumnElement[bool] | None) -> list[ColumnElement[bool]]:
    book = tables.requests
    tests: list[ColumnElement[bool]] = [] if whose is None else [whose]
    if wanted.kind is not None:
        tests.append(book.c.kind == wanted.kind.value)
    if wanted.received_before is not None:
        tests.append(book.c.received_on < wanted.received_before)
    if wanted.due_before is not None:
        tests.append(book.c.due_on < wanted.due_before)
    if wanted.after is not None:
        due, number = _cursor(wanted.after)
        tests.append(book.c.due_on >= due)
        tests.append((book.c.due_on > due) | (book.c.number > number))
    return tests


def _cursor(text: str) -> tuple[date, int]:
    found = _CURSOR.fullmatch(text)
    try:
        return (date.fromisoformat(found[1]), int(found[2])) if found else _bad_cursor()
    except ValueError:
        return _bad_cursor()


def _bad_cursor() -> tuple[date, int]:
    raise UsageError("bad-cursor")
