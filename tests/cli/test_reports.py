"""`kvkk reports` and `kvkk audit verify --archives` on the command line."""

from __future__ import annotations

from pathlib import Path


def test_reports_are_listed_and_printed_in_both_languages(run, db: Path) -> None:
    empty = run("reports", "list")
    assert (empty.code, empty.out) == (0, "")
    assert run("run").code == 0
    rows = run("reports", "list", "--json").json["data"]
    assert rows
    number = str(rows[0]["number"])
    shown = run("reports", "show", number)
    assert shown.code == 0
    assert "Periodic destruction report" in shown.out
    assert "Periyodik İmha Raporu" in run("reports", "show", number, lang="tr").out
    data = run("reports", "show", number, "--json").json["data"]
    assert {"number", "since", "until", "report", "text"} <= set(data)
    assert [row[0] for row in run("reports", "list").rows] == [str(row["number"]) for row in rows]


def test_a_report_that_is_not_there(run, db: Path) -> None:
    missing = run("reports", "show", "99")
    assert missing.code == 4
    assert "There is no report 99." in missing.err
    assert run("reports", "show", "many").code == 2


def test_archives_are_checked_on_demand(run, db: Path) -> None:
    told = run("audit", "verify", "--archives")
    assert told.code == 0
    assert "unbroken" in told.out
