"""The magnifier, the verbs of a request, and the resolution form, against the real core."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from core.config import Target
from core.desk import Desk
from core.model.records import Actor, Channel, Kind, NewRequest, Resolution, State
from core.store import tables
from kvkk_tui import words
from kvkk_tui.batch import Stage

FREE = "250"


@pytest.fixture
def colleague(target: Target, clock: Any) -> Iterator[Desk]:
    """Another process on the same database."""
    with Desk(target, actor=Actor("can", "other.example"), clock=clock) as opened:
        yield opened


async def go_to(it: Any, number: int) -> None:
    """Put the cursor on a request."""
    await it.until(lambda: number in [row.number for row in it.grid.rows])
    it.grid.cursor = it.grid.start + [row.number for row in it.grid.rows].index(number)
    await it.until(lambda: it.screen.detail is not None and it.screen.detail.row.number == number)


def state_of(desk: Desk, number: int) -> State:
    return desk.requests.show(desk.actor, number).row.state


async def test_the_magnifier_has_the_labels_of_the_reference_exactly(desk: Desk, run: Any) -> None:
    words.use("tr")
    async with run(desk) as it:
        await it.press("enter")
        labels = ("Talep Eden Müşteri", "Talep Tarihi", "Talep Türü", "Hizmet Durumu", "Fatura Durumu", "İşlem Durumu")
        await it.shows(*labels)
        shown = [line.strip() for line in it.text.splitlines()]
        order = [next(i for i, line in enumerate(shown) if line.startswith(label)) for label in labels]
        assert order == sorted(order)
        document = it.screen.query_one("Sheet").text
        for more in ("Başvuru yolu", "Yetkilendirme Onayı", "Son indirme", "Son cevap günü", "Yapılabilecekler", "TRY"):
            assert more in document
        await it.press("escape")
        assert it.screen.__class__.__name__ == "QueueScreen"


async def test_a_move_that_is_not_allowed_is_dimmed_and_says_why(desk: Desk, run: Any) -> None:
    row = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ANONYMISE))
    async with run(desk) as it:
        await go_to(it, row.number)
        assert not it.screen.active_bindings["a"].enabled
        await it.press("a")
        await it.until(lambda: it.toasts)
        assert "erase" in it.toasts.lower()
        await it.press("enter")
        await it.shows("What can be done")
        await it.press("e")
        await it.until(lambda: "KVKK" in it.toasts)
    assert state_of(desk, row.number) is State.PENDING


async def test_a_refusal_needs_a_reason(desk: Desk, run: Any) -> None:
    row = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ERASE))
    async with run(desk) as it:
        await go_to(it, row.number)
        await it.press("x", "enter")
        await it.shows("It cannot be empty.")
        await it.type("no such customer [bold]")
        await it.press("enter")
        await it.until(lambda: state_of(desk, row.number) is State.REJECTED)
        await it.until(lambda: row.number not in [r.number for r in it.grid.rows])
    assert desk.requests.show(desk.actor, row.number).reason == "no such customer [bold]"


async def test_cancel_approve_and_extend_go_through_their_questions(desk: Desk, run: Any) -> None:
    erase = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ERASE))
    desk.settings.set(desk.actor, "regime", "gdpr")
    gdpr = desk.requests.add(desk.actor, NewRequest("251", Kind.ERASE))
    async with run(desk) as it:
        await go_to(it, erase.number)
        await it.press("a")
        await it.shows("You approve, as the second person", "Deleted")
        await it.press("enter", "enter")
        await it.shows(f"That is not {erase.number}.")
        assert state_of(desk, erase.number) is State.PENDING
        await it.type(str(erase.number))
        await it.press("enter")
        await it.until(lambda: state_of(desk, erase.number) is State.APPROVED)
        await it.until(lambda: it.screen.__class__.__name__ == "QueueScreen")
        await go_to(it, gdpr.number)
        await it.press("e")
        await it.type("many systems")
        await it.press("enter")
        await it.until(lambda: desk.requests.show(desk.actor, gdpr.number).row.due_on > gdpr.due_on)
        await go_to(it, gdpr.number)
        await it.press("c", "escape")
        assert state_of(desk, gdpr.number) is State.PENDING
        await it.press("c", "enter")
        await it.until(lambda: state_of(desk, gdpr.number) is State.CANCELLED)


@pytest.mark.parametrize("engine_name", ["sqlite", "mariadb"], indirect=True)
async def test_mask_and_blacklist_through_the_form_end_with_the_certificate(desk: Desk, run: Any) -> None:
    row = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ANONYMISE))
    async with run(desk) as it:
        await go_to(it, row.number)
        await it.press("s", "2", "b")
        await it.until(lambda: it.screen.lot.complete)
        await it.shows("(●) Block access and mask", "[✓] add to the blacklist", "Masked rows", "customers")
        await it.press("enter", "n")
        assert state_of(desk, row.number) is State.PENDING
        await it.press("enter", "y")
        await it.until(lambda: it.screen.lot.stage is Stage.FINISHED)
        await it.shows(f"✓ Request {row.number} is resolved: masked")
        assert state_of(desk, row.number) is State.RESOLVED
        await it.press("p")
        await it.shows("Certificate of destruction")
    detail = desk.requests.show(desk.actor, row.number)
    assert (detail.outcome, detail.blacklisted) == ("mask", True)


async def test_an_erase_wants_the_number_typed(desk: Desk, run: Any) -> None:
    row = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ERASE))
    async with run(desk) as it:
        await go_to(it, row.number)
        await it.press("s")
        await it.until(lambda: it.screen.lot.complete)
        await it.press("z")
        await it.type("the customer insists")
        await it.press("enter")
        await it.until(lambda: it.screen.lot.complete and it.screen.lot.ready)
        await it.shows("(●) Erase all data for good", "Deleted")
        await it.press("enter")
        await it.type("yes")
        await it.press("enter")
        await it.shows(f"That is not {row.number}. Nothing was changed.")
        await it.press("ctrl+u")
        await it.type(str(row.number))
        await it.press("enter")
        await it.until(lambda: it.screen.__class__.__name__ == "ResolveScreen" and it.screen.lot.stage is Stage.FINISHED)
    detail = desk.requests.show(desk.actor, row.number)
    assert (detail.row.state, detail.row.customer, detail.outcome) == (State.RESOLVED, None, "erase")


async def test_a_guard_is_told_and_carrying_out_is_dimmed(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await go_to(it, 15)
        await it.press("s")
        await it.until(lambda: it.screen.lot.complete)
        await it.shows("✗", "the key z passes this guard")
        assert "--force" not in it.text
        await it.press("enter")
        await it.until(lambda: it.toasts)
        assert it.screen.__class__.__name__ == "ResolveScreen"
    assert state_of(desk, 15) is State.PENDING


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)
async def test_what_moved_since_the_preview_is_shown_and_nothing_happens(desk: Desk, run: Any) -> None:
    row = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ANONYMISE))
    async with run(desk) as it:
        await go_to(it, row.number)
        await it.press("s", "2")
        await it.until(lambda: it.screen.lot.complete)
        with desk.store.writing(desk.actor, lambda unit: None) as unit:
            unit.conn.execute(text(f"UPDATE customers SET phone = '+905120000001' WHERE id = {FREE}"))
        await it.press("enter", "y")
        await it.shows("Something has changed since the preview you saw.")
        assert state_of(desk, row.number) is State.PENDING
        await it.press("enter", "y")
        await it.until(lambda: it.screen.lot.stage is Stage.FINISHED)
    assert state_of(desk, row.number) is State.RESOLVED


async def test_a_request_that_a_colleague_resolves_meanwhile_says_so_at_once(desk: Desk, colleague: Desk, run: Any) -> None:
    row = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ANONYMISE))
    async with run(desk) as it:
        await it.until(lambda: it.app.news.begun)
        await go_to(it, row.number)
        await it.press("s")
        await it.until(lambda: it.screen.lot.complete)
        colleague.resolutions.resolve(colleague.actor, row.number, Resolution())
        await it.shows("✗", "can@other.example")
        await it.press("enter")
        assert it.screen.__class__.__name__ == "ResolveScreen"


async def test_several_go_through_one_form_with_a_result_each(desk: Desk, run: Any) -> None:
    numbers = [desk.requests.add(desk.actor, NewRequest(str(key), Kind.ANONYMISE)).number for key in (250, 251, 252)]
    erase = desk.requests.add(desk.actor, NewRequest("253", Kind.ERASE)).number
    async with run(desk) as it:
        for number in (*numbers, erase):
            await go_to(it, number)
            await it.press("space")
        await it.press("s")
        await it.until(lambda: it.screen.__class__.__name__ == "ResolveScreen" and it.screen.lot.complete)
        await it.shows("4 requests", "ready", "✗")
        await it.press("enter", "y")
        await it.until(lambda: it.screen.lot.stage is Stage.FINISHED)
        await it.shows("3 resolved, 1 not.")
        await it.press("escape")
        await it.until(lambda: it.screen.__class__.__name__ == "QueueScreen")
        assert set(it.grid.marks) == {erase}
    assert [state_of(desk, number) for number in numbers] == [State.RESOLVED] * 3
    assert state_of(desk, erase) is State.PENDING
    with desk.store.reading() as conn:
        assert conn.execute(select(tables.audit.c.verb).where(tables.audit.c.request == erase)).scalars().all() == ["request.add"]


async def test_letter_and_copy_and_export(desk: Desk, run: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the format that is chosen; what is written is told, and in the list of downloads stands how the customer asked."""
    monkeypatch.chdir(tmp_path)
    async with run(desk) as it:
        await go_to(it, 16)
        await it.press("t")
        await it.until(lambda: len(it.text) > 400 and it.screen.__class__.__name__ == "PaperScreen")
        await it.press("escape", "y")
        await it.until(lambda: "16 is in the clipboard" in it.toasts)
        await it.press("i", "escape")
        assert list(tmp_path.iterdir()) == []
        await it.press("i", "enter")
        await it.until(lambda: ".xml (" in it.toasts)
        assert len(list(tmp_path.glob("kvkk-export-*.xml"))) == 1
        await it.until(lambda: it.screen.__class__.__name__ == "QueueScreen")
        await it.press("i")
        for number, name in enumerate(("XML", "JSON", "CSV", "HTML"), 1):
            await it.press(str(number))
            await it.shows("(●) " + name)
        await it.press("c", "end", "up", "enter")
        await it.shows("ask the customer for a written")
        await it.press("v")
        await it.type("called")
        await it.press("enter", "g")
        await it.type("second")
        await it.press("enter", "enter")
        await it.until(lambda: ".html (" in it.toasts)
        assert next(iter(tmp_path.glob("kvkk-export-*.html"))).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    last, before = desk.downloads.list(desk.actor).rows[:2]
    assert (last.format, last.channel, last.verified_by, last.reason) == ("html", "phone", "called", "second")
    assert (before.format, before.channel, before.received_on) == ("xml", None, None)


async def test_filing_consent_and_the_open_request_on_the_customers_behalf(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("2")
        await it.type(FREE)
        await it.press("enter")
        await it.until(lambda: it.grid.rows)
        await it.press("enter")
        await it.shows(f"Customer {FREE}", "Stored rows")
        await it.press("g", "enter")
        await it.until(lambda: desk.consent.show(desk.actor, FREE).row.given)
        await it.press("n", "enter")
        assert "Choose first" in it.toasts
        await it.press("2", "c", "end", "up", "enter")
        await it.shows("phone", "ask the customer for a written")
        await it.press("d")
        await it.type("never")
        await it.press("enter")
        await it.shows("That is no day.")
        await it.press("ctrl+u")
        await it.type("30.10.2026")
        await it.press("enter", "v")
        await it.type("id card")
        await it.press("enter", "enter")
        await it.until(lambda: any(row.customer == FREE for row in all_open(desk)))
        await it.until(lambda: it.screen.__class__.__name__ == "CustomerScreen")
        await it.press("o")
        await it.until(lambda: "id card" in it.screen.query_one("Sheet").text)
    row = next(row for row in all_open(desk) if row.customer == FREE)
    assert (row.kind, row.channel, row.received_on.isoformat()) == (Kind.ERASE, Channel.PHONE, "2026-10-30")


def all_open(desk: Desk) -> Any:
    from core.model.records import RequestFilter

    return desk.requests.list(desk.actor, RequestFilter()).rows


async def test_access_that_was_blocked_by_mistake_is_given_back(desk: Desk, run: Any) -> None:
    number = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ANONYMISE)).number
    desk.resolutions.resolve(desk.actor, number, Resolution())
    desk.settings.set(desk.actor, "panel-url", "https://panel.example/")
    async with run(desk) as it:
        await it.press("2")
        await it.type(FREE)
        await it.press("enter")
        await it.until(lambda: it.grid.rows)
        await it.press("enter")
        await it.shows("Refused: the account is blocked.")
        await it.press("b", "enter")
        await it.shows("It cannot be empty.")
        await it.type("wrong customer")
        await it.press("enter")
        await it.shows("Allowed: the account may be used.")
        await it.until(lambda: "may use the account again" in it.toasts)
        await it.press("b")
        await it.until(lambda: "The account is not blocked." in it.toasts)
        await it.press("p", "y")
        await it.until(lambda: "A link to a new password waits" in it.toasts)
    assert desk.access.check(desk.actor, FREE).allowed


async def test_residue_is_accepted_only_with_a_reason_and_by_an_admin(desk: Desk, run: Any) -> None:
    """The key w: who accepted that values remain is recorded, and the certificate says so."""
    row = desk.requests.add(desk.actor, NewRequest(FREE, Kind.ANONYMISE))
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        email = unit.conn.execute(text(f"SELECT email FROM customers WHERE id = {FREE}")).scalar_one()
        unit.conn.execute(text("CREATE TABLE left_over (id INTEGER PRIMARY KEY, words TEXT)"))
        unit.conn.execute(text("INSERT INTO left_over VALUES (1, :v)"), {"v": f"call {email} back"})
    async with run(desk) as it:
        await go_to(it, row.number)
        await it.press("s", "2")
        await it.until(lambda: it.screen.lot.complete)
        await it.shows("✗", "the key w")
        assert "left_over" in it.screen.query_one("Sheet").text
        assert not it.screen.active_bindings["enter"].enabled
        await it.press("w")
        await it.type("the table goes next week")
        await it.press("enter")
        await it.until(lambda: it.screen.lot.complete and it.screen.lot.ready)
        await it.shows("accept residue: the tab")
        await it.press("enter", "y")
        await it.until(lambda: it.screen.lot.stage is Stage.FINISHED)
    assert state_of(desk, row.number) is State.RESOLVED
    assert "left_over" in desk.papers.certificate(desk.actor, row.number, "en").text


async def marked(it: Any, desk: Desk, keys: tuple[int, ...]) -> list[int]:
    """File requests of these customers, mark them, and open the form."""
    numbers = [desk.requests.add(desk.actor, NewRequest(str(key), Kind.ANONYMISE)).number for key in keys]
    for number in numbers:
        await go_to(it, number)
        await it.press("space")
    await it.press("s")
    await it.until(lambda: it.screen.__class__.__name__ == "ResolveScreen" and it.screen.lot.complete)
    return numbers


async def go_on(it: Any, done: int) -> None:
    """Find the stopped run among the runs, and go on with it."""
    await it.press("8")
    await it.until(lambda: it.grid.rows)
    await it.shows("Stopped", f"{done}/3")
    await it.press("o", "y")
    await it.until(lambda: it.grid.row.state == "done")
    await it.shows("3/3")


async def test_several_stop_behind_the_one_that_is_carried_out_and_go_on_from_the_runs(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        numbers = await marked(it, desk, (250, 251, 252))
        screen, true = it.screen, it.screen._heard

        def heard(item: Any) -> None:
            true(item)
            screen.action_leave()  # Esc, while the second is under way

        screen._heard = heard
        await it.press("enter", "y")
        await it.until(lambda: screen.lot.stage is Stage.FINISHED)
        await it.shows("1 resolved, 2 not.", "not carried out", f"Run {screen.lot.run} has stopped")
        await it.press("escape")
        await it.until(lambda: it.screen.__class__.__name__ == "QueueScreen")
        assert len(it.grid.marks) == 2
        assert sorted(state_of(desk, number) for number in numbers) == [State.PENDING, State.PENDING, State.RESOLVED]
        await go_on(it, 1)
    assert [state_of(desk, number) for number in numbers] == [State.RESOLVED] * 3


async def test_a_run_that_the_database_cuts_off_is_found_among_the_runs(desk: Desk, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed is shown as done, nothing is done twice, and each stays bound to the preview that was seen."""
    from core.errors import Unavailable
    from core.services.pages import Pages

    true, calls = Pages.work, list[int]()

    def work(self: Any, *given: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise Unavailable("unreachable")
        return true(self, *given)

    monkeypatch.setattr(Pages, "work", work)
    async with run(desk) as it:
        numbers = await marked(it, desk, (250, 251, 252))
        with desk.store.writing(desk.actor, lambda unit: None) as unit:
            unit.conn.execute(text("UPDATE customers SET company = 'Elsewhere' WHERE id = 252"))
        await it.press("enter", "y")
        await it.until(lambda: it.screen.lot.stage is Stage.FINISHED)
        await it.shows("1 resolved, 2 not.", "has stopped", "✓")
        assert it.toasts
        await it.press("8")
        await it.until(lambda: it.grid.rows)
        await it.press("o", "y")
        await it.until(lambda: it.grid.row.state == "done")
        await it.press("enter")
        await it.shows("2/3", "Failed")
    assert [state_of(desk, number) for number in numbers] == [State.RESOLVED, State.RESOLVED, State.PENDING]


async def test_a_second_run_at_the_same_time_is_told_and_changes_nothing(desk: Desk, colleague: Desk, run: Any) -> None:
    from core.services import bulk

    async with run(desk) as it:
        numbers = await marked(it, desk, (250, 251))
        with colleague.store.writing(colleague.actor, lambda unit: None) as unit:
            bulk._take(unit)
        await it.press("enter", "y")
        await it.until(lambda: it.toasts)
        await it.until(lambda: it.screen.lot.stage is Stage.CHOOSING)
        assert it.screen.active_bindings["enter"].enabled
    assert [state_of(desk, number) for number in numbers] == [State.PENDING] * 2
