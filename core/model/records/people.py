"""Customers and members of staff, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a member of staff may do; each may also what the ones before may."""

    VIEWER = "viewer"
    """See the queue, requests, lists, settings; change nothing, export nothing."""
    OPERATOR = "operator"
    """Everything on requests, consent, exports, blacklist, notifications."""
    ADMIN = "admin"
    """Also settings, templates, staff, data map, retention, replay, waiving residue."""

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what `needed` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


class Gate(StrEnum):
    """What the access gate says of an account; everything but `allowed` is a refusal."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    """A request was resolved: the account can no longer be used."""
    CONSENT_REQUIRED = "consent-required"
    """The setting asks for consent, and none that counts was given."""
    UNKNOWN = "unknown"
    """There is no such customer."""


@dataclass(frozen=True, slots=True)
class AccessAnswer:
    """The gate's answer; says nothing of the person."""

    allowed: bool
    reason: Gate | None
    """None when it is allowed."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: the real operating-system account, never $USER."""

    account: str
    host: str
    sudo_from: str | None = None
    """The account behind a root-owned sudo, when there is one."""
    is_root: bool = False
    """The process runs with the real uid 0 of this machine: what `staff recover` asks for."""

    @property
    def person(self) -> str:
        """The account that counts: for roles, and for whether two are one person. Behind a sudo it is the one who called it."""
        return self.sudo_from or self.account

    def __str__(self) -> str:
        who = f"{self.account} ({self.sudo_from})" if self.sudo_from else self.account
        return f"{who}@{self.host}"


def person_of(recorded: str) -> str:
    """The account that counts in an actor as it was recorded: `ayse` of `ayse@host` and of `kvkk (ayse)@host`."""
    who = recorded.rpartition("@")[0] or recorded
    return who[:-1].rpartition(" (")[2] if who.endswith(")") else who


@dataclass(frozen=True, slots=True)
class Visitor(Actor):
    """Somebody at a front for customers, such as the panel: `account` names the front, `host` where it runs.

    No member of staff and without any role, also in a database that has no staff: the verbs of staff refuse visitors, and those
    of customers refuse everybody else.
    """

    address: str = field(default="", repr=False)
    """Network address that the visitor comes from, by which attempts are limited; recorded nowhere, empty when not known."""

    def __str__(self) -> str:
        return f"{self.account}@{self.host}"


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
class ServiceLine:
    """One service of the customer."""

    title: str
    active: bool
    status: str


@dataclass(frozen=True, slots=True)
class ConsentStatus:
    """Whether the customer has accepted the consent text."""

    given: bool
    """The latest word is an acceptance, and it counts: while consent is renewed, only one of the current version does."""
    version: int | None = None
    at: datetime | None = None
    channel: str | None = None
    outdated: bool = False
    """The latest word accepts an older version than the current one."""


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
    channel: str | None = None
    """How the customer asked; None: staff acted of their own accord."""
    received_on: date | None = None
    verified_by: str | None = None
    """How the identity was verified."""


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
class CustomerPart:
    """What a search has found so far as it has looked."""

    rows: tuple[CustomerRow, ...]
    onward: tuple[Any, ...] | None
    """Where to go on, None when everybody was looked at."""


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
