"""The console in a real terminal (a pty, read by a terminal emulator): it comes, goes, and leaves everything as it was."""

from __future__ import annotations

import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .accident import SECRET  # type: ignore[import-not-found]
from .line import RUN, Open, Terminal  # type: ignore[import-not-found]

SLACK_S = 6.0
"""A machine that runs tests beside this one is slow."""
ACCIDENT = Path(__file__).with_name("accident.py")


def test_it_comes_and_goes(open_console: Open) -> None:
    it = open_console(LC_ALL="C")  # as over SSH to a machine without locales
    it.shows("KVKK", "16 open", "? Help", "Çağrı Kaplan", "[/bold]‹U+001B›")  # a name of the sample would write on the terminal
    assert b"[/bold]\x1b" not in it.raw
    it.process.send("\r")
    it.shows("Requesting customer")
    it.process.send("q")
    it.shows("Time left")
    it.process.send("y")
    it.until(lambda: b"\x1b]52;c;" + b64encode(b"15") in it.raw)  # the number, and nothing of the person
    for _ in range(2):
        it.screen.reset()  # something else has written over everything
        it.process.send("\x0c")
        it.shows("KVKK", "16 open", "? Help")
    it.process.send("q")
    assert it.ended() == 0
    assert it.restored


def test_sigterm_leaves_a_sane_terminal_and_143(open_console: Open) -> None:
    it = open_console()
    it.shows("16 open")
    it.process.kill(signal.SIGTERM)
    assert it.ended() == 143
    assert it.restored


def test_a_crash_shows_a_reference_and_gives_the_terminal_back(sample_url: str, env: dict[str, str]) -> None:
    it = Terminal([str(ACCIDENT), "crash", "--db", sample_url, "tui"], env, (100, 24))
    it.shows("16 open")
    it.process.send("\x0c")
    assert it.ended() == 1
    assert it.restored
    told = " ".join(it.raw.decode().rpartition("\x1b[?1049l")[2].split())
    assert re.search(r"reference [0-9a-f]{8}: ValueError at tests/tui/accident.py:\d+", told)
    assert "rolled back whole" in told
    for leak in (SECRET, "about", "identity", "Traceback"):
        assert leak not in it.raw.decode()


def test_a_terminal_that_takes_no_more_output_does_not_keep_it_alive(sample_url: str, env: dict[str, str]) -> None:
    """SIGTERM while nobody reads: leaving in order would block for ever."""
    it = Terminal([str(ACCIDENT), "hasty", "--db", sample_url, "tui"], env, (200, 60))
    it.shows("16 open")
    it.process.send("?\x1b" * 60)
    time.sleep(0.3)  # by now it stands in front of a full line
    it.process.kill(signal.SIGTERM)
    assert it.waited() == 143


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
    it.until(lambda: it.given_back("screen", "cursor", "mouse"))
    it.screen.reset()
    it.process.kill(signal.SIGCONT)
    it.shows("KVKK", "16 open", "? Help")
    it.process.send("\x1a")
    it.until(lambda: it.given_back("screen", "cursor", "mouse"))
    assert it.lose_line() == -signal.SIGHUP  # one that sleeps is not left behind either


@pytest.mark.parametrize(
    "variables",
    [{"TERM": "linux"}, {"TERM": "screen"}, {"TERM": "vt100"}, {"NO_COLOR": "1"}, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}],
    ids=lambda variables: "-".join(variables.values()),
)
def test_poor_and_rich_terminals_show_the_same_words(open_console: Open, variables: dict[str, str]) -> None:
    it = open_console(**variables)
    it.shows("KVKK", "overdue", "Customer", "Çağrı Kaplan", "? Help")
    assert not it.unreadable
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
    for width, height in ((30, 8), (0, 0), (1, 1), (59, 16)):
        it.resize(width, height)
    it.shows("too small: 59×16")
    it.resize(140, 40)
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


def test_stderr_into_a_file_is_refused_and_gets_words_only(sample_url: str, env: dict[str, str], tmp_path: Path) -> None:
    """Textual draws on stderr: it would hang for ever, with pictures of people's data in the file."""
    log = tmp_path / "log"
    it = Terminal(["-c", f"exec {sys.executable} {' '.join(RUN)} {sample_url} tui 2>{log}"], env, program="/bin/sh")
    assert it.ended() == 2
    assert "needs a terminal" in log.read_text(encoding="utf-8")
    assert b"\x1b" not in log.read_bytes() + it.raw


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
    it.process.send("\r")
    assert came(1.0) < 20_000  # the magnifier; Textual paints it twice
    it.shows("Requesting customer")
    it.process.send("\x1b")
    assert came(1.0) < 9000
    it.shows("Time left")
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


@pytest.fixture
def tmux(env: dict[str, str]) -> Iterator[Callable[..., str]]:
    """A tmux server of this test's own."""
    program = shutil.which("tmux")
    if program is None:
        pytest.skip("tmux is not installed")
    server = [program, "-L", f"kvkk-test-{secrets.token_hex(4)}", "-f", "/dev/null"]

    def call(*arguments: str, check: bool = True) -> str:
        return subprocess.run([*server, *arguments], env=env, check=check, capture_output=True, text=True, timeout=30).stdout

    call.server = server[1:]  # type: ignore[attr-defined]
    yield call
    call("kill-server", check=False)


def test_it_lives_on_in_tmux_when_the_line_drops(tmux: Any, sample_url: str, env: dict[str, str]) -> None:
    """Drawn right, under another TERM, at every size; the window is left and come back to."""

    def shows(*texts: str) -> None:
        for _ in range(200):
            screen = tmux("capture-pane", "-p", "-t", "desk", check=False)
            if all(text in screen for text in texts):
                return
            time.sleep(0.1)
        pytest.fail(f"waited in vain for {texts}\n{screen}")

    tmux("new-session", "-d", "-s", "desk", "-x", "80", "-y", "24", sys.executable, *RUN, sample_url, "tui")
    shows("KVKK", "16 open", "Çağrı Kaplan", "? Help")
    assert tmux("display-message", "-p", "-t", "desk", "#{pane_title}").strip() == "KVKK"
    for size, words in (("60x15", "too small: 60×15"), ("140x40", "Requesting customer")):
        width, _, height = size.partition("x")
        tmux("resize-window", "-t", "desk", "-x", width, "-y", height)
        shows(words)
    client = Terminal([*tmux.server, "attach", "-t", "desk"], {**env, "LC_ALL": "C.UTF-8"}, (140, 41), program=shutil.which("tmux"))
    client.shows("16 open", "Çağrı Kaplan")
    client.lose_line()
    tmux("send-keys", "-t", "desk", "j")
    shows("Mustafa Köse (")  # the magnifier follows
    tmux("send-keys", "-t", "desk", "q")
    for _ in range(100):
        if not tmux("list-sessions", check=False):
            return
        time.sleep(0.1)
    pytest.fail("it did not leave")
