"""Searches: what is found is there as soon as it is found, no key waits meanwhile, and what is said of it is true."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from core.desk import Desk
from core.model.records import Kind, NewRequest, RequestFilter
from core.store import lookup, seek
from kvkk_tui import hits


class Gate:
    """Lets so many stretches pass and holds the next one until it is opened."""

    def __init__(self, true: Any, free: int) -> None:
        self.true, self.free = true, free
        self.opened, self.waited = threading.Event(), threading.Event()

    def __call__(self, *args: Any, **more: Any) -> Any:
        self.free -= 1
        if self.free < 0:
            self.waited.set()
            assert self.opened.wait(30)
        return self.true(*args, **more)


@pytest.fixture
def gate(monkeypatch: Any) -> Iterator[Any]:
    made = []

    def hold(room: Any, name: str, free: int) -> Gate:
        gate = Gate(getattr(room, name), free)
        monkeypatch.setattr(room, name, gate)
        made.append(gate)
        return gate

    yield hold
    for one in made:
        one.opened.set()


@pytest.fixture
def short(monkeypatch: Any) -> None:
    """Stretches of a few."""
    monkeypatch.setattr(seek, "STEPS", (3, 2))
    monkeypatch.setattr(lookup, "STRETCH", 40)
    monkeypatch.setattr(hits, "REST_LEAST_S", 0.01)


def called(desk: Desk, some: Any, name: str) -> None:
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        for key in some:
            unit.conn.execute(text("UPDATE customers SET last_name = :name WHERE id = :key"), {"name": name, "key": int(key)})


def numbers(it: Any) -> list[int]:
    return [row.number for row in it.grid.rows]


async def search(it: Any, words: str) -> None:
    if not it.screen.query("Entry") or not it.screen.query_one("Entry").has_focus:
        await it.press("slash")
    await it.type(words)
    await it.press("enter")


async def test_hits_are_shown_while_the_search_goes_on_and_keys_do_not_wait(desk: Desk, run: Any, gate: Any, short: None) -> None:
    rows = desk.requests.list(desk.actor, RequestFilter()).rows
    wanted = [rows[i] for i in (0, 2, 7, 15)]
    called(desk, [row.customer for row in wanted], "Büyükyıldız")
    held = gate(seek, "stretch", 2)
    async with run(desk) as it:
        await search(it, "BUYUKYILDIZ")
        await it.until(lambda: numbers(it) == [wanted[0].number, wanted[1].number])
        await it.until(held.waited.is_set)
        await it.shows("2 so far, searching…")
        await it.press("down")
        assert it.grid.row.number == wanted[1].number
        await it.press("enter")
        await it.shows("Requesting customer", "Büyükyıldız")
        await it.press("escape")
        held.opened.set()
        await it.until(lambda: numbers(it) == [row.number for row in wanted])
        await it.shows("4 found")
        assert "searching" not in it.text
        assert it.grid.row.number == wanted[1].number


async def test_a_search_that_goes_on_is_left_with_one_key(desk: Desk, run: Any, gate: Any, short: None) -> None:
    held = gate(seek, "stretch", 1)
    async with run(desk) as it:
        await search(it, "nobody is called this")
        await it.until(held.waited.is_set)
        await it.shows("Searching…", "0 so far, searching…")
        await it.press("escape")
        await it.until(lambda: it.grid.total == 16)
        await it.shows("16 found")
        held.opened.set()
        await it.pilot.pause(0.1)
        assert it.grid.total == 16
        assert "16 found" in it.text


async def test_what_is_found_follows_the_database(desk: Desk, run: Any, short: None) -> None:
    rows = desk.requests.list(desk.actor, RequestFilter()).rows
    called(desk, [rows[1].customer, rows[9].customer, 250], "Büyükyıldız")
    async with run(desk) as it:
        await search(it, "büyükyıldız")
        await it.until(lambda: numbers(it) == [rows[1].number, rows[9].number])
        fresh = desk.requests.add(desk.actor, NewRequest("250", Kind.ERASE))
        await it.until(lambda: numbers(it) == [rows[1].number, rows[9].number, fresh.number])
        desk.requests.cancel(desk.actor, rows[1].number)
        await it.until(lambda: numbers(it) == [rows[9].number, fresh.number])
        await it.shows("2 found")


async def test_a_long_search_is_scrolled_through_and_every_place_is_right(desk: Desk, run: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(seek, "STEPS", (3, 2))
    monkeypatch.setattr(lookup, "STRETCH", 20)
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        keys = unit.conn.execute(text("SELECT id FROM customers ORDER BY id")).scalars().all()
    called(desk, keys, "Büyükyıldız")
    for key in keys:
        if not any(r.customer == str(key) for r in desk.requests.list(desk.actor, RequestFilter(limit=1000)).rows):
            desk.requests.add(desk.actor, NewRequest(str(key), Kind.ERASE))
    order = [r.number for r in desk.requests.list(desk.actor, RequestFilter(limit=1000)).rows]
    assert len(order) > hits.HELD
    async with run(desk) as it:
        await it.until(lambda: it.grid.total == len(order))
        for state in ("due", "due-"):
            it.screen.sift = replace(it.screen.sift, order=state, search="")
            await search(it, "buyukyildiz")
            await it.until(lambda: it.grid.total == len(order))
            expected = order if state == "due" else order[::-1]

            def right(expected: list[int] = expected) -> bool:
                top = round(it.grid.scroll_y)
                shown = [it.grid.at(i) for i in range(top, min(top + it.grid.page, it.grid.total))]
                return [row.number if row else 0 for row in shown] == expected[top : top + len(shown)]

            for key in ("end", "pageup", "pageup", "home", "pagedown", "pagedown", "end", "home"):
                await it.press(key)
                await it.until(right, key)
            await it.press("asterisk")
            await it.until(lambda: len(it.grid.marks) == len(order))
            await it.press("asterisk")


async def test_a_search_that_breaks_off_says_so_and_is_taken_up_again(desk: Desk, run: Any, short: None, monkeypatch: Any) -> None:
    from core.errors import Unavailable

    true, calls = seek.stretch, []

    def broken(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise Unavailable("database-locked")
        return true(*args)

    rows = desk.requests.list(desk.actor, RequestFilter()).rows
    called(desk, [rows[1].customer, rows[9].customer], "Büyükyıldız")
    monkeypatch.setattr(seek, "stretch", broken)
    async with run(desk) as it:
        await search(it, "büyükyıldız")
        await it.shows("1 found, then it broke off")
        await it.press("r")
        await it.until(lambda: numbers(it) == [rows[1].number, rows[9].number])
        await it.shows("2 found")


@pytest.mark.parametrize("view", ["queue", "customers", "consents"])
async def test_the_key_of_the_search_lets_the_old_words_be_typed_over(desk: Desk, run: Any, view: str) -> None:
    async with run(desk) as it:
        await it.app.run_action(f"app.view('{view}')")
        await it.pilot.pause()
        await search(it, "kaplan")
        await it.press("slash")
        await it.until(lambda: it.screen.query_one("Entry").has_focus)
        assert it.screen.query_one("Entry").selected_text == "kaplan"
        await it.type("ışık")
        assert it.screen.query_one("Entry").value == "ışık"


@pytest.mark.parametrize(("view", "verb"), [("customers", "part"), ("consents", "part")])
async def test_customers_are_shown_while_others_are_looked_for(
    desk: Desk, run: Any, gate: Any, monkeypatch: Any, view: str, verb: str
) -> None:
    monkeypatch.setattr(lookup, "STRETCH", 40)
    called(desk, [3, 90, 250], "Büyükyıldız")
    held = gate(lookup, verb, 2)
    async with run(desk) as it:
        await it.app.run_action(f"app.view('{view}')")
        await it.pilot.pause()
        await search(it, "BUYUKYILDIZ")
        await it.until(held.waited.is_set)
        await it.shows("1 so far, searching…", "Büyükyıldız")
        await it.press("1")
        await it.shows("16 found")  # the other views do not wait for it
        await it.app.run_action(f"app.view('{view}')")
        held.opened.set()
        await it.shows("· 3 found")
        assert len(it.grid.rows) == 3
        assert it.grid.cursor == 0
        await search(it, "nobody is called this")
        await it.shows("· 0 found", "Nobody found.")


async def test_customers_of_a_common_name_go_on_as_they_are_scrolled(desk: Desk, run: Any, monkeypatch: Any) -> None:
    with desk.store.reading() as conn:
        keys = [str(key) for key in conn.execute(text("SELECT id FROM customers ORDER BY id")).scalars()]
    called(desk, keys, "Büyükyıldız")
    assert len(keys) > 150
    async with run(desk) as it:
        await it.press("2")
        await search(it, "buyukyildiz")
        await it.shows("the first 100; more as you scroll")
        for _ in range(6):
            await it.press("end")
            await it.pilot.pause(0.1)
        await it.until(lambda: [row.key for row in it.grid.rows] == keys)
        await it.shows(f"{len(keys)} found")
