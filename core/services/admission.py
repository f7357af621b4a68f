"""What staff do at the door: may an account with these details be opened, give access back, send a link to a new password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Conflict, NotAllowed, NotFound, Refused, UsageError
from core.model.certificate import Addendum, Subject
from core.model.records import Actor, Admission, Details, Gate, ResetSent, Restored, Role
from core.model.tombstone import KINDS, Deed
from core.model.words import checked, needed
from core.services.context import persistent
from core.services.gate import needs
from core.store import blacklist, blocks, certificates, customers, gatekeeper, links, logins, owned, person, requests, tables, tombstones
from core.store.tokens import LIFE, Purpose

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection, Row

    from core.services.context import Context
    from core.store.engine import Unit

DESTROYED = ("mask", "erase")


class AdmissionService:
    """The verbs `kvkk access register`, `restore` and `reset`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def register(self, actor: Actor, details: Details) -> Admission:
        """Whether an account with these details may be opened.

        Raises UsageError `details-empty`, `text-too-long`, `text-unreadable`; KeyFileError: it is never guessed.
        """
        if not details.values:
            raise UsageError("details-empty", allowed=KINDS)
        for kind, value in details.values:
            checked(kind, value)
        with self._context.reading() as conn:
            found = blacklist.listed(conn, self._context.keyring, details.values, self._context.today(conn))
        return Admission(allowed=not found, blacklisted=found)

    @needs(Role.OPERATOR)
    @persistent
    def send_reset(self, actor: Actor, customer: str) -> ResetSent:
        """Send the customer, who asked for it, a link to a new password, to the address that is stored.

        Raises NotFound, UsageError `map-no-sign-in`, `panel-url-unset`; NotAllowed `access-blocked`; Refused `customer-no-address`,
        `account-closed`.
        """
        context = self._context
        logins.require(context.atlas)
        with context.writing(actor) as unit:
            setting = context.settings.reader(unit.conn)
            start = links.base(setting)
            key = customers.locate(unit.conn, context.atlas, customer)
            requests.wait_for_resolution(unit.conn, key)
            if gatekeeper.answer(unit.conn, context.atlas, key) not in (Gate.ALLOWED, Gate.CONSENT_REQUIRED):
                raise NotAllowed("access-blocked")
            if logins.may_enter(unit.conn, context.atlas, key) is None:
                raise Refused("account-closed")
            to = links.recipient(unit.conn, context.atlas, setting, key)
            if to is None:
                raise Refused("customer-no-address")
            links.send(unit, context.keyring, start, Purpose.RESET, to)
            unit.record("access.reset")
            return ResetSent(key, int(LIFE[Purpose.RESET].total_seconds()) // 60)

    @needs(Role.ADMIN)
    @persistent
    def restore(self, actor: Actor, customer: str, reason: str) -> Restored:
        """Undo a block of access that was a mistake. The old password stays dead: the customer asks for a new one.

        Raises UsageError without a reason, NotFound, Conflict `not-blocked`, Refused `restore-destroyed` after a mask or an erase.
        """
        told = needed("reason", reason)
        with self._context.writing(actor) as unit:
            key = self._locate(unit.conn, customer)
            requests.wait_for_resolution(unit.conn, key)
            block = blocks.find(unit.conn, key)
            if block is None:
                raise Conflict("not-blocked")
            row = None if block.request is None else requests.one(unit.conn, block.request)
            if row is not None and row.outcome in DESTROYED:
                raise Refused("restore-destroyed", number=row.number, outcome=row.outcome)
            if not blocks.remove(unit.conn, key):
                raise Conflict("not-blocked")
            given, left = blocks.give_back(unit.conn, self._context.atlas, key, block.before)
            listed = self._write_down(unit, key, row, told)
            unit.record("access.restore", block.request, given_back=list(given), left=list(left))
            return Restored(key, block.request, given, left, listed)

    def _locate(self, conn: Connection, customer: str) -> str:
        """The customer's key. Of one who was erased, a refusal that says so."""
        try:
            return customers.locate(conn, self._context.atlas, customer)
        except NotFound:
            tokens = owned.subjects(self._context.keyring, customer)
            for row in requests.of(conn, owned.of(tables.requests, None, tokens)):
                if row.outcome in DESTROYED:
                    raise Refused("restore-destroyed", number=row.number, outcome=row.outcome) from None
            raise

    def _write_down(self, unit: Unit, key: str, row: Row[Any] | None, told: str) -> int:
        """The reason in the request, an addendum to its certificate, a tombstone so that no replay blocks again.

        Returns how many entries of the blacklist the request made: they stay.
        """
        if row is None:
            return 0
        conn, context = unit.conn, self._context
        note = "\n".join(filter(None, (row.note, f"access restore: {told}")))
        requests.change(unit, row, note=note)
        certificates.append(conn, Addendum(row.number, unit.at, str(unit.actor), Subject.RESTORE))
        witness = person.witness(conn, context.atlas, key)
        tombstones.keep(unit, row.number, key, Deed.OPENED, context.keyring.obtain(conn), witness)
        return blacklist.count(conn, blacklist.BOOK.c.request == row.number, blacklist.live(context.today(conn)))
