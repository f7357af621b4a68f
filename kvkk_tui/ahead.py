"""The first rows, read by a second process while this one still imports Textual: both take as long, and neither waits.

A copy of this process (`fork`, before any thread or connection) opens the desk for itself, reads what the first screen shows,
and hands it over through a pipe; then it is gone. It changes nothing and draws nothing. Whatever goes wrong there is not told:
the console then reads for itself, as it does on a machine with one processor, and says what is wrong.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NoReturn

if TYPE_CHECKING:
    from core import Desk, Pulse, RequestPage, Tally


@dataclass(frozen=True)
class Known:
    """What the first line and the dates need."""

    database: str
    zone: str
    near: int
    language: str
    """The setting; a person's own choice comes first."""
    account: str
    """As whom the person counts."""
    role: str
    open: bool
    """Nobody is registered as staff: whoever can open the database acts as admin."""


@dataclass(frozen=True)
class Opening:
    """What the first screen shows, and how the database stood just before it was read."""

    pulse: Pulse
    page: RequestPage
    known: Known


class Ahead:
    """A read that is under way."""

    def __init__(self, pid: int, pipe: BinaryIO) -> None:
        self._pid, self._pipe = pid, pipe

    def take(self) -> Opening | None:
        """What was read, waiting for it; None when it could not be."""
        from core import RequestPage  # noqa: F401 - what comes is made of it: imported while the other process still reads

        found = self._next()
        if isinstance(found, Opening):
            return found
        self._end()
        return None

    def counts(self) -> Tally | None:
        """How many requests there are, which among a million takes as long as all else together; asked for after `take`, and once."""
        from core import Tally

        found = self._next()
        self._end()
        return found if isinstance(found, Tally) else None

    def _next(self) -> object:
        try:
            return pickle.load(self._pipe)  # noqa: S301 - from a copy of ourselves, through a pipe of ours
        except (EOFError, pickle.UnpicklingError):
            return None

    def _end(self) -> None:
        self._pipe.close()
        os.waitpid(self._pid, 0)


def begin(desk: Desk) -> Ahead | None:
    """Start reading, where there is a second processor to do it."""
    if _processors() < 2:
        return None
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return Ahead(pid, open(reader, "rb", closefd=True))
    os.close(reader)
    return _apart(lambda: _hand_over(desk, writer))


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _apart(work: Callable[[], None]) -> NoReturn:
    """Do it in the copy and end there: nothing of the copy's may reach the terminal, and no code of the original's runs on in it."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        work()
    finally:
        os._exit(0)


def _hand_over(desk: Desk, writer: int) -> None:
    with open(writer, "wb") as pipe:
        pickle.dump(opening(desk), pipe, pickle.HIGHEST_PROTOCOL)
        pipe.flush()  # the rows do not wait for the counts
        pickle.dump(counts(desk), pipe, pickle.HIGHEST_PROTOCOL)


def opening(desk: Desk) -> Opening:
    """What the first screen shows. Raises KvkkError."""
    from kvkk_tui.sift import Sift

    pulse = desk.requests.pulse(desk.actor)
    return Opening(pulse, desk.requests.list(desk.actor, Sift().wanted()), known(desk))


def counts(desk: Desk) -> Tally:
    """How many open requests there are, and how they stand. Raises KvkkError."""
    from kvkk_tui.sift import Sift

    return desk.requests.tally(desk.actor, Sift().wanted())


def known(desk: Desk) -> Known:
    """The database's name and the settings that the console obeys. Raises KvkkError."""
    get = desk.settings.get
    actor = desk.actor
    book = desk.staff.list(actor)
    return Known(
        database=desk.label,
        zone=get(actor, "timezone"),
        near=int(get(actor, "near-days")),
        language=get(actor, "language"),
        account=book.account,
        role=book.role.value,
        open=book.open,
    )
