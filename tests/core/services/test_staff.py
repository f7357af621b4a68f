"""Staff: an open database is closed by the first change, there is always an admin, and roles belong to people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.desk import Desk
from core.errors import Conflict, NotAllowed, NotFound, Refused, UsageError
from core.model.records import Actor, RequestFilter, Role, person_of
from core.store import tables

AYSE, MEHMET, CRON = (Actor(name, "desk.example") for name in ("ayse", "mehmet", "kvkk-cron"))
BY_SUDO = Actor("kvkk", "desk.example", sudo_from="ayse")
ROOT = Actor("root", "desk.example", is_root=True)


def entries(desk: Desk, verb: str) -> list[dict[str, Any]]:
    with desk.store.reading() as conn:
        found = conn.execute(select(tables.audit.c.detail).where(tables.audit.c.verb == verb).order_by(tables.audit.c.seq)).scalars()
        return [json.loads(detail)["detail"] for detail in found]


def roles(desk: Desk, actor: Actor = AYSE) -> dict[str, str]:
    return {one.account: one.role.value for one in desk.staff.list(actor).members}


def test_a_database_without_staff_is_open_and_everybody_is_admin(desk: Desk) -> None:
    book = desk.staff.list(Actor("anybody", "elsewhere"))
    assert (book.open, book.account, book.role, book.members) == (True, "anybody", Role.ADMIN, ())
    assert desk.settings.set(Actor("anybody", "elsewhere"), "near-days", "3").now == "3"


def test_whoever_adds_first_is_the_first_admin_and_who_loses_the_way_in_is_named(desk: Desk) -> None:
    desk.requests.cancel(CRON, 15)
    desk.requests.cancel(Actor("kvkk", "h", sudo_from="selin"), 16)
    change = desk.staff.add(AYSE, "mehmet", Role.OPERATOR)
    assert (change.account, change.before, change.now, change.first_admin) == ("mehmet", None, Role.OPERATOR, "ayse")
    assert {"kvkk-cron", "selin", "nazli"} <= set(change.shut_out)
    assert not {"ayse", "mehmet", "kvkk"} & set(change.shut_out)
    assert roles(desk) == {"ayse": "admin", "mehmet": "operator"}
    assert entries(desk, "staff.close") == [{"account": "ayse"}]
    assert entries(desk, "staff.add") == [{"account": "mehmet", "role": "operator", "before": None}]
    with pytest.raises(NotAllowed, match="not-staff"):
        desk.requests.list(CRON, RequestFilter())
    again = desk.staff.add(AYSE, "kvkk-cron", Role.OPERATOR)
    assert (again.first_admin, again.shut_out) == (None, ())
    assert desk.requests.list(CRON, RequestFilter()).rows


def test_the_first_can_register_nobody_but_themselves(desk: Desk) -> None:
    change = desk.staff.add(AYSE, "ayse", Role.ADMIN)
    assert (change.before, change.now, change.first_admin) == (None, Role.ADMIN, "ayse")
    assert roles(desk) == {"ayse": "admin"}
    assert len(entries(desk, "staff.close")) == 1
    assert entries(desk, "staff.add") == []


def test_nobody_closes_a_database_without_an_admin(desk: Desk) -> None:
    with pytest.raises(Refused, match="last-admin"):
        desk.staff.add(AYSE, "ayse", Role.VIEWER)
    assert desk.staff.list(AYSE).open
    assert entries(desk, "staff.close") == []


def test_a_role_is_changed_and_taken_away(desk: Desk) -> None:
    desk.staff.add(AYSE, "mehmet", Role.VIEWER)
    with pytest.raises(Conflict, match="staff-has-role"):
        desk.staff.add(AYSE, "mehmet", Role.VIEWER)
    change = desk.staff.add(AYSE, "mehmet", Role.ADMIN)
    assert (change.before, change.now) == (Role.VIEWER, Role.ADMIN)
    gone = desk.staff.remove(MEHMET, "ayse")
    assert (gone.before, gone.now) == (Role.ADMIN, None)
    assert entries(desk, "staff.remove") == [{"account": "ayse", "before": "admin"}]
    with pytest.raises(NotAllowed, match="not-staff"):
        desk.staff.list(AYSE)
    with pytest.raises(NotFound, match="staff-not-found"):
        desk.staff.remove(MEHMET, "ayse")


def test_the_last_admin_is_neither_removed_nor_demoted(desk: Desk) -> None:
    desk.staff.add(AYSE, "mehmet", Role.OPERATOR)
    for role in (Role.OPERATOR, Role.VIEWER):
        with pytest.raises(Refused, match="last-admin"):
            desk.staff.add(AYSE, "ayse", role)
    with pytest.raises(Refused, match="last-admin"):
        desk.staff.remove(AYSE, "ayse")
    desk.staff.add(AYSE, "mehmet", Role.ADMIN)
    assert desk.staff.add(AYSE, "ayse", Role.VIEWER).now is Role.VIEWER
    assert roles(desk, MEHMET) == {"ayse": "viewer", "mehmet": "admin"}


@pytest.mark.parametrize(
    "name", ["", "  ", "ayşe yılmaz", "a" * 65, "ayse\n", "a:b", "../etc", "-x", "ayse@host (x)", "a\0b", "\x1b[31mx", "x;rm", "\ud800"]
)
def test_what_is_no_account_is_refused(desk: Desk, name: str) -> None:
    if name == "ayse\n":
        assert desk.staff.add(AYSE, name, Role.ADMIN).account == "ayse"  # a blank around a name is no other name
        return
    for verb in (lambda: desk.staff.add(AYSE, name, Role.ADMIN), lambda: desk.staff.remove(AYSE, name)):
        with pytest.raises(UsageError, match="account-malformed"):
            verb()
    assert desk.staff.list(AYSE).open


@pytest.mark.parametrize("name", ["ayşe", "CORP\\ayse", "ayse@corp.example", "svc-kvkk$", "uid1000", "A"])
def test_names_that_systems_give_are_taken_as_they_are(desk: Desk, name: str) -> None:
    desk.staff.add(AYSE, name, Role.VIEWER)
    assert desk.staff.list(Actor(name, "h")).account == name
    for other in (name.swapcase(), name + "x"):
        with pytest.raises(NotAllowed, match="not-staff"):
            desk.staff.list(Actor(other, "h"))


def test_behind_a_sudo_the_person_has_the_role_and_not_the_shared_account(desk: Desk) -> None:
    desk.staff.add(AYSE, "mehmet", Role.VIEWER)
    assert desk.staff.list(BY_SUDO).account == "ayse"
    with pytest.raises(NotAllowed, match="not-staff"):
        desk.staff.list(Actor("kvkk", "desk.example"))
    desk.staff.add(BY_SUDO, "kvkk", Role.VIEWER)
    with pytest.raises(NotAllowed, match="role-too-low"):
        desk.settings.set(Actor("kvkk", "desk.example"), "near-days", "3")
    assert desk.settings.set(BY_SUDO, "near-days", "3").now == "3"


@pytest.mark.parametrize(
    "actor", [AYSE, BY_SUDO, Actor("ayse@corp.example", "h"), Actor("kvkk", "h", sudo_from="CORP\\ayse"), Actor("uid7", "h.example")]
)
def test_a_recorded_actor_tells_the_person(actor: Actor) -> None:
    assert person_of(str(actor)) == actor.person


def test_root_recovers_and_nobody_else_does(desk: Desk) -> None:
    desk.staff.add(AYSE, "ayse", Role.ADMIN)
    for actor in (AYSE, MEHMET, Actor("root", "desk.example")):
        with pytest.raises(NotAllowed, match="recover-needs-root"):
            desk.staff.recover(actor, "mehmet")
    with pytest.raises(NotAllowed, match="not-staff"):
        desk.staff.list(ROOT)
    assert desk.staff.recover(ROOT, "mehmet").now is Role.ADMIN
    by_sudo = Actor("root", "desk.example", sudo_from="selin", is_root=True)
    assert desk.staff.recover(by_sudo).account == "selin"
    assert [entry["account"] for entry in entries(desk, "staff.recover")] == ["mehmet", "selin"]
    with pytest.raises(Conflict, match="staff-has-role"):
        desk.staff.recover(ROOT, "selin")
    assert roles(desk) == {"ayse": "admin", "mehmet": "admin", "selin": "admin"}


def test_root_closes_an_open_database_for_somebody(desk: Desk) -> None:
    change = desk.staff.recover(ROOT, "mehmet")
    assert (change.first_admin, "nazli" in change.shut_out) == ("mehmet", True)
    with pytest.raises(NotAllowed, match="not-staff"):
        desk.staff.list(AYSE)


def test_a_role_that_is_none_of_ours_is_no_role(desk: Desk) -> None:
    desk.staff.add(AYSE, "mehmet", Role.VIEWER)
    with desk.store.writer.begin() as conn:
        conn.execute(update(tables.staff).where(tables.staff.c.account == "mehmet").values(role="owner"))
    with pytest.raises(NotAllowed, match="not-staff"):
        desk.staff.list(MEHMET)
    assert roles(desk) == {"ayse": "admin"}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_who_can_open_the_file_by_its_mode_is_named_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.store import accounts

    file = Path(desk.target.database)
    file.chmod(0o660)
    members = type("Group", (), {"gr_mem": ["volkan", "ayse"], "gr_name": "kvkk"})
    monkeypatch.setattr(accounts.grp, "getgrgid", lambda gid: members)
    monkeypatch.setattr(accounts, "name_of", lambda uid: "kvkk")
    assert {"volkan", "kvkk"} <= set(desk.staff.add(AYSE, "ayse", Role.ADMIN).shut_out)
    file.chmod(0o600)
    assert accounts.openers(file) == {"kvkk"}
