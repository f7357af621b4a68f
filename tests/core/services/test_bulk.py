"""Runs over many requests, on each engine: order, pages, failures that stay alone, resuming, one run at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from core.desk import Desk
from core.errors import Conflict, KvkkError, NotFound, Unavailable
from core.model import needle
from core.model.canonical import canonical
from core.model.certificate import LevelStatus, Subject
from core.model.records import ItemDone, Kind, NewRequest, Resolution, ResolveOptions, State, Wanted
from core.services.bulk import Bulk
from core.services.context import beating
from core.services.pages import LEASE, LEASE_S, Watch
from core.store import leases, runs, tables

MASK, ERASE = Resolution(mask=True), Resolution(erase=True)
SURE = ResolveOptions(notify=False, force="test")
CUSTOMERS = [str(key) for key in range(252, 272)]


@pytest.fixture
def filed(desk: Desk) -> list[int]:
    """Numbers of twenty requests, filed in an order that is not that of their customers."""
    return [desk.requests.add(desk.actor, NewRequest(key, Kind.ANONYMISE)).number for key in reversed(CUSTOMERS)]


def small(desk: Desk, page: int) -> Bulk:
    return Bulk(desk.context, desk.resolutions, page)


def states(desk: Desk, numbers: list[int]) -> set[State]:
    return {desk.requests.show(desk.actor, number).row.state for number in numbers}


def test_a_run_takes_the_requests_in_the_order_of_their_customers_and_tells_each_after_its_commit(desk: Desk, filed: list[int]) -> None:
    heard: list[ItemDone] = []

    def told(item: ItemDone) -> None:
        assert desk.requests.show(desk.actor, item.number).row.state is State.RESOLVED  # seen by another connection
        heard.append(item)

    end = small(desk, 7).resolve(desk.actor, Wanted(tuple(filed)), MASK, SURE, Watch(told=told))
    assert [item.number for item in heard] == list(reversed(filed))
    assert (end.row.state, end.row.done, end.row.failed, end.row.skipped, end.found_after) == ("done", 20, 0, 0, ())
    for number in filed:
        paper = desk.papers.certificate(desk.actor, number, "en")
        [level] = [part.levels[0] for part in paper.addenda if part.about is Subject.REREAD]
        assert level.status is LevelStatus.DONE
    assert desk.audit.verify(desk.actor, end.checkpoint).vouched


def test_one_that_is_refused_neither_stops_nor_spoils_the_others(desk: Desk, filed: list[int]) -> None:
    desk.requests.cancel(desk.actor, filed[3])
    erase = desk.requests.add(desk.actor, NewRequest("275", Kind.ERASE)).number
    heard: list[ItemDone] = []
    watch = Watch(told=heard.append)
    end = small(desk, 50).resolve(desk.actor, Wanted((*filed, erase)), MASK, ResolveOptions(notify=False), watch)
    by_number = {item.number: item for item in heard}
    assert (by_number[filed[3]].state, by_number[filed[3]].code) == ("failed", "already-decided")
    assert (by_number[erase].state, by_number[erase].code) == ("skipped", "kind-falls-short")
    assert (end.row.failed, end.row.skipped) == (1, 1)
    assert {(item.number, item.code) for item in desk.bulk.show(desk.actor, end.row.id).items} == {
        (filed[3], "already-decided"),
        (erase, "kind-falls-short"),
    }


@pytest.mark.parametrize("code", ["database-contention", "database-full"])
def test_a_page_that_fails_as_a_whole_is_redone_one_by_one(
    desk: Desk, filed: list[int], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """A database that gives up a transaction has undone the page; nothing of it may be told or kept before it is redone.

    What is wrong with one request is told of that one; what is wrong with the machine ends the run.
    """
    real, bad = desk.resolutions.write, filed[5]

    def write(unit, read, *more, **named):  # type: ignore[no-untyped-def]
        result = real(unit, read, *more, **named)
        if read.row.number == bad:
            raise Unavailable(code)
        return result

    monkeypatch.setattr(desk.resolutions, "write", write)
    heard: list[ItemDone] = []
    run = partial(small(desk, 50).resolve, desk.actor, Wanted(tuple(filed)), MASK, SURE, Watch(told=heard.append))
    if code == "database-full":
        with pytest.raises(Unavailable, match=code):
            run()
    else:
        assert (run().row.failed, desk.requests.show(desk.actor, bad).row.last_error) == (1, code)
    done = [item.number for item in heard if item.state == "done"]
    assert done
    assert bad not in done
    assert states(desk, done) == {State.RESOLVED}
    assert desk.requests.show(desk.actor, bad).row.state is State.PENDING
    assert desk.audit.verify(desk.actor).entries > 0


def test_a_run_that_was_stopped_is_resumed_by_its_id(desk: Desk, filed: list[int]) -> None:
    heard: list[ItemDone] = []
    seen: list[tuple[str, int, int]] = []
    watch = Watch(told=heard.append, stop=lambda: len(heard) >= 6, progress=lambda *at: seen.append(at))
    first = small(desk, 3).resolve(desk.actor, Wanted(tuple(filed)), MASK, SURE, watch)
    assert (first.row.state, first.row.done, first.row.waiting) == ("stopped", 6, 14)
    assert [done for stage, done, _ in seen if stage == "resolve"] == [3, 6]
    second = small(desk, 50).resume(desk.actor, first.row.id, Watch(told=heard.append))
    assert (second.row.state, second.row.done, second.row.waiting) == ("done", 20, 0)
    assert sorted(item.number for item in heard) == sorted(filed)
    with desk.store.reading() as conn:
        book = tables.certificates
        assert conn.execute(select(func.count()).where(book.c.part == 0, book.c.request.in_(filed))).scalar_one() == 20
    for wrong, code in (("0123abcd", "run-not-found"), ("ali@veli", "run-no-id")):
        with pytest.raises(NotFound, match=code) as refused:
            desk.bulk.resume(desk.actor, wrong)
        assert "ali" not in str(refused.value)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_previews_of_many_are_those_of_each_with_one_pass_over_the_database(
    desk: Desk, filed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.store.located import Located

    some, passes = filed[:4], list[int]()
    search = Located.search
    monkeypatch.setattr(Located, "search", lambda *given: passes.append(1) or search(*given))
    desk.requests.cancel(desk.actor, filed[3])
    for choice in (Resolution(), MASK, Resolution(erase=True, blacklist=True)):
        seen: dict[int, Any] = {}
        passes.clear()
        desk.bulk.preview(desk.actor, some, choice, SURE, seen.__setitem__)
        assert list(seen) == some
        assert len(passes) == (0 if choice == Resolution() else 1)
        assert seen.pop(filed[3]).code == "already-decided"
        assert seen == {number: desk.resolutions.preview(desk.actor, number, choice, SURE) for number in seen}
    stopped: dict[int, Any] = {}
    desk.bulk.preview(desk.actor, some, MASK, SURE, stopped.__setitem__, Watch(stop=lambda: len(stopped) == 2))
    assert len(stopped) == 2


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_run_does_what_its_previews_showed_and_nothing_else_also_when_it_is_resumed(desk: Desk, filed: list[int]) -> None:
    plans: dict[int, str] = {}
    desk.bulk.preview(desk.actor, filed, MASK, SURE, lambda number, seen: plans.update({number: seen.fingerprint}))
    moved = [filed[-2], filed[0]]  # one before the stop and one behind it
    with desk.store.writing(desk.actor, lambda unit: None) as unit:
        for number in moved:
            key = desk.requests.show(desk.actor, number).row.customer
            unit.conn.execute(text("UPDATE customers SET company = 'Elsewhere' WHERE id = :key"), {"key": key})
    heard: list[ItemDone] = []
    watch = Watch(told=heard.append, stop=lambda: len(heard) >= 5, page=1)
    first = desk.bulk.resolve(desk.actor, Wanted(tuple(filed)), MASK, SURE, watch, plans)
    assert (first.row.state, first.row.done, first.row.failed) == ("stopped", 4, 1)
    end = desk.bulk.resume(desk.actor, first.row.id, Watch(told=heard.append))
    assert (end.row.state, end.row.done, end.row.failed) == ("done", 18, 2)
    assert {item.number: item.code for item in heard if item.state == "failed"} == dict.fromkeys(moved, "plan-moved")
    assert states(desk, moved) == {State.PENDING}


def test_a_run_that_dies_gives_its_lease_back_and_loses_only_the_open_page(desk: Desk, filed: list[int]) -> None:
    def told(item: ItemDone) -> None:
        if item.number == list(reversed(filed))[4]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(desk, 4).resolve(desk.actor, Wanted(tuple(filed)), ERASE, ResolveOptions(notify=False, force="x"), Watch(told=told))
    [row] = desk.bulk.list(desk.actor)
    assert (row.state, row.done) == ("stopped", 8)
    end = desk.bulk.resume(desk.actor, row.id)
    assert (end.row.state, end.row.done, end.row.failed) == ("done", 20, 0)


def test_two_runs_at_once_are_one_too_many(desk: Desk, filed: list[int]) -> None:
    refused: list[Conflict] = []

    def meanwhile(run: str, _requests: int) -> None:
        with pytest.raises(Conflict, match="run-in-progress") as error:
            desk.bulk.resolve(desk.actor, Wanted(tuple(filed)), MASK, SURE)
        refused.append(error.value)
        [row] = desk.bulk.list(desk.actor)
        assert (row.id, row.state, row.held_by) == (run, "running", str(desk.actor))
        assert row.held_until is not None
        assert row.held_until - row.started_at < timedelta(minutes=11) or desk.store.name != "sqlite"
        assert error.value.facts["at"] == row.held_until.isoformat(timespec="minutes")
        assert desk.bulk.show(desk.actor, run).row == row

    end = desk.bulk.resolve(desk.actor, Wanted(tuple(filed)), MASK, SURE, Watch(begun=meanwhile))
    assert end.row.done == 20
    assert refused[0].facts["by"] == str(desk.actor)


def killed(desk: Desk, numbers: list[int]) -> str:
    """Id of a run whose process died without a word."""
    with desk.context.writing(desk.actor) as unit:
        assert leases.take(unit, LEASE, LEASE_S) is not None
        return runs.begin(unit, MASK, SURE, numbers)


def test_a_killed_run_holds_its_place_for_ten_minutes_and_is_then_one_that_was_stopped(desk: Desk, filed: list[int], clock: Any) -> None:
    dead = killed(desk, filed[:3])
    with pytest.raises(Conflict, match="run-in-progress"):
        desk.bulk.resume(desk.actor, dead)
    end_of_lease(desk, clock)
    [row] = desk.bulk.list(desk.actor)
    assert (row.state, row.held_by, row.waiting) == ("stopped", None, 3)
    end = desk.bulk.resolve(desk.actor, Wanted(tuple(filed[3:5])), MASK, SURE)
    assert end.row.done == 2
    assert [(one.id == dead, one.state) for one in desk.bulk.list(desk.actor)].count((True, "stopped")) == 1
    assert desk.bulk.resume(desk.actor, dead).row.done == 3


def end_of_lease(desk: Desk, clock: Any) -> None:
    """Ten minutes later: by the host's clock on SQLite, else by the server's, which only the row can be moved against."""
    if desk.store.name == "sqlite":
        clock.move(minutes=10, seconds=1)
        return
    book = tables.leases
    with desk.context.writing(desk.actor) as unit:
        until = unit.conn.execute(select(book.c.until)).scalar_one()
        unit.conn.execute(update(book).values(until=until - timedelta(minutes=10, seconds=1)))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_pass_that_takes_long_keeps_the_lease(desk: Desk, filed: list[int], clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page renews it meanwhile."""
    monkeypatch.setattr("core.services.bulk.beating", partial(beating, every_s=0.005))
    with desk.store.alone() as conn:
        conn.exec_driver_sql("PRAGMA journal_mode=WAL")
    seen: dict[str, set[datetime]] = {"search": set(), "verify": set()}

    def slow(stage: str, done: int, _total: int) -> None:
        if stage in seen and done <= 4:
            clock.move(minutes=4)
            until = time.monotonic() + 5
            while (held := desk.bulk.list(desk.actor)[0].held_until) is None or held - clock() < timedelta(minutes=9):
                assert time.monotonic() < until, "nobody renews it"
                time.sleep(0.005)
            seen[stage].add(held)

    assert desk.bulk.resolve(desk.actor, Wanted(tuple(filed[:3])), MASK, SURE, Watch(progress=slow)).row.done == 3
    assert [len(moments) for moments in seen.values()] == [4, 4]


def test_a_lease_that_is_somebody_elses_is_renewed_no_more() -> None:
    answers: list[Any] = [Unavailable("database-locked"), True, False]
    asked = []

    def renew() -> bool:
        asked.append(1)
        answer = answers[len(asked) - 1]
        if isinstance(answer, KvkkError):
            raise answer
        return bool(answer)

    with beating(renew, every_s=0.001):
        time.sleep(0.05)
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (lambda filed: Wanted(tuple(filed), limit=3), lambda filed: list(reversed(filed))[:3]),
        (lambda filed: Wanted((*filed, filed[0])), lambda filed: list(reversed(filed))),
    ],
)
def test_a_run_takes_what_was_asked_for_once(
    desk: Desk, filed: list[int], wanted: Callable[[list[int]], Wanted], expected: Callable[[list[int]], list[int]]
) -> None:
    assert list(desk.bulk.choose(desk.actor, wanted(filed))) == expected(filed)


def test_filters_leave_out_other_kinds_later_receipts_and_open_accounts(desk: Desk, filed: list[int]) -> None:
    everything = desk.bulk.choose(desk.actor, Wanted())
    assert set(filed) <= set(everything)
    kinds = {desk.requests.show(desk.actor, n).row.kind for n in desk.bulk.choose(desk.actor, Wanted(kind=Kind.ERASE))}
    assert kinds == {Kind.ERASE}
    received = desk.requests.show(desk.actor, filed[0]).row.received_on
    assert not set(filed) & set(desk.bulk.choose(desk.actor, Wanted(received_before=received)))
    for number in desk.bulk.choose(desk.actor, Wanted(no_open_account=True)):
        row = desk.requests.show(desk.actor, number).row
        assert not (row.services and row.services.active)
        assert not (row.invoices and row.invoices.unpaid)


def test_filters_choose_among_named_requests_too(desk: Desk, filed: list[int]) -> None:
    """What was named and does not fit is left alone; what was decided is taken, and told as that."""
    received = desk.requests.show(desk.actor, filed[0]).row.received_on
    named = tuple(filed[:3])
    later = received + timedelta(days=1)
    assert desk.bulk.choose(desk.actor, Wanted(named, received_before=received)) == ()
    assert desk.bulk.choose(desk.actor, Wanted(named, kind=Kind.ERASE)) == ()
    assert set(desk.bulk.choose(desk.actor, Wanted(named, Kind.ANONYMISE, later))) == set(named)
    desk.requests.cancel(desk.actor, named[0])
    assert set(desk.bulk.choose(desk.actor, Wanted(named, Kind.ANONYMISE, later))) == set(named)
    with pytest.raises(NotFound, match="request-not-found"):
        desk.bulk.choose(desk.actor, Wanted((*named, 999_999), Kind.ERASE))
    with pytest.raises(NotFound, match="requests-not-found") as refused:
        desk.bulk.choose(desk.actor, Wanted((*named, *range(900_001, 900_013))))
    assert refused.value.facts == {
        "count": 12,
        "numbers": "900001, 900002, 900003, 900004, 900005, 900006, 900007, 900008, 900009, 900010 …",
    }


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_page_that_is_cut_short_counts_what_was_done(desk: Desk, filed: list[int]) -> None:
    """Of a page of twenty seven are done before somebody asks to stop: the progress says seven, not twenty."""
    seen: list[tuple[str, int, int]] = []
    asked = iter(range(1000))
    watch = Watch(stop=lambda: next(asked) >= 8, progress=lambda *at: seen.append(at))
    end = desk.bulk.resolve(desk.actor, Wanted(tuple(filed)), Resolution(), SURE, watch)
    assert 0 < end.row.done < 20
    assert [done for stage, done, _ in seen if stage == "resolve"] == [end.row.done]


def test_a_run_that_only_blocks_looks_for_nothing_afterwards(desk: Desk, filed: list[int]) -> None:
    """The data are kept by design: where they stand is no news."""
    end = desk.bulk.resolve(desk.actor, Wanted(tuple(filed[:2])), Resolution(), SURE)
    assert (end.row.done, end.found_after) == (2, ())
    assert desk.papers.certificate(desk.actor, filed[0], "en").addenda == ()


def test_no_value_stays_in_the_process_that_erased_it(desk: Desk, filed: list[int]) -> None:
    """A console is left open for days; whoever was erased must not live on in its caches."""
    for work in (
        lambda: desk.bulk.resolve(desk.actor, Wanted(tuple(filed[1:3])), MASK, SURE),
        lambda: desk.resolutions.resolve(desk.actor, filed[0], MASK, SURE),
    ):
        assert canonical("email", "somebody@x.example")
        assert canonical.cache_info().currsize
        work()
        assert not canonical.cache_info().currsize
        assert not needle._of_part.cache_info().currsize
        assert not needle._compiled.cache_info().currsize
