"""The second person: a permanent erase is approved by somebody else, for exactly what it would touch; and two admins switch it off."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from core.desk import Desk
from core.errors import Conflict, KvkkError, Refused
from core.model.records import Actor, Kind, NewRequest, Resolution, ResolveOptions, Role, State, Wanted
from core.services.pages import Watch
from core.store import tables

ADMIN, OTHER, THIRD = (Actor(name, "desk.example") for name in ("yonetici", "ikinci", "ucuncu"))
AYSE, MEHMET = (Actor(name, "desk.example") for name in ("ayse", "mehmet"))
ERASE = Resolution(erase=True)
FORCED = ResolveOptions(force="meant", waive_residue=None)
REQUEST = 26
"""An erase of the sample whose account is at rest."""


@pytest.fixture
def strict(desk: Desk) -> Desk:
    """Two admins, two operators, and the second person switched on."""
    desk.staff.add(ADMIN, OTHER.account, Role.ADMIN)
    for one in (AYSE, MEHMET):
        desk.staff.add(ADMIN, one.account, Role.OPERATOR)
    change = desk.settings.set(ADMIN, "second-person", "on")
    assert (change.approvers, change.admins) == (4, 2)
    return desk


def refused(kind: type[KvkkError], code: str, verb: Callable[[], object]) -> KvkkError:
    with pytest.raises(kind) as caught:
        verb()
    assert caught.value.code == code
    return caught.value


def entries(desk: Desk, verb: str) -> list[dict[str, Any]]:
    with desk.store.reading() as conn:
        found = conn.execute(select(tables.audit.c.detail).where(tables.audit.c.verb == verb).order_by(tables.audit.c.seq)).scalars()
        return [json.loads(detail)["detail"] for detail in found]


def move(desk: Desk, actor: Actor, verb: str, number: int = REQUEST) -> tuple[bool, str | None]:
    found = next(one for one in desk.requests.show(actor, number).moves if one.verb == verb)
    return found.allowed, found.why_not


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_off_an_erase_needs_nobody_else(desk: Desk) -> None:
    assert desk.resolutions.resolve(AYSE, REQUEST, ERASE, FORCED).number == REQUEST


def test_an_erase_goes_from_pending_over_approved_to_resolved(strict: Desk) -> None:
    error = refused(Refused, "approval-missing", lambda: strict.resolutions.resolve(AYSE, REQUEST, ERASE, FORCED))
    assert error.facts == {"number": REQUEST}
    assert strict.requests.show(AYSE, REQUEST).row.state is State.PENDING
    assert strict.requests.approve(MEHMET, REQUEST).state is State.APPROVED
    detail = strict.requests.show(AYSE, REQUEST)
    assert (detail.approved_by, detail.row.last_error) == ("mehmet@desk.example", None)
    assert strict.resolutions.resolve(AYSE, REQUEST, ERASE, FORCED).grade.startswith("deleted")
    assert entries(strict, "request.resolve")[-1]["approved_by"] == "mehmet@desk.example"
    assert len(entries(strict, "request.approve")[-1]["plan"]) == 64
    assert strict.audit.verify(ADMIN).entries


def test_whoever_approved_does_not_carry_it_out_whatever_account_or_host(strict: Desk) -> None:
    strict.requests.approve(MEHMET, REQUEST)
    by_sudo = Actor("kvkk", "elsewhere", sudo_from="mehmet")
    for actor in (MEHMET, by_sudo, Actor("mehmet", "elsewhere")):
        refused(Refused, "approval-own", lambda actor=actor: strict.resolutions.resolve(actor, REQUEST, ERASE, FORCED))  # type: ignore[misc]
        assert [r.code for r in strict.resolutions.preview(actor, REQUEST, ERASE, FORCED).refusals] == ["approval-own"]
    assert strict.resolutions.preview(Actor("kvkk", "h", sudo_from="ayse"), REQUEST, ERASE, FORCED).refusals == ()


def test_what_has_changed_since_must_be_approved_anew(strict: Desk) -> None:
    strict.requests.approve(MEHMET, REQUEST)
    customer = strict.requests.show(AYSE, REQUEST).row.customer
    with strict.store.writer.begin() as conn:
        conn.execute(text(f"UPDATE customers SET notes = 'moved to Bolu' WHERE id = {customer}"))
    refused(Refused, "approval-moved", lambda: strict.resolutions.resolve(AYSE, REQUEST, ERASE, FORCED))
    detail = strict.requests.show(AYSE, REQUEST)
    assert (detail.row.state, detail.row.last_error) == (State.APPROVED, "approval-moved")
    assert move(strict, AYSE, "approve") == (True, None)
    assert strict.requests.approve(ADMIN, REQUEST).last_error is None
    assert move(strict, AYSE, "approve") == (False, "already-approved")
    refused(Refused, "approval-own", lambda: strict.resolutions.resolve(ADMIN, REQUEST, ERASE, FORCED))
    assert strict.resolutions.resolve(MEHMET, REQUEST, ERASE, FORCED).number == REQUEST


def test_an_approval_is_given_once_for_the_same(strict: Desk) -> None:
    strict.requests.approve(MEHMET, REQUEST)
    for actor in (MEHMET, AYSE):
        error = refused(Conflict, "approval-given", lambda actor=actor: strict.requests.approve(actor, REQUEST))  # type: ignore[misc]
        assert error.facts == {"number": REQUEST, "by": "mehmet@desk.example"}
    assert len(entries(strict, "request.approve")) == 2  # the sample's own, of request 20, among them


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_approval_binds_to_the_preview_it_was_given_for(strict: Desk) -> None:
    seen = strict.resolutions.preview(MEHMET, REQUEST, ERASE)
    listed = strict.resolutions.preview(MEHMET, REQUEST, Resolution(erase=True, blacklist=True))
    assert seen.fingerprint != listed.fingerprint
    refused(Conflict, "plan-moved", lambda: strict.requests.approve(MEHMET, REQUEST, "0" * 64))
    assert strict.requests.approve(MEHMET, REQUEST, listed.fingerprint).state is State.APPROVED
    for resolution in (ERASE, Resolution(erase=True, blacklist=True)):  # the blacklist destroys nothing
        assert strict.resolutions.preview(AYSE, REQUEST, resolution, FORCED).refusals == ()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_nothing_passes_the_second_person(strict: Desk) -> None:
    everything = ResolveOptions(force="director", waive_residue="director", reason="x")
    for actor in (ADMIN, OTHER):
        refused(Refused, "approval-missing", lambda actor=actor: strict.resolutions.resolve(actor, REQUEST, ERASE, everything))  # type: ignore[misc]
    anonymise = strict.requests.add(AYSE, NewRequest("200", Kind.ANONYMISE)).number
    refused(Refused, "approval-kind", lambda: strict.resolutions.resolve(ADMIN, anonymise, ERASE, everything))
    refused(Refused, "approve-only-erase", lambda: strict.requests.approve(MEHMET, anonymise))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_destroys_nothing_for_good_needs_no_second_person(strict: Desk) -> None:
    options = ResolveOptions(reason="the customer agreed to less", force="meant")
    assert strict.resolutions.resolve(AYSE, REQUEST, Resolution(mask=True), options).grade == "masked"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_approval_without_a_fingerprint_is_none(strict: Desk) -> None:
    """Request 20 of the sample was approved by an earlier version."""
    assert strict.requests.show(AYSE, 20).row.state is State.APPROVED
    refused(Refused, "approval-missing", lambda: strict.resolutions.resolve(AYSE, 20, ERASE, FORCED))
    assert move(strict, AYSE, "approve", 20) == (True, None)
    assert strict.requests.approve(MEHMET, 20).state is State.APPROVED


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_cannot_be_planned_cannot_be_approved(strict: Desk) -> None:
    strict.settings.reset(ADMIN, "invoice-retention-years")
    refused(Refused, "hold-not-chosen", lambda: strict.requests.approve(MEHMET, 23))


def test_switching_it_off_takes_two_admins(strict: Desk) -> None:
    first = strict.settings.set(ADMIN, "second-person", "kapalı")
    assert first.proposed is not None
    assert (first.before, first.now, first.proposed.value, first.proposed.by) == ("on", "on", "off", "yonetici@desk.example")
    assert strict.settings.get(AYSE, "second-person") == "on"
    shown = {row.key: row for row in strict.settings.list(AYSE, "en")}["second-person"]
    assert (shown.value, shown.proposed) == ("on", first.proposed)
    error = refused(Refused, "proposal-own", lambda: strict.settings.set(ADMIN, "second-person", "off"))
    assert error.facts["until"] == first.proposed.until.astimezone(ZoneInfo("Europe/Istanbul")).date().isoformat()
    refused(Refused, "proposal-own", lambda: strict.settings.reset(Actor("root", "h", sudo_from="yonetici"), "second-person"))
    done = strict.settings.reset(OTHER, "second-person")
    assert (done.before, done.now, done.proposed, done.withdrawn) == ("on", "off", None, None)
    told = entries(strict, "settings.reset")[-1]
    assert told == {"key": "second-person", "before": "on", "now": "off", "proposed_by": "yonetici@desk.example"}
    assert all(row.proposed is None for row in strict.settings.list(AYSE, "en"))
    assert strict.settings.set(ADMIN, "second-person", "off").proposed is None  # it is off: nothing to ask anybody


def test_a_proposal_lapses_and_goes_with_the_one_who_made_it(strict: Desk, clock: Any) -> None:
    strict.settings.set(ADMIN, "second-person", "off")
    clock.move(days=7)
    assert strict.settings.set(OTHER, "second-person", "off").proposed is not None  # nobody's word but this one
    strict.staff.add(ADMIN, THIRD.account, Role.ADMIN)
    strict.staff.add(ADMIN, OTHER.account, Role.OPERATOR)
    assert strict.settings.set(THIRD, "second-person", "off").proposed is not None
    assert strict.settings.get(AYSE, "second-person") == "on"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_any_admin_takes_a_proposal_off_the_table(strict: Desk) -> None:
    strict.settings.set(ADMIN, "second-person", "off")
    vetoed = strict.settings.set(OTHER, "second-person", "on")
    assert vetoed.withdrawn is not None
    assert vetoed.withdrawn.by == "yonetici@desk.example"
    assert strict.settings.set(OTHER, "second-person", "off").proposed is not None
    assert strict.settings.get(AYSE, "second-person") == "on"


def test_with_fewer_than_two_admins_it_says_what_to_do(desk: Desk) -> None:
    assert desk.settings.set(ADMIN, "second-person", "on").admins == 0
    error = refused(Refused, "second-admin-missing", lambda: desk.settings.set(OTHER, "second-person", "off"))
    assert error.facts == {"key": "second-person", "value": "off", "admins": 0}
    desk.staff.add(ADMIN, AYSE.account, Role.OPERATOR)
    refused(Refused, "second-admin-missing", lambda: desk.settings.set(ADMIN, "second-person", "off"))
    refused(Refused, "second-admin-missing", lambda: desk.settings.reset(ADMIN, "second-person"))
    desk.staff.add(ADMIN, OTHER.account, Role.ADMIN)
    assert desk.settings.set(ADMIN, "second-person", "off").proposed is not None


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_decision_ends_an_approved_request_too(strict: Desk) -> None:
    strict.requests.approve(MEHMET, REQUEST)
    assert strict.requests.reject(AYSE, REQUEST, "not proven").state is State.REJECTED
    refused(Conflict, "already-decided", lambda: strict.requests.approve(MEHMET, REQUEST))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_approval_edited_by_hand_is_none(strict: Desk) -> None:
    strict.requests.approve(MEHMET, REQUEST)
    with strict.store.writer.begin() as conn:
        conn.execute(update(tables.requests).where(tables.requests.c.number == REQUEST).values(approved_by=None))
    refused(Refused, "approval-missing", lambda: strict.resolutions.resolve(AYSE, REQUEST, ERASE, FORCED))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_run_over_many_erases_what_others_have_approved_and_names_the_rest(strict: Desk) -> None:
    """The run has searched the database once before; an approval that was given alone fits all the same."""
    for number, approver in ((17, MEHMET), (23, AYSE), (REQUEST, MEHMET)):
        strict.requests.approve(approver, number)
    heard: dict[int, str | None] = {}
    watch = Watch(told=lambda item: heard.update({item.number: item.code}))
    strict.bulk.resolve(AYSE, Wanted((17, 23, 25, REQUEST)), ERASE, ResolveOptions(force="meant"), watch)
    assert heard == {17: None, 23: "approval-own", 25: "approval-missing", REQUEST: None}
