"""The requests as rows: one by number, those of a customer, and changes by compare-and-set. Lists are `core.store.queue`.

`due_on` is always the last day that counts now; `extended_to` repeats it when the deadline was extended once. Every change
names the version it was decided on: whoever comes second finds no row and hears who was first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update

from core.errors import Conflict, NotFound
from core.model import lifecycle
from core.model.records import OPEN_STATES, Channel, CustomerRow, Kind, Regime, RequestRow, State
from core.store import tables
from core.store.pile import Stage

if TYPE_CHECKING:
    from core.store.engine import Unit

NUMBER_MOST = 2**63 - 1
_BOOK = tables.requests.c
# built once, values beside them: a run passes here thousands of times
_ONE = select(tables.requests).where(_BOOK.number == bindparam("wanted"))
_SAME = (_BOOK.number == bindparam("the_number"), _BOOK.version == bindparam("the_version"), _BOOK.state == bindparam("the_state"))
_CHANGE = update(tables.requests).where(*_SAME)


def one(conn: Connection, number: int) -> Row[Any]:
    """The request of that number. Raises NotFound `request-not-found`."""
    known = 0 < number <= NUMBER_MOST  # a longer number is more than drivers can carry
    row = conn.execute(_ONE, {"wanted": number}).one_or_none() if known else None
    if row is None:
        raise NotFound("request-not-found", number=number)
    return row


def many(conn: Connection, numbers: Sequence[int], *, lock: bool = False) -> dict[int, Row[Any]]:
    """The requests of these numbers that are there, by number.

    `lock`, in a write transaction: nobody changes them, or adds a row that names their customers (`wait_for_resolution`), before
    it ends. In one order, so that two who lock do not wait for each other.
    """
    query = select(tables.requests).where(_BOOK.number.in_(numbers)).order_by(_BOOK.number)
    return {row.number: row for row in conn.execute(query.with_for_update() if lock else query)}


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


def wait_for_resolutions(conn: Connection, customers: Sequence[str]) -> None:
    """As `wait_for_resolution`, for many; in one order, so that two who wait do not wait for each other."""
    book = tables.requests
    conn.execute(select(book.c.number).where(book.c.open_customer.in_(customers)).order_by(book.c.number).with_for_update()).all()


def open_of_many(conn: Connection, customers: Sequence[str]) -> dict[str, int]:
    """Customer → number of the open request, for those who have one."""
    book = tables.requests
    query = select(book.c.open_customer, book.c.number).where(book.c.open_customer.in_(customers))
    return {row.open_customer: row.number for row in conn.execute(query)}


def add(unit: Unit, **values: Any) -> int:
    """Insert a pending request; returns its number."""
    fresh = {"state": State.PENDING.value, "version": 1, "blacklisted": False, "filed_at": unit.at} | values
    # values beside the statement, not in it: SQLAlchemy then builds it once for thousands
    done = unit.conn.execute(insert(tables.requests), fresh | {"filed_by": str(unit.actor)})
    key: Any = done.inserted_primary_key
    return int(key[0])


def change(unit: Unit, row: Row[Any], **values: Any) -> None:
    """Compare-and-set on the version of `row`. Raises Conflict `already-decided` or `request-changed`."""
    same = {"the_number": row.number, "the_version": row.version, "the_state": row.state}
    done = unit.conn.execute(_CHANGE, same | {"version": row.version + 1} | values)
    if done.rowcount != 1:
        _too_late(unit.conn, row.number)


def decide(unit: Unit, row: Row[Any], state: State, **values: Any) -> None:
    """Compare-and-set into a final state; the customer may file again. Raises as `change`."""
    change(unit, row, **_final(unit, state), **values)


def decide_later(unit: Unit, row: Row[Any], state: State, **values: Any) -> None:
    """The same for a row that this transaction has locked, made with the others of its page."""
    final = tuple((_final(unit, state) | values).items())
    unit.pile.add(Stage.DECIDE, _decide_all, row.number, row.version, row.state, final)


def _final(unit: Unit, state: State) -> dict[str, Any]:
    return {"state": state.value, "open_customer": None, "decided_at": unit.at, "decided_by": str(unit.actor)}


def _decide_all(conn: Connection, numbers: Sequence[int], version: int, state: str, final: tuple[tuple[str, Any], ...]) -> None:
    same = (_BOOK.number.in_(numbers), _BOOK.version == version, _BOOK.state == state)
    if conn.execute(update(tables.requests).where(*same).values(version=version + 1, **dict(final))).rowcount != len(numbers):
        for number in numbers:
            refuse_decided(one(conn, number))
        _too_late(conn, numbers[0])


def _too_late(conn: Connection, number: int) -> NoReturn:
    refuse_decided(one(conn, number))
    raise Conflict("request-changed", number=number)


def refuse_decided(row: Row[Any]) -> None:
    """Raises Conflict `already-decided` with who and when, for a request that is final."""
    if State(row.state) not in OPEN_STATES:
        at = row.decided_at.isoformat(timespec="seconds") if row.decided_at else ""
        raise Conflict("already-decided", number=row.number, state=row.state, by=row.decided_by or "", at=at)


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
