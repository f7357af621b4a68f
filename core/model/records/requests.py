"""A request, lists of requests, and what can be done with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from core.model.records.people import ConsentStatus, CustomerRow, Download, InvoiceStatus, ServiceLine, ServiceStatus


class Kind(StrEnum):
    """What the customer asked for."""

    ANONYMISE = "anonymise"
    """Verilerin anonimleştirilmesi."""
    ERASE = "erase"
    """Verilerin yok edilmesi."""


class State(StrEnum):
    """Where a request stands. Nothing leaves a final state."""

    PENDING = "pending"
    APPROVED = "approved"
    """An erase that a second person has approved and nobody has resolved yet."""
    RESOLVED = "resolved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


OPEN_STATES = (State.PENDING, State.APPROVED)


class Regime(StrEnum):
    """Which law sets the deadline."""

    KVKK = "kvkk"
    """Law 6698 art. 13: at most 30 days from receipt, no extension."""
    GDPR = "gdpr"
    """Art. 12(3): one calendar month from receipt, up to two more when told within the first."""


class Channel(StrEnum):
    """How the request came in (Communiqué RG 10.03.2018 no. 30356)."""

    PANEL = "panel"
    REGISTERED_EMAIL = "registered-email"
    LETTER = "letter"
    IN_PERSON = "in-person"
    KEP = "kep"
    E_SIGNATURE = "e-signature"
    PHONE = "phone"
    """No valid channel under KVKK: the customer is asked for a written confirmation, and the request says so."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Word:
    """How a customer's wish came in, when staff act on it. Nothing is said: staff act of their own accord."""

    channel: Channel | None = None
    received_on: date | None = None
    """None: today in the set time zone, when a channel is named."""
    verified_by: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request as every list shows it (spec: the keys of `--json`)."""

    number: int
    customer: str | None
    """None after an erase: only a keyed token is kept."""
    customer_name: str | None
    kind: Kind
    regime: Regime
    channel: Channel
    state: State
    received_on: date
    due_on: date
    days_left: int
    """Calendar days until `due_on`; negative when overdue. Counted for open requests; a final one shows 0."""
    services: ServiceStatus | None
    """None when the customer no longer exists, or the map names no services."""
    invoices: InvoiceStatus | None
    last_error: str | None


class Order(StrEnum):
    """What a list of requests is ordered by; requests that are equal in it are ordered by number."""

    DUE = "due"
    RECEIVED = "received"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """What a list of requests is asked for. `after` is the cursor of the request next to the page."""

    states: tuple[State, ...] = OPEN_STATES
    """Empty: every state."""
    kind: Kind | None = None
    customer: str | None = None
    received_before: date | None = None
    due_before: date | None = None
    limit: int = 50
    after: str | None = None
    order: Order = Order.DUE
    descending: bool = False
    overdue: bool = False
    """Only those whose last day is over, in the set time zone."""
    search: str | None = None
    """The number of a request, or a piece of the customer's name, e-mail, phone or id, Turkish letters and case apart."""
    backwards: bool = False
    """The page that ends right before `after` (None: at the very end); its rows still stand in order."""
    skip: int = 0
    """Requests to pass over first, counted from the cursor."""
    counted: bool = True
    """False saves the time of counting the open requests."""

    def cursor(self, row: RequestRow) -> str:
        """The cursor of one request in this order."""
        if self.order is Order.NUMBER:
            return str(row.number)
        return f"{row.due_on if self.order is Order.DUE else row.received_on}.{row.number}"


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A page of requests; `cursor` fetches the next one (backwards: the one before), None when there is none."""

    rows: tuple[RequestRow, ...]
    cursor: str | None
    total_open: int | None
    """None when the filter did not want them counted."""


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a search goes on; a new one begins with none of it."""

    steps: int = 0
    """Stretches of the queue that were read."""
    queue: str | None = None
    """Cursor of the last request that was looked at."""
    customer: tuple[Any, ...] | None = None
    """Place of the last customer who was looked at."""
    scanning: bool = False
    """Whether all customers are looked at now, and no longer the queue."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one stretch of a search brings."""

    hits: tuple[int, ...]
    """A number for each request, which sorts as the order does (`Requests.hit_rows` reads them)."""
    onward: Onward | None
    """None: the search is at its end."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests a filter finds, and how the open ones stand."""

    matching: int
    open: int
    overdue: int
    near: int
    """Due within the set `near-days`, not overdue."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Whether anything changed: cheap enough to ask every second."""

    newest: int
    """Number of the newest request, 0 when there is none."""
    stamp: int
    """End of the audit chain: every change moves it."""
    arrived: int
    """Requests filed after the one that was named; 0 when none was."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What a person files. `received_on` None: today in the set time zone. `regime` None: the setting's."""

    customer: str
    kind: Kind
    channel: Channel = Channel.OTHER
    received_on: date | None = None
    regime: Regime | None = None
    verified_by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Something that can be done with a request, and why not when it cannot be done now."""

    verb: str
    """resolve, reject, cancel, approve, extend"""
    allowed: bool
    why_not: str | None = None
    """Code of the reason (wording: texts.py), None when allowed."""


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """Everything the magnifier shows."""

    row: RequestRow
    note: str | None
    verified_by: str | None
    needs_written_confirmation: bool
    """The channel is `phone`, which is no valid channel under KVKK."""
    filed_by: str
    filed_at: datetime
    approved_by: str | None
    """Who has approved the permanent erase, as the second person."""
    decided_by: str | None
    decided_at: datetime | None
    outcome: str | None
    """access, mask, erase; None while open or when nothing was done."""
    blacklisted: bool
    reason: str | None
    services: tuple[ServiceLine, ...]
    consent: ConsentStatus
    last_download: Download | None
    earlier: tuple[RequestRow, ...]
    moves: tuple[Move, ...]
    certificate: bool
    """Whether `kvkk certificate` has one."""
    undelivered_since: datetime | None = None
    """The answer was queued then, a week ago or more, and has neither arrived nor been dropped by staff."""


@dataclass(frozen=True, slots=True)
class CustomerDetail:
    """One customer: how many mapped rows there are, and the requests."""

    row: CustomerRow
    tables: tuple[tuple[str, int], ...]
    """(table, number of the customer's rows) of every mapped table."""
    consent: ConsentStatus
    last_download: Download | None
    requests: tuple[RequestRow, ...]
