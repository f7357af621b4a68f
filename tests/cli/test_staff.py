"""`kvkk staff` and what a role means at the command line: exit 3 with a sentence, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.model.records import Actor

AYSE, MEHMET, CRON = (Actor(name, "desk.example") for name in ("ayse", "mehmet", "cron"))
ROOT = Actor("root", "desk.example", sudo_from="volkan", is_root=True)


@pytest.fixture
def as_(run: Any, db: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`as_(actor, "staff", "list")`: the command as somebody else."""

    def call(actor: Actor, *argv: str, **more: Any) -> Any:
        monkeypatch.setattr("core.actor.real_actor", lambda: actor)
        return run(*argv, **more)

    return call


def test_an_open_database_says_that_it_is_open(as_: Any) -> None:
    ran = as_(AYSE, "staff", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "No staff are registered: whoever can open copy.db acts as admin." in ran.err
    shown = as_(AYSE, "staff", "list", "--json").json["data"]
    assert shown == {"open": True, "account": "ayse", "role": "admin", "members": []}


def test_the_first_add_closes_the_database_and_names_who_is_shut_out(as_: Any) -> None:
    ran = as_(AYSE, "staff", "add", "mehmet", "operator")
    assert (ran.code, ran.out) == (0, "mehmet: operator\n")
    assert "ayse is the first admin" in ran.err
    assert "have no role: nazli, okan" in ran.err
    assert "the one that cron or a timer runs kvkk with too" in ran.err
    assert "This machine knows no account mehmet" in ran.err
    ran = as_(MEHMET, "staff", "list")
    assert [row[:2] for row in ran.rows] == [["ayse", "admin"], ["mehmet", "operator"]]
    assert ran.err == "You are mehmet: operator.\n"
    ran = as_(AYSE, "staff", "add", "cron", "--role", "viewer", "--json")
    assert ran.json["data"]["now"] == "viewer"
    assert ran.json["data"]["first_admin"] is None


def test_who_has_no_role_gets_exit_3_and_a_sentence(as_: Any) -> None:
    as_(AYSE, "staff", "add", "mehmet", "viewer")
    ran = as_(CRON, "requests", "list")
    assert (ran.code, ran.out) == (3, "")
    assert "The account cron has no role in this database. Nothing was changed." in ran.err
    assert "`kvkk staff add cron ROLE`" in ran.err
    turkish = as_(CRON, "requests", "list", lang="tr")
    assert "cron hesabının bu veritabanında rolü yok." in turkish.err
    assert as_(CRON, "requests", "list", lang=None).code == 3  # the language cannot be asked: no role
    for argv in (["doctor"], ["init"], ["upgrade"], ["map", "show"], ["audit", "verify"], ["export", "77"], ["certificate", "1"]):
        assert as_(CRON, *argv).code == 3, argv


def test_a_role_that_is_too_low_says_which_one_is_needed(as_: Any) -> None:
    as_(AYSE, "staff", "add", "mehmet", "viewer")
    assert as_(MEHMET, "requests", "list").code == 0
    ran = as_(MEHMET, "export", "77", "-o", "77.xml")
    assert ran.code == 3
    assert "This needs the role operator, and mehmet has the role viewer. Nothing was changed." in ran.err
    assert not Path("77.xml").exists()
    turkish = as_(MEHMET, "settings", "set", "enforce-consent", "on", lang="tr")
    assert "Bunun için yönetici rolü gerekir; mehmet hesabının rolü izleyici." in turkish.err
    error = as_(MEHMET, "resolve", "29", "--anonymise", "--json").json["errors"][0]
    assert (error["code"], error["facts"]) == ("role-too-low", {"account": "mehmet", "role": "viewer", "needed": "operator"})
    shown = as_(MEHMET, "requests", "show", "29", "--json").json["data"]
    assert {move["why_not"] for move in shown["moves"]} == {"move-needs-operator", "extend-only-gdpr"}


def test_wrong_calls_change_nothing(as_: Any) -> None:
    assert as_(AYSE, "staff", "add", "mehmet").code == 2
    assert "viewer, operator, admin" in as_(AYSE, "staff", "add", "mehmet").err
    assert as_(AYSE, "staff", "add", "mehmet", "boss").code == 2
    assert "not the name of an account" in as_(AYSE, "staff", "add", "ayşe yılmaz", "admin").err
    assert as_(AYSE, "staff", "remove", "nobody").code == 4
    assert as_(AYSE, "staff", "list", "--json").json["data"]["open"] is True
    as_(AYSE, "staff", "add", "mehmet", "viewer")
    assert as_(AYSE, "staff", "add", "mehmet", "viewer").code == 5
    ran = as_(AYSE, "staff", "remove", "ayse")
    assert ran.code == 6
    assert "ayse is the only admin" in ran.err
    ran = as_(AYSE, "staff", "remove", "mehmet")
    assert (ran.code, ran.out) == (0, "mehmet: no role any more\n")


def test_only_root_recovers(as_: Any) -> None:
    as_(AYSE, "staff", "add", "ayse", "admin")
    ran = as_(MEHMET, "staff", "recover", "mehmet")
    assert ran.code == 3
    assert "Only root of this machine can do that, and mehmet is not." in ran.err
    ran = as_(ROOT, "staff", "recover", lang=None)
    assert (ran.code, ran.out) == (0, "volkan: yönetici\n")
    assert as_(AYSE, "audit", "list").rows[0][3] == "staff.recover"
    assert as_(AYSE, "audit", "verify").code == 0


def test_the_second_person_at_the_command_line(as_: Any) -> None:
    """From switching on over approval to the erase, with what each of them hears."""
    as_(AYSE, "staff", "add", "mehmet", "operator")
    ran = as_(AYSE, "settings", "set", "second-person", "on")
    assert (ran.code, ran.out) == (0, "second-person = on\n")
    assert "Members of staff who may: 2." in ran.err
    assert "Switching it off again takes two admins; registered: 1." in ran.err
    ran = as_(AYSE, "resolve", "26", "--erase", "--yes", "--force", "meant")
    assert ran.code == 6
    assert "nobody has approved that of request 26. Nothing was changed." in ran.err
    assert "`kvkk requests approve 26`" in ran.err
    plan = as_(MEHMET, "resolve", "26", "--erase", "-n", "--json").json["data"]["fingerprint"]
    assert as_(MEHMET, "requests", "approve", "26", "--plan", "f" * 64).code == 5
    assert as_(MEHMET, "requests", "approve", "25", "26", "--plan", plan).code == 2
    ran = as_(MEHMET, "requests", "approve", "26", "--plan", plan)
    assert (ran.code, ran.out.startswith("Request 26: Approved")) == (0, True)
    assert "Somebody else can carry it out" in ran.err
    assert as_(AYSE, "requests", "approve", "26").code == 5
    assert "Approved by\tmehmet@desk.example" in as_(AYSE, "requests", "show", "26").out
    ran = as_(MEHMET, "resolve", "26", "--erase", "--yes", "--force", "meant", lang="tr")
    assert ran.code == 6
    assert "yok etme talebini, onaylayandan başka biri gerçekleştirmeli." in ran.err
    assert as_(AYSE, "resolve", "26", "--erase", "--yes", "--force", "meant").code == 0


def test_switching_the_second_person_off_at_the_command_line(as_: Any) -> None:
    as_(AYSE, "settings", "set", "second-person", "on")
    ran = as_(AYSE, "settings", "set", "second-person", "off")
    assert ran.code == 6
    assert "takes two admins; registered: 0." in ran.err
    assert "kvkk staff add ACCOUNT admin" in ran.err
    as_(AYSE, "staff", "add", "mehmet", "admin")
    ran = as_(AYSE, "settings", "set", "second-person", "off")
    assert (ran.code, ran.out) == (13, "second-person = on\n")
    assert "Proposed by ayse@desk.example: second-person = off." in ran.err
    assert "another admin gives the same command" in as_(MEHMET, "settings", "list").err
    shown = {row["key"]: row for row in as_(MEHMET, "settings", "list", "--json").json["data"]}
    assert shown["second-person"]["proposed"]["value"] == "off"
    ran = as_(AYSE, "settings", "reset", "second-person")
    assert ran.code == 6
    assert "You have proposed second-person = off yourself" in ran.err
    ran = as_(MEHMET, "settings", "set", "second-person", "on")
    assert "What ayse@desk.example had proposed, second-person = off, is off the table." in ran.err
    assert as_(AYSE, "settings", "set", "second-person", "off").code == 13
    ran = as_(MEHMET, "settings", "set", "second-person", "off", "--json")
    assert (ran.code, ran.json["data"]["now"], ran.json["data"]["proposed"]) == (0, "off", None)
