"""The settings as people read and change them. Every change is one audit entry.

Switching `second-person` off takes two admins: the first proposes, and it counts when another gives the same command in time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core import settings
from core.errors import Refused
from core.model.records import Actor, Role, SettingChange, SettingRow, person_of
from core.services.context import persistent
from core.services.gate import needs
from core.store import consents, proposals, staff

if TYPE_CHECKING:
    from core.services.context import Context
    from core.store.engine import Unit

SECOND_PERSON = "second-person"
TWO_ADMINS = {SECOND_PERSON: "off"}
"""Settings and the value that one admin alone cannot give them."""
ADMINS = 2


class SettingsService:
    """The verbs of `kvkk settings`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def list(self, actor: Actor, language: str) -> tuple[SettingRow, ...]:
        """Every setting, labelled in `language`, with what waits for a second admin."""
        with self._context.reading() as conn:
            waiting = proposals.pending(conn, self._context.clock())
            rows = self._context.settings.rows(conn, language)
            return tuple(replace(row, proposed=waiting.get(row.key)) for row in rows)

    @needs(Role.VIEWER)
    def get(self, actor: Actor, key: str) -> str:
        """Canonical text of one (`on`, `30`, `""` for unset). Raises NotFound `unknown-setting`."""
        settings.setting(key)
        with self._context.reading() as conn:
            return self._context.settings.text(conn, key)

    @needs(Role.ADMIN)
    @persistent
    def set(self, actor: Actor, key: str, text: str) -> SettingChange:
        """Change one, or propose it where it takes two admins. Raises NotFound `unknown-setting`, UsageError `bad-setting-value`,
        Refused `proposal-own`, `second-admin-missing`."""
        wanted = settings.parse(key, text)
        with self._context.writing(actor) as unit:
            proposed = self._propose(unit, key, wanted)
            if proposed is not None:
                return proposed
            before, now = self._context.settings.set(unit, key, text)
            return self._changed(unit, "settings.set", key, before, now)

    @needs(Role.ADMIN)
    @persistent
    def reset(self, actor: Actor, key: str) -> SettingChange:
        """Back to the default, or proposed as `set` does. Raises NotFound `unknown-setting`, Refused as `set`."""
        wanted = settings.setting(key).default
        with self._context.writing(actor) as unit:
            proposed = self._propose(unit, key, wanted)
            if proposed is not None:
                return proposed
            before, now = self._context.settings.reset(unit, key)
            return self._changed(unit, "settings.reset", key, before, now)

    def _propose(self, unit: Unit, key: str, wanted: str) -> SettingChange | None:
        """The proposal, where a second admin must say the same first; None when the change may be made now."""
        if TWO_ADMINS.get(key) != wanted:
            return None
        staff.stand_in_line(unit.conn)
        now = self._context.settings.text(unit.conn, key)
        waiting = proposals.pending(unit.conn, unit.at).get(key)
        if now == wanted or (waiting is not None and person_of(waiting.by) != unit.actor.person):
            return None
        if waiting is not None:
            raise Refused("proposal-own", key=key, value=wanted, until=waiting.until.date().isoformat())
        admins = staff.count(unit.conn, Role.ADMIN)
        if admins < ADMINS:
            raise Refused("second-admin-missing", key=key, value=wanted, admins=admins)
        unit.record("settings.propose", None, key=key, before=now, value=wanted)
        return SettingChange(key, now, now, proposed=proposals.put(unit, key, wanted))

    def _changed(self, unit: Unit, verb: str, key: str, before: str, now: str) -> SettingChange:
        # Words of the company (an address, an e-mail) stay out of the chain: it can never forget them.
        told = {} if settings.setting(key).is_text else {"before": before, "now": now}
        waiting = proposals.pending(unit.conn, unit.at).get(key) if key in TWO_ADMINS else None
        if waiting is not None:
            told["proposed_by"] = waiting.by
            proposals.drop(unit, key)
        unit.record(verb, None, key=key, **told)
        conn, switched_on = unit.conn, key if now == "on" else ""
        return SettingChange(
            key,
            before,
            now,
            locked_out=consents.missing_count(conn, self._context.atlas) if switched_on == "enforce-consent" else None,
            withdrawn=waiting if waiting is not None and waiting.value != now else None,
            approvers=staff.count(conn, Role.OPERATOR) if switched_on == SECOND_PERSON else None,
            admins=staff.count(conn, Role.ADMIN) if switched_on == SECOND_PERSON else None,
        )
