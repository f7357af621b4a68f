"""A line that breaks, and a transaction that the engine gives up: never "done" when it is not, never "not done" when it is."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest

from core.config import Target
from core.desk import Desk
from core.errors import KvkkError
from core.model.records import Actor, State

LONG = os.environ.get("KVKK_TEST_LONG") == "1"
NUMBER = 23
ARGS = {"kind": "erase", "number": NUMBER, "blacklist": True}


@pytest.fixture(params=["postgresql", "mariadb"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def job(url: str, key: Path, **more: Any) -> dict[str, Any]:
    return {"database": url, "key": str(key), "verb": "resolve", "args": ARGS} | more


@pytest.fixture
def places(crew: Any, samples: Any, tmp_path: Path, engine_name: str) -> tuple[int, int, int]:
    """Points of a whole run: the first inside the transaction, the last before COMMIT, the one after it."""
    if engine_name not in _counted:
        _counted[engine_name] = _count(crew, samples.new(), tmp_path / "count.key")
    return _counted[engine_name]


_counted: dict[str, tuple[int, int, int]] = {}


def _count(crew: Any, url: str, key: Path) -> tuple[int, int, int]:
    points = crew.one(job(url, key, at=-1))["points"]
    begins = next(place for place, point in enumerate(points) if point[0] == "writer")
    commit = next(place for place, point in enumerate(points) if point[0] == "writer" and point[2] == "COMMIT")
    return begins, commit, commit + 1


def state(url: str, key: Path) -> tuple[State, bool]:
    """(state of the request, whether there is a certificate), with a chain that verifies."""
    with Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
        desk.audit.verify(desk.actor, None)
        detail = desk.requests.show(desk.actor, NUMBER)
        return detail.row.state, detail.certificate


def quiet(answer: dict[str, Any]) -> None:
    """Nothing of a driver on the way out."""
    assert answer["stderr"] == ""
    assert "planted" not in str(answer["error"])
    assert "psycopg" not in answer["trace"]
    assert "pymysql" not in answer["trace"]


def test_cut_before_the_commit(crew: Any, places: Any, sample_url: str, tmp_path: Path, tools: Any) -> None:
    key, before = tmp_path / "k", tools.snapshot(sample_url)
    begins, commit, _ = places
    some = range(begins, commit, 1 if tools.long else (commit - begins) // 2)
    for at in some:
        answer = crew.one(job(sample_url, key, at=at, act="cut"))
        assert (answer["error"]["code"], answer["error"]["exit"]) == ("database-gone", 9), at
        quiet(answer)
        assert tools.snapshot(sample_url) == before
    assert "value" in crew.one(job(sample_url, key))
    assert state(sample_url, key) == (State.RESOLVED, True)


def test_cut_at_the_commit(crew: Any, places: Any, sample_url: str, tmp_path: Path, tools: Any) -> None:
    """Nothing took place, but nobody on this side can know it."""
    key, before = tmp_path / "k", tools.snapshot(sample_url)
    _, commit, _ = places
    answer = crew.one(job(sample_url, key, at=commit, act="cut"))
    assert (answer["error"]["code"], answer["error"]["exit"]) == ("outcome-unknown", 12)
    quiet(answer)
    assert tools.snapshot(sample_url) == before
    assert state(sample_url, key) == (State.PENDING, False)
    assert "value" in crew.one(job(sample_url, key))
    assert state(sample_url, key) == (State.RESOLVED, True)


def test_the_answer_to_the_commit_is_lost(crew: Any, places: Any, sample_url: str, tmp_path: Path) -> None:
    """It took place, and nobody is told that it did not."""
    key = tmp_path / "k"
    _, _, after = places
    answer = crew.one(job(sample_url, key, at=after, act="lost"))
    assert (answer["error"]["code"], answer["error"]["exit"]) == ("outcome-unknown", 12)
    quiet(answer)
    assert state(sample_url, key) == (State.RESOLVED, True)
    again = crew.one(job(sample_url, key))
    assert (again["error"]["code"], again["error"]["exit"]) == ("already-decided", 5)


@pytest.mark.parametrize("act", ["deadlock", "serialization"] if LONG else ["deadlock"])
def test_given_up_by_the_engine(
    crew: Any, samples: Any, places: Any, sample_url: str, tmp_path: Path, engine_name: str, act: str, tools: Any
) -> None:
    """Begun anew, and done; nothing of the first try is left."""
    if engine_name == "mariadb" and act == "serialization":
        act = "deadlock"
    begins, commit, _ = places
    whole = crew.one(job(whole_url := samples.new(), tmp_path / "whole.key"))
    assert "value" in whole
    for at in range(begins, commit, 1) if tools.long else [commit - 1]:
        url = samples.new()
        answer = crew.one(job(url, tmp_path / f"{at}.key", at=at, act=act))
        assert "value" in answer, (at, answer)
        assert answer["stderr"] == ""
        assert tools.ours(tools.snapshot(url)) == tools.ours(tools.snapshot(whole_url))
        assert state(url, tmp_path / f"{at}.key") == (State.RESOLVED, True)
        samples.close_one(url)


def test_every_verb_is_begun_anew(crew: Any, samples: Any, sample_url: str, tmp_path: Path) -> None:
    """Also the small verbs survive a deadlock, wherever it comes."""
    verbs = [
        ("add", {"customer": "200"}),
        ("cancel", {"number": NUMBER}),
        ("reject", {"number": 15}),
        ("setting", {"key": "near-days", "value": "5"}),
    ][:: 1 if LONG else 3]
    for verb, args in verbs:
        one = {"database": samples.new(), "key": str(tmp_path / "k1"), "verb": verb, "args": args}
        points = crew.one(one | {"at": -1})["points"]
        commit = next(place for place, point in enumerate(points) if point[0] == "writer" and point[2] == "COMMIT")
        answer = crew.one(one | {"database": sample_url, "key": str(tmp_path / "k2"), "at": commit - 2, "act": "deadlock"})
        assert "value" in answer, (verb, answer)
    with Desk(Target(sample_url, "sample", tmp_path / "k2", "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
        desk.audit.verify(desk.actor, None)


@pytest.mark.parametrize("engine_name", ["mariadb"])
def test_a_deadlock_that_somebody_swallows(sample_url: str, tmp_path: Path) -> None:
    """MariaDB has undone everything and begins anew in silence: what came after must not commit alone."""
    from sqlalchemy import text
    from sqlalchemy.exc import OperationalError

    actor = Actor("ayse", "desk.example")
    with Desk(Target(sample_url, "sample", tmp_path / "k", "--db", "en"), actor=actor) as desk:

        def half() -> None:
            with desk.context.writing(actor) as unit:
                unit.conn.execute(text("UPDATE notes SET text = 'first'"))
                with contextlib.suppress(OperationalError):
                    unit.conn.execute(text("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'made up'"))
                unit.conn.execute(text("UPDATE customers SET company = 'second'"))

        with pytest.raises(KvkkError, match="transaction-lost"):
            half()
        with desk.context.reading() as conn:
            assert conn.execute(text("SELECT count(*) FROM customers WHERE company = 'second'")).scalar_one() == 0
        desk.settings.set(actor, "near-days", "5")  # the connection is as good as new
