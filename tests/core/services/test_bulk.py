"""Runs over many requests, on each engine: order, pages, failures that stay alone, resuming, one run at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import func, select

from core.desk import Desk
from core.errors import Conflict, NotFound, Unavailable
from core.model.certificate import LevelStatus, Subject
from core.model.records import ItemDone, Kind, NewRequest, Resolution, ResolveOptions, State, Wanted
from core.services.bulk import Bulk
from core.services.pages import Watch
from core.store import tables

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
    watch = Watch(told=heard.append, stop=lambda: len(heard) >= 6)
    first = small(desk, 3).resolve(desk.actor, Wanted(tuple(filed)), MASK, SURE, watch)
    assert (first.row.state, first.row.done, first.row.waiting) == ("stopped", 6, 14)
    second = small(desk, 50).resume(desk.actor, first.row.id, Watch(told=heard.append))
    assert (second.row.state, second.row.done, second.row.waiting) == ("done", 20, 0)
    assert sorted(item.number for item in heard) == sorted(filed)
    with desk.store.reading() as conn:
        book = tables.certificates
        assert conn.execute(select(func.count()).where(book.c.part == 0, book.c.request.in_(filed))).scalar_one() == 20
    with pytest.raises(NotFound, match="run-not-found"):
        desk.bulk.resume(desk.actor, "abcd")


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

    def meanwhile(_run: str, _requests: int) -> None:
        with pytest.raises(Conflict, match="run-in-progress") as error:
            desk.bulk.resolve(desk.actor, Wanted(tuple(filed)), MASK, SURE)
        refused.append(error.value)

    end = desk.bulk.resolve(desk.actor, Wanted(tuple(filed)), MASK, SURE, Watch(begun=meanwhile))
    assert end.row.done == 20
    assert refused[0].facts["by"] == str(desk.actor)


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
