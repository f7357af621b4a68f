"""Messages that wait to be sent, written in the transaction of what they tell.

The address and everything else of the person is sealed under the key file, so that a reader of the table learns nothing;
it is taken before the customer's data are masked or deleted. Sending them is `core.store.mailbag`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from core.locale import LANGUAGES
from core.model.records import OPEN_MESSAGES
from core.store import tables
from core.store.pile import Stage
from core.store.settingsbook import SettingsBook

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.engine import Unit
    from core.store.keyring import Keyring

ANSWERS = ("resolved", "rejected", "extended")
"""Events by which a request is answered."""
LATE_DAYS = 7
"""After so many days an answer counts as not delivered."""
DOMAIN = "kvkk.invalid"
"""Right side of a Message-ID while nobody has said where messages come from."""
ID_MOST = 128

Field = str | int | None | list[list[str | int | None]]


def queue(
    unit: Unit,
    keyring: Keyring,
    event: str,
    request: int | None,
    language: str,
    address: str,
    fields: Mapping[str, Field],
) -> str:
    """Queue one message to one customer; returns its Message-ID. Raises KeyFileError when it cannot be sealed.

    A language that we do not speak becomes the set one.
    """
    return _queue(unit, _row(unit, keyring, event, request, language, address, fields, "customer"))


def queue_later(
    unit: Unit, keyring: Keyring, event: str, request: int | None, language: str, address: str, fields: Mapping[str, Field]
) -> None:
    """The same, written with the others of its page."""
    row = _row(unit, keyring, event, request, language, address, fields, "customer")
    unit.pile.add(Stage.KEEP, _put_all, row)
    unit.messages.append(row["message_id"])


def queue_for_staff(
    unit: Unit,
    keyring: Keyring,
    setting: Callable[[str], Any],
    event: str,
    request: int | None,
    fields: Mapping[str, Field],
) -> str | None:
    """Queue one message to `staff-mail`, None when that is unset. `fields`: those of `for_staff`. Raises KeyFileError."""
    address = setting("staff-mail")
    if address is None:
        return None
    return _queue(unit, _row(unit, keyring, event, request, setting("language"), address, fields, "staff"))


def for_staff(kind: str, received_on: date, due_on: date) -> dict[str, Field]:
    """What staff are told of a request: nothing that names the customer, since the mailbox may be anybody's."""
    return {"kind": kind, "received_on": received_on.isoformat(), "due_on": due_on.isoformat()}


def _queue(unit: Unit, row: dict[str, Any]) -> str:
    _put_all(unit.conn, [row])
    unit.messages.append(row["message_id"])
    return str(row["message_id"])


def _put_all(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    conn.execute(insert(tables.outbox), list(rows))


def _row(
    unit: Unit,
    keyring: Keyring,
    event: str,
    request: int | None,
    language: str,
    address: str,
    fields: Mapping[str, Field],
    recipient: str,
) -> dict[str, Any]:
    key = keyring.obtain(unit.conn)
    settings = unit.once("settings", lambda: SettingsBook().reader(unit.conn))
    sealed = json.dumps({"address": address, "fields": dict(fields)}, ensure_ascii=True, sort_keys=True)
    return {
        "request": request,
        "event": event,
        "language": language if language in LANGUAGES else settings("language"),
        "message_id": _message_id(settings("mail-from")),
        "queued_at": unit.at,
        "state": "queued",
        "attempts": 0,
        "key_id": key.id,
        "sealed": key.seal(sealed.encode("ascii")),
        "recipient": recipient,
    }


def _message_id(sender: str | None) -> str:
    """A new one, in the domain that messages come from: mail servers distrust a domain that cannot exist."""
    domain = (sender or "").rpartition("@")[2]
    found = f"<{secrets.token_hex(20)}@{domain or DOMAIN}>"
    return found if found.isascii() and len(found) <= ID_MOST else f"<{secrets.token_hex(20)}@{DOMAIN}>"


def undelivered(conn: Connection, now: datetime) -> tuple[int, ...]:
    """Numbers of requests whose answer was queued a week ago and has not been delivered, nor dropped by staff."""
    book = tables.outbox
    tests = (book.c.state.in_(OPEN_MESSAGES), book.c.event.in_(ANSWERS), book.c.queued_at <= now - timedelta(days=LATE_DAYS))
    query = select(book.c.request).where(*tests, book.c.request.is_not(None)).distinct().order_by(book.c.request)
    return tuple(conn.execute(query).scalars())


def undelivered_since(conn: Connection, request: int, now: datetime) -> datetime | None:
    """When the oldest answer of this request was queued, if it counts as not delivered."""
    book = tables.outbox
    tests = (book.c.request == request, book.c.state.in_(OPEN_MESSAGES), book.c.event.in_(ANSWERS))
    query = select(book.c.queued_at).where(*tests, book.c.queued_at <= now - timedelta(days=LATE_DAYS)).order_by(book.c.queued_at)
    return conn.execute(query.limit(1)).scalar_one_or_none()
