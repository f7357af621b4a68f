"""What customers see and do with their own data at the panel (Hesap Bilgilerim > Kişisel Veriler).

`customer` is the key that a session proved. Each verb asks the gate again in its own transaction, behind whoever resolves a request
of the same customer: whoever was blocked a moment ago does nothing more. While consent is asked for and missing, only consent opens;
while `enabled` is off, nothing does. What staff do of the same kind (`requests`, `exports`) is done by the same code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from core.errors import NotAllowed, NotFound
from core.model.records import (
    OPEN_STATES,
    Channel,
    Exported,
    Gate,
    Kind,
    Look,
    NewRequest,
    OwnPage,
    OwnRequest,
    State,
    TextKind,
    Visitor,
    Word,
)
from core.services.context import persistent
from core.services.gate import for_customers
from core.services.requests import told_of_the_first
from core.store import attempts, consents, consenttexts, customers, downloads, gatekeeper, logins, owned, requests, tables

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection, Row

    from core.services.context import Context
    from core.services.exports import Exporting
    from core.services.requests import Requests
    from core.store.engine import Unit

EARLIER_MOST = 20
DOWNLOADS_MOST = 5
TOLD = (State.REJECTED, State.RESOLVED)
"""Final states whose reason is written for the customer; why a request was cancelled is a note of staff."""


class PanelService:
    """The verbs of a customer who is signed in, beside those of `accounts` and `consent`."""

    def __init__(self, context: Context, filing: Requests, exporting: Exporting) -> None:
        self._context = context
        self._requests = filing
        self._exporting = exporting

    @for_customers
    def ready(self, visitor: Visitor) -> Look:
        """`look`, for a panel that is about to be served. Raises UsageError `map-no-sign-in` where nobody could sign in."""
        logins.require(self._context.atlas)
        return self._look()

    @for_customers
    def look(self, visitor: Visitor) -> Look:
        """How the panel looks and what it offers. Raises Unavailable, UsageError (no map)."""
        return self._look()

    def _look(self) -> Look:
        access = self._context.atlas.map.access
        with self._context.reading() as conn:
            setting = self._context.settings.reader(conn)
        url: str | None = setting("panel-url")
        return Look(
            company=setting("company-name"),
            email=setting("company-email"),
            logo=setting("panel-logo"),
            colour=setting("panel-colour"),
            language=setting("language"),
            timezone=setting("timezone"),
            enabled=setting("enabled"),
            url=url,
            login_is_email=access.login == self._context.atlas.map.customer.email,
            registers=access.register is not None and url is not None,
        )

    @for_customers
    def page(self, visitor: Visitor, customer: str) -> OwnPage:
        """The customer's own page. Raises NotAllowed `session-over` for whoever may not come in any more."""
        context = self._context
        with context.reading() as conn:
            gate = self._gate(conn, customer)
            today = context.today(conn)
            rows = requests.of(conn, owned.of(tables.requests, customer, ()))[: EARLIER_MOST + 1]
            own = [_request(row, today) for row in rows]
            read = consents.history(conn, owned.of(tables.consents, customer, ()), TextKind.NOTICE)
            notice = consenttexts.current_version(conn, TextKind.NOTICE)
            return OwnPage(
                name=customers.names_for(conn, context.atlas, [customer]).get(customer, ""),
                gate=gate,
                consent=consents.status(conn, customer),
                consent_version=consenttexts.current_version(conn, TextKind.CONSENT),
                notice_read=any(one.version >= notice for one in read),
                open=next((one for one in own if one.state in OPEN_STATES), None),
                earlier=tuple(one for one in own if one.state not in OPEN_STATES)[:EARLIER_MOST],
                downloads=downloads.page(conn, owned.of(tables.downloads, customer, ()), None, DOWNLOADS_MOST),
            )

    @for_customers
    def file(self, visitor: Visitor, customer: str, kind: Kind) -> OwnRequest:
        """Ask for the data to be anonymised or erased.

        Raises NotAllowed `session-over`, `consent-required`, `customers-off`, `too-many-attempts`; Conflict `open-request-exists`.
        """
        with told_of_the_first(self._context, customer):
            number = self._file(visitor, customer, kind)
        return self._one(number)

    @persistent
    def _file(self, visitor: Visitor, customer: str, kind: Kind) -> int:
        with self._context.writing(visitor) as unit:
            requests.wait_for_resolution(unit.conn, customer)
            self._admit(unit, customer)
            return self._requests.filed(unit, customer, NewRequest(customer, kind, Channel.PANEL), {}).number

    @for_customers
    def cancel(self, visitor: Visitor, customer: str, number: int) -> OwnRequest:
        """Take a request of one's own back. Raises as `file`; NotFound, also for somebody else's; Conflict."""
        self._cancel(visitor, customer, number)
        return self._one(number)

    @persistent
    def _cancel(self, visitor: Visitor, customer: str, number: int) -> None:
        with self._context.writing(visitor) as unit:
            requests.wait_for_resolution(unit.conn, customer)
            self._require_open(unit.conn, customer)
            if requests.one(unit.conn, number).customer != customer:
                raise NotFound("request-not-found", number=number)
            self._requests.cancelled(unit, number, None)

    @for_customers
    def export(self, visitor: Visitor, customer: str, target: BinaryIO, form: str = "xml") -> Exported:
        """Everything that is stored about the customer, to a stream. Raises as `file`, and as the export of staff."""
        word = Word(channel=Channel.PANEL)
        return self._exporting.streamed(visitor, customer, target, word, form, self._admit)

    def _admit(self, unit: Unit, customer: str) -> None:
        """As `_require_open`, and counts the deed. Raises NotAllowed `too-many-attempts` too."""
        self._require_open(unit.conn, customer)
        attempts.deed(unit, self._context.keyring.obtain(unit.conn), customer)

    def _require_open(self, conn: Connection, customer: str) -> None:
        """Raises NotAllowed unless the customer may use the panel now."""
        self._context.customers_may(conn, Channel.PANEL)
        if self._gate(conn, customer) is Gate.CONSENT_REQUIRED:
            raise NotAllowed("consent-required")

    def _gate(self, conn: Connection, customer: str) -> Gate:
        """`allowed` or `consent-required`. Raises NotAllowed `session-over`."""
        said = gatekeeper.answer(conn, self._context.atlas, customer)
        if said in (Gate.BLOCKED, Gate.UNKNOWN) or logins.may_enter(conn, self._context.atlas, customer) is None:
            raise NotAllowed("session-over")
        return said

    def _one(self, number: int) -> OwnRequest:
        with self._context.reading() as conn:
            return _request(requests.one(conn, number), self._context.today(conn))


def _request(row: Row[Any], today: date) -> OwnRequest:
    seen = requests.record(row, today, None)
    told = seen.state in TOLD or (seen.state in OPEN_STATES and row.extended_to is not None)
    return OwnRequest(
        number=seen.number,
        kind=seen.kind,
        channel=seen.channel,
        state=seen.state,
        received_on=seen.received_on,
        due_on=seen.due_on,
        days_left=seen.days_left,
        extended=row.extended_to is not None,
        decided_at=row.decided_at,
        outcome=row.outcome,
        reason=row.reason if told else None,
        can_be_cancelled=seen.state in OPEN_STATES,
    )
