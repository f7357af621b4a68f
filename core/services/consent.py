"""Consent (yetkilendirme onayı): one row, one audit entry. Append-only; the latest counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Conflict, NotFound
from core.model.records import Actor, Channel, ConsentStatus, Role
from core.services.context import persistent
from core.services.gate import needs
from core.store import consents, customers, requests

if TYPE_CHECKING:
    from core.services.context import Context


class ConsentService:
    """The verbs of `kvkk consent`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.OPERATOR)
    def give(self, actor: Actor, customer: str, channel: Channel = Channel.OTHER) -> ConsentStatus:
        """Record that the customer accepts the current text. Raises NotFound, UsageError, Conflict `consent-given`."""
        return self._put(actor, customer, channel, given=True)

    @needs(Role.OPERATOR)
    def withdraw(self, actor: Actor, customer: str, channel: Channel = Channel.OTHER) -> ConsentStatus:
        """Record that the customer withdraws it. Raises NotFound, UsageError, Conflict `consent-not-given`."""
        return self._put(actor, customer, channel, given=False)

    @needs(Role.VIEWER)
    def show(self, actor: Actor, customer: str) -> ConsentStatus:
        """What counts now. Raises NotFound, UsageError."""
        with self._context.reading() as conn:
            return consents.status(conn, customers.locate(conn, self._context.atlas, customer))

    @persistent
    def _put(self, actor: Actor, customer: str, channel: Channel, *, given: bool) -> ConsentStatus:
        with self._context.writing(actor) as unit:
            key = customers.locate(unit.conn, self._context.atlas, customer)
            requests.wait_for_resolution(unit.conn, key)
            if not customers.exists(unit.conn, self._context.atlas, key):
                raise NotFound("customer-not-found")
            now = consents.status(unit.conn, key)
            if given and now.given and now.version == consents.TEXT_VERSION:
                raise Conflict("consent-given")
            if not given and not now.given:
                raise Conflict("consent-not-given")
            consents.add(unit, key, given=given, channel=channel)
            verb = "consent.give" if given else "consent.withdraw"
            unit.record(verb, None, version=consents.TEXT_VERSION, channel=channel.value)
            return consents.status(unit.conn, key)
