"""Runs over many requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.model.records.requests import Kind
from core.model.records.resolutions import Resolution


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests a run takes: those that are named, or every open one that the filters leave."""

    numbers: tuple[int, ...] | None = None
    kind: Kind | None = None
    received_before: date | None = None
    no_open_account: bool = False
    """Leave out customers with an active service or an unpaid invoice."""
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ItemDone:
    """What became of one request of a run. Told after the COMMIT of its page."""

    number: int
    state: str
    """done, failed, skipped"""
    code: str | None = None
    """Why it failed or was skipped."""
    facts: tuple[tuple[str, str | int | tuple[str, ...]], ...] = ()
    """Facts of the error, for its sentence; not kept."""
    grade: str | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as the list shows it."""

    id: str
    started_at: datetime
    started_by: str
    resolution: Resolution
    state: str
    """running, stopped (can be resumed), done"""
    finished_at: datetime | None
    total: int
    done: int
    failed: int
    skipped: int
    held_by: str | None = None
    """account@host of whoever works on it now"""
    held_until: datetime | None = None
    """When its place is free again, if it died; renewed while it lives."""

    @property
    def waiting(self) -> int:
        """Requests that nobody has worked on yet."""
        return self.total - self.done - self.failed - self.skipped


@dataclass(frozen=True, slots=True)
class RunDetail:
    """One run, and every request of it that was not simply done."""

    row: RunRow
    items: tuple[ItemDone, ...] = ()


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended."""

    row: RunRow
    checkpoint: str
    """Anchor of the audit chain after the last page."""
    found_after: tuple[tuple[int, int], ...] = ()
    """(request, places) where the last look through the database still found values of a customer."""
    pending: tuple[str, ...] = ()
    """Codes of later steps that are still to be done (exit 13)."""


@dataclass(frozen=True, slots=True)
class ExportEnd:
    """How a run of exports ended."""

    run: str
    folder: str
    total: int
    done: int
    """Files that are there, also those of an earlier try."""
    failed: int
    stopped: bool
    """Not all were worked on: it can be resumed."""
