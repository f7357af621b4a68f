"""Whether the day that the clock says can be believed: what is destroyed because its day has come does not come back. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

SKEW = timedelta(minutes=15)
"""So far apart two clocks of one company may be."""
SILENCE = timedelta(days=7)
"""A clock that moved on further than this since the last run was set, or nobody ran it for so long."""


def doubt(now: datetime, last: datetime | None, server: datetime | None) -> str | None:
    """Code of what speaks against the clock, None when nothing does.

    `last`: when the run before was; `server`: the clock of the database server, where there is one. A long silence is no fault,
    but cannot be told from a jump: the run after next believes the clock, by when a wrong one has been noticed.
    """
    if server is not None and abs(now - server) > SKEW:
        return "clock-differs"
    if last is None:
        return None
    if now < last - SKEW:
        return "clock-went-back"
    return "clock-went-on" if now > last + SILENCE else None
