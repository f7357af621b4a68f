"""Lists and settings: downloads, audit with its check, customers, settings with their validation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from core.desk import Desk
from core.model.records import RequestFilter


async def test_the_audit_shows_entries_and_verifies_the_chain(desk: Desk, run: Any) -> None:
    async with run(desk, (100, 30)) as it:
        await it.press("4")
        await it.until(lambda: it.grid.rows)
        newest = it.grid.row.seq
        await it.shows("Hash", "request.add")
        await it.press("end")
        await it.until(lambda: it.grid.total == newest)
        await it.press("end")
        await it.until(lambda: it.grid.row and it.grid.row.seq == 1)
        assert it.grid.total == newest
        await it.press("v")
        await it.shows("✓ The chain is unbroken")
        await it.press("n")
        await it.shows(f"kvkk:{desk.audit.anchor(desk.actor).origin}")
        with desk.store.writing(desk.actor, lambda unit: None) as unit:
            unit.conn.execute(text("UPDATE kvkk_audit SET detail = '{}' WHERE seq = 5"))
        await it.press("v")
        await it.shows("✗", "5")


async def test_downloads_tell_who_and_whose(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("3")
        await it.until(lambda: it.grid.rows)
        await it.shows("selin@kvkk.example", "(erased)", "Broken off")


async def test_a_wrong_setting_is_refused_with_what_would_be_right_and_asked_again(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("5")
        await it.until(lambda: it.grid.rows)
        it.grid.cursor = [row.key for row in it.grid.rows].index("response-days")
        await it.press("enter", "ctrl+u")
        await it.type("45")
        await it.press("enter")
        await it.shows("1–30")
        assert desk.settings.get(desk.actor, "response-days") == "30"
        await it.press("ctrl+u")
        await it.type("20")
        await it.press("enter")
        await it.until(lambda: desk.settings.get(desk.actor, "response-days") == "20")
        await it.press("d")
        await it.until(lambda: desk.settings.get(desk.actor, "response-days") == "30")
        await it.until(lambda: not it.screen.active_bindings["d"].enabled or it.grid.row.is_default)


async def test_a_switch_is_chosen_and_says_whom_it_locks_out(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("5")
        await it.until(lambda: it.grid.rows)
        it.grid.cursor = [row.key for row in it.grid.rows].index("enforce-consent")
        await it.press("enter", "up", "enter")
        await it.until(lambda: desk.settings.get(desk.actor, "enforce-consent") == "on")
        await it.until(lambda: "have not accepted" in it.toasts)


async def test_near_days_change_what_the_queue_calls_near(desk: Desk, run: Any) -> None:
    assert desk.requests.tally(desk.actor, RequestFilter()).near == 3
    async with run(desk) as it:
        await it.shows("3 near")
        await it.press("5")
        await it.until(lambda: it.grid.rows)
        it.grid.cursor = [row.key for row in it.grid.rows].index("near-days")
        await it.press("enter", "ctrl+u")
        await it.type("0")
        await it.press("enter")
        await it.until(lambda: it.app.near == 0)
        await it.until(lambda: "near" not in it.text.splitlines()[0])


async def test_customers_are_found_by_any_piece_and_opened(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("2")
        await it.shows("Type a piece of a name")
        await it.type("isik")
        await it.press("enter")
        await it.until(lambda: it.grid.rows)
        assert all("Işı" in row.name or "Işık" in row.name for row in it.grid.rows)
        await it.press("slash", "ctrl+u")
        await it.type("no such person")
        await it.press("enter")
        await it.shows("Nobody found.")
