"""Requests: filed, listed, read, cancelled, refused, approved, extended, on each engine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from core.desk import Desk
from core.errors import Conflict, KvkkError, NotFound, Refused, UsageError
from core.model import lifecycle
from core.model.records import Actor, Channel, Kind, NewRequest, Regime, RequestFilter, RequestRow, State
from core.sample import REFERENCE_DAY
from core.store import tables

FREE = "250"
"""A customer without a request."""
ANON = NewRequest(FREE, Kind.ANONYMISE)
File = Callable[..., RequestRow]


@pytest.fixture
def file(desk: Desk) -> File:
    """Files a request and returns it."""

    def file(customer: str = FREE, kind: Kind = Kind.ERASE, **more: Any) -> RequestRow:
        return desk.requests.add(desk.actor, NewRequest(customer, kind, **more))

    return file


def rows(desk: Desk, table: Any) -> list[Any]:
    with desk.store.reading() as conn:
        return list(conn.execute(select(table).order_by(*table.primary_key.columns)).all())


def audited(desk: Desk) -> list[str]:
    return [row.verb for row in rows(desk, tables.audit)]


def state_of(desk: Desk) -> tuple[Any, ...]:
    """Everything that a request verb may write."""
    return tuple(rows(desk, t) for t in (tables.requests, tables.audit, tables.outbox, tables.keys))


def refused(desk: Desk, kind: type[KvkkError], code: str, call: Callable[[], object]) -> KvkkError:
    """The call is refused with this code and nothing at all was written."""
    before = state_of(desk)
    with pytest.raises(kind) as found:
        call()
    assert found.value.code == code
    assert state_of(desk) == before
    return found.value


def test_a_request_is_filed_with_deadline_audit_and_message(desk: Desk, file: File) -> None:
    entries, messages = len(audited(desk)), len(rows(desk, tables.outbox))
    row = file(kind=Kind.ANONYMISE, channel=Channel.KEP, received_on=REFERENCE_DAY - timedelta(3), note=" Not ")
    assert (row.customer, row.kind, row.state) == (FREE, Kind.ANONYMISE, State.PENDING)
    assert (row.due_on, row.days_left) == (REFERENCE_DAY + timedelta(27), 27)
    assert row.customer_name
    assert row.services is not None
    assert row.invoices is not None
    detail = desk.requests.show(desk.actor, row.number)
    assert (detail.note, detail.filed_by, detail.filed_at) == ("Not", "ayse@desk.example", desk.store.clock())
    assert audited(desk)[entries:] == ["request.add"]
    message = rows(desk, tables.outbox)[messages:]
    assert [(m.event, m.request, m.state) for m in message] == [("received", row.number, "queued")]
    key = desk.context.keyring.if_present()
    assert key is not None
    assert json.loads(key.open(message[0].sealed))["fields"]["number"] == row.number
    assert desk.key_made


def test_nothing_of_the_person_stands_in_the_audit(desk: Desk, file: File) -> None:
    row = file(note="secret-note", verified_by="secret-id")
    desk.requests.reject(desk.actor, row.number, "secret-reason")
    said = " ".join(r.detail for r in rows(desk, tables.audit)[-2:])
    assert "secret" not in said
    assert desk.audit.verify(desk.actor).entries


def test_no_message_waits_when_nobody_is_to_be_told(desk: Desk, file: File) -> None:
    desk.settings.set(desk.actor, "notify", "off")
    before = rows(desk, tables.outbox)
    file()
    assert rows(desk, tables.outbox) == before
    assert not desk.context.keyring.path.exists()


def test_staff_hear_of_a_new_request_without_a_word_of_the_customer(desk: Desk, file: File) -> None:
    desk.settings.set(desk.actor, "staff-mail", "kvkk@firma.example")
    desk.settings.set(desk.actor, "notify", "off")
    row = file(kind=Kind.ERASE)
    message = rows(desk, tables.outbox)[-1]
    assert (message.event, message.recipient, message.request) == ("new-request", "staff", row.number)
    key = desk.context.keyring.if_present()
    assert key is not None
    said = json.loads(key.open(message.sealed))
    assert said["address"] == "kvkk@firma.example"
    assert said["fields"] == {"kind": "erase", "received_on": row.received_on.isoformat(), "due_on": row.due_on.isoformat()}


def test_regime_and_days_come_from_the_settings(desk: Desk, file: File) -> None:
    desk.settings.set(desk.actor, "response-days", "10")
    assert file("251").due_on == REFERENCE_DAY + timedelta(10)
    desk.settings.set(desk.actor, "regime", "gdpr")
    row = file("252", received_on=date(2026, 9, 30))
    assert (row.regime, row.due_on, row.days_left) == (Regime.GDPR, date(2026, 10, 30), -2)
    assert file("253", regime=Regime.KVKK).regime is Regime.KVKK


def test_the_day_of_receipt_is_a_day_of_the_set_time_zone(desk: Desk, clock: Any, file: File) -> None:
    """22:30 UTC is the next day in Istanbul."""
    clock.move(hours=13.5)
    assert file("251").received_on == REFERENCE_DAY + timedelta(1)
    desk.settings.set(desk.actor, "timezone", "UTC")
    assert file("252").received_on == REFERENCE_DAY


def test_a_second_open_request_names_the_first(desk: Desk, file: File) -> None:
    first = file()
    found = refused(desk, Conflict, "open-request-exists", lambda: file(kind=Kind.ANONYMISE))
    assert found.facts == {"number": first.number}
    desk.requests.cancel(desk.actor, first.number)
    assert file().number > first.number


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"received_on": REFERENCE_DAY + timedelta(1)}, "received-in-future"),
        ({"received_on": date(2016, 10, 6)}, "received-too-old"),
        ({"received_on": date(2018, 5, 24), "regime": Regime.GDPR}, "received-too-old"),
        ({"note": "x" * 4001}, "text-too-long"),
        ({"verified_by": "a\0b"}, "text-unreadable"),
        ({"note": "\udcff"}, "text-unreadable"),
    ],
)
def test_a_wrong_request_is_refused_whole(more: dict[str, Any], code: str, desk: Desk, file: File) -> None:
    refused(desk, UsageError, code, lambda: file(**more))


@pytest.mark.parametrize(
    ("customer", "kind"), [("99999", NotFound), ("10x", NotFound), ("", UsageError), ("1\0", UsageError), ("9" * 30, NotFound)]
)
def test_an_unknown_customer_is_refused(customer: str, kind: type[KvkkError], desk: Desk, file: File) -> None:
    before = state_of(desk)
    with pytest.raises(kind):
        file(customer)
    assert state_of(desk) == before


@pytest.mark.parametrize("number", [0, -1, 99999, 2**62, 2**70])
def test_an_unknown_number_is_told(number: int, desk: Desk) -> None:
    calls = (desk.requests.show, desk.requests.cancel, desk.requests.approve)
    for call in calls:
        refused(desk, NotFound, "request-not-found", lambda call=call: call(desk.actor, number))


def test_a_telephone_is_no_valid_channel(desk: Desk, file: File) -> None:
    """Communiqué RG 10.03.2018 no. 30356: the customer is asked for a written confirmation."""
    row = file(channel=Channel.PHONE)
    assert desk.requests.show(desk.actor, row.number).needs_written_confirmation
    desk.requests.cancel(desk.actor, row.number)
    assert not desk.requests.show(desk.actor, row.number).needs_written_confirmation


def test_a_refusal_needs_a_reason(desk: Desk, file: File) -> None:
    number = file().number
    for reason in ("", "  \n"):
        refused(desk, UsageError, "text-needed", lambda reason=reason: desk.requests.reject(desk.actor, number, reason))
    row = desk.requests.reject(desk.actor, number, "Kimlik doğrulanamadı")
    assert (row.state, row.days_left) == (State.REJECTED, 0)
    assert desk.requests.show(desk.actor, number).reason == "Kimlik doğrulanamadı"


def test_a_decided_request_stays_decided_and_says_who_and_when(desk: Desk, file: File) -> None:
    number = file().number
    desk.requests.cancel(Actor("mehmet", "desk.example"), number, "vazgeçti")
    actor = desk.actor
    verbs: list[Callable[[], object]] = [
        lambda: desk.requests.cancel(actor, number),
        lambda: desk.requests.reject(actor, number, "x"),
        lambda: desk.requests.approve(actor, number),
        lambda: desk.requests.extend(actor, number, "x"),
    ]
    for verb in verbs:
        found = refused(desk, Conflict, "already-decided", verb)
        assert found.facts["state"] == "cancelled"
        assert found.facts["by"] == "mehmet@desk.example"
        assert str(found.facts["at"]).startswith(REFERENCE_DAY.isoformat())


def test_only_an_erase_is_approved_and_only_once(desk: Desk, file: File) -> None:
    anonymise, erase = file("251", Kind.ANONYMISE).number, file("252").number
    refused(desk, Refused, "approve-only-erase", lambda: desk.requests.approve(desk.actor, anonymise))
    assert desk.requests.approve(desk.actor, erase).state is State.APPROVED
    refused(desk, Conflict, "approval-given", lambda: desk.requests.approve(desk.actor, erase))
    moves = {m.verb: m.allowed for m in desk.requests.show(desk.actor, erase).moves}
    assert moves == {"resolve": True, "reject": True, "cancel": True, "approve": False, "extend": False}


def test_gdpr_is_extended_once_and_in_time(desk: Desk, clock: Any, file: File) -> None:
    kvkk, gdpr = file("251").number, file("252", regime=Regime.GDPR).number
    refused(desk, Refused, "extend-only-gdpr", lambda: desk.requests.extend(desk.actor, kvkk, "x"))
    clock.move(days=30)
    row = desk.requests.extend(desk.actor, gdpr, "çok sayıda kayıt")
    assert row.due_on == lifecycle.months_later(REFERENCE_DAY, 3)
    assert rows(desk, tables.outbox)[-1].event == "extended"
    refused(desk, Conflict, "already-extended", lambda: desk.requests.extend(desk.actor, gdpr, "x"))
    late = file("253", regime=Regime.GDPR, received_on=REFERENCE_DAY - timedelta(2)).number
    refused(desk, Refused, "extend-too-late", lambda: desk.requests.extend(desk.actor, late, "x"))


def test_the_queue_is_paged_by_deadline_without_gaps_or_repetition(desk: Desk) -> None:
    whole = desk.requests.list(desk.actor, RequestFilter(states=(), limit=1000)).rows
    assert list(whole) == sorted(whole, key=lambda r: (r.due_on, r.number))
    for states, expected in (((), whole), (lifecycle.OPEN_STATES, [r for r in whole if r.state in lifecycle.OPEN_STATES])):
        seen: list[RequestRow] = []
        after = None
        while True:
            page = desk.requests.list(desk.actor, RequestFilter(states=states, limit=4, after=after))
            seen += page.rows
            after = page.cursor
            assert len(page.rows) <= 4
            if after is None:
                break
        assert seen == list(expected)
        assert page.total_open == sum(r.state in lifecycle.OPEN_STATES for r in whole)


def test_filters_narrow_the_queue(desk: Desk) -> None:
    def numbers(**wanted: Any) -> set[int]:
        return {r.number for r in desk.requests.list(desk.actor, RequestFilter(**({"states": (), "limit": 1000} | wanted))).rows}

    whole = desk.requests.list(desk.actor, RequestFilter(states=(), limit=1000)).rows
    assert numbers(kind=Kind.ERASE) == {r.number for r in whole if r.kind is Kind.ERASE}
    assert numbers(states=(State.REJECTED,)) == {r.number for r in whole if r.state is State.REJECTED}
    assert numbers(due_before=REFERENCE_DAY) == {r.number for r in whole if r.due_on < REFERENCE_DAY}
    assert numbers(received_before=REFERENCE_DAY) == {r.number for r in whole if r.received_on < REFERENCE_DAY}
    assert numbers(customer="52") == {r.number for r in whole if r.customer == "52"} != set()
    assert numbers(customer=FREE) == set()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"limit": 0}, "bad-limit"),
        ({"limit": 1001}, "bad-limit"),
        ({"after": "2026-11-01"}, "bad-cursor"),
        ({"after": "2026-13-01.4"}, "bad-cursor"),
        ({"after": "2026-11-01.4'; --"}, "bad-cursor"),
    ],
)
def test_a_wrong_page_is_refused(wanted: dict[str, Any], code: str, desk: Desk) -> None:
    refused(desk, UsageError, code, lambda: desk.requests.list(desk.actor, RequestFilter(**wanted)))


def test_a_list_of_an_unknown_customer_is_no_empty_list(desk: Desk) -> None:
    refused(desk, NotFound, "customer-not-found", lambda: desk.requests.list(desk.actor, RequestFilter(customer="99999")))


def test_what_was_done_to_an_erased_customer_is_found_by_the_key_file(desk: Desk, file: File) -> None:
    """After an erase only the keyed token says whose the request was."""
    number = file("251").number
    key = desk.context.keyring.if_present()
    assert key is not None
    book = tables.requests
    gone = {"customer": None, "open_customer": None, "subject": key.token("customer", "70077"), "state": "resolved"}
    with desk.store.writer.begin() as conn:
        conn.execute(update(book).where(book.c.number == number).values(**gone, decided_at=desk.store.clock(), decided_by="x"))
    page = desk.requests.list(desk.actor, RequestFilter(states=(), customer="70077"))
    assert [(r.number, r.customer, r.customer_name) for r in page.rows] == [(number, None, None)]
    detail = desk.requests.show(desk.actor, number)
    assert (detail.services, detail.consent.given, detail.last_download) == ((), False, None)


def test_the_magnifier_shows_everything_around_a_request(desk: Desk, file: File) -> None:
    first = file().number
    desk.requests.cancel(desk.actor, first)
    desk.consent.give(desk.actor, FREE, Channel.PANEL)
    with desk.store.writer.begin() as conn:
        book = tables.downloads
        conn.execute(insert(book).values(customer=FREE, by="x", started_at=desk.store.clock(), state="done", format="xml"))
    second = file().number
    detail = desk.requests.show(desk.actor, second)
    assert [r.number for r in detail.earlier] == [first]
    assert (detail.consent.given, detail.consent.version, detail.consent.channel) == (True, 1, "panel")
    assert detail.last_download is not None
    assert detail.row.services is not None
    assert len(detail.services) == detail.row.services.active + detail.row.services.passive
    assert not detail.certificate
    assert desk.requests.show(desk.actor, first).earlier == ()


@pytest.mark.parametrize("verbs", [("cancel", "reject"), ("cancel", "cancel")])
def test_of_two_who_decide_at_once_exactly_one_wins(verbs: tuple[str, str], desk: Desk, file: File, target: Any) -> None:
    number = file().number
    barrier, outcomes = threading.Barrier(2), list[str]()

    def decide(verb: str, account: str) -> None:
        with Desk(target, actor=Actor(account, "h"), clock=desk.store.clock) as other:
            words = ("x",)
            barrier.wait()
            try:
                getattr(other.requests, verb)(other.actor, number, *words)
                outcomes.append("won")
            except Conflict as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=decide, args=(verb, f"staff{i}")) for i, verb in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already-decided", "won"]
    assert desk.audit.verify(desk.actor).entries


def test_of_two_who_file_at_once_exactly_one_does(desk: Desk, target: Any) -> None:
    barrier, outcomes = threading.Barrier(2), list[str]()

    def add() -> None:
        with Desk(target, actor=desk.actor, clock=desk.store.clock) as other:
            barrier.wait()
            try:
                other.requests.add(other.actor, ANON)
                outcomes.append("filed")
            except KvkkError as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["filed", "open-request-exists"]
    with desk.store.reading() as conn:
        assert conn.execute(select(func.count()).where(tables.requests.c.open_customer == FREE)).scalar_one() == 1
