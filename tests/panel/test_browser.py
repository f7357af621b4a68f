"""A customer in a real browser, without JavaScript, and the console of staff open beside it on the same database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from core.config import Target
from core.desk import Desk
from core.model.records import Actor, Resolution, ResolveOptions
from kvkk_tui import words
from kvkk_tui.app import Console
from tests.panel.conftest import EMAIL, PASSWORD
from tests.panel.process import serving
from tests.panel.webdriver import TAB, chromium

PATIENCE_S = 15


async def until(pilot: Any, condition: Callable[[], bool], what: str) -> None:
    for _ in range(round(PATIENCE_S / 0.05)):
        await pilot.pause(0.05)
        if condition():
            return
    pytest.fail(f"waited in vain for {what}")


async def test_what_a_customer_does_in_a_browser_reaches_the_console_and_what_staff_do_reaches_the_browser(tmp_path: Path) -> None:
    with chromium(tmp_path) as window, serving(tmp_path) as panel:
        words.use("en")
        target = Target(str(panel.database), "sample", panel.database.with_suffix(".db.key"), "--db", "en")
        with Desk(target, actor=Actor("ayse", "desk.example")) as desk:
            app: Any = Console(desk)
            async with app.run_test(size=(140, 40), notifications=True) as pilot:
                await until(pilot, lambda: bool(app.opened and app.standing.database), "the queue")
                start = f"http://127.0.0.1:{panel.port}/"
                number = await asyncio.to_thread(_customer, window, start, tmp_path)
                await until(pilot, lambda: any("new request" in note.message.lower() for note in app._notifications), "the bubble")
                newest = desk.requests.pulse(desk.actor).newest
                assert newest == number
                assert desk.requests.show(desk.actor, number).row.channel.value == "panel"
        with Desk(target, actor=Actor("ayse", "desk.example")) as desk:
            desk.resolutions.resolve(desk.actor, number, Resolution(), ResolveOptions(force="test", notify=False))
        window.click("a.brand")  # blocked meanwhile: the next click leads out
        window.shows("You were signed out")
        _sign_in(window)
        window.shows("this account cannot be used")
        complaints = [one for one in window.complaints if "403 (Forbidden)" not in one]  # the refusal itself
        assert complaints == []


def _sign_in(window: Any) -> None:
    window.type("#name", EMAIL)
    window.type("#password", PASSWORD)
    window.click("main button")


def _customer(window: Any, start: str, folder: Path) -> int:
    """Signs in, consents, downloads, files a request; returns its number."""
    window.open(f"{start}?lang=en")
    window.shows("Sign in")
    window.press(TAB)
    assert window.focused == "Skip to the content"
    window.open(f"{start}signin?lang=en")
    _sign_in(window)
    window.shows("Iraz Aslan")
    window.click('a[href="/consent"]')
    window.click('button[value="accept"]')
    window.shows("Your consent is on record")
    window.click('form[action="/download"] button')
    window.until(lambda: list(folder.glob("kvkk-export-*.xml")), "the file")
    (file,) = folder.glob("kvkk-export-*.xml")
    assert etree.parse(file).getroot() is not None
    window.click('a[href="/request"]')
    window.click('input[value="anonymise"]')
    window.click('input[name="understood"]')
    window.click("main button")
    window.shows("Your request has been received")
    return int(window.text('[aria-labelledby="request"] dd'))
