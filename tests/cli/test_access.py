"""`kvkk access` register, restore and reset as people and scripts call them."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("db")
BLOCKED = "221"
FREE = "250"


def test_access_is_given_back_and_a_link_to_a_new_password_sent(run: Any) -> None:
    assert run("access", "check", BLOCKED).code == 3
    done = run("access", "restore", BLOCKED, "--reason", "wrong customer")
    assert done.code == 0
    assert done.out == "Customer 221 may use the account again. The old password stays dead.\n"
    assert "`kvkk access reset 221` sends a link." in done.err
    assert run("access", "check", BLOCKED).code == 0
    again = run("access", "restore", BLOCKED, "--reason", "wrong customer", "--json")
    assert (again.code, again.json["errors"][0]["code"]) == (5, "not-blocked")
    unset = run("access", "reset", BLOCKED, "--json")
    assert (unset.code, unset.json["errors"][0]["code"]) == (2, "panel-url-unset")
    assert run("settings", "set", "panel-url", "https://panel.example/kvkk").code == 0
    sent = run("access", "reset", "-", stdin=f"{BLOCKED}\n")
    assert sent.code == 0
    assert sent.out == "A link to a new password waits to be sent to customer 221. It can be used for 60 minutes, once.\n"
    assert "panel.example" not in sent.out + sent.err


def test_scripts_read_one_envelope(run: Any) -> None:
    done = run("access", "restore", BLOCKED, "--reason", "wrong customer", "--json")
    assert done.json["data"] == {"customer": "221", "request": 2, "given_back": ["status"], "left": [], "blacklisted": 0}
    run("settings", "set", "panel-url", "https://panel.example")
    assert run("access", "reset", BLOCKED, "--json").json["data"] == {"customer": "221", "minutes": 60}


def test_details_come_over_stdin_and_the_exit_code_answers(run: Any) -> None:
    assert run("resolve", "28", "--anonymise", "--blacklist", "--force", "test", "--no-notify").code in (0, 13)
    customer = run("requests", "show", "28", "--json").json["data"]["customer"]
    email = run("customers", "show", customer, "--json").json["data"]["email"]
    taken = run("access", "register", stdin=json.dumps({"email": email.upper(), "tax_id": "1234567890"}))
    assert (taken.code, taken.out) == (3, "blacklisted\temail\n")
    assert email not in taken.out + taken.err
    answer = run("access", "register", "--json", stdin=json.dumps({"email": email}))
    assert (answer.code, answer.json["data"]) == (3, {"allowed": False, "blacklisted": ["email"]})
    free = run("access", "register", stdin='{"email": "nobody@posta.example", "phone": "0512 000 99 99"}')
    assert (free.code, free.out) == (0, "allowed\n")


@pytest.mark.parametrize(
    ("argv", "stdin", "code", "exit_code"),
    [
        (("register",), "", "details-empty", 2),
        (("register",), "email=a@b.example", "details-not-json", 2),
        (("register",), '{"name": "Ali"}', "details-unknown-key", 2),
        (("register",), '{"email": {}}', "details-bad-value", 2),
        (("restore", FREE), "", "text-needed", 2),
        (("restore", FREE, "--reason", "x"), "", "not-blocked", 5),
        (("restore", "211", "--reason", "x"), "", "restore-destroyed", 6),
        (("restore", "99999", "--reason", "x"), "", "customer-not-found", 4),
        (("restore", "-", "--reason", "x"), "", "stdin-empty", 2),
        (("reset", "221"), "", "panel-url-unset", 2),
    ],
)
def test_what_cannot_be_done_says_why(run: Any, argv: tuple[str, ...], stdin: str, code: str, exit_code: int) -> None:
    done = run("access", *argv, "--json", stdin=stdin)
    assert (done.code, done.json["errors"][0]["code"]) == (exit_code, code)
    told = run("access", *argv, stdin=stdin, lang="tr")
    assert told.err.startswith("Hata: ")
    assert "Hiçbir şey değiştirilmedi" in told.err or code in {"customer-not-found", "stdin-empty"}
