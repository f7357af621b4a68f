"""What the console must never do: leak in a crash, write pictures, obey its environment, parse text as markup."""

from __future__ import annotations

import ast
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.widgets import Static

import kvkk_tui
from core.desk import Desk
from kvkk_tui import terminal
from kvkk_tui.lines import Lines, exactly, fit, wrap
from kvkk_tui.safeapp import SafeApp

HOME = Path(kvkk_tui.__file__).parent
SECRET = "10000000146"
SHAPES = ["", "a", "word " * 30, "漢字" * 30, "x" * 500, "A\x1b[31m\r\nB\x00", "e" + "\u0301" * 300, "é" * 90, None, 12]
DRAWING = {"Static", "Label", "Option", "Button", "Checkbox", "RadioButton", "from_markup", "update"}


async def crashed(app: Any, how: Callable[[Any], Awaitable[None]]) -> None:
    """Run until it has crashed; Pilot raises the exception again for the test."""
    raised = ""
    try:
        async with app.run_test() as pilot:
            await how(pilot)
            await pilot.pause(0.3)
    except Exception as error:  # noqa: BLE001 - whatever it is: the test looks at what was told
        raised = str(error)
    assert SECRET in raised


async def test_a_crash_tells_a_reference_and_never_a_value(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    from kvkk_tui.app import Console

    class Broken(Console):
        def action_redraw(self) -> None:
            identity = SECRET
            raise ValueError(f"about {identity}")

    app = Broken(desk)
    await crashed(app, lambda pilot: pilot.press("ctrl+l"))
    said = capsys.readouterr().err
    assert app.return_code == 1
    assert app.reference
    assert app.reference in said
    assert "ValueError" in said
    assert SECRET not in said
    assert "about" not in said


async def test_a_crash_in_a_worker_is_told_the_same_way(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    from textual import work

    from kvkk_tui.app import Console

    class Broken(Console):
        @work
        async def action_redraw(self) -> None:
            raise ValueError(SECRET)

    app = Broken(desk)
    await crashed(app, lambda pilot: pilot.press("ctrl+l"))
    said = capsys.readouterr().err
    assert app.reference
    assert app.reference in said
    assert SECRET not in said


def test_what_is_overridden_is_still_there_in_this_textual() -> None:
    for name in ("_fatal_error", "get_system_commands", "action_help_quit", "action_screenshot"):
        assert hasattr(App, name), name
        assert getattr(SafeApp, name) is not getattr(App, name), name
    assert "_exit_renderables" in App.__init__.__code__.co_names


async def test_there_is_no_screenshot_and_no_palette_of_textuals(desk: Desk, run: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    async with run(desk) as it:
        assert list(it.app.get_system_commands(it.screen)) == []
        await it.app.run_action("screenshot")
        assert not it.app.ENABLE_COMMAND_PALETTE
    assert list(tmp_path.iterdir()) == []


def test_variables_of_textual_are_dropped() -> None:
    env = {
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_LOG": "/x",
        "TEXTUAL_PRESS": "s",
        "TEXTUAL_THEME": "x",
        "TERM": "xterm",
        "TEXTUAL_ANIMATIONS": "full",
    }
    terminal.settle(env)
    assert env == {"TERM": "xterm", "TEXTUAL_ANIMATIONS": "none"}


class Tty:
    """A standard stream."""

    def __init__(self, tty: bool, encoding: str = "utf-8") -> None:
        self._tty, self.encoding = tty, encoding

    def isatty(self) -> bool:
        return self._tty


def test_poor_terminals_are_refused_before_anything_is_drawn() -> None:
    yes, no = Tty(True), Tty(False)
    assert terminal.refusal({"TERM": "xterm"}, yes, yes) is None
    assert terminal.refusal({"TERM": "linux"}, yes, yes) is None
    for stdin, stderr in ((no, yes), (yes, no), (None, yes), (yes, None)):
        assert terminal.refusal({"TERM": "xterm"}, stdin, stderr) == "no-terminal"
    assert terminal.refusal({"TERM": "dumb"}, yes, yes) == "dumb-terminal"
    assert terminal.refusal({}, yes, yes) == "dumb-terminal"
    assert terminal.speaks_utf8(Tty(True, "UTF-8"))
    assert not terminal.speaks_utf8(Tty(True, "iso8859-9"))
    assert terminal.in_utf8({"PYTHONUTF8": "1"}) == "not-utf8"


def test_no_drawing_call_is_given_a_bare_text() -> None:
    """A bare `str` is parsed as markup: words go through `said`, `Content` or lines."""
    wrong = []
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name not in DRAWING or not node.args:
                continue
            first = node.args[0]
            fine = isinstance(first, ast.Call) and getattr(first.func, "id", getattr(first.func, "attr", "")) in (
                "said",
                "Content",
                "_line",
            )
            empty = isinstance(first, ast.Constant) and first.value == ""
            if not (fine or empty) and not (name == "update" and isinstance(first, ast.Name)):
                wrong.append(f"{path.name}:{node.lineno} {name}")
    assert not wrong, wrong
    assert Static


def test_toasts_are_never_markup() -> None:
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "notify":
                assert path.name == "safeapp.py", f"{path.name}:{node.lineno}: say it with `tell`"
                assert any(k.arg == "markup" and isinstance(k.value, ast.Constant) and k.value.value is False for k in node.keywords)


def test_the_front_stands_on_the_door_alone() -> None:
    for path in sorted(HOME.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [one.name for one in node.names]
                if isinstance(node, ast.Import)
                else [str(node.module)]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                assert not name.startswith(("core.", "kvkk_cli", "sqlalchemy", "lxml", "typer")), f"{path.name}:{node.lineno}: {name}"


@pytest.mark.parametrize("width", [1, 2, 7, 20, 80])
@pytest.mark.parametrize(
    "value", ["", "a", "word " * 30, "漢字" * 30, "x" * 500, "A\x1b[31m\r\nB\x00", "e" + "\u0301" * 300, "é" * 90, None, 12]
)
def test_text_fits_its_cells_whatever_it_is(value: object, width: int) -> None:
    from rich.cells import cell_len

    assert cell_len(exactly(value, width)) == width
    assert cell_len(fit(value, width)) <= width
    for line in wrap(value, max(width, 12)):
        assert cell_len(line) <= max(width, 12)
        assert "\x1b" not in line


@pytest.mark.parametrize("width", [20, 33, 80, 140])
def test_documents_never_leave_their_width(width: int) -> None:
    from rich.cells import cell_len

    lines = Lines(width)
    lines.title("A title that is rather long for a small window, and goes on")
    lines.fields((("Label", "value " * 30), ("A much longer label than that", "漢字" * 40, "bad")))
    lines.table(("One", "Two", "Three"), [("a" * 50, "12", "because " * 20), ("b", "3", "")], right=(1,))
    lines.document("  indented " + "text " * 40 + "\n\nEnd")
    assert all(cell_len("".join(piece.text for piece in line)) <= width for line in lines.lines)


def test_the_environment_of_the_tests_is_settled() -> None:
    assert os.environ["TEXTUAL_ANIMATIONS"] == "none"
