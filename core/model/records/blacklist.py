"""The blacklist and the key that it is made with, as people see them. No record holds a value of a person, but for the call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Details:
    """Details of a person as they were typed, each a kind and a value; they never appear in a `repr`."""

    values: tuple[tuple[str, str], ...] = field(repr=False)
    """(email, phone, national_id or tax_id; the value)"""


@dataclass(frozen=True, slots=True)
class BlacklistRow:
    """One entry: what kind of detail must not open an account again, until when, and why."""

    entry: str
    """Begin of the fingerprint, by which the entry is named; it tells nothing of the value."""
    kind: str
    request: int | None
    """Number of the request that made it; None for one that was put there by hand."""
    added_at: datetime
    added_by: str
    expires_on: date
    """The last day on which it counts."""
    ended: bool
    """That day has gone; the entry counts no more and waits for its removal."""
    reason: str | None
    key_id: str
    key_state: str
    """current, old (still verified); unknown where the database does not know the key"""


@dataclass(frozen=True, slots=True)
class BlacklistPage:
    """A page of the blacklist, newest first; `cursor` fetches the next one, None at the end."""

    rows: tuple[BlacklistRow, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What became of one detail that was to be listed."""

    kind: str
    how: str
    """added, extended, there (until a later day), shared (another customer has it: left out), nobody (identifies no one)"""
    expires_on: date | None = None
    customers: tuple[str, ...] = ()
    """Keys of customers who have it now: their accounts stay open."""


@dataclass(frozen=True, slots=True)
class Removal:
    """An entry that was taken off by hand, and why. The fingerprint is gone."""

    id: int
    kind: str
    request: int | None
    added_at: datetime
    added_by: str
    removed_at: datetime
    removed_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RemovalPage:
    """A page of removals, newest first; `cursor` fetches the next one, None at the end."""

    rows: tuple[Removal, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether an account with these details may be opened."""

    kinds: tuple[str, ...]
    """Kinds of the details that are on the blacklist."""

    @property
    def listed(self) -> bool:
        return bool(self.kinds)


@dataclass(frozen=True, slots=True)
class KeyLoss:
    """What is given up with the keys that are dropped."""

    keys: tuple[str, ...]
    """Ids of the keys."""
    entries: int
    """Blacklist entries that count now."""
    tombstones: int
    """Resolutions that a restored backup could no longer be compared with."""
    erased: int
    """Requests of erased customers that are no longer found by the customer's key."""
    messages: int
    """Messages that wait and cannot be opened: the key itself is not at hand."""


@dataclass(frozen=True, slots=True)
class KeyRotated:
    """A new key is current."""

    key_id: str
    path: str
    """The key file, which now belongs on every machine."""
    kept: tuple[str, ...]
    """Ids of the older keys that stay to verify."""
    lost: KeyLoss | None = None
    pending: bool = False
    """The dropped keys could not be taken out of the file: `kvkk run` does it."""
