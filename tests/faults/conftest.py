"""What the tests of faults stand on: a crew of processes that may be killed, and witnesses that compare whole databases."""

from __future__ import annotations

import asyncio
import json
import os
import re
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine as Alchemy
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from core.store.engine import parse_url

WORKER = Path(__file__).with_name("worker.py")
LONG = os.environ.get("KVKK_TEST_LONG") == "1"
START = "import runpy, sys; sys.path.insert(0, sys.argv[2]); runpy.run_path(sys.argv[1], run_name='__main__')"
PATIENCE_S = 200
MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)
ADDENDUM = {"kvkk_certificates": 1, "kvkk_audit": 1}
"""What the addendum after the commit adds to our tables."""

Rows = dict[tuple[str, ...], tuple[str, ...]]
Snapshot = dict[str, Rows]
"""table → key → cells, everything as text."""


class Crew:
    """Processes that do one job each and may be killed on the way; see worker.py."""

    def __init__(self) -> None:
        # -I: nothing of the caller's environment or folder changes what is run
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", START, str(WORKER), str(WORKER.parents[2])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *jobs: dict[str, Any], together: bool = False) -> list[dict[str, Any]]:
        """Carry out the jobs, one after the other or all at once; one answer each."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"jobs": jobs, "together": together}) + "\n")
        self._process.stdin.flush()
        readable, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
        assert readable, "the worker does not answer"
        answers: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        for answer in answers:
            assert "crash" not in answer, answer["trace"]
        return answers

    def one(self, job: dict[str, Any]) -> dict[str, Any]:
        return self.run(job)[0]

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    """One crew a session: its start costs as much as twenty jobs."""
    working = Crew()
    yield working
    working.close()


@cache
def _engine(url: str) -> Alchemy:
    return create_engine(parse_url(url), poolclass=NullPool)


def _cells(row: Any) -> tuple[str, ...]:
    return tuple(repr(bytes(cell) if isinstance(cell, memoryview) else cell) for cell in row)


_shapes: dict[str, list[tuple[str, list[int], int]]] = {}


def _shape(conn: Any, engine: str) -> list[tuple[str, list[int], int]]:
    """(table, places of the key's columns, columns); the same for every copy of the sample on one engine."""
    if engine not in _shapes:
        found = inspect(conn)
        shape = []
        for name in sorted(found.get_table_names()):
            columns = [column["name"] for column in found.get_columns(name)]
            key = found.get_pk_constraint(name)["constrained_columns"] or columns
            shape.append((name, [columns.index(part) for part in key], len(columns)))
        _shapes[engine] = shape
    return _shapes[engine]


def snapshot(url: str) -> Snapshot:
    """Every cell of every table, ours included."""
    taken: Snapshot = {}
    with _engine(url).connect() as conn:
        for name, key, _ in _shape(conn, conn.dialect.name):
            quoted = conn.dialect.identifier_preparer.quote(name)
            rows = [_cells(row) for row in conn.exec_driver_sql(f"SELECT * FROM {quoted}")]
            taken[name] = {tuple(row[place] for place in key): row for row in rows}
    return taken


def execute(url: str, *statements: str) -> None:
    """Change a database behind the product's back."""
    with _engine(url).begin() as conn:
        for statement in statements:
            conn.exec_driver_sql(statement)


def ours(taken: Snapshot) -> dict[str, int]:
    """Rows of our own tables."""
    return {name: len(rows) for name, rows in taken.items() if name.startswith("kvkk_")}


def theirs(taken: Snapshot) -> Snapshot:
    """The company's tables."""
    return {name: rows for name, rows in taken.items() if not name.startswith("kvkk_")}


@dataclass
class Reference:
    """What a verb does when nothing fails: the state before, and after two runs, whose differences are what is random."""

    before: Snapshot
    one: Snapshot
    two: Snapshot

    def as_planned(self, after: Snapshot) -> list[str]:
        """What of the company's data is not as planned: nothing. Random cells have to have changed."""
        wrong = []
        for table, rows in theirs(self.one).items():
            if rows.keys() != after[table].keys():
                wrong.append(f"{table}: rows")
                continue
            for key, row in rows.items():
                same, old, new = self.two[table][key], self.before[table].get(key), after[table][key]
                for place, cell in enumerate(row):
                    if cell == same[place] and new[place] != cell:
                        wrong.append(f"{table}{key}: column {place}")
                    if cell != same[place] and old is not None and new[place] == old[place]:
                        wrong.append(f"{table}{key}: column {place} was not masked")
        return wrong

    def ours_grew(self, after: Snapshot) -> bool:
        """Our tables hold what they hold after a whole run, the addendum there or not, but never a part of it."""
        without = {name: count - ADDENDUM.get(name, 0) for name, count in ours(self.one).items()}
        return ours(after) in (ours(self.one), without)


@dataclass
class Copies:
    """Copies of one database on one engine, dropped at the end of the test."""

    make: Callable[[], str]
    drop: Callable[[str], None]
    made: list[str]

    def new(self) -> str:
        self.made.append(self.make())
        return self.made[-1]

    def close_one(self, url: str) -> None:
        _engine(url).dispose()
        self.made.remove(url)
        self.drop(url)

    def close(self) -> None:
        for url in tuple(self.made):
            self.close_one(url)


@pytest.fixture
def samples(engine_name: str, servers: Any, copies: Any, sample_url: str) -> Iterator[Copies]:
    """`samples.new()` is the URL of one more copy of the sample on this engine. (`sample_url` has filled the template.)"""
    found = Copies(lambda: copies(engine_name, "sample", lambda _: None), lambda url: servers.drop(engine_name, url), [])
    yield found
    found.close()


@dataclass(frozen=True)
class Tools:
    """What test modules take from here."""

    snapshot: Callable[[str], Snapshot] = snapshot
    execute: Any = execute
    ours: Callable[[Snapshot], dict[str, int]] = ours
    theirs: Callable[[Snapshot], Snapshot] = theirs
    reference: Callable[[Snapshot, Snapshot, Snapshot], Reference] = Reference
    long: bool = LONG


@pytest.fixture
def tools() -> Tools:
    return Tools()


class Box:
    """A mail server: what arrived, by Message-ID. While `hold` is set the message that makes so many is not answered."""

    port: int

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.hold: int | None = None
        self.holding = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = MESSAGE_ID.search(envelope.original_content)
        assert found is not None
        self.ids.append(found[1].decode())
        if len(self.ids) == self.hold:
            self.holding.set()
            await asyncio.sleep(60)
        return "250 OK"


@pytest.fixture
def box() -> Iterator[Box]:
    found = Box()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        found.port = probe.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    yield found
    with suppress(Exception):
        controller.stop()
