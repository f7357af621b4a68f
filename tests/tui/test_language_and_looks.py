"""Every screen in both languages at both sizes: as text, and switched live. No control character is ever drawn."""

from __future__ import annotations

import ast
import re
import textwrap
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import text
from syrupy.extensions.amber.serializer import AmberDataSerializer

import kvkk_tui
from core.desk import Desk
from core.model.records import Details
from kvkk_tui import words

KEPT = Path(__file__).parent / "__snapshots__" / "test_language_and_looks.ambr"
HOME = Path(kvkk_tui.__file__).parent
CATALOGUE = HOME.parent / "core/locale/tr/LC_MESSAGES/kvkk.po"
MARKS = {"N_", "_"}
SAME_IN_TURKISH = {"No", "KVKK"}
HOSTILE = "A\x1b]0;OWNED\x07\x1b[31m[/bold][@click=app.quit]x[/]\u202e\u200b\r\nSTATUS: ERASED OK\x00" + "e" + "\u0301" * 300


async def tour(it: Any) -> AsyncIterator[str]:
    """Visit every screen; yields its name when it has settled."""

    async def settled(name: str, *wanted: str) -> str:
        if wanted:
            await it.shows(*wanted)
        last = ""
        for _ in range(100):
            await it.pilot.pause(0.03)
            if it.text == last and "…\n" not in it.text[-1:]:
                break
            last = it.text
        return name

    number = it.grid.row.number
    await it.until(lambda: it.screen.detail is not None)
    yield await settled("queue")
    await it.press("f")
    yield await settled("filter")
    await it.press("escape", "enter")
    if it.screen.__class__.__name__ == "QueueScreen":
        await it.press("escape")
    yield await settled("magnifier", words._("What can be done"))
    if it.screen.__class__.__name__ == "MagnifierScreen":
        await it.press("escape")
    await it.press("s")
    await it.until(lambda: it.screen.lot.complete)
    yield await settled("erase")
    await it.press("2")
    await it.until(lambda: it.screen.lot.complete)
    yield await settled("mask")
    await it.press("escape", "t")
    await it.until(lambda: it.screen._text)
    yield await settled("letter")
    await it.press("escape", "2")
    yield await settled("customers")
    await it.type("isik")
    await it.press("enter")
    await it.until(lambda: it.grid.rows)
    yield await settled("found")
    await it.press("enter")
    yield await settled("customer", words._("Stored rows"))
    await it.press("escape", "slash", "ctrl+u")
    await it.type("250")
    await it.press("enter")
    await it.until(lambda: it.grid.rows)
    await it.press("enter")
    yield await settled("free-customer", words._("Stored rows"))
    await it.press("n")
    yield await settled("file")
    await it.press("escape", "i")
    yield await settled("export", words._("nobody asked"))
    await it.press("escape", "escape", "3")
    await it.until(lambda: it.screen._read)
    await it.press("f", "down", "enter")
    await it.until(lambda: it.screen._read and it.grid.rows and it.grid.rows[0].counts)
    yield await settled("consents")
    await it.press("enter")
    yield await settled("consent", words._("Version in force"))
    await it.press("w")
    yield await settled("withdraw", words._("So far"))
    await it.press("escape", "m")
    yield await settled("notice", words._("So far"))
    await it.press("escape", "escape", "t")
    await it.until(lambda: it.screen.__class__.__name__ == "DocumentsScreen" and it.grid.rows)
    yield await settled("texts")
    await it.press("enter")
    await it.until(lambda: it.screen.__class__.__name__ == "DocumentScreen" and it.screen._seen is not None)
    yield await settled("text")
    await it.press("escape")
    await it.until(lambda: it.screen.__class__.__name__ == "DocumentsScreen")
    await it.press("escape")
    await it.until(lambda: it.screen.__class__.__name__ == "ConsentsScreen")
    await it.press("escape")
    for key, name in (("4", "downloads"), ("5", "blacklist"), ("6", "outbox"), ("7", "audit"), ("8", "runs"), ("0", "settings")):
        await it.press(key)
        await it.until(lambda: it.screen._read)
        yield await settled(name)
    await it.press("7", "p")
    await it.until(lambda: it.screen.__class__.__name__ == "ReportsScreen" and it.screen._read)
    yield await settled("reports")
    await it.press("escape")
    await it.until(lambda: it.screen.__class__.__name__ == "AuditScreen")
    await it.press("0", "t")
    await it.until(lambda: it.screen.__class__.__name__ == "TemplatesScreen" and it.grid.rows)
    yield await settled("templates")
    await it.press("enter")
    await it.until(lambda: it.screen._seen is not None)
    yield await settled("template")
    await it.press("escape")
    await it.until(lambda: it.screen.__class__.__name__ == "TemplatesScreen")
    await it.press("escape")
    await it.until(lambda: it.screen.__class__.__name__ == "SettingsScreen")
    await it.press("question_mark")
    yield await settled("help")
    await it.press("escape", "colon")
    yield await settled("palette")
    await it.press("escape", "1")
    assert it.grid.row.number == number


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_screen_looks_as_it_did(
    desk: Desk, run: Any, language: str, size: tuple[int, int], snapshot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")  # the export names the folder
    words.use(language)
    before = desk.audit.anchor(desk.actor).seq
    seen: dict[str, str] = {}
    async with run(desk, size) as it:
        async for name in tour(it):
            seen[name] = "\n" + steady(it.text)
    assert seen == snapshot
    assert desk.audit.anchor(desk.actor).seq == before  # looking changes nothing


def steady(text: str) -> str:
    """Without the name of the database and hashes, which say nothing about looks."""
    text = re.sub(r"\b(?:[0-9a-f]{64}|[0-9a-f]{16})\b", lambda found: "0" * len(found[0]), text)
    return re.sub(r"kvkk_test_\w+\.db|kvkk_test_\w*…", lambda found: "sample.db".ljust(len(found[0])), text)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_server_looks_the_same(desk: Desk, run: Any) -> None:
    """Key screens against what is kept of the same screens on SQLite; the line that names the database apart."""
    kept = kept_looks("80x24-tr")
    words.use("tr")
    seen = []
    async with run(desk) as it:
        async for name in tour(it):
            assert unnamed(it.text) == unnamed(kept[name]), name
            seen.append(name)
            if name == "found":
                break
    assert len(seen) == 8


def kept_looks(case: str) -> dict[str, str]:
    """What is kept of every screen on SQLite."""
    kept = AmberDataSerializer.read_file(str(KEPT)).get(f"{test_every_screen_looks_as_it_did.__name__}[{case}]")
    assert kept is not None
    return dict(re.findall(r"^ +'([\w-]+)': '{3}\n(.*?)^ +'{3},$", str(kept.data), re.DOTALL | re.MULTILINE))


def unnamed(text: str) -> list[str]:
    """The lines below the first, without the name of the database."""
    found = re.sub(r"sample\.db|[\w.]+/kvkk_\w*…?", "", steady(textwrap.dedent(text)))
    return [line.rstrip() for line in found.strip("\n").splitlines()[1:]]


async def test_nothing_that_a_customer_typed_controls_the_screen(desk: Desk, run: Any) -> None:
    """Name, note, reason, service, e-mail: on every screen, in both languages, no control character and no markup."""
    desk.blacklist.add(desk.actor, Details((("email", "x@y.example"),)), reason="x")
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        unit.conn.execute(text("UPDATE kvkk_blacklist SET reason = :v, added_by = :v"), {"v": HOSTILE.replace("\x00", "")})
        for column in ("first_name", "last_name", "company"):
            unit.conn.execute(text(f"UPDATE customers SET {column} = :v || id"), {"v": HOSTILE.replace("\x00", "")})
        unit.conn.execute(text("UPDATE customers SET email = :v || id || '@x.example', phone = :v"), {"v": HOSTILE.replace("\x00", "")})
        unit.conn.execute(text("UPDATE customers SET last_name = last_name || 'isik'"))
        unit.conn.execute(text("UPDATE services SET domain = :v"), {"v": HOSTILE.replace("\x00", "")})
        unit.conn.execute(text("UPDATE kvkk_requests SET note = :v, verified_by = :v, filed_by = :v"), {"v": HOSTILE.replace("\x00", "")})
        unit.conn.execute(text('UPDATE kvkk_downloads SET "by" = :v, reason = :v'), {"v": HOSTILE.replace("\x00", "")})
    async with run(desk, (140, 40)) as it:
        async for name in tour(it):
            drawn = "".join(strip.text for strip in it.screen._compositor.render_strips())
            wrong = {char for char in drawn if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
            assert not wrong, (name, wrong)
            assert "ERASED OK" not in [line.strip() for line in it.text.splitlines()], name
            if name in ("queue", "magnifier", "found", "customer"):
                assert "‹U+001B›" in it.text, name


async def test_the_language_is_switched_live_on_every_screen(desk: Desk, run: Any) -> None:
    words.use("tr")
    async with run(desk) as it:
        await it.shows("1 Talepler", "Kalan süre", "gün gecikti", "21.09.2026", "? Yardım")
        await it.press("f2")
        await it.shows("1 Requests", "Time left", "days overdue", "2026-09-21", "? Help")
        await it.press("enter")
        await it.shows("Requesting customer")
        await it.press("f2")
        await it.shows("Talep Eden Müşteri", "Yapılabilecekler")
        await it.press("escape")
        await it.shows("1 Talepler", "Kalan süre")
        await it.press("s")
        await it.shows("Ne yapılsın")
        await it.press("f2")
        await it.shows("What is to be done")
        await it.press("escape", "0")
        await it.shows("Days to answer")
        await it.press("f2")
        await it.shows("Cevap süresi")


async def test_the_setting_decides_the_language_when_nobody_chose(desk: Desk, run: Any) -> None:
    desk.settings.set(desk.actor, "language", "tr")
    async with run(desk, language_chosen=False) as it:
        await it.shows("1 Talepler")


def texts() -> dict[str, str]:
    """(message id, where) of every text of the console."""
    found: dict[str, str] = {}
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS and node.args:
                first = node.args[0]
                for one in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                    if isinstance(one, ast.Constant):
                        found[str(one.value)] = f"{path.name}:{node.lineno}"
    return found


def test_every_text_is_turkish_too_and_asks_for_the_same_facts() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    wrong = []
    for english, place in texts().items():
        message = catalogue.get(english)
        turkish = str(message.string) if message else ""
        if not turkish or (turkish == english and english.isalpha() and english not in SAME_IN_TURKISH):
            wrong.append(f"{place}: {english!r}")
        elif set(re.findall(r"{(\w+)}", english)) != set(re.findall(r"{(\w+)}", turkish)):
            wrong.append(f"{place}: {english!r} asks for other facts")
    assert not wrong, "\n".join(wrong)


def test_every_key_has_a_name_a_place_in_the_help_and_its_own_id() -> None:
    """Bindings without an id or words would be missing under ? and in the palette."""
    from textual.binding import Binding

    ids: dict[str, str] = {}
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == Binding.__name__:
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                place = f"{path.name}:{node.lineno}"
                assert "id" in given, f"{place}: no id"
                assert isinstance(given["id"], ast.Constant)
                assert ids.setdefault(str(given["id"].value), place) == place, f"{place}: {given['id'].value} twice"
                assert len(node.args) == 3, f"{place}: no words"
    assert len(ids) > 50


async def test_the_palette_does_what_it_names_and_finds_it_in_turkish(desk: Desk, run: Any) -> None:
    words.use("tr")
    async with run(desk) as it:
        await it.press("colon")
        await it.type("BUYUTEC")
        await it.press("enter")
        await it.shows("Talep Eden Müşteri")
        await it.press("ctrl+p")
        await it.type("denetim")
        await it.press("enter")
        await it.shows("Zinciri doğrula")


async def test_a_window_that_is_too_small_is_covered_until_it_grows(desk: Desk, run: Any) -> None:
    """Nothing that cannot be read can be pressed; a question that was open is still there afterwards."""
    async with run(desk) as it:
        await it.press("x")
        await it.shows("The reason is told to the customer")
        await it.pilot.resize_terminal(40, 10)
        await it.shows("too small: 40×10", "60×16")
        await it.press("a", "enter", "s", "q", "1")
        await it.shows("too small")
        assert not it.toasts
        await it.pilot.resize_terminal(30, 12)
        await it.shows("30×12")
        await it.pilot.resize_terminal(80, 24)
        await it.shows("The reason is told to the customer")
        await it.press("escape")
        await it.shows("Time left")
        for size in ((1, 1), (60, 15), (59, 16), (60, 16)):
            await it.pilot.resize_terminal(*size)
        await it.shows("KVKK", "Customer")


async def test_it_may_open_in_a_window_that_is_too_small(desk: Desk, run: Any) -> None:
    async with run(desk, (30, 8)) as it:
        await it.shows("too small")
        await it.pilot.resize_terminal(100, 30)
        await it.shows("Time left", "Çağrı Kaplan")


def test_no_key_of_a_screen_is_taken_by_what_has_the_focus() -> None:
    """A table or a document would take the key first, and the verb could not be reached."""
    from importlib import import_module

    from kvkk_tui.drafting import DraftPage
    from kvkk_tui.listing import ListPage
    from kvkk_tui.page import Page
    from kvkk_tui.screens.board import Board
    from kvkk_tui.widgets.draft import Draft
    from kvkk_tui.widgets.grid import Grid
    from kvkk_tui.widgets.sheet import Sheet

    def keys(owner: Any) -> set[str]:
        return {key for one in owner.__mro__ for binding in vars(one).get("BINDINGS", ()) for key in binding.key.split(",")}

    for path in sorted((HOME / "screens").glob("[a-z]*.py")):
        for found in vars(import_module(f"kvkk_tui.screens.{path.stem}")).values():
            if isinstance(found, type) and issubclass(found, Page):
                holder = Grid if issubclass(found, ListPage | Board) else Draft if issubclass(found, DraftPage) else Sheet
                own = {
                    key
                    for one in found.__mro__
                    if issubclass(one, Page)
                    for binding in vars(one).get("BINDINGS", ())
                    for key in binding.key.split(",")
                }
                assert not own & keys(holder), (found.__name__, own & keys(holder))


async def test_a_verb_of_another_view_is_begun_there(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("colon")
        await it.type("verify")
        await it.shows("Verify the chain  [7 v]  in the view Audit")
        await it.press("enter")
        await it.until(lambda: it.app.current_mode == "audit", "the audit")
        await it.shows("The chain is unbroken")
        await it.press("colon")
        await it.type("texts")
        await it.press("enter")
        await it.until(lambda: type(it.screen).__name__ == "DocumentsScreen", "the texts of the consents")


async def test_a_verb_of_another_views_row_waits_until_one_is_chosen(desk: Desk, run: Any) -> None:
    async with run(desk) as it:
        await it.press("colon")
        await it.type("withdrawn")
        await it.shows("[3 w]  in the view Consents")
        await it.press("enter")
        await it.until(lambda: it.app.current_mode == "consents", "the consents")
        await it.until(lambda: "choose the row, then press w." in it.toasts, "the word that says so")
        assert len(it.app.screen_stack) == 1
