"""Blocks: recorded in the transaction of the resolution, with what can be undone and nothing else, on each engine."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from core.desk import Desk
from core.errors import KvkkError
from core.model.records import Kind, NewRequest, Resolution, ResolveOptions
from core.store import blocks, tables

PENDING = 28
CUSTOMER = "240"
FORCED = ResolveOptions(force="test", notify=False)


def block_of(desk: Desk, customer: str) -> Any:
    with desk.store.reading() as conn:
        return blocks.find(conn, customer)


def customer_of(desk: Desk, number: int) -> str:
    found = desk.requests.show(desk.actor, number).row.customer
    assert found is not None
    return found


def give_token(desk: Desk, customer: str) -> None:
    at = desk.store.clock()
    row = {"hash": "a" * 64, "purpose": "session", "customer": customer, "made_at": at, "expires_at": at + timedelta(hours=1)}
    with desk.store.writer.begin() as conn:
        conn.execute(insert(tables.tokens).values(**row))


def token_count(desk: Desk) -> int:
    with desk.store.reading() as conn:
        return len(conn.execute(select(tables.tokens)).all())


@pytest.mark.parametrize(("resolution", "before"), [(Resolution(), {"status": "active"}), (Resolution(mask=True), {})])
def test_access_and_mask_block_the_account_and_end_its_tokens(desk: Desk, resolution: Resolution, before: dict[str, str]) -> None:
    customer = customer_of(desk, PENDING)
    give_token(desk, customer)
    desk.resolutions.resolve(desk.actor, PENDING, resolution, FORCED)
    row = block_of(desk, customer)
    assert (row.request, row.blocked_at, json.loads(row.before)) == (PENDING, desk.store.clock(), before)
    assert token_count(desk) == 0


def test_a_refused_resolution_blocks_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block goes back with everything else when the certificate cannot be written."""

    def fail(*_: Any) -> None:
        raise KvkkError("redaction-failed", number=PENDING)

    customer = customer_of(desk, PENDING)
    give_token(desk, customer)
    monkeypatch.setattr("core.store.certificates.put_all", fail)
    with pytest.raises(KvkkError):
        desk.resolutions.resolve(desk.actor, PENDING, Resolution(), FORCED)
    assert block_of(desk, customer) is None
    assert token_count(desk) == 1


def test_a_second_block_of_access_remembers_the_state_before_the_first(desk: Desk) -> None:
    """Else a restore would give back `blocked`."""
    for _ in range(2):
        number = desk.requests.add(desk.actor, NewRequest("250", Kind.ANONYMISE)).number
        desk.resolutions.resolve(desk.actor, number, Resolution(), FORCED)
    row = block_of(desk, "250")
    assert (row.request, json.loads(row.before)) == (number, {"status": "active"})


def test_a_mask_after_a_block_leaves_nothing_to_undo(desk: Desk) -> None:
    for resolution in (Resolution(), Resolution(mask=True)):
        number = desk.requests.add(desk.actor, NewRequest("250", Kind.ANONYMISE)).number
        desk.resolutions.resolve(desk.actor, number, resolution, FORCED)
    row = block_of(desk, "250")
    assert (row.request, row.before) == (number, blocks.NOTHING)


def test_an_erase_leaves_a_block_only_where_a_stub_stays(desk: Desk) -> None:
    for years, customer in (("0", "250"), ("10", "251")):
        desk.settings.set(desk.actor, "invoice-retention-years", years)
        access = desk.requests.add(desk.actor, NewRequest(customer, Kind.ANONYMISE)).number
        desk.resolutions.resolve(desk.actor, access, Resolution(), FORCED)
        number = desk.requests.add(desk.actor, NewRequest(customer, Kind.ERASE)).number
        desk.resolutions.resolve(desk.actor, number, Resolution(erase=True), FORCED)
    assert block_of(desk, "250") is None
    row = block_of(desk, "251")
    assert (row.request, row.before) == (number, blocks.NOTHING)


def test_of_two_who_lift_a_block_one_hears_that_it_was_there(desk: Desk) -> None:
    with desk.store.writer.begin() as conn:
        assert blocks.is_blocked(conn, "221")
        assert [blocks.remove(conn, "221") for _ in range(2)] == [True, False]
        assert not blocks.is_blocked(conn, "221")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_neither_secrets_nor_personal_columns_are_remembered(desk: Desk) -> None:
    assert blocks.states(desk.context.atlas.map) == ("status",)
