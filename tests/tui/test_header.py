"""What the console tells by itself: the bell as the setting says, answers that did not arrive, and the sign before the magnifier."""

from __future__ import annotations

from typing import Any

import pytest

from core.desk import Desk
from core.model.records import Kind, NewRequest
from kvkk_tui import signs, words


@pytest.mark.parametrize(("setting", "rung"), [("on", 1), ("off", 0)])
async def test_the_bell_rings_for_a_new_request_as_the_setting_says(
    desk: Desk, run: Any, monkeypatch: pytest.MonkeyPatch, setting: str, rung: int
) -> None:
    from textual.app import App

    rings: list[str] = []
    monkeypatch.setattr(App, "bell", lambda self: rings.append("ding"))
    desk.settings.set(desk.actor, "bell", setting)
    async with run(desk) as it:
        desk.requests.add(desk.actor, NewRequest("250", Kind.ANONYMISE))
        await it.shows("● 1 new")
    assert len(rings) == rung


async def test_answers_that_did_not_arrive_are_counted_and_lead_to_the_outbox(desk: Desk, clock: Any, run: Any) -> None:
    async with run(desk) as it:
        assert "undelivered" not in it.text
        number = it.grid.row.number
        desk.requests.reject(desk.actor, number, "identity could not be verified")
        clock.move(days=8)
        await it.app._look_around().wait()
        late = len(desk.notices.undelivered(desk.actor))
        assert number in desk.notices.undelivered(desk.actor)
        await it.shows(f"{late} undelivered")
        line = it.text.splitlines()[0]
        await it.pilot.click(offset=(line.index("undelivered") + 2, 0))
        await it.until(lambda: it.app.current_mode == "outbox")
        for row in desk.notices.list(desk.actor, limit=1000).rows:
            desk.notices.drop(desk.actor, row.id)
        await it.until(lambda: "undelivered" not in it.text)


GOOD = {"TERM": "xterm-256color", "LANG": "tr_TR.UTF-8"}


@pytest.mark.parametrize(
    ("env", "colours", "drawn"),
    [
        (GOOD, "truecolor", True),
        (GOOD, "256", True),
        (GOOD, "standard", False),
        (GOOD, None, False),
        ({**GOOD, "TERM": "linux"}, "256", False),
        ({**GOOD, "LANG": "C"}, "256", False),
        ({**GOOD, "LC_ALL": "tr_TR.ISO-8859-9"}, "256", False),
        ({**GOOD, "LC_ALL": "", "LC_CTYPE": "C.utf8"}, "256", True),
        ({"TERM": "xterm"}, "256", False),
    ],
)
def test_the_magnifying_glass_is_drawn_where_a_terminal_can(env: dict[str, str], colours: str | None, drawn: bool) -> None:
    assert bool(signs.magnifier(env, colours)) is drawn


async def test_enter_and_the_sign_open_the_magnifier(desk: Desk, run: Any) -> None:
    words.use("tr")
    async with run(desk) as it:
        await it.shows("Enter 🔍 Büyüteç")
        line = it.text.splitlines()[-1]
        await it.pilot.click(offset=(line.index("🔍"), 23))
        await it.shows("Talep Eden Müşteri")


async def test_on_a_poor_terminal_the_word_stands_alone(desk: Desk, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with run(desk) as it:
        await it.shows("Enter Magnifier")
        assert "🔍" not in it.text
