"""Lists and settings: downloads, audit with its check, customers, settings with their validation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from core import Watch
from core.desk import Desk
from core.model.records import Kind, NewRequest, RequestFilter, Resolution, ResolveOptions, Role, State, Wanted


async def test_the_audit_shows_entries_and_verifies_the_chain(desk: Desk, run: Any) -> None:
    async with run(desk, (100, 30)) as it:
        await it.press("7")
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
        await it.press("4")
        await it.until(lambda: it.grid.rows)
        await it.shows("selin@kvkk.example", "(erased)", "Broken off")


async def test_a_wrong_setting_is_refused_with_what_would_be_right_and_asked_again(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("0")
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
        await it.press("0")
        await it.until(lambda: it.grid.rows)
        it.grid.cursor = [row.key for row in it.grid.rows].index("enforce-consent")
        await it.press("enter", "up", "enter")
        await it.until(lambda: desk.settings.get(desk.actor, "enforce-consent") == "on")
        await it.until(lambda: "have not accepted" in it.toasts)


async def test_near_days_change_what_the_queue_calls_near(desk: Desk, run: Any) -> None:
    assert desk.requests.tally(desk.actor, RequestFilter()).near == 3
    async with run(desk) as it:
        await it.shows("3 near")
        await it.press("0")
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


async def test_the_end_of_a_long_list_is_reached_with_one_key(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("7")
        await it.until(lambda: it.grid.rows)
        newest = it.grid.row.seq
        assert len(it.grid.rows) < newest
        await it.press("end")
        await it.until(lambda: it.grid.row and it.grid.row.seq == 1)
        assert it.grid.total == newest
        await it.press("home")
        await it.until(lambda: it.grid.row and it.grid.row.seq == newest)


async def test_a_download_leads_to_its_customer(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("4")
        await it.until(lambda: it.grid.rows)
        await it.shows("SHA-256")
        key = it.grid.row.customer
        await it.press("enter")
        await it.shows(f"Customer {key}", "Stored rows")


async def test_the_blacklist_is_added_to_checked_and_taken_from(desk: Desk, run: Any) -> None:
    async with run(desk, (100, 30)) as it:
        await it.press("5")
        await it.until(lambda: it.screen._read)
        before = len(it.grid.rows)
        await it.press("c", "enter")
        await it.type("Ali.Veli@Example.ORG")
        await it.press("enter")
        await it.until(lambda: "Not on the blacklist." in it.toasts)
        await it.press("a", "enter")
        await it.type("Ali.Veli@example.org")
        await it.press("enter")
        await it.type("sent spam, ali.veli@example.org")
        await it.press("enter")
        await it.until(lambda: len(it.grid.rows) == before + 1)
        await it.shows("sent spam")
        assert "ali.veli" not in it.text.lower()
        await it.press("c", "enter")
        await it.type("ALİ.VELİ@example.org")
        await it.press("enter")
        await it.until(lambda: "On the blacklist: e-mail." in it.toasts)
        await it.press("d", "enter")
        await it.shows("It cannot be empty.")
        await it.type("by mistake")
        await it.press("enter")
        await it.until(lambda: len(it.grid.rows) == before)
        await it.press("v")
        await it.shows("by mistake", "Taken off")
        await it.press("escape")
    assert not [row for row in desk.blacklist.list(desk.actor).rows if row.reason == "sent spam"]


async def test_staff_are_added_changed_and_removed_and_the_closing_is_told(desk: Desk, run: Any) -> None:
    async with run(desk, (100, 30)) as it:
        await it.shows("no staff registered")
        await it.press("9")
        await it.shows("No staff are registered", "you become an admin")
        await it.press("a")
        await it.type("not a name!")
        await it.press("enter", "enter")
        await it.until(lambda: it.toasts)
        assert not desk.staff.list(desk.actor).members
        await it.press("a")
        await it.type("mert")
        await it.press("enter", "enter")
        await it.until(lambda: len(it.grid.rows) == 2)
        await it.until(lambda: "ayse is the first admin" in it.toasts)
        await it.shows("ayse · admin")
        await it.press("end")
        await it.until(lambda: it.grid.row.account == "mert")
        await it.press("enter", "up", "enter")
        await it.until(lambda: desk.staff.list(desk.actor).members[1].role is Role.VIEWER)
        await it.until(lambda: it.grid.row.role is Role.VIEWER)
        await it.press("d", "n", "d", "y")
        await it.until(lambda: len(desk.staff.list(desk.actor).members) == 1)


async def test_a_run_that_was_stopped_goes_on_here(desk: Desk, run: Any) -> None:
    numbers = tuple(desk.requests.add(desk.actor, NewRequest(str(key), Kind.ANONYMISE)).number for key in (250, 251))
    desk.bulk.resolve(desk.actor, Wanted(numbers), Resolution(), watch=Watch(stop=lambda: True))
    async with run(desk, (100, 30)) as it:
        await it.press("8")
        await it.until(lambda: it.grid.rows)
        await it.shows("Stopped", "0/2", "2 wait")
        await it.press("o", "y")
        await it.until(lambda: it.grid.row.state == "done")
        await it.shows("2/2")
        assert not it.screen.active_bindings["o"].enabled
        await it.press("enter")
        await it.until(lambda: it.screen._detail is not None)
    assert {desk.requests.show(desk.actor, number).row.state for number in numbers} == {State.RESOLVED}


async def test_what_failed_in_a_run_is_told_with_its_reason(desk: Desk, run: Any) -> None:
    desk.bulk.resolve(desk.actor, Wanted((15, 16)), Resolution(erase=True), ResolveOptions())
    async with run(desk, (100, 30)) as it:
        await it.press("8")
        await it.until(lambda: it.grid.rows)
        await it.press("enter")
        await it.shows("15", "Failed", "16", "Skipped")
        assert "escape" not in it.screen.active_bindings  # nothing to stop, and no word about it


async def test_messages_wait_are_given_up_and_lead_to_their_request(desk: Desk, run: Any) -> None:
    desk.settings.set(desk.actor, "notify", "on")
    number = desk.requests.add(desk.actor, NewRequest("250", Kind.ANONYMISE)).number
    async with run(desk, (100, 30)) as it:
        await it.press("6")
        await it.until(lambda: it.grid.rows)
        assert it.grid.row.request == number
        await it.shows("request received", "Waiting", "smtp-host")
        assert "@" not in "".join(line for line in it.text.splitlines() if "request received" in line)
        await it.press("s")
        await it.until(lambda: "still wait" in it.toasts)
        await it.press("enter")
        await it.shows("Requesting customer")
        await it.press("escape", "d", "y")
        await it.until(lambda: number not in [row.request for row in it.grid.rows])
        await it.press("f", "end", "enter")
        await it.until(lambda: "dropped" in [row.state for row in it.grid.rows])
        await it.press("home")
        await it.until(lambda: not it.screen.active_bindings["d"].enabled)
        await it.press("t")
        await it.until(lambda: "has left" in it.toasts)


async def test_a_template_is_edited_beside_its_preview_and_refused_with_its_line(desk: Desk, run: Any) -> None:
    before = desk.templates.show(desk.actor, "received", "en")
    async with run(desk, (140, 40)) as it:
        await it.press("0")
        await it.until(lambda: it.grid.rows)
        await it.press("t")
        await it.until(lambda: it.screen.__class__.__name__ == "TemplatesScreen" and it.grid.rows)
        it.grid.cursor = [(row.event, row.language) for row in it.grid.rows].index(("received", "en"))
        await it.press("enter")
        await it.shows("We have received your request no. 12", "$due_on", "Needed")
        await it.press("ctrl+end")
        await it.type("Call $nobody")
        await it.shows("✗", "nobody")
        assert not it.screen.active_bindings["ctrl+s"].enabled
        await it.press("ctrl+s")
        assert desk.templates.show(desk.actor, "received", "en") == before
        await it.press(*["backspace"] * len("Call $nobody"))
        await it.type("Yours, $company")
        await it.until(lambda: it.screen.active_bindings["ctrl+s"].enabled)
        await it.press("ctrl+s")
        await it.until(lambda: "is changed" in it.toasts)
        assert "Yours, $company" in desk.templates.show(desk.actor, "received", "en").text
        await it.type(" x")
        await it.press("escape")
        await it.shows("Throw it away?")
        await it.press("n", "escape", "y")
        await it.until(lambda: it.screen.__class__.__name__ == "TemplatesScreen")
        await it.press("d", "y")
        await it.until(lambda: desk.templates.show(desk.actor, "received", "en").text == before.text)


async def test_what_is_pasted_into_a_template_cannot_control_the_terminal(desk: Desk, run: Any) -> None:
    from textual import events

    async with run(desk, (100, 30)) as it:
        await it.press("0", "t")
        await it.until(lambda: it.screen.__class__.__name__ == "TemplatesScreen" and it.grid.rows)
        await it.press("enter")
        await it.until(lambda: it.screen._view is not None)
        draft = it.screen.query_one("#draft")
        draft.post_message(events.Paste("A\x1b]0;OWNED\x07B\x00\u202eC\r\nD"))
        await it.until(lambda: "OWNED" in draft.text)
        assert all(char.isprintable() or char == "\n" for char in draft.text)


async def test_destruction_reports_are_listed_and_read(desk: Desk, clock: Any, run: Any) -> None:
    number = desk.requests.add(desk.actor, NewRequest("250", Kind.ANONYMISE)).number
    desk.resolutions.resolve(desk.actor, number, Resolution(mask=True))
    clock.move(days=400)
    desk.reports.make_due(desk.actor)
    made = desk.reports.list(desk.actor)
    assert made
    async with run(desk) as it:
        await it.press("7", "p")
        await it.until(lambda: [row.number for row in it.grid.rows] == [row.number for row in made])
        await it.press("enter")
        await it.until(lambda: it.screen.__class__.__name__ == "PaperScreen" and it.screen._text)
        assert it.screen._text == desk.reports.show(desk.actor, made[0].number, "en").text
        await it.press("escape", "escape")
        await it.until(lambda: it.screen.__class__.__name__ == "AuditScreen")


async def test_a_setting_that_takes_two_admins_says_that_it_waits(desk: Desk, run: Any) -> None:
    for name in (desk.actor.account, "mert"):
        desk.staff.add(desk.actor, name, Role.ADMIN)
    desk.settings.set(desk.actor, "second-person", "on")
    async with run(desk) as it:
        await it.press("0")
        await it.until(lambda: it.grid.rows)
        it.grid.cursor = [row.key for row in it.grid.rows].index("second-person")
        await it.press("enter", "down", "enter")
        await it.until(lambda: "another admin must set the same" in it.toasts)
        await it.shows("ayse@desk.example proposes off")
    assert desk.settings.get(desk.actor, "second-person") == "on"
