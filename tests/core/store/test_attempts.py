"""Attempts: free ones, waits that grow, households that share an address, clocks that jump, a hundred guesses at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.errors import NotAllowed, Unavailable
from core.model.records import Visitor
from core.store import attempts, tables
from core.store.attempts import ACCOUNT, ADDRESS, Limit
from core.store.engine import Store
from core.store.keyring import Key

KEY = Key(bytes(32))
VISITOR = Visitor("panel", "web.example")


@pytest.fixture
def writing(store: Store) -> Callable[[], Any]:
    """One write transaction without an audit entry."""

    @contextmanager
    def writing() -> Any:
        with store.writing(VISITOR, lambda _: None) as unit:
            yield unit

    return writing


def buckets(name: str = "ali@x.example", address: str = "203.0.113.7") -> tuple[attempts.Bucket, ...]:
    return attempts.buckets(KEY, (ACCOUNT, name), (ADDRESS, address))


def failures(store: Store) -> list[int]:
    with store.reading() as conn:
        return sorted(conn.execute(select(tables.attempts.c.failures)).scalars())


def test_free_attempts_then_waits_that_double_up_to_the_longest(writing: Any, clock: Any) -> None:
    waits = []
    for _ in range(14):
        with writing() as unit:
            wait = attempts.count(unit, buckets())
        if wait:
            clock.move(seconds=wait)
            with writing() as unit:
                assert attempts.count(unit, buckets()) == 0
        waits.append(wait)
    assert waits == [0] * 5 + [30, 60, 120, 240, 480, 900, 900, 900, 900]


def test_an_attempt_that_comes_too_early_is_not_counted(writing: Any, store: Store) -> None:
    """Else whoever keeps trying would lock the owner out for ever."""
    for _ in range(20):
        with writing() as unit:
            attempts.count(unit, buckets())
    assert failures(store) == [5, 5]
    with writing() as unit, pytest.raises(NotAllowed) as refused:
        attempts.require(unit, buckets())
    assert refused.value.facts == {"seconds": 30}


def test_success_is_forgiven_to_the_account_and_taken_back_from_the_address(writing: Any, store: Store) -> None:
    """An own account must not wipe out what was tried on those of others."""
    for name in ("a", "b", "c"):
        with writing() as unit:
            attempts.count(unit, buckets(name))
    with writing() as unit:
        attempts.count(unit, buckets("own"))
        attempts.succeeded(unit, buckets("own"))
    assert failures(store) == [1, 1, 1, 3]


def test_one_address_is_limited_over_many_accounts(writing: Any) -> None:
    for i in range(ADDRESS.free):
        with writing() as unit:
            assert attempts.count(unit, buckets(f"name{i}")) == 0
    with writing() as unit:
        assert attempts.count(unit, buckets("one more")) == ADDRESS.first_s
        assert attempts.count(unit, buckets("one more", "198.51.100.1")) == 0
        assert attempts.count(unit, buckets("one more", "")) == 0


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("fe80::1%eth0", "fe80::2", True),
        (" 203.0.113.7 ", "203.0.113.7", True),
        ("not an address", "not an address", True),
        ("\0\ud800", "other", False),
    ],
)
def test_a_household_is_one_network(one: str, two: str, same: bool) -> None:
    assert (attempts.network_of(one) == attempts.network_of(two)) is same
    assert (buckets(address=one)[0] == buckets(address=two)[0]) is same


def test_a_quiet_day_begins_anew_and_is_purged(writing: Any, clock: Any, store: Store) -> None:
    for _ in range(5):
        with writing() as unit:
            attempts.count(unit, buckets())
    clock.move(hours=23)
    with writing() as unit:
        assert attempts.purge(unit.conn, unit.at) == 0
        assert attempts.count(unit, buckets()) == 0
    assert failures(store) == [6, 6]
    clock.move(hours=25)
    with writing() as unit:
        attempts.count(unit, buckets())
    assert failures(store) == [1, 1]
    clock.move(hours=25)
    with writing() as unit:
        assert attempts.purge(unit.conn, unit.at) == 2
    assert failures(store) == []


@pytest.mark.parametrize("hours", [-3, -48, 24 * 400])
def test_a_clock_that_jumps_locks_nobody_out(writing: Any, clock: Any, hours: int) -> None:
    for _ in range(5):
        with writing() as unit:
            attempts.count(unit, buckets())
    clock.move(hours=hours)
    with writing() as unit:
        assert attempts.count(unit, buckets()) == 0


def test_of_many_at_once_no_more_than_the_free_ones_pass(store: Store, clock: Any) -> None:
    """Counted before they are looked at, and one after the other: no guess is free because it came with others."""
    passed: list[int] = []
    together = threading.Barrier(12)

    def guess() -> None:
        together.wait()
        for _ in range(6):
            try:
                with store.writing(VISITOR, lambda _: None) as unit:
                    wait = attempts.count(unit, buckets())
                passed.append(wait)
                return
            except Unavailable:  # a deadlock: the service begins anew too
                continue

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 12
    assert passed.count(0) == ACCOUNT.free
    assert failures(store) == [ACCOUNT.free, ACCOUNT.free]


def test_a_bucket_names_nobody(writing: Any, store: Store) -> None:
    with writing() as unit:
        attempts.count(unit, buckets("ali@x.example", "203.0.113.7"))
    with store.reading() as conn:
        marks = list(conn.execute(select(tables.attempts.c.bucket)).scalars())
    assert all(len(mark) == 64 and "ali" not in mark for mark in marks)
    other = attempts.buckets(Key(b"\1" * 32), (ACCOUNT, "ali@x.example"), (ADDRESS, "203.0.113.7"))
    assert {bucket.mark for bucket in other}.isdisjoint(marks)


def test_a_wait_never_overflows() -> None:
    assert Limit("x", 0, 30, 900).wait(10**9) == timedelta(seconds=900)
