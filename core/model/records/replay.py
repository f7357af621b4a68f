"""What a restored database has to be told again, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.model.records.resolutions import TableCount
from core.model.records.runs import RunEnd


@dataclass(frozen=True, slots=True)
class StoneFileSeen:
    """One tombstone file."""

    path: str
    exists: bool
    tombstones: int
    others: int = 0
    """Tombstones of another database, which are left out: `--file` takes them in."""
    keyless: int = 0
    """Lines of keys that are not at hand."""
    problems: tuple[tuple[int, str], ...] = ()
    """(line, why): edited, gap. Such lines are left out."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A customer who came back: key and proof match."""

    customer: str
    customer_name: str | None
    deed: str
    """access, mask, erase: what was done, and will be again."""
    at: datetime
    """When it was done."""
    request: int
    """Number that the request had then."""
    matched: tuple[str, ...]
    """Kinds of values that match."""
    open_request: int | None
    """Open request of the customer in the restored database: it is the one that is resolved."""
    tables: tuple[TableCount, ...] | None = None
    """What will happen to the rows; None where it was not worked out: beyond the first of many, or what keeps it from being done."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A customer who has the key of a tombstone and is not acted on."""

    customer: str
    customer_name: str | None
    deed: str
    at: datetime
    request: int
    why: str
    """anew, changed, undated, unproven"""


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """What `kvkk replay` would do."""

    since: date
    files: tuple[StoneFileSeen, ...]
    returned: tuple[Returned, ...]
    doubtful: tuple[Doubtful, ...]
    lost: int
    """Tombstones that a file knows and the database does not."""
    fingerprints: int
    """Fingerprints of the blacklist that the database has lost."""
    restored: bool
    """A file knows more of the audit chain than the database: it was restored, or its end was cut."""
    fingerprint: str
    """Of all that: carrying it out refuses when it has moved."""

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to be done at all."""
        return not (self.returned or self.lost or self.fingerprints or self.restored)


@dataclass(frozen=True, slots=True)
class ReplayEnd:
    """What was done."""

    requests: tuple[int, ...]
    """Requests that were made for it, or found open."""
    runs: tuple[RunEnd, ...]
    settled: bool
    """The database knows again what the files know; False when a run was stopped."""
    left: int
    """Customers who are still back, because their request failed."""
    put_back: int = 0
    """Tombstones that the database has again."""
    fingerprints: int = 0
    """Fingerprints of the blacklist that it has again, or that are off it again."""
    pending: tuple[str, ...] = ()
