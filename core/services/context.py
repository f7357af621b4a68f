"""What every service is given: the database, the key file, the settings, the data map, the clock. Made once, by the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from core.store.audit import sealer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.model.records import Actor
    from core.store.atlas import Atlas
    from core.store.engine import Store, Unit
    from core.store.keyring import Keyring
    from core.store.settingsbook import SettingsBook


@dataclass
class Context:
    """Collaborators of the services."""

    store: Store
    keyring: Keyring
    settings: SettingsBook
    load_atlas: Callable[[], Atlas]
    """Called at most once, by the first verb that needs the data map."""
    clock: Callable[[], datetime]
    require: Callable[[Connection], None] | None = None
    """Asked once, on the first connection: are our tables there and current? None for the verbs that make them."""
    _atlas: Atlas | None = None

    @property
    def atlas(self) -> Atlas:
        """The data map beside the live schema. Raises MapError, UsageError (no map named)."""
        if self._atlas is None:
            self._atlas = self.load_atlas()
        return self._atlas

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One read snapshot."""
        with self.store.reading() as conn:
            self._require(conn)
            yield conn

    @contextmanager
    def writing(self, actor: Actor) -> Iterator[Unit]:
        """One write transaction whose audit entries are keyed when a key file exists."""
        with self.store.writing(actor, sealer(self.keyring.if_present)) as unit:
            self._require(unit.conn)
            yield unit

    def _require(self, conn: Connection) -> None:
        if self.require is not None:
            self.require(conn)
            self.require = None

    def today(self, conn: Connection) -> date:
        """The calendar day in the set time zone."""
        from zoneinfo import ZoneInfo

        zone: str = self.settings.get(conn, "timezone")
        return self.clock().astimezone(ZoneInfo(zone)).date()
