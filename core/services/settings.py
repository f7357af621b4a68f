"""The settings as people read and change them. Every change is one audit entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import settings
from core.model.records import Actor, Role, SettingChange, SettingRow
from core.services.context import persistent
from core.services.gate import needs
from core.store import consents

if TYPE_CHECKING:
    from core.services.context import Context
    from core.store.engine import Unit


class SettingsService:
    """The verbs of `kvkk settings`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def list(self, actor: Actor, language: str) -> tuple[SettingRow, ...]:
        """Every setting, labelled in `language`."""
        with self._context.reading() as conn:
            return self._context.settings.rows(conn, language)

    @needs(Role.VIEWER)
    def get(self, actor: Actor, key: str) -> str:
        """Canonical text of one (`on`, `30`, `""` for unset). Raises NotFound `unknown-setting`."""
        settings.setting(key)
        with self._context.reading() as conn:
            return self._context.settings.text(conn, key)

    @needs(Role.ADMIN)
    @persistent
    def set(self, actor: Actor, key: str, text: str) -> SettingChange:
        """Change one. Raises NotFound `unknown-setting`, UsageError `bad-setting-value`."""
        settings.parse(key, text)
        with self._context.writing(actor) as unit:
            before, now = self._context.settings.set(unit, key, text)
            return self._changed(unit, "settings.set", key, before, now)

    @needs(Role.ADMIN)
    @persistent
    def reset(self, actor: Actor, key: str) -> SettingChange:
        """Back to the default. Raises NotFound `unknown-setting`."""
        settings.setting(key)
        with self._context.writing(actor) as unit:
            before, now = self._context.settings.reset(unit, key)
            return self._changed(unit, "settings.reset", key, before, now)

    def _changed(self, unit: Unit, verb: str, key: str, before: str, now: str) -> SettingChange:
        # Words of the company (an address, an e-mail) stay out of the chain: it can never forget them.
        told = {} if settings.setting(key).is_text else {"before": before, "now": now}
        unit.record(verb, None, key=key, **told)
        locks = key == "enforce-consent" and now == "on"
        locked_out = consents.missing_count(unit.conn, self._context.atlas) if locks else None
        return SettingChange(key, before, now, locked_out)
