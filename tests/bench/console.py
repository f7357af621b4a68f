"""The console's figures: opening against a bare Textual app, and a million requests against fifty.

`python -m tests.bench.console [REQUESTS]` from the project's folder. Only ratios inside one run count.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pexpect

from tests.bench import company

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 24)
BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("READY")
Bare().run()
"""
STARTS = 9


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def make(path: Path, requests: int) -> None:
    """A company with as many customers as requests; services and invoices of the first thousand."""
    conn = sqlite3.connect(path)
    conn.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + company.SCHEMA)
    names = ("Ayşe", "Işıl", "Çağrı", "Şükrü", "İrem", "Mehmet", "Zeynep")
    people = (
        (i, names[i % 7], f"Işık{i % 9973}", f"m{i:07d}@example.org", f"+90512{i:07d}", "hash", "active") for i in range(1, requests + 1)
    )
    conn.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?)", people)
    owned = [(i % 1000 + 1, f"alan{i}.example", "active") for i in range(2000)]
    conn.executemany("INSERT INTO services (customer_id, domain, status) VALUES (?, ?, ?)", owned)
    conn.commit()
    conn.close()
    path.chmod(0o600)


def file(path: Path, requests: int) -> None:
    """As many open requests, straight into our table."""
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA synchronous=OFF")
    received, due = ([(DAY + timedelta(i)).isoformat() for i in span] for span in (range(-25, 0), range(-8, 32)))
    kinds = ("anonymise", "erase", "erase")
    rows = ((str(i), str(i), kinds[i % 3], received[i % 25], due[i % 40]) for i in range(1, requests + 1))
    conn.executemany(
        "INSERT INTO kvkk_requests (customer, open_customer, kind, received_on, due_on, regime, channel, state, version, filed_at,"
        " filed_by, blacklisted) VALUES (?, ?, ?, ?, ?, 'kvkk', 'panel', 'pending', 1, '2026-11-01 00:00:00.000000', 'x@y', 0)",
        rows,
    )
    conn.execute("ANALYZE")
    conn.commit()
    conn.close()


def database(folder: Path, requests: int) -> Path:
    """The company with its requests, and our tables."""
    from core import open_desk

    path, map_ = folder / f"c{requests}.db", folder / "map.toml"
    map_.write_text(company.MAP, encoding="utf-8")
    make(path, requests)
    with open_desk(str(path), str(map_), {}, folder) as desk:
        desk.upkeep.init(desk.actor, str(map_))
    file(path, requests)
    return path


class Line:
    """A console at the other end of a line: what it draws is counted."""

    def __init__(self, arguments: list[str]) -> None:
        env = {**os.environ, "TERM": "xterm-256color", "KVKK_LANG": "en", "PYTHONPATH": str(ROOT), "TEXTUAL_ANIMATIONS": "none"}
        self.begun = time.perf_counter()
        self.process = pexpect.spawn(sys.executable, arguments, env=env, dimensions=(24, 80), timeout=60, encoding=None)
        self.seen = b""

    def until(self, *signs: bytes) -> float:
        """Seconds until one of these is on the screen."""
        while not any(sign in self.seen for sign in signs):
            self.seen += self.process.read_nonblocking(65536, 60)
        return time.perf_counter() - self.begun

    def quiet(self, seconds: float = 0.4) -> bytes:
        """What comes until nothing more does."""
        came = b""
        try:
            while True:
                came += self.process.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            return came

    def key(self, key: str) -> int:
        """Bytes that one key brings over the line."""
        self.process.send(key)
        return len(self.quiet())

    def close(self) -> None:
        self.process.close(force=True)


def started(arguments: list[str], sign: str) -> tuple[float, float, int]:
    """(seconds until the sign is on the screen, until the head of the table, bytes of the whole opening)"""
    line = Line(arguments)
    frame = line.until(b"Customer", sign.encode())
    rows = line.until(sign.encode())
    size = len(line.seen) + len(line.quiet())
    line.close()
    return rows, frame, size


KEYS = {"down": "j", "PageDown": "\x1b[6~", "mark": " ", "magnifier": "\r", "back": "\x1b", "help": "?", "nothing for a second": ""}


def over_the_line(database: Path) -> None:
    """Bytes of single keys, median of five where a key can be pressed again."""
    line = Line(["-m", "kvkk_cli", "--db", str(database), "tui"])
    line.until(b"overdue")
    line.quiet(1.5)
    for name, key in KEYS.items():
        sizes = [line.key(key) for _ in range(5 if name in ("down", "PageDown", "mark") else 1)]
        say(f"  {name:24s} {statistics.median(sizes):8.0f} bytes")
    line.close()


def openings(small: Path, large: Path) -> None:
    kinds = {
        "bare Textual app": (["-c", BARE], "READY"),
        "console, 50 requests": (["-m", "kvkk_cli", "--db", str(small), "tui"], "overdue"),
        "console, many requests": (["-m", "kvkk_cli", "--db", str(large), "tui"], "overdue"),
    }
    times: dict[str, list[tuple[float, float, int]]] = {name: [] for name in kinds}
    for _ in range(STARTS):
        for name, (arguments, sign) in kinds.items():
            times[name].append(started(arguments, sign))
    floor = statistics.median(t[0] for t in times["bare Textual app"])
    for name, found in times.items():
        rows, frame, size = (statistics.median(t[i] for t in found) for i in range(3))
        frames, shown = f"frame {frame * 1000:6.0f} ms ({frame / floor:4.2f})", f"rows {rows * 1000:6.0f} ms ({rows / floor:4.2f})"
        say(f"{name:26s} {frames}  {shown}  {size:8.0f} bytes")


async def within(path: Path, folder: Path) -> None:
    """Keys in a console that is open: median and worst until the rows of the screen are there."""
    from core import open_desk
    from kvkk_tui.app import Console

    with open_desk(str(path), str(folder / "map.toml"), {}, folder) as desk:
        app = Console(desk)
        async with app.run_test(size=(80, 24)) as pilot:
            while not app.opened:
                await pilot.pause(0.01)
            screen: Any = app.screen
            grid = screen.grid
            while grid.total <= len(grid.rows) and screen.pages.tally is None:
                await pilot.pause(0.01)

            def whole() -> bool:
                top = round(grid.scroll_y)
                return all(grid.at(i) is not None for i in range(top, min(top + grid.page, grid.total)))

            async def timed(name: str, act: Callable[[], Awaitable[None] | None], times: int) -> None:
                taken = []
                for _ in range(times):
                    begun = time.perf_counter()
                    done = act()
                    if done is not None:
                        await done
                    while not whole():
                        await asyncio.sleep(0.001)
                    taken.append(time.perf_counter() - begun)
                    await pilot.pause(0.02)
                say(f"  {name:24s} p50 {statistics.median(taken) * 1000:7.1f} ms   worst {max(taken) * 1000:7.1f} ms")

            await timed("PageDown", lambda: grid.action_turn(1), 100)
            await timed("End, Home", lambda: grid.action_last() if grid.cursor == 0 else grid.action_first(), 20)
            places = iter(range(1, 30))
            await timed("jump with the bar", lambda: grid.scroll_to(y=grid.total * next(places) // 30, animate=False, immediate=True), 20)
            actor = desk.actor
            for text in ("m0000777", "Ayşe Işık77", str(grid.total // 2)):
                from core import RequestFilter

                begun = time.perf_counter()
                found = desk.requests.list(actor, RequestFilter(search=text, counted=False))
                say(f"  search {text:17s} {(time.perf_counter() - begun) * 1000:9.1f} ms, {len(found.rows)} rows")
            begun = time.perf_counter()
            desk.requests.tally(actor, RequestFilter())
            say(f"  tally                    {(time.perf_counter() - begun) * 1000:9.1f} ms")
    say(f"  memory at its highest    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:9.1f} MB")


def main(requests: int) -> None:
    from kvkk_tui import terminal

    terminal.settle(os.environ)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, large = database(folder, 50), database(folder, requests)
        openings(small, large)
        say("keys at 80×24:")
        over_the_line(small)
        for path in (small, large):
            say(f"{path.name}:")
            asyncio.run(within(path, folder))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
