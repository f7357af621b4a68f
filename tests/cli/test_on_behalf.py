"""Staff act for a customer who wrote: an export with channel, day and how the identity was verified."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import time_machine

NOON = "2026-11-01T09:00:00+00:00"


@pytest.fixture(autouse=True)
def _that_day(db: Path) -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def newest(run: Any) -> dict[str, Any]:
    found: dict[str, Any] = run("downloads", "list", "--limit", "1", "--json").json["data"]["rows"][0]
    return found


def test_an_export_for_a_letter_says_so_in_the_list_of_downloads(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    argv = ("--channel", "letter", "--received", "28.10.2026", "--verified-by", "ID card seen", "--reason", "art. 11")
    assert run("export", "5", "-o", "5.xml", *argv).code == 0
    row = newest(run)
    assert (row["channel"], row["received_on"], row["verified_by"]) == ("letter", "2026-10-28", "ID card seen")
    shown = run("downloads", "list", "--customer", "5", tty=True).out
    assert "letter, 2026-10-28, ID card seen" in " ".join(shown.split())
    turkish = run("downloads", "list", "--customer", "5", tty=True, lang="tr").out
    assert "yazılı başvuru, 28.10.2026" in " ".join(turkish.split())
    plain = run("downloads", "list", "--limit", "1").rows[0]
    assert plain[-4:] == ["art. 11", "letter", "2026-10-28", "ID card seen"]


def test_an_export_of_staffs_own_accord_says_nothing_of_a_channel(run: Any) -> None:
    assert run("export", "5", "-o", "5.xml").code == 0
    row = newest(run)
    assert (row["channel"], row["received_on"], row["verified_by"]) == (None, None, None)


def test_what_is_said_in_part_is_completed(run: Any) -> None:
    assert run("export", "5", "-o", "5.xml", "--verified-by", "by KEP").code == 0
    row = newest(run)
    assert (row["channel"], row["received_on"], row["verified_by"]) == ("other", "2026-11-01", "by KEP")


def test_a_phone_call_is_told_to_be_no_channel(run: Any) -> None:
    ran = run("export", "5", "-o", "5.xml", "--channel", "phone")
    assert ran.code == 0
    assert "written confirmation" in ran.err


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("--received", "2026-11-02"), "received-in-future"),
        (("--received", "1999-01-01"), "received-too-old"),
        (("--received", "soon"), "not-a-date"),
        (("--channel", "pigeon"), "not-one-of"),
        (("--verified-by", "x" * 5000), "text-too-long"),
    ],
)
def test_a_wrong_word_is_refused_before_anything_is_written(run: Any, argv: tuple[str, ...], code: str) -> None:
    before = newest(run)
    ran = run("export", "5", "-o", "5.xml", *argv, "--json")
    assert (ran.code, ran.json["errors"][0]["code"]) == (2, code)
    assert not Path("5.xml").exists()
    assert newest(run) == before
