"""Opening an account at the panel: a link to the visitor's own address, and then the details.

Nothing tells a visitor whether somebody has an account: whoever asks hears that a message is on its way. A new address gets a link
to go on; the owner of an account a link to a new password; who is on the blacklist, or blocked, gets nothing. Details that are on
the blacklist are refused in words that fit every reason, and use the link up: nobody tries the blacklist out with one link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.adapters import hashing
from core.errors import Conflict, NotAllowed, UsageError
from core.locale import LANGUAGES
from core.model.canonical import fold_email
from core.model.records import FieldAsked, Gate, NewAccount, Session, SignedIn, Visitor
from core.services.context import persistent
from core.services.gate import for_customers
from core.store import attempts, blacklist, customers, gatekeeper, links, logins, newcomers, tokens
from core.store.attempts import MAIL, MAIL_ADDRESS
from core.store.links import Recipient
from core.store.tokens import Purpose

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection

    from core.services.context import Context
    from core.store.engine import Unit

ENTERS = (Gate.ALLOWED, Gate.CONSENT_REQUIRED)
MARK = "register"
"""Purpose of the token that stands for an address."""


class Registration:
    """The verbs of somebody who has no account yet."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @for_customers
    def fields(self, visitor: Visitor) -> tuple[FieldAsked, ...]:
        """What is asked for, beside e-mail address and password. Raises UsageError `map-registers-nobody`."""
        with self._context.reading() as conn:
            return newcomers.asked(conn, self._context.atlas)

    @for_customers
    @persistent
    def ask(self, visitor: Visitor, email: str, language: str) -> None:
        """Send a link to go on to the address. Says nothing of whether it has an account.

        Raises UsageError `email-invalid`, `map-registers-nobody`, `panel-url-unset`; NotAllowed `too-many-attempts`.
        """
        context, atlas = self._context, self._context.atlas
        newcomers.register_of(atlas)
        address = newcomers.address(email)
        with context.writing(visitor) as unit:
            setting = context.settings.reader(unit.conn)
            start, key = links.base(setting), context.keyring.obtain(unit.conn)
            counted = attempts.buckets(key, (MAIL, fold_email(address)), (MAIL_ADDRESS, visitor.address))
            attempts.require(unit, counted)
            unit.record("account.ask", None, what=Purpose.REGISTER.value)
            spoken = language if language in LANGUAGES else setting("language")
            new, to, really = self._addressee(unit.conn, setting, address, spoken, counted[-1].choice)
            purpose, mark = (Purpose.REGISTER, key.token(MARK, fold_email(address))) if new else (Purpose.RESET, None)
            links.send_or_pretend(unit, context.keyring, start, purpose, to, mark, really=really)

    @for_customers
    def open(self, visitor: Visitor, token: str, new: NewAccount, language: str) -> SignedIn:
        """The account, and a session of it. The link is used up by this, also when it is refused.

        Raises NotAllowed `link-used-up`, `registration-refused`; UsageError `field-…`, `password-…`, `email-invalid`, after
        which the link is still good.
        """
        atlas = self._context.atlas
        address = newcomers.address(new.email)
        with self._context.reading() as conn:
            row: dict[str, Any] = dict(newcomers.checked(conn, atlas, new.details))
            scheme = logins.scheme(conn, atlas, new.password)
            if tokens.peek(conn, Purpose.REGISTER, token, self._context.clock()) is None:
                raise NotAllowed("link-used-up")
        row |= {atlas.map.customer.email: address, **self._login(new)}
        row[atlas.map.access.password] = hashing.hashed(scheme, new.password)
        try:
            made = self._open(visitor, token, address, row, language)
        except Conflict as error:
            if error.code != "constraint":
                raise
            made = self._refuse(visitor, token)  # a value that must be unique is another's
        if made is None:
            raise NotAllowed("registration-refused")
        return made

    def _login(self, new: NewAccount) -> dict[str, str]:
        """The column to sign in by, where it is not the e-mail address."""
        atlas = self._context.atlas
        column = atlas.map.access.login
        if column == atlas.map.customer.email:
            return {}
        told = (new.login or "").strip()
        if not told:
            raise UsageError("field-needed", field=column)
        if len(told) > logins.NAME_MOST or not told.isprintable():
            raise UsageError("field-unreadable", field=column)
        return {column: told}

    def _addressee(self, conn: Connection, setting: Any, address: str, language: str, choice: int) -> tuple[bool, Recipient | None, bool]:
        """(no account has the address, to whom the message goes, whether it really goes). The same statements in every case."""
        context, atlas = self._context, self._context.atlas
        listed = blacklist.listed(conn, context.keyring, [("email", address)], context.today(conn))
        owners = customers.keys_with(conn, atlas, "email", address)
        is_taken = logins.is_taken(conn, atlas, address) or bool(owners)
        other = logins.stand_in(conn, atlas, choice)
        customer = owners.pop() if len(owners) == 1 else None
        whose = customer or other
        owner = links.recipient(conn, atlas, setting, whose) if whose is not None else None
        enters = whose is not None and self._gate(conn, whose) in ENTERS
        if is_taken:
            return False, owner, enters and customer is not None
        return True, Recipient(None, address, "", language), not listed

    def _gate(self, conn: Connection, customer: str) -> Gate:
        """What our gate says and the company's own columns; both are asked in any case."""
        said = gatekeeper.answer(conn, self._context.atlas, customer)
        return said if logins.may_enter(conn, self._context.atlas, customer) is not None else Gate.BLOCKED

    @persistent
    def _open(self, visitor: Visitor, token: str, address: str, row: dict[str, Any], language: str) -> SignedIn | None:
        """None when it is refused, and the link is used up all the same."""
        context, atlas = self._context, self._context.atlas
        with context.writing(visitor) as unit:
            mark = context.keyring.obtain(unit.conn).token(MARK, fold_email(address))
            tokens.stand_in_line(unit.conn, mark)
            used = tokens.use(unit, Purpose.REGISTER, token)
            if used is None or used.address != mark:
                raise NotAllowed("link-used-up")
            told = newcomers.values(atlas, address, row)
            listed = blacklist.listed(unit.conn, context.keyring, told, context.today(unit.conn))
            if listed or self._is_taken(unit.conn, address, row):
                unit.record("account.register", None, refused=True)
                return None
            spoken = language if language in LANGUAGES else context.settings.get(unit.conn, "language")
            customer = newcomers.insert(unit, atlas, row, spoken, self._local(unit))
            tokens.drop_address(unit, mark)
            unit.record("account.register", None, refused=False)
            session = Session(customer, self._gate(unit.conn, customer) is Gate.CONSENT_REQUIRED, unit.at + tokens.IDLE)
            return SignedIn(session, tokens.make(unit, Purpose.SESSION, customer))

    def _is_taken(self, conn: Connection, address: str, row: dict[str, Any]) -> bool:
        atlas = self._context.atlas
        return logins.is_taken(conn, atlas, row[atlas.map.access.login]) or bool(customers.keys_with(conn, atlas, "email", address))

    @persistent
    def _refuse(self, visitor: Visitor, token: str) -> None:
        with self._context.writing(visitor) as unit:
            if tokens.use(unit, Purpose.REGISTER, token):
                unit.record("account.register", None, refused=True)

    def _local(self, unit: Unit) -> datetime:
        """The moment as the company's own system would write it."""
        zone: str = self._context.settings.get(unit.conn, "timezone")
        return unit.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
