"""The pages of a run: one transaction each, read with one statement a table, decided on one by one, written in the same way.

What our own checks refuse is told of that request, before anything of it is written. Anything worse (rows that moved, a
deadlock, a full disk, a lost line) has undone the page as a whole: its requests are redone one by one, and what stands in the
way of all of them ends the run.

A request is decided on what the page has read, so what the requests before it change must not bear on it. Where it may (a row that
several share, a value in somebody else's row), everything that waits is written first, and the request read anew. What was not
locked when it was read is not left to wait either: it is written at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import Conflict, KvkkError, NotFound, Refused
from core.model.records import Actor, ItemDone, Preview, Resolution, ResolveOptions
from core.services.carrying import Before, Moment, Read
from core.services.context import Context, persistent
from core.services.resolutions import Resolutions
from core.store import leases, requests, residue, runs, survey
from core.store.ahead import Ahead
from core.store.faults import MACHINE
from core.store.located import Located, Place
from core.store.sql import chunks

if TYPE_CHECKING:
    from sqlalchemy import Row

    from core.model.identity import Needle
    from core.store.engine import Unit

LEASE = "bulk"
LEASE_S = 600
"""How long a page may take; whoever dies holds the next run up for so long at most."""
AT_ONCE = 200
"""Customers whose rows are read with one statement a table."""
NO_PLANS: Mapping[int, str] = {}
Item = tuple[int, int]
"""(place in the run, number of the request)"""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks at a run while it goes on."""

    told: Callable[[ItemDone], None] = lambda _item: None
    """Hears what became of each request, after its COMMIT."""
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None
    """(stage, done, total); stages: locate, search, resolve, verify."""
    stop: Callable[[], bool] = lambda: False
    """Asked between requests: True ends the run whole, to be resumed."""
    begun: Callable[[str, int], None] = lambda _run, _requests: None
    """Hears the id of the run before the first change."""
    foreseen: Callable[[float], None] = lambda _seconds: None
    """Hears how long the search over the database will take, more or less, before it begins."""
    page: int | None = None
    """Requests in one transaction; None: as many as pay. Whoever waits for each result takes one: a dropped line loses no more."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A request that is resolved: what the last pass looks for, and where it may still stand."""

    number: int
    needles: tuple[Needle, ...]
    remaining: frozenset[Place]


class Pages:
    """The requests of one run, worked on under its lease."""

    def __init__(
        self,
        context: Context,
        resolutions: Resolutions,
        run: tuple[str, str],
        choice: tuple[Resolution, ResolveOptions],
        plans: Mapping[int, str] = NO_PLANS,
    ) -> None:
        self._context, self._resolutions = context, resolutions
        self._run, self._holder = run
        self._resolution, self._options = choice
        self._plans = plans
        self._located = Located(())
        self._ahead = Ahead(context.atlas)
        self._needles: dict[str, tuple[Needle, ...]] = {}
        """Customer → what identified them when all were located."""
        self._worked: dict[int, Worked] = {}
        self.pending: set[str] = set()
        """Codes of later steps that are still to be done."""
        self.told = 0
        """Requests of which it was told what became of them; one that is asked to stop leaves the rest of its page."""

    def locate(self, numbers: Sequence[int], watch: Watch) -> None:
        """One snapshot for all: who they are, and one pass over the database for where their values stand."""
        if not (self._resolution.mask or self._resolution.erase):
            return
        context, found, done = self._context, list["Needle"](), 0
        self.let_go()
        with context.reading() as conn:
            ahead = Ahead(context.atlas)
            for some in chunks(numbers, AT_ONCE):
                keys = dict.fromkeys(row.customer for row in requests.many(conn, some).values() if row.customer is not None)
                ahead.read(conn, keys)
                for key in keys:
                    with suppress(NotFound, Refused):  # told of this request when its turn comes
                        self._needles[key] = survey.wanted(conn, context.atlas, key, ahead.take(key))
                        found += self._needles[key]
                done += len(some)
                watch.progress("locate", done, len(numbers))
            watch.foreseen(residue.foresee(conn, context.atlas.schema(conn), found))
            self._located = Located.search(conn, context.atlas.schema(conn), found, lambda *at: watch.progress("search", *at))

    def let_go(self) -> None:
        """Forget what was located: the last pass needs the room."""
        self._located = Located(())
        self._needles.clear()

    def look(self, actor: Actor, number: int) -> Preview:
        """What the resolution would do to one that was located. Raises as `Resolutions.preview`."""
        with self._context.reading() as conn:
            return self._resolutions.look(conn, actor, number, self._resolution, self._options, self._located.locate)

    def work(self, actor: Actor, page: Sequence[Item], watch: Watch) -> list[Worked]:
        """Carry out one page and tell of each; returns those that are resolved. Raises what ends the run."""
        worked = []
        for item in self._done(actor, page, watch.stop):
            watch.told(item)
            self.told += 1
            if item.state == "done" and item.number in self._worked:
                worked.append(self._worked.pop(item.number))
        if worked:
            self.pending.update(self._resolutions.keep_outside([one.number for one in worked]))
        return worked

    def _done(self, actor: Actor, page: Sequence[Item], stop: Callable[[], bool]) -> Iterator[ItemDone]:
        try:
            yield from self._transaction(actor, page, stop)
            return
        except KvkkError as error:
            if error.code == "run-lost":
                raise
        for item in page:
            if stop():
                return
            try:
                yield from self._alone(actor, item)
            except KvkkError as error:
                if error.code in MACHINE or error.code == "run-lost":
                    raise
                yield self._failed(actor, item, error)

    @persistent
    def _alone(self, actor: Actor, item: Item) -> list[ItemDone]:
        return self._transaction(actor, [item], lambda: False)

    def _transaction(self, actor: Actor, page: Sequence[Item], stop: Callable[[], bool]) -> list[ItemDone]:
        """The page: what was read with one statement a table is decided on request by request, and written at the end in the same way."""
        done: list[ItemDone] = []
        with self._context.writing(actor) as unit:
            if not leases.renew(unit, LEASE, self._holder, LEASE_S):
                raise Conflict("run-lost", run=self._run)
            mine = runs.still_waiting(unit.conn, self._run, [place for place, _ in page])
            rows = self._read_page(unit, [number for place, number in page if place in mine])
            moment = Moment.of(self._context, unit.conn)
            for place, number in page:
                if done and stop():
                    break
                if place in mine:  # else another worker of this run has had it
                    done.append(self._one(unit, (place, number), rows.get(number), moment))
        return done

    def _read_page(self, unit: Unit, numbers: Sequence[int]) -> Mapping[int, Row[Any]]:
        """Lock the requests, and read what the page decides on."""
        rows = requests.many(unit.conn, numbers, lock=True)
        keys = dict.fromkeys(row.customer for row in rows.values() if row.customer is not None)
        self._ahead.read(unit.conn, keys, lock=True)
        needles = [needle for key in keys for needle in self._needles.get(key, ())]
        self._located.read_again(unit.conn, self._context.atlas, needles)
        return rows

    def _one(self, unit: Unit, item: Item, row: Row[Any] | None, moment: Moment) -> ItemDone:
        """One request. What our own checks refuse is told, before anything of it is written; anything else discards the page."""
        place, number = item
        try:
            read = self._decided(unit, number, row, moment)
        except KvkkError as error:
            if not isinstance(error, Conflict | NotFound | Refused) or error.code in MACHINE:
                raise
            refused = self._refused(unit, number, error)
            runs.mark(unit, self._run, place, refused.state, refused.code)
            return refused
        done = self._resolutions.write(unit, read, self._resolution, self._options, here=True)
        destroys = self._resolution.mask or self._resolution.erase  # a block keeps every value: the last pass has nothing to look for
        self._worked[number] = Worked(number, read.seen.needles if destroys else (), read.remains.remaining)
        runs.mark(unit, self._run, place, "done")
        if _beside(read):
            self._settle(unit)
        return ItemDone(number, "done", grade=done.paper.grade.value)

    def _decided(self, unit: Unit, number: int, row: Row[Any] | None, moment: Moment) -> Read:
        """Read one request, and what waits first written where that may bear on it. Raises why it cannot be carried out."""
        if row is None:
            raise NotFound("request-not-found", number=number)
        taken = self._ahead.take(row.customer) if row.customer is not None else None
        if taken is None:  # another request of the same customer has changed what this one reads
            self._settle(unit)
        try:
            read = self._read(unit, Before(row, moment, taken))
            entangled = self._entangled(read)
        except Refused:  # perhaps for rows that others of the page let go
            entangled = True
            if not unit.pile:
                raise
        if entangled and unit.pile:
            self._settle(unit)
            read = self._read(unit, Before(requests.one(unit.conn, number), moment, None))
        if self._plans.get(number, read.fingerprint) != read.fingerprint:
            raise Conflict("plan-moved", number=number)
        if read.refusals:
            raise read.refusals[0]
        if touched := {*(hit.table for hit in read.remains.redact), *(cell.table for cell in read.seen.plan.pointers)}:
            self._located.stale()
            self._ahead.changed(touched)
        return read

    def _read(self, unit: Unit, before: Before) -> Read:
        where = (before.row.number, self._resolution, self._options, self._located.locate)
        return self._resolutions.read(unit.conn, unit.actor, *where, before)

    def _entangled(self, read: Read) -> bool:
        """Whether anything that was read may be another customer's too: rows that several share, or values in rows of others."""
        return _beside(read) or self._located.beyond(read.seen)

    def _settle(self, unit: Unit) -> None:
        unit.pile.flush()
        self._located.stale()

    def _refused(self, unit: Unit, number: int, error: KvkkError) -> ItemDone:
        state = "skipped" if error.code in ("kind-exceeds", "kind-falls-short") else "failed"
        if state == "failed" and not isinstance(error, NotFound) and error.code != "already-decided":
            self._resolutions.note_failure(unit, number, error)
        return ItemDone(number, state, error.code, tuple(error.facts.items()))

    @persistent
    def _failed(self, actor: Actor, item: Item, error: KvkkError) -> ItemDone:
        with self._context.writing(actor) as unit:
            runs.mark(unit, self._run, item[0], "failed", error.code)
            self._resolutions.note_failure(unit, item[1], error)
        return ItemDone(item[1], "failed", error.code, tuple(error.facts.items()))


def _beside(read: Read) -> bool:
    """Whether any row was read when its turn came, beside what the page has read and locked."""
    alone = read.ahead.tables if read.ahead else {}
    return any(found.rows for name, found in read.seen.plan.found.items() if name not in alone)
