"""What every service is given: the database, the key file, the settings, the data map, the clock. Made once, by the desk."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, wraps
from threading import Event, Thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from core.errors import KvkkError, NotAllowed, Unavailable
from core.model.records import Channel, Visitor
from core.store import keybook, staff
from core.store.audit import sealer

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

    from core.model.records import Actor, Role
    from core.store.atlas import Atlas
    from core.store.audit import Sealer
    from core.store.engine import Store, Unit
    from core.store.keyring import Keyring
    from core.store.settingsbook import SettingsBook
    from core.store.stonefile import StoneFile
    from core.store.stonewatch import Watch


RENEW_AFTER_S = 60
"""So often a lease is renewed that would end in ten minutes."""
TRIES = 4
PAUSE_MS = 150
FRESH_MOST = 10_000
"""So many messages of this process may be sent at once; older ones are left to `kvkk run`."""
AGAIN = frozenset({"database-contention", "constraint", "key-moved"})
"""Failures that undid everything and may not come again: a deadlock, two who made the same row, a key rotated meanwhile."""
Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def persistent(verb: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """A verb that is one transaction: begun anew when the database gave it up for somebody else's sake."""

    @wraps(verb)
    def carried_out(*args: Arguments.args, **more: Arguments.kwargs) -> Answer:
        for _ in range(TRIES - 1):
            try:
                return verb(*args, **more)
            except KvkkError as error:
                if error.code not in AGAIN:
                    raise
                pause()
        return verb(*args, **more)

    return carried_out


def pause() -> None:
    """A short time of random length: two who collided must not meet again."""
    time.sleep(secrets.randbelow(PAUSE_MS) / 1000)


@contextmanager
def beating(renew: Callable[[], bool], every_s: float = RENEW_AFTER_S) -> Iterator[None]:
    """A lease kept alive by a thread of its own while the block is one long read: it dies with the process, and so does the lease.

    `renew` says whether the lease is still ours; once it is not, the thread ends, and whoever renews next hears so.
    """
    over = Event()

    def beat() -> None:
        while not over.wait(every_s):
            with suppress(KvkkError):  # locked or away at this moment: it is tried again before the lease ends
                if not renew():
                    return

    thread = Thread(target=beat, name="kvkk-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()  # no renewal of it may meet the next one


def _nothing() -> None:
    return None


@dataclass
class Context:
    """Collaborators of the services."""

    store: Store
    keyring: Keyring
    settings: SettingsBook
    load_atlas: Callable[[], Atlas]
    """Called at most once, by the first verb that needs the data map."""
    clock: Callable[[], datetime]
    load_stones: Callable[[], StoneFile]
    """Called at most once, by the first verb that touches tombstones outside the database: most load nothing of them."""
    require: Callable[[Connection], None] | None = None
    """Asked once, on the first connection: are our tables there and current? None for the verbs that make them."""
    lenient: bool = False
    """For verbs that may meet no database yet, or one without our tables: nobody is registered as staff there."""
    between: Callable[[], None] = _nothing
    """Called by verbs that do many things, between two of them and outside any transaction: keeps the lease of a run alive.
    Raises Conflict `lease-lost`."""
    fresh: deque[str] = field(default_factory=lambda: deque(maxlen=FRESH_MOST))
    """Message-IDs of what this process has queued and committed, and not tried to send yet."""
    _atlas: Atlas | None = None

    @property
    def atlas(self) -> Atlas:
        """The data map beside the live schema. Raises MapError, UsageError (no map named)."""
        if self._atlas is None:
            self._atlas = self.load_atlas()
        return self._atlas

    @cached_property
    def stones(self) -> StoneFile:
        """Tombstones outside the database."""
        return self.load_stones()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One read snapshot."""
        with self.store.reading() as conn:
            self._require(conn)
            yield conn

    @contextmanager
    def writing(self, actor: Actor, seal: Sealer | None = None) -> Iterator[Unit]:
        """One write transaction whose audit entries are signed with the current key, unless `seal` does it in another way."""
        with self.store.writing(actor, seal or sealer(self.keyring.if_present)) as unit:
            self._require(unit.conn)
            yield unit
        self.fresh.extend(unit.messages)
        if unit.outside:
            with suppress(KvkkError):  # `doctor` says that the file is behind, and `kvkk run` brings it up
                self.keep_outside(unit.outside)

    def _require(self, conn: Connection) -> None:
        if self.require is not None:
            self.require(conn)
            self.require = None

    def keep_outside(self, own: Sequence[int] = (), *, requests: Sequence[int] = (), whole: bool = False) -> int:
        """Bring the tombstone file up to the table; returns how many lines came. Raises Unavailable `tombstones-…`, KeyFileError.

        `own`, `requests`: rows, and requests of rows, that were just committed.
        """
        from core.store import tombstones

        with self.reading() as conn:
            own = [*own, *tombstones.ids_of(conn, requests)] if requests else own
            current = keybook.current(conn)
            if current is None:  # nothing was keyed yet
                return 0
            key = self.keyring.holding(conn, current)
            return self.stones.sync(conn, key, self.keyring.if_present, self.clock(), own=own, whole=whole)

    def watch(self) -> Watch | None:
        """What the tombstone file knows of the audit chain; to be asked before the chain is read, or the file may know more.

        None: nothing, or it cannot be read, which `doctor` says.
        """
        from core.store.stonewatch import Watch

        try:
            lines = self.stones.read(self.keyring.if_present).lines
        except Unavailable:
            return None
        return Watch(lines) if lines else None

    def permit(self, actor: Actor, role: Role) -> None:
        """Raises NotAllowed `only-staff`, `not-staff`, `role-too-low` unless the actor has this role or a higher one: one indexed read."""
        if isinstance(actor, Visitor):
            raise NotAllowed("only-staff")
        if self.lenient and self.store.file is not None and not self.store.file.exists():
            return
        with self.reading() as conn:
            if not self.lenient or staff.is_there(conn):
                staff.require(conn, actor, role)

    def customers_may(self, conn: Connection, channel: Channel) -> None:
        """Raises NotAllowed `customers-off` for what customers do themselves while the setting `enabled` is off."""
        if channel is Channel.PANEL and not self.settings.get(conn, "enabled"):
            raise NotAllowed("customers-off")

    def today(self, conn: Connection) -> date:
        """The calendar day in the set time zone."""
        return self.day(self.zone(conn))

    def day(self, zone: ZoneInfo) -> date:
        """The calendar day in a time zone."""
        return self.clock().astimezone(zone).date()

    def zone(self, conn: Connection) -> ZoneInfo:
        """The set time zone."""
        from zoneinfo import ZoneInfo

        return ZoneInfo(self.settings.get(conn, "timezone"))
