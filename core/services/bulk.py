"""Many requests in one run: found once, worked on page by page, resumable by its id after any kind of end.

    begin     a lease (one run at a time in a database, on however many hosts), the requests kept in the order of their customers
    locate    one read snapshot: the values of every customer, and one pass over the database for all of them
    pages     `core.services.pages`; what became of a request is told after the COMMIT
    end       one last pass over the database: level A of every certificate, and what is still found

A killed run loses at most its open page. Only requests of the kind that the resolution answers are carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.errors import Conflict, KvkkError, NotFound, Refused
from core.model import identity
from core.model.guards import check_mix
from core.model.records import Actor, Preview, Resolution, ResolveOptions, Role, RunDetail, RunEnd, RunRow, Wanted
from core.model.words import checked
from core.services.context import beating, persistent
from core.services.gate import needs
from core.services.pages import LEASE, LEASE_S, NO_PLANS, Pages, Watch, Worked
from core.services.resolutions import Resolutions
from core.store import certificates, certify, chain, choice, leases, runs
from core.store.located import Located, unexplained
from core.store.sql import chunks

if TYPE_CHECKING:
    from core.services.context import Context
    from core.store.engine import Unit

PAGE = 200
"""Requests in one transaction: whoever else writes waits for it."""
SLICE = 20_000
"""Customers whose values are looked for in one pass: it bounds the memory, some 4 kB each."""
LIST_MOST = 1000


class Bulk:
    """`kvkk resolve` over many requests, and `kvkk runs`."""

    def __init__(self, context: Context, resolutions: Resolutions, page: int = PAGE) -> None:
        self._context = context
        self._resolutions = resolutions
        self._page = page

    @needs(Role.VIEWER)
    def list(self, actor: Actor, limit: int = 50) -> tuple[RunRow, ...]:
        """The newest runs."""
        with self._context.reading() as conn:
            held = leases.held(conn, LEASE, self._context.clock())
            return tuple(_seen(row, held) for row in runs.latest(conn, min(limit, LIST_MOST)))

    @needs(Role.VIEWER)
    def show(self, actor: Actor, run: str) -> RunDetail:
        """One run, with what failed or was left out. Raises NotFound `run-not-found`."""
        with self._context.reading() as conn:
            held = leases.held(conn, LEASE, self._context.clock())
            return RunDetail(_seen(runs.one(conn, run), held), runs.items(conn, run, ("failed", "skipped")))

    @needs(Role.VIEWER)
    def choose(self, actor: Actor, wanted: Wanted) -> tuple[int, ...]:
        """Numbers of the requests that a run would take, in its order. Raises NotFound for one that is not there."""
        with self._context.reading() as conn:
            return choice.chosen(conn, self._context.atlas, wanted)

    @needs(Role.VIEWER)
    def preview(
        self,
        actor: Actor,
        numbers: Sequence[int],
        resolution: Resolution,
        options: ResolveOptions,
        seen: Callable[[int, Preview | KvkkError], None],
        watch: Watch | None = None,
    ) -> None:
        """What a run over these would do now, each told to `seen`, or why it has no preview; one pass over the database for all.

        Changes nothing. `watch.stop` ends it early. Raises what is wrong with the call, Unavailable.
        """
        check_mix(resolution)
        self._may_waive(actor, options)
        watch = watch or Watch()
        pages = Pages(self._context, self._resolutions, ("", ""), (resolution, options))
        for some in chunks(numbers, SLICE):
            if not watch.stop():
                pages.locate(some, watch)
            for number in some:
                if watch.stop():
                    return
                try:
                    seen(number, pages.look(actor, number))
                except (Conflict, NotFound, Refused) as error:
                    seen(number, error)

    @needs(Role.OPERATOR)
    def resolve(
        self,
        actor: Actor,
        wanted: Wanted,
        resolution: Resolution,
        options: ResolveOptions | None = None,
        watch: Watch | None = None,
        plans: Mapping[int, str] = NO_PLANS,
    ) -> RunEnd:
        """A new run. Raises what is wrong with the call, Conflict `run-in-progress`, NotFound, Unavailable; what is wrong
        with one request is told of that request. `plans`: requests that are carried out only as their preview showed,
        also when the run is resumed; any other fails with `plan-moved`."""
        check_mix(resolution)
        options = options or ResolveOptions()
        for name in ("reason", "force", "waive_residue"):
            checked(name, getattr(options, name))
        self._may_waive(actor, options)
        run, holder, count = self._begin(actor, wanted, resolution, options, plans)
        watch = watch or Watch()
        watch.begun(run, count)
        return self._under_lease(actor, run, holder, watch)

    @needs(Role.OPERATOR)
    def resume(self, actor: Actor, run: str, watch: Watch | None = None) -> RunEnd:
        """Go on where a run was stopped, killed or cut off. Raises NotFound `run-not-found`, Conflict `run-in-progress`."""
        with self._context.reading() as conn:
            options = runs.told(conn, run)[1]
        self._may_waive(actor, options)
        return self._under_lease(actor, run, self._reopen(actor, run), watch or Watch())

    def _may_waive(self, actor: Actor, options: ResolveOptions) -> None:
        if options.waive_residue:
            self._context.permit(actor, Role.ADMIN)

    @persistent
    def _begin(
        self, actor: Actor, wanted: Wanted, resolution: Resolution, options: ResolveOptions, plans: Mapping[int, str]
    ) -> tuple[str, str, int]:
        with self._context.writing(actor) as unit:
            holder = _take(unit)
            numbers = choice.chosen(unit.conn, self._context.atlas, wanted)
            run = runs.begin(unit, resolution, options, numbers, plans)
            unit.record("run.start", None, run=run, requests=len(numbers), outcome=resolution.name)
        return run, holder, len(numbers)

    @persistent
    def _reopen(self, actor: Actor, run: str) -> str:
        with self._context.writing(actor) as unit:
            holder = _take(unit)
            runs.reopen(unit, run)
            unit.record("run.resume", None, run=run)
        return holder

    def _under_lease(self, actor: Actor, run: str, holder: str, watch: Watch) -> RunEnd:
        try:
            with self._context.reading() as conn:
                resolution, options = runs.told(conn, run)
                left, plans = runs.waiting(conn, run), runs.plans(conn, run)
            pages = Pages(self._context, self._resolutions, (run, holder), (resolution, options), plans)
            found: tuple[tuple[int, int], ...] = ()
            for some in chunks(left, SLICE):
                worked: tuple[Worked, ...] = ()
                if not watch.stop():
                    with self._held(actor, run, holder):
                        pages.locate([number for _, number in some], watch)
                for page in chunks(some, watch.page or self._page):
                    if not watch.stop():
                        worked += tuple(pages.work(actor, page, watch))
                        watch.progress("resolve", pages.told, len(left))
                pages.let_go()
                with self._held(actor, run, holder):
                    found += self._verify(actor, worked, watch)
            return replace(self._ended(actor, run, holder, found), pending=tuple(sorted(pages.pending)))
        except BaseException:
            self._break_off(actor, run, holder)
            raise
        finally:
            identity.forget()

    def _verify(self, actor: Actor, worked: Sequence[Worked], watch: Watch) -> tuple[tuple[int, int], ...]:
        """Level A of all in one pass: (request, places) where a value still stands that nothing explains."""
        if not any(one.needles for one in worked):
            return ()
        with self._context.reading() as conn:
            every = (needle for one in worked for needle in one.needles)
            schema = self._context.atlas.schema(conn)
            located = Located.search(conn, schema, every, lambda *at: watch.progress("verify", *at))
        atlas = self._context.atlas
        counted = {one.number: unexplained(atlas, schema, located.places(one.needles), one.remaining) for one in worked}
        self._addenda(actor, counted)
        return tuple((number, hits) for number, hits in counted.items() if hits)

    @contextmanager
    def _held(self, actor: Actor, run: str, holder: str) -> Iterator[None]:
        """Keep the lease through a pass, which no page renews and which takes long. Raises Conflict `run-lost`."""
        if not self._renewed(actor, holder):
            raise Conflict("run-lost", run=run)
        if not self._context.store.writes_beside_readers():  # then nobody else can take it while the pass reads, either
            yield
            return
        with beating(partial(self._renewed, actor, holder)):
            yield

    @persistent
    def _renewed(self, actor: Actor, holder: str) -> bool:
        with self._context.writing(actor) as unit:
            return leases.renew(unit, LEASE, holder, LEASE_S)

    @persistent
    def _addenda(self, actor: Actor, counted: dict[int, int]) -> None:
        with self._context.writing(actor) as unit:
            certificates.append_all(unit.conn, [certify.reread(number, unit.at, str(unit.actor), hits) for number, hits in counted.items()])
            for number, hits in counted.items():
                unit.record("certificate.reread", number, hits=hits)

    @persistent
    def _ended(self, actor: Actor, run: str, holder: str, found: tuple[tuple[int, int], ...]) -> RunEnd:
        with self._context.writing(actor) as unit:
            leases.release(unit, LEASE, holder)
            runs.finish(unit, run, "stopped" if runs.waiting(unit.conn, run, 1) else "done")
            row = runs.one(unit.conn, run)
            unit.record("run.end", None, run=run, state=row.state, done=row.done, failed=row.failed, skipped=row.skipped)
        with self._context.reading() as conn:
            return RunEnd(row, str(chain.anchor(conn, self._context.clock())), found)

    def _break_off(self, actor: Actor, run: str, holder: str) -> None:
        """Whatever ends it early: the next one need not wait for the lease. What cannot be noted must not hide the error."""
        try:
            with self._context.writing(actor) as unit:
                leases.release(unit, LEASE, holder)
                runs.finish(unit, run, "stopped")
                unit.record("run.stop", None, run=run)
        except KvkkError:
            return


def _take(unit: Unit) -> str:
    """One run at a time in a database. Raises Conflict `run-in-progress`."""
    holder = leases.take(unit, LEASE, LEASE_S)
    if holder is None:
        held = leases.held(unit.conn, LEASE, unit.at)
        raise Conflict("run-in-progress", by=held.who if held else "", at=held.until.isoformat(timespec="minutes") if held else "")
    return holder


def _seen(row: RunRow, held: leases.Lease | None) -> RunRow:
    """A run as it is now: one that nobody holds was killed, and can be resumed as any other that was stopped."""
    if row.state != "running":
        return row
    return replace(row, state="stopped") if held is None else replace(row, held_by=held.who, held_until=held.until)
