"""The queue: what stands in it, how it is moved through, and what comes by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from textual import events

from core.config import Target
from core.desk import Desk
from core.model.records import Actor, Kind, NewRequest, RequestFilter, State
from core.sample import REFERENCE_DAY
from core.store import tables
from kvkk_tui import ahead, window
from kvkk_tui.columns import WIDE

MANY = 5000


@pytest.fixture
def colleague(target: Target, clock: Any) -> Any:
    """Another process on the same database."""
    with Desk(target, actor=Actor("can", "other.example"), clock=clock) as opened:
        yield opened


def flood(desk: Desk, many: int = MANY) -> list[int]:
    """File so many requests without going through the door; returns all open numbers in order of urgency."""
    fresh = [
        {
            "customer": None,
            "open_customer": f"flood-{i}",
            "kind": "erase" if i % 3 else "anonymise",
            "regime": "kvkk",
            "channel": "panel",
            "received_on": REFERENCE_DAY - timedelta(i % 25),
            "due_on": REFERENCE_DAY + timedelta(5 + i % 25),
            "state": "approved" if i % 7 == 0 else "pending",
            "version": 1,
            "blacklisted": False,
            "filed_at": desk.store.clock(),
            "filed_by": "x@y",
        }
        for i in range(many)
    ]
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        unit.conn.execute(insert(tables.requests), fresh)
        book = tables.requests.c
        order = select(book.number).where(book.state.in_(["pending", "approved"])).order_by(book.due_on, book.number)
        return list(unit.conn.execute(order).scalars())


async def test_open_requests_stand_most_urgent_first(desk: Desk, run: Any) -> None:
    rows = desk.requests.list(desk.actor, RequestFilter()).rows
    async with run(desk) as it:
        lines = [line for line in it.text.splitlines() if "Pending" in line or "Approved" in line]
        assert [int(line[2:6]) for line in lines] == [row.number for row in rows]
        assert f"⚠ {-rows[0].days_left} days overdue" in lines[0]
        assert "16 open" in it.text
        assert "⚠ 2 overdue" in it.text


async def test_a_long_queue_is_held_in_pieces_and_every_place_is_right(desk: Desk, run: Any) -> None:
    numbers = flood(desk)
    async with run(desk) as it:
        await it.until(lambda: it.grid.total == len(numbers))

        def right() -> bool:
            grid = it.grid
            top = round(grid.scroll_y)
            shown = [grid.at(i) for i in range(top, min(top + grid.page, grid.total))]
            return all(row is not None for row in shown) and [r.number for r in shown] == numbers[top : top + len(shown)]

        await it.until(right)
        for key in ("end", "pageup", "pageup", "home", "pagedown", "pagedown", "G", "k", "g"):
            await it.press(key)
            await it.until(right, key)
            assert len(it.grid.rows) <= window.KEEP + window.AHEAD
        await it.press("end")
        await it.until(lambda: it.grid.row and it.grid.row.number == numbers[-1])
        for place in (2500, 1234, 4200, 10):  # as the scroll bar does
            it.grid.scroll_to(y=place, animate=False, immediate=True)
            await it.until(right, f"place {place}")
        for _ in range(60):
            await it.press("pagedown")
        await it.until(right)


async def test_filter_type_and_order_change_what_is_read(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        whole = it.grid.total
        await it.press("v")
        await it.until(lambda: 0 < it.grid.total < whole)
        assert all(row.kind is Kind.ANONYMISE for row in it.grid.rows)
        await it.press("escape")
        await it.until(lambda: it.grid.total == whole)
        await it.press("f", "down", "enter")
        await it.until(lambda: it.screen.sift.state == "overdue" and it.grid.total == 2)
        assert all(row.days_left < 0 for row in it.grid.rows)
        await it.press("f", "end", "enter")
        await it.until(lambda: it.grid.total > whole)
        await it.press("o", "end", "enter")
        await it.until(lambda: it.grid.rows[0].number == max(row.number for row in it.grid.rows))
        assert "Highest number first" in it.text


async def test_search_knows_turkish_letters_and_numbers(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("slash")
        await it.type("ISIK")
        await it.press("enter")
        await it.until(lambda: {row.customer_name for row in it.grid.rows} == {"Şerife Işık", "İrem Işık"})
        await it.press("slash")
        await it.press("end", "ctrl+u")
        await it.type("21")
        await it.press("enter")
        await it.until(lambda: 21 in [row.number for row in it.grid.rows])
        await it.press("slash", "ctrl+u")
        await it.type("nobody at all")
        await it.press("enter")
        await it.shows("Nothing found for this search.")
        await it.press("escape")
        await it.until(lambda: it.grid.total == 16)


async def test_marks_stay_with_their_requests(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        first = it.grid.row.number
        await it.press("space", "space")
        assert len(it.grid.marks) == 2
        assert first in it.grid.marks
        await it.shows("✓ 2 marked")
        await it.press("v")
        await it.until(lambda: it.grid.total < 16)
        assert len(it.grid.marks) == 2
        await it.press("escape")
        assert not it.grid.marks
        await it.press("asterisk")
        await it.until(lambda: len(it.grid.marks) == it.grid.total)


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)
async def test_a_new_request_comes_by_itself_with_badge_and_toast(desk: Desk, colleague: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.until(lambda: it.app.news.begun)
        row = colleague.requests.add(colleague.actor, NewRequest("250", Kind.ERASE, received_on=REFERENCE_DAY - timedelta(29)))
        await it.until(lambda: row.number in [r.number for r in it.grid.rows])
        await it.shows("● 1 new", "17 open", "A new request")
        assert any(line.lstrip("▸ ").startswith("●") and "Erase" in line for line in it.text.splitlines()[4:])
        await it.press("u")
        await it.until(lambda: it.grid.row and it.grid.row.number == row.number)
        await it.until(lambda: "● 1 new" not in it.text)
        assert "●" not in it.text
        colleague.requests.cancel(colleague.actor, row.number)
        await it.until(lambda: row.number not in [r.number for r in it.grid.rows])
        await it.shows("16 open")


async def test_the_cursor_stays_on_its_request_when_others_come_before_it(desk: Desk, colleague: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.until(lambda: it.app.news.begun)
        await it.press("j", "j", "j")
        here = it.grid.row.number
        colleague.requests.add(colleague.actor, NewRequest("250", Kind.ERASE, received_on=REFERENCE_DAY - timedelta(90)))
        await it.until(lambda: it.grid.total == 17)
        assert it.grid.row.number == here
        assert it.grid.cursor == 4


async def test_an_empty_queue_says_so(desk: Desk, run: Any) -> None:
    for row in desk.requests.list(desk.actor, RequestFilter()).rows:
        desk.requests.cancel(desk.actor, row.number)
    async with run(desk) as it:
        await it.shows("No request is open.", "New ones appear here by themselves.")
        await it.press("enter", "s", "x", "space", "end", "pagedown", "y")
        await it.shows("There is no request here.")


async def test_wide_terminals_show_the_magnifier_beside_the_queue(desk: Desk, run: Any) -> None:
    async with run(desk, (140, 40)) as it:
        first = it.grid.row
        await it.shows("Requesting customer", f"Request {first.number}")
        await it.press("j")
        await it.shows(f"Request {it.grid.row.number} ")
        await it.press("enter")
        assert it.screen.query_one("#detail").has_focus
        await it.press("escape")
        assert it.grid.has_focus
        await it.pilot.resize_terminal(80, 24)
        await it.until(lambda: not it.screen.query_one("#detail").display)
        await it.pilot.resize_terminal(260, 50)
        await it.until(lambda: it.grid.scrollable_content_region.width >= WIDE)
        await it.shows("active", "passive", "unpaid")


async def test_a_mouse_can_point_mark_rows_and_open(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.pilot.click("#queue", offset=(10, 3))
        assert it.grid.cursor == 2
        await it.pilot.click("#queue", offset=(10, 3), times=2)
        await it.shows("Requesting customer")


async def test_a_database_that_cannot_be_read_ends_the_console_with_its_error(tmp_path: Any, clock: Callable[[], Any]) -> None:
    from kvkk_tui.app import Console

    (tmp_path / "no.db").write_bytes(b"this is no database at all, whatever its name says" * 20)
    with Desk(Target(str(tmp_path / "no.db"), "sample", tmp_path / "key", "--db", "en"), clock=clock) as desk:
        app = Console(desk)
        async with app.run_test() as pilot:
            for _ in range(200):
                await pilot.pause(0.02)
                if app.error:
                    break
        assert app.error is not None
        assert app.return_code == int(app.error.exit_code)


def test_every_state_can_be_filtered_for() -> None:
    from kvkk_tui.sift import STATES

    assert {state for _title, states in STATES.values() for state in states} == set(State)


async def test_what_is_typed_ahead_goes_to_what_it_opens(desk: Desk, run: Any) -> None:
    """In one burst, as a slow line brings it: `a` approves and `e` is dimmed, but these are letters of a search and of a verb's name."""
    async with run(desk) as driven:
        for opener in ("slash", "colon"):
            for key in (opener, "a", "x", "e"):
                driven.app.post_message(events.Key(key, key if len(key) == 1 else None))
            await driven.until(lambda: [entry.value for entry in driven.screen.query("Entry")] == ["axe"], opener)
            assert not driven.toasts
            await driven.press("escape")


class Reading:
    """What another process has read: its counts come when they are let go, or never."""

    def __init__(self, desk: Desk, *, dies: bool) -> None:
        self.desk, self.dies, self.go = desk, dies, threading.Event()

    def take(self) -> ahead.Opening:
        return ahead.opening(self.desk)

    def counts(self) -> Any:
        assert self.go.wait(30)
        return None if self.dies else ahead.counts(self.desk)


@pytest.mark.parametrize("dies", [False, True])
async def test_the_first_rows_do_not_wait_for_the_counts(desk: Desk, run: Any, dies: bool) -> None:
    reading = Reading(desk, dies=dies)
    async with run(desk, ahead=reading) as it:
        await it.shows("Çağrı Kaplan")
        assert len(it.grid.rows) == 16
        assert "16 found" not in it.text
        assert "16 open" not in it.text
        await it.press("down")
        assert it.grid.cursor == 1
        reading.go.set()
        await it.shows("16 found", "16 open")
        assert it.grid.cursor == 1
