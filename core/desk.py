"""The one place that wires: which database, its key file, its map, its clock, and the services on top.

Nothing is opened before a verb needs it; the services stand in `core.rooms`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from core.config import Target, find
from core.errors import KvkkError, UsageError
from core.rooms import Rooms

if TYPE_CHECKING:
    from core.model.datamap import DataMap
    from core.model.records import Actor, Delivery, Visitor
    from core.services.automation import Automation
    from core.services.context import Context
    from core.services.maps import Maps
    from core.services.upkeep import Upkeep
    from core.store.atlas import Atlas
    from core.store.engine import Store
    from core.store.stonefile import StoneFile

SHIPPED = Path(__file__).parent / "maps"
MAP_MOST = 4 << 20


def open_desk(
    db: str | None,
    map_: str | None,
    env: Mapping[str, str],
    cwd: Path,
    *,
    actor: Actor | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Desk:
    """The desk of one database. Raises UsageError when none is named or the configuration is wrong; connects to nothing."""
    return Desk(find(db, map_, env, cwd), actor=actor, clock=clock)


class Desk(Rooms):
    """Everything staff can do with one database. A context manager: leaving it gives the connections back."""

    def __init__(self, target: Target, *, actor: Actor | None = None, clock: Callable[[], datetime] | None = None) -> None:
        self.target = target
        self.source = target.source
        self.language = target.language
        self._actor = actor
        self._clock = clock or (lambda: datetime.now(UTC))
        self._real_clock = clock is None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give every connection back."""
        if "store" in self.__dict__:
            self.store.close()

    @cached_property
    def actor(self) -> Actor:
        """The real person at this terminal."""
        from core.actor import real_actor

        return self._actor or real_actor()

    @cached_property
    def store(self) -> Store:
        from core.store.engine import Store, parse_url

        url = parse_url(self.target.database)
        if self.target.password is not None:
            url = url.set(password=self.target.password)
        return Store(url, self._clock)

    @property
    def label(self) -> str:
        """The database's name for headers and confirmations; never a password."""
        return self.store.label

    @property
    def key_file(self) -> Path:
        return self.target.key_file

    @property
    def key_made(self) -> bool:
        """Whether this process has made the key file: the front says its place once."""
        return self.context.keyring.made

    @cached_property
    def context(self) -> Context:
        from core.store.migrate import require_current

        return self._context(require_current)

    def _context(self, require: Callable[..., None] | None) -> Context:
        from core.services.context import Context
        from core.store.keyring import Keyring
        from core.store.settingsbook import SettingsBook

        keyring = Keyring(self.target.key_file)
        load = self._load_atlas, self._clock, self._load_stones
        return Context(self.store, keyring, SettingsBook(), *load, require, lenient=require is None)

    def _load_stones(self) -> StoneFile:
        from core.store.stonefile import StoneFile

        return StoneFile(self.target.tombstone_file, self.target.key_file)

    def _load_atlas(self) -> Atlas:
        from core.store.atlas import Atlas

        return Atlas(sound_map(self.target.map or self._remembered_map()), self.store.name)

    def _remembered_map(self) -> str:
        """The map that `init` was given. Raises UsageError `no-map`."""
        from core.store import meta

        with self.context.reading() as conn:
            found = meta.read(conn, "map")
        if found is None:
            raise UsageError("no-map")
        return found

    @cached_property
    def automation(self) -> Automation:
        """`kvkk run`: its jobs in their order; what they queue is sent by the one that sends."""
        from core.services.automation import Automation, Job
        from core.store.clocks import server_clock

        jobs = (
            Job("holds", self.holds.finish, by_date=True),
            Job("auto-resolve", self.auto.resolve_ripe, by_date=True),
            Job("reminders", self.deadlines.remind),
            Job("messages", self.notices.job),
            Job("scrub", self.scrubs.job),
            Job("leftovers", self.tidy.sweep),
            Job("retention", self.retention.purge, by_date=True),
            Job("report", self.reports.make_due, by_date=True),
            Job("tombstones", self.replay.job),
            Job("blacklist", self.blacklist.purge, by_date=True),
            Job("keys", self.keys.tidy),
        )
        # A clock that was put in stands for the server's too: it would differ from any other.
        return Automation(self.context, jobs, server_clock if self._real_clock else lambda _: self._clock())

    def post(self, visitor: Visitor | None = None) -> Delivery | None:
        """Try to send at once what the verbs of this desk have queued; None when there is nothing. Never raises a KvkkError.

        A front calls it when its verbs are done: it may take some seconds. What does not go out waits for `kvkk run`.
        `visitor`: what was queued was a customer's doing.
        """
        from core.model.records import Delivery, Refusal

        if "context" not in self.__dict__ or not self.context.fresh:
            return None
        try:
            return self.notices.post(self.actor) if visitor is None else self.notices.post_for(visitor)
        except KvkkError as error:
            return Delivery(trouble=Refusal(error.code, int(error.exit_code), tuple(error.facts.items())))

    def hand_mail_to(self, other: Desk) -> None:
        """What this desk's verbs have queued will be sent by the other desk's `post`; both are of one database."""
        if "context" in self.__dict__:
            while self.context.fresh:
                other.context.fresh.append(self.context.fresh.popleft())

    @cached_property
    def maps(self) -> Maps:
        from core.services.maps import Maps

        return Maps(self._context(None))  # a map can be checked before `init` has made our tables

    @cached_property
    def upkeep(self) -> Upkeep:
        """`init`, `upgrade`, `doctor`: they may meet a database without our tables."""
        from core.sample import create_schema
        from core.services.doctor import findings
        from core.services.upkeep import Upkeep

        context = self._context(None)
        return Upkeep(context, create_schema, sound_map, partial(findings, context))


def sound_map(name: str) -> DataMap:
    """A map that is sound in itself. Raises MapError with every problem, and as `read_map`."""
    from core.model.mapfile import load

    text, known_as = read_map(name)
    return load(text, known_as)


def read_map(name: str) -> tuple[str, str]:
    """(text, name for errors) of a map file or of a map that ships. Raises UsageError `map-missing-file`, `map-unreadable`."""
    shipped = SHIPPED / f"{name}.toml"
    path = shipped if "/" not in name and "\\" not in name and shipped.is_file() else Path(name).expanduser()
    try:
        if path.stat().st_size > MAP_MOST:
            raise UsageError("map-unreadable", path=str(path))
        return path.read_text(encoding="utf-8"), path.name
    except FileNotFoundError:
        names = tuple(sorted(p.stem for p in SHIPPED.glob("*.toml")))
        raise UsageError("map-missing-file", path=str(path), allowed=names) from None
    except (OSError, UnicodeDecodeError):
        raise UsageError("map-unreadable", path=str(path)) from None
