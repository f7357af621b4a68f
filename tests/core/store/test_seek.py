"""A search of the queue: whole and in order however short its stretches are, in every order and direction, on each engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from core.desk import Desk
from core.model.records import Kind, NewRequest, Onward, Order, RequestFilter, RequestRow
from core.store import lookup, seek

WORD = "ısık"


@pytest.fixture
def named(desk: Desk) -> Desk:
    """Every third customer of an open request is called Işık now, and a few others who have none."""
    rows = every(desk, RequestFilter())
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        for row in rows[::3]:
            unit.conn.execute(text("UPDATE customers SET last_name = 'IŞIK' WHERE id = :key"), {"key": int(row.customer or 0)})
    return desk


@pytest.fixture(params=[((1, 2, 3), 7), ((2,), 50_000), ((500, 1500), 50_000)], ids=["short", "scan", "walk"])
def stretches(request: pytest.FixtureRequest, monkeypatch: Any) -> Any:
    monkeypatch.setattr(seek, "STEPS", request.param[0])
    monkeypatch.setattr(lookup, "STRETCH", request.param[1])
    return request.param


def every(desk: Desk, wanted: RequestFilter) -> list[RequestRow]:
    return list(desk.requests.list(desk.actor, replace(wanted, limit=1000)).rows)


def fitting(desk: Desk, wanted: RequestFilter) -> list[RequestRow]:
    """What a search is to find, told by reading every row."""
    fits = lookup.Asked(WORD).fits
    return [row for row in every(desk, wanted) if fits(row.customer_name or "")]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", list(Order))
def test_stretches_together_find_each_request_once_and_in_order(named: Desk, stretches: Any, order: Order, descending: bool) -> None:
    wanted = RequestFilter(states=(), order=order, descending=descending)
    expected = fitting(named, wanted)
    assert len(expected) > 5
    found: list[int] = []
    onward: Onward | None = Onward()
    while onward is not None:
        told = named.requests.search(named.actor, replace(wanted, search=WORD), onward)
        assert list(told.hits) == sorted(told.hits, reverse=descending)
        found += told.hits
        onward = told.onward
    assert len(found) == len(set(found))
    assert list(named.requests.hit_rows(named.actor, sorted(found, reverse=descending))) == expected


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", list(Order))
def test_pages_of_a_search_meet_every_request_once(named: Desk, stretches: Any, order: Order, descending: bool) -> None:
    wanted = RequestFilter(states=(), order=order, descending=descending)
    expected = fitting(named, wanted)
    asked = replace(wanted, search=WORD, limit=2)
    for backwards in (False, True):
        found: list[RequestRow] = []
        after: str | None = None
        while True:
            page = named.requests.list(named.actor, replace(asked, after=after, backwards=backwards))
            found = [*page.rows, *found] if backwards else [*found, *page.rows]
            after = page.cursor
            if after is None:
                break
        assert found == expected
    assert list(named.requests.list(named.actor, replace(asked, skip=3)).rows) == expected[3:5]
    assert named.requests.tally(named.actor, asked).matching == len(expected)


def test_filters_narrow_a_search_in_both_its_halves(named: Desk, stretches: Any) -> None:
    wanted = RequestFilter(kind=Kind.ERASE)
    found = every(named, replace(wanted, search=WORD))
    assert found == fitting(named, wanted)
    assert 0 < len(found) < len(fitting(named, RequestFilter()))


def test_a_number_is_found_at_once_wherever_its_request_stands(named: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(seek, "STEPS", (1,))
    monkeypatch.setattr(lookup, "STRETCH", 1)
    last = every(named, RequestFilter())[-1]
    told = named.requests.search(named.actor, RequestFilter(search=f"#{last.number}"), Onward())
    assert list(named.requests.hit_rows(named.actor, told.hits)) == [last]
    assert [row.number for row in every(named, RequestFilter(search=f"#{last.number}"))] == [last.number]


def test_a_page_that_is_full_looks_no_further(named: Desk, monkeypatch: Any) -> None:
    """And a queue that is short reads no other customer."""
    monkeypatch.setattr(lookup, "stretch", lambda *_: pytest.fail("every customer was read"))
    assert every(named, RequestFilter(search=WORD)) == fitting(named, RequestFilter())
    monkeypatch.setattr(seek, "STEPS", (6, 2))
    page = named.requests.list(named.actor, RequestFilter(search=WORD, limit=1))
    assert list(page.rows) == fitting(named, RequestFilter())[:1]
    assert page.cursor is not None


def test_hits_are_read_as_they_are_now_and_without_those_that_are_gone(named: Desk) -> None:
    row = named.requests.add(named.actor, NewRequest("250", Kind.ERASE))
    hits = named.requests.search(named.actor, RequestFilter(search=str(row.number)), Onward()).hits
    named.requests.cancel(named.actor, row.number)
    read = named.requests.hit_rows(named.actor, (*hits, max(hits) + 10**6))
    assert row.number in [one.number for one in read if one.state == "cancelled"]
    assert len(read) == len(hits)
