"""Whose row is it: asked only for rows at hand, by their addresses, up the links of the map."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from core.model.datamap import LinkKind
from core.model.rowset import Address
from core.store.customers import existing, keys_with
from core.store.paths import Joined, key_text
from core.store.sql import chunks, run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas

CHUNK = 500


def owners(conn: Connection, atlas: Atlas, table: str, addresses: Iterable[Address]) -> dict[Address, frozenset[str]]:
    """Address → keys of the customers that the row belongs to; an address that belongs to nobody is absent."""
    wanted = list(dict.fromkeys(addresses))
    if table not in atlas.map.tables or not wanted:
        return {}
    path = atlas.map.path(table)
    if atlas.map.tables[path[-1]].link.kind is LinkKind.NONE:
        return {}
    joined = Joined(atlas, conn, path)
    link = atlas.map.tables[joined.end].link
    found: dict[Address, set[str]] = defaultdict(set)
    by_value: dict[str, frozenset[str]] = {}
    for address, ends in _ends(conn, atlas, joined, table, wanted):
        if link.kind is LinkKind.MATCH:
            value = str(ends[0])
            if value not in by_value:
                by_value[value] = frozenset(keys_with(conn, atlas, link.to, value))
            found[address] |= by_value[value]
        elif key := _unpacked(key_text(ends), link.pack):
            found[address].add(key)
    if link.kind is not LinkKind.MATCH:
        _only_customers(conn, atlas, found)
    return {address: frozenset(keys) for address, keys in found.items() if keys}


def _only_customers(conn: Connection, atlas: Atlas, found: dict[Address, set[str]]) -> None:
    """A key whose customer is gone, or is staff in the same table, owns nothing: such a row is an orphan."""
    known = existing(conn, atlas, {key for keys in found.values() for key in keys})
    for keys in found.values():
        keys.intersection_update(known)


def _unpacked(text: str, pack: str) -> str:
    """The key inside a packed text; empty when it is packed otherwise."""
    before, _, after = pack.partition("{key}")
    if not pack:
        return text
    fits = len(text) >= len(before + after) and text.startswith(before) and text.endswith(after)
    return text[len(before) : len(text) - len(after)] if fits else ""


def _ends(
    conn: Connection, atlas: Atlas, joined: Joined, table: str, addresses: Sequence[Address]
) -> Iterable[tuple[Address, tuple[Any, ...]]]:
    """(address, columns at the end of the path: the customer's key, or the value that links)."""
    sql, shape = atlas.sql, atlas.shape(conn, table)
    names = sql.address(shape)
    head = ", ".join([*(f"t0.{sql.quote(n)}" for n in names), *joined.ends])
    for chunk in chunks(addresses, CHUNK):
        where, values = sql.where_rows(shape, chunk, "t0.")
        conditions = " AND ".join([where, *joined.conditions])
        text = f"SELECT {head} FROM {sql.quote(table)} t0{joined.joins} WHERE {conditions}"
        for row in run(conn, text, (*values, *joined.values)).all():
            if None not in row[len(names) :]:
                yield tuple(row[: len(names)]), tuple(row[len(names) :])
