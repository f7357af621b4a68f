"""Customers as people look for them: by key, e-mail, phone or id; names and status of many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from core.errors import NotFound, UsageError
from core.model.datamap import Condition, LinkKind, holds_condition
from core.model.records import CustomerRow, InvoiceStatus, ServiceLine, ServiceStatus
from core.store.paths import bind, condition_text, key_text, select_rows
from core.store.sql import chunks, flatten, run
from core.store.subjects import condition_sql, key_parts, master_row, subject

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas

PREFIXES = {"phone:": ("phone",), "id:": ("national_id", "tax_id"), "email:": ("email",)}


def locate(conn: Connection, atlas: Atlas, wanted: str) -> str:
    """The key of the one customer that `wanted` means: a key, an e-mail address, `phone:…` or `id:…`.

    Raises NotFound `customer-not-found`, UsageError `customer-ambiguous` (facts: the keys) or `customer-malformed`.
    """
    text = wanted.strip()
    if not text or "\x00" in text:
        raise UsageError("customer-malformed")
    if exists(conn, atlas, wanted):  # as it stands: a text key may end in a blank
        return wanted
    keys = set[str]()
    prefix = next((p for p in PREFIXES if text.lower().startswith(p)), None)
    if prefix:
        for kind in PREFIXES[prefix]:
            keys |= keys_with(conn, atlas, kind, text[len(prefix) :])
    elif exists(conn, atlas, text):
        return text
    elif "@" in text:
        keys = keys_with(conn, atlas, "email", text)
    if len(keys) > 1:
        raise UsageError("customer-ambiguous", keys=tuple(sorted(keys)))
    if not keys:
        raise NotFound("customer-not-found")
    return keys.pop()


def exists(conn: Connection, atlas: Atlas, key: str) -> bool:
    """Whether there is a customer with this key."""
    return master_row(atlas, conn, key, ()) is not None


def existing(conn: Connection, atlas: Atlas, keys: Iterable[str]) -> set[str]:
    """Those of the keys that are customers now."""
    wanted = {key: parts for key in keys if (parts := key_parts(atlas, conn, key)) is not None}
    found = {key_text(row) for row in _by_keys(conn, atlas, tuple(wanted.values()), ())}
    return found & set(wanted)


def keys_with(conn: Connection, atlas: Atlas, kind: str, value: str) -> set[str]:
    """Keys of every customer whose own `kind` is this value, in any spelling (compared by our fold)."""
    from core.model.identity import Identifier, needles

    column = dict(atlas.map.customer.roles()).get(kind)
    wanted = needles([Identifier(kind, value)])
    if not column or not wanted:
        return set()
    customer, sql = atlas.map.customer, atlas.sql
    live = atlas.shape(conn, customer.table).column(column)
    if live is None:
        return set()
    condition, values = atlas.spelled("", live, kind, [value])
    more, more_values = condition_sql(atlas)
    names = ", ".join(sql.quote(n) for n in (*customer.key, column))
    statement = f"SELECT {names} FROM {sql.quote(customer.table)} WHERE {condition}{more}"
    rows = run(conn, statement, (*values, *more_values)).all()
    return {key_text(row[:-1]) for row in rows if row[-1] is not None and wanted[0].whole(str(row[-1]))}


def rows_for(conn: Connection, atlas: Atlas, keys: Sequence[str]) -> dict[str, CustomerRow]:
    """Name, e-mail, phone, services and invoices of many customers in one statement each; unknown keys are absent."""
    wanted = {key: parts for key in dict.fromkeys(keys) if (parts := key_parts(atlas, conn, key)) is not None}
    if not wanted:
        return {}
    customer = atlas.map.customer
    columns = (*customer.name, *(c for c in (customer.email, customer.phone) if c))
    found = {}
    for row in _by_keys(conn, atlas, tuple(wanted.values()), columns):
        found[key_text(row[: len(customer.key)])] = dict(zip(columns, row[len(customer.key) :], strict=True))
    found = {key: row for key, row in found.items() if key in wanted}
    services = _services_of(conn, atlas, {k: wanted[k] for k in found})
    invoices = _invoices_of(conn, atlas, {k: wanted[k] for k in found})
    return {key: _customer_row(atlas, key, row, services.get(key), invoices.get(key)) for key, row in found.items()}


def names_for(conn: Connection, atlas: Atlas, keys: Sequence[str]) -> dict[str, str]:
    """Names of many customers, nothing else of them; unknown keys are absent."""
    wanted = {key: parts for key in dict.fromkeys(keys) if (parts := key_parts(atlas, conn, key)) is not None}
    width = len(atlas.map.customer.key)
    rows = _by_keys(conn, atlas, tuple(wanted.values()), atlas.map.customer.name) if wanted else ()
    return {key_text(row[:width]): " ".join(str(part) for part in row[width:] if part not in (None, "")) for row in rows}


def _customer_row(
    atlas: Atlas, key: str, row: dict[str, Any], services: ServiceStatus | None, invoices: InvoiceStatus | None
) -> CustomerRow:
    customer = atlas.map.customer
    name = " ".join(str(row[c]) for c in customer.name if row[c] not in (None, ""))
    email = row.get(customer.email) if customer.email else None
    phone = row.get(customer.phone) if customer.phone else None
    return CustomerRow(key, name, _text(email), _text(phone), services, invoices)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def of_keys(conn: Connection, atlas: Atlas, keys: Iterable[str], columns: Sequence[str]) -> Iterable[Any]:
    """Rows (key, then the columns) of those of the keys that are customers."""
    wanted = (key_parts(atlas, conn, key) for key in dict.fromkeys(keys))
    return _by_keys(conn, atlas, [parts for parts in wanted if parts is not None], columns)


def _by_keys(conn: Connection, atlas: Atlas, keys: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> Iterable[Any]:
    sql, customer = atlas.sql, atlas.map.customer
    more, values = condition_sql(atlas)
    picked = ", ".join(sql.quote(n) for n in (*customer.key, *columns))
    for chunk in chunks(keys):
        where, bound = _in(atlas, customer.key, chunk)
        yield from run(conn, f"SELECT {picked} FROM {sql.quote(customer.table)} WHERE {where}{more}", (*bound, *values)).all()


def _in(atlas: Atlas, names: Sequence[str], keys: Sequence[tuple[Any, ...]]) -> tuple[str, tuple[Any, ...]]:
    sql = atlas.sql
    if len(names) == 1:
        return f"{sql.quote(names[0])} IN {sql.marks(len(keys))}", flatten(keys)
    one = "(" + " AND ".join(f"{sql.quote(n)} = {sql.mark}" for n in names) + ")"
    return "(" + " OR ".join([one] * len(keys)) + ")", flatten(keys)


def _services_of(conn: Connection, atlas: Atlas, keys: dict[str, tuple[Any, ...]]) -> dict[str, ServiceStatus]:
    part = atlas.map.services
    if part is None:
        return {}
    counted = {key: [0, 0] for key in keys}
    for key, row in _owned_rows(conn, atlas, part.table, [c for c, _ in part.active], keys):
        counted[key][0 if holds_condition(row, part.active) else 1] += 1
    return {key: ServiceStatus(active, passive) for key, (active, passive) in counted.items()}


def _invoices_of(conn: Connection, atlas: Atlas, keys: dict[str, tuple[Any, ...]]) -> dict[str, InvoiceStatus]:
    part = atlas.map.invoices
    if part is None:
        return {}
    columns = [*(c for c, _ in part.unpaid), *(c for c in (part.amount, part.currency) if c)]
    paid = dict.fromkeys(keys, 0)
    unpaid: dict[str, list[tuple[str, Decimal]]] = {key: [] for key in keys}
    for key, row in _owned_rows(conn, atlas, part.table, columns, keys):
        if holds_condition(row, part.unpaid):
            unpaid[key].append((str(row.get(part.currency) or ""), _amount(row.get(part.amount))))
        else:
            paid[key] += 1
    return {key: InvoiceStatus(paid[key], len(unpaid[key]), _totals(unpaid[key])) for key in keys}


def _amount(value: Any) -> Decimal:
    try:
        return Decimal(str(value)) if value is not None else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def _totals(lines: Iterable[tuple[str, Decimal]]) -> tuple[tuple[str, Decimal], ...]:
    totals: dict[str, Decimal] = {}
    for currency, amount in lines:
        totals[currency] = totals.get(currency, Decimal(0)) + amount
    return tuple(sorted((currency, total.quantize(Decimal("0.01"))) for currency, total in totals.items()))


def _owned_rows(
    conn: Connection, atlas: Atlas, table: str, columns: Sequence[str], keys: dict[str, tuple[Any, ...]]
) -> Iterable[tuple[str, dict[str, Any]]]:
    """(customer key, row) of a table's rows that belong to any of the customers; one statement where the link is direct."""
    names = tuple(dict.fromkeys(columns))
    link, customer = atlas.map.tables[table].link, atlas.map.customer
    direct = link.kind is LinkKind.UP and link.parent == customer.table and link.parent_columns == customer.key
    if not direct or link.pack:
        for key in keys:
            query = select_rows(atlas, conn, table, names, subject(atlas, conn, key))
            for row in run(conn, query.text, query.values).all() if query else ():
                yield key, dict(zip(names, row[: len(names)], strict=True))
        return
    shape = atlas.shape(conn, table)
    text_of = {tuple(str(p) for p in parts): key for key, parts in keys.items()}
    bound = [tuple(bind(p, shape.column(c)) for p, c in zip(parts, link.columns, strict=True)) for parts in keys.values()]
    picked = ", ".join(atlas.sql.quote(n) for n in (*link.columns, *names))
    more, values = _table_condition(atlas, atlas.map.tables[table].where)
    for chunk in chunks([b for b in bound if None not in b]):
        where, chosen = _in(atlas, link.columns, chunk)
        rows = run(conn, f"SELECT {picked} FROM {atlas.sql.quote(table)} WHERE {where}{more}", (*chosen, *values)).all()
        for row in rows:
            owner = text_of.get(tuple(str(v) for v in row[: len(link.columns)]))
            if owner is not None:
                yield owner, dict(zip(names, row[len(link.columns) :], strict=True))


def _table_condition(atlas: Atlas, condition: Condition) -> tuple[str, tuple[Any, ...]]:
    parts, values = condition_text(atlas.sql, "", condition)
    return "".join(f" AND {p}" for p in parts), values


def services(conn: Connection, atlas: Atlas, key: str) -> tuple[ServiceLine, ...]:
    """The customer's services, active ones first."""
    part = atlas.map.services
    parts = key_parts(atlas, conn, key)
    if part is None or parts is None:
        return ()
    columns = [*(c for c, _ in part.active), *([part.title] if part.title else [])]
    lines = []
    for _, row in _owned_rows(conn, atlas, part.table, columns, {key: parts}):
        status = ", ".join(str(row[c]) for c, _ in part.active)
        title = str(row.get(part.title) or "") if part.title else ""
        lines.append(ServiceLine(title, holds_condition(row, part.active), status))
    return tuple(sorted(lines, key=lambda line: (not line.active, line.title)))


def counts(conn: Connection, atlas: Atlas, key: str) -> tuple[tuple[str, int], ...]:
    """(table, number of the customer's rows) of every owned table, in the order of the map."""
    from core.store.rows import collect

    _, rows = collect(conn, atlas, key)
    return tuple((name, len(rows[name].rows)) for name in atlas.map.tables if name in rows)


def language(conn: Connection, atlas: Atlas, key: str) -> str | None:
    """The customer's language as two letters (`tr`, `en`), None when the map or the row does not tell."""
    column = atlas.map.customer.language
    row = master_row(atlas, conn, key, (column,)) if column else None
    return _two_letters(row[column]) if row else None


def language_of(atlas: Atlas, own: Mapping[str, Any]) -> str | None:
    """The same from columns of the customer's row that were read before (`subjects.asked`)."""
    column = atlas.map.customer.language
    return _two_letters(own.get(column)) if column else None


def languages(conn: Connection, atlas: Atlas, keys: Iterable[str]) -> dict[str, str]:
    """The same of many, by key; without those of whom nothing is told."""
    column = atlas.map.customer.language
    rows = of_keys(conn, atlas, keys, (column,)) if column else ()
    told = {key_text(row[:-1]): _two_letters(row[-1]) for row in rows}
    return {key: value for key, value in told.items() if value is not None}


def _two_letters(value: Any) -> str | None:
    text = str(value)[:2].lower() if value else ""
    return text if text.isalpha() else None
