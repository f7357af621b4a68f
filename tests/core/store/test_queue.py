"""The queue: pages in either direction, orders, jumps, counts and the pulse, on each engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.desk import Desk
from core.errors import UsageError
from core.model.records import OPEN_STATES, Kind, NewRequest, Order, RequestFilter, RequestRow
from core.sample import REFERENCE_DAY


def whole(desk: Desk, wanted: RequestFilter) -> list[RequestRow]:
    return list(desk.requests.list(desk.actor, replace(wanted, limit=1000)).rows)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", list(Order))
def test_pages_forth_and_back_meet_every_request_once(desk: Desk, order: Order, descending: bool) -> None:
    wanted = RequestFilter(states=(), order=order, descending=descending, limit=7)
    expected = whole(desk, wanted)
    forth: list[RequestRow] = []
    back: list[RequestRow] = []
    for found, backwards in ((forth, False), (back, True)):
        asked: RequestFilter | None = replace(wanted, backwards=backwards)
        while asked:
            page = desk.requests.list(desk.actor, asked)
            found[:] = [*page.rows, *found] if backwards else [*found, *page.rows]
            asked = replace(asked, after=page.cursor) if page.cursor else None
    assert forth == expected
    assert back == expected
    assert len(expected) > 20
    key = {Order.DUE: lambda r: (r.due_on, r.number), Order.RECEIVED: lambda r: (r.received_on, r.number)}.get(order)
    assert expected == sorted(expected, key=key or (lambda r: r.number), reverse=descending)


def test_a_jump_lands_where_counting_would(desk: Desk) -> None:
    """Both open states: the jump counts over two parts of the index."""
    erase = next(r for r in whole(desk, RequestFilter(kind=Kind.ERASE)) if r.state == "pending")
    desk.requests.approve(desk.actor, erase.number)
    rows = whole(desk, RequestFilter())
    wanted = RequestFilter(limit=5)
    for skip in (1, 8, len(rows) - 3):
        assert list(desk.requests.list(desk.actor, replace(wanted, skip=skip)).rows) == rows[skip : skip + 5]
    at = wanted.cursor(rows[3])
    assert list(desk.requests.list(desk.actor, replace(wanted, after=at, skip=4)).rows) == rows[8:13]
    assert list(desk.requests.list(desk.actor, replace(wanted, backwards=True, skip=2)).rows) == rows[-7:-2]


def test_overdue_and_tally_count_by_the_set_day(desk: Desk) -> None:
    rows = whole(desk, RequestFilter())
    late = [r for r in rows if r.due_on < REFERENCE_DAY]
    assert late
    assert whole(desk, RequestFilter(overdue=True)) == late
    assert whole(desk, RequestFilter(states=(), overdue=True)) == late
    told = desk.requests.tally(desk.actor, RequestFilter(kind=Kind.ERASE))
    assert (told.open, told.overdue) == (len(rows), len(late))
    assert told.matching == sum(r.kind is Kind.ERASE for r in rows)
    assert told.near == sum(0 <= r.days_left <= 7 for r in rows)
    assert desk.requests.tally(desk.actor, RequestFilter()).matching == len(rows)


def test_search_knows_numbers_keys_and_turkish_letters(desk: Desk) -> None:
    row = next(r for r in whole(desk, RequestFilter(states=())) if r.customer_name and "ş" in r.customer_name)
    assert row.customer_name is not None
    plain = row.customer_name.translate(str.maketrans("şŞıİğĞüÜöÖçÇ", "sSiIgGuUoOcC")).upper()
    for text in (f"#{row.number}", str(row.number), row.customer_name, plain):
        found = whole(desk, RequestFilter(states=(), search=text))
        assert row.number in [r.number for r in found], text
    assert row.customer is not None
    assert row in whole(desk, RequestFilter(states=(), search=row.customer))
    assert whole(desk, RequestFilter(states=(), search="nobody is called this")) == []


def test_the_pulse_moves_with_every_change(desk: Desk) -> None:
    before = desk.requests.pulse(desk.actor)
    assert before.arrived == 0
    row = desk.requests.add(desk.actor, NewRequest("250", Kind.ERASE))
    after = desk.requests.pulse(desk.actor, before.newest)
    assert (after.newest, after.arrived) == (row.number, 1)
    assert after.stamp > before.stamp
    desk.requests.cancel(desk.actor, row.number)
    assert desk.requests.pulse(desk.actor, row.number).stamp > after.stamp


def test_a_page_says_how_many_are_open_unless_told_not_to(desk: Desk) -> None:
    assert desk.requests.list(desk.actor, RequestFilter(limit=1, counted=False)).total_open is None
    rows = whole(desk, RequestFilter())
    assert desk.requests.list(desk.actor, RequestFilter(limit=1)).total_open == len(rows)
    assert {r.state for r in rows} <= set(OPEN_STATES)


@pytest.mark.parametrize("cursor", ["", "2026-13-40.1", "x", "2026-11-23"])
def test_a_cursor_of_another_order_is_refused(desk: Desk, cursor: str) -> None:
    for order in Order:
        with pytest.raises(UsageError, match="bad-cursor"):
            desk.requests.list(desk.actor, RequestFilter(order=order, after=cursor))
