"""Every page, in both languages: what a screen reader, a keyboard and tired eyes need; the checks of axe, and contrast by WCAG 2.2."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk import Desk
from core.model.records import Kind, NewRequest
from kvkk_panel import colour, views, words
from tests.panel.conftest import WHO, Browser

OUTSIDE = (
    "/signin",
    "/link",
    "/reset",
    "/register",
    "/sent",
    f"/signin/{'x' * 43}",
    f"/reset/{'x' * 43}",
    f"/register/{'x' * 43}",
    "/nothing",
)
INSIDE = ("/", "/consent", "/notice", "/request")
CSS = views.stylesheet().decode("utf-8")
TEXT_ON = (
    ("ink", "ground"),
    ("ink", "paper"),
    ("faint", "ground"),
    ("faint", "paper"),
    ("good", "good-paper"),
    ("bad", "bad-paper"),
    ("bad", "paper"),
    ("wait", "wait-paper"),
    ("on-accent", "accent"),
    ("accent", "paper"),
    ("accent", "ground"),
)
TURKISH = re.compile(r"[ğışĞİŞ]")


def pages(browser: Browser, desk: Desk) -> list[Any]:
    """Every page as it stands: outside, with a refusal, inside, with an open and with a closed request."""
    found = []

    def keep(answer: Any) -> None:
        assert answer.status_code in (200, 403, 404, 422), answer.url
        found.append(browser.page)

    for path in OUTSIDE:
        keep(browser.get(path))
    keep(browser.sign_in(password="wrong"))
    browser.sign_in()
    for path in INSIDE:
        keep(browser.get(path))
    keep(browser.send("/request", kind="erase"))
    keep(browser.send("/request", kind="erase", understood="yes"))
    keep(browser.send("/cancel"))
    desk.settings.set(desk.actor, "enabled", "off")
    keep(browser.get("/"))
    return found


@pytest.fixture(params=["tr", "en"])
def every(request: pytest.FixtureRequest, browser: Browser, desk: Desk) -> list[Any]:
    """Every page in one language, after the other."""
    desk.settings.set(desk.actor, "panel-url", "https://panel.example")
    browser.client.headers["Accept-Language"] = f"xx, {request.param};q=0.9"
    found = pages(browser, desk)
    assert {page.get("lang") for page in found} == {request.param}
    return found


def test_every_page_can_be_read_aloud_and_used_by_keys(every: list[Any]) -> None:
    for page in every:
        title = page.findtext(".//title")
        assert len(page.findall(".//main")) == len(page.findall(".//header")) == len(page.findall(".//footer")) == 1
        assert title.split(" – ")[0].strip(), title
        _headings(page, title)
        _labels(page)
        _references(page)
        _targets(page)


def _headings(page: Any, title: str) -> None:
    """One h1, and no level is skipped."""
    levels = [int(one.tag[1]) for one in page.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1, title
    assert levels.count(1) == 1, title
    assert all(after - before <= 1 for before, after in pairwise(levels)), title
    assert all(one.text_content().strip() for one in page.iter("h1", "h2", "h3"))


def _labels(page: Any) -> None:
    """Each field has a label of its own, each group a legend, each picture an alternative, each button and link words."""
    ids = {one.get("for") for one in page.iter("label")}
    for field in page.iter("input", "select", "textarea"):
        if field.get("type") == "hidden":
            continue
        inside = any(parent.tag == "label" for parent in field.iterancestors())
        assert inside or field.get("id") in ids, field.get("name")
        if field.get("type") == "radio":
            group = next(parent for parent in field.iterancestors() if parent.tag == "fieldset")
            assert group.findtext("legend")
        if field.get("type") == "password":
            assert field.get("autocomplete") in ("current-password", "new-password")
    assert all(one.get("alt") for one in page.iter("img"))
    assert all(one.get("aria-hidden") == "true" for one in page.iter("svg"))
    for one in page.iter("button", "a", "summary"):
        assert one.text_content().strip() or one.find("img") is not None
    assert all(one.get("aria-label") for one in page.iter("nav"))
    assert all(one.get("aria-labelledby") for one in page.iterfind(".//div[@tabindex]"))


def _references(page: Any) -> None:
    """Ids stand once, and what is pointed at is there."""
    ids = [one.get("id") for one in page.iterfind(".//*[@id]")]
    assert len(ids) == len(set(ids))
    for name in ("aria-describedby", "aria-labelledby", "for"):
        for one in page.iterfind(f".//*[@{name}]"):
            assert set(one.get(name).split()) <= set(ids), one.get(name)
    assert all(one.get("href")[1:] in ids for one in page.iter("a") if one.get("href").startswith("#"))


def _targets(page: Any) -> None:
    """The first thing a key reaches leads past the head; nothing is put before something else."""
    reached = [one for one in page.iter("a", "button", "input", "select") if one.get("type") != "hidden"]
    assert reached[0].get("href") == "#content"
    assert not [one for one in page.iterfind(".//*[@tabindex]") if int(one.get("tabindex")) > 0]
    assert not page.xpath("//*[@autofocus]")


def test_a_page_speaks_one_language(every: list[Any]) -> None:
    english = every[0].get("lang") == "en"
    for page in every:
        for part in page.xpath("//nav | //*[@lang and not(self::html)] | //footer/p[1] | //*[@class='brand'] | //title"):
            part.drop_tree()
        text = page.text_content()
        assert bool(TURKISH.search(text)) is not english, text
        if not english:
            assert not re.search(r"\b(the|your|and)\b", text), text


def test_the_language_is_chosen_kept_and_never_anything_else(browser: Browser) -> None:
    assert browser.get("/signin?lang=tr").text and browser.page.get("lang") == "tr"  # noqa: PT018 - one step
    browser.get("/signin")
    assert browser.page.get("lang") == "tr"
    browser.get("/signin?lang=<b>")
    assert browser.page.get("lang") == "tr"


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("de, tr;q=0.4, en;q=0.3", "tr"),
        ("de", "tr"),
        ("", "tr"),
        ("en;q=x", "tr"),
        ("en;q=0", "tr"),
        ("," * 5000, "tr"),
    ],
)
def test_what_the_browser_prefers_is_spoken_where_we_can(accepted: str, expected: str) -> None:
    assert words.chosen(None, None, accepted, "tr") == expected


def variables(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_every_pair_of_colours_can_be_read(night: bool) -> None:
    day, _, rest = CSS.partition("@media (prefers-color-scheme: dark)")
    found = variables(day) | (variables(rest.partition("}\n}")[0]) if night else {})
    hardest = ("paper", "dark") if night else ("ground", "light")
    assert found[hardest[0]] == colour.PAPER[hardest[1]]
    for ink, ground in TEXT_ON:
        assert colour.contrast(found[ink], found[ground]) >= 4.5, (ink, ground)
    assert colour.contrast(found["edge"], found["paper"]) >= 3  # edges of fields


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_whatever_colour_the_company_has_it_can_be_read(wanted: str) -> None:
    for ground in colour.PAPER.values():
        found = colour.readable(wanted, ground)
        assert colour.contrast(found, ground) >= 4.5
        assert colour.contrast(colour.on(found), found) >= 4.5


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert f"--accent: {colour.DEFAULT};" in colour.stylesheet(None)
    assert colour.readable("#7a1fa2", colour.PAPER["light"]) == "#7a1fa2"


def test_focus_is_seen_and_a_phone_needs_no_zoom() -> None:
    assert ":focus-visible { outline: 3px" in CSS
    assert re.findall(r"outline: none", CSS) == ["outline: none"]  # of main, which only a link leads to
    assert "font: 1rem" in CSS  # smaller fields make a phone zoom
    assert "@media print" in CSS


def test_every_word_of_a_refusal_asks_only_for_facts_that_are_given() -> None:
    allowed = {"seconds", "least", "most", "number", "reference"}
    for code, said in words.REFUSALS.items():
        assert set(re.findall(r"\{(\w+)\}", said.text)) <= allowed, code


def test_an_earlier_request_and_a_company_that_exported_are_told(inside: Browser, desk: Desk, tmp_path: Path) -> None:
    desk.exports.export(desk.actor, WHO, tmp_path)
    desk.requests.cancel(desk.actor, desk.requests.add(desk.actor, NewRequest(WHO, Kind.ERASE)).number)
    inside.get("/")
    assert "XML · by the company" in inside.text
    assert "Earlier requests" in inside.text
