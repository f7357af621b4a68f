"""The certificate of destruction (imha tutanağı; for access only: işlem tutanağı) and its dated addenda, as pure values.

Promises: holds no personal data (no name, no key, no value of a customer); a document that contradicts itself cannot be
built; `to_json` is canonical, so the same certificate is the same text for ever and `from_json` gives it back whole.
It is fixed in the transaction that it certifies: what is measured later is an `Addendum`, the certificate is never changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from core.model.records import Channel, HoldLine, Kind, Regime, ResidueLine, Resolution, TableCount

FORMAT = 1
"""Version of the stored JSON; a reader refuses what it does not know."""


class Title(StrEnum):
    """What the paper is called."""

    ACTION = "action"
    """İşlem tutanağı: access was blocked, nothing was destroyed."""
    DESTRUCTION = "destruction"
    """İmha tutanağı: data were masked or deleted (Regulation RG 28.10.2017 no. 30224, art. 7/3)."""


class Grade(StrEnum):
    """The honest name of what was reached; wording: labels.py, group `grade`. None of them claims `anonymous`."""

    ACCESS_BLOCKED = "access-blocked"
    MASKED = "masked"
    """Pseudonymous while rows remain linked."""
    DELETED = "deleted"
    DELETED_EXCEPT_HOLDS = "deleted-except-holds"

    @classmethod
    def of(cls, resolution: Resolution, *, stays: bool) -> Grade:
        """`stays`: whether any row is held or kept."""
        if resolution.erase:
            return cls.DELETED_EXCEPT_HOLDS if stays else cls.DELETED
        return cls.MASKED if resolution.mask else cls.ACCESS_BLOCKED


class LevelStatus(StrEnum):
    """What is known of one level. Only what was measured is called done."""

    DONE = "done"
    """Measured: nothing was found."""
    FOUND = "found"
    """Measured: something is still there; `hits` counts it."""
    NOT_DONE = "not-done"
    """Not measured or not cleaned; `why` says the reason."""
    OUTSIDE = "outside"
    """Beyond this tool, for level C."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of disappearance."""

    name: str
    """A gone from the application, B gone from the engine's own files, C outside this tool."""
    status: LevelStatus
    why: str
    """Code of the method or the reason; wording: papers.LEVEL_REASONS."""
    hits: int | None = None
    """Places where a value was still found."""
    files: int | None = None
    """Files that were searched."""
    bytes: int | None = None
    """Bytes that were searched."""

    def __post_init__(self) -> None:
        if self.name not in ("A", "B", "C"):
            raise ValueError("a level is A, B or C")
        if (self.status is LevelStatus.OUTSIDE) != (self.name == "C"):
            raise ValueError("level C is outside this tool, and nothing else is")
        if self.status is LevelStatus.DONE and self.hits:
            raise ValueError("a level with hits is not done")
        if self.status is LevelStatus.FOUND and not self.hits:
            raise ValueError("a level that found something says how much")


@dataclass(frozen=True, slots=True)
class Waiver:
    """Who accepted that values remain, and under which reason code. The words of staff stay in the request."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Controller:
    """The company (veri sorumlusu) as it was when the paper was made."""

    name: str | None = None
    address: str | None = None
    kep: str | None = None
    mersis: str | None = None
    email: str | None = None

    @classmethod
    def read(cls, setting: Callable[[str], Any]) -> Controller:
        """From the settings `company-…`."""
        return cls(**{part: setting(f"company-{part}") for part in ("name", "address", "kep", "mersis", "email")})


@dataclass(frozen=True, slots=True)
class Certificate:
    """One resolution, whole."""

    number: int
    """Of the request."""
    kind: Kind
    regime: Regime
    received_on: date
    decided_at: datetime
    actor: str
    resolution: Resolution
    grade: Grade
    levels: tuple[Level, Level, Level]
    """A, B, C in this order."""
    map_name: str
    map_sha256: str
    """Of the map file, 64 hex digits."""
    product: str
    """Name and version of this product."""
    engine: str
    """sqlite, postgresql, mariadb"""
    checkpoint: str
    """`kvkk:ORIGIN:SEQ:HASH` of the audit entry BEFORE this resolution's own, which is written after the paper is fixed."""
    controller: Controller = Controller()
    approved_by: str | None = None
    tables: tuple[TableCount, ...] = ()
    holds: tuple[HoldLine, ...] = ()
    residue: tuple[ResidueLine, ...] = ()
    waived: Waiver | None = None
    blacklisted: tuple[str, ...] = ()
    """Kinds of values that were fingerprinted."""
    left_out: tuple[str, ...] = ()
    """Kinds whose value another customer shares."""
    outside: tuple[str, ...] = ()
    """Manual steps in other systems, from the map."""
    channel: Channel | None = None
    """How the request came in; None in a paper of a version that did not say so."""
    verified: str | None = None
    """How the identity was verified, in the words of staff without any value of the customer; None: nothing was noted."""

    def __post_init__(self) -> None:
        if self.decided_at.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        if tuple(level.name for level in self.levels) != ("A", "B", "C"):
            raise ValueError("a certificate has the levels A, B and C")
        if self.grade is not Grade.of(self.resolution, stays=self.stays):
            raise ValueError("the grade says something else than the rows")

    @property
    def title(self) -> Title:
        """What the paper is called."""
        return Title.DESTRUCTION if self.resolution.mask or self.resolution.erase else Title.ACTION

    @property
    def stays(self) -> bool:
        """Whether rows of the customer are held or kept."""
        return bool(self.holds) or any(count.held or count.kept for count in self.tables)

    @property
    def redacted(self) -> int:
        """Cells of rows that stay in which the customer's values were blanked."""
        return sum(count.cells_redacted for count in self.tables)

    @property
    def remains(self) -> tuple[ResidueLine, ...]:
        """The residue that no exception explains."""
        return tuple(line for line in self.residue if line.verdict == "residue")

    def to_json(self) -> str:
        """Canonical ASCII JSON."""
        return _dump("certificate", self)

    @classmethod
    def from_json(cls, text: str) -> Certificate:
        """Inverse of `to_json`. Raises ValueError for another kind of document or another format."""
        data = _load("certificate", text)
        first, second, third = (_level(level) for level in data["levels"])
        fields = data | {name: tuple(data[name]) for name in ("blacklisted", "left_out", "outside")}
        return cls(
            **fields
            | {
                "kind": Kind(data["kind"]),
                "regime": Regime(data["regime"]),
                "received_on": date.fromisoformat(data["received_on"]),
                "decided_at": datetime.fromisoformat(data["decided_at"]),
                "resolution": Resolution(**data["resolution"]),
                "grade": Grade(data["grade"]),
                "levels": (first, second, third),
                "controller": Controller(**data["controller"]),
                "tables": tuple(_table(line) for line in data["tables"]),
                "holds": tuple(_hold(**line) for line in data["holds"]),
                "residue": tuple(ResidueLine(**line) for line in data["residue"]),
                "waived": Waiver(**data["waived"]) if data["waived"] else None,
                "channel": Channel(data["channel"]) if data.get("channel") else None,
            }
        )


class Subject(StrEnum):
    """What an addendum is about."""

    REREAD = "reread"
    """Level A, measured after the commit."""
    SCRUB = "scrub"
    """Level B: the engine's files were cleaned and searched, or could not be."""
    HOLD = "hold"
    """Held rows whose day has come were finished."""
    RESTORE = "restore"
    """Access was given back."""


@dataclass(frozen=True, slots=True)
class Addendum:
    """Something measured or done after the certificate."""

    number: int
    """Of the request."""
    at: datetime
    actor: str
    about: Subject
    levels: tuple[Level, ...] = ()
    tables: tuple[TableCount, ...] = ()
    """What happened to rows, for `hold`."""
    holds: tuple[HoldLine, ...] = ()
    """Holds that have ended."""
    gone: int = 0
    """Of their rows, those that the company had deleted or handed on before."""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a moment needs a time zone")

    def to_json(self) -> str:
        """Canonical ASCII JSON."""
        return _dump("addendum", self)

    @classmethod
    def from_json(cls, text: str) -> Addendum:
        """Inverse of `to_json`. Raises ValueError for another kind of document or another format."""
        data = _load("addendum", text)
        return cls(
            number=data["number"],
            at=datetime.fromisoformat(data["at"]),
            actor=data["actor"],
            about=Subject(data["about"]),
            levels=tuple(_level(level) for level in data["levels"]),
            tables=tuple(_table(line) for line in data["tables"]),
            holds=tuple(_hold(**line) for line in data["holds"]),
            gone=data.get("gone", 0),
        )


@dataclass(frozen=True, slots=True)
class CertificateView:
    """What `kvkk certificate` shows: the XML (valid against certificate.xsd) and the same as printable text."""

    xml: bytes
    text: str
    certificate: Certificate
    addenda: tuple[Addendum, ...]


def _dump(document: str, value: Any) -> str:
    data = _plain(value) | {"document": document, "format": FORMAT}
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain)


def _plain(value: Any) -> Any:
    """A record as its fields, a day or moment as ISO 8601. (`dataclasses.asdict` copies all the way down, three times as slow.)"""
    return value.isoformat() if isinstance(value, date) else {field.name: getattr(value, field.name) for field in fields(value)}


def _load(document: str, text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(text)
    if data.pop("document", None) != document or data.pop("format", None) != FORMAT:
        raise ValueError(f"no {document} of format {FORMAT}")
    return data


def _level(data: dict[str, Any]) -> Level:
    return Level(**data | {"status": LevelStatus(data["status"])})


def _table(data: dict[str, Any]) -> TableCount:
    return TableCount(**data | {"because": tuple(data["because"])})


def _hold(table: str, rows: int, because: str, release_on: str | None) -> HoldLine:
    return HoldLine(table, rows, because, date.fromisoformat(release_on) if release_on else None)
