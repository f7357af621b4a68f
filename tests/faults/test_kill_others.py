"""SIGKILL in the other verbs that change something: what they do is there or not, and whoever comes next is not stopped."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from core.config import Target
from core.desk import Desk
from core.model.records import Actor

VERBS: dict[str, dict[str, Any]] = {
    "add": {"customer": "200"},
    "cancel": {"number": 23},
    "reject": {"number": 15},
    "approve": {"number": 23},
    "setting": {"key": "near-days", "value": "5"},
    "consent": {"customer": "200"},
    "panel file": {"customer": "200"},
    "panel cancel": {"customer": "183", "number": 23},
    "panel consent": {"customer": "200"},
}
LONG = os.environ.get("KVKK_TEST_LONG") == "1"
SOME = {"sqlite": 5, "postgresql": 2, "mariadb": 2}


@pytest.fixture(params=list(SOME) if LONG else ["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def job(url: str, key: Path, verb: str, args: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"database": url, "key": str(key), "verb": verb, "args": args} | more


def verify(url: str, key: Path) -> None:
    with Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
        desk.audit.verify(desk.actor, None)


def chosen(points: list[Any], most: int, tools: Any) -> list[int]:
    every = list(range(len(points)))
    return every if tools.long else sorted({every[round(n * (len(every) - 1) / (most - 1))] for n in range(most)})


@pytest.mark.parametrize("verb", list(VERBS))
def test_there_or_not(crew: Any, samples: Any, engine_name: str, tmp_path: Path, tools: Any, verb: str) -> None:
    args, whole_url = VERBS[verb], samples.new()
    before = tools.snapshot(whole_url)
    done = crew.one(job(whole_url, tmp_path / "whole.key", verb, args, at=-1))
    assert "value" in done, done
    whole = tools.snapshot(whole_url)
    assert tools.theirs(whole) == tools.theirs(before)
    url, key = samples.new(), tmp_path / "kvkk.key"
    for at in chosen(done["points"], SOME[engine_name], tools):
        answer = crew.one(job(url, key, verb, args, at=at))
        assert answer["signal"] == signal.SIGKILL
        after = tools.snapshot(url)
        if after != before:
            assert done["points"][at][1:] == ["after", "COMMIT"] or "COMMIT" in [point[2] for point in done["points"][:at]]
            assert tools.ours(after) == tools.ours(whole)
            assert tools.theirs(after) == tools.theirs(before)
            verify(url, key)
            samples.close_one(url)
            url, key = samples.new(), tmp_path / f"{at}.key"
    assert "value" in crew.one(job(url, key, verb, args))
    verify(url, key)


def test_an_export(crew: Any, samples: Any, engine_name: str, tmp_path: Path, tools: Any) -> None:
    """A whole file or none at its name; a download that broke off stays on record as begun."""
    from lxml import etree

    counted = samples.new()
    args = {"customer": "200", "file": str(tmp_path / "count.xml")}
    done = crew.one(job(counted, tmp_path / "count.key", "export", args, at=-1))
    assert "value" in done, done
    url, key, before = samples.new(), tmp_path / "kvkk.key", tools.snapshot(samples.new())
    for at in chosen(done["points"], SOME[engine_name] + 1, tools):
        file = tmp_path / f"{at}.xml"
        answer = crew.one(job(url, key, "export", args | {"file": str(file)}, at=at))
        assert answer["signal"] == signal.SIGKILL or "value" in answer  # shorter, once the key is on record
        if file.exists():
            assert len(etree.parse(str(file)).findall(".//{*}record")) == done["value"]["rows"]
        assert tools.theirs(tools.snapshot(url)) == tools.theirs(before)
    again = crew.one(job(url, key, "export", args | {"file": str(tmp_path / "again.xml")}))
    assert again["value"]["rows"] == done["value"]["rows"]
    verify(url, key)


def test_a_run_of_exports(crew: Any, samples: Any, engine_name: str, tmp_path: Path, tools: Any) -> None:
    """Every file that has its name is whole and on record, what the manifest lists is on record as done, and the rest can be resumed."""
    args = {"customers": ["196", "197", "999999", "198", "199"]}
    done = crew.one(job(samples.new(), tmp_path / "count.key", "exports", args | {"folder": str(tmp_path / "count")}, at=-1))
    assert done["value"]["done"] == 4, done
    url, key = samples.new(), tmp_path / "kvkk.key"
    before = tools.snapshot(url)
    for at in chosen(done["points"], SOME[engine_name] + 2, tools):
        folder = tmp_path / f"run-{at}"
        answer = crew.one(job(url, key, "exports", args | {"folder": str(folder)}, at=at))
        assert answer["signal"] == signal.SIGKILL or "value" in answer  # shorter, once the key is on record
        intended, manifest = _downloads(tools.snapshot(url)), folder / "manifest.jsonl"
        for number, _ in _whole_files(folder):
            assert number in intended, done["points"][at]
        if not manifest.exists():
            continue  # nothing was begun
        head, *lines = _lines(manifest)
        listed = {line["file"] for line in lines if "file" in line}
        recorded = {state for number, name in _whole_files(folder) if name in listed for state in [intended[number]]}
        assert recorded <= {"done"}, done["points"][at]
        again = crew.one(job(url, key, "exports", args | {"folder": str(folder), "resume": head["run"]}))
        assert again["value"]["done"] == 4, again
        files = {line["key"]: line["file"] for line in _lines(manifest)[1:] if "file" in line}
        assert sorted(files) == ["196", "197", "198", "199"]
        assert set(files.values()) <= {name for _, name in _whole_files(folder)}
    assert tools.theirs(tools.snapshot(url)) == tools.theirs(before)
    verify(url, key)


def _lines(manifest: Path) -> list[Any]:
    return [json.loads(line) for line in manifest.read_text().splitlines()]


def _downloads(taken: Any) -> dict[str, str]:
    """Number → state."""
    return {row[0]: next(word for word in ("started", "done", "broken") if repr(word) in row) for row in taken["kvkk_downloads"].values()}


def _whole_files(folder: Path) -> list[tuple[str, str]]:
    """(number of the download, name) of every file that has its name; one that is cut does not parse."""
    from lxml import etree

    return [(etree.parse(str(file)).getroot().get("id", ""), file.name) for file in folder.glob("kvkk-export-*.xml")]


def test_init(crew: Any, servers: Any, engine_name: str, tmp_path: Path, tools: Any) -> None:
    """Killed anywhere, `init` is simply run again; on MariaDB too, where a CREATE TABLE cannot be taken back."""
    from core.sample import create_schema
    from core.store.engine import Store, parse_url

    def company() -> str:
        url: str = servers.make(engine_name)
        store = Store(parse_url(url))
        create_schema(store.writer)
        store.close()
        return url

    template, key = company(), tmp_path / "kvkk.key"
    done = crew.one(job(company(), key, "init", {}, at=-1))
    for at in chosen(done["points"], SOME[engine_name] + 1, tools):
        url = servers.make(engine_name, template)
        assert crew.one(job(url, key, "init", {}, at=at))["signal"] == signal.SIGKILL
        again = crew.one(job(url, key, "init", {}))
        assert "value" in again, (done["points"][at], again)
        verify(url, key)
        servers.drop(engine_name, url)


def test_init_of_a_new_file(crew: Any, tmp_path: Path, tools: Any) -> None:
    """A database stands whole under its name, or not at all."""
    key = tmp_path / "kvkk.key"
    points = crew.one(job(str(tmp_path / "count.db"), key, "init", {}, at=-1))["points"]
    whole = tmp_path / "count.db"
    for at in chosen(points, 6, tools):
        file = tmp_path / f"{at}.db"
        crew.one(job(str(file), key, "init", {}, at=at))
        assert not file.exists() or file.stat().st_size == whole.stat().st_size
        assert "value" in crew.one(job(str(file), key, "init", {}))
        verify(str(file), key)
