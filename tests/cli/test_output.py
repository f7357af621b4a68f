"""What is written where: tables for people, lines for pipes, one envelope for programs; nothing a customer wrote is obeyed."""

from __future__ import annotations

import ast
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvkk_cli.output import Cell, Output, standard

from .conftest import ESC, ROOT, Stream  # type: ignore[import-not-found]

HOSTILE = [
    "\x1b]52;c;aGk=\x07",
    "[/",
    "[/bold]",
    "[link=http://x]y",
    "Order [12345]",
    "Ali\nSTATUS: ERASED OK",
    "\r",
    "a" + "\u0301" * 300,
    ":smile:",
]


def made(*, tty: bool = False, answer: str = "", **more: bool) -> Output:
    return Output(Stream(tty=tty), Stream(tty=tty), Stream(answer, tty=tty), env={"NO_COLOR": "1"}, **more)


def text(stream: object) -> str:
    assert isinstance(stream, Stream)
    return stream.text()


@pytest.mark.parametrize("tty", [True, False])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_shown(name: str, tty: bool) -> None:
    out = made(tty=tty)
    out.table(("Name", "Key"), [(name, "1"), ("Ali", "2")])
    out.fields((("Name", name),))
    out.sentence(name)
    out.say(name)
    out.fail("x", name, name, {})
    drawn = text(out.stdout) + text(out.stderr)
    assert ESC not in drawn.replace("\x1b[0m", "").replace("\x1b[1m", "")
    assert "\r" not in drawn
    assert "\nSTATUS" not in drawn


@given(st.lists(st.tuples(st.text(st.characters(codec=None), max_size=80), st.text(max_size=20)), max_size=4))
def test_a_pipe_gets_one_line_a_row(rows: list[tuple[str, str]]) -> None:
    out = made()
    out.table(("a", "b"), rows)
    lines = text(out.stdout).split("\n")[:-1]
    assert len(lines) == len(rows)
    assert all(line.count("\t") == 1 for line in lines)


def test_a_pipe_gets_words_for_scripts_and_no_heading() -> None:
    out = made()
    out.table(("Tür",), [("Verilerin yok edilmesi",)], [("erase",)])
    assert text(out.stdout) == "erase\n"


def test_no_colour_without_a_terminal_or_with_no_color() -> None:
    out = made()
    out.table(("a",), [(Cell("x", "bold red"),)])
    assert text(out.stdout) == "x\n"
    drawn = made(tty=True)
    drawn.table(("a",), [(Cell("x", "red"),)])
    assert "\x1b[31m" not in text(drawn.stdout)


def test_quiet_leaves_out_talk_but_no_warning() -> None:
    out = made(quiet=True)
    out.say("talk")
    out.warn("warning")
    assert text(out.stderr) == "warning\n"


def test_the_envelope_is_one_line_of_ascii() -> None:
    out = made(as_json=True)
    out.show({"name": "Ali\n\x1b\udc9f İ"}, lambda: pytest.fail("people were not asked"))
    out.envelope("customers show", 0)
    line = text(out.stdout)
    assert line.isascii()
    assert line.count("\n") == 1
    assert json.loads(line) == {
        "version": 1,
        "command": "customers show",
        "status": 0,
        "data": {"name": "Ali\n\x1b\udc9f İ"},
        "errors": [],
    }


@pytest.mark.parametrize(("answer", "yes"), [("e", True), ("Evet", True), ("y", True), ("yes", True), ("h", False), ("", False)])
def test_a_question_is_answered_in_both_languages(answer: str, yes: bool) -> None:
    assert made(tty=True, answer=answer + "\n").confirm("Sure?") is yes


def test_nothing_is_asked_without_a_terminal() -> None:
    out = made(answer="yes\n12\n")
    assert not out.confirm("Sure?")
    assert not out.ask_number("Number:", 12)
    assert text(out.stderr) == ""


def test_the_number_must_be_typed_exactly() -> None:
    assert made(tty=True, answer="12\n").ask_number("Number:", 12)
    assert not made(tty=True, answer="yes\n").ask_number("Number:", 12)


def test_only_output_writes_to_the_streams() -> None:
    """`print`, `sys.stdout`, `sys.stderr` and Typer's echo stand in output.py alone; the process end may flush them."""
    for path in sorted((ROOT / "kvkk_cli").glob("*.py")):
        allowed = {"output.py": {"stdout", "stderr", "stdin"}, "app.py": {"stdout", "stderr"}}.get(path.name, set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"print", "input"}, path
            if isinstance(node, ast.Attribute) and node.attr in {"echo", "secho", "confirm", "prompt"}:
                assert not (isinstance(node.value, ast.Name) and node.value.id in {"typer", "_click"}), path
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys":
                assert node.attr in allowed | {"argv", "exit"}, f"{path}:{node.lineno}"


def test_fronts_come_in_by_the_front_door() -> None:
    """`from core import name`, never a room of core; sqlalchemy and lxml are not known here."""
    for path in sorted(Path(ROOT, "kvkk_cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names.append(node.module)
            assert not [n for n in names if n.startswith("core.") or n.split(".")[0] in {"sqlalchemy", "lxml"}], path


@pytest.mark.parametrize("given", [b"caf\xe9\n", b"\xff\xfe1\x00\n"])
def test_input_in_another_encoding_is_a_wrong_value_and_no_failure(given: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python is strict there in most languages, and lenient in C.UTF-8, where tests run."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8", errors="strict"))
    assert standard(as_json=False, quiet=True, env={}).read_line() == given.rstrip(b"\n").decode("utf-8", "surrogateescape")


def test_a_byte_order_mark_before_the_input_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf28\r\n31\r\n"), encoding="UTF-8"))
    assert list(standard(as_json=False, quiet=True, env={}).lines()) == ["28\n", "31\n"]
