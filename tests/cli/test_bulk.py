"""Many requests on the command line: filters, stdin, confirmation, report, resuming, exit codes."""

from __future__ import annotations

import csv
import errno
import json
import os
import pty
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
        (("resolve", "12", "--anonymise", "--yes", "--report", "-"), 2),
        (("resolve", "12", "--anonymise", "--yes", "--report", "."), 2),
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


@pytest.fixture
def stopped(run: Run, db: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run over requests 28 and 31 that was asked to stop before the first."""
    with monkeypatch.context() as patched:
        patched.setattr("kvkk_cli.bulk.Stop.asked", lambda _self: True)
        done = run("resolve", "-", *CHOICE, "--yes", "--json", stdin="28\n31\n")
    assert done.json["data"]["state"] == "stopped"
    return str(done.json["data"]["id"])


@pytest.mark.parametrize(
    "choice",
    [
        ("--dry-run",),
        ("--mask",),
        ("--blacklist",),
        ("--no-notify",),
        ("--reason", "x"),
        ("--force", "x"),
        ("--waive-residue", "x"),
        ("--plan", "x"),
        ("--limit", "1"),
        ("--kind", "erase"),
        ("--no-open-account",),
        ("--received-before", "2026-01-01"),
        ("28",),
    ],
)
def test_a_choice_beside_resume_is_refused_and_not_passed_over(run: Run, stopped: str, choice: tuple[str, ...]) -> None:
    """Somebody who adds --dry-run wants to look; the run would have been carried out."""
    done = run("resolve", "--resume", stopped, *choice, "--json")
    assert (done.code, done.json["errors"][0]["code"]) == (2, "resume-alone")
    assert run("requests", "show", "28", "--json").json["data"]["state"] == "pending"
    assert run("resolve", "--resume", stopped, "--yes").code == 0


def test_filters_choose_among_the_numbers_on_stdin(run: Run, db: Path) -> None:
    before = run("audit", "anchor").out
    for names in (("--received-before", "2001-01-01"), ("--kind", "erase")):
        done = run("resolve", "-", *CHOICE, "--yes", *names, stdin="28\n")
        assert (done.code, "No request fits" in done.err) == (0, True)
    assert run("audit", "anchor").out == before


@pytest.mark.parametrize(
    ("stdin", "code", "line"),
    [
        ("28\n\n# x\nabc\n", "line-not-a-number", 4),
        ("28 31\n", "line-not-a-number", 1),
        ("", "no-numbers", None),
        ("\n#\n", "no-numbers", None),
    ],
)
def test_a_wrong_line_on_stdin_is_named(run: Run, db: Path, stdin: str, code: str, line: int | None) -> None:
    [error] = run("resolve", "-", *CHOICE, "--yes", "--json", stdin=stdin).json["errors"]
    assert (error["code"], error["facts"].get("line")) == (code, line)


def test_where_no_request_fits_no_run_is_begun(run: Run, db: Path, tmp_path: Path) -> None:
    names = ("resolve", "--pending", "--received-before", "2001-01-01", *CHOICE)
    done = run(*names, "--json", "--report", str(tmp_path / "r.csv"))
    assert (done.code, done.json["data"]["total"], done.json["data"]["id"]) == (0, 0, None)
    assert (tmp_path / "r.csv").read_text() == "number,state,grade,code\n"
    assert "No request fits" in run(*names, "--dry-run").err
    assert run("runs", "list", "--json").json["data"] == []


def test_a_request_that_comes_in_while_somebody_is_asked_is_not_taken(run: Run, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(_out: object, question: str, _number: int) -> bool:
        asked.append(question)
        assert run("requests", "add", "250", "--anonymise", "--received", "2026-10-01").code == 0
        return True

    monkeypatch.setattr("kvkk_cli.output.Output.ask_number", answer)
    monkeypatch.setattr("kvkk_cli.output.Output.can_ask", True)
    done = run("resolve", "--pending", "--kind", "anonymise", *CHOICE, "--blacklist", "--no-open-account", "--json")
    assert "blacklist" in asked[0]
    assert str(done.json["data"]["total"]) in asked[0]
    assert [row["customer"] for row in run("requests", "list", "--customer", "250", "--json").json["data"]["rows"]] == ["250"]


def test_a_preview_of_many_ends_as_the_run_would_and_is_always_a_list(run: Run, db: Path) -> None:
    """15 asks for more than a block: the run would tell it as skipped and end with 7. One number on stdin is a list, too."""
    one = run("resolve", "-", "--anonymise", "--dry-run", "--json", stdin="15\n")
    assert (one.code, [seen["number"] for seen in one.json["data"]]) == (7, [15])
    assert run("resolve", "15", "--anonymise", "--dry-run").code == 6
    assert run("resolve", "15", "28", "--anonymise", "--dry-run").code == 7
    assert run("resolve", "28", *CHOICE).code == 0
    decided = run("resolve", "-", "--anonymise", "--dry-run", "--json", stdin="28\n31\n")
    assert (decided.code, [seen["number"] for seen in decided.json["data"]]) == (7, [31])
    assert [error["code"] for error in decided.json["errors"]] == ["already-decided"]


def test_a_report_that_cannot_be_written_any_more_breaks_no_run_off(
    run: Run, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, write = tmp_path / "r.jsonl", os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) < 20 or os.fstat(handle).st_size > 60:
            raise OSError(errno.ENOSPC, "")
        return write(handle, data[: len(data) - 10] if os.fstat(handle).st_size else data)

    monkeypatch.setattr("kvkk_cli.report.os.write", full)
    done = run("resolve", "-", "--anonymise", "--no-notify", "--yes", "--report", str(report), "--json", stdin="28\n31\n")
    assert (done.code, done.json["data"]["done"]) == (13, 2)
    told = [json.loads(line)["number"] for line in done.err.splitlines() if line.startswith('{"number"')]
    kept = [json.loads(line)["number"] for line in report.read_text().splitlines()]
    assert (len(kept), sorted(kept + told)) == (1, [28, 31])
    assert done.err.count("ENOSPC") == 1


def test_lines_are_added_to_a_report_of_the_run_and_to_nothing_else(run: Run, db: Path, stopped: str, tmp_path: Path) -> None:
    other, before = tmp_path / "other.csv", db.read_bytes()
    other.write_text("number;state\n")
    for path in (db, other):
        done = run("resolve", "--resume", stopped, "--report", str(path), "--json")
        assert (done.code, done.json["errors"][0]["code"]) == (2, "report-of-something-else")
    assert (db.read_bytes() == before, other.read_text()) == (True, "number;state\n")
    done = run("resolve", "28", *CHOICE, "--yes", "--report", str(other), "--json")
    assert (done.code, done.json["errors"][0]["code"]) == (2, "report-exists")


def test_a_report_on_a_full_disk_is_refused_before_anything_and_leaves_no_file(
    run: Run, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> int:
        raise OSError(errno.ENOSPC, "")

    monkeypatch.setattr("kvkk_cli.report.os.write", full)
    done = run("resolve", "28", *CHOICE, "--yes", "--report", str(tmp_path / "r.csv"), "--json")
    assert (done.code, done.json["errors"][0]["code"]) == (2, "report-unwritable")
    assert not (tmp_path / "r.csv").exists()


def test_the_answer_does_not_stand_in_the_line_of_the_progress_bar(db: Path) -> None:
    """On a terminal both go to one screen: the bar is away before the answer is written."""
    env = {**os.environ, "KVKK_DB": str(db), "KVKK_LANG": "en", "TERM": "xterm"}
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kvkk_cli", "resolve", "28", "31", *CHOICE, "--yes", "--limit", "9"]
    process = subprocess.Popen(command, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    drawn = b""
    try:
        while chunk := os.read(ours, 65536):
            drawn += chunk
    except OSError:  # so ends a terminal whose other side is closed
        pass
    os.close(ours)
    assert process.wait(timeout=60) == 0
    bar, _, answer = drawn.decode().partition("Audit checkpoint")
    assert "Searching" in bar
    assert answer
    last = bar.rindex("Searching")
    assert "\x1b[2K" in bar[last:], "the bar is still there"
    assert "Searching" not in answer
