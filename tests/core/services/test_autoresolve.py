"""`auto-resolve`: by the kind that was asked for, past the grace, of closed accounts, on each engine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, text

from core.desk import Desk
from core.model.records import Channel, JobDone, Kind, NewRequest
from core.store import tables


def closed(desk: Desk, count: int) -> list[str]:
    """Customers without a request, an active service, an unpaid or an issued invoice."""
    query = (
        "SELECT id FROM customers c WHERE status = 'active'"
        " AND NOT EXISTS (SELECT 1 FROM services s WHERE s.customer_id = c.id AND s.status IN ('active', 'suspended'))"
        " AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.customer_id = c.id AND i.status IN ('unpaid', 'overdue')) ORDER BY id DESC"
    )
    with desk.store.reading() as conn:
        taken = set(conn.execute(select(tables.requests.c.customer)).scalars())
        found = [str(key) for key in conn.execute(text(query)).scalars() if str(key) not in taken]
    return found[:count]


def others_away(desk: Desk) -> None:
    """Close what the sample has open, so that a run meets our requests only."""
    for row in desk.deadlines.due(desk.actor, days=365, limit=1000).rows:
        desk.requests.cancel(desk.actor, row.number)


def state(desk: Desk, number: int) -> tuple[str, str | None]:
    with desk.store.reading() as conn:
        row = conn.execute(select(tables.requests).where(tables.requests.c.number == number)).one()
    return row.state, row.outcome


@pytest.fixture
def ready(desk: Desk) -> Desk:
    others_away(desk)
    desk.settings.set(desk.actor, "auto-resolve", "as-requested")
    return desk


def test_off_nothing_happens_and_on_each_is_resolved_as_it_asked(desk: Desk) -> None:
    others_away(desk)
    one, two = closed(desk, 2)
    mask = desk.requests.add(desk.actor, NewRequest(one, Kind.ANONYMISE)).number
    erase = desk.requests.add(desk.actor, NewRequest(two, Kind.ERASE)).number
    assert desk.auto.resolve_ripe(desk.actor) == JobDone()
    desk.settings.set(desk.actor, "auto-resolve", "as-requested")
    assert desk.auto.resolve_ripe(desk.actor) == JobDone(done=2)
    assert (state(desk, mask), state(desk, erase)) == (("resolved", "mask"), ("resolved", "erase"))
    with desk.store.reading() as conn:
        log = tables.audit
        found = conn.execute(select(log.c.detail).where(log.c.verb == "request.resolve", log.c.request == mask)).scalar_one()
    assert json.loads(found)["detail"]["automatic"] is True
    assert desk.auto.resolve_ripe(desk.actor) == JobDone()


def test_whoever_is_a_customer_still_is_left_to_staff(ready: Desk) -> None:
    """Also a mask, which the guard of the setting would let through."""
    with ready.store.reading() as conn:
        taken = set(conn.execute(select(tables.requests.c.customer)).scalars())
        active = conn.execute(text("SELECT customer_id FROM services WHERE status = 'active' ORDER BY id")).scalars().all()
        customer = next(str(key) for key in active if str(key) not in taken)
    number = ready.requests.add(ready.actor, NewRequest(customer, Kind.ANONYMISE)).number
    assert ready.auto.resolve_ripe(ready.actor) == JobDone(skipped=1)
    assert state(ready, number) == ("pending", None)


def test_the_grace_a_phone_call_and_the_second_person_hold_it_back(ready: Desk, clock: Any) -> None:
    one, two, three = closed(ready, 3)
    ready.settings.set(ready.actor, "grace-days", "3")
    ready.settings.set(ready.actor, "second-person", "on")
    mask = ready.requests.add(ready.actor, NewRequest(one, Kind.ANONYMISE)).number
    ready.requests.add(ready.actor, NewRequest(two, Kind.ERASE))
    ready.requests.add(ready.actor, NewRequest(three, Kind.ANONYMISE, channel=Channel.PHONE))
    assert ready.auto.resolve_ripe(ready.actor) == JobDone()
    clock.move(days=3)
    assert ready.auto.resolve_ripe(ready.actor) == JobDone(done=1)
    assert state(ready, mask) == ("resolved", "mask")


def test_what_is_refused_is_told_once_a_day_and_stops_nobody(ready: Desk, clock: Any) -> None:
    """The e-mail address of one of them stands in the name of a product."""
    one, two = closed(ready, 2)
    first = ready.requests.add(ready.actor, NewRequest(one, Kind.ERASE)).number
    second = ready.requests.add(ready.actor, NewRequest(two, Kind.ERASE)).number
    with ready.context.writing(ready.actor) as unit:
        email = unit.conn.execute(text(f"SELECT email FROM customers WHERE id = {one}")).scalar_one()
        product, name = unit.conn.execute(text("SELECT id, title FROM products ORDER BY id LIMIT 1")).one()
        unit.conn.execute(text("UPDATE products SET title = :name WHERE id = :id"), {"name": email, "id": product})
    found = ready.auto.resolve_ripe(ready.actor)
    assert (found.done, [(f.code, f.request) for f in found.failed]) == (1, [("residue", first)])
    assert state(ready, second) == ("resolved", "erase")
    assert ready.auto.resolve_ripe(ready.actor) == JobDone(skipped=1)
    clock.move(days=1, minutes=1)
    assert [f.request for f in ready.auto.resolve_ripe(ready.actor).failed] == [first]
    with ready.context.writing(ready.actor) as unit:
        unit.conn.execute(text("UPDATE products SET title = :name WHERE id = :id"), {"name": name, "id": product})
    clock.move(days=1, minutes=1)
    assert ready.auto.resolve_ripe(ready.actor) == JobDone(done=1)
