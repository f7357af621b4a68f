"""The resolution of a request: preview, and then the same plan carried out in one transaction.

    read snapshot      request, rows, plan, residue over the whole database, fingerprint, guards
    write transaction  compare-and-set the request (this is the lock), read and plan again, compare the fingerprint, carry out,
                       read the touched cells again, blacklist, tombstone, own tables, message, certificate, audit
    after the commit   re-read through a full scan of the touched tables: level A, an addendum

A refusal or a failure leaves the request where it was; its code is noted in `last_error` with an audit entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from core.errors import Conflict, KvkkError, NotFound, OutcomeUnknown, Refused
from core.model.certificate import (
    Certificate,
)
from core.model.guards import Approval, Policy, against, check_mix, second_person
from core.model.needle import blank_all
from core.model.preview import counts, holds, sample
from core.model.records import (
    Actor,
    CustomerRow,
    Kind,
    Preview,
    Refusal,
    RequestRow,
    Resolution,
    Resolved,
    ResolveOptions,
    Role,
    State,
    person_of,
)
from core.model.residue import Judged
from core.model.tombstone import Deed
from core.model.words import checked
from core.services.context import AGAIN, TRIES, pause
from core.services.gate import needs
from core.store import (
    blacklist,
    blocks,
    certificates,
    certify,
    customers,
    forget,
    holdbook,
    outbox,
    person,
    requests,
    residue,
    scrubs,
    survey,
    tombstones,
)
from core.store.faults import MACHINE
from core.store.mutate import Hand
from core.store.rollback import without_rollback

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from core.model.plan import Plan
    from core.services.context import Context
    from core.store.ahead import Ahead
    from core.store.atlas import Atlas
    from core.store.engine import Unit
    from core.store.keyring import Key

MOVED = AGAIN | {"rows-moved", "snapshot-moved"}
"""Failures that undid everything and may not come again: somebody else was at the same rows."""
EVENT = "resolved"
Locate = Callable[["Connection", "Atlas", survey.Survey], Judged]
"""What would remain of a customer after the plan, judged."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is the same for every request of one transaction."""

    setting: Callable[[str], Any]
    today: date
    unsafe: tuple[str, ...]
    """Mapped tables that ignore ROLLBACK."""

    @classmethod
    def of(cls, context: Context, conn: Connection) -> Moment:
        setting = context.settings.reader(conn)
        return cls(setting, context.today(conn), without_rollback(conn, context.atlas.map.tables))


@dataclass(frozen=True, slots=True)
class Read:
    """What the read snapshot gave."""

    row: Any
    customer: CustomerRow | None
    record: RequestRow
    seen: survey.Survey
    remains: Judged
    fingerprint: str
    refusals: tuple[KvkkError, ...]
    years: int | None
    moment: Moment


class Resolutions:
    """The verbs of `kvkk resolve`."""

    def __init__(self, context: Context) -> None:
        self._context = context

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
        kinds, left_out = self._fingerprinted(conn, read)
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
        ahead: Ahead | None = None,
        moment: Moment | None = None,
    ) -> Read:
        """Everything that decides, in one moment. A run passes what it has read before for all of its page: `locate` finds what
        would remain, `ahead` holds rows. Raises as `preview`."""
        context, moment = self._context, moment or Moment.of(self._context, conn)
        row = requests.one(conn, number)
        requests.refuse_decided(row)
        if row.customer is None:
            raise NotFound("customer-gone", number=number)
        setting, today = moment.setting, moment.today
        years = setting("invoice-retention-years")
        taken = ahead.take(row.customer) if ahead else None
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
        return Read(row, known, record, seen, remains, mark, refusals, years, moment)

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

    def _fingerprinted(self, conn: Connection, read: Read) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
        """What `--blacklist` would keep, and what it leaves out because another customer has it too."""
        if not read.seen.plan.resolution.blacklist:
            return (), ()
        return person.fingerprinted(conn, self._context.atlas, read.seen.who.key)

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
        pending = self.keep_outside([done.stone])
        if resolution.mask or resolution.erase:
            pending += self._reread(actor, read)
        return resolved(unit, done, pending)

    def write(self, unit: Unit, read: Read, resolution: Resolution, options: ResolveOptions, *, here: bool = False) -> Done:
        """The changes and the papers, in the open transaction.

        What is taken of the person is taken before the first change; the papers come last. `here`: it was read in this
        transaction, nobody can have moved it since.
        """
        context, conn, number = self._context, unit.conn, read.row.number
        moment = read.moment if here else Moment.of(context, conn)
        setting = moment.setting
        self._decide(unit, read, resolution, options)
        key = context.keyring.obtain(conn)
        now = read.seen if here else self._again(conn, read, resolution, moment.today)
        customer = now.who.key
        values, left_out = self._fingerprinted(conn, read)
        letter = self._letter(conn, read, now.plan, options, moment)
        witness = person.witness(conn, context.atlas, customer, now.needles)
        self._carry_out(conn, now, read)
        naming = (*now.needles, *person.name_needles(read.record.customer_name))
        if resolution.mask or resolution.erase:
            forget.clear_words(conn, customer, naming)
        holdbook.keep(conn, number, context.atlas.map, now.plan, now.who.parts, now.plan.tables)
        kept = blacklist.keep(unit, context.keyring, values, blacklist.terms(setting, moment.today, number))
        stone = tombstones.keep(unit, number, customer, Deed(resolution.name), key, witness, [one.mark for one in kept])
        if letter:
            outbox.queue(unit, context.keyring, EVENT, number, *letter)
        if resolution.erase:
            forget.replace_key(conn, customer, key)
        if now.plan.master_stays:
            blocks.add(unit, customer, number, blocks.before(context.atlas.map, now.plan))
        waived = bool(read.remains.refused) and bool(options.waive_residue)
        kinds = tuple(kind for kind, _ in values)
        scrub = self._leave_to_scrub(unit, read, now, key, setting("scrub")) if resolution.mask or resolution.erase else ""
        more: dict[str, Any] = {"waived": waived, "blacklisted": kinds, "left_out": left_out, "scrub": scrub}
        more["verified"] = blank_all(read.row.verified_by, naming)[0] if read.row.verified_by else None
        paper = certify.certificate(unit, context.atlas, read.row, now.plan, read.remains, setting, **more)
        certificates.fix(conn, paper)
        self._audit(unit, read, paper, options)
        return Done(paper, stone, letter is not None)

    def _leave_to_scrub(self, unit: Unit, read: Read, now: survey.Survey, key: Key, setting: str) -> str:
        """Queue what the change leaves in the database's files; returns the code of how they stand."""
        if scrubs.when(setting, self._context.store.name, 0) == "off":
            return "scrub-off" if setting == "off" else "scrub-server"
        changed = {*(name for name, rows in now.plan.tables.items() if rows), *(hit.table for hit in read.remains.redact)}
        scrubs.queue(unit, key, read.row.number, changed, survey.gone(now, read.remains))
        return "scrub-pending"

    def _decide(self, unit: Unit, read: Read, resolution: Resolution, options: ResolveOptions) -> None:
        """Compare-and-set the request: whoever comes second stops here. Why a guard was passed goes into the note."""
        passed = (("--force", options.force), ("--waive-residue", options.waive_residue))
        note = "\n".join([*([read.row.note] if read.row.note else []), *(f"{how}: {why}" for how, why in passed if why)])
        requests.decide(
            unit,
            read.row,
            State.RESOLVED,
            outcome=resolution.name,
            blacklisted=resolution.blacklist,
            reason=options.reason,
            note=note or None,
            last_error=None,
        )

    def _carry_out(self, conn: Connection, now: survey.Survey, read: Read) -> None:
        """Change the rows, and read again the cells that were blanked in rows that stay."""
        names = person.name_needles(read.record.customer_name)
        hand = Hand(conn, self._context.atlas, now.proof, now.plan, now.needles, names)
        hand.carry_out()
        hand.redact_hits(read.remains.redact)  # type: ignore[arg-type]  # they are the hits of core.store.residue
        left = residue.read_again(conn, now.proof.schema, read.remains.redact)  # type: ignore[arg-type]
        if next(iter(left), None) is not None:
            raise KvkkError("redaction-failed", number=read.row.number)

    def _again(self, conn: Connection, read: Read, resolution: Resolution, today: date) -> survey.Survey:
        """The same survey inside the transaction; whoever changed something meanwhile makes it start over."""
        now = survey.survey(conn, self._context.atlas, read.seen.who.key, resolution, read.years, today)
        if survey.print_of(self._context.atlas, now, read.remains, read.years) != read.fingerprint:
            raise Conflict("snapshot-moved", number=read.row.number)
        return now

    def _letter(
        self, conn: Connection, read: Read, plan: Plan, options: ResolveOptions, moment: Moment
    ) -> tuple[str, str, dict[str, Any]] | None:
        """(language, address, fields) of the message to the customer, taken before anything is masked."""
        wanted = options.notify if options.notify is not None else moment.setting("notify")
        customer = read.customer
        if not wanted or customer is None or not customer.email:
            return None
        language = customers.language(conn, self._context.atlas, customer.key) or moment.setting("language")
        row = read.row
        fields = {
            "name": customer.name,
            "number": row.number,
            "kind": row.kind,
            "regime": row.regime,
            "outcome": plan.resolution.name,
            "received_on": row.received_on.isoformat(),
            "due_on": row.due_on.isoformat(),
            "decided_on": moment.today.isoformat(),
            "reason": options.reason,
            "holds": [[h.table, h.rows, h.because, h.release_on and h.release_on.isoformat()] for h in holds(plan)],
            "blacklisted": plan.resolution.blacklist,
        }
        return language, customer.email, fields

    def _audit(self, unit: Unit, read: Read, paper: Certificate, options: ResolveOptions) -> None:
        unit.record(
            "request.resolve",
            read.row.number,
            outcome=paper.resolution.name,
            grade=paper.grade.value,
            blacklist=paper.resolution.blacklist,
            forced=bool(options.force),
            waived=paper.waived is not None,
            approved_by=read.row.approved_by,
            plan=read.fingerprint,
            tables={line.table: line.deleted + line.masked + line.held + line.blocked for line in paper.tables},
            redacted=paper.redacted,
            **({"automatic": True} if options.automatic else {}),
        )

    def keep_outside(self, stones: Sequence[int]) -> tuple[str, ...]:
        """Tombstones also go to the file outside. What is committed stands, whatever becomes of the file: it is brought up
        to the table by the next resolution or by `kvkk run`."""
        try:
            self._context.keep_outside(stones)
        except KvkkError:
            return ("tombstones",)
        return ()

    def _reread(self, actor: Actor, read: Read) -> tuple[str, ...]:
        """Level A: search the touched tables again after the commit, row by row and not through indexes."""
        touched = {*(t for t, rows in read.seen.plan.tables.items() if rows), *(h.table for h in read.remains.redact)}
        try:
            with self._context.reading() as conn:
                hits = list(residue.search(conn, read.seen.proof.schema, read.seen.needles, only=touched))
            left = [h for h in hits if (h.table, h.address, h.column) not in read.remains.remaining]
            with self._context.writing(actor) as unit:
                certificates.append(unit.conn, certify.reread(read.row.number, unit.at, str(unit.actor), len(left)))
                unit.record("certificate.reread", read.row.number, hits=len(left))
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


@dataclass(frozen=True, slots=True)
class Done:
    """What the transaction did."""

    paper: Certificate
    stone: int
    """Row of the tombstone."""
    notified: bool


def resolved(unit: Unit, done: Done, pending: tuple[str, ...]) -> Resolved:
    """The answer, once the transaction is committed."""
    seq, digest = unit.sealed or (0, "")
    paper = done.paper
    return Resolved(
        number=paper.number,
        resolution=paper.resolution,
        grade=paper.grade.value,
        tables=paper.tables,
        holds=paper.holds,
        residue=paper.residue,
        outside=paper.outside,
        notified=done.notified,
        blacklisted=paper.blacklisted,
        left_out=paper.left_out,
        audit_seq=seq,
        audit_hash=digest,
        pending=pending,
    )
