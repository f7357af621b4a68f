"""`kvkk due` and `kvkk run` on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

NOON = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_day_of_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    import core
    from core.desk import open_desk

    def standing(*args: object, **more: object) -> object:
        return open_desk(*args, **more, clock=lambda: NOON)  # type: ignore[arg-type]

    monkeypatch.setattr(core, "open_desk", standing)


def test_due_says_what_has_to_be_answered(run, db: Path) -> None:
    told = run("due", tty=True)
    assert told.code == 11
    assert "overdue, " in told.err
    assert "to be answered within 7 days." in told.err
    assert "After that: request " in told.err
    turkish = run("due", lang="tr", tty=True)
    assert "talebin süresi geçti" in turkish.err
    assert "Ondan sonraki: " in turkish.err


def test_due_for_scripts(run, db: Path) -> None:
    envelope = run("due", "--json").json
    data = envelope["data"]
    assert (envelope["command"], envelope["status"]) == ("due", 11)
    assert set(data) == {"rows", "days", "overdue", "near", "undelivered", "next_number", "next_due_on"}
    assert len(data["rows"]) == data["overdue"] + data["near"]
    assert data["rows"][0]["days_left"] < 0
    plain = run("due")
    assert [row[0] for row in plain.rows] == [str(row["number"]) for row in data["rows"]]
    short = run("due", "--limit", "1")
    assert len(short.rows) == 1
    assert "1 are shown" in short.err


def test_due_with_wrong_days(run, db: Path) -> None:
    for wrong in ("-1", "soon", "400"):
        refused = run("due", "--days", wrong)
        assert refused.code == 2, wrong
        assert refused.out == ""


def test_due_when_nothing_is_near(run, db: Path) -> None:
    for row in run("due", "--days", "365", "--json").json["data"]["rows"]:
        assert run("requests", "cancel", str(row["number"])).code == 0
    told = run("due")
    assert (told.code, told.out) == (0, "")
    assert "Nothing has to be answered within 7 days." in told.err


def test_a_run_is_silent_when_all_is_well(run, db: Path) -> None:
    told = run("run")
    assert (told.code, told.out, told.err) == (0, "", "")
    envelope = run("run", "--json").json
    assert (envelope["status"], envelope["errors"]) == (0, [])
    assert envelope["data"]["busy"] is None
    assert {job["name"] for job in envelope["data"]["jobs"]} >= {"reminders"}


def test_a_second_run_says_whose_the_first_is_and_ends_well(run, db: Path) -> None:
    import core
    from core.services.automation import LEASE
    from core.store import leases

    with core.open_desk(str(db), None, {}, db.parent) as desk, desk.context.writing(core.Actor("mehmet", "other.example")) as unit:
        assert leases.take(unit, LEASE, 600)
    told = run("run")
    assert (told.code, told.out) == (0, "")
    assert told.err == (
        "Another run is going on, by mehmet@other.example since 2026-11-01 12:00. Nothing was done. "
        "If it died, its place is free again at 2026-11-01 12:10.\n"
    )
    busy = {"who": "mehmet@other.example", "since": NOON.isoformat(), "until": (NOON + timedelta(minutes=10)).isoformat()}
    assert run("run", "--json").json["data"] == {"jobs": [], "busy": busy}
    assert "Başka bir çalıştırma sürüyor" in run("run", lang="tr").err


def test_a_part_that_failed_is_told_with_what_to_do(run, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import core

    class Later:
        """The same day, a year on."""

        def __call__(self, *args: object, **more: object) -> object:
            from core.desk import open_desk

            return open_desk(*args, **more, clock=lambda: NOON.replace(year=2027))  # type: ignore[arg-type]

    assert run("run").code == 0
    monkeypatch.setattr(core, "open_desk", Later())
    told = run("run")
    assert told.code == 7
    assert told.out == ""
    assert told.err.splitlines() == [
        "Error: The last run was at 2026-11-01 09:00 UTC, and now the clock says 2027-11-01 09:00 UTC. "
        "What depends on the date was left for the next run.",
        "Next: Look at the clock of this host. If it is right there is nothing to do: the next run goes on.",
    ]
    assert run("run").code == 0


def test_a_run_of_a_database_that_is_not_there(run, tmp_path: Path) -> None:
    told = run("run", "--db", str(tmp_path / "nothing.db"), "--json")
    assert told.code == 9
    assert json.loads(told.out)["errors"][0]["code"] == "database-missing"
    assert not (tmp_path / "nothing.db").exists()


def test_the_files_for_a_timer_are_printed(run, db: Path) -> None:
    service = run("run", "--units", "service")
    assert service.code == 0
    assert "[Service]" in service.out
    assert "@COMMAND@" not in service.out
    assert "OnCalendar=*:0/15" in run("run", "--units", "timer").out
    assert " kvkk /" in run("run", "--units", "cron").out
    assert run("run", "--units", "upstart").code == 2
