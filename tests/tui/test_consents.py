"""Consents: the list and its filters, one customer's history, words on the customer's behalf, and the texts in versions."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from core import ConsentFilter, TextKind
from core.desk import Desk
from core.model.records import Actor, Channel, Role
from tests.tui.conftest import SMALL

FREE = "250"


def screen_is(it: Any, name: str) -> bool:
    return it.screen.__class__.__name__ == name


async def test_the_list_is_filtered_searched_and_gone_back_from(desk: Desk, run: Any) -> None:
    given = {row.customer for row in desk.consent.list(desk.actor, ConsentFilter.GIVEN, limit=1000).rows}
    async with run(desk) as it:
        await it.press("3")
        await it.until(lambda: it.grid.rows)
        await it.shows("Everybody", "Never accepted")
        await it.press("f", "down", "enter")
        await it.until(lambda: it.grid.rows and all(row.counts for row in it.grid.rows))
        await it.press("end")
        await it.until(lambda: {row.customer for row in it.grid.rows} == given)
        await it.press("slash")
        await it.type("isik")
        await it.press("enter")
        await it.until(lambda: it.screen._read and it.grid.rows)
        await it.shows("search: isik")
        assert {row.customer for row in it.grid.rows} < given
        assert all("Işı" in row.customer_name or "Işık" in row.customer_name for row in it.grid.rows)
        await it.press("slash", "ctrl+u")
        await it.type("nobody at all")
        await it.press("enter")
        await it.shows("Nobody found.", "Esc leaves the search.")
        await it.press("escape", "escape")
        await it.until(lambda: it.grid.rows and it.screen.wanted is ConsentFilter.ALL and not it.screen.search)
        await it.press("f", "end", "enter")
        await it.shows("The filter finds nobody.")


async def test_words_are_recorded_with_channel_day_and_proof(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("3")
        await it.press("slash")
        await it.type(FREE)
        await it.press("enter")
        await it.until(lambda: [row.customer for row in it.grid.rows][:1] == [FREE])
        assert not it.screen.active_bindings["w"].enabled
        await it.press("w")
        await it.until(lambda: "no consent that could be withdrawn" in it.toasts)
        await it.press("a")
        await it.shows("The customer accepts the consent text", "Version 1, English")
        await it.press("c", "home", "down", "down", "enter", "d")
        await it.type("10.10.2026")
        await it.press("enter", "v")
        await it.type("signature compared")
        await it.press("enter")
        await it.shows("letter", "2026-10-10", "signature compared")
        await it.press("enter")
        await it.until(lambda: desk.consent.show(desk.actor, FREE).row.given)
        await it.until(lambda: screen_is(it, "ConsentsScreen") and it.grid.row and it.grid.row.counts)
        await it.press("a")
        await it.until(lambda: "has accepted the current text already" in it.toasts)
        await it.press("m", "enter")
        await it.until(lambda: desk.consent.show(desk.actor, FREE).notice)
        await it.press("enter")
        await it.shows("accepted", "notice read", "signature compared", "2026-10-10")
        await it.press("m", "enter")
        await it.until(lambda: "has read version 1 of the notice" in it.toasts)
        await it.press("escape", "w", "enter")
        await it.shows("withdrawn")
        await it.until(lambda: not it.screen.active_bindings["w"].enabled)
    last, _read, first = desk.consent.show(desk.actor, FREE).history
    assert (first.channel, first.received_on, first.verified_by) == (Channel.LETTER, date(2026, 10, 10), "signature compared")
    assert (first.given, last.given, first.recorded_by) == (True, False, str(desk.actor))


async def test_a_word_of_an_older_version_is_outdated_and_is_found_so(desk: Desk, run: Any) -> None:
    desk.settings.set(desk.actor, "consent-text", "The second text.", "en")
    async with run(desk, (140, 40)) as it:
        await it.press("2")
        await it.type(FREE)
        await it.press("enter")
        await it.until(lambda: it.grid.rows)
        await it.press("enter")
        await it.shows("Stored rows")
        await it.press("a")
        await it.shows("The second text.")
        await it.press("t", "end", "enter")
        await it.shows("Version 1, English")
        await it.press("enter")
        await it.until(lambda: screen_is(it, "CustomerScreen"))
        await it.press("h")
        await it.shows("the text has changed since", "Identity verified")
        await it.press("3")
        await it.until(lambda: it.screen._read)
        await it.press("f", "end", "enter")
        await it.until(lambda: FREE in {row.customer for row in it.grid.rows})
        await it.press("a")  # the new text may still be accepted
        await it.shows("The customer accepts the consent text")


async def test_a_viewer_reads_words_and_texts_and_records_none(desk: Desk, target: Any, clock: Any, run: Any) -> None:
    desk.staff.add(desk.actor, "vera", Role.VIEWER)
    with Desk(target, actor=Actor("vera", "desk.example"), clock=clock) as viewer:
        before = viewer.audit.anchor(viewer.actor).seq
        async with run(viewer) as it:
            await it.press("3")
            await it.until(lambda: it.grid.rows)
            assert not any(it.screen.active_bindings[key].enabled for key in "awm")
            await it.press("m")
            await it.until(lambda: "operator" in it.toasts)
            await it.press("t")
            await it.until(lambda: screen_is(it, "DocumentsScreen") and it.grid.rows)
            assert not it.screen.active_bindings["d"].enabled
            await it.press("enter")
            await it.until(lambda: screen_is(it, "DocumentScreen") and it.screen._seen is not None)
            await it.type("x")
            await it.pilot.pause(0.4)
            assert not it.screen.active_bindings["ctrl+s"].enabled
        assert viewer.audit.anchor(viewer.actor).seq == before


async def test_a_text_is_written_beside_what_customers_read_and_becomes_a_version(desk: Desk, run: Any) -> None:
    before = {one.language: one.text for one in desk.consent.texts(desk.actor, TextKind.CONSENT)}
    async with run(desk, (140, 40)) as it:
        await it.press("0", "m")
        await it.until(lambda: screen_is(it, "DocumentsScreen") and it.grid.rows)
        it.grid.cursor = [(row.kind, row.language) for row in it.grid.rows].index((TextKind.CONSENT, "en"))
        await it.press("enter")
        await it.until(lambda: it.screen._seen is not None and it.screen.query_one("#draft").text)
        await it.shows("the same as version 1")
        assert not it.screen.active_bindings["ctrl+s"].enabled
        await it.press("ctrl+end", "enter")
        await it.type("Our own line.")
        fresh = before["en"] + "\nOur own line."
        await it.shows("a new version when it is saved", hashlib.sha256(fresh.encode()).hexdigest())
        await it.press("ctrl+s", "n")
        assert len(desk.consent.texts(desk.actor, TextKind.CONSENT)) == 2
        await it.press("ctrl+s", "y")
        await it.until(lambda: "version 2 counts from now on" in it.toasts)
        assert "Not changed: Turkish" in it.toasts
        await it.press("escape")
        await it.until(lambda: screen_is(it, "DocumentsScreen") and len(it.grid.rows) == 6)
        await it.shows("own text", "replaced")
        now = {one.language: one for one in desk.consent.texts(desk.actor, TextKind.CONSENT) if one.current}
        assert (now["en"].text, now["tr"].text, now["en"].built_in) == (fresh, before["tr"], False)
        await it.press("d", "y")
        await it.until(lambda: "version 3 counts from now on" in it.toasts)
        await it.press("d", "y")
        await it.until(lambda: "nothing was changed" in it.toasts)
    now = {one.language: one.text for one in desk.consent.texts(desk.actor, TextKind.CONSENT) if one.current}
    assert now == before


async def test_a_text_that_cannot_be_kept_says_so_while_it_is_written(desk: Desk, run: Any) -> None:
    desk.settings.set(desk.actor, "notice-text", "First.", "en")
    desk.settings.set(desk.actor, "notice-text", "Second.", "en")
    async with run(desk, SMALL) as it:
        await it.press("0")
        await it.until(lambda: it.grid.rows)
        it.grid.cursor = [row.key for row in it.grid.rows].index("notice-text")
        await it.press("enter")
        await it.until(lambda: screen_is(it, "DocumentsScreen") and it.grid.rows)
        rows = [(row.kind, row.version, row.language) for row in it.grid.rows]
        it.grid.cursor = rows.index((TextKind.NOTICE, 2, "en"))
        await it.press("enter")
        await it.until(lambda: it.screen._seen is not None and it.screen.query_one("#draft").text == "First.")
        await it.shows("draft from version 2")
        await it.press("escape")  # nothing was written: nothing to ask
        await it.until(lambda: screen_is(it, "DocumentsScreen"))
        await it.press("enter")
        await it.until(lambda: screen_is(it, "DocumentScreen") and it.screen.query_one("#draft").text == "First.")
        await it.press(*["delete"] * 6)
        await it.shows("✗ The text is empty")
        assert not it.screen.active_bindings["ctrl+s"].enabled
        await it.type("Third.")
        await it.press("escape")
        await it.shows("Throw it away?")
        await it.press("n")
        await it.until(lambda: it.screen.active_bindings["ctrl+s"].enabled)
        await it.press("ctrl+s", "y")
        await it.until(lambda: "version 4 counts" in it.toasts)
    assert desk.consent.text(desk.actor, TextKind.NOTICE, "en").text == "Third."
