"""The access gate: may this account be used? Whatever a customer signs in to asks here, or reads the view `kvkk_access`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import NotFound
from core.model.records import AccessAnswer, Actor, Gate, Role
from core.services.gate import needs
from core.store import customers, gatekeeper

if TYPE_CHECKING:
    from core.services.context import Context


class AccessService:
    """The verbs of `kvkk access`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @needs(Role.VIEWER)
    def check(self, actor: Actor, customer: str) -> AccessAnswer:
        """May the account be used now? Raises UsageError `customer-ambiguous`, `customer-malformed`, `gate-key-type`."""
        with self._context.reading() as conn:
            try:
                key = customers.locate(conn, self._context.atlas, customer)
            except NotFound:
                return AccessAnswer(allowed=False, reason=Gate.UNKNOWN)
            said = gatekeeper.answer(conn, self._context.atlas, key)
        return AccessAnswer(allowed=said is Gate.ALLOWED, reason=None if said is Gate.ALLOWED else said)
