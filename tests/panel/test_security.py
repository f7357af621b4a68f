"""What ASVS asks of such a page: sessions, forms, headers, input, errors. SECURITY.md names each point with its test here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from core.config import Target
from core.desk import Desk
from core.errors import OutcomeUnknown, Unavailable
from core.model.records import RequestFilter
from core.store import tables
from kvkk_panel import csrf, headers, limits, logo
from kvkk_panel.app import PAGES, make_app
from kvkk_panel.pages import request as request_page
from kvkk_panel.site import Site
from kvkk_panel.stream import Delivery
from tests.panel.conftest import EMAIL, PASSWORD, URL, WHO, Browser

TEMPLATES = sorted((Path(csrf.__file__).parent / "templates").glob("*.html"))
ACTIONS = ("/signin", "/signout", "/link", "/reset", "/register", "/consent", "/notice", "/download", "/request", "/cancel")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }} {% include 'base.html' %} ${7*7}",
    "\x1b]52;c;cm0=\x07\x1b[2J",
    "Ali\r\nSet-Cookie: a=b",
    "\u202egnp.exe \u2066 \ufeff \U000e0041",
    "a" * 20_000,
    "e" + "\u0301" * 300,
    "' OR 1=1 --",
    "\x00",
    "../../etc/passwd",
    "=?utf-8?q?=0ABcc:_x=40evil?=",
    "%s%n {0} {seconds}",
)


def test_every_answer_carries_the_headers_that_keep_it_alone(inside: Browser, desk: Desk) -> None:
    desk.settings.set(desk.actor, "panel-url", "https://panel.example")
    paths = [page.path.replace("{token:str}", "x" * 43) for page in PAGES]
    for path in (*paths, "/nothing", "/static/panel.css", "/static/icon.svg", "/colours.css", "/robots.txt"):
        answer = inside.client.get(path, follow_redirects=False)
        for name, value in headers.ALWAYS.items():
            if name != "Cache-Control":
                assert answer.headers[name] == value, (path, name)
        if "css" not in path and "svg" not in path:
            assert answer.headers["cache-control"] == "no-store", path
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs() -> None:
    for page in TEMPLATES:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<script|<style|<iframe|<object| style=| on[a-z]+=|javascript:|https?://|\|safe|autoescape", text), page.name
    css = (TEMPLATES[0].parents[1] / "static" / "panel.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|expression", css)


def test_behind_https_cookies_are_for_this_host_and_https_alone(site: Site) -> None:
    site.secure = True
    with TestClient(make_app(site), base_url="https://panel.example") as client:
        browser = Browser(client, site)
        first = browser.get("/signin")
        window = first.headers["set-cookie"]
        assert window.startswith("__Host-kvkk-window=")
        assert first.headers["strict-transport-security"] == headers.ONLY_HTTPS
        done = client.post("/signin", data={**browser.form("/signin"), "name": EMAIL, "password": PASSWORD}, follow_redirects=False)
        session = next(one for one in done.headers.get_list("set-cookie") if one.startswith("__Host-kvkk="))
        for cookie in (window, session):
            assert all(part in cookie for part in ("HttpOnly", "Path=/", "SameSite=lax", "Secure")), cookie
            assert "Domain" not in cookie


def test_a_cookie_holds_nothing_but_a_token(inside: Browser) -> None:
    assert set(inside.client.cookies) == {"kvkk"}
    assert re.fullmatch(r"[\w-]{43}", inside.client.cookies["kvkk"])


@pytest.mark.parametrize("action", ACTIONS)
def test_a_form_that_is_not_ours_does_nothing(inside: Browser, desk: Desk, action: str) -> None:
    inside.get("/")
    good = inside.form("/download")["form"]
    nonce, _, mark = good.partition(".")
    before = desk.requests.pulse(desk.actor).stamp
    fields = {"name": EMAIL, "kind": "erase", "understood": "yes", "format": "xml", "number": "1", "answer": "accept", "version": "1"}
    for told in ("", "x", ".", f"{nonce}.{mark[::-1]}", f".{mark}", csrf.token("another secret"), csrf.token("")):
        assert inside.client.post(action, data={**fields, "form": told}).status_code == 403, told
    assert inside.client.post(action, data=fields).status_code == 403
    crossed = inside.client.post(action, data={**fields, "form": good}, headers={"Sec-Fetch-Site": "cross-site"})
    assert crossed.status_code == 403
    assert desk.requests.pulse(desk.actor).stamp == before


def test_no_address_changes_anything_when_it_is_only_looked_at(inside: Browser, desk: Desk) -> None:
    before = desk.requests.pulse(desk.actor).stamp
    for page in PAGES:
        inside.client.get(page.path.replace("{token:str}", "x" * 43))
        inside.client.head(page.path.replace("{token:str}", "x" * 43))
    assert desk.requests.pulse(desk.actor).stamp == before


def test_other_methods_and_unknown_pages_are_refused(inside: Browser) -> None:
    assert inside.client.put("/request").status_code in (404, 405)
    assert inside.client.delete("/").status_code in (404, 405)
    assert inside.get("/nothing").status_code == 404
    assert "does not exist" in inside.text


def test_what_is_too_large_or_no_form_is_refused_unread(inside: Browser) -> None:
    def post(**more: Any) -> int:
        return int(inside.client.post("/signin", **more).status_code)

    form = {"Content-Type": limits.FORM}
    assert post(content=b"name=" + b"x" * limits.BODY_MOST, headers=form) == 413
    assert post(content=iter([b"name=", *[b"x" * 4096] * 9]), headers=form) == 413
    assert post(content=b"&".join(b"f%d=1" % i for i in range(limits.FIELDS_MOST + 1)), headers=form) == 400
    assert post(content=b"name=%ff%fe", headers=form) == 400
    assert post(content="ad=ş".encode(), headers=form) == 400
    assert post(json={"name": "x"}) == 400
    assert post(files={"name": b"x"}) == 400


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:24])
def test_hostile_text_through_every_field_is_refused_or_shown_as_text(browser: Browser, desk: Desk, text: str, told: list[str]) -> None:
    desk.settings.set(desk.actor, "panel-url", "https://panel.example")

    def harmless(answer: Any) -> None:
        assert answer.status_code in (200, 400, 403, 404, 409, 410, 413, 422, 429), (answer.url, answer.status_code)
        assert not [char for char in answer.text if ord(char) < 32 and char not in "\n"]
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "\r" not in str(answer.headers)
        assert not {"a"} & set(browser.client.cookies)

    for action in ("/signin", "/link", "/reset", "/register"):
        browser.get(action)
        harmless(browser.send(action, name=text, password=text))
    harmless(browser.client.get("/signin", params={"lang": text, "done": text}))
    for purpose in ("signin", "reset", "register"):
        path = f"/{purpose}/{'x' * 43}"
        browser.get(path)
        fields = {name: text for name in (*browser.form(path), "detail-first_name", "detail-<b>", "detail-") if name != "form"}
        harmless(browser.send(path, **fields))
    browser.sign_in()
    for action, page in (("/consent", "/consent"), ("/notice", "/notice"), ("/request", "/request"), ("/download", "/"), ("/cancel", "/")):
        browser.get(page)
        token = browser.form("/signout")["form"]
        fields = dict.fromkeys(("answer", "version", "kind", "understood", "format", "number"), text)
        harmless(browser.client.post(action, data={**fields, "form": token}))
    assert not told, told
    assert desk.requests.list(desk.actor, RequestFilter(customer=WHO)).rows == ()


def test_a_hostile_name_reason_and_text_are_shown_as_text(inside: Browser, desk: Desk) -> None:
    with desk.store.writer.begin() as conn:
        conn.exec_driver_sql("UPDATE customers SET first_name = '<b>[/bold]\x1b[2J\u202e' WHERE id = 77")
    desk.settings.set(desk.actor, "company-name", "A & <i>B</i>")
    page = inside.get("/")
    assert "&lt;b&gt;[/bold]‹U+001B›[2J‹U+202E›" in page.text
    assert "A &amp; &lt;i&gt;B&lt;/i&gt;" in page.text
    assert "\x1b" not in page.text


def test_no_address_and_no_line_for_the_operator_names_a_person(inside: Browser, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    inside.client.event_hooks["request"].append(lambda asked: seen.append(str(asked.url)))
    inside.get("/request")
    inside.send("/request", kind="erase", understood="yes")
    inside.send("/cancel")

    monkeypatch.setattr("core.services.panel.PanelService.page", lambda *_: broken_row())
    assert inside.get("/").status_code == 500
    reference = inside.text.partition("this reference: ")[2][:8]
    assert len(told) == 1
    assert told[0].startswith(f"{reference}: RuntimeError ")
    for line in (*seen, *told, inside.text):
        assert not re.search(r"iraz|aslan|\b77\b", line, re.IGNORECASE), line


def broken_row() -> None:
    raise RuntimeError(f"bad row of {EMAIL}")


AWAY = [(Unavailable("database-away"), "cannot be reached"), (OutcomeUnknown("outcome-unknown"), "nobody knows yet")]


@pytest.mark.parametrize(("error", "said"), AWAY)
def test_when_the_database_is_away_a_plain_page_says_so(
    inside: Browser, told: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def away(*_: object) -> None:
        raise error

    monkeypatch.setattr("core.services.panel.PanelService.look", away)
    for path in ("/", "/signin", "/consent"):
        assert inside.get(path).status_code == 503, path
        assert said in inside.text
        assert "Örnek Barındırma" in inside.text  # as it was last read
        assert inside.page.get("lang") == "en"


def test_a_database_file_that_has_gone_is_told_and_comes_back(inside: Browser, target: Target, told: list[str]) -> None:
    place, aside = Path(target.database), Path(target.database).with_suffix(".aside")
    inside.site.desks.close()
    place.rename(aside)
    assert inside.get("/").status_code == 503
    assert not place.exists()
    aside.rename(place)
    assert inside.get("/").status_code == 200
    assert told == ["database-missing: Unavailable"]


def test_the_panel_lives_under_a_path_with_or_without_the_proxy_taking_it_off(site: Site) -> None:
    site.prefix = "/kvkk"
    with TestClient(make_app(site), base_url=URL, headers={"Accept-Language": "en"}) as client:
        browser = Browser(client, site)
        for path in ("/kvkk/signin", "/signin"):
            browser.get(path)
            assert all(one.get("href").startswith(("/kvkk/", "#", "mailto:")) for one in browser.page.iterfind(".//*[@href]")), path
        browser.get("/kvkk/signin")
        done = browser.send("/kvkk/signin", name=EMAIL, password=PASSWORD)
        assert (done.status_code, done.url.path) == (200, "/kvkk/")


def test_where_the_panel_is_asked_from_is_not_believed(browser: Browser) -> None:
    answer = browser.client.get("/", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}, follow_redirects=False)
    assert answer.headers["location"] == "/signin"
    assert "evil" not in browser.client.get("/signin", headers={"Host": "evil.example"}).text
    for path in ("//evil.example/signin", "/\\evil.example", "/%2F%2Fevil.example", "/.//evil.example"):
        browser.last = browser.client.send(browser.client.build_request("GET", URL + path))
        assert browser.last.status_code == 404
        assert "evil" not in browser.last.text


def test_a_web_server_that_was_not_named_is_told_once_and_its_word_not_believed(browser: Browser, told: list[str]) -> None:
    for _ in range(2):
        browser.get("/signin", headers={"X-Forwarded-For": "198.51.100.7"})
    assert len(told) == 1
    assert "--proxy" in told[0]


def test_a_logo_is_a_picture_and_runs_nothing(browser: Browser, desk: Desk, tmp_path: Path) -> None:
    for content, kind in ((b"\x89PNG\r\n\x1a\n123", "image/png"), (b"<svg><script/></svg>", "image/svg+xml")):
        file = tmp_path / "logo"
        file.write_bytes(content)
        desk.settings.set(desk.actor, "panel-logo", str(file))
        browser.get("/signin")
        picture = browser.client.get("/logo")
        assert (picture.content, picture.headers["content-type"]) == (content, kind)
        assert picture.headers["content-security-policy"] == logo.POLICY
        assert browser.page.find(".//header//img").get("alt") == "Örnek Barındırma Hizmetleri A.Ş."
    for content in (b"<html>", b"\x89PNG\r\n\x1a\n" + b"0" * logo.MOST):
        (tmp_path / "logo").write_bytes(content)
        assert browser.client.get("/logo").status_code == 404


def test_numbers_that_are_none_are_no_request(inside: Browser, desk: Desk) -> None:
    for number in ("", "-1", "0", "1e3", "²", "9" * 40, "1"):
        inside.get("/")
        token = inside.form("/download")["form"]
        assert inside.client.post("/cancel", data={"form": token, "number": number}).status_code in (404, 409), number
    assert request_page.NUMBER_DIGITS < 19


def test_nobody_floods_staff_with_requests_nor_the_machine_with_downloads(inside: Browser, desk: Desk) -> None:
    for _ in range(10):
        inside.get("/request")
        assert inside.send("/request", kind="erase", understood="yes").status_code == 200
        inside.send("/cancel")
        inside.get("/")
        assert inside.send("/download", format="json").status_code == 200
    inside.get("/")
    assert inside.send("/download", format="json").status_code == 429
    inside.get("/request")
    assert inside.send("/request", kind="erase", understood="yes").status_code == 429
    assert inside.last is not None
    assert inside.last.headers["retry-after"] == "60"
    inside.get("/consent")
    assert inside.send("/consent", answer="accept").status_code == 429
    assert not desk.consent.show(desk.actor, WHO).row.given
    inside.site.downloads[WHO] = Delivery()
    inside.get("/")
    assert inside.send("/download", format="json").status_code == 503


def test_after_a_day_at_the_panel_our_tables_name_nobody(inside: Browser, desk: Desk) -> None:
    """Not by an address, a password or a network address: audit, tokens, attempts, waiting messages."""
    desk.settings.set(desk.actor, "panel-url", "https://panel.example")
    inside.get("/consent")
    inside.send("/consent", answer="accept")
    inside.get("/request")
    inside.send("/request", kind="anonymise", understood="yes")
    inside.send("/cancel")
    inside.get("/")
    inside.send("/download", format="html")
    inside.get("/")
    inside.send("/signout")
    for what in ("reset", "link", "register"):
        inside.get(f"/{what}")
        inside.send(f"/{what}", name=EMAIL)
    inside.sign_in(password="Yanlış-parola-1")
    inside.sign_in(name="Somebody.Else@posta.example", password="Yanlış-parola-2")
    planted = re.compile(rb"iraz|aslan|somebody\.else|yanl|ornek-parola|203\.0\.113", re.IGNORECASE)
    with desk.store.reading() as conn:
        for table in tables.metadata.sorted_tables:
            for row in conn.execute(select(table)):
                for name, value in row._mapping.items():
                    text = value if isinstance(value, bytes) else str(value).encode()
                    assert not planted.search(text), f"{table.name}.{name}"
