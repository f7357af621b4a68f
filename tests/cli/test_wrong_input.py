"""Bad input: one clear sentence, its exit code, an unchanged database, no traceback and no value of a person."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import pytest

UNOPENED = [
    (["requsts"], "no-such-command-near"),
    (["xyzzy"], "no-such-command"),
    (["requests", "shw", "1"], "no-such-command-near"),
    (["--bogus"], "no-such-option"),
    (["resolve", "3", "--anonymse"], "no-such-option-near"),
    (["requests", "show"], "missing-argument"),
    (["requests", "show", "1", "2"], "too-many-arguments"),
    (["requests", "show", "abc"], "not-a-number"),
    (["requests", "show", "-1"], "no-such-option"),
    (["requests", "show", "9" * 30], "not-a-number"),
    (["requests", "show", "٣"], "not-a-number"),
    (["requests", "list", "--state", "foo"], "not-one-of"),
    (["requests", "list", "--limit", "x"], "not-between"),
    (["requests", "list", "--limit", "0"], "not-between"),
    (["requests", "list", "--limit"], "option-needs-value"),
    (["requests", "list", "--due-before", "31.02.2026"], "not-a-date"),
    (["requests", "add", "5", "--erase", "--received", "yesterday"], "not-a-date"),
    (["requests", "add", "5"], "nothing-chosen"),
    (["requests", "add", "5", "--erase", "--anonymise"], "anonymise-with-erase"),
    (["requests", "add", "-", "--erase"], "stdin-empty"),
    (["requests", "reject", "3"], "text-needed"),
    (["requests", "reject", "3", "--reason", "  "], "text-needed"),
    (["resolve"], "missing-argument"),
    (["resolve", "3"], "nothing-chosen"),
    (["resolve", "3", "--blacklist"], "nothing-chosen"),
    (["resolve", "3", "--mask"], "mask-needs-anonymise"),
    (["resolve", "3", "--erase", "--mask"], "mask-needs-anonymise"),
    (["resolve", "3", "--erase", "--anonymise"], "anonymise-with-erase"),
    (["resolve", "3", "--erase", "--anonymize", "--mask"], "anonymise-with-erase"),
    (["resolve", "3", "3", "--anonymise"], "same-request-twice"),
    (["resolve", "3", "4", "--anonymise", "--plan", "ab"], "plan-needs-one"),
    (["resolve", "3", "--erase"], "erase-not-confirmed"),
    (["export", "5", "--overwrite"], "overwrite-needs-file"),
    (["export"], "missing-argument"),
    (["help", "xyzzy"], "no-such-topic"),
    (["--lang", "de", "requests", "list"], "bad-language"),
    (["requests", "list", "--db"], "option-needs-value"),
    (["requests", "list", "--json=yes"], "no-such-option"),
    (["requests", "list"], "no-database"),
    (["requests", "list", "--db", " "], "no-database"),
    (["requests", "list", "--db", "oracle://x/y"], "unknown-engine"),
    (["requests", "list", "--db", "postgresql://u:secret@h/d"], "password-in-argument"),
    (["requests", "list", "--db", "sqlite://"], "sqlite-needs-file"),
    (["requests", "list", "--db", "postgresql://[bad"], "bad-url"),
]


@pytest.mark.parametrize("argv", [[], ["templates"]])
def test_a_group_without_a_command_is_an_envelope_for_a_script_and_help_for_a_person(run, argv: list[str]) -> None:
    ran = run("--json", *argv)
    assert (ran.code, ran.json["status"], [one["code"] for one in ran.json["errors"]]) == (2, 2, ["no-command"])
    ran = run(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage:" in ran.err


@pytest.mark.parametrize(("argv", "code"), UNOPENED)
def test_a_wrong_call_ends_with_2_before_anything_is_opened(run, argv: list[str], code: str) -> None:
    ran = run(*argv, "--json") if "--json=yes" not in argv else run("--json", *argv)
    assert ran.code == 2
    envelope = ran.json
    assert envelope["status"] == 2
    assert [error["code"] for error in envelope["errors"]] == [code]
    assert envelope["errors"][0]["message"]
    assert not any(Path.cwd().iterdir())


@pytest.mark.parametrize("lang", ["tr", "en"])
@pytest.mark.parametrize(("argv", "code"), UNOPENED)
def test_a_wrong_call_is_told_in_two_lines(run, argv: list[str], code: str, lang: str) -> None:
    if code == "bad-language":
        pytest.skip("the language is what is wrong")
    ran = run(*argv, lang=lang)
    assert ran.code == 2
    assert ran.out == ""
    lines = ran.err.splitlines()
    first, second = ("Hata: ", "Ne yapmalı: ") if lang == "tr" else ("Error: ", "Next: ")
    assert len(lines) == 2
    assert lines[0].startswith(first)
    assert lines[1].startswith(second)
    assert "?" not in lines[0].replace("Did you mean", "").rstrip("?") or lang == "tr"
    assert "Traceback" not in ran.err
    assert "secret" not in ran.err


OPENED = [
    (["requests", "show", "9999"], 4, "request-not-found"),
    (["requests", "list", "--customer", "nobody@example.com"], 4, "customer-not-found"),
    (["requests", "list", "--after", "nonsense"], 2, "bad-cursor"),
    (["requests", "add", "nobody@example.com", "--erase"], 4, "customer-not-found"),
    (["requests", "add", "5", "--erase", "--received", "2999-01-01"], 2, "received-in-future"),
    (["requests", "cancel", "3"], 5, "already-decided"),
    (["resolve", "9999", "--anonymise"], 4, "request-not-found"),
    (["resolve", "3", "--anonymise"], 5, "already-decided"),
    (["resolve", "3", "--erase", "--yes"], 5, "already-decided"),
    (["certificate", "3"], 4, "certificate-missing"),
    (["certificate", "9999"], 4, "request-not-found"),
    (["letter", "9999"], 4, "request-not-found"),
    (["customers", "show", "99999"], 4, "customer-not-found"),
    (["export", "99999"], 4, "customer-not-found"),
    (["export", "5", "-o", "missing/folder/x.xml"], 2, "output-folder-missing"),
    (["consent", "show", "99999"], 4, "customer-not-found"),
    (["settings", "get", "near-day"], 4, "unknown-setting"),
    (["settings", "set", "near-days", "-5"], 2, "bad-setting-value"),
    (["settings", "set", "company-name", "a\nb"], 2, "bad-setting-text"),
    (["settings", "set", "company-name", "ş" * 501], 2, "bad-setting-text"),
    (["settings", "set", "enforce-consent", "maybe"], 2, "bad-setting-value"),
    (["audit", "verify", "--checkpoint", "x"], 2, "bad-checkpoint"),
    (["map", "check", "--map", "missing.toml"], 2, "map-missing-file"),
]


@pytest.mark.parametrize(("argv", "status", "code"), OPENED)
def test_what_cannot_be_done_is_refused_by_name(run, db: Path, argv: list[str], status: int, code: str) -> None:
    before = hashlib.sha256(db.read_bytes()).hexdigest()
    ran = run(*argv, "--json")
    assert ran.code == status
    assert [error["code"] for error in ran.json["errors"]] == [code]
    assert hashlib.sha256(db.read_bytes()).hexdigest() == before
    assert not any(Path.cwd().iterdir())


def test_every_mistake_of_a_map_is_told_at_once(run, db: Path) -> None:
    Path("broken.toml").write_text('version = 9\nname = 3\n[customer]\ntable = "clients"\nkey = "id"\nname = ["n"]\nemial = "e"\n')
    ran = run("map", "check", "--map", "broken.toml", "--json")
    assert ran.code == 2
    problems = ran.json["errors"][0]["problems"]
    assert len(problems) > 1
    assert all(problem["path"] and problem["message"] for problem in problems)
    told = run("map", "check", "--map", "broken.toml")
    assert len(told.err.splitlines()) >= len(problems) + 1


FILES = {
    "missing.db": (None, "database-missing", 9),
    "empty.db": (b"", "not-initialised", 2),
    "text.db": (b"this is no database at all, it is a text" * 100, "not-a-database", 9),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_database_is_one_sentence(run, name: str) -> None:
    content, code, status = FILES[name]
    if content is not None:
        Path(name).write_bytes(content)
    ran = run("requests", "list", "--db", name, "--json")
    assert ran.code == status
    assert [error["code"] for error in ran.json["errors"]] == [code]
    assert Path(name).exists() == (content is not None)
    assert content is None or Path(name).read_bytes() == content


def test_an_existing_file_is_not_overwritten(run, db: Path) -> None:
    Path("x.xml").write_text("mine")
    ran = run("export", "5", "-o", "x.xml", "--json")
    assert (ran.code, ran.json["errors"][0]["code"]) == (2, "output-exists")
    assert Path("x.xml").read_text() == "mine"
    assert run("export", "5", "-o", "x.xml", "--overwrite").code == 0
    assert os.stat("x.xml").st_mode & 0o777 == 0o600


def test_a_bug_is_told_by_reference_only(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> None:
        raise RuntimeError("ayse@example.com")

    monkeypatch.setattr("kvkk_cli.config.forms.yes_no", bug)
    ran = run("config", "path")
    assert ran.code == 1
    assert "ayse" not in ran.err
    assert "RuntimeError at " in ran.err
    assert len(ran.err.splitlines()) == 2
    monkeypatch.setenv("KVKK_DEBUG", "1")
    assert "ayse" in run("config", "path").err


def test_what_the_map_has_never_judged_is_refused_by_name(run, db: Path) -> None:
    """Drift: a table and a column that appeared after the map was made, each told with table and column; nothing happens."""
    with sqlite3.connect(db) as conn:
        conn.execute("ALTER TABLE customers ADD COLUMN nick_name TEXT")
        conn.execute("CREATE TABLE reviews (id INTEGER PRIMARY KEY, customer_id INTEGER, words TEXT)")
    before = hashlib.sha256(db.read_bytes()).hexdigest()
    for argv in (["map", "check"], ["resolve", "28", "--anonymise", "--mask", "--dry-run"]):
        ran = run(*argv)
        assert ran.code == 6
        assert "customers.nick_name" in ran.err
        assert "reviews" in ran.err
    assert hashlib.sha256(db.read_bytes()).hexdigest() == before
