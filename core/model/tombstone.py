"""A tombstone: what must be done again when a backup is restored, in tokens that name nobody. Pure.

It is one text for ever: `uid` is derived from what it says, so that the same tombstone is recognised in a table, in a file of
another host, and in a table that got it back from a file. `created_text` and `proof_text` are what tokens of a person are made
of: a proof binds an e-mail, phone or id to the moment at which the account was made, because the last key may be given anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

UID_DIGITS = 32
KINDS = ("email", "phone", "national_id", "tax_id")
"""Kinds of values that prove a person, and that fingerprints of the blacklist are made of."""


class Deed(StrEnum):
    """What was done."""

    ACCESS = "access"
    MASK = "mask"
    ERASE = "erase"
    OPENED = "opened"
    """Access was given back: an earlier ACCESS must not be done again."""
    LISTED = "listed"
    """Fingerprints were put on the blacklist, without a request."""
    UNLISTED = "unlisted"
    """Fingerprints were taken off it: they must not come back."""

    @property
    def closes(self) -> bool:
        """Whether it is to be done again for a customer who came back."""
        return self in CLOSING


CLOSING = (Deed.ACCESS, Deed.MASK, Deed.ERASE)
"""From the weakest to the strongest."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One fingerprint of the blacklist."""

    kind: str
    fingerprint: str
    key_id: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One deed. Tokens are 64 hex digits under the key `key_id`."""

    request: int
    """Number of the request; 0 where there is none."""
    at: datetime
    deed: Deed
    key_id: str
    subject: str = ""
    """Token of the customer's key; empty for a deed of the blacklist alone."""
    created: str | None = None
    """Token of the key and the moment at which the account was made; None where the map does not know it."""
    proofs: tuple[str, ...] = ()
    """Tokens of what identified the customer, each with that moment; sorted."""
    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        if self.deed.closes and not self.subject:
            raise ValueError("whom it was done to must be known again")

    @property
    def uid(self) -> str:
        """The same for the same tombstone, wherever it is kept."""
        return digest(self.to_data())[:UID_DIGITS]

    def to_data(self) -> dict[str, Any]:
        """What the text says; inverse of `from_data`."""
        return {
            "request": self.request,
            "at": self.at.astimezone(UTC).isoformat(),
            "deed": self.deed.value,
            "key_id": self.key_id,
            "subject": self.subject,
            "created": self.created,
            "proofs": list(self.proofs),
            "marks": marks_data(self.marks),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Tombstone:
        """Raises ValueError, TypeError, KeyError for anything else."""
        return cls(
            request=int(data["request"]),
            at=datetime.fromisoformat(data["at"]),
            deed=Deed(data["deed"]),
            key_id=str(data["key_id"]),
            subject=str(data["subject"]),
            created=data["created"],
            proofs=tuple(map(str, data["proofs"])),
            marks=read_marks(data["marks"]),
        )


def canonical(value: object) -> str:
    """The one text of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(value: object) -> str:
    """A hash of a value."""
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()


def marks_data(marks: Iterable[Mark]) -> list[list[str]]:
    """Marks as JSON holds them."""
    return [[one.kind, one.fingerprint, one.key_id, one.expires_on.isoformat()] for one in marks]


def read_marks(data: Iterable[Iterable[str]]) -> tuple[Mark, ...]:
    """Inverse of `marks_data`. Raises ValueError, TypeError."""
    return tuple(Mark(kind, fingerprint, key_id, date.fromisoformat(day)) for kind, fingerprint, key_id, day in data)


def created_text(value: object) -> str | None:
    """The moment at which an account was made as one text, whichever engine and driver tells it; None when it tells nothing."""
    text = value.strip() if isinstance(value, str) else value
    if text is None or text == "":
        return None
    moment = _moment(text)
    if moment is None:
        return str(text)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0).isoformat()


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def proof_text(kind: str, value: str, created: str | None) -> str:
    """What a proof is a token of: a value in its canonical form, and the moment."""
    return f"{kind}:{value}:{created or ''}"
