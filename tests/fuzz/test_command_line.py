"""Whatever is typed behind `kvkk`, it ends with a known exit code and a sentence; under --json with one envelope."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import Exit
from kvkk_cli.commands import COMMANDS
from kvkk_cli.examples import EXAMPLES

ROOT = Path(__file__).parents[2]
INTERACTIVE = ("tui", "demo", "panel", "completion")
"""What opens a screen or serves until it is stopped, or writes into the home folder."""
VERBS = sorted(path for path in EXAMPLES if path.split()[:1] and path.split()[0] not in INTERACTIVE)
OPTIONS = sorted({word for lines in EXAMPLES.values() for line, _ in lines for word in line.split() if word.startswith("-")})
VALUES = [
    "3",
    "5",
    "0",
    "-1",
    "9" * 30,
    "٣",
    "",
    " ",
    "-",
    "--",
    "on",
    "açık",
    "ali@ornek.example",
    "phone:+905",
    "2026-02-31",
    "\x1b[31m",
    "a" * 300,
]
ODD = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12)
WORDS = st.lists(st.sampled_from(VALUES) | st.sampled_from(OPTIONS) | ODD, max_size=5)


@pytest.fixture(scope="module")
def called() -> Any:
    """`called(argv, stdin)` in a world of its own, on a copy of the sample."""
    spec = importlib.util.spec_from_file_location("cli_conftest", ROOT / "tests/cli/conftest.py")
    assert spec is not None
    assert spec.loader is not None
    rooms = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = rooms
    spec.loader.exec_module(rooms)

    def call(argv: list[str], stdin: str) -> Any:
        with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            shutil.copyfile(ROOT / "sample.db", folder / "copy.db")
            (folder / "copy.db").chmod(0o600)
            patch.setenv("KVKK_DB", str(folder / "copy.db"))
            patch.setenv("KVKK_KEY_FILE", str(folder / "own.key"))
            patch.setenv("HOME", name)
            patch.setenv("XDG_CONFIG_HOME", name)
            patch.setenv("EDITOR", "true")
            patch.chdir(folder)
            out, err = rooms.Stream(), rooms.Stream()

            def output(options: Any) -> Any:
                return rooms.Output(out, err, rooms.Stream(stdin), as_json=options.as_json, quiet=options.quiet, env={"NO_COLOR": "1"})

            return rooms.Ran(int(rooms.main(argv, output)), out.text(), err.text())

    return call


def test_the_verbs_are_those_of_the_program() -> None:
    assert {verb.split()[0] for verb in VERBS} | set(INTERACTIVE) >= set(COMMANDS)


@settings(suppress_health_check=list(HealthCheck))
@given(verb=st.sampled_from(VERBS), words=WORDS, as_json=st.booleans(), stdin=st.sampled_from(["", "3\n", "x,y\n1,2\n", "\x00", "{}"]))
def test_any_words(called: Any, verb: str, words: list[str], as_json: bool, stdin: str) -> None:
    ran = called([*verb.split(), *words, *(["--json"] if as_json and "--" not in words else [])], stdin)
    assert ran.code in {int(code) for code in Exit}, ran
    assert "Traceback" not in ran.out + ran.err
    assert "\x1b" not in ran.out + ran.err
    if ran.code in (1, 2, 3, 4, 5, 6, 8, 9):
        assert ran.err or ran.out
