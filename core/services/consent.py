"""Consent (yetkilendirme onayı): one row, one audit entry. Rows are only added; the latest word counts.

Reading the notice (aydınlatma) is recorded apart and opens nothing. A word names the version of the text it answers, and that text is
kept from then on. Refused: a word that changes nothing, a day in the future, and an older word after a later one, which it must not undo.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.errors import Conflict, NotAllowed, NotFound
from core.locale import LANGUAGES
from core.model import lifecycle
from core.model.records import (
    Actor,
    Channel,
    ConsentDetail,
    ConsentFilter,
    ConsentPage,
    ConsentPart,
    ConsentRow,
    ConsentStatus,
    ConsentText,
    Gate,
    Regime,
    Role,
    TextKind,
    Visitor,
)
from core.model.words import checked
from core.services.context import persistent
from core.services.gate import for_customers, needs
from core.store import attempts, consentlist, consents, consenttexts, customers, gatekeeper, owned, requests, tables

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

    from core.services.context import Context

VERBS = {(TextKind.CONSENT, True): "consent.give", (TextKind.CONSENT, False): "consent.withdraw", (TextKind.NOTICE, True): "notice.read"}


@dataclass(frozen=True, slots=True)
class Word:
    """What a customer said, and how it came in."""

    kind: TextKind = TextKind.CONSENT
    given: bool = True
    channel: Channel = Channel.OTHER
    received_on: date | None = None
    """When it came in; None: now."""
    verified_by: str | None = None
    """How the identity was verified."""
    version: int | None = None
    """Which version it answers; None: the one in force when it came in."""
    seen: int | None = None
    """The version that stood before the customer's eyes, which must still be the one in force; None: nobody asks."""
    language: str | None = None
    """The language it was read in; None: the customer's."""


class ConsentService:
    """The verbs of `kvkk consent`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.OPERATOR)
    def give(
        self,
        actor: Actor,
        customer: str,
        channel: Channel = Channel.OTHER,
        *,
        received_on: date | None = None,
        verified_by: str | None = None,
        version: int | None = None,
    ) -> ConsentStatus:
        """Record that the customer accepts the text. Raises NotFound, UsageError, Conflict `consent-given`, `consent-later-word`."""
        return self._put(actor, customer, Word(TextKind.CONSENT, True, channel, received_on, verified_by, version))

    @needs(Role.OPERATOR)
    def withdraw(
        self,
        actor: Actor,
        customer: str,
        channel: Channel = Channel.OTHER,
        *,
        received_on: date | None = None,
        verified_by: str | None = None,
    ) -> ConsentStatus:
        """Record that the customer withdraws it. Raises NotFound, UsageError, Conflict `consent-not-given`, `consent-later-word`."""
        return self._put(actor, customer, Word(TextKind.CONSENT, False, channel, received_on, verified_by))

    @needs(Role.OPERATOR)
    def notice(
        self,
        actor: Actor,
        customer: str,
        channel: Channel = Channel.OTHER,
        *,
        received_on: date | None = None,
        verified_by: str | None = None,
        version: int | None = None,
    ) -> ConsentStatus:
        """Record that the customer has read the notice. Raises NotFound, UsageError, Conflict `notice-read`."""
        return self._put(actor, customer, Word(TextKind.NOTICE, True, channel, received_on, verified_by, version))

    @for_customers
    def answer(
        self, visitor: Visitor, customer: str, kind: TextKind, *, given: bool = True, seen: int | None = None, language: str | None = None
    ) -> ConsentStatus:
        """The customer's own word at the panel: accepts, withdraws, has read. `customer` is the key that the sign-in proved; `seen` and
        `language` say which text was before the customer's eyes.

        Raises NotAllowed `customers-off`, `session-over` (blocked meanwhile), `too-many-attempts`, Conflict `text-changed`, and as
        `give`, `withdraw` and `notice`.
        """
        return self._put(visitor, customer, Word(kind, given, Channel.PANEL, seen=seen, language=language))

    @needs(Role.VIEWER)
    def show(self, actor: Actor, customer: str) -> ConsentDetail:
        """What counts now and what was said, also by somebody who was erased. Raises NotFound, UsageError."""
        with self._context.reading() as conn:
            key, whose = self._whose(conn, customer)
            read = consents.history(conn, whose, TextKind.NOTICE)
            return ConsentDetail(
                row=consents.status(conn, key),
                current_version=consenttexts.current_version(conn, TextKind.CONSENT),
                notice=read[0] if read else None,
                history=consents.history(conn, whose),
            )

    @needs(Role.VIEWER)
    def list(self, actor: Actor, wanted: ConsentFilter = ConsentFilter.ALL, *, after: str | None = None, limit: int = 50) -> ConsentPage:
        """Who has accepted and who has not. `after` is the cursor of the page before. Raises UsageError `bad-limit`, `bad-cursor`."""
        with self._context.reading() as conn:
            return consentlist.page(conn, self._context.atlas, wanted, after, limit)

    @needs(Role.VIEWER)
    def find(self, actor: Actor, text: str, wanted: ConsentFilter = ConsentFilter.ALL, *, limit: int = 50) -> tuple[ConsentRow, ...]:
        """Customers whom the text fits, as `kvkk customers find` does, at most `limit`; of these whom the filter leaves.

        Raises UsageError `bad-limit`, `customer-malformed`.
        """
        with self._context.reading() as conn:
            return consentlist.found(conn, self._context.atlas, wanted, text, limit)

    @needs(Role.VIEWER)
    def search(
        self, actor: Actor, text: str, wanted: ConsentFilter = ConsentFilter.ALL, after: tuple[Any, ...] | None = None, limit: int = 50
    ) -> ConsentPart:
        """The same by parts, as `Customers.search` brings them. Raises as `find`."""
        with self._context.reading() as conn:
            return consentlist.part(conn, self._context.atlas, wanted, text, after, limit)

    @needs(Role.VIEWER)
    def text(self, actor: Actor, kind: TextKind, language: str, version: int | None = None) -> ConsentText:
        """A version (None: the one in force) as customers see it. Raises NotFound `no-such-text-version`."""
        with self._context.reading() as conn:
            return consenttexts.text(conn, kind, language, version)

    @needs(Role.VIEWER)
    def texts(self, actor: Actor, kind: TextKind) -> tuple[ConsentText, ...]:
        """Every version that ever was, newest first."""
        with self._context.reading() as conn:
            return consenttexts.versions(conn, kind)

    @for_customers
    def shown(self, visitor: Visitor, kind: TextKind, language: str) -> ConsentText:
        """The text in force, for the panel."""
        with self._context.reading() as conn:
            return consenttexts.text(conn, kind, language)

    @persistent
    def _put(self, actor: Actor, customer: str, word: Word) -> ConsentStatus:
        words = checked("verified_by", word.verified_by)
        with self._context.writing(actor) as unit:
            self._context.customers_may(unit.conn, word.channel)
            today = self._context.today(unit.conn)
            day = lifecycle.receipt(word.received_on, today, Regime.KVKK)
            key = self._locked(unit.conn, actor, customer)
            if isinstance(actor, Visitor):
                attempts.deed(unit, self._context.keyring.obtain(unit.conn), key)
            texts = consenttexts.fix(unit, word.kind, self._version(unit.conn, word))
            shown = texts.get(word.language or self._language(unit.conn, key)) or next(iter(texts.values()))
            if word.seen not in (None, shown.version):
                raise Conflict("text-changed", version=shown.version)
            now = consents.latest(unit.conn, key)
            self._refuse_nothing_new(unit.conn, key, word, shown.version, now)
            self._refuse_older(unit.conn, word, day, now)
            consents.add(
                unit,
                key,
                now,
                kind=word.kind,
                given=word.given,
                channel=word.channel,
                version=shown.version,
                sha256=shown.sha256,
                received_on=word.received_on,
                verified_by=words,
            )
            unit.record(VERBS[word.kind, word.given], None, version=shown.version, channel=word.channel.value)
            return consents.status(unit.conn, key)

    def _locked(self, conn: Connection, actor: Actor, customer: str) -> str:
        """The key, once nobody is resolving a request of this customer any more."""
        key = customers.locate(conn, self._context.atlas, customer)
        requests.wait_for_resolution(conn, key)
        if not customers.exists(conn, self._context.atlas, key):
            raise NotFound("customer-not-found")
        if isinstance(actor, Visitor) and gatekeeper.answer(conn, self._context.atlas, key) is Gate.BLOCKED:
            raise NotAllowed("session-over")
        return key

    def _version(self, conn: Connection, word: Word) -> int | None:
        """A letter of last month answers the text that stood last month, not one that its writer never saw."""
        if word.version is not None or word.received_on is None:
            return word.version
        zone: str = self._context.settings.get(conn, "timezone")
        return consenttexts.version_on(conn, word.kind, word.received_on, ZoneInfo(zone))

    def _language(self, conn: Connection, key: str) -> str:
        own = customers.language(conn, self._context.atlas, key)
        return own if own in LANGUAGES else str(self._context.settings.get(conn, "language"))

    def _refuse_nothing_new(self, conn: Connection, key: str, word: Word, version: int, now: Row[Any] | None) -> None:
        if word.kind is TextKind.NOTICE:
            read = consents.history(conn, tables.consents.c.customer == key, TextKind.NOTICE)
            if any(one.version >= version for one in read):
                raise Conflict("notice-read", version=version)
            return
        if word.given and now is not None and now.given and now.version >= version:
            raise Conflict("consent-given")
        if not word.given and (now is None or not now.given):
            raise Conflict("consent-not-given")

    def _refuse_older(self, conn: Connection, word: Word, day: date, now: Row[Any] | None) -> None:
        """A letter that lay in a drawer must not undo what the customer said since."""
        said = self._day(conn, now) if word.received_on and word.kind is TextKind.CONSENT and now is not None else day
        if said > day:
            raise Conflict("consent-later-word", received=day.isoformat(), until=said.isoformat())

    def _day(self, conn: Connection, row: Row[Any]) -> date:
        zone: str = self._context.settings.get(conn, "timezone")
        said: date = row.received_on or row.at.astimezone(ZoneInfo(zone)).date()
        return said

    def _whose(self, conn: Connection, wanted: str) -> tuple[str | None, ColumnElement[bool]]:
        """(key, None for somebody who was erased; words of that customer)."""
        book = tables.consents
        try:
            key = customers.locate(conn, self._context.atlas, wanted)
        except NotFound:
            whose = owned.of(book, None, owned.subjects(self._context.keyring, wanted))
            if not consents.history(conn, whose):
                self._context.keyring.whole(conn)  # with a key away nobody can say "no such customer"
                raise
            return None, whose
        return key, owned.of(book, key, owned.subjects(self._context.keyring, key))
