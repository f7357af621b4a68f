"""The resolution of a request: preview, and then the same plan carried out in one transaction.

    read snapshot      request, rows, plan, residue over the whole database, fingerprint, guards
    write transaction  compare-and-set the request (this is the lock), read and plan again, compare the fingerprint, carry out,
                       read the touched cells again, blacklist, tombstone, own tables, message, certificate, audit
    after the commit   re-read through a full scan of the touched tables: level A, an addendum

A refusal or a failure leaves the request where it was; its code is noted in `last_error` with an audit entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.errors import Conflict, KvkkError, NotFound, OutcomeUnknown, Refused
from core.model import identity
from core.model.guards import Approval, Policy, against, check_mix, second_person
from core.model.preview import counts, holds, sample
from core.model.records import (
    Actor,
    Kind,
    Preview,
    Refusal,
    Resolution,
    Resolved,
    ResolveOptions,
    Role,
    person_of,
)
from core.model.residue import Judged
from core.model.words import checked
from core.services.carrying import Before, Carrying, Moment, Read, fingerprinted, resolved
from core.services.context import AGAIN, TRIES, pause
from core.services.gate import needs
from core.store import (
    certificates,
    certify,
    customers,
    requests,
    residue,
    survey,
)
from core.store.faults import MACHINE
from core.store.located import unexplained

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from core.services.context import Context
    from core.store.atlas import Atlas
    from core.store.engine import Unit

MOVED = AGAIN | {"rows-moved", "snapshot-moved"}
"""Failures that undid everything and may not come again: somebody else was at the same rows."""
Locate = Callable[["Connection", "Atlas", survey.Survey], Judged]
"""What would remain of a customer after the plan, judged."""


class Resolutions:
    """The verbs of `kvkk resolve`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.write = Carrying(context).write

    @needs(Role.VIEWER)
    def preview(self, actor: Actor, number: int, resolution: Resolution, options: ResolveOptions | None = None) -> Preview:
        """What the resolution would do now; changes nothing.

        Raises NotFound, Conflict `already-decided`, Refused `hold-not-chosen`, MapError, Drift, NotAllowed (`waive_residue`).
        """
        check_mix(resolution)
        options = options or ResolveOptions()
        self._may_waive(actor, options)
        with self._context.reading() as conn:
            return self.look(conn, actor, number, resolution, options)

    def look(
        self, conn: Connection, actor: Actor, number: int, resolution: Resolution, options: ResolveOptions, locate: Locate = survey.located
    ) -> Preview:
        """The same in an open snapshot; `locate` as in `read`."""
        read = self.read(conn, actor, number, resolution, options, locate)
        plan, mapping = read.seen.plan, self._context.atlas.map
        kinds, left_out = fingerprinted(conn, self._context.atlas, read)
        return Preview(
            number=number,
            resolution=resolution,
            tables=counts(plan, read.remains),
            holds=holds(plan),
            residue=read.remains.lines,
            sample=sample(mapping, plan, read.seen.proof.masks),
            fingerprint=read.fingerprint,
            refusals=tuple(Refusal(e.code, int(e.exit_code), tuple(e.facts.items())) for e in read.refusals),
            outside=mapping.outside,
            blacklist=tuple(kind for kind, _ in kinds),
            left_out=left_out,
        )

    @needs(Role.OPERATOR)
    def resolve(self, actor: Actor, number: int, resolution: Resolution, options: ResolveOptions | None = None) -> Resolved:
        """Carry it out. Raises what `preview` raises, every guard's Refused, Conflict `plan-moved`, `rows-moved`."""
        check_mix(resolution)
        options = options or ResolveOptions()
        for name in ("reason", "force", "waive_residue"):
            checked(name, getattr(options, name))
        self._may_waive(actor, options)
        try:
            return self._in_tries(actor, number, resolution, options)
        finally:
            identity.forget()

    def _in_tries(self, actor: Actor, number: int, resolution: Resolution, options: ResolveOptions) -> Resolved:
        for left in reversed(range(TRIES)):
            try:
                return self._resolve(actor, number, resolution, options)
            except KvkkError as error:
                if error.code not in MOVED or not left:
                    self._note_failure(actor, number, error)
                    raise
                pause()
        raise AssertionError("the last try returns or raises")

    def _may_waive(self, actor: Actor, options: ResolveOptions) -> None:
        """To leave values of a customer behind is an admin's word. Raises NotAllowed `role-too-low`."""
        if options.waive_residue:
            self._context.permit(actor, Role.ADMIN)

    # -- reading ----------------------------------------------------------------------------------------------------

    def read(
        self,
        conn: Connection,
        actor: Actor,
        number: int,
        resolution: Resolution,
        options: ResolveOptions,
        locate: Locate = survey.located,
        before: Before | None = None,
    ) -> Read:
        """Everything that decides, in one moment. A run passes what it has read `before`, and a `locate` that knows already
        what would remain. Raises as `preview`."""
        context = self._context
        moment = before.moment if before else Moment.of(context, conn)
        row = before.row if before else requests.one(conn, number)
        requests.refuse_decided(row)
        if row.customer is None:
            raise NotFound("customer-gone", number=number)
        setting, today = moment.setting, moment.today
        years = setting("invoice-retention-years")
        taken = before.taken if before else None
        seen = survey.survey(conn, context.atlas, row.customer, resolution, years, today, taken)
        known = taken.known if taken else customers.rows_for(conn, context.atlas, [row.customer]).get(row.customer)
        record = requests.record(row, today, known)
        remains = locate(conn, context.atlas, seen)
        policy = Policy(setting("open-account-guard"), setting("grace-days"), setting("residue"))
        mark = survey.print_of(context.atlas, seen, remains, years)
        refusals = (
            *self._impossible(moment, resolution),
            *(self._second(actor, row, seen, remains, years) if resolution.erase and setting("second-person") else ()),
            *against(record, resolution, options, policy, remains, today),
        )
        return Read(row, known, record, seen, remains, mark, refusals, years, moment, taken)

    def _impossible(self, moment: Moment, resolution: Resolution) -> Iterator[Refused]:
        """What no `--force` passes: tables that ignore ROLLBACK, and a block where the map says nothing of sign-in."""
        if moment.unsafe:
            yield Refused("engine-without-rollback", tables=moment.unsafe)
        access = self._context.atlas.map.access
        if resolution.name == "access" and not (access.block or access.clear or access.delete):
            yield Refused("map-closes-nothing", map=self._context.atlas.map.name)

    def _second(self, actor: Actor, row: Row[Any], seen: survey.Survey, remains: Judged, years: int | None) -> Iterator[Refused]:
        """A permanent erase is approved by somebody else, and for exactly what it would touch."""
        by = person_of(row.approved_by) if row.approved_by else None
        now = survey.approval_mark(self._context.atlas, seen, remains, years)
        refused = second_person(row.number, Kind(row.kind), Approval(by, row.approved_plan, now, actor.person))
        if refused is not None:
            yield refused

    # -- carrying out -----------------------------------------------------------------------------------------------

    def _resolve(self, actor: Actor, number: int, resolution: Resolution, options: ResolveOptions) -> Resolved:
        with self._context.reading() as conn:
            read = self.read(conn, actor, number, resolution, options)
        if options.plan is not None and options.plan != read.fingerprint:
            raise Conflict("plan-moved", number=number)
        if read.refusals:
            raise read.refusals[0]
        with self._context.writing(actor) as unit:
            done = self.write(unit, read, resolution, options)
        pending = self.keep_outside([number])
        if resolution.mask or resolution.erase:
            pending += self._reread(actor, read)
        return resolved(unit, done, pending)

    def keep_outside(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """The tombstones of these requests also go to the file outside. What is committed stands, whatever becomes of the file:
        it is brought up to the table by the next resolution or by `kvkk run`."""
        try:
            self._context.keep_outside(requests=numbers)
        except KvkkError:
            return ("tombstones",)
        return ()

    def _reread(self, actor: Actor, read: Read) -> tuple[str, ...]:
        """Level A: search the touched tables again after the commit, row by row and not through indexes."""
        touched = {*(t for t, rows in read.seen.plan.tables.items() if rows), *(h.table for h in read.remains.redact)}
        try:
            with self._context.reading() as conn:
                hits = residue.search(conn, read.seen.proof.schema, read.seen.needles, only=touched)
                places = {(hit.table, hit.address, hit.column) for hit in hits}
            left = unexplained(self._context.atlas, read.seen.proof.schema, places, read.remains.remaining)
            with self._context.writing(actor) as unit:
                certificates.append(unit.conn, certify.reread(read.row.number, unit.at, str(unit.actor), left))
                unit.record("certificate.reread", read.row.number, hits=left)
        except KvkkError:
            return ("reread",)
        return ()

    def _note_failure(self, actor: Actor, number: int, error: KvkkError) -> None:
        """The request keeps the code of its last failed attempt; what cannot be noted must not hide the error itself.

        Nothing is written into a database that has just said that it is full, damaged, locked or away.
        """
        if isinstance(error, NotFound | OutcomeUnknown) or error.code == "already-decided" or error.code in MACHINE:
            return
        try:
            with self._context.writing(actor) as unit:
                self.note_failure(unit, number, error)
        except KvkkError:
            return

    def note_failure(self, unit: Unit, number: int, error: KvkkError) -> None:
        """The same in an open transaction. Raises NotFound, Conflict."""
        row = requests.one(unit.conn, number)
        requests.refuse_decided(row)
        requests.change(unit, row, last_error=error.code)
        unit.record("request.failed", number, code=error.code)
