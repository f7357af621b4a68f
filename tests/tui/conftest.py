"""The console under Pilot: the sample company's desk, a clock that stands still, and the screen as text."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import _wait
from textual.pilot import Pilot

from core.desk import Desk
from kvkk_tui import terminal, words

from .line import ROOT, RUN, Open, Terminal  # type: ignore[import-not-found]

terminal.settle(os.environ)

SMALL, LARGE = (80, 24), (140, 40)
PATIENCE_S = 10.0
STEP_S = 0.005
Run = Callable[..., Any]

# After each key Pilot waits, several times, until the process has rested for a while: four times as long as is needed here, where
# what a thread brings is waited for by name.
_wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = STEP_S, STEP_S / 20


@pytest.fixture
def engine_name(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test names its engines: what the console shows does not depend on them."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(autouse=True)
def on_a_good_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it can draw does not depend on the machine that tests."""
    for name, value in (("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LC_ALL", "C.UTF-8")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(autouse=True)
def in_english() -> Any:
    """Each test begins in English and in Istanbul."""
    words.use("en")
    words.use_zone("Europe/Istanbul")
    yield
    words.use("en")


class Driven:
    """A running console and the hand on its keys."""

    def __init__(self, app: Any, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> Any:
        return self.app.screen

    @property
    def grid(self) -> Any:
        return self.screen.grid

    @property
    def text(self) -> str:
        """What is drawn now, line by line."""
        return "\n".join(strip.text.rstrip() for strip in self.screen._compositor.render_strips())

    @property
    def toasts(self) -> str:
        return "\n".join(note.message for note in self.app._notifications)

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for something that a thread brings. Fails with the screen as it stands."""
        end = time.perf_counter() + PATIENCE_S
        while time.perf_counter() < end:
            await self.pilot.pause(STEP_S)
            if condition():
                await self.pilot.pause()
                return
        pytest.fail(f"waited in vain for {what or condition}\n{self.text}\n{self.toasts}")

    async def shows(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text for text in texts), f"{texts}")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.pilot.press(*("space" if char == " " else char for char in text))
        await self.pilot.pause()


@pytest.fixture
def run() -> Run:
    """`async with run(desk, size) as it`: the console, open, with its first rows."""

    @asynccontextmanager
    async def start(desk: Desk, size: tuple[int, int] = SMALL, **more: Any) -> AsyncIterator[Driven]:
        from kvkk_tui.app import Console

        app = Console(desk, **more)
        async with app.run_test(size=size, notifications=True) as pilot:
            it = Driven(app, pilot)
            await it.until(lambda: app.opened and app.standing.database, "the queue")
            yield it

    return start


@pytest.fixture
def env(away_from_home: Path) -> dict[str, str]:
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**keep, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "KVKK_LANG": "en"}


@pytest.fixture
def open_console(sample_url: str, env: dict[str, str]) -> Iterator[Open]:
    opened: list[Terminal] = []

    def start(*more: str, size: tuple[int, int] = (80, 24), **variables: str) -> Terminal:
        found = Terminal([*RUN, sample_url, "tui", *more], {**env, **variables}, size)
        opened.append(found)
        return found

    yield start
    for one in opened:
        one.process.close(force=True)
