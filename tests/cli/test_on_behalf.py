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


LIST = (
    "customer;kind;channel;received;verified_by\n200;anonymise;letter;20.10.2026;signature compared\n204;yok et;phone;;\nnobody;erase;;;\n"
)


@pytest.fixture
def listed(tmp_path: Path) -> str:
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="utf-8-sig")
    return str(path)


def test_a_list_is_filed_line_by_line_and_7_says_that_some_failed(run: Any, listed: str) -> None:
    seen = run("requests", "add", "--from-file", listed, "--dry-run")
    assert (seen.code, [row[0] for row in seen.rows]) == (7, ["2", "3", "4"])
    assert "2 requests would be filed, 1 lines would fail. Nothing was changed." in seen.err
    ran = run("requests", "add", "--from-file", listed)
    assert ran.code == 7
    assert ran.rows == [["2", "32", "2026-11-19", ""], ["3", "33", "2026-12-01", ""], ["4", "", "", "customer-not-found"]]
    assert "Line 4: There is no such customer." in ran.err
    assert "1 came by phone" in ran.err
    shown = run("requests", "show", "32")
    assert "signature compared" in shown.out
    turkish = run("requests", "add", "--from-file", "-", stdin=LIST, lang="tr")
    assert "2. satır: Müşterinin zaten açık bir talebi var: 32" in turkish.err


def test_a_list_from_stdin_for_scripts(run: Any) -> None:
    ran = run("requests", "add", "--from-file", "-", "--json", stdin="customer,kind\n200,erase\n")
    assert ran.code == 0
    assert ran.json["data"]["lines"] == [{"line": 2, "number": 32, "due_on": "2026-12-01", "code": None, "facts": {}}]


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("200", "--from-file", "x.csv"), "from-file-alone"),
        (("--from-file", "x.csv", "--erase"), "from-file-alone"),
        (("--from-file", "x.csv", "--channel", "letter"), "from-file-alone"),
        (("200", "--erase", "--dry-run"), "dry-run-needs-file"),
        (("--from-file", "x.csv"), "csv-missing-file"),
        (("--erase",), "missing-argument"),
    ],
)
def test_a_wrong_call_for_a_list_is_told(run: Any, argv: tuple[str, ...], code: str) -> None:
    ran = run("requests", "add", *argv, "--json")
    assert (ran.code, ran.json["errors"][0]["code"]) == (2, code)


def test_nothing_of_a_bad_file_is_filed_or_repeated(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes("customer;kind\n200;erase\nSıdıka;erase\n".encode("cp1254"))
    ran = run("requests", "add", "--from-file", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert "line 3" in ran.err
    assert "UTF-8" in ran.err
    assert "dıka" not in ran.err
    assert run("requests", "show", "32").code == 4
