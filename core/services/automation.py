"""`kvkk run`: every job that nobody waits for, one after the other, under one lease.

A job that fails does not stop the next; a database that is away does. Each job does its work thing by thing, each thing one
transaction that is right to begin anew, so that a run may be killed anywhere, and two at once do no harm. Jobs that act on
what day it is wait for the next run while the clock is in doubt (core/model/clock.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import Conflict, KvkkError, Refused
from core.model.clock import doubt
from core.model.records import Actor, Busy, Failure, JobDone, JobRow, Role, RunReport
from core.services.context import RENEW_AFTER_S, persistent
from core.services.gate import needs
from core.store import leases, meta
from core.store.clocks import server_clock
from core.store.faults import MACHINE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.services.context import Context

LEASE = "run"
LEASE_S = 600
"""So long after its last sign of life a run counts as dead."""
CLOCK = "run-clock"
"""Where the moment of the last run is remembered, by the clock of its host."""
STOPPING = MACHINE | {"lease-lost"}
"""After these no other job is tried."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a run."""

    name: str
    work: Callable[[Actor], JobDone]
    by_date: bool = False
    """It acts on what day it is, and what it does cannot be taken back."""


class Automation:
    """The verb `kvkk run`."""

    def __init__(self, context: Context, jobs: Sequence[Job], server: Callable[[Connection], datetime | None] = server_clock) -> None:
        self._context = context
        self._jobs = jobs
        self._server = server

    @needs(Role.OPERATOR)
    def run(self, actor: Actor) -> RunReport:
        """Carry the jobs out, unless another run does. Raises Unavailable when the database is away at the beginning."""
        with self._context.reading() as conn:
            busy = leases.held(conn, LEASE, self._context.clock())
        holder = None if busy else self._take(actor)
        if holder is None:
            return RunReport(busy=Busy(busy.who, busy.taken_at, busy.until) if busy else self._who())
        try:
            with self._beating(actor, holder):
                return RunReport(tuple(self._carried_out(actor)))
        finally:
            with suppress(KvkkError):  # it ends by itself
                self._release(actor, holder)

    def _carried_out(self, actor: Actor) -> Iterator[JobRow]:
        doubted = self._clock(actor)
        if doubted is not None:
            yield JobRow("clock", 0, 0, (Failure.of(doubted),))
        for job in self._jobs:
            if job.by_date and doubted is not None:
                continue
            done = self._one(job, actor)
            yield JobRow(job.name, done.done, done.skipped, done.failed)
            if any(failure.code in STOPPING for failure in done.failed):
                return

    def _one(self, job: Job, actor: Actor) -> JobDone:
        try:
            self._context.between()
            return job.work(actor)
        except KvkkError as error:
            return JobDone(failed=(Failure.of(error),))

    # -- the clock --------------------------------------------------------------------------------------------------

    @persistent
    def _clock(self, actor: Actor) -> KvkkError | None:
        """What speaks against the clock. It is remembered, so that the next run can tell; a jump is noted in the audit."""
        with self._context.writing(actor) as unit:
            now, before = self._context.clock(), meta.read(unit.conn, CLOCK)
            last = datetime.fromisoformat(before) if before else None
            server = self._server(unit.conn)
            code = doubt(now, last, server)
            meta.write(unit.conn, CLOCK, now.isoformat())
            if code is None:
                return None
            then = server if code == "clock-differs" else last
            facts = {"now": now.isoformat(timespec="seconds"), "then": then.isoformat(timespec="seconds") if then else ""}
            unit.record("run.clock", None, why=code, **facts)
            return Refused(code, **facts)

    # -- the lease --------------------------------------------------------------------------------------------------

    @contextmanager
    def _beating(self, actor: Actor, holder: str) -> Iterator[None]:
        """While it is open, `Context.between` keeps the lease alive and stops a run that has lost it."""
        last = time.monotonic()

        def beat() -> None:
            nonlocal last
            if time.monotonic() - last < RENEW_AFTER_S:
                return
            if not self._renew(actor, holder):
                raise Conflict("lease-lost")
            last = time.monotonic()

        before, self._context.between = self._context.between, beat
        try:
            yield
        finally:
            self._context.between = before

    @persistent
    def _take(self, actor: Actor) -> str | None:
        with self._context.writing(actor) as unit:
            return leases.take(unit, LEASE, LEASE_S)

    @persistent
    def _renew(self, actor: Actor, holder: str) -> bool:
        with self._context.writing(actor) as unit:
            return leases.renew(unit, LEASE, holder, LEASE_S)

    @persistent
    def _release(self, actor: Actor, holder: str) -> None:
        with self._context.writing(actor) as unit:
            leases.release(unit, LEASE, holder)

    def _who(self) -> Busy:
        """Whoever took it at the same moment; gone again when it was quick."""
        with self._context.reading() as conn:
            found = leases.held(conn, LEASE, self._context.clock())
        return Busy(found.who, found.taken_at, found.until) if found else Busy("", self._context.clock())
