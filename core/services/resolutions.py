"""The resolution of a request: preview, and then the same plan carried out in one transaction.

    read snapshot      request, rows, plan, residue over the whole database, fingerprint, guards
    write transaction  compare-and-set the request (this is the lock), read and plan again, compare the fingerprint, carry out,
                       read the touched cells again, blacklist, tombstone, own tables, message, certificate, audit
    after the commit   re-read through a full scan of the touched tables: level A, an addendum

A refusal or a failure leaves the request where it was; its code is noted in `last_error` with an audit entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.errors import Conflict, KvkkError, NotFound, OutcomeUnknown, Refused
from core.model.certificate import (
    Addendum,
    Certificate,
    Controller,
    Grade,
    Level,
    LevelStatus,
    Subject,
    Waiver,
)
from core.model.guards import Policy, against, check_mix
from core.model.identity import Identifier, Needle, canonical, needles
from core.model.preview import counts, holds, sample
from core.model.records import (
    Actor,
    Kind,
    Preview,
    Refusal,
    Regime,
    RequestRow,
    Resolution,
    Resolved,
    ResolveOptions,
    State,
)
from core.model.residue import Judged
from core.model.words import checked
from core.product import PRODUCT
from core.services.context import AGAIN, TRIES, pause
from core.store import certificates, chain, customers, forget, outbox, requests, residue, survey
from core.store.faults import MACHINE
from core.store.mutate import Hand
from core.store.rollback import without_rollback
from core.store.subjects import master_row

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.services.context import Context
    from core.store.engine import Unit
    from core.store.keyring import Key

MOVED = AGAIN | {"rows-moved", "snapshot-moved"}
"""Failures that undid everything and may not come again: somebody else was at the same rows."""
YEAR_DAYS = 365
BLACKLISTED = ("email", "phone", "national_id", "tax_id")
EVENT = "resolved"


@dataclass(frozen=True, slots=True)
class Read:
    """What the read snapshot gave."""

    row: Any
    record: RequestRow
    seen: survey.Survey
    remains: Judged
    fingerprint: str
    refusals: tuple[KvkkError, ...]
    years: int | None


class Resolutions:
    """The verbs of `kvkk resolve`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def preview(self, actor: Actor, number: int, resolution: Resolution, options: ResolveOptions | None = None) -> Preview:
        """What the resolution would do now; changes nothing.

        Raises NotFound, Conflict `already-decided`, Refused `hold-not-chosen`, MapError, Drift.
        """
        check_mix(resolution)
        options = options or ResolveOptions()
        with self._context.reading() as conn:
            read = self._read(conn, number, resolution, options)
            plan, mapping = read.seen.plan, self._context.atlas.map
            kinds, left_out = self._fingerprinted(conn, read.seen.who.key, resolution)
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

    def resolve(self, actor: Actor, number: int, resolution: Resolution, options: ResolveOptions | None = None) -> Resolved:
        """Carry it out. Raises what `preview` raises, every guard's Refused, Conflict `plan-moved`, `rows-moved`."""
        check_mix(resolution)
        options = options or ResolveOptions()
        for name in ("reason", "force", "waive_residue"):
            checked(name, getattr(options, name))
        for left in reversed(range(TRIES)):
            try:
                return self._resolve(actor, number, resolution, options)
            except KvkkError as error:
                if error.code not in MOVED or not left:
                    self._note_failure(actor, number, error)
                    raise
                pause()
        raise AssertionError("the last try returns or raises")

    # -- reading ----------------------------------------------------------------------------------------------------

    def _read(self, conn: Connection, number: int, resolution: Resolution, options: ResolveOptions) -> Read:
        context = self._context
        row = requests.one(conn, number)
        requests.refuse_decided(row)
        if row.customer is None:
            raise NotFound("customer-gone", number=number)
        today, years = context.today(conn), context.settings.get(conn, "invoice-retention-years")
        seen = survey.survey(conn, context.atlas, row.customer, resolution, years, today)
        known = customers.rows_for(conn, context.atlas, [row.customer]).get(row.customer)
        record = requests.record(row, today, known)
        remains = survey.located(conn, context.atlas, seen)
        refusals = (*self._half_undone(conn), *against(record, resolution, options, self._policy(conn), remains, today))
        mark = survey.print_of(context.atlas, seen, remains, years)
        return Read(row, record, seen, remains, mark, refusals, years)

    def _half_undone(self, conn: Connection) -> tuple[Refused, ...]:
        """A failure must undo everything: not so where a table ignores ROLLBACK."""
        unsafe = without_rollback(conn, self._context.atlas.map.tables)
        return (Refused("engine-without-rollback", tables=unsafe),) if unsafe else ()

    def _policy(self, conn: Connection) -> Policy:
        get = self._context.settings.get
        return Policy(get(conn, "open-account-guard"), get(conn, "grace-days"), get(conn, "residue"))

    def _fingerprinted(self, conn: Connection, key: str, resolution: Resolution) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
        """((kind, canonical value) to be blacklisted, kinds left out because another customer has the value too)."""
        if not resolution.blacklist:
            return (), ()
        atlas = self._context.atlas
        roles = [(kind, column) for kind, column in atlas.map.customer.roles() if kind in BLACKLISTED]
        row = master_row(atlas, conn, key, (column for _, column in roles)) or {}
        kept: list[tuple[str, str]] = []
        left: list[str] = []
        for kind, column in roles:
            value = canonical(kind, str(row[column])) if row.get(column) not in (None, "") else None
            if value is None:
                continue
            if customers.keys_with(conn, atlas, kind, value) - {key}:
                left.append(kind)
            else:
                kept.append((kind, value))
        return tuple(kept), tuple(left)

    # -- carrying out -----------------------------------------------------------------------------------------------

    def _resolve(self, actor: Actor, number: int, resolution: Resolution, options: ResolveOptions) -> Resolved:
        with self._context.reading() as conn:
            read = self._read(conn, number, resolution, options)
        if options.plan is not None and options.plan != read.fingerprint:
            raise Conflict("plan-moved", number=number)
        if read.refusals:
            raise read.refusals[0]
        with self._context.writing(actor) as unit:
            done = self._write(unit, read, resolution, options)
        seq, digest = unit.sealed or (0, "")
        pending = self._reread(actor, read) if resolution.mask or resolution.erase else ()
        return Resolved(
            number=number,
            resolution=resolution,
            grade=done.grade.value,
            tables=done.tables,
            holds=done.holds,
            residue=done.residue,
            outside=done.outside,
            notified=done.notified,
            blacklisted=done.blacklisted,
            left_out=done.left_out,
            audit_seq=seq,
            audit_hash=digest,
            pending=pending,
        )

    def _write(self, unit: Unit, read: Read, resolution: Resolution, options: ResolveOptions) -> _Done:
        context, conn = self._context, unit.conn
        said = "; ".join(filter(None, (options.force and f"--force: {options.force}", read.row.note)))
        requests.decide(
            unit,
            read.row,
            State.RESOLVED,
            outcome=resolution.name,
            blacklisted=resolution.blacklist,
            reason=options.reason,
            note=said or None,
            last_error=None,
        )
        key = context.keyring.obtain(conn)
        now = self._again(conn, read, resolution)
        who = now.who
        values, left_out = self._fingerprinted(conn, who.key, resolution)
        letter = self._letter(conn, read, options)
        proof = self._proof(conn, who.key)
        names = self._names(read.record)
        hand = Hand(conn, context.atlas, now.proof, now.plan, now.needles)
        hand.carry_out()
        hand.redact_hits(read.remains.redact)  # type: ignore[arg-type]  # they are the hits of core.store.residue
        self._verify(conn, now, read)
        if resolution.mask or resolution.erase:
            forget.clear_words(conn, who.key, (*now.needles, *names))
        forget.keep_holds(conn, read.row.number, now.plan)
        forget.keep_tombstone(unit, read.row.number, who.key, resolution.name, key, proof)
        self._blacklist(unit, read.row.number, key, values)
        if letter:
            outbox.queue(unit, context.keyring, EVENT, read.row.number, *letter)
        if resolution.erase:
            forget.replace_key(conn, who.key, key)
        paper = self._certificate(unit, read, now, options, tuple(k for k, _ in values), left_out)
        certificates.fix(conn, paper)
        self._audit(unit, read, paper, options)
        return _Done(paper, notified=letter is not None)

    def _again(self, conn: Connection, read: Read, resolution: Resolution) -> survey.Survey:
        """The same survey inside the transaction; whoever changed something meanwhile makes it start over."""
        today = self._context.today(conn)
        now = survey.survey(conn, self._context.atlas, read.seen.who.key, resolution, read.years, today)
        if survey.print_of(self._context.atlas, now, read.remains, read.years) != read.fingerprint:
            raise Conflict("snapshot-moved", number=read.row.number)
        return now

    def _verify(self, conn: Connection, now: survey.Survey, read: Read) -> None:
        """Read again, inside the transaction, the cells that were blanked in rows that stay."""
        left = residue.read_again(conn, now.proof.schema, read.remains.redact)  # type: ignore[arg-type]
        if next(iter(left), None) is not None:
            raise KvkkError("redaction-failed", number=read.row.number)

    def _blacklist(self, unit: Unit, number: int, key: Key, values: Sequence[tuple[str, str]]) -> None:
        if not values:
            return
        get = self._context.settings.get
        expires = self._context.today(unit.conn) + timedelta(days=YEAR_DAYS * get(unit.conn, "blacklist-years"))
        forget.keep_fingerprints(unit, number, key, values, expires, get(unit.conn, "blacklist-reason"))

    def _letter(self, conn: Connection, read: Read, options: ResolveOptions) -> tuple[str, str, dict[str, Any]] | None:
        """(language, address, fields) of the message to the customer, taken before anything is masked."""
        context = self._context
        wanted = options.notify if options.notify is not None else context.settings.get(conn, "notify")
        customer = customers.rows_for(conn, context.atlas, [read.seen.who.key]).get(read.seen.who.key)
        if not wanted or customer is None or not customer.email:
            return None
        language = customers.language(conn, context.atlas, customer.key) or context.settings.get(conn, "language")
        resolution = read.seen.plan.resolution
        fields = {
            "name": customer.name,
            "number": read.row.number,
            "kind": read.row.kind,
            "outcome": resolution.name,
            "received_on": read.row.received_on.isoformat(),
            "reason": options.reason,
        }
        return language, customer.email, fields

    def _proof(self, conn: Connection, key: str) -> str | None:
        """What proves a person who came back with a backup: e-mail, phone or id, and the moment of creation."""
        customer = self._context.atlas.map.customer
        columns = [column for _, column in customer.roles()] + ([customer.created] if customer.created else [])
        row = master_row(self._context.atlas, conn, key, columns) or {}
        created = str(row.get(customer.created, "")) if customer.created else ""
        for kind, column in customer.roles():
            value = canonical(kind, str(row[column])) if row.get(column) not in (None, "") else None
            if value:
                return f"{kind}:{value}:{created}"
        return None

    def _names(self, record: RequestRow) -> tuple[Needle, ...]:
        """Needles of the customer's names, for the words of staff only: a name identifies nobody alone."""
        name = record.customer_name or ""
        words = [word for word in name.split() if len(word) > 2]
        found = needles(Identifier("name", word) for word in (name, *words) if word)
        return tuple(replace(needle, common=False) for needle in found)

    # -- papers -----------------------------------------------------------------------------------------------------

    def _certificate(
        self,
        unit: Unit,
        read: Read,
        now: survey.Survey,
        options: ResolveOptions,
        blacklisted: tuple[str, ...],
        left_out: tuple[str, ...],
    ) -> Certificate:
        context, plan = self._context, now.plan
        tables, held = counts(plan, read.remains), holds(plan)
        stays = bool(held) or any(line.held or line.kept for line in tables)
        waived = bool(read.remains.refused) and bool(options.waive_residue)
        return Certificate(
            number=read.row.number,
            kind=Kind(read.row.kind),
            regime=Regime(read.row.regime),
            received_on=read.row.received_on,
            decided_at=unit.at,
            actor=str(unit.actor),
            resolution=plan.resolution,
            grade=Grade.of(plan.resolution, stays=stays),
            levels=_levels(plan.resolution, context.store.name),
            map_name=context.atlas.map.name,
            map_sha256=context.atlas.map.sha256,
            product=PRODUCT,
            engine=context.store.name,
            checkpoint=str(chain.anchor(unit.conn, unit.at)),
            controller=Controller.read(lambda name: context.settings.get(unit.conn, name)),
            approved_by=read.row.approved_by,
            tables=tables,
            holds=held,
            residue=read.remains.lines,
            waived=Waiver(str(unit.actor), "waived") if waived else None,
            blacklisted=blacklisted,
            left_out=left_out,
            outside=context.atlas.map.outside,
        )

    def _audit(self, unit: Unit, read: Read, paper: Certificate, options: ResolveOptions) -> None:
        unit.record(
            "request.resolve",
            read.row.number,
            outcome=paper.resolution.name,
            grade=paper.grade.value,
            blacklist=paper.resolution.blacklist,
            forced=bool(options.force),
            waived=paper.waived is not None,
            plan=read.fingerprint,
            tables={line.table: line.deleted + line.masked + line.held + line.blocked for line in paper.tables},
            redacted=paper.redacted,
        )

    def _reread(self, actor: Actor, read: Read) -> tuple[str, ...]:
        """Level A: search the touched tables again after the commit, row by row and not through indexes."""
        touched = {*(t for t, rows in read.seen.plan.tables.items() if rows), *(h.table for h in read.remains.redact)}
        try:
            with self._context.reading() as conn:
                hits = list(residue.search(conn, read.seen.proof.schema, read.seen.needles, only=touched))
            left = [h for h in hits if (h.table, h.address, h.column) not in read.remains.remaining]
            status = LevelStatus.FOUND if left else LevelStatus.DONE
            level = Level("A", status, "read-again", hits=len(left))
            with self._context.writing(actor) as unit:
                paper = Addendum(read.row.number, unit.at, str(unit.actor), Subject.REREAD, levels=(level,))
                certificates.append(unit.conn, paper)
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
                row = requests.one(unit.conn, number)
                requests.refuse_decided(row)
                requests.change(unit, row, last_error=error.code)
                unit.record("request.failed", number, code=error.code)
        except KvkkError:
            return


class _Done:
    """What the transaction did, for the answer."""

    def __init__(self, paper: Certificate, *, notified: bool) -> None:
        self.grade, self.tables, self.holds = paper.grade, paper.tables, paper.holds
        self.residue, self.outside = paper.residue, paper.outside
        self.blacklisted, self.left_out = paper.blacklisted, paper.left_out
        self.notified = notified


def _levels(resolution: Resolution, engine: str) -> tuple[Level, Level, Level]:
    """What is known when the certificate is fixed: nothing is measured yet, and access only destroys nothing."""
    nothing = not (resolution.mask or resolution.erase)
    a = Level("A", LevelStatus.NOT_DONE, "nothing-destroyed" if nothing else "measured-after-commit")
    b = Level("B", LevelStatus.NOT_DONE, "nothing-destroyed" if nothing else "not-scrubbed")
    return a, b, Level("C", LevelStatus.OUTSIDE, f"outside-{engine}")
