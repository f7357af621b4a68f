"""The files that start `kvkk run` on time are what systemd and cron read."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from core.units import FILES, timed

COMMAND = "/usr/bin/true"


def section(what: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=True, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(timed(what, COMMAND))
    return read


def test_the_service_runs_once_as_an_account_of_its_own_and_sees_the_system_read_only() -> None:
    service = section("service")["Service"]
    assert (service["Type"], service["User"], service["ExecStart"]) == ("oneshot", "kvkk", f"{COMMAND} run")
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == ("strict", "yes", "")
    assert service["SuccessExitStatus"].split() == ["143"]


def test_the_timer_makes_up_for_what_it_missed_and_starts_the_service() -> None:
    timer = section("timer")
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Timer"]["OnCalendar"] == "*:0/15"
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert Path(FILES["timer"]).stem == Path(FILES["service"]).stem


def test_the_line_for_cron_names_minute_account_and_program() -> None:
    [line] = [one for one in timed("cron", COMMAND).splitlines() if one.startswith("*/")]
    assert line.split() == ["*/15", "*", "*", "*", "*", "kvkk", COMMAND, "run"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    for what in ("service", "timer"):
        (tmp_path / FILES[what]).write_text(timed(what, COMMAND).replace("User=kvkk", "User=root").replace("Group=kvkk", "Group=root"))
    files = [str(tmp_path / FILES[what]) for what in ("service", "timer")]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "kvkk-run" not in done.stderr
