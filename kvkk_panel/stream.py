"""From the thread that writes an export to the visitor who reads it: some pieces at a time, never the whole.

A visitor who goes away, or does not read for a minute, ends the export: the thread hears a broken pipe and `core` records that no whole
file came of it. So does the end of the process. An answer that has begun and fails is cut off without its last piece, so that no
browser takes the half for the whole.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import anyio
from anyio import from_thread
from anyio.streams.memory import MemoryObjectSendStream

if TYPE_CHECKING:
    from core import Desk
    from kvkk_panel.site import Site

PIECE = 64 * 1024
PIECES = 4
"""Pieces that wait for a reader: memory does not grow with the export."""
STALL_S = 60
"""Who reads nothing for so long has gone."""
GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, TimeoutError)


class CutOff(Exception):
    """The answer cannot be finished; raised while it is sent, it ends the connection."""


class Conduit(io.RawIOBase):
    """What the export writes to, in its thread. Raises BrokenPipeError when nobody reads any more."""

    def __init__(self, out: MemoryObjectSendStream[bytes]) -> None:
        self._out = out
        self._parts: list[bytes] = []
        self._size = 0
        self._broken = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._parts.append(bytes(data))
        self._size += len(data)
        if self._size >= PIECE:
            self.push()
        return len(data)

    def push(self) -> None:
        """Hand over what was gathered; waits while the reader is behind."""
        piece, self._parts, self._size = b"".join(self._parts), [], 0
        try:
            if self._broken:
                raise BrokenPipeError
            if piece:
                from_thread.run(self._send, piece)
        except GONE:
            self._broken = True
            raise BrokenPipeError from None

    def flush(self) -> None:
        if not self.closed:
            self.push()

    async def _send(self, piece: bytes) -> None:
        with anyio.fail_after(STALL_S):
            await self._out.send(piece)


class Delivery:
    """One download: the export that runs in a thread, and the answer that reads it."""

    def __init__(self) -> None:
        self._out, self._source = anyio.create_memory_object_stream[bytes](PIECES)
        self._error: Exception | None = None
        self._whole = False

    async def run(self, site: Site, customer: str, write: Callable[[Desk, BinaryIO], None]) -> None:
        """Carry the export out, its turn taken before. Never raises: what went wrong is told to who reads."""
        conduit = Conduit(self._out)
        async with self._out:
            try:
                await site.desks.long(lambda desk: write(desk, cast(BinaryIO, conduit)), site.writers)
                self._whole = True
            except Exception as error:  # noqa: BLE001 - the door of a task of its own; `first` and `pieces` raise it again
                self._error = error
            finally:
                site.downloads.pop(customer, None)
                site.turns.release()

    async def first(self) -> bytes:
        """The first piece. Raises what kept the export from making one."""
        try:
            return await self._source.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            raise self._error or CutOff from None
        except BaseException:  # the visit was given up while it waited
            self.stop()
            raise

    async def pieces(self, first: bytes) -> AsyncIterator[bytes]:
        """Every piece. Raises CutOff at the end of an export that failed."""
        try:
            yield first
            async for piece in self._source:
                yield piece
        except anyio.ClosedResourceError:
            raise CutOff from None
        finally:
            self.stop()
        if not self._whole:
            raise CutOff

    def stop(self) -> None:
        """Read no more: the next piece breaks the pipe."""
        self._source.close()
