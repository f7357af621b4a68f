"""Tokens: kept as hashes, used once, ended by time, by a clock that jumps, and by a block, on each engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.model.records import Visitor
from core.store import stale, tables, tokens
from core.store.engine import Store
from core.store.tokens import LIFE, Purpose

VISITOR = Visitor("panel", "web.example")
LINKS = (Purpose.RESET, Purpose.SIGNIN, Purpose.REGISTER)


@pytest.fixture
def writing(store: Store) -> Callable[[], Any]:
    """One write transaction without an audit entry."""

    @contextmanager
    def writing() -> Any:
        with store.writing(VISITOR, lambda _: None) as unit:
            yield unit

    return writing


def made(writing: Any, purpose: Purpose = Purpose.RESET, customer: str | None = "77") -> str:
    with writing() as unit:
        return tokens.make(unit, purpose, customer)


def rows(store: Store) -> list[Any]:
    with store.reading() as conn:
        return list(conn.execute(select(tables.tokens)).all())


@pytest.mark.parametrize("purpose", LINKS)
def test_a_link_is_used_once_and_for_its_purpose_only(writing: Any, purpose: Purpose) -> None:
    token = made(writing, purpose)
    with writing() as unit:
        for other in Purpose:
            if other is not purpose:
                assert tokens.use(unit, other, token) is None
        row = tokens.use(unit, purpose, token)
        assert row is not None
        assert (row.customer, row.used_at) == ("77", unit.at)
        assert tokens.use(unit, purpose, token) is None
        assert tokens.peek(unit.conn, purpose, token, unit.at) is None


def test_the_table_holds_no_token(writing: Any, store: Store) -> None:
    token = made(writing)
    assert len(token) >= 43
    assert token not in str(rows(store))
    assert rows(store)[0].hash == tokens.digest(token)


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "😀" * 30, "x" * 10_000_000, "' OR '1'='1"])
def test_hostile_tokens_are_none(writing: Any, token: str) -> None:
    made(writing)
    with writing() as unit:
        assert tokens.use(unit, Purpose.RESET, token) is None
        assert tokens.session(unit.conn, token, unit.at) is None
        assert not tokens.drop(unit, token)


@pytest.mark.parametrize("purpose", LINKS)
@pytest.mark.parametrize(("of_life", "good"), [(0.99, True), (1.0, False), (5.0, False)])
def test_a_link_ends_with_its_time(writing: Any, clock: Any, purpose: Purpose, of_life: float, good: bool) -> None:
    token = made(writing, purpose)
    clock.now += LIFE[purpose] * of_life
    with writing() as unit:
        assert (tokens.use(unit, purpose, token) is not None) is good


@pytest.mark.parametrize(("minutes", "good"), [(-4, True), (-6, False), (-60 * 24 * 30, False)])
def test_a_link_from_the_future_is_none(writing: Any, clock: Any, minutes: int, good: bool) -> None:
    """The clock was wrong when it was made: it would live for as long as the clock was ahead."""
    token = made(writing)
    clock.move(minutes=minutes)
    with writing() as unit:
        assert (tokens.use(unit, Purpose.RESET, token) is not None) is good


def test_of_many_who_use_one_link_at_once_exactly_one_has_it(writing: Any, store: Store) -> None:
    token, won = made(writing), list[bool]()
    together = threading.Barrier(8)

    def use() -> None:
        together.wait()
        with store.writing(VISITOR, lambda _: None) as unit:
            row = tokens.use(unit, Purpose.RESET, token)
        won.append(row is not None)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


def test_a_session_ends_when_it_is_idle_and_lives_on_when_it_is_used_but_not_for_ever(writing: Any, clock: Any) -> None:
    token, began = made(writing, Purpose.SESSION), clock.now
    moved = 0
    while True:
        clock.move(minutes=20)
        with writing() as unit:
            row = tokens.session(unit.conn, token, unit.at)
            if row is None:
                break
            assert tokens.should_move(row, unit.at)
            tokens.move(unit, row)
            moved += 1
    assert moved == 12 * 3 - 1
    assert clock.now - began == LIFE[Purpose.SESSION]
    token = made(writing, Purpose.SESSION)
    clock.now += tokens.IDLE
    with writing() as unit:
        assert tokens.session(unit.conn, token, unit.at) is None


def test_looking_at_a_session_seldom_writes(writing: Any, clock: Any) -> None:
    token = made(writing, Purpose.SESSION)
    clock.move(minutes=4)
    with writing() as unit:
        row = tokens.session(unit.conn, token, unit.at)
        assert row is not None
        assert not tokens.should_move(row, unit.at)
        assert tokens.should_move(row, unit.at + timedelta(minutes=1))


def test_what_has_ended_is_purged_a_day_later(writing: Any, clock: Any, store: Store) -> None:
    made(writing)
    made(writing, Purpose.SESSION, "78")
    clock.move(hours=20)
    with writing() as unit:
        assert stale.purge(unit.conn, unit.at) == 0
    clock.move(hours=6)
    with writing() as unit:
        assert stale.purge(unit.conn, unit.at) == 2
    assert rows(store) == []
