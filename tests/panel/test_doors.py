"""Sign-in, links, new passwords and registration at the panel: nothing tells a visitor whether somebody has an account."""

from __future__ import annotations

import json
import re
import socket
import time
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from core.desk import Desk
from core.model.records import Details, Kind, NewRequest, Resolution, ResolveOptions
from core.store import tables
from tests.panel.conftest import EMAIL, WHO, Browser

NEW = "yeni parola 250"
NOBODY = "kimse@posta.example"


@pytest.fixture(autouse=True)
def _address(desk: Desk) -> None:
    desk.settings.set(desk.actor, "panel-url", "https://panel.example")


def links(desk: Desk, *events: str) -> list[tuple[str, str]]:
    """(address, path) of every link in the outbox, oldest first."""
    key = desk.context.keyring.if_present()
    query = select(tables.outbox.c.sealed).where(tables.outbox.c.event.in_(events or ("reset", "signin", "register")))
    with desk.store.reading() as conn:
        sealed: list[Any] = list(conn.execute(query.order_by(tables.outbox.c.id)).scalars())
    messages = [json.loads(key.open(one)) for one in sealed if key is not None]
    return [(one["address"], one["fields"]["link"].removeprefix("https://panel.example")) for one in messages]


def plain(page: str, *names: str) -> str:
    """A page without what differs by chance and by what was typed."""
    for name in names:
        page = page.replace(name, "")
    return re.sub(r"[0-9a-f]{32}\.[0-9a-f]{64}", "", page)


def block(desk: Desk, resolution: Resolution) -> None:
    kind = Kind.ERASE if resolution.erase else Kind.ANONYMISE
    number = desk.requests.add(desk.actor, NewRequest(WHO, kind)).number
    desk.resolutions.resolve(desk.actor, number, resolution, ResolveOptions(force="test", notify=False))


@pytest.mark.parametrize("what", ["link", "reset", "register"])
def test_whoever_asks_for_a_link_gets_one_answer_whatever_there_is(browser: Browser, desk: Desk, what: str) -> None:
    pages = []
    for name in (EMAIL, NOBODY):
        browser.get(f"/{what}")
        done = browser.send(f"/{what}", name=name)
        pages.append((done.status_code, str(done.url), plain(done.text)))
    assert pages[0] == pages[1]
    assert "name=" not in pages[0][1]
    sent = links(desk)
    expected = {"link": [(EMAIL, "signin")], "reset": [(EMAIL, "reset")], "register": [(EMAIL, "reset"), (NOBODY, "register")]}[what]
    assert [(address, path.split("/")[1]) for address, path in sent] == expected


def test_a_link_signs_in_once_and_only_by_its_button(browser: Browser, desk: Desk) -> None:
    browser.get("/link")
    browser.send("/link", name=EMAIL)
    ((_, path),) = links(desk)
    for _ in range(3):  # programs that look into mails
        assert browser.get(path).status_code == 200
    assert browser.send(path).url.path == "/"
    assert "Iraz Aslan" in browser.text
    browser.send("/signout")
    browser.get(path)
    assert browser.send(path).status_code == 410
    assert "no longer good" in browser.text


def test_a_new_password_is_typed_twice_and_ends_every_session(inside: Browser, desk: Desk) -> None:
    kept = inside.client.cookies["kvkk"]
    inside.get("/reset")
    inside.send("/reset", name=EMAIL)
    ((_, path),) = links(desk)
    inside.get(path)
    for first, second, said in ((NEW, NEW + "x", "not the same"), ("kısa", "kısa", "too short")):
        assert inside.send(path, password=first, again=second).status_code == 422
        assert said in inside.text
        assert NEW not in inside.text
    done = inside.send(path, password=NEW, again=NEW)
    assert (done.url.path, "Your new password counts" in inside.text) == ("/signin", True)
    inside.client.cookies.set("kvkk", kept, domain="panel.example", path="/")
    assert inside.get("/").url.path == "/signin"
    assert inside.sign_in(password=NEW).url.path == "/"


@pytest.mark.parametrize(
    "resolution", [Resolution(), Resolution(mask=True, blacklist=True), Resolution(erase=True)], ids=["access", "mask", "erase"]
)
def test_whoever_was_blocked_masked_or_erased_gets_no_link_and_hears_nothing_else(
    browser: Browser, desk: Desk, resolution: Resolution
) -> None:
    block(desk, resolution)
    for what in ("link", "reset"):
        pages = []
        for name in (EMAIL, NOBODY):
            browser.get(f"/{what}")
            done = browser.send(f"/{what}", name=name)
            pages.append((done.status_code, str(done.url), plain(done.text)))
        assert pages[0] == pages[1]
    assert links(desk) == []


def test_an_account_is_opened_by_whoever_has_the_link(browser: Browser, desk: Desk) -> None:
    browser.get("/register")
    browser.send("/register", name=NOBODY)
    ((_, path),) = links(desk)
    browser.get(path)
    fields = {"email": NOBODY, "detail-first_name": "Yeni", "detail-last_name": "Biri", "detail-phone": "", "password": NEW, "again": NEW}
    assert browser.send(path, **fields | {"detail-first_name": "x" * 500}).status_code == 422
    assert "too long" in browser.text
    assert browser.page.get_element_by_id("detail-first_name").get("aria-invalid") == "true"
    assert browser.page.get_element_by_id("detail-last_name").get("value") == "Biri"
    assert browser.send(path, **fields).url.path == "/"
    assert "Yeni Biri" in browser.text


def test_details_on_the_blacklist_open_no_account_and_are_not_told_from_others(browser: Browser, desk: Desk) -> None:
    desk.settings.set(desk.actor, "blacklist-reason", "abuse")
    desk.blacklist.add(desk.actor, Details((("email", NOBODY), ("phone", "+90 532 000 00 99"))))
    browser.get("/register")
    done = browser.send("/register", name=NOBODY)
    assert (done.status_code, done.url.path, links(desk)) == (200, "/sent", [])
    other = "baska@posta.example"
    browser.get("/register")
    browser.send("/register", name=other)
    ((_, path),) = links(desk)
    browser.get(path)
    fields = {"email": other, "detail-first_name": "Yeni", "detail-last_name": "Biri", "password": NEW, "again": NEW}
    assert browser.send(path, **fields, **{"detail-phone": "0532 000 00 99"}).status_code == 403
    assert "Please ask the company" in browser.text
    assert "blacklist" not in browser.text
    assert browser.send(path, **fields, **{"detail-phone": ""}).status_code == 410  # nobody tries the list out with one link


def test_too_many_attempts_wait_and_an_unknown_name_waits_as_long(browser: Browser) -> None:
    for name in (EMAIL, NOBODY):
        answers = [browser.sign_in(name, "wrong").status_code for _ in range(6)]
        assert answers == [403] * 5 + [429], name
        assert browser.last is not None
        assert int(browser.last.headers["retry-after"]) == 30
        assert "wait 30 seconds" in browser.text


def test_without_an_address_of_the_panel_no_links_are_offered(browser: Browser, desk: Desk, told: list[str]) -> None:
    desk.settings.reset(desk.actor, "panel-url")
    browser.get("/signin")
    assert [one.get("href") for one in browser.page.iterfind(".//main//a")] == []
    browser.get("/reset")
    assert browser.send("/reset", name=EMAIL).status_code == 503
    assert told == ["panel-url-unset: UsageError"]


class Mailbox:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.mail: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mail.append(envelope.content.decode("utf-8", "replace"))
        return "250 OK"


def test_a_link_is_sent_at_once_and_the_answer_does_not_wait_for_it(browser: Browser, desk: Desk, told: list[str]) -> None:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    for key, value in (("smtp-host", "127.0.0.1"), ("smtp-port", str(port)), ("smtp-tls", "off"), ("mail-from", "kvkk@firma.example")):
        desk.settings.set(desk.actor, key, value)
    try:
        browser.get("/reset")
        browser.send("/reset", name=EMAIL)
        until = time.monotonic() + 10
        while not box.mail:
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        controller.stop()
    assert f"To: Iraz Aslan <{EMAIL}>" in box.mail[0] or EMAIL in box.mail[0]
    assert told == []


def test_a_mail_server_that_is_away_is_told_to_the_operator_and_not_to_the_visitor(browser: Browser, desk: Desk) -> None:
    lines: list[str] = []
    browser.site.desks._tell = lines.append
    for key, value in (("smtp-host", "127.0.0.1"), ("smtp-port", "1"), ("smtp-tls", "off"), ("mail-from", "kvkk@firma.example")):
        desk.settings.set(desk.actor, key, value)
    browser.get("/link")
    assert browser.send("/link", name=EMAIL).url.path == "/sent"
    until = time.monotonic() + 10
    while not lines:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert lines[0].startswith("mail: mail-")
    assert EMAIL not in lines[0]
    assert len(links(desk)) == 1  # it waits for `kvkk run`
