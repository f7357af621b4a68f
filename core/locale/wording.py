"""The shape of a wording."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Two sentences of an error or a finding, as message ids with `{facts}`."""

    what: str
    """What happened, and what it means for the data."""
    next: str = ""
    """What the reader can do now; empty when there is nothing."""
