"""What a customer does at the panel, and what staff see of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from core.desk import Desk
from core.model.records import Channel, Kind, NewRequest, RequestFilter, Resolution, ResolveOptions, State, TextKind
from kvkk_panel import words
from tests.panel.conftest import EMAIL, WHO, Browser


def test_whoever_is_not_signed_in_sees_the_sign_in_and_nothing_else(browser: Browser) -> None:
    for path in ("/", "/consent", "/notice", "/request", "/download", "/cancel"):
        assert browser.get(path).url.path == "/signin", path
    assert browser.page.findtext(".//h1") == "Sign in"


def test_the_right_password_opens_the_page_of_its_customer(browser: Browser) -> None:
    done = browser.sign_in()
    assert (done.status_code, done.url.path) == (200, "/")
    assert "Iraz Aslan" in browser.text
    assert [one.text_content() for one in browser.page.iter("h2")][:3] == [
        "Authorisation consent",
        "Download the data",
        "Data removal request",
    ]


def test_a_request_stands_in_the_queue_of_staff_at_once_with_the_panel_as_its_channel(inside: Browser, desk: Desk) -> None:
    before = desk.requests.pulse(desk.actor).newest
    inside.get("/request")
    done = inside.send("/request", kind="anonymise", understood="yes")
    assert (done.url.path, "Your request has been received" in inside.text) == ("/", True)
    pulse = desk.requests.pulse(desk.actor, before)
    assert pulse.arrived == 1
    row = desk.requests.show(desk.actor, pulse.newest).row
    assert (row.customer, row.kind, row.channel, row.state) == (WHO, Kind.ANONYMISE, Channel.PANEL, State.PENDING)
    assert f"Number {pulse.newest}" in inside.text
    assert inside.get("/request").url.path == "/"  # one open request a customer


def test_a_request_is_taken_back_by_whoever_filed_it_and_by_nobody_else(inside: Browser, desk: Desk) -> None:
    inside.get("/request")
    inside.send("/request", kind="erase", understood="yes")
    number = inside.form("/cancel")["number"]
    other = desk.requests.add(desk.actor, NewRequest("250", Kind.ERASE)).number
    inside.send("/cancel", number=str(other))
    assert desk.requests.show(desk.actor, other).row.state is State.PENDING
    inside.get("/")
    inside.send("/cancel")
    assert "Your request is cancelled." in inside.text
    assert desk.requests.show(desk.actor, int(number)).row.state is State.CANCELLED
    assert desk.requests.list(desk.actor, RequestFilter(customer="250")).rows[0].number == other


def test_a_request_needs_a_kind_and_the_word_that_it_was_understood(inside: Browser, desk: Desk) -> None:
    newest = desk.requests.pulse(desk.actor).newest
    for fields, said in (
        ({}, "choose what you ask for"),
        ({"kind": "anonymise"}, "understood"),
        ({"kind": "all"}, "choose what you ask for"),
    ):
        inside.get("/request")
        assert inside.send("/request", **fields).status_code == 422
        assert said in inside.text
    assert desk.requests.pulse(desk.actor).newest == newest


def test_a_refusal_is_told_with_its_day_and_reason(inside: Browser, desk: Desk) -> None:
    number = desk.requests.add(desk.actor, NewRequest(WHO, Kind.ERASE, Channel.PANEL)).number
    desk.requests.reject(desk.actor, number, "a lawsuit is open")
    inside.get("/")
    assert "Reason a lawsuit is open" in inside.text
    assert "State Rejected" in inside.text


def test_what_staff_note_about_a_cancelled_request_is_not_shown(inside: Browser, desk: Desk) -> None:
    number = desk.requests.add(desk.actor, NewRequest(WHO, Kind.ERASE, note="rang twice")).number
    desk.requests.cancel(desk.actor, number, "rang again, changed mind")
    inside.get("/")
    assert "Cancelled" in inside.text
    assert "rang" not in inside.text


def test_consent_is_given_and_withdrawn_on_the_version_that_was_shown(inside: Browser, desk: Desk) -> None:
    inside.get("/consent")
    inside.send("/consent", answer="accept")
    assert "Your consent is on record" in inside.text
    detail = desk.consent.show(desk.actor, WHO)
    assert (detail.row.given, detail.row.channel, detail.row.version) == (True, "panel", 1)
    english = desk.consent.text(desk.actor, TextKind.CONSENT, "en")
    assert detail.history[0].sha256 == english.sha256  # what was read, not what the customer's own language is
    inside.get("/consent")
    inside.send("/consent", answer="withdraw")
    assert not desk.consent.show(desk.actor, WHO).row.given


def test_a_text_that_changed_meanwhile_is_not_accepted_unread(inside: Browser, desk: Desk) -> None:
    inside.get("/consent")
    desk.settings.set(desk.actor, "consent-text", "Another text.", "en")
    assert inside.send("/consent", answer="accept").status_code == 409
    assert "Another text." in inside.text
    assert "has changed" in inside.text
    assert not desk.consent.show(desk.actor, WHO).row.given
    inside.send("/consent", answer="accept")
    assert desk.consent.show(desk.actor, WHO).row.version == 2


def test_accepting_twice_is_no_error(inside: Browser) -> None:
    inside.get("/consent")
    fields = inside.form("/consent") | {"answer": "accept"}
    for _ in range(2):
        assert inside.client.post("/consent", data=fields).url.path == "/"


def test_the_notice_is_read_apart_from_consent(inside: Browser, desk: Desk) -> None:
    inside.get("/notice")
    inside.send("/notice")
    detail = desk.consent.show(desk.actor, WHO)
    assert detail.notice is not None
    assert not detail.row.given


def test_while_consent_is_enforced_nothing_else_opens_until_it_is_given(browser: Browser, desk: Desk) -> None:
    desk.settings.set(desk.actor, "enforce-consent", "on")
    assert browser.sign_in().url.path == "/consent"
    fields = browser.form("/consent")
    for path in ("/", "/request", "/download", "/cancel"):
        assert browser.get(path).url.path == "/consent", path
    for path in ("/request", "/download", "/cancel"):
        more = {"kind": "erase", "understood": "yes", "format": "xml", "number": "1"}
        assert browser.client.post(path, data={"form": fields["form"], **more}).url.path == "/consent", path
    browser.get("/consent")
    browser.send("/consent", answer="accept")
    assert browser.get("/request").url.path == "/request"


def test_while_it_is_switched_off_the_page_says_so_and_offers_nothing(inside: Browser, desk: Desk) -> None:
    token = inside.form("/download")["form"]
    desk.settings.set(desk.actor, "enabled", "off")
    inside.get("/")
    assert "Switched off at the moment" in inside.text
    assert [form.action for form in inside.page.forms] == ["/signout"]
    newest = desk.requests.pulse(desk.actor).newest
    for path in ("/request", "/consent", "/notice", "/download", "/cancel"):
        assert inside.get(path).url.path == "/"
        more = {"kind": "erase", "understood": "yes", "format": "xml", "number": "1", "answer": "accept", "version": "1"}
        assert inside.client.post(path, data={"form": token, **more}).url.path == "/", path
    assert desk.requests.pulse(desk.actor).newest == newest
    assert not desk.consent.show(desk.actor, WHO).row.given


@pytest.mark.parametrize("form", ["xml", "json", "html"])
def test_the_data_come_as_a_file_that_names_nobody(inside: Browser, desk: Desk, form: str) -> None:
    inside.get("/")
    done = inside.send("/download", format=form)
    assert done.status_code == 200
    assert done.headers["content-disposition"] == f'attachment; filename="kvkk-export-{_today()}.{form}"'
    assert "Iraz" in done.text
    if form == "json":
        assert json.loads(done.content)["subject"] == WHO
    if form == "xml":
        assert etree.fromstring(done.content).find("{*}subject") is not None
    last = desk.downloads.list(desk.actor).rows[0]
    assert (last.customer, last.channel, last.state, last.format, last.bytes) == (WHO, "panel", "done", form, len(done.content))
    assert last.by == "panel@web.example"


def _today() -> str:
    from datetime import UTC, datetime

    return f"{words.moment(datetime.now(UTC), 'Europe/Istanbul'):%Y-%m-%d}"


@pytest.mark.parametrize("resolution", [Resolution(), Resolution(mask=True), Resolution(erase=True)], ids=["access", "mask", "erase"])
def test_a_block_ends_the_session_at_once_and_whoever_is_blocked_does_not_come_back(
    inside: Browser, desk: Desk, resolution: Resolution
) -> None:
    token = inside.form("/download")["form"]
    kind = Kind.ERASE if resolution.erase else Kind.ANONYMISE
    number = desk.requests.add(desk.actor, NewRequest(WHO, kind)).number
    desk.resolutions.resolve(desk.actor, number, resolution, ResolveOptions(force="test", notify=False))
    assert inside.client.post("/download", data={"form": token, "format": "xml"}).url.path == "/signin"
    assert inside.get("/").url.path == "/signin"
    refused = inside.sign_in()
    assert refused.status_code == 403
    wrong = inside.sign_in("nobody@posta.example", "wrong")
    assert _without_secrets(refused.text, EMAIL) == _without_secrets(wrong.text, "nobody@posta.example")


def _without_secrets(page: str, name: str) -> str:
    import re

    return re.sub(r"[0-9a-f]{32}\.[0-9a-f]{64}", "", page).replace(name, "")


def test_whoever_leaves_is_out(inside: Browser, desk: Desk) -> None:
    kept = dict(inside.client.cookies)
    inside.send("/signout")
    assert "You are signed out." in inside.text
    inside.client.cookies.update(kept)
    assert inside.get("/").url.path == "/signin"


def test_a_session_begins_anew_at_each_sign_in(inside: Browser) -> None:
    first: Any = inside.client.cookies.get("kvkk")
    inside.client.cookies.delete("kvkk")
    inside.client.cookies.set("kvkk", "chosen-by-somebody-else", domain="panel.example", path="/")
    inside.sign_in()
    second = inside.client.cookies.get("kvkk")
    assert second not in (first, "chosen-by-somebody-else")
    assert inside.site.cookie("kvkk") == "kvkk"


@pytest.mark.parametrize("engine_name", ["postgresql", "mariadb"], indirect=True)
def test_the_same_over_a_server(inside: Browser, desk: Desk) -> None:
    inside.get("/consent")
    inside.send("/consent", answer="accept")
    assert desk.consent.show(desk.actor, WHO).row.given
    inside.get("/")
    assert b"Iraz" in inside.send("/download", format="xml").content
    inside.get("/request")
    inside.send("/request", kind="erase", understood="yes")
    number = int(inside.form("/cancel")["number"])
    assert desk.requests.show(desk.actor, number).row.channel is Channel.PANEL
    desk.resolutions.resolve(desk.actor, number, Resolution(), ResolveOptions(force="test", notify=False))
    assert inside.get("/").url.path == "/signin"


def test_who_finds_every_desk_taken_is_told_to_come_back(inside: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kvkk_panel.desks.WAIT_S", 0.05)
    taken = inside.site.desks._free
    monkeypatch.setattr(inside.site.desks, "_free", type(taken)(0))
    assert inside.get("/").status_code == 503
    assert "Please try again in a minute" in inside.text


def test_a_desk_that_rested_gives_its_connections_back_first(inside: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kvkk_panel.desks.RESTED_S", -1)
    closed: list[Desk] = []
    close = Desk.close

    def noted(self: Desk) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(Desk, "close", noted)
    assert inside.get("/").status_code == 200
    assert closed


@pytest.mark.parametrize("word", ["", "maybe", "ACCEPT"])
def test_only_the_word_itself_withdraws_a_consent(inside: Browser, word: str) -> None:
    inside.get("/consent")
    inside.send("/consent", answer="accept")
    inside.get("/consent")
    assert inside.send("/consent", answer=word).status_code == 400
    inside.get("/consent")
    assert "I withdraw my consent" in inside.text
