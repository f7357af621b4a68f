"""Many requests on the command line: filters, stdin, confirmation, report, resuming, exit codes."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import Run  # type: ignore[import-not-found]

CHOICE = ("--anonymise", "--mask", "--no-notify")


def test_open_requests_of_one_kind_go_through_as_one_run(run: Run, db: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    done = run("resolve", "--pending", "--kind", "anonymise", "--no-open-account", *CHOICE, "--yes", "--report", str(report), "--json")
    data = done.json["data"]
    assert done.code == 0, done.err
    assert data["state"] == "done"
    rows = list(csv.DictReader(report.open(encoding="utf-8")))
    assert len(rows) == data["done"] > 1
    assert {row["state"] for row in rows} == {"done"}
    assert report.stat().st_mode & 0o777 == 0o600
    listed = run("runs", "list", "--json").json["data"]
    assert [one["id"] for one in listed] == [data["id"]]
    assert run("runs", "show", data["id"]).code == 0
    assert run("resolve", "--resume", data["id"]).code == 0  # nothing is left; nothing happens


def test_numbers_come_from_stdin_and_one_that_fails_ends_with_7(run: Run, db: Path) -> None:
    done = run("resolve", "-", "--anonymise", "--no-notify", "--yes", stdin="28\n# a remark\n\n15\n")
    assert done.code == 7
    assert "15" in done.err  # an erase is asked for there: told as skipped
    assert run("requests", "show", "28", "--json").json["data"]["state"] == "resolved"
    assert run("requests", "show", "15", "--json").json["data"]["state"] == "pending"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("resolve", "--pending", "--anonymise"), 2),  # nobody can be asked
        (("resolve", "--pending", "12", "--anonymise", "--yes"), 2),
        (("resolve", "12", "--kind", "erase", "--anonymise", "--yes"), 2),
        (("resolve", "-", "12", "--anonymise", "--yes"), 2),
        (("resolve", "--anonymise", "--yes"), 2),
        (("resolve", "--resume", "abcd", "--anonymise"), 2),
        (("resolve", "--resume", "abcd"), 4),
        (("resolve", "--pending", "--anonymise", "--yes", "--report", "/nowhere/r.csv"), 2),
        (("runs", "show", "abcd"), 4),
    ],
)
def test_a_wrong_call_changes_nothing(run: Run, db: Path, words: tuple[str, ...], status: int) -> None:
    before = run("audit", "anchor").out
    assert run(*words, stdin="12\n").code == status
    assert run("audit", "anchor").out == before


def test_a_preview_of_many_changes_nothing(run: Run, db: Path) -> None:
    before = run("audit", "anchor").out
    done = run("resolve", "--pending", "--limit", "2", *CHOICE, "--dry-run", "--json")
    assert len(done.json["data"]) == 2
    assert run("audit", "anchor").out == before


def test_sigterm_ends_a_run_between_two_requests_and_it_is_resumed(db: Path) -> None:
    """The process is stopped in the middle; what was told as done is done, and the rest is done by its id."""
    env = {**os.environ, "KVKK_DB": str(db), "KVKK_LANG": "en"}
    command = [sys.executable, "-m", "kvkk_cli", "resolve", "--pending", "--anonymise", "--no-notify", "--force", "x", "--yes"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    line = process.stderr.readline()
    while "kvkk resolve --resume" not in line:
        line = process.stderr.readline()
    name = line.split()[1].rstrip(":")
    time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode in (0, 7, 143)
    again = [sys.executable, "-m", "kvkk_cli", "resolve", "--resume", name, "--json"]
    ended = subprocess.run(again, env=env, capture_output=True, text=True, check=False, timeout=120)
    data = json.loads(ended.stdout)["data"]
    assert (data["state"], data["total"]) == ("done", data["done"] + data["failed"] + data["skipped"])


def test_a_long_search_is_announced_before_the_first_change(run: Run, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.store.residue.foresee", lambda *_: 75.0)
    ran = run("resolve", "--pending", "--kind", "anonymise", "--anonymise", "--mask", "--limit", "1", "--yes", "--force", "test")
    lines = [json.loads(line) for line in ran.err.splitlines() if line.startswith("{")]
    assert {"stage": "search", "seconds": 75} in lines
