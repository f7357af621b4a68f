"""Desks for the worker threads of one process: `core` is synchronous, and each call has a desk to itself.

Bounded: so many calls at once, and who waits longer than a moment hears that the panel is busy. Messages that a call has queued are
sent afterwards by a postman with a desk of its own, so that no answer waits for a mail server, and none tells by its time whether a
message went out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import anyio
from anyio import CapacityLimiter, Event, Semaphore, to_thread

if TYPE_CHECKING:
    from core import Desk, Visitor

CALLS = 8
"""Calls at once; each has a thread and a connection."""
RESTED_S = 300
"""A desk that rested longer gives its connections back first: a server or a firewall may have dropped them meanwhile."""
WAIT_S = 30
"""Who waits longer for a desk is told to come back."""

Answer = TypeVar("Answer")


class Busy(Exception):
    """Every desk has been taken for `WAIT_S` seconds."""


class Desks:
    """The desks of one process. `make` opens another one on the same database."""

    def __init__(
        self, make: Callable[[], Desk], visitor: Visitor, calls: int = CALLS, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._make = make
        self._visitor = visitor
        self._tell = tell
        self._free = Semaphore(calls)
        self._threads = CapacityLimiter(calls)
        self._idle: list[tuple[Desk, float]] = []
        """Desks, and since when each of them rests; the one that rests least comes first."""
        self._postman: Desk | None = None
        self._lock = threading.Lock()
        """Held for the moment in which a desk is taken or put back."""
        self._mail = Event()

    async def call(self, job: Callable[[Desk], Answer]) -> Answer:
        """Carry `job` out on a desk, in a thread. Raises Busy, and whatever the job raises."""
        await self._take_turn()
        try:
            return await to_thread.run_sync(self._work, job, limiter=self._threads)
        finally:
            self._free.release()
            self._mail.set()

    async def long(self, job: Callable[[Desk], Answer], limiter: CapacityLimiter) -> Answer:
        """As `call`, for what takes minutes and has its own bound."""
        try:
            return await to_thread.run_sync(self._work, job, limiter=limiter)
        finally:
            self._mail.set()

    async def post(self) -> None:
        """Send what calls have queued, for ever. What does not go out waits for `kvkk run`."""
        while True:
            await self._mail.wait()
            self._mail = Event()
            try:
                await to_thread.run_sync(self._deliver, abandon_on_cancel=True)
            except Exception as error:  # noqa: BLE001 - the door of a task of its own: a bug here must not end the panel
                self._tell(f"mail: {type(error).__name__}")

    def close(self) -> None:
        """Give every connection back."""
        while self._idle:
            self._idle.pop()[0].close()
        if self._postman is not None:
            self._postman.close()

    async def _take_turn(self) -> None:
        try:
            with anyio.fail_after(WAIT_S):
                await self._free.acquire()
        except TimeoutError:
            raise Busy from None

    def _work(self, job: Callable[[Desk], Answer]) -> Answer:
        desk = self._one()
        try:
            return job(desk)
        finally:
            with self._lock:
                self._postman = self._postman or self._make()
                desk.hand_mail_to(self._postman)
                self._idle.append((desk, time.monotonic()))

    def _one(self) -> Desk:
        with self._lock:
            if not self._idle:
                return self._make()
            desk, since = self._idle.pop()
        if time.monotonic() - since > RESTED_S:
            desk.close()
        return desk

    def _deliver(self) -> None:
        done = self._postman.post(self._visitor) if self._postman is not None else None
        if done is not None and done.trouble is not None and done.trouble.code != "mail-not-set":
            self._tell(f"mail: {done.trouble.code}")
