"""The console's figures: opening against a bare Textual app, and a million requests against fifty.

    python -m tests.bench.console [REQUESTS] [--rounds N] [--peer toolong=PROGRAM] [--peer harlequin=PROGRAM]

from the project's folder. Other consoles are no dependency of ours: install each in an environment of its own. Only ratios
inside one run count.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench import company, openings

if TYPE_CHECKING:
    from core import Desk

DAY = date(2026, 11, 24)
ROUNDS = 9
SCREEN = 20


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


def verbs(desk: Desk, total: int) -> None:
    """What the screen asks for, the best of five."""
    from core import RequestFilter

    def best(act: Callable[[], Any]) -> float:
        taken = []
        for _ in range(5):
            begun = time.perf_counter()
            act()
            taken.append(time.perf_counter() - begun)
        return min(taken) * 1000

    actor, first = desk.actor, RequestFilter(counted=False, limit=100)
    pages = [best(partial(desk.requests.list, actor, wanted)) for wanted in (first, replace(first, backwards=True))]
    say(f"  first page, last page    {pages[0]:9.1f} ms {pages[1]:9.1f} ms ({pages[1] / pages[0]:.2f})")
    for text in ("Ayşe", "Ayşe Işık77", "m0000777", str(total // 2), "nobody"):
        told = " ".join(f"{name} {took:7.0f} ms" for name, took in searched(desk, text).items())
        say(f"  search {text:17s} {told}")
    say(f"  pulse                    {best(partial(desk.requests.pulse, actor, total)):9.1f} ms")
    say(f"  counts of the first line {best(partial(desk.requests.tally, actor, RequestFilter())):9.1f} ms")


def searched(desk: Desk, text: str) -> dict[str, float]:
    """A search as the console makes it, stretch by stretch: milliseconds until the first hit, a screen of them, the end; the longest."""
    from core import Onward, RequestFilter

    wanted, onward, hits = RequestFilter(search=text), Onward(), 0
    took: dict[str, float] = {}
    begun, longest = time.perf_counter(), 0.0
    while onward is not None:
        last = time.perf_counter()
        found = desk.requests.search(desk.actor, wanted, onward)
        hits, onward = hits + len(found.hits), found.onward
        now = time.perf_counter()
        longest = max(longest, now - last)
        for name, least in (("first", 1), ("screen", SCREEN)):
            if hits >= least:
                took.setdefault(name, (now - begun) * 1000)
    return took | {"end": (now - begun) * 1000, "stretch": longest * 1000}


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
            for name, act in (("End", grid.action_last), ("Home", grid.action_first)) * 2:
                await timed(name, act, 1)
            places = iter(range(1, 30))
            await timed("jump with the bar", lambda: grid.scroll_to(y=grid.total * next(places) // 30, animate=False, immediate=True), 20)
            verbs(desk, grid.total)
    say(f"  memory at its highest    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:9.1f} MB")


def main() -> None:
    from kvkk_tui import terminal

    parser = argparse.ArgumentParser(prog="tests.bench.console")
    parser.add_argument("requests", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PROGRAM")
    given = parser.parse_args()
    peers = dict(peer.split("=", 1) for peer in given.peer)
    terminal.settle(os.environ)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, large = database(folder, 50), database(folder, given.requests)
        openings.openings(openings.programs(small, large, peers, folder), given.rounds, say)
        say("keys at 80×24:")
        openings.over_the_line(small, say)
        for path in (small, large):
            say(f"{path.name}:")
            run_apart(path, folder)


def run_apart(path: Path, folder: Path) -> None:
    """In a process of its own: memory at its highest is that of one console."""
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        asyncio.run(within(path, folder))
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
