"""SIGKILL anywhere in a run over many requests: each request is whole or untouched, and the run is resumed by its id to the end.

In ./check a few points; in ./check long a hundred an engine, and the server itself is killed (a server of our own, on a port of
its own, with its data on disk).
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from core.config import Target
from core.desk import Desk
from core.model.records import Actor, Kind, NewRequest
from core.sample import build
from core.store import tables
from core.store.engine import Store, parse_url
from tests.faults.conftest import execute
from tests.private_server import PrivateServer, mariadb, postgresql

CUSTOMERS = [str(key) for key in range(240, 252)]
ACTOR = Actor("ayse", "desk.example")
DEAD = "UPDATE kvkk_leases SET until = '2020-01-01 00:00:00.000000'"
"""What ten minutes do for the place of a dead host; they are counted by the server's clock."""


def opened(url: str, key: Path) -> Desk:
    return Desk(Target(url, "sample", key, "--db", "en"), actor=ACTOR)


def filed(url: str, key: Path) -> list[int]:
    with opened(url, key) as desk:
        open_ones = {}
        with desk.store.reading() as conn:
            query = select(tables.requests.c.open_customer, tables.requests.c.number)
            open_ones = {row[0]: row[1] for row in conn.execute(query)}
        return [open_ones.get(c) or desk.requests.add(ACTOR, NewRequest(c, Kind.ANONYMISE)).number for c in CUSTOMERS]


def job(url: str, key: Path, args: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"database": url, "key": str(key), "verb": "bulk", "args": args} | more


def run_of(url: str) -> str | None:
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        found = conn.execute(select(tables.runs.c.id)).scalar_one_or_none()
    engine.dispose()
    return found


def check(url: str, key: Path, numbers: list[int], *, finished: bool) -> int:
    """Each request is resolved with its certificate, entry and tombstone, or as it was; returns how many are resolved."""
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        state = {row.number: row.state for row in conn.execute(select(tables.requests).where(tables.requests.c.number.in_(numbers)))}
        papers = set(conn.execute(select(tables.certificates.c.request).where(tables.certificates.c.part == 0)).scalars())
        stones = list(conn.execute(select(tables.tombstones.c.request).where(tables.tombstones.c.request.in_(numbers))).scalars())
        entries = select(tables.audit.c.request).where(tables.audit.c.verb == "request.resolve", tables.audit.c.request.in_(numbers))
        told = list(conn.execute(entries).scalars())
    engine.dispose()
    done = {number for number in numbers if state[number] == "resolved"}
    assert papers & set(numbers) == done
    assert sorted(stones) == sorted(told) == sorted(done)
    assert not finished or done == set(numbers)
    with opened(url, key) as desk:
        desk.audit.verify(ACTOR, None)
    return len(done)


def killed_and_resumed(crew: Any, url: str, key: Path, numbers: list[int], at: int) -> None:
    assert crew.one(job(url, key, {"kind": "mask", "numbers": numbers}, at=at))["signal"] == signal.SIGKILL
    check(url, key, numbers, finished=False)
    resumed(crew, url, key, numbers)


def resumed(crew: Any, url: str, key: Path, numbers: list[int]) -> None:
    execute(url, DEAD)
    run = run_of(url)
    args = {"resume": run} if run else {"kind": "mask", "numbers": numbers}
    again = crew.one(job(url, key, args))
    assert again.get("value") == len(numbers), again
    check(url, key, numbers, finished=True)


def test_killed_anywhere_each_is_whole_or_untouched(crew: Any, samples: Any, engine_name: str, tmp_path: Path, tools: Any) -> None:
    url, key = samples.new(), tmp_path / "whole.key"
    whole = crew.one(job(url, key, {"kind": "mask", "numbers": filed(url, key)}, at=-1))
    assert whole["value"] == len(CUSTOMERS), whole
    writes = [place for place, point in enumerate(whole["points"]) if point[0] == "writer"]
    most = 100 if tools.long else 3
    for share in range(most):
        url, key = samples.new(), tmp_path / f"{share}.key"
        killed_and_resumed(crew, url, key, filed(url, key), writes[round((share + 0.5) / most * (len(writes) - 1))])
        samples.close_one(url)


@pytest.fixture(params=[postgresql, mariadb], ids=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[PrivateServer]:
    with TemporaryDirectory(prefix="kvkk-server-") as folder:  # pytest's own folders are closed to the server's account
        found: PrivateServer = request.param(Path(folder))
        found.start()
        yield found
        found.kill()


@pytest.mark.long
def test_the_server_is_killed_in_the_middle(crew: Any, server: PrivateServer, tmp_path: Path) -> None:
    """Ten times, at moments spread over the run: what was told as done is there after the restart, and nothing is half done."""
    for turn in range(10):
        url, key = server.database(f"kvkk_killed_{turn}"), tmp_path / f"{turn}.key"
        store = Store(parse_url(url))
        build(store)
        store.close()
        numbers = filed(url, key)
        killer = threading.Timer(0.3 + turn * 0.25, server.kill)
        killer.start()
        told = crew.one(job(url, key, {"kind": "mask", "numbers": numbers}, wait=5))
        killer.join()
        assert "value" in told or told["error"]["exit"] in (9, 12), told
        time.sleep(0.2)
        server.start()
        done = check(url, key, numbers, finished="value" in told)
        if done < len(numbers):
            resumed(crew, url, key, numbers)
