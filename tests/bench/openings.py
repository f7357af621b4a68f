"""How soon a console stands on the screen, in time and in processor time, and what it sends over the line.

Each round starts every program once, so that all share what the machine has at that time; the best of the rounds counts.
Byte code is made first: an installed program has it.
"""

from __future__ import annotations

import compileall
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pexpect

ROOT = Path(__file__).parents[2]
BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("READY")
Bare().run()
"""
TABLE = """
from textual.app import App
from textual.widgets import DataTable
class Table(App):
    def compose(self):
        yield DataTable()
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("No", "Customer", "Type", "Received", "Time left", "State")
        for number in range(50):
            table.add_row(str(number), "Ayşe Işık", "READY", "2026-11-01", "3 days", "Pending")
Table().run()
"""
QUIET_MOST_S = 3.0
KEYS = {"down": "j", "PageDown": "\x1b[6~", "mark": " ", "magnifier": "\r", "back": "\x1b", "help": "?", "nothing for a second": ""}
SEVERAL = ("down", "PageDown", "mark")


@dataclass(frozen=True)
class Program:
    """What is started, what tells that its first frame is there, and what tells that its contents are."""

    command: Sequence[str]
    frame: bytes
    rows: bytes


@dataclass(frozen=True)
class Opened:
    """One start, in seconds and bytes; `cpu` is that of the process alone."""

    frame: float
    rows: float
    cpu: float
    size: int


class Line:
    """A program at the other end of a line: what it draws is counted."""

    def __init__(self, command: Sequence[str]) -> None:
        env = {**os.environ, "TERM": "xterm-256color", "KVKK_LANG": "en", "PYTHONPATH": str(ROOT), "TEXTUAL_ANIMATIONS": "none"}
        self.begun = time.perf_counter()
        self.process = pexpect.spawn(command[0], list(command[1:]), env=env, dimensions=(24, 80), timeout=60, encoding=None)
        self.seen = b""

    def until(self, *signs: bytes) -> float:
        """Seconds until one of these is on the screen."""
        while not any(sign in self.seen for sign in signs):
            self.seen += self.process.read_nonblocking(65536, 60)
        return time.perf_counter() - self.begun

    def quiet(self, seconds: float = 0.4) -> bytes:
        """What comes until nothing more does; some programs never are quiet."""
        came, end = b"", time.monotonic() + QUIET_MOST_S
        try:
            while time.monotonic() < end:
                came += self.process.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            pass
        return came

    @property
    def cpu(self) -> float:
        """Seconds of processor time of all its threads until now."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9

    def key(self, key: str) -> int:
        """Bytes that one key brings over the line."""
        self.process.send(key)
        return len(self.quiet())

    def close(self) -> None:
        self.process.close(force=True)


def started(program: Program) -> Opened:
    """Start it once and end it."""
    line = Line(program.command)
    frame = line.until(program.frame, program.rows)
    rows, cpu = line.until(program.rows), line.cpu
    size = len(line.seen) + len(line.quiet())
    line.close()
    return Opened(frame, rows, cpu, size)


def console(database: Path) -> Program:
    """Ours."""
    return Program((sys.executable, "-m", "kvkk_cli", "--db", str(database), "tui"), b"Customer", b"overdue")


def programs(small: Path, large: Path, peers: Mapping[str, str], folder: Path) -> dict[str, Program]:
    """The floor first, ours, then the other consoles: `toolong` on a log of 50 lines, `harlequin` on the small database."""
    log = folder / "fifty.log"
    log.write_text("".join(f"2026-11-24 10:00:{i:02d} READY\n" for i in range(50)), encoding="utf-8")
    known = {
        "toolong": Program((peers.get("toolong", ""), str(log)), b"READY", b"READY"),
        "harlequin": Program((peers.get("harlequin", ""), "-a", "sqlite", str(small)), b"Query Editor", b"main"),
    }
    return {
        "bare Textual app": Program((sys.executable, "-c", BARE), b"READY", b"READY"),
        "the same, DataTable of 50": Program((sys.executable, "-c", TABLE), b"READY", b"READY"),
        "console, 50 requests": console(small),
        "console, many requests": console(large),
        **{name: known[name] for name in peers},
    }


def openings(found: Mapping[str, Program], rounds: int, say: Callable[[str], None]) -> None:
    """Prints the best of the rounds, and the ratio to the first program."""
    for room in ("core", "kvkk_cli", "kvkk_tui"):
        compileall.compile_dir(ROOT / room, quiet=1)
    times: dict[str, list[Opened]] = {name: [] for name in found}
    for _ in range(rounds):
        for name, program in found.items():
            times[name].append(started(program))
    floor = best(next(iter(times.values())))
    for name, all_ in times.items():
        one = best(all_)
        parts = [
            f"{what} {value * 1000:5.0f} ms ({value / under:4.2f})"
            for what, value, under in (("frame", one.frame, floor.frame), ("rows", one.rows, floor.rows), ("cpu", one.cpu, floor.cpu))
        ]
        say(f"{name:26s} {'  '.join(parts)}  {one.size:7d} bytes")


def best(found: Sequence[Opened]) -> Opened:
    """The least of each."""
    return Opened(
        *(min(getattr(one, field) for one in found) for field in ("frame", "rows", "cpu")), statistics.median_low([o.size for o in found])
    )


def over_the_line(database: Path, say: Callable[[str], None]) -> None:
    """Bytes of single keys, median of five where a key can be pressed again."""
    line = Line(console(database).command)
    line.until(b"overdue")
    line.quiet(1.5)
    for name, key in KEYS.items():
        sizes = [line.key(key) for _ in range(5 if name in SEVERAL else 1)]
        say(f"  {name:24s} {statistics.median(sizes):8.0f} bytes")
    line.close()
