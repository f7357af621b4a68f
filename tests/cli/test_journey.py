"""The main job through the command line, on a copy of the sample database."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

KEYS = {
    "number",
    "customer",
    "customer_name",
    "kind",
    "regime",
    "channel",
    "state",
    "received_on",
    "due_on",
    "days_left",
    "services",
    "invoices",
    "last_error",
}
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def _the_day_of_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk's clock stands on the day of the sample, so that days left are the same every day."""
    from datetime import UTC, datetime

    import core
    from core.desk import open_desk

    def standing(*args: object, **more: object) -> object:
        return open_desk(*args, **more, clock=lambda: datetime(2026, 11, 1, 9, tzinfo=UTC))  # type: ignore[arg-type]

    monkeypatch.setattr(core, "open_desk", standing)


def first(run, **wanted: object) -> dict:
    """The first open request whose fields are these."""
    rows = run("requests", "list", "--json").json["data"]["rows"]
    return next(row for row in rows if all(row[key] == value for key, value in wanted.items()))


def test_a_request_has_the_documented_keys(run, db: Path) -> None:
    envelope = run("requests", "list", "--json").json
    assert set(envelope) == {"version", "command", "status", "data", "errors"}
    assert (envelope["version"], envelope["command"], envelope["status"], envelope["errors"]) == (1, "requests list", 0, [])
    row = envelope["data"]["rows"][0]
    assert set(row) == KEYS
    assert set(row["services"]) == {"active", "passive"}
    assert set(row["invoices"]) == {"paid", "unpaid", "unpaid_amounts"}
    assert isinstance(row["invoices"]["unpaid_amounts"], dict)
    assert isinstance(row["customer"], str)
    detail = run("requests", "show", str(row["number"]), "--json").json["data"]
    assert set(detail) >= KEYS


def test_the_three_calls_that_must_work(run, db: Path) -> None:
    number = str(first(run, kind="anonymise", state="pending")["number"])
    resolved = run("resolve", number, "--anonymise", "--mask", "--blacklist")
    assert resolved.code == 0, resolved.err
    exported = run("export", "5")
    assert exported.code == 0
    assert re.fullmatch(r"kvkk-export-20261101-[0-9a-f]+\.xml\n", exported.out)
    assert Path(exported.out.strip()).stat().st_mode & 0o777 == 0o600
    assert run("settings", "set", "enforce-consent", "on").out == "enforce-consent = on\n"
    assert run("settings", "get", "enforce-consent").out == "on\n"


@pytest.mark.parametrize("lang", ["tr", "en"])
def test_the_main_screens_are_the_golden_ones(run, db: Path, lang: str) -> None:
    from .test_help import golden  # type: ignore[import-not-found]

    number = str(first(run, kind="anonymise", state="pending")["number"])
    lines = (
        ["requests", "list"],
        ["requests", "show", number],
        ["resolve", number, "--anonymise", "--mask", "--blacklist", "--dry-run"],
        ["customers", "show", "5"],
        ["settings", "list"],
        ["downloads", "list"],
        ["requests", "show", "9999"],
    )
    pages = []
    for line in lines:
        ran = run(*line, lang=lang)
        pages.append(f"$ kvkk {' '.join(line)}\n{ran.out}{ran.err}")
    golden(f"screens.{lang}.txt", re.sub(r"[0-9a-f]{64}", "<fingerprint>", "\n".join(pages)))


def test_a_dry_run_changes_nothing_and_its_plan_is_accepted(run, db: Path) -> None:
    number = str(first(run, kind="anonymise", state="pending")["number"])
    before = db.read_bytes()
    seen = run("resolve", number, "--anonymise", "--mask", "--dry-run", "--json").json["data"]
    assert db.read_bytes() == before
    stale = run("resolve", number, "--anonymise", "--mask", "--plan", "0" * 64, "--json")
    assert (stale.code, stale.json["errors"][0]["code"]) == (5, "plan-moved")
    assert run("resolve", number, "--anonymise", "--mask", "--plan", seen["fingerprint"]).code == 0


def test_a_dry_run_of_what_is_refused_ends_like_the_run(run, db: Path) -> None:
    rows = run("requests", "list", "--kind", "erase", "--json").json["data"]["rows"]
    busy = str(next(r["number"] for r in rows if r["services"]["active"]))
    dry = run("resolve", busy, "--erase", "--dry-run", "--json")
    wet = run("resolve", busy, "--erase", "--yes", "--json")
    assert dry.code == wet.code == 6
    assert dry.json["data"]["refusals"][0]["code"] == wet.json["errors"][0]["code"] == "open-account"


def test_several_requests_are_units_of_their_own(run, db: Path) -> None:
    number = str(first(run, kind="anonymise", state="pending")["number"])
    ran = run("resolve", "9999", number, "--anonymise", "--json")
    assert ran.code == ran.json["status"] == 7
    assert [one["number"] for one in ran.json["data"]] == [int(number)]
    assert [one["code"] for one in ran.json["errors"]] == ["request-not-found"]


def test_an_erase_on_a_terminal_asks_for_the_number(run, db: Path) -> None:
    rows = run("requests", "list", "--kind", "erase", "--json").json["data"]["rows"]
    free = next(str(r["number"]) for r in rows if r["state"] == "pending" and not r["services"]["active"] and not r["invoices"]["unpaid"])
    refused = run("resolve", free, "--erase", tty=True, stdin="yes\n")
    assert refused.code == 2
    assert run("requests", "show", free, "--json").json["data"]["state"] == "pending"
    done = run("resolve", free, "--erase", tty=True, stdin=f"{free}\n")
    assert done.code == 0, done.err
    shown = run("requests", "show", free, "--json").json["data"]
    assert (shown["state"], shown["customer"], shown["customer_name"]) == ("resolved", None, None)
    assert run("certificate", free, "--xml").out.startswith("<?xml")
    assert run("letter", free).code == 0


def test_a_customer_can_be_named_on_standard_input(run, db: Path) -> None:
    assert run("customers", "show", "-", stdin="5\n", lang="en").code == 0
    assert run("export", "-", "-o", "-", stdin="5\n").out.startswith("<?xml")


def test_a_filed_request_prints_its_number(run, db: Path) -> None:
    ran = run("requests", "add", "44", "--erase", "--channel", "phone", "--note", "[/bold]\x1b]0;x\x07")
    assert ran.code == 0
    assert ran.out.strip().isdigit()
    assert "written confirmation" in ran.err
    shown = run("requests", "show", ran.out.strip(), tty=True)
    assert "[/bold]‹U+001B›]0;x‹U+0007›" in shown.out
    again = run("requests", "add", "44", "--anonymise", "--json")
    assert (again.code, again.json["errors"][0]["facts"]) == (5, {"number": int(ran.out)})


def test_no_screen_lets_an_escape_through(run, db: Path) -> None:
    """The sample has a customer whose name attacks the terminal."""
    hostile = run("customers", "find", "dusmanca", "--json").json["data"][0]["key"]
    for argv in (["customers", "show", hostile], ["customers", "find", "dusmanca"], ["requests", "list", "--state", "all"]):
        for tty in (True, False):
            drawn = run(*argv, tty=tty).out.replace("\x1b[0m", "").replace("\x1b[1m", "").replace("\x1b[2m", "")
            assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", drawn)
            assert "\nSTATUS" not in drawn


def test_consent_is_given_once(run, db: Path) -> None:
    assert run("consent", "withdraw", "44", "--json").code in (0, 5)
    assert run("consent", "give", "44", "--channel", "letter").code == 0
    assert run("consent", "give", "44", "--json").json["errors"][0]["code"] == "consent-given"
    assert run("consent", "show", "44", "--json").json["data"]["given"] is True


def test_the_audit_can_be_verified_against_its_anchor(run, db: Path) -> None:
    anchor = run("audit", "anchor").out.strip()
    run("settings", "set", "near-days", "5")
    verified = run("audit", "verify", "--checkpoint", anchor, "--json").json["data"]
    assert verified["vouched"] is True
    assert len(run("audit", "export").out.splitlines()) == verified["entries"]


def test_the_language_of_the_database_counts_when_nobody_chose(run, db: Path) -> None:
    assert "Talep Eden Müşteri" in run("requests", "show", "3", lang=None).out
    run("settings", "set", "language", "en")
    assert "Requesting customer" in run("requests", "show", "3", lang=None).out


def test_doctor_and_map_find_nothing_wrong_with_the_sample(run, db: Path) -> None:
    assert run("map", "check").code == 0
    assert run("map", "show").code == 0
    ran = run("doctor", "--json")
    assert ran.code == 0
    assert all(finding["grade"] != "error" for finding in ran.json["data"])


def test_init_makes_a_database_and_says_when_it_is_there(run) -> None:
    made = run("init", "--db", "new.db", "--json")
    assert (made.code, made.json["data"]["before"], made.json["data"]["made_file"]) == (0, "none", True)
    again = run("init", "--db", "new.db", "--json")
    assert (again.code, again.json["data"]["before"]) == (0, "current")
    assert run("upgrade", "--db", "new.db").code == 0
    assert run("requests", "list", "--db", "new.db", "--json").json["data"]["rows"] == []


def test_config_says_where_the_database_comes_from(run, db: Path) -> None:
    lines = run("config", "show", "--json").json["data"]
    assert lines[0] == {"key": "database", "value": str(db), "origin": "KVKK_DB"}
    assert len(run("config", "path").rows) == 2


def test_the_demo_leaves_a_copy_to_play_with(run) -> None:
    ran = run("demo", "--json")
    assert ran.code == 0, ran.err
    database = ran.json["data"]["database"]
    assert run("audit", "verify", "--db", database).code == 0
    assert run("certificate", str(ran.json["data"]["request"]), "--db", database).code == 0
    assert Path(ran.json["data"]["export"]).exists()


def test_the_demo_makes_its_own_sample_where_none_ships(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.sample.demo.SHIPPED", Path("nowhere.db"))
    assert run("demo", "--json").code == 0


@pytest.mark.parametrize("lang", ["tr", "en"])
def test_the_demo_tells_its_story(run, lang: str) -> None:
    ran = run("demo", "--no-console", lang=lang, tty=True)
    assert ran.code == 0, ran.err
    for line in ("$ kvkk requests list", "--dry-run", "$ kvkk certificate", "$ kvkk export", "audit verify"):
        assert line in ran.out
