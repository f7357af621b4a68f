"""SIGKILL in a rotation of the key, on each engine: file and database fit together, whichever of them came further.

Killed before the COMMIT the old key is current and the file has it; after it the new one is, and the file has that too. A
rotation that drops older keys loses their entries with the COMMIT or not at all.
"""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from core.config import Target
from core.desk import Desk
from core.model.records import Actor, Details
from core.store import keybook

LISTED = Details((("email", "kara@liste.example"),))
SOME = {"sqlite": 4, "postgresql": 2, "mariadb": 2}


def opened(url: str, key: Path) -> Desk:
    return Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example"))


def job(url: str, key: Path, *, drop_old: bool, **more: Any) -> dict[str, Any]:
    return {"database": url, "key": str(key), "verb": "rotate", "args": {"drop_old": drop_old}} | more


def prepared(url: str, key: Path) -> str:
    """A database that has used a key; its id."""
    with opened(url, key) as desk:
        desk.blacklist.add(desk.actor, LISTED, reason="x")
        return str(desk.context.keyring.if_present().id)  # type: ignore[union-attr]


def works(url: str, key: Path, *, dropped: bool) -> str:
    """Everything that hangs on the key works; id of the current one."""
    with opened(url, key) as desk:
        assert desk.blacklist.check(desk.actor, LISTED).listed is not dropped
        assert desk.blacklist.add(desk.actor, Details((("phone", "0532 111 22 33"),)), reason="x")
        assert desk.audit.verify(desk.actor).entries
        assert not [one.code for one in desk.upkeep.doctor(desk.actor) if one.grade == "error" and "key" in one.code]
        with desk.store.reading() as conn:
            return str(keybook.current(conn))


def chosen(points: list[Any], most: int, tools: Any) -> list[int]:
    """Also the statements round the commit, where the file has the new key and the database does not yet."""
    commit = next(at for at, point in enumerate(points) if point[0] == "writer" and point[2] == "COMMIT")
    inside = [at for at, point in enumerate(points) if point[0] == "writer"]
    some = sorted({inside[round(n * (len(inside) - 1) / (most - 1))] for n in range(most)} | {commit - 1, commit, commit + 1})
    return list(range(len(points))) if tools.long else some


@pytest.mark.parametrize("drop_old", [False, True], ids=["kept", "dropped"])
def test_killed_anywhere_file_and_database_fit_together(
    crew: Any, samples: Any, engine_name: str, tmp_path: Path, tools: Any, drop_old: bool
) -> None:
    url, key = samples.new(), tmp_path / "kvkk.key"
    prepared(url, key)
    done = crew.one(job(url, key, drop_old=drop_old, at=-1))
    assert "value" in done, done
    points = done["points"]
    for at in chosen(points, SOME[engine_name], tools):
        url, key = samples.new(), tmp_path / f"{at}.key"
        old = prepared(url, key)
        assert crew.one(job(url, key, drop_old=drop_old, at=at))["signal"] == signal.SIGKILL
        committed = any(point[0] == "writer" and point[1:] == ["after", "COMMIT"] for point in points[: at + 1])
        current = works(url, key, dropped=drop_old and committed)
        assert (current != old) is committed, points[at]
        again = crew.one(job(url, key, drop_old=drop_old))
        assert "value" in again, again
        assert works(url, key, dropped=drop_old) == again["value"]
        with opened(url, key) as desk:
            desk.keys.tidy(desk.actor)
            held = {one.id for one in desk.context.keyring.held()}
        assert (old in held) is not drop_old
        assert list(tmp_path.glob(f".{key.name}.*")) == []
        samples.close_one(url)


def test_of_several_at_once_each_key_that_won_is_in_the_file(crew: Any, samples: Any, tmp_path: Path) -> None:
    url, key = samples.new(), tmp_path / "kvkk.key"
    prepared(url, key)
    told = crew.run(*[job(url, key, drop_old=False) for _ in range(4)], together=True)
    won = [one["value"] for one in told if "value" in one]
    assert won
    assert {one["error"]["code"] for one in told if "error" in one} <= {"key-rotated"}
    with opened(url, key) as desk:
        held = [one.id for one in desk.context.keyring.held()]
        with desk.store.reading() as conn:
            assert [one for one in keybook.living(conn) if one in held] == list(keybook.living(conn))
    assert works(url, key, dropped=False) in won


@pytest.mark.parametrize("act", ["cut", "lost"])
def test_a_line_lost_on_the_way_leaves_both_sides_working(crew: Any, samples: Any, engine_name: str, tmp_path: Path, act: str) -> None:
    """At COMMIT nobody knows: the new key stays in the file."""
    if engine_name == "sqlite":
        pytest.skip("a file has no line")
    url, key = samples.new(), tmp_path / "kvkk.key"
    prepared(url, key)
    spare = tmp_path / "count.key"
    shutil.copy(key, spare)
    points = crew.one(job(samples_with(samples, spare), spare, drop_old=False, at=-1))["points"]
    commits = [at for at, point in enumerate(points) if point[0] == "writer" and point[2] == "COMMIT"]
    told = crew.one(job(url, key, drop_old=False, at=commits[0] if act == "cut" else commits[1], act=act))
    assert told["error"]["exit"] in (9, 12), told
    works(url, key, dropped=False)


def samples_with(samples: Any, key: Path) -> str:
    """One more database that has used a key, to count the points of a rotation."""
    url: str = samples.new()
    key.unlink()
    prepared(url, key)
    return url
