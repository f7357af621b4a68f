"""The outbox as whoever sends it sees it: what is due, one message claimed, and what became of it.

    queued → sending → sent | queued (later) | failed | unknown        unknown → sending, after a while or on a word of staff

Every step is a compare-and-set on state and number of tries, so that of two senders, on two hosts too, one has the message.
A claim is committed before the first byte goes out: whoever finds one that is old finds a sender that died, and nobody knows
how far it came. A clock that was put forward or back makes a message wait no longer than its pause, and sends nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from core.errors import Conflict, NotFound
from core.model.records import OPEN_MESSAGES, OutboxRow
from core.store import tables
from core.store.sql import chunks

if TYPE_CHECKING:
    from core.store.engine import Unit
    from core.store.keyring import Keyring

PAUSES_MIN = (5, 10, 20, 40, 80, 160, 360)
"""Minutes after the first, second, … try that the server put off; the last counts from then on."""
DEAD_MIN = 15
"""Minutes after which a claim belongs to a sender that died; a try never takes so long."""
PAGE = 500
ID_MOST = 2**63 - 1

_BOX = tables.outbox


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours to send. Its address leaves this record for the mail server only."""

    id: int
    attempts: int
    event: str
    language: str
    request: int | None
    message_id: str
    address: str
    fields: dict[str, Any]

    def __repr__(self) -> str:
        return f"Claimed({self.id})"


def due(conn: Connection, now: datetime, after: int, resend_minutes: int) -> list[int]:
    """Ids of messages to be sent now, oldest first, beyond the id `after`; at most a page."""
    test = or_(
        and_(_BOX.c.state == "queued", _come(now, timedelta(minutes=PAUSES_MIN[-1]))),
        and_(_BOX.c.state == "unknown", _come(now, timedelta(minutes=resend_minutes))),
    )
    query = select(_BOX.c.id).where(test, _BOX.c.id > after).order_by(_BOX.c.id).limit(PAGE)
    return list(conn.execute(query).scalars())


def _come(now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Its moment has come, or lies further ahead than any pause: then the clock was wrong when it was set."""
    return or_(_BOX.c.next_at.is_(None), _BOX.c.next_at <= now, _BOX.c.next_at > now + longest)


def ids_of(conn: Connection, message_ids: Sequence[str]) -> list[int]:
    """Ids of the queued messages among these."""
    found: list[int] = []
    for some in chunks(message_ids):
        query = select(_BOX.c.id).where(_BOX.c.message_id.in_(some), _BOX.c.state == "queued")
        found.extend(conn.execute(query).scalars())
    return sorted(found)


def claim(unit: Unit, keyring: Keyring, number: int) -> Claimed | None:
    """Make it ours; None when somebody else has it or it is no longer to be sent.

    Raises KeyFileError where the address cannot be opened.
    """
    row = unit.conn.execute(select(_BOX).where(_BOX.c.id == number)).one_or_none()
    if row is None or row.state not in ("queued", "unknown") or row.sealed is None:
        return None
    said = _opened(unit.conn, keyring, row)
    if _is_stale(row, said["fields"], unit.at):
        _give_up(unit, row)
        return None
    if not _move(unit.conn, row, state="sending", attempts=row.attempts + 1, tried_at=unit.at, next_at=None):
        return None
    return Claimed(row.id, row.attempts + 1, row.event, row.language, row.request, row.message_id, said["address"], said["fields"])


def _is_stale(row: Row[Any], fields: dict[str, Any], now: datetime) -> bool:
    """A link that would be dead on arrival is not sent."""
    minutes = fields.get("minutes")
    return isinstance(minutes, int) and now >= row.queued_at + timedelta(minutes=minutes)


def _opened(conn: Connection, keyring: Keyring, row: Row[Any]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(keyring.holding(conn, row.key_id).open(bytes(row.sealed)))
    return said


def sent(unit: Unit, claimed: Claimed) -> None:
    """The server has it: the address goes, the truth wins over whatever somebody else thought meanwhile."""
    mine = (_BOX.c.id == claimed.id, _BOX.c.attempts == claimed.attempts, _BOX.c.state.in_(("sending", "unknown")))
    gone = {"sealed": None, "key_id": None, "next_at": None, "last_error": None, "closed_at": unit.at}
    if unit.conn.execute(update(_BOX).where(*mine).values(state="sent", **gone)).rowcount:
        unit.record("notice.sent", claimed.request, message=claimed.id, event=claimed.event, attempts=claimed.attempts)


def later(unit: Unit, claimed: Claimed, error: str | None, *, pause: bool) -> None:
    """It waits again; with `pause` for longer each time."""
    minutes = PAUSES_MIN[min(claimed.attempts, len(PAUSES_MIN)) - 1]
    _settle(unit, claimed, state="queued", last_error=error, next_at=unit.at + timedelta(minutes=minutes) if pause else None)


def failed(unit: Unit, claimed: Claimed, error: str | None) -> None:
    """It is given up, and staff are shown why."""
    if _settle(unit, claimed, state="failed", last_error=error):
        unit.record("notice.failed", claimed.request, message=claimed.id, event=claimed.event, code=error)


def uncertain(unit: Unit, claimed: Claimed, error: str | None, resend_minutes: int) -> None:
    """Nobody knows whether it arrived."""
    if _settle(unit, claimed, state="unknown", last_error=error, next_at=unit.at + timedelta(minutes=resend_minutes)):
        unit.record("notice.unknown", claimed.request, message=claimed.id, event=claimed.event, code=error)


def spoil(unit: Unit, number: int, error: str) -> None:
    """One that cannot be opened: it was changed, or sealed under another key."""
    row = unit.conn.execute(select(_BOX).where(_BOX.c.id == number)).one_or_none()
    if row is not None and _move(unit.conn, row, state="failed", last_error=error):
        unit.record("notice.failed", row.request, message=row.id, event=row.event, code=error)


def _settle(unit: Unit, claimed: Claimed, **values: Any) -> bool:
    mine = (_BOX.c.id == claimed.id, _BOX.c.attempts == claimed.attempts, _BOX.c.state == "sending")
    return unit.conn.execute(update(_BOX).where(*mine).values(**values)).rowcount == 1


def _move(conn: Connection, row: Row[Any], **values: Any) -> bool:
    same = (_BOX.c.id == row.id, _BOX.c.state == row.state, _BOX.c.attempts == row.attempts)
    return conn.execute(update(_BOX).where(*same).values(**values)).rowcount == 1


def orphans(conn: Connection, now: datetime) -> Sequence[Row[Any]]:
    """Claims of senders that died."""
    dead = timedelta(minutes=DEAD_MIN)
    test = or_(_BOX.c.tried_at < now - dead, _BOX.c.tried_at > now + dead, _BOX.c.tried_at.is_(None))
    return conn.execute(select(_BOX).where(_BOX.c.state == "sending", test).order_by(_BOX.c.id).limit(PAGE)).all()


def bury(unit: Unit, row: Row[Any], resend_minutes: int) -> None:
    """The message of a sender that died is `unknown` from now on."""
    tried = row.tried_at if row.tried_at is not None and row.tried_at < unit.at else unit.at
    if _move(unit.conn, row, state="unknown", last_error="mail-killed", next_at=tried + timedelta(minutes=resend_minutes)):
        unit.record("notice.unknown", row.request, message=row.id, event=row.event, code="mail-killed")


def again(unit: Unit, number: int) -> str:
    """On a word of staff it is to be sent now; returns its Message-ID. Raises NotFound, Conflict."""
    row = _closed_refused(unit.conn, number)
    if not _move(unit.conn, row, state="queued", next_at=None):
        raise Conflict("message-sending", number=number)
    unit.record("notice.retry", row.request, message=row.id, event=row.event)
    return str(row.message_id)


def drop(unit: Unit, number: int) -> None:
    """Staff will not have it sent: the address goes. Raises NotFound, Conflict."""
    if not _give_up(unit, _closed_refused(unit.conn, number)):
        raise Conflict("message-sending", number=number)


def _give_up(unit: Unit, row: Row[Any]) -> bool:
    if not _move(unit.conn, row, state="dropped", sealed=None, key_id=None, next_at=None, closed_at=unit.at):
        return False
    unit.record("notice.drop", row.request, message=row.id, event=row.event)
    return True


def _closed_refused(conn: Connection, number: int) -> Row[Any]:
    """The message, when something can still be decided about it. Raises NotFound `message-not-found`, Conflict."""
    row = conn.execute(select(_BOX).where(_BOX.c.id == number)).one_or_none() if 0 < number <= ID_MOST else None
    if row is None:
        raise NotFound("message-not-found", number=number)
    if row.state == "sending":
        raise Conflict("message-sending", number=number)
    if row.state not in OPEN_MESSAGES:
        raise Conflict("message-closed", number=number, state=row.state)
    return row


def page(conn: Connection, states: Sequence[str], request: int | None, before: int | None, limit: int) -> tuple[OutboxRow, ...]:
    """Newest first; `before` is the id of the last one of the page before."""
    query = select(_BOX).order_by(_BOX.c.id.desc()).limit(limit)
    if states:
        query = query.where(_BOX.c.state.in_(states))
    if request is not None:
        query = query.where(_BOX.c.request == request)
    if before is not None:
        query = query.where(_BOX.c.id < before)
    return tuple(record(row) for row in conn.execute(query))


def one(conn: Connection, number: int) -> OutboxRow:
    """Raises NotFound `message-not-found`."""
    row = conn.execute(select(_BOX).where(_BOX.c.id == number)).one_or_none()
    if row is None:
        raise NotFound("message-not-found", number=number)
    return record(row)


def counts(conn: Connection) -> dict[str, int]:
    """How many messages there are in each state that is open."""
    query = select(_BOX.c.state, func.count()).where(_BOX.c.state.in_(OPEN_MESSAGES)).group_by(_BOX.c.state)
    return {row[0]: row[1] for row in conn.execute(query)}


def record(row: Row[Any]) -> OutboxRow:
    """A message as it is listed: no address."""
    return OutboxRow(
        id=row.id,
        request=row.request,
        event=row.event,
        recipient=row.recipient,
        language=row.language,
        state=row.state,
        queued_at=row.queued_at,
        attempts=row.attempts,
        tried_at=row.tried_at,
        next_at=row.next_at,
        closed_at=row.closed_at,
        last_error=row.last_error,
    )
