"""A scenario with every verb, wrong inputs, guards and faults: no value of the customer outside what is meant to show it.

Planted values are distinctive words in the cells of one customer and in what staff type. Searched are stdout and stderr of
every command, the logs, the audit chain, names of files, and after the erase every cell of our own tables.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvkk_cli.app import main

NUMBER, CUSTOMER = 23, "183"
LONG = os.environ.get("KVKK_TEST_LONG") == "1"
PLANTED = {
    "first_name": "Zühtüplant",
    "last_name": "Planteğrioğlu",
    "email": "zuhtu.planted@planted.example",
    "phone": "+905120077665",
    "identity_no": "10000038316",
    "user_name": "plantedlogin",
}
WORDS = ("zühtüplant", "planteğrioğlu", "zuhtu.planted", "planted.example", "5120077665", "10000038316", "plantedlogin")
"""What is searched for, folded; a number also in groups of digits."""
MAY_SHOW = {
    "requests list",
    "requests show",
    "requests add",
    "customers find",
    "customers show",
    "downloads list",
    "export -",
    "consent list",
}
"""Commands whose answer is about the person."""
SPOKEN = "Zühtüplant Planteğrioğlu (zuhtu.planted@planted.example, 0512 007 76 65)"

TRIGGERS = {
    "sqlite": ["CREATE TRIGGER planted BEFORE DELETE ON services BEGIN SELECT RAISE(ABORT, 'zuhtu.planted@planted.example'); END"],
    "postgresql": [
        "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'kept for zuhtu.planted@planted.example' USING DETAIL = 'Key (email)=(zuhtu.planted@planted.example)'; END $$",
        "CREATE TRIGGER planted BEFORE DELETE ON services FOR EACH ROW EXECUTE FUNCTION planted()",
    ],
    "mariadb": [
        "CREATE TRIGGER planted BEFORE DELETE ON services FOR EACH ROW "
        "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'kept for zuhtu.planted@planted.example'"
    ],
}
UNPLANTED = {
    "sqlite": ["DROP TRIGGER planted"],
    "postgresql": ["DROP TRIGGER planted ON services", "DROP FUNCTION planted()"],
    "mariadb": ["DROP TRIGGER planted"],
}


@pytest.fixture(params=list(TRIGGERS) if LONG else ["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def leaks(text: str) -> list[str]:
    folded = text.casefold().replace("i̇", "i")
    digits = re.sub(r"[\s()-]", "", folded)
    escaped = folded.encode("utf-8").decode("unicode_escape", "replace") if "\\u" in folded else ""
    return [word for word in WORDS if word in folded or word in digits or word in escaped.casefold()]


class Clerk:
    """Types commands; remembers what leaked."""

    def __init__(self, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: list[tuple[str, list[str]]] = []
        self.codes: list[tuple[str, int]] = []
        monkeypatch.setenv("KVKK_DB", url)
        monkeypatch.setenv("KVKK_MAP", "sample")
        monkeypatch.setenv("KVKK_KEY_FILE", str(folder / "kvkk.key"))
        monkeypatch.chdir(folder)

    def types(self, *argv: str, stdin: str = "") -> tuple[int, str]:
        """Run one command with the language and form in turn; look at what it said."""
        from kvkk_cli.options import Everywhere
        from kvkk_cli.output import Output

        streams = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")

        def output(options: Everywhere) -> Output:
            return Output(*streams, io.StringIO(stdin), as_json=options.as_json, quiet=options.quiet)

        code = main(argv, output)
        said = []
        for stream in streams:
            stream.flush()
            said.append(stream.buffer.getvalue().decode("utf-8"))  # type: ignore[attr-defined]
        out, err = said
        verb = " ".join(argv[:2])
        shows = (verb in MAY_SHOW and code == 0) or (argv[0] == "due" and code in (10, 11))
        if found := leaks(err) + ([] if shows else leaks(out)):
            self.found.append((" ".join(argv), found))
        assert "Traceback" not in out + err
        assert code != 1, (argv, out, err)
        self.codes.append((" ".join(argv), code))
        return code, out


DETAILS = json.dumps({"email": PLANTED["email"], "phone": PLANTED["phone"], "national_id": PLANTED["identity_no"]})


def office(type_: Callable[..., tuple[int, str]]) -> None:
    """The verbs beside requests: gate, consent, blacklist, staff, messages, what the timer does.

    A template that is not there is told by the name that was typed.
    """
    for bad in (SPOKEN, PLANTED["email"] + "9", PLANTED["user_name"]):
        type_("access", "check", bad)
        type_("access", "restore", bad, "--reason", SPOKEN)
        type_("access", "reset", bad)
        type_("consent", "show", bad)
        type_("consent", "withdraw", "-", stdin=bad)
        type_("blacklist", "add", "--customer", bad, "--reason", SPOKEN)
        type_("blacklist", "add", "--reason", bad, stdin=SPOKEN)
        type_("blacklist", "check", stdin=json.dumps({"email": bad, "phone": SPOKEN}))
        type_("blacklist", "check", stdin=json.dumps({PLANTED["email"]: SPOKEN}))
        type_("blacklist", "remove", bad, "--reason", SPOKEN)
        type_("access", "register", stdin="[" + json.dumps(bad))
        type_("templates", "edit", "resolved", bad, "-", stdin=SPOKEN)
        type_("templates", "edit", "resolved", "tr", "-", stdin=SPOKEN + " $" + PLANTED["user_name"])
        type_("outbox", "retry", bad)
        type_("outbox", "drop", bad)
        type_("runs", "show", bad)
        type_("reports", "show", bad)
        type_("replay", "--since", bad)
        type_("due", "--days", bad)
        type_("consent", "list", "--after", bad)
    for form in ((), ("--json",)):
        type_("access", "check", "-", *form, stdin=PLANTED["email"])
        type_("access", "register", *form, stdin=DETAILS)
        type_("blacklist", "check", *form, stdin=DETAILS)
        type_("blacklist", "add", "--reason", f"fraud: {PLANTED['email']}, {PLANTED['phone']}", *form, stdin=DETAILS)
        type_("blacklist", "add", "--customer", CUSTOMER, "--reason", SPOKEN, *form)
        type_("access", "register", *form, stdin=DETAILS)
        type_("blacklist", "check", *form, stdin=DETAILS)
        type_("blacklist", "list", *form)
        type_("consent", "show", "-", *form, stdin="phone:" + PLANTED["phone"])
        type_("consent", "list", *form)
        type_("consent", "list", "--missing", "--search", "-", *form, stdin=PLANTED["last_name"])
        type_("staff", "list", *form)
        type_("templates", "list", *form)
        type_("templates", "preview", "resolved", "tr", *form)
        type_("outbox", "list", *form)
        type_("outbox", "send", *form)
        type_("due", *form)
        type_("run", *form)
        type_("reports", "list", *form)
        type_("runs", "list", *form)
        type_("replay", "--since", "2026-11-01", "--dry-run", *form)
    type_("blacklist", "remove", "-", "--reason", f"paid: {PLANTED['email']}", stdin=DETAILS)
    type_("blacklist", "rotate-key", "--yes")


def scenario(type_: Callable[..., tuple[int, str]], plant: Callable[[bool], None]) -> None:
    """Every verb, right and wrong."""
    spoken = ("--note", SPOKEN)
    for named in (PLANTED["email"], "phone:0512 007 76 65", f"id:{PLANTED['identity_no']}", CUSTOMER):
        type_("customers", "show", named)
        type_("requests", "list", "--customer", named)
        type_("requests", "add", named, "--erase", *spoken)  # a second one: refused
    for wrong in ("nobody-" + PLANTED["email"], "phone:" + PLANTED["phone"] + "9", PLANTED["user_name"], SPOKEN, "id:" + SPOKEN):
        type_("customers", "show", wrong)
        type_("requests", "add", wrong, "--erase", *spoken)
        type_("export", wrong)
        type_("consent", "give", wrong)
    type_("customers", "show", "-", stdin=PLANTED["email"] + "9\n")
    type_("customers", "find", PLANTED["last_name"])
    type_("requests", "show", str(NUMBER))
    # Not among these: an unknown command, setting or file, which is told by the name that was typed.
    for bad in (SPOKEN, PLANTED["email"]):
        type_("requests", "show", bad)
        type_("resolve", bad, "--erase")
        type_("settings", "set", "near-days", bad)
        type_("requests", "list", "--after", bad)
        type_("audit", "verify", "--checkpoint", bad)
        type_("resolve", str(NUMBER), "--erase", "--plan", bad, "--force", bad)
        type_("--lang", bad, "requests", "list")
    type_("consent", "give", CUSTOMER)
    type_("export", CUSTOMER, "--reason", SPOKEN)
    type_("export", CUSTOMER, "-o", "there.xml", "--json")
    type_("export", CUSTOMER, "-o", "there.xml")  # exists already
    type_("resolve", str(NUMBER), "--erase", "--yes")  # an open account
    type_("resolve", str(NUMBER), "--anonymise", "--dry-run", "--force", SPOKEN)
    type_("resolve", str(NUMBER), "--erase", "--dry-run", "--force", SPOKEN, "--json")
    type_("requests", "extend", str(NUMBER), "--reason", SPOKEN)
    office(type_)
    plant(True)
    for form in ((), ("--json",), ("--lang", "en")):
        type_("resolve", str(NUMBER), "--erase", "--yes", "--force", SPOKEN, *form)  # the database fails, with values in its words
    plant(False)
    type_("resolve", str(NUMBER), "--erase", "--blacklist", "--yes", "--force", SPOKEN, "--reason", SPOKEN)
    type_("resolve", str(NUMBER), "--erase", "--yes")
    for form in ((), ("--json",)):
        type_("certificate", str(NUMBER), *form)
        type_("letter", str(NUMBER))
        type_("audit", "list", *form)
        type_("audit", "export")
        type_("audit", "verify", *form)
        type_("audit", "anchor")
        type_("requests", "list", "--all", *form)
        type_("requests", "list", "--customer", CUSTOMER, *form)
        type_("requests", "show", str(NUMBER), *form)
        type_("downloads", "list", *form)
        type_("settings", "list", *form)
        type_("doctor", *form)
        type_("map", "show", *form)
        type_("access", "check", CUSTOMER, *form)
        type_("consent", "show", CUSTOMER, *form)
        type_("outbox", "list", *form)
        type_("blacklist", "check", *form, stdin=DETAILS)
        type_("replay", "--since", "2026-11-01", "--yes", *form)
        type_("run", *form)


def test_no_value_of_the_customer_anywhere(
    sample_url: str, engine_name: str, tmp_path: Path, tools: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    changes = ", ".join(f"{column} = '{value}'" for column, value in PLANTED.items())
    tools.execute(
        sample_url,
        f"UPDATE customers SET {changes} WHERE id = {CUSTOMER}",
        f"UPDATE tickets SET subject = '{SPOKEN}' WHERE customer_id = {CUSTOMER}",
        f"UPDATE notes SET text = '{SPOKEN}' WHERE about_type = 'customer' AND about_id = {CUSTOMER}",
    )
    clerk = Clerk(sample_url, tmp_path, monkeypatch)
    scenario(clerk.types, lambda on: tools.execute(sample_url, *(TRIGGERS if on else UNPLANTED)[engine_name]))
    assert not clerk.found, "\n".join(map(str, clerk.found))
    codes = dict(clerk.codes)
    assert codes[f"resolve {NUMBER} --erase --blacklist --yes --force {SPOKEN} --reason {SPOKEN}"] == 0, clerk.codes
    assert {code for _, code in clerk.codes} >= {0, 2, 4, 5, 6}
    assert [record.getMessage() for record in caplog.records if leaks(record.getMessage() + str(record.exc_text or ""))] == []
    after = tools.snapshot(sample_url)
    assert [name for name, rows in after.items() if leaks(json.dumps(list(rows.values()), ensure_ascii=False))] == []
    assert [name for name, rows in after.items() if name.startswith("kvkk_") and names_key(rows)] == []
    assert [path.name for path in tmp_path.rglob("*") if leaks(path.name)] == []


def names_key(rows: Any) -> bool:
    """Whether a cell of ours is the customer's key, as text."""
    return any(f"'{CUSTOMER}'" in row for row in rows.values())
