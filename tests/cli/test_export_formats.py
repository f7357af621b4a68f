"""`kvkk export --format`: one customer in each format."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from .conftest import Run  # type: ignore[import-not-found]


@pytest.mark.parametrize(("form", "ending"), [("xml", ".xml"), ("json", ".json"), ("csv", ".zip"), ("html", ".html")])
def test_a_customer_is_exported_in_each_format(run: Run, db: Path, form: str, ending: str) -> None:
    done = run("export", "12", "--format", form)
    assert done.code == 0, done.err
    file = Path(done.out.strip())
    assert (file.suffix, file.stat().st_mode & 0o777) == (ending, 0o600)
    raw = file.read_bytes()
    if form == "json":
        assert json.loads(raw)["summary"]["records"] > 10
    elif form == "csv":
        assert "columns.csv" in zipfile.ZipFile(file).namelist()
    elif form == "html":
        assert raw.startswith(b"<!DOCTYPE html>")
    listed = run("downloads", "list", "--json").json["data"]["rows"][0]
    assert (listed["format"], listed["state"]) == (form, "done")


def test_an_unknown_format_is_refused(run: Run, db: Path) -> None:
    assert run("export", "12", "--format", "pdf").code == 2


def test_many_customers_get_a_file_each_and_a_manifest(run: Run, db: Path, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    done = run("export", "-", "-o", str(folder), "--format", "json", "--json", stdin="12\n13\n99999\n14\n")
    assert done.code == 7
    data = done.json["data"]
    assert (data["done"], data["failed"], data["total"]) == (3, 1, 4)
    head, *lines = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    assert head == {"run": data["run"], "format": "json"}
    assert [line.get("key", line.get("place")) for line in lines] == ["12", "13", 3, "14"]
    for line in lines:
        if "file" in line:
            raw = (folder / line["file"]).read_bytes()
            assert (hashlib.sha256(raw).hexdigest(), len(raw)) == (line["sha256"], line["bytes"])
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_run_of_exports_that_was_cut_off_goes_on_in_its_folder(run: Run, db: Path, tmp_path: Path) -> None:
    """The last line is torn, as a kill leaves it; its customer is written again and nobody else is."""
    folder, book = tmp_path / "all", tmp_path / "all" / "manifest.jsonl"
    first = run("export", "-", "-o", str(folder), "--json", stdin="12\n13\n").json["data"]["run"]
    book.write_bytes(book.read_bytes()[:-9])
    before = set(folder.iterdir())
    assert run("export", "-", "-o", str(folder), stdin="12\n13\n14\n").code == 2  # another run's folder
    assert run("export", "-", "-o", str(folder), "--resume", "00000000", stdin="12\n13\n").code == 4
    again = run("export", "-", "-o", str(folder), "--resume", first, "--json", stdin="12\n13\n14\n")
    assert (again.code, again.json["data"]["done"]) == (0, 3)
    assert len(set(folder.iterdir()) - before) == 2
    assert [json.loads(line)["key"] for line in book.read_text().splitlines()[1:]] == ["12", "13", "14"]


@pytest.mark.parametrize(
    "words", [("--all",), ("12", "--all", "-o", "x"), (), ("--all", "-o", "x"), ("--from-file", "nowhere", "-o", "x"), ("-", "-o", "x")]
)
def test_a_wrong_call_writes_nothing(run: Run, db: Path, words: tuple[str, ...]) -> None:
    assert run("export", *words).code == 2
    assert list(Path().iterdir()) == []


def test_everybody_is_exported_when_it_is_confirmed(run: Run, db: Path) -> None:
    done = run("export", "--all", "-o", "everybody", "--format", "csv", "--yes", "--json")
    with sqlite3.connect(db) as conn:
        everybody = conn.execute("SELECT count(*) FROM customers").fetchone()[0]
    assert (done.code, done.json["data"]["done"]) == (0, everybody)
    assert len(list(Path("everybody").glob("*.zip"))) == everybody


def test_how_the_customers_of_a_run_asked_is_on_record(run: Run, db: Path) -> None:
    word = ("--channel", "letter", "--received", "2026-10-30", "--verified-by", "signature compared")
    assert run("export", "-", "-o", "some", *word, stdin="12\n13\n").code == 0
    rows = run("downloads", "list", "--limit", "2", "--json").json["data"]["rows"]
    assert [(row["channel"], row["received_on"], row["verified_by"]) for row in rows] == [
        ("letter", "2026-10-30", "signature compared")
    ] * 2
    late = run("export", "-", "-o", "more", "--received", "2999-01-01", stdin="12\n13\n")
    assert late.code == 2
    assert not Path("more").exists()


@pytest.mark.parametrize(
    ("words", "stdin", "code"),
    [
        (("12", "--resume", "00000000", "-o", "x.xml"), "", "resume-one"),
        (("-", "--overwrite", "-o", "x"), "12\n13\n", "overwrite-in-run"),
        (("-", "--resume", "00000000", "-o", "x"), "12\n13\n", "manifest-missing"),
        (("--all", "--resume", "00000000", "-o", "x"), "", "exports-not-confirmed"),
        (("--from-file", "/dev/null", "-o", "x"), "", "list-empty"),
    ],
)
def test_an_option_that_a_call_would_pass_over_is_refused(run: Run, db: Path, words: tuple[str, ...], stdin: str, code: str) -> None:
    done = run("export", *words, "--json", stdin=stdin)
    assert [one["code"] for one in done.json["errors"]] == [code]
    assert list(Path().iterdir()) == []


def test_a_run_that_is_resumed_in_another_format_is_told_which_run_is_there(run: Run, db: Path) -> None:
    first = run("export", "-", "-o", "some", "--json", stdin="12\n13\n").json["data"]["run"]
    done = run("export", "-", "-o", "some", "--format", "json", "--resume", first, "--json", stdin="12\n13\n")
    assert (done.code, done.json["errors"][0]["facts"]) == (4, {"run": first, "format": "xml"})
    Path("file").touch()
    assert run("export", "-", "-o", "file", "--json", stdin="12\n13\n").json["errors"][0]["code"] == "output-not-a-folder"


def test_who_failed_stands_in_the_manifest_once_however_often_it_is_resumed(run: Run, db: Path) -> None:
    names = "12\n99999\n13\n"
    done = run("export", "-", "-o", "some", stdin=names)
    assert "manifest.jsonl" in done.err
    first = json.loads(Path("some", "manifest.jsonl").read_text().splitlines()[0])["run"]
    again = run("export", "-", "-o", "some", "--resume", first, stdin=names)
    assert (again.code, Path("some", "manifest.jsonl").read_text().count("customer-not-found")) == (7, 1)
