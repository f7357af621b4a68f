"""The settings as people read and change them. Every change is one audit entry.

Switching `second-person` off takes two admins: the first proposes, and it counts when another gives the same command in time.
A text that customers are shown is a setting too, but kept in versions: setting or resetting it makes a new one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core import settings
from core.errors import Refused, UsageError
from core.locale import LANGUAGES
from core.model import documents
from core.model.records import Actor, Role, SettingChange, SettingRow, TextKind, person_of
from core.services.context import persistent
from core.services.gate import needs
from core.store import consenttexts, proposals, staff

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.services.context import Context
    from core.store.engine import Unit

SECOND_PERSON = "second-person"
TWO_ADMINS = {SECOND_PERSON: "off"}
"""Settings and the value that one admin alone cannot give them."""
ADMINS = 2
GATE = frozenset({"enabled", "enforce-consent", "consent-renewal", TextKind.CONSENT.setting})
"""Settings by which the access gate may begin to refuse customers for want of consent."""
NAMING = frozenset({"company-name", "company-address", "company-mersis", "company-kep", "company-email"})
"""Settings that the built-in texts quote."""
TEXTS = {kind.setting: kind for kind in TextKind}


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
    def get(self, actor: Actor, key: str, language: str | None = None) -> str:
        """Canonical text of one (`on`, `30`, `""` for unset). Raises NotFound `unknown-setting`.

        Of a text the words themselves, in `language` (None: that of the setting `language`).
        """
        settings.setting(key)
        with self._context.reading() as conn:
            if key in TEXTS:
                return consenttexts.text(conn, TEXTS[key], language or self._context.settings.text(conn, "language")).text
            return self._context.settings.text(conn, key)

    @needs(Role.ADMIN)
    @persistent
    def set(self, actor: Actor, key: str, text: str, language: str | None = None) -> SettingChange:
        """Change one, or propose it where it takes two admins. Raises NotFound `unknown-setting`, UsageError `bad-setting-value`,
        `document-…`, `no-such-language`, Refused `proposal-own`, `second-admin-missing`.

        `language` is what a text is written in (None: that of the setting `language`); the other languages are carried over.
        """
        if settings.setting(key).is_document:
            return self._write(actor, key, documents.checked(key, text), language)
        if language is not None:
            raise UsageError("language-not-for-setting", key=key)
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
        """Back to the default, or proposed as `set` does; of a text, a new version that is the built-in one.

        Raises NotFound `unknown-setting`, Refused as `set`.
        """
        found = settings.setting(key)
        with self._context.writing(actor) as unit:
            if found.is_document:
                fresh = consenttexts.as_built(unit.conn, TEXTS[key])
                return self._new_version(unit, "settings.reset", key, consenttexts.change(unit, TEXTS[key], fresh, own=False))
            proposed = self._propose(unit, key, found.default)
            if proposed is not None:
                return proposed
            before, now = self._context.settings.reset(unit, key)
            return self._changed(unit, "settings.reset", key, before, now)

    def _write(self, actor: Actor, key: str, text: str, language: str | None) -> SettingChange:
        if language is not None and language not in LANGUAGES:
            raise UsageError("no-such-language", allowed=LANGUAGES)
        with self._context.writing(actor) as unit:
            spoken = language or str(self._context.settings.get(unit.conn, "language"))
            versions = consenttexts.change(unit, TEXTS[key], {spoken: text})
            carried = tuple(one for one in LANGUAGES if one != spoken)
            return self._new_version(unit, "settings.set", key, versions, carried)

    def _new_version(self, unit: Unit, verb: str, key: str, versions: tuple[int, int], carried: tuple[str, ...] = ()) -> SettingChange:
        before, now = versions
        said = consenttexts.texts(unit.conn, TEXTS[key])
        hashes = {f"sha256_{language}": one.sha256 for language, one in said.items()}
        unit.record(verb, None, key=key, before=str(before), now=str(now), **hashes)
        return SettingChange(key, str(before), str(now), self._locked_out(unit.conn, key), carried=carried if now != before else ())

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
            raise Refused(
                "proposal-own", key=key, value=wanted, until=waiting.until.astimezone(self._context.zone(unit.conn)).date().isoformat()
            )
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
            locked_out=self._locked_out(conn, key),
            withdrawn=waiting if waiting is not None and waiting.value != now else None,
            approvers=staff.count(conn, Role.OPERATOR) if switched_on == SECOND_PERSON else None,
            admins=staff.count(conn, Role.ADMIN) if switched_on == SECOND_PERSON else None,
            stale=tuple(kind.setting for kind in TextKind if consenttexts.is_stale(conn, kind)) if key in NAMING else (),
        )

    def _locked_out(self, conn: Connection, key: str) -> int | None:
        """How many customers want of consent locks out now; None when the gate asks for none, or the change has nothing to do with it."""
        asks = key in GATE and all(self._context.settings.get(conn, switch) for switch in ("enforce-consent", "enabled"))
        if not asks:
            return None
        from core.store import consents  # every command asks for its language here; what consent needs is loaded by whom it concerns

        return consents.locked_out(conn, self._context.atlas)
