"""The message to a customer about the state of a request, queued in the transaction of the change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from core.store import outbox

if TYPE_CHECKING:
    from sqlalchemy import Row

    from core.model.records import CustomerRow
    from core.store.engine import Unit
    from core.store.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Filed:
    """What a message says of a request that was filed a moment ago."""

    number: int
    kind: str
    regime: str
    channel: str
    received_on: date
    due_on: date
    decided_at: None = None
    reason: None = None


def tell(
    unit: Unit,
    keyring: Keyring,
    setting: Callable[[str], Any],
    event: str,
    row: Row[Any] | Filed,
    customer: CustomerRow | None,
    language: str | None,
    today: date | None = None,
) -> None:
    """Queue it, where there is an address. `today` is the day of the decision. Raises KeyFileError."""
    if customer is None or not customer.email:
        return
    fields: dict[str, outbox.Field] = {
        "name": customer.name,
        "number": row.number,
        "kind": row.kind,
        "regime": row.regime,
        "channel": row.channel,
        "received_on": row.received_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "decided_on": today.isoformat() if today and row.decided_at else None,
        "reason": row.reason,
    }
    outbox.queue(unit, keyring, event, row.number, language or setting("language"), customer.email, fields)
