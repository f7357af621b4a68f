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
