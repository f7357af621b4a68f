"""The first rows come from a second process: the same rows, and no harm when it fails. Each in a process of its own: it forks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ASK = """
import json, os, sys
from pathlib import Path
from core import KvkkError, open_desk
from kvkk_tui import ahead
{before}
with open_desk(sys.argv[1], None, {{}}, Path(sys.argv[2])) as desk:
    reading = ahead.begin(desk)
    found = reading.take() if reading else None
    counts = reading.counts() if found else None
    told = found and [[row.number for row in found.page.rows], counts and counts.open, found.pulse.newest, found.known.language]
    try:
        own = ahead.opening(desk)
        assert counts in (None, ahead.counts(desk))
    except KvkkError:
        own = None
try:
    left = os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    left = None
print(json.dumps([reading is not None, told, found == own, left]))
"""


def asked(database: str, folder: Path, before: str = "") -> Any:
    """[whether it was begun, what was told, whether that is what one reads oneself, processes left behind]"""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    script = ASK.format(before=before)
    done = subprocess.run(
        [sys.executable, "-c", script, database, str(folder)], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


TWO = "ahead._processors = lambda: 2"


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql", "mariadb"], indirect=True)
def test_the_other_process_reads_what_one_reads_oneself(sample_url: str, tmp_path: Path) -> None:
    begun, told, same, left = asked(sample_url, tmp_path, TWO)
    assert begun
    assert same
    assert left is None
    assert (len(told[0]), told[1], told[2], told[3]) == (16, 16, 31, "tr")


def test_with_one_processor_there_is_no_other_process(sample_url: str, tmp_path: Path) -> None:
    assert asked(sample_url, tmp_path, "ahead._processors = lambda: 1")[:2] == [False, None]


@pytest.mark.parametrize(
    "fault",
    [
        "import signal; ahead._hand_over = lambda desk, writer: os.kill(os.getpid(), signal.SIGKILL)",
        "ahead._hand_over = lambda desk, writer: 1 / 0",
        "ahead._hand_over = lambda desk, writer: os.write(writer, b'half')",
        "ahead._hand_over = lambda desk, writer: os.write(writer, ahead.pickle.dumps('something else'))",
    ],
)
def test_when_it_fails_nothing_is_told_and_nothing_stays(sample_url: str, tmp_path: Path, fault: str) -> None:
    begun, told, _same, left = asked(sample_url, tmp_path, f"{TWO}\n{fault}")
    assert (begun, told, left) == (True, None, None)


def test_the_rows_do_not_wait_for_the_counts_and_outlive_who_counts(sample_url: str, tmp_path: Path) -> None:
    """The one who counts waits here until the rows were taken, and dies then."""
    dies = """
go, told = os.pipe()
def dead(desk):
    os.read(go, 1)
    os._exit(0)
ahead.counts, true = dead, ahead.counts
take = ahead.Ahead.take
def taken(self):
    found = take(self)
    os.write(told, b"x")
    ahead.counts = true
    return found
ahead.Ahead.take = taken
"""
    begun, told, same, left = asked(sample_url, tmp_path, f"{TWO}\n{dies}")
    assert (begun, same, left) == (True, True, None)
    assert (len(told[0]), told[1]) == (16, None)


def test_a_database_that_cannot_be_read_is_the_consoles_to_tell(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"this is no database at all" * 20)
    begun, told, _same, left = asked(str(tmp_path / "no.db"), tmp_path, TWO)
    assert (begun, told, left) == (True, None, None)
