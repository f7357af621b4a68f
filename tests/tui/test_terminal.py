"""The console in a real terminal (a pty, read by a terminal emulator): it comes, goes, and leaves everything as it was."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .line import RUN, Open, Terminal  # type: ignore[import-not-found]

SLACK_S = 6.0
"""A machine that runs tests beside this one is slow."""


def test_it_comes_and_goes(open_console: Open) -> None:
    it = open_console()
    it.shows("KVKK", "16 open", "? Help")
    it.process.send("\r")
    it.shows("Requesting customer")
    it.process.send("q")
    it.shows("Time left")
    it.process.send("q")
    assert it.ended() == 0
    assert it.restored


def test_sigterm_leaves_a_sane_terminal_and_143(open_console: Open) -> None:
    it = open_console()
    it.shows("16 open")
    it.process.kill(signal.SIGTERM)
    assert it.ended() == 143
    assert it.restored


def test_a_lost_line_ends_the_process_by_sighup(open_console: Open) -> None:
    it = open_console()
    it.shows("16 open")
    it.process.kill(signal.SIGHUP)
    assert it.ended() == -signal.SIGHUP


def test_ctrl_c_does_not_leave_and_says_how(open_console: Open) -> None:
    it = open_console()
    it.shows("16 open")
    it.process.send("\x03")
    it.shows("Ctrl+Q")
    it.process.send("\x11")
    assert it.ended() == 0


def test_it_comes_back_whole_after_suspend(open_console: Open) -> None:
    it = open_console()
    it.shows("16 open")
    it.process.send("\x1a")
    it.until(lambda: b"\x1b[?1049l" in it.raw)
    it.screen.reset()
    it.process.kill(signal.SIGCONT)
    it.shows("KVKK", "16 open", "? Help")
    it.process.send("q")
    it.ended()


@pytest.mark.parametrize(
    "variables",
    [{"TERM": "linux"}, {"TERM": "screen"}, {"TERM": "vt100"}, {"NO_COLOR": "1"}, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}],
    ids=lambda variables: "-".join(variables.values()),
)
def test_poor_and_rich_terminals_show_the_same_words(open_console: Open, variables: dict[str, str]) -> None:
    it = open_console(**variables)
    it.shows("KVKK", "overdue", "Customer", "? Help")
    if "NO_COLOR" in variables:
        assert not re.search(rb"\x1b\[[0-9;]*38;5;(?!2[3-5])", it.raw)
    if variables.get("TERM") == "linux":
        assert b"38;2;" not in it.raw
        assert b"38;5;" not in it.raw
    it.process.send("q")
    assert it.ended() == 0


def test_variables_of_textual_do_nothing(open_console: Open, tmp_path: Path) -> None:
    shot = {"TEXTUAL_SCREENSHOT": "0", "TEXTUAL_SCREENSHOT_LOCATION": str(tmp_path)}
    it = open_console(TEXTUAL_LOG=str(tmp_path / "log"), TEXTUAL_PRESS="q", **shot)
    it.shows("16 open")
    it.process.send("q")
    assert it.ended() == 0
    assert list(tmp_path.iterdir()) == []


def test_it_works_without_a_mouse_and_in_a_small_window(open_console: Open) -> None:
    it = open_console("--no-mouse", size=(60, 16))
    it.shows("KVKK", "Customer")
    assert b"\x1b[?1000h" not in it.raw
    it.process.setwinsize(40, 140)
    it.screen.resize(40, 140)
    it.shows("Requesting customer")
    it.process.send("q")
    it.ended()


@pytest.mark.parametrize(("variables", "words"), [({}, "needs a terminal"), ({"TERM": "dumb"}, "needs a terminal")])
def test_without_a_terminal_it_says_so_and_ends(sample_url: str, env: dict[str, str], variables: dict[str, str], words: str) -> None:
    arguments = [sys.executable, *RUN, sample_url, "tui"]
    done = subprocess.run(arguments, env={**env, **variables}, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert b"\x1b" not in done.stderr + done.stdout


def test_a_dumb_terminal_is_refused(open_console: Open) -> None:
    it = open_console(TERM="dumb")
    assert it.ended() == 2
    assert b"cannot show the console" in it.raw
    assert b"\x1b" not in it.raw


def test_another_encoding_is_changed_to_utf8_once(open_console: Open) -> None:
    it = open_console(PYTHONIOENCODING="iso8859-9")
    assert it.ended() == 2
    assert b"UTF-8" in it.raw
    it = open_console(PYTHONUTF8="0", LC_ALL="C", PYTHONCOERCECLOCALE="0")
    it.shows("KVKK", "16 open")
    it.process.send("q")
    assert it.ended() == 0


def test_a_database_that_is_not_there_is_told_on_the_plain_terminal(env: dict[str, str], tmp_path: Path) -> None:
    it = Terminal([*RUN, str(tmp_path / "none.db"), "tui"], env)
    assert it.ended() in (2, 9)
    assert b"Error:" in it.raw
    assert b"Traceback" not in it.raw
    assert it.restored
    assert not (tmp_path / "none.db").exists()


def test_the_demo_opens_the_console_on_a_copy_and_leaves_with_what_to_try_next(env: dict[str, str], tmp_path: Path) -> None:
    it = Terminal(["-m", "kvkk_cli", "demo"], {**env, "TMPDIR": str(tmp_path)}, (100, 30))
    it.shows("KVKK", "sample.db", "16 open", "Made-up people")
    it.process.send("q")
    assert it.ended() == 0
    assert it.restored
    told = it.raw.decode().rpartition("\x1b[?1049l")[2]
    assert "Try it yourself" in told
    database = next(tmp_path.glob("kvkk-demo-*/sample.db"))
    command = f"--db {database} resolve"
    assert command in told.replace("\r\n", "")


def test_the_demo_tells_the_job_where_the_console_cannot_be_shown(env: dict[str, str], tmp_path: Path) -> None:
    variables = {**env, "TMPDIR": str(tmp_path)}
    for more, extra in (([], {"TERM": "dumb"}), (["--no-console"], {})):
        it = Terminal(["-m", "kvkk_cli", "demo", *more], {**variables, **extra}, (100, 30))
        assert it.ended() == 0
        assert b"kvkk requests show" in it.raw
        assert b"\x1b[?1049h" not in it.raw


def test_little_goes_over_the_line(open_console: Open) -> None:
    """Opening, one key, and nothing at all while nothing happens; twice what was measured (BENCHMARKS.md)."""

    def came(seconds: float) -> int:
        before = len(it.raw)
        it.read(seconds)
        return len(it.raw) - before

    it = open_console()
    it.shows("16 open", "Çağrı Kaplan")
    came(1.5)
    assert len(it.raw) < 30_000
    keys = []
    for _ in range(4):
        it.process.send("j")
        keys.append(came(1.0))
    assert 0 < min(keys) < 800  # two rows; the first key also brings what can be done with the request
    assert max(keys) < 3000
    assert came(3.0) == 0


def test_a_request_of_another_process_rings_within_two_seconds(open_console: Open, sample_url: str, env: dict[str, str]) -> None:
    """Badge, toast, bell and title, without a key."""
    it = open_console()
    it.shows("16 open")
    it.read(1.5)
    before = len(it.raw)
    add = [sys.executable, *RUN, sample_url, "requests", "add", "250", "--erase"]
    subprocess.run(add, env=env, check=True, capture_output=True, timeout=60)
    filed = time.monotonic()
    it.shows("17 open", "● 1 new", "A new request")
    assert time.monotonic() - filed < 2 + SLACK_S
    assert b"\x07" in it.raw[before:]
    assert b"\x1b]2;(1) KVKK" in it.raw[before:]
    it.process.send("k")
    it.process.send("q")
    assert it.ended() == 0
