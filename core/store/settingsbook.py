"""The settings as the database holds them: only what differs from its default has a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, select

from core import settings
from core.errors import KvkkError
from core.locale import translator
from core.model.records import SettingRow
from core.store import tables
from core.store.upsert import keep

if TYPE_CHECKING:
    from core.store.engine import Unit

_VALUE = select(tables.settings.c.value).where(tables.settings.c.key == bindparam("the_key"))
"""Built once: every verb asks for several."""


class SettingsBook:
    """Reads and writes settings on an open connection; holds no state, so that another clerk's change counts at once."""

    def get(self, conn: Connection, key: str) -> Any:
        """Typed value (bool, int, str, None). Raises NotFound `unknown-setting`, UsageError for a row edited by hand."""
        default = settings.setting(key).default
        stored = conn.execute(_VALUE, {"the_key": key}).scalar_one_or_none()
        return settings.value(key, default if stored is None else stored)

    def reader(self, conn: Connection) -> Callable[[str], Any]:
        """`get` for a unit of work that asks for many settings: one look at the table. Raises as `get`."""
        stored = {row.key: row.value for row in conn.execute(select(tables.settings.c.key, tables.settings.c.value))}
        return lambda key: settings.value(key, stored.get(key, settings.setting(key).default))

    def set(self, unit: Unit, key: str, text: str) -> tuple[str, str]:
        """Keep what a person typed; returns (canonical text before, canonical text now)."""
        canonical = settings.parse(key, text)
        before = self.text(unit.conn, key)
        fresh = {"value": canonical, "changed_at": unit.at, "changed_by": str(unit.actor)}
        keep(unit.conn, tables.settings, {"key": key}, fresh)
        return before, canonical

    def reset(self, unit: Unit, key: str) -> tuple[str, str]:
        """Back to the default; returns (canonical text before, default)."""
        default = settings.setting(key).default
        before = self.text(unit.conn, key)
        unit.conn.execute(delete(tables.settings).where(tables.settings.c.key == key))
        return before, default

    def rows(self, conn: Connection, language: str) -> tuple[SettingRow, ...]:
        """Every setting with its value, in the order of the handbook, labelled in `language`."""
        _ = translator(language)
        stored = {row.key: row.value for row in conn.execute(select(tables.settings.c.key, tables.settings.c.value))}
        return tuple(
            SettingRow(
                key=one.key,
                value=stored.get(one.key, one.default),
                default=one.default,
                is_default=stored.get(one.key, one.default) == one.default,
                allowed=one.allowed,
                label=_(one.label),
                is_document=one.is_document,
            )
            for one in settings.SETTINGS
        )

    def odd(self, conn: Connection) -> tuple[str, ...]:
        """Keys whose stored value is not the canonical text that `set` writes: edited by hand, or of another version."""
        return tuple(row.key for row in conn.execute(select(tables.settings.c.key, tables.settings.c.value)) if not _canonical(*row))

    def text(self, conn: Connection, key: str) -> str:
        """Canonical text that counts now."""
        stored = conn.execute(select(tables.settings.c.value).where(tables.settings.c.key == key)).scalar_one_or_none()
        return settings.setting(key).default if stored is None else stored


def _canonical(key: str, text: str) -> bool:
    try:
        return settings.parse(key, text) == text
    except KvkkError:
        return False
