"""Messages that wait to be sent, written in the transaction of what they tell.

The address and everything else of the person is sealed under the key file, so that a reader of the table learns nothing;
it is taken before the customer's data are masked or deleted.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import insert

from core.store import tables

if TYPE_CHECKING:
    from core.store.engine import Unit
    from core.store.keyring import Keyring

EVENTS = ("received", "resolved", "rejected", "extended", "cancelled", "downloaded")
Field = str | int | None


def queue(
    unit: Unit,
    keyring: Keyring,
    event: str,
    request: int | None,
    language: str,
    address: str,
    fields: dict[str, Field],
) -> str:
    """Queue one message to one address; returns its Message-ID. Raises KeyFileError when it cannot be sealed."""
    key = keyring.obtain(unit.conn)
    message_id = f"<{secrets.token_hex(20)}@kvkk.invalid>"
    sealed = json.dumps({"address": address, "fields": fields}, ensure_ascii=True, sort_keys=True)
    unit.conn.execute(
        insert(tables.outbox).values(
            request=request,
            event=event,
            language=language,
            message_id=message_id,
            queued_at=unit.at,
            state="queued",
            attempts=0,
            key_id=key.id,
            sealed=key.seal(sealed.encode("ascii")),
        )
    )
    return message_id
