"""What is near and overdue: for a clerk, and by mail to staff, once a stage, on each engine."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.desk import Desk
from core.errors import UsageError
from core.model.records import Kind, NewRequest, Regime, State
from core.sample import REFERENCE_DAY
from core.store import tables

MAIL = "kisisel-veri@firma.example"


def told(desk: Desk) -> list[tuple[int, str]]:
    """(request, stage) of every message to staff, in the order in which they were queued."""
    book = tables.outbox
    with desk.store.reading() as conn:
        query = select(book.c.request, book.c.event).where(book.c.recipient == "staff").order_by(book.c.id)
        return [(row[0], row[1]) for row in conn.execute(query)]


def open_numbers(desk: Desk, *tests: Any) -> set[int]:
    book = tables.requests
    with desk.store.reading() as conn:
        return set(conn.execute(select(book.c.number).where(book.c.open_customer.is_not(None), *tests)).scalars())


def test_due_lists_what_is_over_and_near_most_urgent_first(desk: Desk) -> None:
    found = desk.deadlines.due(desk.actor)
    due = tables.requests.c.due_on
    near = REFERENCE_DAY + timedelta(days=7)
    assert {row.number for row in found.rows} == open_numbers(desk, due <= near)
    assert [row.due_on for row in found.rows] == sorted(row.due_on for row in found.rows)
    assert found.overdue == len(open_numbers(desk, due < REFERENCE_DAY)) > 0
    assert found.near == len(open_numbers(desk, due >= REFERENCE_DAY, due <= near)) > 0
    assert found.next_due_on is not None
    assert found.next_due_on > near
    assert found.exit_code == 11


def test_the_most_urgent_thing_decides_the_exit_code(desk: Desk, clock: Any) -> None:
    while desk.deadlines.due(desk.actor, limit=1).overdue:
        desk.requests.cancel(desk.actor, desk.deadlines.due(desk.actor, limit=1).rows[0].number)
    near = desk.deadlines.due(desk.actor)
    assert (near.overdue, near.undelivered, near.exit_code) == (0, (), 10)
    for row in near.rows:
        desk.requests.reject(desk.actor, row.number, "identity could not be verified")
    assert desk.deadlines.due(desk.actor).exit_code == 0
    assert desk.deadlines.due(desk.actor, days=365).exit_code == 10
    clock.move(days=8)
    late = desk.deadlines.due(desk.actor, days=0, limit=1000)
    assert late.exit_code == 11
    assert set(late.undelivered) >= {row.number for row in near.rows}


def test_days_out_of_range_are_refused(desk: Desk) -> None:
    for days in (-1, 366):
        with pytest.raises(UsageError, match="bad-days"):
            desk.deadlines.due(desk.actor, days=days)


def test_nobody_is_told_while_nobody_is_named(desk: Desk) -> None:
    assert desk.deadlines.remind(desk.actor).done == 0
    assert told(desk) == []


def test_each_request_is_told_once_a_stage(desk: Desk, clock: Any) -> None:
    due = tables.requests.c.due_on
    overdue = open_numbers(desk, due < REFERENCE_DAY)
    near = open_numbers(desk, due >= REFERENCE_DAY, due <= REFERENCE_DAY + timedelta(days=7))
    desk.settings.set(desk.actor, "staff-mail", MAIL)
    assert desk.deadlines.remind(desk.actor).done == len(overdue | near)
    assert set(told(desk)) == {(n, "overdue") for n in overdue} | {(n, "near") for n in near}
    assert desk.deadlines.remind(desk.actor).done == 0
    clock.move(days=8)
    later = desk.deadlines.remind(desk.actor).done
    assert {(n, "overdue") for n in near} <= set(told(desk))
    clock.move(days=-30)
    assert desk.deadlines.remind(desk.actor).done == 0
    clock.move(days=30)
    assert desk.deadlines.remind(desk.actor).done == 0
    assert len(told(desk)) == len(set(told(desk))) == len(overdue | near) + later


def test_a_reminder_names_no_customer_and_leaves_the_request_to_others(desk: Desk) -> None:
    """The mailbox may be anybody's; and whoever has just previewed the request can still resolve it."""
    desk.settings.set(desk.actor, "staff-mail", MAIL)
    number = desk.deadlines.due(desk.actor).rows[0].number
    with desk.store.reading() as conn:
        before = conn.execute(select(tables.requests.c.version).where(tables.requests.c.number == number)).scalar_one()
    desk.deadlines.remind(desk.actor)
    with desk.store.reading() as conn:
        book = tables.outbox
        row = conn.execute(select(book).where(book.c.request == number, book.c.recipient == "staff")).one()
        version = conn.execute(select(tables.requests.c.version).where(tables.requests.c.number == number)).scalar_one()
        entries = conn.execute(select(func.count()).where(tables.audit.c.verb == "request.remind")).scalar_one()
    assert version == before
    assert entries == len(told(desk))
    key = desk.context.keyring.if_present()
    assert key is not None
    sealed = json.loads(key.open(row.sealed))
    assert sealed["address"] == MAIL
    assert set(sealed["fields"]) == {"kind", "received_on", "due_on"}


def test_an_extended_deadline_is_told_anew(desk: Desk, clock: Any) -> None:
    desk.settings.set(desk.actor, "staff-mail", MAIL)
    number = desk.requests.add(desk.actor, NewRequest("200", Kind.ERASE, regime=Regime.GDPR)).number
    clock.move(days=25)
    desk.deadlines.remind(desk.actor)
    assert (number, "near") in told(desk)
    desk.requests.extend(desk.actor, number, "many systems")
    desk.deadlines.remind(desk.actor)
    clock.move(days=61)
    desk.deadlines.remind(desk.actor)
    assert [stage for n, stage in told(desk) if n == number and stage != "new-request"] == ["near", "near"]


def test_a_request_that_is_decided_meanwhile_is_not_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.settings.set(desk.actor, "staff-mail", MAIL)
    number = desk.deadlines.due(desk.actor).rows[0].number

    def somebody_decides() -> None:
        book = tables.requests
        with desk.context.writing(desk.actor) as unit:
            unit.conn.execute(update(book).where(book.c.number == number).values(state=State.CANCELLED.value, open_customer=None))

    monkeypatch.setattr(desk.context, "between", somebody_decides)
    desk.deadlines.remind(desk.actor)
    assert number not in {n for n, _ in told(desk)}
