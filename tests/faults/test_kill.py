"""SIGKILL before and after every statement and COMMIT of a resolution, on each engine: untouched or whole, never half.

KVKK_TEST_LONG=1 kills at every point; else at some, spread over the transaction. A kill that leaves the database untouched
is followed by the next one on the same database, which proves on the way that what a kill leaves behind (the key file,
locks, half a journal) stops nobody.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from core.config import Target
from core.desk import Desk
from core.model.records import Actor
from core.store import tables
from core.store.engine import parse_url

NUMBER = 23
"""An erase that waits: a customer with services, invoices, a ticket and contacts."""
VERBS: dict[str, dict[str, Any]] = {
    "access": {"kind": "access", "number": NUMBER},
    "mask": {"kind": "mask", "number": NUMBER, "blacklist": True},
    "erase": {"kind": "erase", "number": NUMBER, "blacklist": True},
}
SOME = {"sqlite": 3, "postgresql": 2, "mariadb": 2}
"""Points inside the transaction that a short run takes."""
READS = 10
"""Points in the read snapshot before it that a long run takes: nothing can change there."""


def spread(points: list[int], most: int) -> list[int]:
    """So many of them, the first and the last among them."""
    if len(points) <= most:
        return points
    if most == 1:
        return points[-1:]
    return sorted({points[round(place * (len(points) - 1) / (most - 1))] for place in range(most)})


def job(url: str, key: Path, args: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"database": url, "key": str(key), "verb": "resolve", "args": args} | more


class Case:
    """One verb on one engine."""

    def __init__(self, crew: Any, samples: Any, tools: Any, folder: Path, args: dict[str, Any]) -> None:
        self.crew, self.samples, self.tools, self.folder, self.args = crew, samples, tools, folder, args
        self.before = tools.snapshot(samples.new())
        first, self.points = self.finished("one")
        second = self.finished("two")[0] if args["kind"] == "mask" else first  # only masks are random
        self.reference = tools.reference(self.before, first, second)
        commits = [place for place, point in enumerate(self.points) if point[0] == "writer" and point[2] == "COMMIT"]
        self.begins = next(place for place, point in enumerate(self.points) if point[0] == "writer")
        self.commit = commits[0]

    def finished(self, name: str) -> tuple[Any, list[Any]]:
        """(the database after a whole run, the points that it passed)"""
        url = self.samples.new()
        done = self.crew.one(job(url, self.folder / f"{name}.key", self.args, at=-1))
        assert "value" in done, done
        assert done["value"]["notified"]
        assert done["value"]["pending"] == []
        return self.tools.snapshot(url), done["points"]

    def kill(self, url: str, key: Path, at: int) -> None:
        answer = self.crew.one(job(url, key, self.args, at=at))
        assert answer["signal"] == signal.SIGKILL, (at, self.points[at], answer)

    def check_whole(self, url: str, key: Path) -> None:
        """The request is resolved, and everything that belongs to it is there exactly once."""
        after = self.tools.snapshot(url)
        assert self.reference.as_planned(after) == []
        assert self.reference.ours_grew(after)
        check_ours(url, key, self.args, addendum=self.tools.ours(after) == self.tools.ours(self.reference.one))


def check_ours(url: str, key: Path, args: dict[str, Any], *, addendum: bool) -> None:
    """Audit entry ⇔ state ⇔ message ⇔ certificate ⇔ tombstone ⇔ fingerprints, and the chain verifies."""
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        row = conn.execute(select(tables.requests).where(tables.requests.c.number == args["number"])).one()
        verbs = list(conn.execute(select(tables.audit.c.verb).where(tables.audit.c.request == args["number"])).scalars())
        parts = select(tables.certificates.c.part).where(tables.certificates.c.request == args["number"])
        found = sorted(conn.execute(parts).scalars())
        tombstones = conn.execute(select(tables.tombstones).where(tables.tombstones.c.request == args["number"])).all()
        letters = conn.execute(select(tables.outbox).where(tables.outbox.c.request == args["number"])).all()
        black = conn.execute(select(tables.blacklist.c.kind).where(tables.blacklist.c.request == args["number"])).all()
        key_ids = list(conn.execute(select(tables.keys.c.key_id)).scalars())
    engine.dispose()
    assert (row.state, row.outcome, row.open_customer, row.last_error) == ("resolved", args["kind"], None, None)
    assert (row.customer is None) == (args["kind"] == "erase")
    assert (row.subject is not None) == (args["kind"] == "erase")
    assert verbs.count("request.resolve") == 1
    assert verbs.count("certificate.reread") == (1 if addendum and args["kind"] != "access" else 0)
    assert found == ([0, 1] if addendum and args["kind"] != "access" else [0])
    assert [one.outcome for one in tombstones] == [args["kind"]]
    assert [one.event for one in letters].count("resolved") == 1
    assert bool(black) == args.get("blacklist", False)
    target = Target(url, "sample", key, "--db", "en")
    with Desk(target, actor=Actor("ayse", "desk.example")) as desk:
        desk.audit.verify(desk.actor, None)
        assert key_ids == [desk.context.keyring.if_present().id]  # type: ignore[union-attr]


@pytest.fixture(params=list(VERBS))
def case(request: pytest.FixtureRequest, crew: Any, samples: Any, tools: Any, tmp_path: Path) -> Case:
    return Case(crew, samples, tools, tmp_path, VERBS[request.param])


def test_killed_anywhere_it_is_untouched_or_whole(case: Case, engine_name: str, tmp_path: Path, tools: Any, record_property: Any) -> None:
    record_property("points", f"{case.commit + 1 - case.begins} before the end of COMMIT, {len(case.points) - case.commit - 1} after")
    untouched_then_whole(case, SOME[engine_name], tmp_path / "kvkk.key", tools)
    whole(case, tmp_path, tools)


def untouched_then_whole(case: Case, most: int, key: Path, tools: Any) -> None:
    """Killed before the COMMIT has ended: nothing has happened, and the next run does it all."""
    url = case.samples.new()
    reading, inside = list(range(case.begins)), list(range(case.begins, case.commit + 1))
    for at in [*spread(reading, READS), *inside] if tools.long else spread(inside, most)[1:]:
        case.kill(url, key, at)
        assert tools.snapshot(url) == case.before, case.points[at]
    left = key.read_bytes()  # made inside the transaction, left behind by the kill: the next run takes it
    again = case.crew.one(job(url, key, case.args))
    assert "value" in again, again
    assert key.read_bytes() == left
    case.check_whole(url, key)


def whole(case: Case, folder: Path, tools: Any) -> None:
    """Killed after the COMMIT: everything has happened, and the next run hears so."""
    outside = list(range(case.commit + 1, len(case.points)))
    for at in outside if tools.long else spread(outside, 1):
        url, key = case.samples.new(), folder / f"{at}.key"
        case.kill(url, key, at)
        case.check_whole(url, key)
        again = case.crew.one(job(url, key, case.args))
        assert again["error"]["code"] == "already-decided", case.points[at]
        assert again["error"]["exit"] == 5
        case.samples.close_one(url)
