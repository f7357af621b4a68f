"""What the pulse of the database has told: whether anything changed, and which requests came since somebody last looked. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core import Pulse


class News:
    """The state between two looks."""

    def __init__(self) -> None:
        self.pulse: Pulse | None = None
        self.seen = 0
        """Number of the newest request that somebody has seen."""
        self.arrived = 0
        """Requests that nobody has seen."""

    @property
    def begun(self) -> bool:
        """Whether there was a look before."""
        return self.pulse is not None

    def learn(self, now: Pulse) -> bool:
        """Keep a look; whether anything is different since the one before. The first one sees everything."""
        before, self.pulse = self.pulse, now
        if before is None:
            self.seen = now.newest
            return False
        self.arrived = now.arrived
        return (now.newest, now.stamp) != (before.newest, before.stamp)

    def is_news(self, number: int) -> bool:
        """Whether nobody has seen this request."""
        return bool(self.arrived) and number > self.seen

    def own(self, number: int) -> None:
        """A request that was filed here is no news."""
        if self.begun and number > self.seen and not self.arrived:
            self.seen = number

    def all_seen(self) -> None:
        """Somebody has looked."""
        if self.pulse is not None:
            self.seen, self.arrived = self.pulse.newest, 0
