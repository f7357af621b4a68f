"""Customers who have the key of a tombstone: one pass over the company's table, tokens made here, looked up in a set.

Values are read with the keys, compared as tokens and forgotten. What a deed leaves as it is (a column that the map keeps, or
that a law holds in the customer's own row) proves nobody: it is there because the deed was done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.model.canonical import canonical
from core.model.returning import Doubt, Verdict, verdict
from core.model.tombstone import Deed, Tombstone, created_text
from core.store import blocks, tombstones
from core.store.paths import key_text
from core.store.sql import stream
from core.store.subjects import condition_sql

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas
    from core.store.keyring import Key


@dataclass(frozen=True, slots=True)
class Match:
    """A customer who has the key of a tombstone, and what that means."""

    customer: str
    verdict: Verdict


class Search:
    """The tombstones by the token of the customer's key, and the pass."""

    def __init__(self, atlas: Atlas, keys: Sequence[Key], stones: Collection[Tombstone], kept: Collection[str], since: datetime) -> None:
        self._atlas = atlas
        self._keys = keys
        self._kept = frozenset(kept)
        """uids that the table has: the database itself has done these."""
        self._by_subject: dict[str, list[Tombstone]] = defaultdict(list)
        for stone in stones:
            self._by_subject[stone.subject].append(stone)
        for subject, some in list(self._by_subject.items()):
            if not subject or not any(one.deed.closes and one.at >= since for one in some):
                del self._by_subject[subject]
        customer, rules = atlas.map.customer, atlas.map.tables[atlas.map.customer.table]
        self._roles = tuple((kind, column) for kind, column in customer.roles() if rules.columns[column].personal)
        self._spared = frozenset(kind for kind, column in self._roles if rules.hold and column in rules.hold.keep)
        access = atlas.map.access
        self._columns = tuple(
            dict.fromkeys(
                (
                    *customer.key,
                    *(column for _, column in self._roles),
                    *([customer.created] if customer.created else []),
                    *(column for column, _ in access.block),
                    *access.clear,
                )
            )
        )

    def matches(self, conn: Connection) -> Iterator[Match]:
        """Everybody who is to be dealt with or listed, in the order of the table."""
        if not self._by_subject:
            return
        for row in self._rows(conn):
            key = key_text([row[name] for name in self._atlas.map.customer.key])
            judged = self._judged(key, row)
            if judged is not None and not self._is_done(conn, key, row, judged):
                yield Match(key, judged)

    def _rows(self, conn: Connection) -> Iterator[dict[str, Any]]:
        sql, customer = self._atlas.sql, self._atlas.map.customer
        more, values = condition_sql(self._atlas)
        picked = ", ".join(sql.quote(name) for name in self._columns)
        for row in stream(conn, f"SELECT {picked} FROM {sql.quote(customer.table)} WHERE 1 = 1{more}", values):
            yield dict(zip(self._columns, row, strict=True))

    def _judged(self, customer: str, row: Mapping[str, Any]) -> Verdict | None:
        """The strongest verdict under any key: after a rotation the tombstones of one customer are under several."""
        found = []
        for key in self._keys:
            stones = self._by_subject.get(tombstones.subject_token(key, customer))
            if stones:
                found.append(verdict(stones, *self._tokens(key, customer, row)))
        return max(filter(None, found), key=_strength, default=None)

    def _tokens(self, key: Key, customer: str, row: Mapping[str, Any]) -> tuple[str | None, dict[str, str]]:
        column = self._atlas.map.customer.created
        created = created_text(row[column]) if column else None
        values = ((kind, canonical(kind, str(row[name]))) for kind, name in self._roles if row[name] not in (None, ""))
        proofs = {tombstones.proof_token(key, kind, value, created): kind for kind, value in values if value is not None}
        return tombstones.created_token(key, customer, created) if created else None, proofs

    def _is_done(self, conn: Connection, customer: str, row: Mapping[str, Any], judged: Verdict) -> bool:
        """Whether the deed is in force: nothing is to be done, and nothing is to be said."""
        itself = any(one.uid in self._kept and one.deed.closes for one in self._same(customer, judged))
        if judged.doubt is Doubt.CHANGED:
            return itself  # a masked row, or the stub of an erased customer
        if judged.doubt is None and judged.stone.deed is not Deed.ACCESS:
            return itself and self._spared.issuperset(judged.matched)
        if judged.stone.deed is Deed.ACCESS and judged.doubt in (None, Doubt.UNDATED):
            return self._is_shut(row) and blocks.is_blocked(conn, customer)
        return False

    def _same(self, customer: str, judged: Verdict) -> list[Tombstone]:
        """Every tombstone of this key that is about the same account."""
        stones = (one for key in self._keys for one in self._by_subject.get(tombstones.subject_token(key, customer), ()))
        return [one for one in stones if one.created == judged.stone.created]

    def _is_shut(self, row: Mapping[str, Any]) -> bool:
        access = self._atlas.map.access
        return all(_same(row[column], value) for column, value in access.block) and all(row[column] is None for column in access.clear)


def _strength(one: Verdict) -> tuple[bool, int, datetime]:
    from core.model.tombstone import CLOSING

    return one.doubt is None, CLOSING.index(one.stone.deed), one.stone.at


def _same(value: Any, wanted: Any) -> bool:
    return bool(value == wanted) or (value is not None and str(value) == str(wanted))
