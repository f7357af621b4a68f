"""The way to the desk: every verb runs in a thread, and one frozen record comes back across the line.

Three lanes, so that turning a page waits for no preview and for no search: `quick` for what the screen shows, `work` for previews,
resolutions and exports, `seek` for what looks through all customers. A lane is one thread: verbs of a lane follow each other. Threads are
not daemons: a resolution that runs when the console is left finishes whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from core import Desk

T = TypeVar("T")


class Lanes:
    """Carries verbs to one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._quick = ThreadPoolExecutor(1, "kvkk-quick")
        self._work = ThreadPoolExecutor(1, "kvkk-work")
        self._seek = ThreadPoolExecutor(1, "kvkk-seek")
        self.busy = 0
        """Verbs under way in the `work` lane that change something."""

    async def quick(self, verb: Callable[[Desk], T]) -> T:
        """What the screen shows. Raises KvkkError."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, verb, self.desk)

    async def work(self, verb: Callable[[Desk], T]) -> T:
        """What takes its time and changes nothing. Raises KvkkError."""
        return await asyncio.get_running_loop().run_in_executor(self._work, verb, self.desk)

    async def seek(self, verb: Callable[[Desk], T]) -> T:
        """What looks through many. Raises KvkkError."""
        return await asyncio.get_running_loop().run_in_executor(self._seek, verb, self.desk)

    async def change(self, verb: Callable[[Desk], T]) -> T:
        """What changes data: the console is not left meanwhile. Raises KvkkError."""
        self.busy += 1
        try:
            return await self.work(verb)
        finally:
            self.busy -= 1

    def close(self) -> None:
        """No new verbs; what waits in line is dropped, what runs finishes."""
        for lane in (self._quick, self._work, self._seek):
            lane.shutdown(wait=False, cancel_futures=True)
