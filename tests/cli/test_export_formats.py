"""`kvkk export --format`: one customer in each format."""

from __future__ import annotations

import json
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
