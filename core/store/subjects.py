"""Who a customer is: the key in the driver's type, and the spellings by which by-value links find rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core.errors import NotFound
from core.store.paths import KEY_SEPARATOR, Subject, bind, condition_text, key_text
from core.store.sql import run, stream

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas


def key_parts(atlas: Atlas, conn: Connection, key: str) -> tuple[Any, ...] | None:
    """The text of a key in the types of its columns; None when it cannot be one."""
    names = atlas.map.customer.key
    shape = atlas.shape(conn, atlas.map.customer.table)
    texts = key.split(KEY_SEPARATOR) if len(names) > 1 else [key]
    if len(texts) != len(names):
        return None
    parts = tuple(bind(text, shape.column(name)) for text, name in zip(texts, names, strict=True))
    if any(part is None for part in parts) or key_text(parts) != key:
        return None
    return parts


def condition_sql(atlas: Atlas) -> tuple[str, tuple[Any, ...]]:
    """`AND …` for the customer's own `where` (staff and members in one table), and its values."""
    parts, values = condition_text(atlas.sql, "", atlas.map.customer.where)
    return "".join(f" AND {part}" for part in parts), values


def master_row(atlas: Atlas, conn: Connection, key: str, columns: Iterable[str]) -> dict[str, Any] | None:
    """Columns of the customer's own row, None when there is no such customer."""
    names = tuple(dict.fromkeys((*atlas.map.customer.key, *columns)))
    parts = key_parts(atlas, conn, key)
    if parts is None:
        return None
    sql, customer = atlas.sql, atlas.map.customer
    more, values = condition_sql(atlas)
    where = " AND ".join(f"{sql.quote(n)} = {sql.mark}" for n in customer.key)
    picked = ", ".join(sql.quote(n) for n in names)
    rows = run(conn, f"SELECT {picked} FROM {sql.quote(customer.table)} WHERE {where}{more}", (*parts, *values)).all()
    found = [dict(zip(names, row, strict=True)) for row in rows]
    exact = [row for row in found if key_text([row[n] for n in customer.key]) == key]
    return exact[0] if exact else None


def every_key(conn: Connection, atlas: Atlas) -> Iterator[str]:
    """Keys of all customers in the order of their table's key."""
    sql, customer = atlas.sql, atlas.map.customer
    more, values = condition_sql(atlas)
    names = ", ".join(sql.quote(name) for name in customer.key)
    for row in stream(conn, f"SELECT {names} FROM {sql.quote(customer.table)} WHERE 1 = 1{more} ORDER BY {names}", values):
        yield key_text(row)


def asked(atlas: Atlas) -> tuple[str, ...]:
    """Columns of a customer's own row that a resolution looks at, the key first."""
    customer = atlas.map.customer
    more = (column for column in (customer.created, customer.language) if column)
    return tuple(dict.fromkeys((*customer.key, *(column for _, column in customer.roles()), *more)))


def subject(
    atlas: Atlas,
    conn: Connection,
    key: str,
    former: Mapping[str, Iterable[str]] | None = None,
    row: Mapping[str, Any] | None = None,
) -> Subject:
    """The subject of a key, with the master row's values (`row`: read before) and `former` ones. Raises NotFound `customer-not-found`."""
    roles = atlas.map.customer.roles()
    row = row or master_row(atlas, conn, key, asked(atlas))
    if row is None:
        raise NotFound("customer-not-found")
    values: dict[str, dict[str, None]] = {}
    for kind, column in roles:
        if row[column] not in (None, ""):
            values.setdefault(kind, {}).update(dict.fromkeys(spellings(kind, str(row[column]))))
    for kind, more in (former or {}).items():
        for value in more:
            values.setdefault(kind, {}).update(dict.fromkeys(spellings(kind, value)))
    parts = tuple(row[name] for name in atlas.map.customer.key)
    return Subject(key, parts, {kind: tuple(found) for kind, found in values.items()}, row)


def spellings(kind: str, value: str) -> tuple[str, ...]:
    """Spellings of a value that a system stores: as it stands, trimmed, lower case, and what we compare by."""
    from core.model.identity import canonical

    folded = canonical(kind, value)
    return tuple(dict.fromkeys(s for s in (value, value.strip(), value.lower(), folded) if s))
