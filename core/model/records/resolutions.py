"""What a resolution would do, and what it has done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.model.records.requests import Kind


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

    @property
    def touched(self) -> int:
        """Rows in which something changes."""
        return self.deleted + self.masked + self.held + self.shared + self.blocked


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
class ResolveOptions:
    """How a resolution is carried out. None in `notify`: the setting decides."""

    notify: bool | None = None
    reason: str | None = None
    force: str | None = None
    plan: str | None = None
    waive_residue: str | None = None
    automatic: bool = False
    """Nobody looks on: an open account is refused whatever `open-account-guard` says, and the audit tells."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """Requests whose old bytes were cleaned out of the database's files, or were found to be beyond it; and those that wait."""

    done: tuple[int, ...] = ()
    pending: tuple[int, ...] = ()
    why: str = ""
    """Code of the reason why some wait."""


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
