"""The periodic destruction report (Regulation RG 28.10.2017 no. 30224, art. 11): what was destroyed in a period, without personal data.

Added up from the certificates and addenda of the period; `to_json` is canonical, so that a report is the same text for ever. Pure.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from core.model.certificate import Addendum, Certificate, Controller, Subject
from core.model.lifecycle import months_later
from core.model.records import ReportRow, TableCount

FORMAT = 1


@dataclass(frozen=True, slots=True)
class TableSum:
    """What was destroyed in one table."""

    table: str
    deleted: int
    masked: int
    redacted: int


@dataclass(frozen=True, slots=True)
class Report:
    """One period: from its first day up to, not including, `until`."""

    since: date
    until: date
    made_at: datetime
    by: str
    product: str
    checkpoint: str
    """End of the audit chain when it was made."""
    controller: Controller = field(default_factory=Controller)
    requests: tuple[tuple[str, int], ...] = ()
    """(access, mask or erase; number of requests resolved so)"""
    holds: int = 0
    """Rows whose time by law had ended."""
    tables: tuple[TableSum, ...] = ()
    waived: int = 0
    """Requests in which values that remain were accepted."""

    def to_json(self) -> str:
        """Canonical ASCII JSON."""
        return json.dumps(asdict(self) | {"format": FORMAT}, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_iso)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Inverse of `to_json`. Raises ValueError for another format."""
        data = json.loads(text)
        if data.pop("format", None) != FORMAT:
            raise ValueError(f"no report of format {FORMAT}")
        days = {name: date.fromisoformat(data[name]) for name in ("since", "until")}
        return cls(
            **data
            | days
            | {
                "made_at": datetime.fromisoformat(data["made_at"]),
                "controller": Controller(**data["controller"]),
                "requests": tuple((name, count) for name, count in data["requests"]),
                "tables": tuple(TableSum(**line) for line in data["tables"]),
            }
        )


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report as `kvkk reports show` has it: its figures, and printable text."""

    row: ReportRow
    report: Report
    text: str


@dataclass
class Sums:
    """Adds up certificates and addenda of a period."""

    outcomes: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    redacted: Counter[str] = field(default_factory=Counter)
    holds: int = 0
    waived: int = 0

    def certificate(self, one: Certificate) -> None:
        """A request that was resolved."""
        self.outcomes[one.resolution.name] += 1
        self.waived += one.waived is not None
        self._tables(one.tables)

    def addendum(self, one: Addendum) -> None:
        """What was done later: holds that were finished."""
        if one.about is Subject.HOLD:
            self.holds += sum(line.rows for line in one.holds) - one.gone
            self._tables(one.tables)

    def _tables(self, lines: Iterable[TableCount]) -> None:
        for line in lines:
            self.deleted[line.table] += line.deleted
            self.masked[line.table] += line.masked + line.held
            self.redacted[line.table] += line.cells_redacted

    def tables(self) -> tuple[TableSum, ...]:
        """Tables in which anything was destroyed, by name."""
        names = sorted({*+self.deleted, *+self.masked, *+self.redacted})
        return tuple(TableSum(name, self.deleted[name], self.masked[name], self.redacted[name]) for name in names)


def first_day(day: date, months: int) -> date:
    """The first day of the span of so many months of the year in which a day lies."""
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def next_period(since: date, months: int) -> date:
    """The day on which the period that begins on `since` is over; a year's spans begin anew with it."""
    return min(months_later(since, months), date(since.year + 1, 1, 1))


def _iso(value: date | datetime) -> str:
    return value.isoformat()
