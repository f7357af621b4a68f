"""Requests from a file: its lines, and what became of each. Never a value of the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.errors import KvkkError
from core.model.records.requests import NewRequest


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line as it was read: a request, or what is wrong with it."""

    line: int
    """Where it begins in the file, from 1."""
    new: NewRequest | None = None
    error: KvkkError | None = None


@dataclass(frozen=True, slots=True)
class FiledLine:
    """What became of one line."""

    line: int
    number: int | None = None
    """Of the request; None when the line failed, and in a dry run."""
    due_on: date | None = None
    code: str | None = None
    """Why it failed."""
    facts: tuple[tuple[str, str | int | tuple[str, ...]], ...] = ()

    @classmethod
    def failed(cls, line: int, error: KvkkError) -> FiledLine:
        """The error as a value."""
        return cls(line, code=error.code, facts=tuple(error.facts.items()))


@dataclass(frozen=True, slots=True)
class FiledFile:
    """A file that was worked through."""

    lines: tuple[FiledLine, ...]
    """In the order of the file."""
    dry_run: bool
    by_phone: int = 0
    """Of those that are requests now: how many came by phone, which is no valid channel under KVKK."""

    @property
    def done(self) -> int:
        """Lines that are requests now, or would be."""
        return sum(1 for line in self.lines if line.code is None)

    @property
    def failures(self) -> tuple[FiledLine, ...]:
        """Lines that are no requests, with the reason."""
        return tuple(line for line in self.lines if line.code is not None)
