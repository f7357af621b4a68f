"""How often somebody may try: one row for an account name, one for a network address, each with a wait that grows.

The rows name nobody: a bucket is an HMAC under the key file. An attempt is counted before it is looked at, in a transaction of
its own, so that a hundred guesses at once are not a hundred free ones; whoever succeeds takes it back. What comes too early is
refused without being counted: nobody is locked out for longer because somebody else keeps trying.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, select, update

from core.errors import NotAllowed
from core.store import tables, upsert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.store.engine import Unit
    from core.store.keyring import Key

QUIET = timedelta(days=1)
"""After so long without a failure counting begins anew."""
NETWORK_BITS = 64
"""Of an IPv6 address: a household, or one machine that has 2^64 addresses."""
BOOK = tables.attempts


@dataclass(frozen=True, slots=True)
class Limit:
    """How many attempts are free, and how the wait between further ones grows: it doubles, up to the longest."""

    name: str
    free: int
    first_s: int
    most_s: int

    def wait(self, failures: int) -> timedelta:
        """How long nothing more is looked at after so many failures."""
        over = failures - self.free
        return timedelta(seconds=min(self.first_s << min(over, 20), self.most_s)) if over >= 0 else timedelta()


ACCOUNT = Limit("account", free=5, first_s=30, most_s=900)
ADDRESS = Limit("address", free=30, first_s=10, most_s=900)
MAIL = Limit("mail", free=3, first_s=300, most_s=3600)
"""Messages that one account name may ask for."""
MAIL_ADDRESS = Limit("mail-address", free=15, first_s=60, most_s=3600)
"""Messages that one network address may ask for."""

DEEDS = Limit("deeds", free=20, first_s=60, most_s=3600)
"""What one customer may do at the panel in a row: requests, downloads and words on consent each send messages or write much."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """What attempts are counted by."""

    limit: Limit
    mark: str

    @property
    def choice(self) -> int:
        """A number that is always the same for one name, and that nobody without the key file can foresee."""
        return int(self.mark[:8], 16)


def buckets(key: Key, name: tuple[Limit, str], place: tuple[Limit, str]) -> tuple[Bucket, ...]:
    """The bucket of the network address, where it is known, and that of the account name. Everybody takes them in this order."""
    network = network_of(place[1])
    near = [Bucket(place[0], key.token(f"attempt-{place[0].name}", network))] if network else []
    return (*near, Bucket(name[0], key.token(f"attempt-{name[0].name}", name[1])))


def network_of(address: str) -> str:
    """The network of one household; empty when there is none. What is no address counts as it stands."""
    text = address.strip()
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(found), NETWORK_BITS), strict=False))
        found = found.ipv4_mapped
    return str(found)


def require(unit: Unit, wanted: Sequence[Bucket]) -> None:
    """Count one more attempt. Raises NotAllowed `too-many-attempts` with the seconds to wait."""
    seconds = count(unit, wanted)
    if seconds:
        raise NotAllowed("too-many-attempts", seconds=seconds)


def deed(unit: Unit, key: Key, customer: str) -> None:
    """Count one more deed of a customer. Raises NotAllowed `too-many-attempts`."""
    require(unit, [Bucket(DEEDS, key.token(f"attempt-{DEEDS.name}", customer))])


def succeeded(unit: Unit, counted: Sequence[Bucket]) -> None:
    """The attempt was none: nothing is counted against the account, and one failure less against the network address."""
    for bucket in counted[:-1]:
        _take_back(unit, bucket)
    clear(unit, counted[-1])


def count(unit: Unit, wanted: Sequence[Bucket]) -> int:
    """0, and one more attempt stands in every bucket; or the seconds to wait, and nothing was counted."""
    rows = [_own(unit, bucket) for bucket in wanted]
    waiting = max((_left(row, unit.at, bucket.limit) for row, bucket in zip(rows, wanted, strict=True)), default=timedelta())
    if waiting > timedelta():
        return max(1, -(-waiting // timedelta(seconds=1)))
    for row, bucket in zip(rows, wanted, strict=True):
        _note(unit, bucket, row)
    return 0


def clear(unit: Unit, bucket: Bucket) -> None:
    """Whoever it is has proved it: nothing is counted any more."""
    unit.conn.execute(delete(BOOK).where(BOOK.c.bucket == bucket.mark))


def purge(conn: Connection, now: datetime) -> int:
    """Remove what has been quiet for a day; returns how many rows that were."""
    return conn.execute(delete(BOOK).where(BOOK.c.last_at < now - QUIET)).rowcount


def _own(unit: Unit, bucket: Bucket) -> Row[Any]:
    """The row, made where it is not there, so that whoever decides has it alone: of two who come first one waits too."""
    row = _locked(unit.conn, bucket)
    if row is None:
        upsert.add(unit.conn, BOOK, {"bucket": bucket.mark, "failures": 0, "last_at": unit.at, "until": unit.at})
        row = unit.conn.execute(select(BOOK).where(BOOK.c.bucket == bucket.mark).with_for_update()).one()
    return row


def _locked(conn: Connection, bucket: Bucket) -> Row[Any] | None:
    """The row, until COMMIT nobody else's. On another node of a Galera cluster COMMIT decides: the second begins anew."""
    return conn.execute(select(BOOK).where(BOOK.c.bucket == bucket.mark).with_for_update()).one_or_none()


def _left(row: Row[Any], now: datetime, limit: Limit) -> timedelta:
    """How much of the wait is left. One that is longer than any we give comes from a clock that has jumped, and counts no more."""
    left: timedelta = row.until - now
    return left if timedelta() < left <= timedelta(seconds=limit.most_s) else timedelta()


def _note(unit: Unit, bucket: Bucket, row: Row[Any]) -> None:
    failures = (row.failures if row.last_at > unit.at - QUIET else 0) + 1
    _change(unit.conn, bucket, {"failures": failures, "last_at": unit.at, "until": unit.at + bucket.limit.wait(failures)})


def _take_back(unit: Unit, bucket: Bucket) -> None:
    row = _locked(unit.conn, bucket)
    if row is not None:
        _change(unit.conn, bucket, {"failures": max(0, row.failures - 1), "until": unit.at})


def _change(conn: Connection, bucket: Bucket, values: dict[str, Any]) -> None:
    conn.execute(update(BOOK).where(BOOK.c.bucket == bucket.mark).values(**values))
