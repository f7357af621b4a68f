"""Which rows a law holds until when: kept in the transaction of the resolution, closed in that of the day on which they end.

A row is named by its key as JSON. Where that key holds the customer's own (an invoice numbered within its customer), a
placeholder stands for it: after an erase our tables must not name the customer, and on the day the key is known again from the
stub. Rows that are held as long as any invoice is (`with_invoices`) need no record: they end with the last of those.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from core.errors import Conflict
from core.model.datamap import LinkKind
from core.model.rowset import Address
from core.store import tables
from core.store.pile import Stage
from core.store.sql import chunks

if TYPE_CHECKING:
    from core.model.datamap import DataMap, TableMap
    from core.model.plan import Decided, Plan
    from core.store.engine import Unit
    from core.store.pile import Pile

KEY = "key"
"""`{"key": 0}`: the first part of the customer's key."""
_BOOK = tables.holds


@dataclass(frozen=True, slots=True)
class Held:
    """One row on record that has not been finished."""

    id: int
    table: str
    row_key: str
    because: str
    release_on: date
    spared: tuple[str, ...]
    """Columns that stayed readable."""


class Record:
    """The holds of one request, matched with the rows of the database as they are met. `parts`: the customer's key."""

    def __init__(self, mapping: DataMap, rows: Iterable[Held], parts: Sequence[Any], names: Callable[[str], tuple[str, ...]]) -> None:
        self.rows = tuple(rows)
        self._mapping, self._parts, self._names = mapping, tuple(map(str, parts)), names
        self._known = {(held.table, held.row_key): held for held in self.rows}

    def of(self, table: str, address: Address) -> Held | None:
        """The record of a row."""
        names, rules = self._names(table), self._mapping.tables[table]
        return self._known.get((table, row_key(rules, names, address, self._parts)))

    def release_on(self, table: str, address: Address) -> date | None:
        """The day on record, for `Rules.recorded`."""
        found = self.of(table, address)
        return found.release_on if found else None

    def address(self, held: Held) -> tuple[Any, ...]:
        """The key of a row on record, its parts as JSON gives them; a part of the customer's key that is not known is None."""
        return tuple(self._part(one) for one in json.loads(held.row_key))

    def _part(self, one: Any) -> Any:
        if not isinstance(one, dict):
            return one
        return self._parts[one[KEY]] if one[KEY] < len(self._parts) else None


def row_key(table: TableMap, names: Sequence[str], address: Address, parts: Sequence[str]) -> str:
    """The text by which a row is on record."""
    links = table.link.columns if table.link.kind is LinkKind.UP else ()

    def written(name: str, part: Any) -> Any:
        plain = _plain(part)
        return {KEY: parts.index(str(plain))} if name in links and str(plain) in parts else plain

    return json.dumps([written(name, part) for name, part in zip(names, address, strict=True)])


def keep(pile: Pile, number: int, mapping: DataMap, plan: Plan, parts: Sequence[Any], only: Mapping[str, Iterable[Decided]]) -> None:
    """Put the held rows among `only` (table → decided rows of the plan) on record, with the others of their page."""
    texts = tuple(map(str, parts))
    for name, decided in only.items():
        for d in decided:
            if d.release_on is not None and not is_derived(mapping, name):
                pile.add(Stage.KEEP, _put_all, _row(number, mapping, plan, name, d, texts))


def _row(number: int, mapping: DataMap, plan: Plan, name: str, d: Decided, texts: Sequence[str]) -> dict[str, Any]:
    found = plan.found[name]
    return {
        "request": number,
        "table_name": name,
        "row_key": row_key(mapping.tables[name], found.address, found.key(d.row), texts),
        "because": d.because,
        "release_on": d.release_on,
        "spared": json.dumps(d.spared),
    }


def _put_all(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    conn.execute(insert(_BOOK), list(rows))


def is_derived(mapping: DataMap, table: str) -> bool:
    """Whether rows of the table are held as long as any invoice is, and so are not on record."""
    hold = mapping.tables[table].hold
    return hold is not None and hold.with_invoices


def due(conn: Connection, today: date, after: int, limit: int) -> Sequence[int]:
    """Numbers of requests above `after` with a hold whose day has come."""
    tests = (_BOOK.c.released_at.is_(None), _BOOK.c.release_on <= today, _BOOK.c.request > after)
    return conn.execute(select(_BOOK.c.request).where(*tests).distinct().order_by(_BOOK.c.request).limit(limit)).scalars().all()


def open_of(conn: Connection, number: int) -> tuple[Held, ...]:
    """Every hold of a request that is on record and not finished, due or not."""
    tests = (_BOOK.c.request == number, _BOOK.c.released_at.is_(None), _BOOK.c.release_on.is_not(None))
    return tuple(
        Held(row.id, row.table_name, row.row_key, row.because, row.release_on, tuple(json.loads(row.spared or "[]")))
        for row in conn.execute(select(_BOOK).where(*tests).order_by(_BOOK.c.id))
    )


def close(unit: Unit, ids: Sequence[int]) -> None:
    """Finish them, as the first change of the transaction. Raises Conflict `holds-moved` when another run was quicker with any."""
    done = 0
    for some in chunks(ids):
        tests = (_BOOK.c.id.in_(some), _BOOK.c.released_at.is_(None))
        done += unit.conn.execute(update(_BOOK).where(*tests).values(released_at=unit.at)).rowcount
    if done != len(ids):
        raise Conflict("holds-moved")


def _plain(part: Any) -> Any:
    return part.isoformat() if isinstance(part, date | datetime) else part if isinstance(part, int | str) else str(part)
