"""The outbox (Giden Kutusu): listed, sent, and what staff decide about messages that did not arrive.

A message is claimed in a transaction of its own, handed over, and marked in another: a crash in between loses nothing, and
what may have gone out twice is told as `unknown` first. Nothing of an address is recorded or told.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.adapters import notice
from core.adapters.mail import Mail, Sender, compose
from core.adapters.mailer import STOPPED, Fate, Mailer, Verdict
from core.adapters.smtpline import AT_ONCE, PATIENT, Patience, Server
from core.errors import Exit, KeyFileError, KvkkError, NotFound, Refused, Unavailable, UsageError
from core.model import notices
from core.model.certificate import Controller
from core.model.records import OPEN_MESSAGES, Actor, Delivery, Failure, JobDone, OutboxPage, OutboxRow, Refusal, Role, Visitor
from core.services.context import persistent
from core.services.gate import for_customers, needs
from core.store import mailbag, outbox, templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.services.context import Context

PAGE_MOST = 1000
AT_ONCE_S = 10
"""No further message is begun at once after so many seconds."""
SPOILT = ("sealed-by-another-key", "key-file-old-missing")
"""What is wrong with one message and not with the key file: the others can go out."""
ROW_MOST = 3
"""So many messages in a row whose line broke: it is the server's fault."""


@dataclass(frozen=True, slots=True)
class Office:
    """What the settings say of mail, read once a round."""

    server: Server
    sender: Sender
    controller: Controller
    zone: ZoneInfo
    resend_minutes: int


class Notices:
    """The verbs of `kvkk outbox`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def list(
        self,
        actor: Actor,
        *,
        states: Sequence[str] = OPEN_MESSAGES,
        request: int | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> OutboxPage:
        """Newest first; empty `states`: all. `after` is the cursor of the page before. Raises UsageError `bad-limit`."""
        if not 1 <= limit <= PAGE_MOST:
            raise UsageError("bad-limit", allowed=f"1–{PAGE_MOST}")
        with self._context.reading() as conn:
            rows = mailbag.page(conn, states, request, after, limit + 1)
            count = mailbag.counts(conn)
            setting = self._context.settings.reader(conn)
            is_set = None not in (setting("smtp-host"), setting("mail-from"))
        cursor = rows[limit - 1].id if len(rows) > limit else None
        waiting = count.get("queued", 0) + count.get("sending", 0)
        return OutboxPage(rows[:limit], cursor, waiting, count.get("unknown", 0), count.get("failed", 0), is_set)

    @needs(Role.VIEWER)
    def undelivered(self, actor: Actor) -> tuple[int, ...]:
        """Numbers of requests whose answer waits for a week already: the customer does not know it."""
        with self._context.reading() as conn:
            return outbox.undelivered(conn, self._context.clock())

    @needs(Role.OPERATOR)
    def deliver(self, actor: Actor) -> Delivery:
        """Send everything that is due, over one line. Raises KeyFileError, Unavailable (the database's)."""
        self._context.fresh.clear()
        return self._round(actor, None, PATIENT)

    @needs(Role.OPERATOR)
    def job(self, actor: Actor) -> JobDone:
        """`deliver` as a job of `kvkk run`: without a mail server there is nothing to do. Raises as `deliver`."""
        done, failed = self.deliver(actor), list[Failure]()
        if done.trouble is not None and done.trouble.code != "mail-not-set":
            failed.append(Failure(done.trouble.code, done.trouble.exit_code, done.trouble.facts))
        for code, count in (("messages-refused", done.failed), ("messages-unknown", done.unknown)):
            if count:
                failed.append(Failure(code, int(Exit.PARTLY), (("count", count),)))
        return JobDone(done.sent, done.waiting, tuple(failed))

    @needs(Role.OPERATOR)
    def post(self, actor: Actor) -> Delivery:
        """Send at once what verbs of this process have just queued; what does not go out quickly waits. Raises as `deliver`."""
        return self._just_queued(actor)

    @for_customers
    def post_for(self, visitor: Visitor) -> Delivery:
        """As `post`, for verbs of customers: what they have just queued themselves, and nothing else. Raises as `deliver`."""
        return self._just_queued(visitor)

    def _just_queued(self, actor: Actor) -> Delivery:
        fresh = list[str]()
        while self._context.fresh:  # one by one: other threads may add to it meanwhile
            fresh.append(self._context.fresh.popleft())
        return self._round(actor, tuple(fresh), AT_ONCE)

    @needs(Role.OPERATOR)
    @persistent
    def retry(self, actor: Actor, number: int) -> OutboxRow:
        """Queue a failed, unknown or waiting message anew, under its own Message-ID. Raises NotFound, Conflict `message-…`."""
        with self._context.writing(actor) as unit:
            unit.messages.append(mailbag.again(unit, number))
            return mailbag.one(unit.conn, number)

    @needs(Role.OPERATOR)
    @persistent
    def drop(self, actor: Actor, number: int) -> OutboxRow:
        """Never send it; its address is removed. Raises NotFound, Conflict `message-…`."""
        with self._context.writing(actor) as unit:
            mailbag.drop(unit, number)
            return mailbag.one(unit.conn, number)

    def _round(self, actor: Actor, only: tuple[str, ...] | None, patience: Patience) -> Delivery:
        tally: Counter[Fate] = Counter()
        try:
            office = self._office()
            if only is None:
                self._find_orphans(actor, office)
            with Mailer(office.server, patience) as mailer:
                trouble = Round(self._context, actor, office, mailer, tally).walk(self._due(only, office), only is not None)
        except (UsageError, Unavailable) as error:
            if not error.code.startswith(("mail-", "password-file-")):
                raise
            trouble = error
        with self._context.reading() as conn:
            waiting = mailbag.counts(conn).get("queued", 0)
        told = Refusal(trouble.code, int(trouble.exit_code), tuple(trouble.facts.items())) if trouble else None
        away = tally[Fate.LATER] + tally[Fate.AWAY]
        return Delivery(tally[Fate.SENT], away, tally[Fate.REFUSED], tally[Fate.UNKNOWN], waiting, told)

    def _office(self) -> Office:
        """Raises UsageError `mail-not-set`, `mail-no-sender`."""
        with self._context.reading() as conn:
            setting = self._context.settings.reader(conn)
        server, sender, controller = Server.read(setting), Sender.read(setting), Controller.read(setting)
        named = replace(controller, name=controller.name or sender.address.rpartition("@")[2])
        return Office(server, sender, named, ZoneInfo(setting("timezone")), setting("unknown-resend-minutes"))

    @persistent
    def _find_orphans(self, actor: Actor, office: Office) -> None:
        with self._context.reading() as conn:
            if not mailbag.orphans(conn, self._context.clock()):
                return
        with self._context.writing(actor) as unit:
            for row in mailbag.orphans(unit.conn, unit.at):
                mailbag.bury(unit, row, office.resend_minutes)

    def _due(self, only: tuple[str, ...] | None, office: Office) -> Iterator[int]:
        if only is not None:
            with self._context.reading() as conn:
                found = mailbag.ids_of(conn, only)
            yield from found
            return
        after = 0
        while ids := self._page(after, office):
            yield from ids
            after = ids[-1]

    def _page(self, after: int, office: Office) -> Sequence[int]:
        with self._context.reading() as conn:
            return mailbag.due(conn, self._context.clock(), after, office.resend_minutes)


class Round:
    """One walk over messages that are due."""

    def __init__(self, context: Context, actor: Actor, office: Office, mailer: Mailer, tally: Counter[Fate]) -> None:
        self._context, self._actor, self._office, self._mailer = context, actor, office, mailer
        self._tally = tally
        self._broken = 0

    def walk(self, ids: Iterator[int], at_once: bool) -> KvkkError | None:
        """Send them; returns what keeps the rest from going out. Raises UsageError, Unavailable."""
        begun = time.monotonic()
        for number in ids:
            if at_once and time.monotonic() - begun > AT_ONCE_S:
                return Unavailable("mail-slow")
            self._context.between()
            self._mailer.ready()  # before the claim: while the server is away no message is touched
            verdict = self._one(number)
            if verdict is None:
                continue
            self._tally[verdict.fate] += 1
            if verdict.fate is Fate.AWAY:
                return Unavailable(verdict.code or "", host=self._office.server.host, reply=verdict.reply or 0)
            broke = verdict.fate is Fate.UNKNOWN or verdict.code == "mail-lost"
            self._broken = self._broken + 1 if broke else 0
            if self._broken == ROW_MOST:
                return Unavailable("mail-breaks", host=self._office.server.host)
        return None

    def _one(self, number: int) -> Verdict | None:
        """Claim it, hand it over, mark it. None: it is somebody else's, or cannot be opened any more."""
        try:
            claimed = self._claim(number)
        except KeyFileError as error:
            if error.code not in SPOILT:
                raise
            self._spoil(number, error.code)
            return Verdict(Fate.REFUSED, error.code)
        return None if claimed is None else self._carry(claimed)

    def _carry(self, claimed: mailbag.Claimed) -> Verdict:
        """Hand it over and mark it; an interruption (SIGTERM) marks it by what is known then, and passes through."""
        self._mailer.known = STOPPED
        verdict: Verdict | None = None
        try:
            verdict = self._fate(claimed)
            self._settle(claimed, verdict)
        except KvkkError:
            raise  # of the database: nothing can be marked, and whoever comes next finds the claim
        except BaseException:
            self._settle(claimed, verdict or self._mailer.known)
            raise
        return verdict

    def _fate(self, claimed: mailbag.Claimed) -> Verdict:
        try:
            mail = self._written(claimed)
        except (Refused, NotFound) as error:
            return Verdict(Fate.REFUSED, error.code)
        return self._mailer.send(mail)

    @persistent
    def _claim(self, number: int) -> mailbag.Claimed | None:
        with self._context.writing(self._actor) as unit:
            return mailbag.claim(unit, self._context.keyring, number)

    @persistent
    def _spoil(self, number: int, code: str) -> None:
        with self._context.writing(self._actor) as unit:
            mailbag.spoil(unit, number, code)

    def _written(self, claimed: mailbag.Claimed) -> Mail:
        """Raises Refused `mail-…`, NotFound (an event that this version does not know)."""
        office, of = self._office, notices.event(claimed.event)
        with self._context.reading() as conn:
            template = templates.load(conn, claimed.event, claimed.language)
        facts = {**claimed.fields, "number": claimed.request}
        try:
            values = notice.values(of, facts, claimed.language, office.controller, office.zone)
        except (KeyError, ValueError, TypeError):  # sealed by another version: one message must not hold up the others
            raise Refused("mail-fields") from None
        written = notices.fill(template, values)
        at = self._context.clock().astimezone(office.zone)
        return compose(written, office.sender, claimed.address, claimed.message_id, claimed.language, at)

    @persistent
    def _settle(self, claimed: mailbag.Claimed, verdict: Verdict) -> None:
        with self._context.writing(self._actor) as unit:
            if verdict.fate is Fate.SENT:
                mailbag.sent(unit, claimed)
            elif verdict.fate is Fate.REFUSED:
                mailbag.failed(unit, claimed, verdict.error)
            elif verdict.fate is Fate.UNKNOWN:
                mailbag.uncertain(unit, claimed, verdict.error, self._office.resend_minutes)
            else:
                pause = verdict.fate is Fate.LATER and verdict != STOPPED
                mailbag.later(unit, claimed, verdict.error, pause=pause)
