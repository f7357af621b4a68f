"""What a customer sees at the panel: the company's looks, and the customer's own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.model.records.people import ConsentStatus, Download, Gate
from core.model.records.requests import Channel, Kind, State


@dataclass(frozen=True, slots=True)
class Look:
    """How the panel looks and what it can offer, by the settings as they are now."""

    company: str | None
    email: str | None
    """Where customers write about their data."""
    logo: str | None
    """Absolute path of the logo's file."""
    colour: str | None
    """`#rrggbb`, None: our own."""
    language: str
    timezone: str
    enabled: bool
    """Off: customers can do nothing themselves."""
    url: str | None
    """Where the panel is, for links in messages; None: no links can be sent."""
    login_is_email: bool
    """Customers sign in by their e-mail address; else by another column."""
    registers: bool
    """Accounts can be opened: the data map says how, and links can be sent."""


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request as the customer who filed it sees it: no name of staff, no word that was not meant for the customer."""

    number: int
    kind: Kind
    channel: Channel
    state: State
    received_on: date
    due_on: date
    days_left: int
    extended: bool
    """The deadline was extended once; `reason` says why."""
    decided_at: datetime | None
    outcome: str | None
    """access, mask, erase; None while open or when nothing was done."""
    reason: str | None
    """Why it was refused, answered otherwise than asked, or extended."""
    can_be_cancelled: bool


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A customer's own page."""

    name: str
    gate: Gate
    """`allowed`, or `consent-required`: then nothing but the consent text opens."""
    consent: ConsentStatus
    consent_version: int
    """Version of the consent text in force."""
    notice_read: bool
    """The notice in force was read."""
    open: OwnRequest | None
    earlier: tuple[OwnRequest, ...]
    """Requests that are closed, newest first; the latest of them when there are very many."""
    downloads: tuple[Download, ...]
    """The latest downloads of the customer's data, whoever made them."""
