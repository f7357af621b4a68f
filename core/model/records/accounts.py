"""Accounts of customers: who is signed in, what a registration asks for, and what staff may undo or look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Who a session belongs to, as it stands now."""

    customer: str
    must_consent: bool
    """Nothing opens but the consent text, until it is accepted."""
    until: datetime
    """It ends then unless it is used before."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun."""

    session: Session
    token: str = field(repr=False)
    """What the customer carries from now on. It is shown once; we keep its hash."""


@dataclass(frozen=True, slots=True)
class FieldAsked:
    """One thing that a registration asks for."""

    name: str
    """Column of the customers' table."""
    kind: str
    """Kind of the data map, empty when it is not personal."""
    label: str
    """English label of the kind; empty when there is none."""
    needed: bool
    most: int | None
    """Characters that fit; None: no limit of the column."""
    choices: tuple[str, ...] = ()
    """What alone may be given."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a visitor gives to open an account."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    login: str | None = field(default=None, repr=False)
    """Name to sign in by, where that is not the e-mail address."""
    details: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Column → what was typed."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether an account with some details may be opened."""

    allowed: bool
    blacklisted: tuple[str, ...]
    """Kinds of those details that are on the blacklist."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Access that was given back to a customer."""

    customer: str
    request: int | None
    """The request that had blocked the account."""
    given_back: tuple[str, ...]
    """Columns that are as they were before."""
    left: tuple[str, ...]
    """Columns that somebody else has changed since: they stay as they are."""
    blacklisted: int
    """Entries of the blacklist that the request made: they stay."""


@dataclass(frozen=True, slots=True)
class ResetSent:
    """A link to a new password that waits to be sent."""

    customer: str
    minutes: int
    """So long it can be used."""
