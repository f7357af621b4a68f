"""Which requests a run takes, in the order of their customers: neighbours in the company's tables are worked on together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.errors import NotFound
from core.store import customers, queue, requests
from core.store.sql import chunks

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from core.model.records import Wanted
    from core.store.atlas import Atlas

CHUNK = 500
SHOWN = 10
"""Numbers that are named where many are not there."""
Chosen = tuple[int, str]
"""(number, key of the customer; empty for a customer who was erased)"""


def chosen(conn: Connection, atlas: Atlas, wanted: Wanted) -> tuple[int, ...]:
    """Numbers of the requests. Raises NotFound `request-not-found`, `requests-not-found` for numbers that are not there."""
    found = _named(conn, wanted) if wanted.numbers is not None else queue.every_open(conn, wanted.kind, wanted.received_before)
    if wanted.no_open_account:
        busy = _busy(conn, atlas, [customer for _, customer in found if customer])
        found = [(number, customer) for number, customer in found if customer not in busy]
    return tuple(number for number, _ in sorted(found, key=_place))[: wanted.limit]


def _named(conn: Connection, wanted: Wanted) -> list[Chosen]:
    """Those that the filters leave, decided ones too: the run tells of them that they are."""
    found: list[Chosen] = []
    missing: list[int] = []
    for some in chunks(tuple(dict.fromkeys(wanted.numbers or ())), CHUNK):
        rows = requests.many(conn, some)
        missing += [number for number in some if number not in rows]
        found += [(number, row.customer or "") for number in some if (row := rows.get(number)) is not None and _fits(row, wanted)]
    if len(missing) == 1:
        raise NotFound("request-not-found", number=missing[0])
    if missing:
        raise NotFound("requests-not-found", count=len(missing), numbers=_shown(missing))
    return found


def _shown(numbers: Sequence[int]) -> str:
    more = " …" if len(numbers) > SHOWN else ""
    return ", ".join(map(str, numbers[:SHOWN])) + more


def _fits(row: Row[Any], wanted: Wanted) -> bool:
    of_kind = wanted.kind is None or row.kind == wanted.kind.value
    return of_kind and (wanted.received_before is None or row.received_on < wanted.received_before)


def _busy(conn: Connection, atlas: Atlas, keys: Sequence[str]) -> set[str]:
    """Customers with an active service or an unpaid invoice."""
    found: set[str] = set()
    for some in chunks(keys, CHUNK):
        for key, row in customers.rows_for(conn, atlas, some).items():
            if (row.services and row.services.active) or (row.invoices and row.invoices.unpaid):
                found.add(key)
    return found


def _place(one: Chosen) -> tuple[bool, int, str, int]:
    """Keys of digits in the order of their numbers, as a database keeps them; others after them."""
    number, customer = one
    digits = customer.isascii() and customer.isdigit()
    return not digits, int(customer) if digits else 0, customer, number
