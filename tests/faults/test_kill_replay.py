"""SIGKILL in a replay: who came back is treated whole or not yet, and the next replay does what is left, once.

KVKK_TEST_LONG=1 kills on each engine at every point of the writing connection (KVKK_TEST_STEP=10: every tenth); else at some, on SQLite.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select

from core.config import Target
from core.desk import Desk
from core.model.records import Actor
from core.store import tables
from core.store.engine import parse_url

LONG = os.environ.get("KVKK_TEST_LONG") == "1"
STEP = int(os.environ.get("KVKK_TEST_STEP", "1"))
SOME = 2
DEEDS = {28: "mask", 15: "erase"}
LATER = 60


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"] if LONG else ["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def job(url: str, key: Path, verb: str, args: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"database": url, "key": str(key), "stones": str(key.with_name("stones")), "verb": verb, "args": args} | more


class Restored:
    """Copies of the backup, each with the key and the tombstone file of the host on which two customers were treated after it."""

    def __init__(self, crew: Any, samples: Any, folder: Path) -> None:
        self.crew, self._samples, self._folder = crew, samples, folder
        after = samples.new()
        (folder / "host").mkdir()
        for number, kind in DEEDS.items():
            done = crew.one(job(after, folder / "host" / "kvkk.key", "resolve", {"kind": kind, "number": number}))
            assert "value" in done, done
        samples.close_one(after)

    def new(self, name: str) -> tuple[str, Path]:
        shutil.copytree(self._folder / "host", self._folder / name)
        return self._samples.new(), self._folder / name / "kvkk.key"

    def replay(self, url: str, key: Path, **more: Any) -> Any:
        return self.crew.one(job(url, key, "replay", {"since": "2026-11-01"}, later=LATER, **more))


def deeds(url: str) -> Counter[tuple[str, int | None]]:
    engine, book = create_engine(parse_url(url)), tables.audit
    with engine.connect() as conn:
        rows = conn.execute(select(book.c.verb, book.c.request, func.count()).group_by(book.c.verb, book.c.request)).all()
    engine.dispose()
    return Counter({(verb, request): count for verb, request, count in rows if verb.startswith(("request.", "replay"))})


def test_killed_anywhere_the_next_replay_does_what_is_left(
    crew: Any, samples: Any, tools: Any, tmp_path: Path, record_property: Any
) -> None:
    restored = Restored(crew, samples, tmp_path)
    url, key = restored.new("whole")
    before = tools.snapshot(url)
    whole = restored.replay(url, key, at=-1)
    assert whole["value"] == {"returned": 2, "left": 0, "settled": True, "done": 2}, whole
    one, wanted = tools.snapshot(url), deeds(url)
    second, second_key = restored.new("second")
    restored.replay(second, second_key)
    reference = tools.reference(before, one, tools.snapshot(second))
    every = [place for place, point in enumerate(whole["points"]) if point[0] == "writer"]
    record_property("points", len(every))
    for at in every[::STEP] if LONG else [every[(2 * n + 1) * len(every) // (2 * SOME)] for n in range(SOME)]:
        url, key = restored.new(str(at))
        assert restored.replay(url, key, at=at)["signal"] == signal.SIGKILL
        tools.execute(url, "DELETE FROM kvkk_leases")  # ten minutes later
        again = restored.replay(url, key)
        assert (again["value"]["left"], again["value"]["settled"]) == (0, True), again
        after = tools.snapshot(url)
        assert reference.as_planned(after) == [], whole["points"][at]
        now = deeds(url)
        twice = {verb for verb, count in (now - wanted).items() if count}
        assert {verb for verb, _ in twice} <= {"replay"}, "the restore itself may be noted twice"
        assert wanted - now == Counter(), whole["points"][at]
        assert tools.ours(after)["kvkk_outbox"] == tools.ours(one)["kvkk_outbox"]
        with Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
            desk.audit.verify(desk.actor, None)
        samples.close_one(url)
