"""Links that are sent to a customer's own address, each with a token that is good once and for a short time.

A link begins with the setting `panel-url`. Nothing of the person stands in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import KvkkError, UsageError
from core.store import customers, outbox, tokens
from core.store.subjects import master_row
from core.store.tokens import LIFE, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sqlalchemy import Connection

    from core.store.atlas import Atlas
    from core.store.engine import Unit
    from core.store.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a link goes."""

    customer: str | None
    """None: somebody who has no account yet."""
    address: str
    name: str
    language: str


NOBODY = Recipient(None, "nobody@kvkk.invalid", "", "tr")
"""To whom a message is written that is taken back at once."""


def base(setting: Callable[[str], Any]) -> str:
    """What links begin with. Raises UsageError `panel-url-unset`."""
    found: str | None = setting("panel-url")
    if found is None:
        raise UsageError("panel-url-unset")
    return found.rstrip("/")


def recipient(conn: Connection, atlas: Atlas, setting: Callable[[str], Any], customer: str) -> Recipient | None:
    """The customer at the address that is stored, never at one that was typed; None without an address."""
    of = atlas.map.customer
    row = master_row(atlas, conn, customer, filter(None, (of.email, *of.name)))
    language = customers.language(conn, atlas, customer) or setting("language")
    address = str(row[of.email] or "") if row is not None and of.email else ""
    if row is None or not address:
        return None
    name = " ".join(str(row[column]) for column in of.name if row[column] not in (None, ""))
    return Recipient(customer, address, name, language)


def send(unit: Unit, keyring: Keyring, start: str, purpose: Purpose, to: Recipient, mark: str | None = None) -> None:
    """Make the token and queue its message. `mark` is kept with a token that belongs to no customer yet."""
    token = tokens.make(unit, purpose, to.customer, mark)
    minutes = int(LIFE[purpose].total_seconds()) // 60
    fields: dict[str, outbox.Field] = {"link": f"{start}/{purpose.value}/{token}", "minutes": minutes}
    named = {"name": to.name} if to.customer is not None else {}
    outbox.queue(unit, keyring, purpose.value, None, to.language, to.address, fields | named)


def send_or_pretend(
    unit: Unit, keyring: Keyring, start: str, purpose: Purpose, to: Recipient | None, mark: str | None = None, *, really: bool
) -> None:
    """Send it, or do all that and undo it again, so that neither statements nor time tell which of the two it was.

    Without an address (`to`) it is pretended.
    """
    try:
        with unit.savepoint():
            send(unit, keyring, start, purpose, to or NOBODY, mark)
            if to is None or not really:
                raise _Undone("pretended")
    except _Undone:
        return


class _Undone(KvkkError):
    """Takes the savepoint back; never leaves this module."""
