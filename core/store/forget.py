"""What stays in our own tables of a customer who was masked or erased: nothing that names them.

Notes and reasons lose the customer's values (and names); after an erase the customer's key becomes a keyed token, by which
`requests list --customer KEY` still finds what was done and a reader of the table learns nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, Table, bindparam, case, delete, or_, select, update

from core.model.needle import blank_all
from core.store import owned, tables
from core.store.pile import Stage
from core.store.sql import chunks

if TYPE_CHECKING:
    from core.model.needle import Needle
    from core.store.engine import Unit
    from core.store.keyring import Key

AT_ONCE = 200
"""Customers of one statement."""
WORDS: tuple[tuple[Table, str, tuple[str, ...]], ...] = (
    (tables.requests, "number", ("note", "verified_by", "reason")),
    (tables.consents, "id", ("verified_by",)),
    (tables.downloads, "id", ("reason", "verified_by")),
)
"""Tables of ours that hold words of staff about a customer: key column and columns of words."""
TIED = (tables.requests, tables.consents, tables.downloads)
"""Tables of ours that hold the customer's key and keep their rows after an erase."""
ALSO_KEYED: Mapping[str, tuple[str, ...]] = {tables.requests.name: ("open_customer",), tables.consents.name: ("current_of",)}
"""Further columns of those tables that hold the key, and are emptied: a request that is still open can only be closed then."""
DROPPED = (tables.blocks, tables.tokens)
"""Tables of ours whose rows mean nothing without the customer: they go with an erase."""


@dataclass(frozen=True, slots=True)
class Words:
    """What staff wrote about a customer in one row of ours."""

    place: int
    """In `WORDS`."""
    key: int
    texts: tuple[str | None, ...]


def _reading(table: Table, key: str, columns: tuple[str, ...]) -> Select[Any]:
    any_text = or_(*(table.c[c].is_not(None) for c in columns))
    theirs = table.c.customer.in_(bindparam("who", expanding=True))
    return select(table.c.customer, table.c[key], *(table.c[c] for c in columns)).where(theirs, any_text)


_WRITTEN = tuple(_reading(*where) for where in WORDS)
"""Built once: every resolution goes through them."""


def written(conn: Connection, customers: Sequence[str]) -> dict[str, list[Words]]:
    """Customer → everything that staff wrote about them; those of whom nothing is written are absent."""
    found: dict[str, list[Words]] = {}
    for place, query in enumerate(_WRITTEN):
        for who, number, *texts in conn.execute(query, {"who": list(customers)}):
            found.setdefault(who, []).append(Words(place, number, tuple(texts)))
    return found


def clear_words(conn: Connection, words: Iterable[Words], needles: Sequence[Needle], but: int) -> None:
    """Blank the customer's values in them; `but`: the request whose own words are written anew with its decision."""
    for one in words:
        table, key, columns = WORDS[one.place]
        if table is tables.requests and one.key == but:
            continue
        texts = zip(columns, one.texts, strict=True)
        changed = {c: new for c, text in texts if text and (new := blank_all(text, needles)[0]) != text}
        if changed:
            conn.execute(update(table).where(table.c[key] == one.key).values(**changed))


def replace_key(conn: Connection, customer: str, key: Key) -> None:
    """The customer's key becomes a token everywhere in our tables, or goes with its row."""
    _replace_all(conn, [(customer, key.token(owned.PURPOSE, customer))])


def replace_key_later(unit: Unit, customer: str, key: Key) -> None:
    """The same, made with the others of its page."""
    unit.pile.add(Stage.FORGET, _replace_all, (customer, key.token(owned.PURPOSE, customer)))


def _replace_all(conn: Connection, items: Sequence[tuple[str, str]]) -> None:
    for some in chunks(items, AT_ONCE):
        tokens = dict(some)
        for table in TIED:
            emptied = dict.fromkeys(("customer", *ALSO_KEYED.get(table.name, ())))
            token = case(tokens, value=table.c.customer)
            # the token first: MariaDB computes from left to right, and would compare with what it has just emptied
            new = [(table.c.subject, token), *((table.c[name], None) for name in emptied)]
            conn.execute(update(table).where(table.c.customer.in_(tokens)).ordered_values(*new))
        for table in DROPPED:
            conn.execute(delete(table).where(table.c.customer.in_(tokens)))
