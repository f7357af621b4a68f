"""Carrying a resolution out, in the open transaction: the changes to the company's rows, our own tables, and the papers.

What is taken of the person is taken before the first change; the papers come last. Whoever calls has read and decided
(`core.services.resolutions`), alone or for one of many (`core.services.pages`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.errors import Conflict, KvkkError
from core.model.certificate import Certificate
from core.model.needle import blank_all
from core.model.preview import holds
from core.model.records import CustomerRow, RequestRow, Resolution, Resolved, ResolveOptions, State
from core.model.residue import Judged
from core.model.tombstone import Deed
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
from core.store.mutate import Hand
from core.store.rollback import without_rollback

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.needle import Needle
    from core.model.plan import Plan
    from core.services.context import Context
    from core.store.ahead import Taken
    from core.store.atlas import Atlas
    from core.store.engine import Unit
    from core.store.keyring import Key
    from core.store.person import Witness

EVENT = "resolved"


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
        today = context.day(ZoneInfo(setting("timezone")))
        return cls(setting, today, without_rollback(conn, context.atlas.map.tables))


@dataclass(frozen=True, slots=True)
class Before:
    """What a page has read of one request before its turn came."""

    row: Any
    moment: Moment
    taken: Taken | None


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
    ahead: Taken | None = None
    """What was read of the customer with the others of a page."""


@dataclass(frozen=True, slots=True)
class Done:
    """What the transaction did."""

    paper: Certificate
    notified: bool


def fingerprinted(conn: Connection, atlas: Atlas, read: Read) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What `--blacklist` keeps, and what it leaves out because another customer has it too."""
    if not read.seen.plan.resolution.blacklist:
        return (), ()
    return person.fingerprinted(conn, atlas, read.seen.who.key, read.seen.who.own)


class Carrying:
    """What `kvkk resolve` writes."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def write(self, unit: Unit, read: Read, resolution: Resolution, options: ResolveOptions, *, here: bool = False) -> Done:
        """The changes and the papers, in the open transaction; most of them wait in its pile until it ends.

        What is taken of the person is taken before the first change. `here`: it was read in this transaction, from locked
        rows, nobody can have moved it since.
        """
        moment = read.moment if here else Moment.of(self._context, unit.conn)
        naming = (*read.seen.needles, *person.name_needles(read.record.customer_name))
        decide = requests.decide_later if here else requests.decide  # alone, it is the lock before everything else
        decide(unit, read.row, State.RESOLVED, **self._decision(read, resolution, options, naming))
        key = self._context.keyring.obtain(unit.conn)
        now = read.seen if here else self._again(unit.conn, read, resolution, moment.today)
        values, left_out = fingerprinted(unit.conn, self._context.atlas, read)
        notified = self._letter(unit, read, now.plan, options, moment)
        witness = person.witness_of(self._context.atlas, now.who.own, now.needles)
        self._carry_out(unit, now, read)
        if resolution.mask or resolution.erase:
            forget.clear_words(unit.conn, self._words(unit.conn, read, now), naming, read.row.number)
        self._close(unit, read, now, key, witness, values, moment)
        waived = bool(read.remains.refused) and bool(options.waive_residue)
        scrub = self._leave_to_scrub(unit, read, now, key, moment.setting("scrub")) if resolution.mask or resolution.erase else ""
        more: dict[str, Any] = {"waived": waived, "blacklisted": tuple(kind for kind, _ in values), "left_out": left_out, "scrub": scrub}
        more["verified"] = blank_all(read.row.verified_by, naming)[0] if read.row.verified_by else None
        paper = certify.certificate(unit, self._context.atlas, read.row, now.plan, read.remains, moment.setting, **more)
        certificates.fix_later(unit, paper)
        self._audit(unit, read, paper, options)
        return Done(paper, notified)

    def _close(
        self, unit: Unit, read: Read, now: survey.Survey, key: Key, witness: Witness, values: Sequence[tuple[str, str]], moment: Moment
    ) -> None:
        """What our own tables keep of the customer from now on."""
        context, number, customer, resolution = self._context, read.row.number, now.who.key, now.plan.resolution
        holdbook.keep(unit.pile, number, context.atlas.map, now.plan, now.who.parts, now.plan.tables)
        kept = blacklist.keep(unit, context.keyring, values, blacklist.terms(moment.setting, moment.today, number))
        tombstones.keep_later(unit, number, customer, Deed(resolution.name), key, witness, [one.mark for one in kept])
        if resolution.erase:
            forget.replace_key_later(unit, customer, key)
        if now.plan.master_stays:
            blocks.add_later(unit, customer, number, blocks.before(context.atlas.map, now.plan))

    def _words(self, conn: Connection, read: Read, now: survey.Survey) -> Sequence[forget.Words]:
        return read.ahead.words if read.ahead else forget.written(conn, [now.who.key]).get(now.who.key, ())

    def _leave_to_scrub(self, unit: Unit, read: Read, now: survey.Survey, key: Key, setting: str) -> str:
        """Queue what the change leaves in the database's files; returns the code of how they stand."""
        if scrubs.when(setting, self._context.store.name, 0) == "off":
            return "scrub-off" if setting == "off" else "scrub-server"
        changed = {*(name for name, rows in now.plan.tables.items() if rows), *(hit.table for hit in read.remains.redact)}
        scrubs.queue_later(unit, key, read.row.number, changed, survey.gone(now, read.remains))
        return "scrub-pending"

    def _decision(self, read: Read, resolution: Resolution, options: ResolveOptions, naming: Sequence[Needle]) -> dict[str, Any]:
        """What the request says from now on. Why a guard was passed goes into the note; words of staff lose the customer's values."""
        passed = (("--force", options.force), ("--waive-residue", options.waive_residue))
        note = "\n".join([*([read.row.note] if read.row.note else []), *(f"{how}: {why}" for how, why in passed if why)])
        words = {"note": note or None, "reason": options.reason, "verified_by": read.row.verified_by}
        if resolution.mask or resolution.erase:
            words = {name: blank_all(text, naming)[0] if text else text for name, text in words.items()}
        return {"outcome": resolution.name, "blacklisted": resolution.blacklist, "last_error": None} | words

    def _carry_out(self, unit: Unit, now: survey.Survey, read: Read) -> None:
        """Change the rows, and read again the cells that were blanked in rows that stay."""
        names = person.name_needles(read.record.customer_name)
        hand = Hand(unit.pile, self._context.atlas, now.proof, now.plan, now.needles, names)
        hand.carry_out()
        hand.redact_hits(read.remains.redact)  # type: ignore[arg-type]  # they are the hits of core.store.residue
        left = residue.read_again(unit.conn, now.proof.schema, read.remains.redact)  # type: ignore[arg-type]
        if next(iter(left), None) is not None:
            raise KvkkError("redaction-failed", number=read.row.number)

    def _again(self, conn: Connection, read: Read, resolution: Resolution, today: date) -> survey.Survey:
        """The same survey inside the transaction; whoever changed something meanwhile makes it start over."""
        now = survey.survey(conn, self._context.atlas, read.seen.who.key, resolution, read.years, today)
        if survey.print_of(self._context.atlas, now, read.remains, read.years) != read.fingerprint:
            raise Conflict("snapshot-moved", number=read.row.number)
        return now

    def _letter(self, unit: Unit, read: Read, plan: Plan, options: ResolveOptions, moment: Moment) -> bool:
        """Queue the message to the customer, taken before anything is masked; whether there is one."""
        wanted = options.notify if options.notify is not None else moment.setting("notify")
        context, customer = self._context, read.customer
        if not wanted or customer is None or not customer.email:
            return False
        language = customers.language_of(context.atlas, read.seen.who.own) or moment.setting("language")
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
        outbox.queue_later(unit, context.keyring, EVENT, row.number, language, customer.email, fields)
        return True

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
