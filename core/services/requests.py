"""Requests of customers: filed, listed, read, cancelled, refused, approved, extended. Resolving them is `resolutions`.

Every change is a compare-and-set on the version that was read, writes one audit entry, and queues the message to the
customer in the same transaction. Refused before the first side effect: an unknown or ambiguous customer, a day of receipt
in the future or before the law, words that are too long. A second open request is a Conflict that names the first.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from core.errors import Conflict, NotFound, Refused
from core.model import lifecycle
from core.model.records import (
    OPEN_STATES,
    Actor,
    Channel,
    Kind,
    NewRequest,
    Pulse,
    Regime,
    RequestDetail,
    RequestFilter,
    RequestPage,
    RequestRow,
    Role,
    State,
    Tally,
)
from core.model.words import checked, needed
from core.services.context import persistent
from core.services.gate import needs
from core.store import (
    acknowledge,
    certificates,
    consents,
    customers,
    downloads,
    lookup,
    outbox,
    owned,
    queue,
    requests,
    staff,
    survey,
    tables,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Row

    from core.services.context import Context
    from core.store.engine import Unit

FEW = 10_000
"""Requests up to which a search reads their customers, and not all customers."""
SEARCH_MOST = 5000
"""Customers that a search among all of them takes in; more would be no search."""


class Requests:
    """The verbs of `kvkk requests`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.OPERATOR)
    def add(self, actor: Actor, new: NewRequest) -> RequestRow:
        """File a request. Raises NotFound, UsageError, Conflict `open-request-exists`."""
        words = {"note": checked("note", new.note), "verified_by": checked("verified_by", new.verified_by)}
        with told_of_the_first(self._context, new.customer):
            return self._add(actor, new, words)

    @persistent
    def _add(self, actor: Actor, new: NewRequest, words: dict[str, str | None]) -> RequestRow:
        with self._context.writing(actor) as unit:
            self._context.customers_may(unit.conn, new.channel)
            customer = customers.locate(unit.conn, self._context.atlas, new.customer)
            requests.wait_for_resolution(unit.conn, customer)
            return self.filed(unit, customer, new, words)

    def filed(self, unit: Unit, customer: str, new: NewRequest, words: dict[str, str | None]) -> RequestRow:
        """`add` inside a transaction that is open already, behind whoever resolves a request of this customer."""
        if not customers.exists(unit.conn, self._context.atlas, customer):
            raise NotFound("customer-not-found")
        regime = new.regime or Regime(self._context.settings.get(unit.conn, "regime"))
        received = lifecycle.receipt(new.received_on, self._context.today(unit.conn), regime)
        _refuse_second(unit.conn, customer)
        number = requests.add(
            unit,
            customer=customer,
            open_customer=customer,
            kind=new.kind.value,
            regime=regime.value,
            channel=new.channel.value,
            received_on=received,
            due_on=lifecycle.due_on(regime, received, self._context.settings.get(unit.conn, "response-days")),
            **words,
        )
        unit.record("request.add", number, kind=new.kind.value, regime=regime.value, channel=new.channel.value)
        self._tell_staff(unit, number)
        return self._changed(unit, number, "received")

    @needs(Role.VIEWER)
    def list(self, actor: Actor, wanted: RequestFilter) -> RequestPage:
        """A page of requests, by deadline unless told otherwise. Raises UsageError, NotFound (a customer nobody knows)."""
        with self._context.reading() as conn:
            found, more = queue.page(conn, wanted, self._context.today(conn), self._asked_for(conn, wanted))
            rows = self._records(conn, found)
            cursor = wanted.cursor(rows[0 if wanted.backwards else -1]) if more else None
            return RequestPage(rows, cursor, queue.total_open(conn) if wanted.counted else None)

    @needs(Role.VIEWER)
    def tally(self, actor: Actor, wanted: RequestFilter) -> Tally:
        """How many requests the filter finds, and how the open ones stand. Raises as `list`."""
        context = self._context
        with context.reading() as conn:
            today = context.today(conn)
            near = queue.near_day(today, context.settings.get(conn, "near-days"))
            return queue.tally(conn, wanted, today, near, self._asked_for(conn, wanted))

    @needs(Role.VIEWER)
    def pulse(self, actor: Actor, since: int | None = None) -> Pulse:
        """Whether anything changed, and how many requests were filed after number `since`."""
        with self._context.reading() as conn:
            return queue.pulse(conn, since)

    @needs(Role.VIEWER)
    def show(self, actor: Actor, number: int) -> RequestDetail:
        """Everything about one request. Raises NotFound."""
        with self._context.reading() as conn:
            return self._detail(conn, requests.one(conn, number), staff.require(conn, actor, Role.VIEWER))

    @needs(Role.OPERATOR)
    @persistent
    def cancel(self, actor: Actor, number: int, reason: str | None = None) -> RequestRow:
        """The customer no longer wants it (or staff on the customer's word). Raises NotFound, Conflict."""
        with self._context.writing(actor) as unit:
            return self.cancelled(unit, number, checked("reason", reason))

    def cancelled(self, unit: Unit, number: int, reason: str | None) -> RequestRow:
        """`cancel` inside a transaction that is open already."""
        row = self._may(unit, number, "cancel")
        requests.decide(unit, row, State.CANCELLED, reason=reason)
        unit.record("request.cancel", number)
        return self._changed(unit, number, "cancelled")

    @needs(Role.OPERATOR)
    @persistent
    def reject(self, actor: Actor, number: int, reason: str) -> RequestRow:
        """Refuse it; the law wants the reason told (art. 13/3). Raises UsageError without one, NotFound, Conflict."""
        told = needed("reason", reason)
        with self._context.writing(actor) as unit:
            row = self._may(unit, number, "reject")
            requests.decide(unit, row, State.REJECTED, reason=told)
            unit.record("request.reject", number)
            return self._changed(unit, number, "rejected")

    @needs(Role.OPERATOR)
    def approve(self, actor: Actor, number: int, plan: str | None = None) -> RequestRow:
        """Approve the permanent erase for exactly what it would touch now, or (`plan`) what a preview has shown.

        Raises NotFound, Conflict (`already-decided`, `approval-given`, `plan-moved`, `request-changed`), Refused
        `approve-only-erase`, and what a preview of the erase raises.
        """
        row, mark = self._to_approve(number, plan)
        try:
            return self._approve(actor, row, mark)
        except Conflict as error:
            if error.code == "request-changed":  # somebody else was faster; perhaps with the same
                self._to_approve(number, plan)
            raise

    def _to_approve(self, number: int, plan: str | None) -> tuple[Row[Any], str]:
        """The request, and the fingerprint of its erase now."""
        context = self._context
        with context.reading() as conn:
            row, today = requests.one(conn, number), context.today(conn)
            requests.refuse_decided(row)
            against = lifecycle.why_not("approve", replace(_facts(row, today), approval_stale=True))
            if against is not None:
                raise Refused(against, number=number)
            if row.customer is None:
                raise NotFound("customer-gone", number=number)
            marks = survey.erase_marks(conn, context.atlas, row.customer, context.settings.get(conn, "invoice-retention-years"), today)
        if plan is not None and plan not in marks:
            raise Conflict("plan-moved", number=number)
        if row.approved_plan == marks[0]:
            raise Conflict("approval-given", number=number, by=row.approved_by or "")
        return row, marks[0]

    @persistent
    def _approve(self, actor: Actor, row: Row[Any], mark: str) -> RequestRow:
        with self._context.writing(actor) as unit:
            requests.change(unit, row, state=State.APPROVED.value, approved_by=str(unit.actor), approved_plan=mark, last_error=None)
            unit.record("request.approve", row.number, plan=mark)
            return self._changed(unit, row.number, None)

    @needs(Role.OPERATOR)
    @persistent
    def extend(self, actor: Actor, number: int, reason: str) -> RequestRow:
        """Two more months under GDPR art. 12(3), told with the reason. Raises UsageError, NotFound, Conflict, Refused."""
        told = needed("reason", reason)
        with self._context.writing(actor) as unit:
            row = self._may(unit, number, "extend")
            until = lifecycle.extended_due_on(row.received_on)
            requests.change(unit, row, due_on=until, extended_to=until, reason=told, reminded=None)
            unit.record("request.extend", number, until=until.isoformat())
            return self._changed(unit, number, "extended")

    def _may(self, unit: Unit, number: int, verb: str) -> Row[Any]:
        """The request, when the verb is allowed now. Raises NotFound, Conflict, Refused."""
        row = requests.one(unit.conn, number)
        requests.refuse_decided(row)
        against = lifecycle.why_not(verb, _facts(row, self._context.today(unit.conn)))
        if against == "already-extended":
            raise Conflict(against, number=number)
        if against is not None:
            raise Refused(against, number=number)
        return row

    def _changed(self, unit: Unit, number: int, event: str | None) -> RequestRow:
        """The request after the change; the message about it is queued on the way."""
        row = requests.one(unit.conn, number)
        if event is not None:
            self._notify(unit, row, event)
        return self._records(unit.conn, [row])[0]

    def _notify(self, unit: Unit, row: Row[Any], event: str) -> None:
        context = self._context
        if row.customer is None or not context.settings.get(unit.conn, "notify"):
            return
        customer = customers.rows_for(unit.conn, context.atlas, [row.customer]).get(row.customer)
        language = customers.language(unit.conn, context.atlas, row.customer)
        today = context.today(unit.conn)
        acknowledge.tell(unit, context.keyring, context.settings.reader(unit.conn), event, row, customer, language, today)

    def _tell_staff(self, unit: Unit, number: int) -> None:
        context, row = self._context, requests.one(unit.conn, number)
        outbox.queue_for_staff(
            unit,
            context.keyring,
            context.settings.reader(unit.conn),
            "new-request",
            number,
            outbox.for_staff(row.kind, row.received_on, row.due_on),
        )

    def _asked_for(self, conn: Connection, wanted: RequestFilter) -> ColumnElement[bool] | None:
        """The test for customer and search, None when neither is asked for."""
        whose = None if wanted.customer is None else self._whose(conn, wanted.customer)
        text = (wanted.search or "").strip()
        if not text:
            return whose
        few = queue.customers(conn, wanted, self._context.today(conn), whose, FEW)
        atlas = self._context.atlas
        keys = lookup.keys(conn, atlas, text, SEARCH_MOST) if few is None else lookup.among(conn, atlas, text, few)
        return queue.searched(text, keys, whose)

    def _whose(self, conn: Connection, wanted: str) -> ColumnElement[bool]:
        """Requests of a customer, also of one who was erased: then only the keyed token still says whose they are."""
        try:
            key = customers.locate(conn, self._context.atlas, wanted)
        except NotFound:
            whose = owned.of(tables.requests, wanted, owned.subjects(self._context.keyring, wanted))
            if not requests.of(conn, whose):
                self._context.keyring.whole(conn)  # with a key away nobody can say "no such customer"
                raise
            return whose
        return owned.of(tables.requests, key, owned.subjects(self._context.keyring, key))

    def _records(self, conn: Connection, rows: Sequence[Row[Any]]) -> tuple[RequestRow, ...]:
        today = self._context.today(conn)
        known = customers.rows_for(conn, self._context.atlas, requests.keys(rows)) if rows else {}
        return tuple(requests.record(row, today, known.get(row.customer or "")) for row in rows)

    def _detail(self, conn: Connection, row: Row[Any], role: Role) -> RequestDetail:
        whose = owned.of(tables.requests, row.customer, owned.known(row.subject))
        there = row.customer is not None
        record, *earlier = self._records(conn, [row, *requests.of(conn, whose, before=row.number)])
        lines = customers.services(conn, self._context.atlas, row.customer) if record.customer_name is not None else ()
        return RequestDetail(
            row=record,
            note=row.note,
            verified_by=row.verified_by,
            needs_written_confirmation=record.channel is Channel.PHONE and record.state in OPEN_STATES,
            filed_by=row.filed_by,
            filed_at=row.filed_at,
            approved_by=row.approved_by,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            outcome=row.outcome,
            blacklisted=row.blacklisted,
            reason=row.reason,
            services=lines,
            consent=consents.status(conn, row.customer if there else None),
            last_download=downloads.last(conn, row.customer, owned.known(row.subject)),
            earlier=tuple(earlier),
            moves=lifecycle.moves(_facts(row, self._context.today(conn)), role),
            certificate=certificates.exists(conn, row.number),
            undelivered_since=outbox.undelivered_since(conn, row.number, self._context.clock()),
        )


def _facts(row: Row[Any], today: date) -> lifecycle.Facts:
    return lifecycle.Facts(
        kind=Kind(row.kind),
        state=State(row.state),
        regime=Regime(row.regime),
        received_on=row.received_on,
        extended_to=row.extended_to,
        today=today,
        approval_stale=row.approved_plan is None or row.last_error == "approval-moved",
    )


@contextmanager
def told_of_the_first(context: Context, wanted: str) -> Iterator[None]:
    """Whoever files for a customer for whom somebody else files at this moment hears the other's number. Raises Conflict
    `open-request-exists`."""
    try:
        yield
    except Conflict as error:
        if error.code == "constraint":
            with context.reading() as conn:
                _refuse_second(conn, customers.locate(conn, context.atlas, wanted))
        raise


def _refuse_second(conn: Connection, customer: str) -> None:
    first = requests.open_of(conn, customer)
    if first is not None:
        raise Conflict("open-request-exists", number=first)
