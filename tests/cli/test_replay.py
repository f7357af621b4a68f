"""`kvkk replay` as a clerk meets it after a restore: what it says, what it asks, how it ends."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

DAY = "2026-11-01"


@pytest.fixture
def restored(run: Any, db: Path) -> Path:
    """Requests 28 (customer 1) and 19 (customer 12) are resolved after the backup; then the backup is put back."""
    backup = db.with_name("backup.db")
    shutil.copyfile(db, backup)
    assert run("resolve", "28", "--anonymise", "--mask", "--blacklist", "--no-notify").code == 0
    assert run("resolve", "19", "--anonymise", "--no-notify").code == 0
    for beside in db.parent.glob(f"{db.name}-*"):
        beside.unlink()
    shutil.copyfile(backup, db)
    return db


def test_doctor_and_audit_say_that_a_backup_was_restored(run: Any, restored: Path) -> None:
    doctor = run("doctor", "--json")
    assert doctor.code == 6
    codes = {one["code"]: one for one in doctor.json["data"]}
    assert codes["tombstones-lost"]["grade"] == codes["audit-restored"]["grade"] == "error"
    broken = run("audit", "verify")
    assert broken.code == 8
    assert "restored from a backup" in broken.err
    assert "kvkk replay --since 2026-10-31" in broken.err
    assert "yedekten geri yüklenmiş" in run("audit", "verify", lang="tr").err


def test_a_dry_run_names_who_came_back_and_changes_nothing(run: Any, restored: Path) -> None:
    before = restored.read_bytes()
    ran = run("replay", "--since", DAY, "--dry-run")
    assert ran.code == 0
    assert [line[:2] for line in ran.rows[1:]] == [["1", "mask"], ["12", "access"]]
    assert "2 customers came back." in ran.err
    data = run("replay", "--since", "1.11.2026", "--dry-run", "--json").json["data"]
    assert [(one["customer"], one["deed"], one["open_request"]) for one in data["returned"]] == [("1", "mask", 28), ("12", "access", 19)]
    rows = [{table["table"]: table["masked"] + table["blocked"] for table in one["tables"]} for one in data["returned"]]
    assert rows[0]["customers"] == rows[1]["customers"] == 1
    assert sum(rows[0].values()) > 10 > sum(rows[1].values())
    assert "customers=1" in ran.rows[1][-1]
    assert (data["lost"], data["restored"], data["doubtful"]) == (2, True, [])
    assert restored.read_bytes() == before


def test_a_script_has_to_say_yes(run: Any, restored: Path) -> None:
    before = restored.read_bytes()
    ran = run("replay", "--since", DAY)
    assert ran.code == 2
    assert "not confirmed" in ran.err
    assert restored.read_bytes() == before
    assert run("replay", "--since", DAY, stdin="3\n", tty=True).code == 2  # a terminal is asked for the number of customers
    done = run("replay", "--since", DAY, "--yes")
    assert done.code == 0
    assert ["Done again", "2"] in done.rows
    assert run("audit", "verify").code == 0
    again = run("replay", "--since", DAY, "--yes", "--json")
    assert (again.code, again.json["data"]["returned"]) == (0, [])


def test_a_person_types_how_many(run: Any, restored: Path) -> None:
    ran = run("replay", "--since", DAY, stdin="2\n", tty=True, lang="tr")
    assert ran.code == 0
    assert "yıldızlandı" in ran.out
    assert "1: customers 1, " in ran.out
    assert "müşteri sayısını (2) yazın" in ran.err
    assert "tombstones-ok" in {one["code"] for one in run("doctor", "--json").json["data"]}


def test_what_failed_is_told_and_the_exit_code_says_so(run: Any, restored: Path) -> None:
    run("settings", "reset", "invoice-retention-years")
    ran = run("replay", "--since", DAY, "--yes", "--json")
    assert ran.code == 7
    assert ran.json["data"]["left"] == 1
    assert run("requests", "show", "28", "--json").json["data"]["last_error"] == "hold-not-chosen"
    run("settings", "set", "invoice-retention-years", "0")
    assert run("replay", "--since", DAY, "--yes").code == 0


def test_only_the_restore_itself_is_a_question_of_yes_or_no(run: Any, db: Path) -> None:
    run("resolve", "19", "--anonymise", "--no-notify")
    backup = db.with_name("backup.db")
    shutil.copyfile(db, backup)
    run("settings", "set", "near-days", "3")
    run("resolve", "24", "--anonymise", "--no-notify")
    for beside in db.parent.glob(f"{db.name}-*"):
        beside.unlink()
    shutil.copyfile(backup, db)
    import sqlite3

    raw = sqlite3.connect(db)
    raw.execute("DELETE FROM customers WHERE id = 40")  # the customer of 24 is not in this backup
    raw.commit()
    raw.close()
    assert run("replay", "--since", DAY, stdin="n\n", tty=True).code == 2
    ran = run("replay", "--since", DAY, stdin="y\n", tty=True)
    assert (ran.code, "note the restore" in ran.err) == (0, True)
    assert run("audit", "verify").code == 0


@pytest.mark.parametrize(
    ("argv", "code", "error"),
    [
        ((), 2, "missing-argument"),
        (("--since", "soon"), 2, "not-a-date"),
        (("--since", DAY, "--file", "nothing"), 2, "tombstones-missing-file"),
        (("--since", DAY), 2, "replay-needs-key"),
    ],
)
def test_wrong_input_is_told_in_one_sentence(run: Any, db: Path, argv: tuple[str, ...], code: int, error: str) -> None:
    if error == "tombstones-missing-file":
        run("resolve", "19", "--anonymise", "--no-notify")
    ran = run("replay", *argv, "--json")
    assert (ran.code, ran.json["errors"][0]["code"]) == (code, error)


def test_lines_that_nobody_can_read_are_not_taken_for_nobody(run: Any, db: Path) -> None:
    """With the keys of the tombstones given up, who came back cannot be known, and the last sentence says so."""
    assert run("resolve", "28", "--anonymise", "--mask", "--blacklist", "--no-notify").code == 0
    assert run("blacklist", "rotate-key", "--drop-old", "--yes").code == 0
    ran = run("replay", "--since", DAY, "--dry-run")
    assert ran.code == 0
    assert "made with a key that is not at hand" in ran.err
    assert "what else was done is not known" in ran.err
    assert "There is nothing to do" not in ran.err


def test_without_the_tombstone_file_nobody_can_say_that_nobody_came_back(run: Any, restored: Path) -> None:
    """What the restored database itself knows ends before the backup: exactly those who came back are missing in it."""
    restored.with_name(f"{restored.name}.tombstones").unlink()
    ran = run("replay", "--since", DAY, "--dry-run")
    assert "what else was done is not known" in ran.err
    assert "There is nothing to do" not in ran.err
