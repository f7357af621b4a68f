"""The queue: pages of requests by keyset in either direction, how many there are, and whether anything has changed.

A page costs the same wherever it lies: one statement a state, each along an index (state, what it is ordered by, number); an
`IN` over states would sort the whole queue. Only `skip`, for a jump with the scroll bar, walks over what lies between.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, and_, column, func, or_, select, union_all

from core.errors import UsageError
from core.model.records import OPEN_STATES, Kind, Order, Pulse, RequestFilter, State, Tally
from core.store import tables
from core.store.sql import chunks

PAGE_MOST = 1000
_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})")
_NUMBER = re.compile(r"\d{1,18}")
_BOOK = tables.requests
_NAMES = {Order.DUE: "due_on", Order.RECEIVED: "received_on", Order.NUMBER: "number"}


def page(conn: Connection, wanted: RequestFilter, today: date, whose: ColumnElement[bool] | None) -> tuple[list[Row[Any]], bool]:
    """(rows in order, whether there are more in the direction of reading). Raises UsageError `bad-limit`, `bad-cursor`."""
    check_limit(wanted)
    if wanted.skip:
        found = numbered(conn, _skipped(conn, wanted, today, whose))
    else:
        found = []
        for query in _by_state(_BOOK, wanted, today, whose):
            found += conn.execute(query.limit(wanted.limit + 1)).all()
    down = wanted.descending is not wanted.backwards
    found.sort(key=lambda row: (_place(row, wanted.order), row.number), reverse=down)
    rows = found[: wanted.limit]
    return (rows[::-1] if wanted.backwards else rows), len(found) > wanted.limit


def check_limit(wanted: RequestFilter) -> None:
    """Raises UsageError `bad-limit`."""
    if not 1 <= wanted.limit <= PAGE_MOST:
        raise UsageError("bad-limit", allowed=f"1–{PAGE_MOST}")


def numbered(conn: Connection, numbers: Sequence[int]) -> list[Row[Any]]:
    """Rows of these requests, in this order; without those that are gone."""
    found = {row.number: row for chunk in chunks(numbers) for row in conn.execute(select(_BOOK).where(_BOOK.c.number.in_(chunk)))}
    return [found[number] for number in numbers if number in found]


def tally(conn: Connection, wanted: RequestFilter, today: date, near: date, whose: ColumnElement[bool] | None) -> Tally:
    """How many requests the filter finds, and how the open ones stand."""
    tests = _tests(wanted, today, whose)
    matching = _count(conn, _states(wanted), tests)
    overdue = _count(conn, OPEN_STATES, [_BOOK.c.due_on < today])
    close = _count(conn, OPEN_STATES, [_BOOK.c.due_on >= today, _BOOK.c.due_on <= near])
    plain = not tests and set(_states(wanted)) == set(OPEN_STATES)
    return Tally(matching, matching if plain else total_open(conn), overdue, close)


def walk(
    conn: Connection, wanted: RequestFilter, today: date, whose: ColumnElement[bool] | None, most: int
) -> tuple[list[Row[Any]], str | None]:
    """(number, place, customer) of the next requests in the order of reading, and the cursor from which to go on, None at the end.

    `most` of each state are read; what lies beyond the last of a state that has more waits for the next time.
    """
    what = (_BOOK.c.number, _column(_BOOK.c, wanted.order).label("place"), _BOOK.c.customer)
    parts = [conn.execute(query.limit(most)).all() for query in _by_state(what, wanted, today, whose)]
    down = wanted.descending is not wanted.backwards
    rows = sorted((row for part in parts for row in part), key=_key, reverse=down)
    ends = [_key(part[-1]) for part in parts if len(part) == most]
    if not ends:
        return rows, None
    last = max(ends) if down else min(ends)
    known = [row for row in rows if (_key(row) >= last if down else _key(row) <= last)]
    return known, str(last[1]) if wanted.order is Order.NUMBER else f"{last[0]}.{last[1]}"


def placed(
    conn: Connection, wanted: RequestFilter, today: date, whose: ColumnElement[bool] | None, among: ColumnElement[bool]
) -> Sequence[Row[Any, Any]]:
    """(number, place) of those that a test names and the filter leaves, beyond the cursor, in no order."""
    tests = [_BOOK.c.state.in_([state.value for state in _states(wanted)]), *_tests(wanted, today, whose), *_beyond(wanted)]
    query = select(_BOOK.c.number, _column(_BOOK.c, wanted.order).label("place")).where(among, *tests)
    return conn.execute(query).all()


def of_customers(keys: Sequence[str]) -> ColumnElement[bool]:
    """The test for requests of these customers."""
    return _BOOK.c.customer.in_(keys)


def named(text: str) -> ColumnElement[bool]:
    """The test for the request with that number, and those of the customer with that key."""
    digits = text.removeprefix("#")
    by_key = _BOOK.c.customer == text
    return or_(by_key, _BOOK.c.number == int(digits)) if digits.isascii() and _NUMBER.fullmatch(digits) else by_key


def total_open(conn: Connection) -> int:
    """How many requests are open."""
    return _count(conn, OPEN_STATES, [])


def every_open(conn: Connection, kind: Kind | None, received_before: date | None) -> list[tuple[int, str]]:
    """(number, key of the customer) of every open request that the filters leave."""
    wanted = RequestFilter(states=OPEN_STATES, kind=kind, received_before=received_before)
    tests = _tests(wanted, date.max, None)
    query = select(_BOOK.c.number, _BOOK.c.customer).where(_BOOK.c.state.in_([state.value for state in OPEN_STATES]), *tests)
    return [(row.number, row.customer or "") for row in conn.execute(query)]


def pulse(conn: Connection, since: int | None) -> Pulse:
    """The newest number, the end of the audit chain, and how many requests were filed after `since`."""
    newest = conn.execute(select(func.max(_BOOK.c.number))).scalar() or 0
    stamp = conn.execute(select(tables.audit_head.c.seq)).scalar() or 0
    arrived = 0
    if since is not None and newest > since:
        arrived = conn.execute(select(func.count()).where(_BOOK.c.number > since)).scalar_one()
    return Pulse(int(newest), int(stamp), arrived)


def near_day(today: date, days: int) -> date:
    """The last day that counts as near."""
    return today + timedelta(days)


def _states(wanted: RequestFilter) -> tuple[State, ...]:
    return tuple(dict.fromkeys(wanted.states or tuple(State)))


def _count(conn: Connection, states: Sequence[State], tests: Sequence[ColumnElement[bool]]) -> int:
    """One statement a state: each counts along its part of the index."""
    counted = (select(func.count()).select_from(_BOOK).where(_BOOK.c.state == state.value, *tests) for state in states)
    return sum(conn.execute(query).scalar_one() for query in counted)


def _by_state(what: Any, wanted: RequestFilter, today: date, whose: ColumnElement[bool] | None) -> list[Select[Any]]:
    tests = [*_tests(wanted, today, whose), *_beyond(wanted)]
    columns = (what,) if what is _BOOK else what
    return [select(*columns).where(_BOOK.c.state == state.value, *tests).order_by(*_order(_BOOK.c, wanted)) for state in _states(wanted)]


def _skipped(conn: Connection, wanted: RequestFilter, today: date, whose: ColumnElement[bool] | None) -> Sequence[int]:
    """Numbers of the page, one more included, that lies `skip` requests beyond the cursor; read from the indexes alone.

    The states are merged as they come, each along its index: around a subquery the order would sort them all.
    """
    keys = dict.fromkeys((_BOOK.c.number, _column(_BOOK.c, wanted.order)))
    parts = [query.order_by(None) for query in _by_state(tuple(keys), wanted, today, whose)]
    whole: Any = union_all(*parts) if len(parts) > 1 else parts[0]
    named: dict[str, Any] = {key.name: column(key.name) for key in keys}
    query = whole.order_by(*_order(named, wanted)).limit(wanted.limit + 1).offset(wanted.skip)
    return conn.execute(query).scalars().all()


def _order(columns: Any, wanted: RequestFilter) -> list[ColumnElement[Any]]:
    down = wanted.descending is not wanted.backwards
    places = dict.fromkeys((_column(columns, wanted.order), columns["number"]))
    return [place.desc() if down else place.asc() for place in places]


def _column(columns: Any, order: Order) -> Column[Any]:
    found: Column[Any] = columns[_NAMES[order]]
    return found


def _key(row: Row[Any]) -> tuple[Any, int]:
    return row.place, row.number


def _place(row: Row[Any], order: Order) -> Any:
    return getattr(row, _NAMES[order])


def _tests(wanted: RequestFilter, today: date, whose: ColumnElement[bool] | None) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = [] if whose is None else [whose]
    if wanted.kind is not None:
        tests.append(_BOOK.c.kind == wanted.kind.value)
    if wanted.received_before is not None:
        tests.append(_BOOK.c.received_on < wanted.received_before)
    if wanted.due_before is not None:
        tests.append(_BOOK.c.due_on < wanted.due_before)
    if wanted.overdue:
        tests.append(_BOOK.c.due_on < today)
        tests.append(_BOOK.c.state.in_([state.value for state in OPEN_STATES]))
    return tests


def _beyond(wanted: RequestFilter) -> list[ColumnElement[bool]]:
    """What lies on the far side of the cursor, in the direction of reading."""
    if wanted.after is None:
        return []
    down = wanted.descending is not wanted.backwards
    day, number = cursor_place(wanted.after, wanted.order)
    further = _BOOK.c.number < number if down else _BOOK.c.number > number
    if day is None:
        return [further]
    place = _column(_BOOK.c, wanted.order)
    if down:
        return [place <= day, or_(place < day, and_(place == day, further))]
    return [place >= day, or_(place > day, and_(place == day, further))]


def cursor_place(text: str, order: Order) -> tuple[date | None, int]:
    """The day (None in the order of the numbers) and the number of a cursor. Raises UsageError `bad-cursor`."""
    found = _CURSOR.fullmatch(text)
    try:
        if order is Order.NUMBER and _NUMBER.fullmatch(text):
            return None, int(text)
        if order is not Order.NUMBER and found:
            return date.fromisoformat(found[1]), int(found[2])
    except ValueError:
        pass
    raise UsageError("bad-cursor")
