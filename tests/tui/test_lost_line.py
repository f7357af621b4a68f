"""The line drops, or the process is told to end, while several requests are carried out: each is done whole or still pending."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from core.desk import Desk, open_desk
from core.model.records import Kind, RequestFilter, Resolution, ResolveOptions, State
from core.store.engine import parse_url

from .line import Terminal  # type: ignore[import-not-found]

ACCIDENT = Path(__file__).with_name("accident.py")
SERVERS = ("postgresql", "mariadb")
MARK = "j j j  "
"""Keys that mark four requests to anonymise from the top of the queue: 16, 19, 21, 22."""
Rows = dict[str, tuple[Any, ...]]
Begin = Callable[..., Terminal]


class Company:
    """The sample company, seen from outside."""

    def __init__(self, url: str, env: dict[str, str], folder: Path) -> None:
        self.url, self._env, self._folder = url, env, folder
        self._engine = create_engine(parse_url(url))
        self.before = self.customers()
        self.open = self.requests(State.PENDING, State.APPROVED)

    def desk(self) -> Desk:
        """With the key file of the console."""
        return open_desk(self.url, None, self._env, self._folder)

    def customers(self) -> Rows:
        with self._engine.connect() as conn:
            return {str(row[0]): tuple(row) for row in conn.execute(text("SELECT * FROM customers"))}

    def requests(self, *states: State) -> dict[int, str]:
        """Number -> customer."""
        names = [state.value for state in states]
        with self._engine.connect() as conn:
            rows = conn.execute(text("SELECT number, customer, state FROM kvkk_requests")).all()
        return {row[0]: str(row[1]) for row in rows if row[2] in names}

    @property
    def done(self) -> set[int]:
        """Requests that were open before and are resolved now."""
        return self.open.keys() & self.requests(State.RESOLVED).keys()

    def is_whole(self, done: int) -> None:
        """So many are resolved with all that belongs to it; of the others nothing is different."""
        now, resolved = self.customers(), self.done
        assert len(resolved) == done
        changed = {key for key, row in self.before.items() if now.get(key) != row}
        assert changed == {self.open[number] for number in resolved}
        with self.desk() as desk:
            desk.audit.verify(desk.actor, None)
            for number in self.open:
                detail = desk.requests.show(desk.actor, number)
                assert detail.certificate == (number in resolved), number

    def finish_one(self) -> None:
        """The next one that waits can be carried out: nothing that was left behind is in the way."""
        with self.desk() as desk:
            waiting = desk.requests.list(desk.actor, RequestFilter(states=(State.PENDING,), kind=Kind.ANONYMISE)).rows
            masked = Resolution(mask=True)
            ready = next(r for r in waiting if not desk.resolutions.preview(desk.actor, r.number, masked, ResolveOptions()).refusals)
            desk.resolutions.resolve(desk.actor, ready.number, masked, ResolveOptions())


@pytest.fixture
def company(sample_url: str, env: dict[str, str], tmp_path: Path) -> Company:
    return Company(sample_url, env, tmp_path)


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    """There while a resolution stands still."""
    return tmp_path / "held"


@pytest.fixture
def begin(sample_url: str, env: dict[str, str], flag: Path) -> Iterator[Begin]:
    """`begin(n)`: a console in which several are being masked, and the n-th of them stands still before its COMMIT."""
    opened: list[Terminal] = []

    def start(nth: int, *more: str) -> Terminal:
        it = Terminal([str(ACCIDENT), ",".join((f"hold:{flag}:{nth}", *more)), "--db", sample_url, "tui"], env)
        opened.append(it)
        it.shows("16 open")
        it.process.send(MARK)
        it.shows("4 marked")
        it.process.send("s")
        it.shows("4 requests")
        it.process.send("2")
        it.shows("4 of 4 can be carried out")
        it.process.send("\r")
        it.shows("carry out what the preview shows?")
        it.process.send("y")
        it.until(flag.exists)
        return it

    yield start
    for one in opened:
        one.process.close(force=True)


@pytest.mark.parametrize("engine_name", ["sqlite", *(pytest.param(name, marks=pytest.mark.long) for name in SERVERS)], indirect=True)
def test_a_line_that_drops_leaves_each_request_whole_or_pending(begin: Begin, company: Company, env: dict[str, str]) -> None:
    """The pty is gone in the middle of the second of four: one is done, the next console says so, and the run goes on at once."""
    it = begin(2)
    assert it.lose_line() == -signal.SIGHUP
    company.is_whole(1)
    again = Terminal(["-m", "kvkk_cli", "--db", company.url, "tui"], env)
    again.shows("15 open", "Pending")
    again.process.send("8")
    again.shows("1/4", "Stopped")
    again.process.send("o")
    again.shows("3 requests wait")
    again.process.send("y")
    again.shows("4/4", "4 done, 0 failed, 0 skipped, 0 wait")
    again.process.kill(signal.SIGTERM)  # no key: what follows a run may still be under way
    assert again.ended() == 143
    company.is_whole(4)


def test_sigterm_lets_the_one_that_runs_finish_and_begins_no_other(begin: Begin, company: Company, flag: Path) -> None:
    it = begin(1)
    it.process.kill(signal.SIGTERM)
    it.until(lambda: it.restored)  # the screen does not wait for it
    flag.unlink()
    assert it.ended() == 143
    assert it.restored
    company.is_whole(1)


def test_sigterm_does_not_wait_for_ever(begin: Begin, company: Company, flag: Path) -> None:
    """What takes too long is rolled back whole."""
    it = begin(1, "hasty")
    it.process.kill(signal.SIGTERM)
    assert it.ended() == 143
    assert it.restored
    assert flag.exists()  # it never went on
    company.is_whole(0)
