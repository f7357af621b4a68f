"""`kvkk templates` and `kvkk outbox` as people and scripts use them, with and without a mail server."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

FREE = "250"
"""A customer without a request."""


class Box:
    """What a mail server received."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mail: list[tuple[list[str], bytes]] = []
        self.refuse = False
        self.hang_up = False
        """Takes the message, and the line is lost before the answer."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.refuse:
            return f"550 {address} is not known"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mail.append((envelope.rcpt_tos, envelope.original_content))
        if self.hang_up:
            server.transport.abort()
        return "250 OK"


@pytest.fixture
def box(run: Any, db: Path) -> Iterator[Box]:
    """A mail server, and the settings that name it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    found = Box(port)
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    for key, value in (("smtp-host", "localhost"), ("smtp-port", str(port)), ("smtp-tls", "off"), ("mail-from", "kvkk@firma.example")):
        assert run("settings", "set", key, value).code == 0
    yield found
    controller.stop()


def away(run: Any) -> None:
    """Name a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for key, value in (("smtp-host", "localhost"), ("smtp-port", str(port)), ("smtp-tls", "off"), ("mail-from", "kvkk@firma.example")):
        assert run("settings", "set", key, value).code == 0


def newest(run: Any) -> dict[str, Any]:
    rows: list[dict[str, Any]] = run("outbox", "list", "--state", "all", "--limit", "1", "--json").json["data"]["rows"]
    return rows[0]


# --- templates -------------------------------------------------------------------------------------------------------


def test_templates_are_listed_for_people_and_for_scripts(run: Any, db: Path) -> None:
    rows = run("templates", "list").rows
    assert rows[0] == ["received", "tr", "$number numaralı talebiniz alınmıştır", ""]
    assert len(rows) == 24
    assert "built in" in run("templates", "list", tty=True).out
    data = run("templates", "list", "--json").json["data"]
    assert {row["event"] for row in data if row["for_staff"]} == {"new-request", "near", "overdue"}


def test_what_is_shown_can_be_edited_and_is_the_same(run: Any, db: Path, tmp_path: Path) -> None:
    shown = run("templates", "show", "rejected", "tr")
    assert shown.out.startswith("Konu: ")
    assert "$complaint" in shown.err
    file = tmp_path / "rejected.txt"
    file.write_text(shown.out, encoding="utf-8")
    assert run("templates", "edit", "rejected", "tr", str(file)).code == 0
    assert run("templates", "show", "rejected", "tr").out == shown.out
    assert run("templates", "edit", "rejected", "tr", "-", stdin=shown.out.replace("Sayın", "Merhaba")).code == 0
    assert "Merhaba Ayşe Yılmaz," in run("templates", "preview", "rejected", "tr").out
    assert run("templates", "reset", "rejected", "tr").out == "rejected (tr): the built-in template counts.\n"
    assert run("templates", "show", "rejected", "tr").out == shown.out


def test_the_language_of_the_interface_is_shown_when_none_is_named(run: Any, db: Path) -> None:
    assert run("templates", "show", "near", lang="tr").out.startswith("Konu: ")
    assert run("templates", "preview", "near", lang="en").out.startswith("Subject")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("hi", "template-no-subject", "first line"),
        ("Subject: x\n\n$number\n$unknown", "template-unknown-field", "Line 4 "),
        ("Subject: x\n\n{{ ''.__class__ }}", "template-foreign", "Line 3 "),
        ("Subject: $kind\n\n$number", "template-subject-field", "Line 1:"),
        ("Subject: x\n\nno number", "template-field-missing", "$number"),
        ("Subject: x\n\n$number " + "x" * 30_000, "template-too-long", "too long"),
        ("x" * 10_000_000, "text-file-long", "too long"),
    ],
    ids=lambda value: value[:20],
)
def test_a_text_that_would_not_render_is_refused_with_its_line(run: Any, db: Path, text: str, code: str, line: str) -> None:
    for verb in ("edit", "preview"):
        ran = run("templates", verb, "near", "en", "-", stdin=text)
        assert (ran.code, ran.out) == (2, "")
        assert line in ran.err
    assert run("templates", "edit", "near", "en", "-", "--json", stdin=text).json["errors"][0]["code"] == code
    assert run("templates", "list", "--json").json["data"][-1]["is_default"]


def test_wrong_names_are_told(run: Any, db: Path) -> None:
    ran = run("templates", "show", "resolve")
    assert ran.code == 4
    assert "Did you mean resolved?" in ran.err
    assert run("templates", "edit", "resolved", "de", "-").code == 2
    assert run("templates", "edit", "resolved", "en", "nowhere.txt").code == 2
    ran = run("templates", "edit", "resolved", "en")
    assert ran.code == 2
    assert "Without a terminal" in ran.err


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`editor(script)`: $EDITOR runs these lines of shell on the file, which is $1."""

    def set_(script: str) -> None:
        file = tmp_path / "my editor"
        file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        file.chmod(0o700)
        monkeypatch.setenv("EDITOR", f"'{file}' --wait")
        monkeypatch.delenv("VISUAL", raising=False)

    return set_


def test_a_template_is_edited_in_the_persons_own_editor(run: Any, db: Path, editor: Any, tmp_path: Path) -> None:
    editor('[ "$1" = --wait ] && [ "$(stat -c %a "$(dirname "$2")")" = 700 ] && sed -i "s/^Dear/Hello/" "$2"')
    assert run("templates", "edit", "received", "en", tty=True).code == 0
    assert "Hello Ayşe Yılmaz," in run("templates", "preview", "received", "en").out
    editor("true")
    assert "Nothing was changed." in run("templates", "edit", "received", "en", tty=True).err
    assert list(tmp_path.glob("kvkk-*")) == []


def test_what_was_written_is_not_lost_when_it_is_refused(run: Any, db: Path, editor: Any, tmp_path: Path) -> None:
    editor('echo "my long work {{x}}" >> "$2"')
    ran = run("templates", "edit", "received", "en", stdin="n\n", tty=True)
    assert ran.code == 2
    (kept,) = tmp_path.glob("kvkk-*/template.txt")
    assert "my long work" in kept.read_text(encoding="utf-8")
    assert str(kept) in ran.err
    editor('if grep -q done "$2"; then sed -i "s/{{x}}//" "$2"; else echo "done {{x}}" >> "$2"; fi')
    assert run("templates", "edit", "received", "en", stdin="y\n", tty=True).code == 0
    assert run("templates", "show", "received", "en").out.rstrip().endswith("done")


def test_an_editor_that_fails_changes_nothing(run: Any, db: Path, editor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    editor("exit 3")
    assert run("templates", "edit", "received", "en", tty=True).code == 2
    monkeypatch.setenv("VISUAL", "/nowhere/editor")
    ran = run("templates", "edit", "received", "en", tty=True)
    assert ran.code == 2
    assert "/nowhere/editor" in ran.err


# --- the outbox ------------------------------------------------------------------------------------------------------


def test_without_a_mail_server_a_message_waits_and_the_list_says_so(run: Any, db: Path) -> None:
    assert run("requests", "add", FREE, "--erase").code == 0
    ran = run("outbox", "list")
    assert (ran.code, len(ran.rows)) == (0, 1)
    assert ran.rows[0][2:7] == ["received", "customer", "32", "queued", "0"]
    assert "No mail server is set" in ran.err
    ran = run("outbox", "send")
    assert ran.code == 2
    assert "still waiting: 1" in ran.out


def test_a_command_sends_its_own_message_at_once(run: Any, db: Path, box: Box) -> None:
    ran = run("requests", "add", FREE, "--erase")
    assert (ran.code, ran.out) == (0, "32\n")
    assert "Messages sent: 1." in ran.err
    ((recipients, content),) = box.mail
    assert len(recipients) == 1
    assert b"Auto-Submitted: auto-generated" in content
    assert newest(run)["state"] == "sent"
    assert run("outbox", "list").out == ""


def test_a_message_that_does_not_go_out_at_once_ends_with_13(run: Any, db: Path) -> None:
    away(run)
    ran = run("requests", "add", FREE, "--erase")
    assert (ran.code, ran.out) == (13, "32\n")
    assert "cannot be reached" in ran.err
    assert run("requests", "show", "32").code == 0
    assert run("outbox", "send").code == 9
    answer = run("outbox", "send", "--json").json
    assert (answer["status"], answer["data"]["waiting"], answer["errors"][0]["code"]) == (9, 1, "mail-unreachable")


def test_a_message_that_may_have_arrived_is_not_called_unsent(run: Any, db: Path, box: Box) -> None:
    box.hang_up = True
    ran = run("requests", "add", FREE, "--erase")
    assert (ran.code, newest(run)["state"]) == (13, "unknown")
    assert "Messages that may have arrived: 1." in ran.err
    assert "did not go out" not in ran.err


def test_a_refusal_at_send_says_what_can_be_done(run: Any, db: Path, box: Box) -> None:
    away(run)
    assert run("requests", "add", FREE, "--erase").code == 13
    box.refuse = True
    assert run("settings", "set", "smtp-port", str(box.port)).code == 0
    ran = run("outbox", "send")
    assert ran.code == 7
    assert "kvkk outbox drop" in ran.err


def test_a_refused_message_is_shown_tried_again_and_dropped(run: Any, db: Path, box: Box) -> None:
    box.refuse = True
    ran = run("requests", "add", FREE, "--erase")
    assert ran.code == 13
    assert "did not go out: 1" in ran.err
    row = newest(run)
    assert (row["state"], row["last_error"]) == ("failed", "mail-refused-550")
    told = run("outbox", "list", lang="tr", tty=True)
    assert "İletilemedi" in told.out
    assert "kesin olarak" in told.out
    number = str(row["id"])
    assert run("outbox", "retry", number).code == 13
    box.refuse = False
    ran = run("outbox", "retry", number)
    assert (ran.code, len(box.mail)) == (0, 1)
    assert ran.out == f"Message {number} is being sent again.\n"
    assert run("outbox", "drop", number).code == 5
    box.refuse = True
    run("requests", "cancel", "32")
    number = str(newest(run)["id"])
    assert run("outbox", "drop", number).out == f"Message {number}: Dropped.\n"
    with sqlite3.connect(db) as conn:
        assert conn.execute("SELECT sealed FROM kvkk_outbox WHERE id = ?", (number,)).fetchone() == (None,)


def test_wrong_numbers_are_told(run: Any, db: Path) -> None:
    assert run("outbox", "drop", "999").code == 4
    assert run("outbox", "retry", "x").code == 2
    assert run("outbox", "drop", "1", "1").code == 2
    ran = run("outbox", "drop", "998", "999")
    assert ran.code == 7
    assert "Message 999: " in ran.err
    assert run("outbox", "list", "--state", "nonsense").code == 2
    assert run("outbox", "list", "--limit", "0").code == 2


def test_an_address_is_never_shown(run: Any, db: Path, box: Box) -> None:
    box.refuse = True
    said = ""
    for argv in (("requests", "add", FREE, "--erase"), ("outbox", "send"), ("outbox", "list", "--json"), ("audit", "export")):
        ran = run(*argv)
        said += ran.out + ran.err
    with sqlite3.connect(db) as conn:
        (address,) = conn.execute("SELECT email FROM customers WHERE id = ?", (FREE,)).fetchone()
    assert address not in said
    assert "is not known" not in said


def test_an_answer_that_has_not_arrived_for_a_week_is_told(run: Any, db: Path) -> None:
    assert run("requests", "reject", "28", "--reason", "not proven").code == 0
    assert "has not been delivered" not in run("requests", "show", "28").err
    with sqlite3.connect(db) as conn:
        conn.execute("UPDATE kvkk_outbox SET queued_at = '2026-01-05 09:00:00.000000' WHERE event = 'rejected' AND request = 28")
    shown = run("requests", "show", "28")
    assert "The answer of 2026-01-05 has not been delivered" in shown.err
    assert run("requests", "show", "28", "--json").json["data"]["undelivered_since"] == "2026-01-05T09:00:00+00:00"
    assert run("due").code == 11
    assert run("due", "--json").json["data"]["undelivered"] == [28]
    number = next(row["id"] for row in run("outbox", "list", "--json").json["data"]["rows"] if row["request"] == 28)
    assert run("outbox", "drop", str(number)).code == 0
    assert run("requests", "show", "28", "--json").json["data"]["undelivered_since"] is None


def test_doctor_says_whether_mail_can_go_out(run: Any, db: Path) -> None:
    def mail() -> list[str]:
        return next(row for row in run("doctor").rows if row[1].startswith("mail-"))[:2]

    assert mail() == ["note", "mail-not-set"]
    away(run)
    assert mail() == ["warning", "mail-unreachable"]
    run("settings", "reset", "mail-from")
    assert mail() == ["warning", "mail-no-sender"]


def test_doctor_says_that_the_mail_server_lets_us_in(run: Any, db: Path, box: Box) -> None:
    assert ["ok", "mail-ok"] in [row[:2] for row in run("doctor").rows]
    assert box.mail == []


def test_json_of_a_run_that_sends_is_one_document(run: Any, db: Path, box: Box) -> None:
    ran = run("requests", "add", FREE, "--erase", "--json")
    assert json.loads(ran.out)["data"]["number"] == 32
    assert len(box.mail) == 1
