"""Requests of customers: filed, listed, read, cancelled, refused, approved, extended. Resolving them is `resolutions`.

Every change is a compare-and-set on the version that was read, writes one audit entry, and queues the message to the
customer in the same transaction. Refused before the first side effect: an unknown or ambiguous customer, a day of receipt
in the future or before the law, words that are too long. A second open request is a Conflict that names the first.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.errors import Conflict, NotFound, Refused
from core.model import lifecycle
from core.model.records import Actor, NewRequest, Regime, RequestRow, Role, State
from core.model.words import checked, needed
from core.services.context import persistent
from core.services.gate import needs
from core.services.reading import Reading, facts_of
from core.store import acknowledge, customers, outbox, requests, survey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row

    from core.services.context import Context
    from core.store.engine import Unit


class Requests(Reading):
    """The verbs of `kvkk requests`; those that only read stand in `reading`."""

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
            against = lifecycle.why_not("approve", replace(facts_of(row, today), approval_stale=True))
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
        against = lifecycle.why_not(verb, facts_of(row, self._context.today(unit.conn)))
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
