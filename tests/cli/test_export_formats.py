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
