"""Frozen records that cross the front door. Fronts render them and decide nothing.

Dates are `datetime.date`, moments timezone-aware UTC `datetime.datetime`, amounts `decimal.Decimal`, keys of customers
text (a composite key is its parts joined by `|`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


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
class Actor:
    """Who does it: the real operating-system account, never $USER."""

    account: str
    host: str
    sudo_from: str | None = None
    """The account behind a root-owned sudo, when there is one."""

    def __str__(self) -> str:
        who = f"{self.account} ({self.sudo_from})" if self.sudo_from else self.account
        return f"{who}@{self.host}"


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """Hizmet Durumu: how many services run and how many do not."""

    active: int
    passive: int


@dataclass(frozen=True, slots=True)
class InvoiceStatus:
    """Fatura Durumu: numbers of invoices, and what is unpaid per currency, in alphabetical order of the currency."""

    paid: int
    unpaid: int
    unpaid_amounts: tuple[tuple[str, Decimal], ...] = ()


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
class ServiceLine:
    """One service of the customer."""

    title: str
    active: bool
    status: str


@dataclass(frozen=True, slots=True)
class ConsentStatus:
    """Whether the customer has accepted the current consent text."""

    given: bool
    version: int | None = None
    at: datetime | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """One export of a customer's data: who, when, whose, what."""

    id: int
    customer: str | None
    by: str
    started_at: datetime
    finished_at: datetime | None
    state: str
    """started, done, broken"""
    format: str
    rows: int | None
    bytes: int | None
    sha256: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What staff decided to do. Built by `Resolution.of`, which refuses mixes that mean nothing."""

    mask: bool = False
    erase: bool = False
    blacklist: bool = False

    @property
    def name(self) -> str:
        """Short stable name: `access`, `mask` or `erase`."""
        return "erase" if self.erase else "mask" if self.mask else "access"

    def fulfils(self, kind: Kind) -> bool:
        """Whether this does at least what was asked for."""
        return self.erase if kind is Kind.ERASE else True

    def exceeds(self, kind: Kind) -> bool:
        """Whether this does more than was asked for (needs `--force`)."""
        return self.erase and kind is Kind.ANONYMISE


@dataclass(frozen=True, slots=True)
class TableCount:
    """What happens to the customer's rows of one table; every row stands in exactly one of the numbers."""

    table: str
    deleted: int = 0
    masked: int = 0
    held: int = 0
    """Kept until a date; the columns that the hold does not need are masked all the same."""
    kept: int = 0
    """Kept as they are, with the map's reason."""
    shared: int = 0
    """Rows that another customer uses too: only the tie to this customer is cut."""
    blocked: int = 0
    """Rows in which only access columns change."""
    cells_redacted: int = 0
    """Cells of other rows that change: the customer's values are blanked, a pointer at an erased customer becomes NULL."""
    because: tuple[str, ...] = ()
    """Reasons of everything that stays, without repetition."""


@dataclass(frozen=True, slots=True)
class HoldLine:
    """Rows of one table held by one law until one day."""

    table: str
    rows: int
    because: str
    release_on: date | None
    """1 January of (year of issue + years + 1); None when the map keeps the row for good."""


@dataclass(frozen=True, slots=True)
class ResidueLine:
    """Values of the customer that would remain in one column. The value itself is never told."""

    table: str
    column: str
    kind: str
    """email, phone, national_id, …"""
    cells: int
    verdict: str
    """residue (refused or reported), hold, other-customer, shared-value, common-value"""


@dataclass(frozen=True, slots=True)
class SampleCell:
    """How one cell would look after the mask."""

    table: str
    column: str
    after: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a resolution would do, and the fingerprint of everything it would touch."""

    number: int
    resolution: Resolution
    tables: tuple[TableCount, ...]
    holds: tuple[HoldLine, ...]
    residue: tuple[ResidueLine, ...]
    sample: tuple[SampleCell, ...]
    fingerprint: str
    refusals: tuple[Refusal, ...]
    """Why it would be refused now; empty when it would go through."""
    outside: tuple[str, ...]
    """Manual steps outside the database that the map names."""
    blacklist: tuple[str, ...] = ()
    """Kinds of values that would be fingerprinted."""
    left_out: tuple[str, ...] = ()
    """Kinds whose value another customer shares: not fingerprinted."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A guard's no: the error it would raise, as code, exit code and facts."""

    code: str
    exit_code: int
    facts: tuple[tuple[str, str | int | tuple[str, ...]], ...] = ()


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


@dataclass(frozen=True, slots=True)
class ResolveOptions:
    """How a resolution is carried out. None in `notify`: the setting decides."""

    notify: bool | None = None
    reason: str | None = None
    force: str | None = None
    plan: str | None = None
    waive_residue: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A resolution that is committed."""

    number: int
    resolution: Resolution
    grade: str
    """access-blocked, masked, deleted, deleted-except-holds"""
    tables: tuple[TableCount, ...]
    holds: tuple[HoldLine, ...]
    residue: tuple[ResidueLine, ...]
    outside: tuple[str, ...]
    notified: bool
    """Whether a message to the customer was queued."""
    blacklisted: tuple[str, ...]
    left_out: tuple[str, ...]
    audit_seq: int
    audit_hash: str
    pending: tuple[str, ...] = ()
    """Codes of later steps that are not done yet (exit 13)."""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer as `customers find` lists one."""

    key: str
    name: str
    email: str | None
    phone: str | None
    services: ServiceStatus | None
    invoices: InvoiceStatus | None


@dataclass(frozen=True, slots=True)
class CustomerDetail:
    """One customer: how many mapped rows there are, and the requests."""

    row: CustomerRow
    tables: tuple[tuple[str, int], ...]
    """(table, number of the customer's rows) of every mapped table."""
    consent: ConsentStatus
    last_download: Download | None
    requests: tuple[RequestRow, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished export."""

    download: int
    customer: str
    path: str | None
    """None when streamed to standard output."""
    rows: int
    bytes: int
    sha256: str
    marked: int
    """Values that XML cannot hold and that were written encoded."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting with its value and where it comes from."""

    key: str
    value: str
    default: str
    is_default: bool
    allowed: str
    """What may be set, in words of the interface's language."""
    label: str
    """Label in the interface's language."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the chain. `detail` is the canonical JSON text that was hashed."""

    seq: int
    at: datetime
    actor: str
    verb: str
    request: int | None
    detail: str
    hash: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An anchor of the chain, to be kept elsewhere: `kvkk:ORIGIN:SEQ:HASH`, and when it was taken."""

    origin: str
    seq: int
    hash: str
    at: datetime

    def __str__(self) -> str:
        return f"kvkk:{self.origin}:{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Verified:
    """The chain is unbroken from the first entry to `last`; `vouched` when a checkpoint confirmed the end."""

    entries: int
    last: Checkpoint
    vouched: bool
    unsigned: bool = False
    """There is a key file and no entry carries its MAC: never used yet, or the chain was written anew."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `kvkk doctor`."""

    code: str
    grade: str
    """ok, note, warning, error"""
    facts: tuple[tuple[str, str | int | tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting after `set` or `reset`; canonical texts."""

    key: str
    before: str
    now: str
    locked_out: int | None = None
    """`enforce-consent` was switched on: how many customers have not accepted and cannot use their account now."""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the chain, newest first; `cursor` fetches the next one, None at the end."""

    rows: tuple[AuditEntry, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class DownloadPage:
    """A page of downloads, newest first; `cursor` fetches the next one, None at the end."""

    rows: tuple[Download, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `init` or `upgrade` did."""

    database: str
    """Its name for people."""
    before: str
    """none, old, current: what was found."""
    made_file: bool
    """A new database file was made, with the embedded company schema."""
    map: str | None
    """The data map that the database remembers now."""


@dataclass(frozen=True, slots=True)
class MapTable:
    """One table of the data map in words."""

    table: str
    link: str
    personal: tuple[tuple[str, str], ...]
    """(column, kind)"""
    on_mask: str
    on_erase: str
    because: str
    """Reason of what stays; empty when everything goes."""


@dataclass(frozen=True, slots=True)
class MapView:
    """A data map that is sound."""

    name: str
    sha256: str
    tables: tuple[MapTable, ...]
    not_personal: tuple[tuple[str, str], ...]
    """(table, reason)"""
    outside: tuple[str, ...]
