"""What `kvkk run` has done, and what `kvkk due` finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.errors import Drift, Exit, Fact, KvkkError, MapError
from core.model.records.requests import RequestRow


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that failed while others went on: its error as a value."""

    code: str
    exit_code: int
    facts: tuple[tuple[str, Fact], ...] = ()
    request: int | None = None
    """The request it was about; None when it was about none."""
    problems: tuple[tuple[str, str, Mapping[str, Fact]], ...] = ()
    """Findings about the data map, as in MapError and Drift."""

    @classmethod
    def of(cls, error: KvkkError, request: int | None = None) -> Failure:
        """The error as a value."""
        problems = error.problems if isinstance(error, MapError | Drift) else ()
        return cls(error.code, int(error.exit_code), tuple(error.facts.items()), request, problems)


@dataclass(frozen=True, slots=True)
class JobDone:
    """What one job of `kvkk run` came to."""

    done: int = 0
    """Things it did; 0 when there was nothing to do."""
    skipped: int = 0
    """Things that it left to staff, or for later."""
    failed: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job in the report of a run."""

    name: str
    done: int
    skipped: int
    failed: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Busy:
    """Another run that is going on."""

    who: str
    """account@host"""
    since: datetime
    until: datetime | None = None
    """When its place is free again, if it died. A run that lives goes on beyond that."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """One `kvkk run`. `busy`: another one is going on, and nothing was done."""

    jobs: tuple[JobRow, ...] = ()
    busy: Busy | None = None

    @property
    def failed(self) -> tuple[Failure, ...]:
        """Everything that failed, in the order of the jobs."""
        return tuple(failure for job in self.jobs for failure in job.failed)

    @property
    def exit_code(self) -> int:
        """0; 9 when nothing failed but for a database or mail server that is away; 7 when anything else did."""
        codes = {failure.exit_code for failure in self.failed}
        return Exit.DONE if not codes else Exit.UNAVAILABLE if codes == {Exit.UNAVAILABLE} else Exit.PARTLY


@dataclass(frozen=True, slots=True)
class Due:
    """Open requests whose deadline is near or over, most urgent first, and answers that did not arrive."""

    rows: tuple[RequestRow, ...]
    """At most as many as were asked for; `overdue` and `near` count all of them."""
    days: int
    """So many days before the last day a request counts as near."""
    overdue: int
    near: int
    undelivered: tuple[int, ...]
    """Numbers of requests whose answer was not delivered for a week."""
    next_number: int | None = None
    """The first request that is not near yet."""
    next_due_on: date | None = None

    @property
    def exit_code(self) -> int:
        """11 overdue or not delivered, 10 near, 0 none of these."""
        if self.overdue or self.undelivered:
            return Exit.OVERDUE
        return Exit.NEAR if self.near else Exit.DONE
