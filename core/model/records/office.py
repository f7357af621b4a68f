"""Settings, audit, set-up and the data map as people see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.model.records.people import Download


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of a setting that one admin has proposed and another must confirm."""

    value: str
    """Canonical text."""
    by: str
    """Staff account@host."""
    until: datetime
    """It lapses then."""


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
    proposed: Proposal | None = None
    """A change that waits for a second admin."""
    is_document: bool = False
    """A text in versions; `value` is the number of the one in force."""


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
    unchecked: int = 0
    """Entries whose signature was not checked, because its key is not in the key file at hand."""
    filed: int | None = None
    """The last entry that the tombstone file vouches for."""
    archived: int = 0
    """Entries of closed segments, which were not walked: the chain goes on from their end."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A periodic destruction report in a list: from its first day up to, not including, `until`."""

    number: int
    since: date
    until: date
    made_at: datetime


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
    """The gate asks for consent and the change bears on it: how many customers have none that counts and cannot use their account now."""
    proposed: Proposal | None = None
    """Nothing has changed yet: another admin must give the same command."""
    withdrawn: Proposal | None = None
    """What somebody had proposed before, and what is off the table with this."""
    approvers: int | None = None
    """`second-person` was switched on: how many members of staff may approve and carry out an erase (operators and admins)."""
    admins: int | None = None
    """`second-person` was switched on: how many of them are admins, two of whom it takes to switch it off."""
    stale: tuple[str, ...] = ()
    """Settings of texts that came with kvkk and do not name the company as it is named now."""
    carried: tuple[str, ...] = ()
    """A text was changed: the languages that are as they were before."""


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
    view: Finding | None = None
    """What stands in the way of the view `kvkk_access`; None: it was made anew."""


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
