"""What stays in our own tables of a customer who was masked or erased: nothing that names them.

Notes and reasons lose the customer's values (and names); after an erase the customer's key becomes a keyed token, by which
`requests list --customer KEY` still finds what was done and a reader of the table learns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, bindparam, delete, select, update

from core.model.needle import blank_all
from core.store import owned, tables

if TYPE_CHECKING:
    from core.model.needle import Needle
    from core.store.keyring import Key

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


_WRITTEN = tuple(select(t.c[key], *(t.c[c] for c in columns)).where(t.c.customer == bindparam("who")) for t, key, columns in WORDS)


def clear_words(conn: Connection, customer: str, needles: Sequence[Needle]) -> None:
    """Blank the customer's values in everything that staff wrote about them."""
    for (table, key, columns), written in zip(WORDS, _WRITTEN, strict=True):
        for row in conn.execute(written, {"who": customer}).all():
            words = dict(zip(columns, row[1:], strict=True))
            new = {c: blank_all(text, needles)[0] for c, text in words.items() if text}
            changed = {c: text for c, text in new.items() if text != words[c]}
            if changed:
                conn.execute(update(table).where(table.c[key] == row[0]).values(**changed))


def replace_key(conn: Connection, customer: str, key: Key) -> None:
    """The customer's key becomes a token everywhere in our tables, or goes with its row."""
    token = key.token(owned.PURPOSE, customer)
    for table in TIED:
        emptied = dict.fromkeys(("customer", *ALSO_KEYED.get(table.name, ())))
        conn.execute(update(table).where(table.c.customer == customer).values(subject=token, **emptied))
    for table in DROPPED:
        conn.execute(delete(table).where(table.c.customer == customer))
