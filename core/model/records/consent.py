"""Consent as people see it: its texts, the words of one customer, and the list of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from core.model.records.people import ConsentStatus


class TextKind(StrEnum):
    """Which text customers are shown."""

    CONSENT = "consent"
    """What they accept (Yetkilendirme Onayı)."""
    NOTICE = "notice"
    """What they are told (Aydınlatma Metni)."""

    @property
    def setting(self) -> str:
        """The setting that holds it."""
        return f"{self.value}-text"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of a text in one language."""

    kind: TextKind
    version: int
    language: str
    text: str
    sha256: str
    """Of its UTF-8."""
    built_in: bool
    """It came with kvkk and names the company as it was then."""
    current: bool
    """It is the version in force."""
    made_at: datetime | None
    """None: the built-in text that nobody was shown yet; it is fixed when the first customer answers."""
    made_by: str | None


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """One word of a customer: given, withdrawn, or the notice read."""

    kind: TextKind
    given: bool
    version: int
    at: datetime
    channel: str
    recorded_by: str
    sha256: str | None
    """Of the text that was shown; None where an earlier release did not note it."""
    received_on: date | None
    """When the word came in, if that was said."""
    verified_by: str | None


@dataclass(frozen=True, slots=True)
class ConsentDetail:
    """What counts now, and what was said before."""

    row: ConsentStatus
    current_version: int
    notice: ConsentEntry | None
    """The last time the notice was read."""
    history: tuple[ConsentEntry, ...]
    """Newest first; the latest of them when there are very many."""


class ConsentFilter(StrEnum):
    """Whom the list of consents shows."""

    ALL = "all"
    GIVEN = "given"
    """Consent that counts."""
    MISSING = "missing"
    """No consent that counts: never given, withdrawn, or outdated while consent is renewed."""
    OUTDATED = "outdated"
    """An older version of the text was accepted."""


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One customer in the list of consents."""

    customer: str
    customer_name: str
    state: str
    """given, outdated, withdrawn, none"""
    counts: bool
    """Whether the consent opens the gate."""
    version: int | None
    at: datetime | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class ConsentPart:
    """What a search has found so far as it has looked."""

    rows: tuple[ConsentRow, ...]
    onward: tuple[Any, ...] | None
    """Where to go on, None when everybody was looked at."""


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """A page of the list; `cursor` fetches the next one, None at the end."""

    rows: tuple[ConsentRow, ...]
    cursor: str | None
