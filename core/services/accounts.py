"""Sign-in of customers: by password, by a link to their own address, and by a new password when the old one is forgotten.

A name that nobody has, a wrong password, a blocked account and one that was erased get one answer, after the same work: the same
statements, one comparison with a hash of the kind that the company stores, one attempt that is counted. Who has to consent first
may come in for that. A block ends sessions and links in its own transaction; each use of a session asks the gate again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.adapters import hashing
from core.errors import NotAllowed
from core.model import passwords
from core.model.records import Gate, Session, SignedIn, Visitor
from core.services.context import persistent
from core.services.gate import for_customers
from core.store import attempts, gatekeeper, links, logins, requests, tokens
from core.store.attempts import ACCOUNT, ADDRESS, MAIL, MAIL_ADDRESS, Bucket
from core.store.tokens import Purpose

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from core.services.context import Context
    from core.store.engine import Unit
    from core.store.logins import Account

ENTERS = (Gate.ALLOWED, Gate.CONSENT_REQUIRED)
"""Whom the gate lets in: where only consent is missing, to give it."""


class Accounts:
    """The verbs of customers who have an account."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @for_customers
    def sign_in(self, visitor: Visitor, name: str, password: str) -> SignedIn:
        """A session. Raises NotAllowed `sign-in-refused`, `too-many-attempts`; UsageError `map-no-sign-in`."""
        atlas = self._context.atlas
        logins.require(atlas)
        counted = self._count(visitor, name)
        with self._context.reading() as conn:
            account = logins.find(conn, atlas, name)
            stored, own = logins.comparable(conn, atlas, counted[-1].choice, account)
            room = logins.room(conn, atlas)
        if not hashing.fits(stored, password) or not own or account is None:
            raise NotAllowed("sign-in-refused")
        better = stored.outdated and passwords.scheme_for(room) == passwords.BEST and passwords.unfit(password) is None
        fresh = hashing.hashed(passwords.BEST, password) if better else None
        return self._enter(visitor, account, counted, fresh)

    @for_customers
    @persistent
    def sign_in_by_link(self, visitor: Visitor, token: str) -> SignedIn:
        """A session, once for each link. Raises NotAllowed `link-used-up`."""
        with self._context.writing(visitor) as unit:
            customer = self._use(unit, Purpose.SIGNIN, token).customer
            session = self._begin(unit, customer)
            self._forgive(unit, customer)
            unit.record("account.sign-in", None, by="link")
            return session

    @for_customers
    def session(self, visitor: Visitor, token: str) -> Session:
        """Whose session this is; using it moves its end. Raises NotAllowed `session-over`."""
        context = self._context
        with context.reading() as conn:
            now = context.clock()
            row = tokens.session(conn, token, now)
            gate = self._gate(conn, row.customer) if row is not None else Gate.UNKNOWN
        if row is None or gate not in ENTERS:
            raise NotAllowed("session-over")
        if tokens.should_move(row, now):
            self._move(visitor, row)
        return Session(row.customer, gate is Gate.CONSENT_REQUIRED, tokens.end_of(row, now))

    @for_customers
    @persistent
    def sign_out(self, visitor: Visitor, token: str) -> None:
        """End a session; nothing happens when it is over already."""
        with self._context.writing(visitor) as unit:
            if tokens.drop(unit, token):
                unit.record("account.sign-out")

    @for_customers
    def ask_link(self, visitor: Visitor, name: str) -> None:
        """Send a link to sign in to the account's own address. Says nothing of whether there is one.

        Raises NotAllowed `too-many-attempts`; UsageError `map-no-sign-in`, `panel-url-unset`.
        """
        self._ask(visitor, name, Purpose.SIGNIN)

    @for_customers
    def ask_reset(self, visitor: Visitor, name: str) -> None:
        """Send a link to a new password to the account's own address. As `ask_link`."""
        self._ask(visitor, name, Purpose.RESET)

    @for_customers
    def reset(self, visitor: Visitor, token: str, password: str) -> None:
        """A new password, once for each link; every session and link of the account ends.

        Raises NotAllowed `link-used-up`; UsageError `password-short`, `password-long`, `password-unreadable`; Refused
        `password-column-short`. The link stays good when the password was not.
        """
        atlas = self._context.atlas
        logins.require(atlas)
        with self._context.reading() as conn:
            scheme = logins.scheme(conn, atlas, password)
            if tokens.peek(conn, Purpose.RESET, token, self._context.clock()) is None:
                raise NotAllowed("link-used-up")
        self._reset(visitor, token, hashing.hashed(scheme, password))

    # -- a password ---------------------------------------------------------------------------------------------------

    @persistent
    def _count(self, visitor: Visitor, name: str) -> tuple[Bucket, ...]:
        """Count the attempt before anything is looked at. Raises NotAllowed `too-many-attempts`."""
        with self._context.writing(visitor) as unit:
            key = self._context.keyring.obtain(unit.conn)
            counted = attempts.buckets(key, (ACCOUNT, logins.folded(self._context.atlas, name)), (ADDRESS, visitor.address))
            attempts.require(unit, counted)
            return counted

    @persistent
    def _enter(self, visitor: Visitor, account: Account, counted: Sequence[Bucket], fresh: str | None) -> SignedIn:
        with self._context.writing(visitor) as unit:
            now = self._account(unit, account.customer)
            # the account or its password may have been changed meanwhile
            if now is None or now.cell != account.cell or self._gate(unit.conn, account.customer) not in ENTERS:
                raise NotAllowed("sign-in-refused")
            session = self._begin(unit, account.customer)
            if fresh is not None:
                logins.set_password(unit, self._context.atlas, account.customer, fresh)
            attempts.succeeded(unit, counted)
            unit.record("account.sign-in", None, by="password", rehashed=fresh is not None)
            return session

    @persistent
    def _reset(self, visitor: Visitor, token: str, fresh: str) -> None:
        with self._context.writing(visitor) as unit:
            customer = self._use(unit, Purpose.RESET, token).customer
            logins.set_password(unit, self._context.atlas, customer, fresh)
            tokens.drop_all(unit, customer)
            self._forgive(unit, customer)
            unit.record("account.reset")

    # -- sessions -----------------------------------------------------------------------------------------------------

    def _begin(self, unit: Unit, customer: str) -> SignedIn:
        """A session of an account that may come in."""
        token = tokens.make(unit, Purpose.SESSION, customer)
        must_consent = self._gate(unit.conn, customer) is Gate.CONSENT_REQUIRED
        return SignedIn(Session(customer, must_consent, unit.at + tokens.IDLE), token)

    @persistent
    def _move(self, visitor: Visitor, row: Row[Any]) -> None:
        with self._context.writing(visitor) as unit:
            tokens.move(unit, row)

    def _account(self, unit: Unit, customer: str) -> Account | None:
        """The account as it stands behind whoever resolves a request of the customer; None when it may not come in."""
        requests.wait_for_resolution(unit.conn, customer)
        return logins.may_enter(unit.conn, self._context.atlas, customer)

    def _gate(self, conn: Connection, customer: str) -> Gate:
        """What our gate says and the company's own columns; both are asked in any case."""
        said = gatekeeper.answer(conn, self._context.atlas, customer)
        return said if logins.may_enter(conn, self._context.atlas, customer) is not None else Gate.BLOCKED

    # -- links --------------------------------------------------------------------------------------------------------

    @persistent
    def _ask(self, visitor: Visitor, name: str, purpose: Purpose) -> None:
        """For a name that nobody has, a customer stands in: the same statements, and then they are undone."""
        context = self._context
        logins.require(context.atlas)
        with context.writing(visitor) as unit:
            setting = context.settings.reader(unit.conn)
            start, key = links.base(setting), context.keyring.obtain(unit.conn)
            counted = attempts.buckets(key, (MAIL, logins.folded(context.atlas, name)), (MAIL_ADDRESS, visitor.address))
            attempts.require(unit, counted)
            unit.record("account.ask", None, what=purpose.value)
            account = logins.find(unit.conn, context.atlas, name)
            other = logins.stand_in(unit.conn, context.atlas, counted[-1].choice)
            customer = account.customer if account is not None else other
            if customer is None:
                return
            gate = self._gate(unit.conn, customer)
            to = links.recipient(unit.conn, context.atlas, setting, customer)
            links.send_or_pretend(unit, context.keyring, start, purpose, to, really=account is not None and gate in ENTERS)

    def _use(self, unit: Unit, purpose: Purpose, token: str) -> Row[Any]:
        """The row of a link that is used up by this, of an account that may come in. Raises NotAllowed `link-used-up`."""
        seen = tokens.peek(unit.conn, purpose, token, unit.at)
        if seen is not None:
            # behind whoever resolves, and before the token: everybody takes the two in this order
            account = self._account(unit, seen.customer)
            if account is not None and self._gate(unit.conn, seen.customer) in ENTERS:
                row = tokens.use(unit, purpose, token)
                if row is not None:
                    return row
        raise NotAllowed("link-used-up")

    def _forgive(self, unit: Unit, customer: str) -> None:
        """Whoever has the link has proved who it is: failed attempts of others no longer keep them out."""
        key = self._context.keyring.obtain(unit.conn)
        name = logins.name_of(unit.conn, self._context.atlas, customer)
        attempts.clear(unit, attempts.buckets(key, (ACCOUNT, logins.folded(self._context.atlas, name)), (ADDRESS, ""))[-1])
