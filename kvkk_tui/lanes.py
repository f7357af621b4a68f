"""The way to the desk: every verb runs in a thread, and one frozen record comes back across the line.

Two lanes, so that turning a page never waits for a preview: `quick` for what the screen shows, `work` for previews, resolutions
and exports. A lane is one thread: verbs of a lane follow each other. Threads are not daemons: a resolution that runs when the
console is left finishes whole.
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
        self.busy = 0
        """Verbs under way in the `work` lane that change something."""

    async def quick(self, verb: Callable[[Desk], T]) -> T:
        """What the screen shows. Raises KvkkError."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, verb, self.desk)

    async def work(self, verb: Callable[[Desk], T]) -> T:
        """What takes its time and changes nothing. Raises KvkkError."""
        return await asyncio.get_running_loop().run_in_executor(self._work, verb, self.desk)

    async def change(self, verb: Callable[[Desk], T]) -> T:
        """What changes data: the console is not left meanwhile. Raises KvkkError."""
        self.busy += 1
        try:
            return await self.work(verb)
        finally:
            self.busy -= 1

    def close(self) -> None:
        """No new verbs; what waits in line is dropped, what runs finishes."""
        self._quick.shutdown(wait=False, cancel_futures=True)
        self._work.shutdown(wait=False, cancel_futures=True)
