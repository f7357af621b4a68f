"""A data map proposed from the live schema alone: no row is read.

Promises: the draft loads, and every column is either proposed (as known or as a guess) or left out, so that `map check` names
it. Proposed masks fit their columns as far as the schema tells. What looks personal is never proposed as not personal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from core.locale import N_
from core.model.datamap import LinkKind
from core.model.draftlinks import LinkDraft, Links, Reference, customers_table, kinds_of, own_key
from core.model.draftstates import ACTIVE, UNPAID, invoice_roles, section, service_roles
from core.model.drafttoml import link_text, write
from core.model.draftwords import (
    ACCOUNTS,
    CREATED,
    CUSTOMERS,
    KEYS,
    LANGUAGE,
    SPECIAL,
    STAFF,
    Guess,
    catalogue,
    judge,
    lets_in,
    named,
    spelled,
)
from core.model.kinds import Mask, default_mask, fits
from core.model.records.drafts import DraftColumn, DraftTable, MapDraft
from core.model.schema import Column, Family, Schema, TableShape

NO_MASK = N_("no mask of this kind fits the column")
IS_KEY = N_("it is a key or holds a link, so it cannot be masked")
NOBODYS = N_("nobody's row: `keep` with a reason, or give the table a link")
WHERE = N_("decide `where` first")
KEY_VALUE = N_("a row says itself what it holds: decide `keyed`")
STATE_WORDS = N_("which words count here? Decide the section that names this column")
COMPUTED = N_("the database computes it")
FOREIGN = N_("points at a customer and may not be NULL")

ALL_ROWS = N_("are all rows of this table customers? If not, say so: `where` in [customer]")

ROLES = ("email", "phone", "national_id", "tax_id")
_TOLD_APART = re.compile(
    r"^(?:user|account|member|customer|client|kullanici|uye|musteri|cari)?_?(?:type|role|tip|tipi|turu|rol)(?:_id)?$|^is_?(?:admin|staff)$"
)
"""Columns that tell customers from staff where both stand in one table."""


def draft(schema: Schema, name: str, customers: str | None, say: Callable[[str], str]) -> MapDraft:
    """Propose a map; `say` speaks the language of its comments and reasons. Raises UsageError as `customers_table`."""
    root = customers_table(schema, customers)
    roles = _roles(schema.tables[root])
    links = Links(schema, root, {role: roles[role][0] for role in ("email", "phone") if role in roles})
    tables = {n: _table(shape, links, schema) for n, shape in schema.tables.items()}
    tables = _settle(tables, links, schema)
    tables = _declare(tables, schema)
    services = section(tables, schema, ("service", "hosting", "subscription", "hizmet", "abonelik"), ACTIVE, service_roles)
    invoices = section(tables, schema, ("invoice", "fatura", "bill"), UNPAID, invoice_roles)
    for part in (services, invoices):
        if part is not None and not part.known:
            tables[part.table] = _open_state(tables[part.table], part.column)
    proposed = {c.name for c in tables[root].columns if c.kind or c.not_personal}
    roles = {role: kept for role, columns in roles.items() if (kept := tuple(c for c in columns if c in proposed))}
    roles.setdefault("name", roles.get("email", own_key(schema.tables[root])))
    order = [*links.found, *(n for n in tables if n not in links.found)]
    every = tuple(tables[n] for n in order)
    found = MapDraft(
        name=name,
        customers=root,
        key=own_key(schema.tables[root]),
        roles=tuple(roles.items()),
        tables=every,
        services=services,
        invoices=invoices,
        guesses=sum(_guesses(table) for table in every),
        undecided=tuple(f"{table.name}.{column.name}" for table in every for column in table.columns if column.open),
        text="",
    )
    return replace(found, text=write(found, say))


def _settle(tables: dict[str, DraftTable], links: Links, schema: Schema) -> dict[str, DraftTable]:
    """What the map itself names must be judged in it, whatever it looks like: else the draft would not load."""
    for name, link in tuple(links.found.items()):
        if link.kind is LinkKind.MATCH and any(c.name in link.columns and not c.kind for c in tables[name].columns):
            links.found.pop(name)
            tables[name] = _table(schema.tables[name], links, schema)
    needed = {(links.root, column) for column in links.key}
    for name, link in links.found.items():
        needed |= {(name, column) for column in link.columns} | {(link.parent, column) for column in link.parent_columns}
    return {
        name: replace(table, columns=tuple(_judged(c) if (name, c.name) in needed else c for c in table.columns))
        for name, table in tables.items()
    }


def _judged(column: DraftColumn) -> DraftColumn:
    """A column that has an answer: personal where it looks so, and `map check` tells that no mask can stand there."""
    if column.kind or column.not_personal:
        return column
    return replace(column, kind=column.looks) if column.looks else _not_personal(column, KEYS)


def _roles(shape: TableShape) -> dict[str, tuple[str, ...]]:
    """Role of `[customer]` → columns that seem to have it."""
    kinds = kinds_of(shape)
    found = {"name": tuple(c for c, kind in kinds.items() if kind == "name")}
    found["name"] = found["name"] or tuple(c for c, kind in kinds.items() if kind in ("company", "user_name"))[:1]
    for role in ROLES:
        found[role] = tuple(c for c, kind in kinds.items() if kind == role)[:1]
    plain = [c for c in shape.columns if c.name not in kinds]
    found["language"] = tuple(c.name for c in plain if c.family in (Family.TEXT, Family.ENUM) and LANGUAGE.search(spelled(c.name)))[:1]
    dated = (Family.DATE, Family.DATETIME, Family.TEXT)
    found["created"] = tuple(c.name for c in plain if c.family in dated and CREATED.search(spelled(c.name)))[:1]
    return {role: columns for role, columns in found.items() if columns}


def _table(shape: TableShape, links: Links, schema: Schema) -> DraftTable:
    link = links.found.get(shape.name, LinkDraft(LinkKind.NONE, known=False))
    kinds = frozenset(kinds_of(shape).values())
    goes = link.kind not in (LinkKind.ROOT, LinkKind.NONE) and lets_in(shape.name) and bool(kinds & {"secret", "ip", "user_agent"})
    pair = _key_value(shape)
    columns = tuple(_column(column, shape, link, links, schema, judge(shape.name, column, kinds), goes=goes) for column in shape.columns)
    if pair:
        columns = tuple(replace(_opened(c), open=KEY_VALUE) if c.name in pair else c for c in columns)
    if link.where:
        columns = tuple(replace(_opened(c), open=WHERE) if c.kind else c for c in columns)
        columns = tuple(_not_personal(c, KEYS) if c.name == link.where[0] else c for c in columns)
    return DraftTable(
        name=shape.name,
        link="customer" if link.kind is LinkKind.ROOT else link.kind.value,
        link_text=link_text(link, schema.tables, links.found),
        known=link.known,
        columns=columns,
        where=link.where,
        shared=link.kind is LinkKind.DOWN,
        deleted=goes,
        also=link.also,
        key_value=pair,
    )


def _key_value(shape: TableShape) -> tuple[str, str] | None:
    """`meta_key`, `meta_value`: columns of a table in which a row says itself what it holds."""
    words = {spelled(column.name): column.name for column in shape.columns}
    for word, column in words.items():
        if word.endswith(("key", "anahtar", "field", "alan")) and (
            value := words.get(re.sub(r"(?:key|field)$", "value", word)) or words.get("value") or words.get("deger")
        ):
            return column, value
    return None


def _column(column: Column, shape: TableShape, link: LinkDraft, links: Links, schema: Schema, guess: Guess, *, goes: bool) -> DraftColumn:
    made = DraftColumn(column.name, column.type)
    if link.kind is LinkKind.ROOT and _TOLD_APART.search(spelled(column.name)):
        return replace(made, open=ALL_ROWS)
    if link.kind in (LinkKind.UP, LinkKind.DOWN) and column.name in link.columns:
        return replace(made, not_personal=KEYS, known=link.known or link.kind is LinkKind.DOWN)
    points = next((r for r in links.references[shape.name] if column.name in r.columns), None)
    if points is not None and column.name not in shape.key:
        return _pointer(made, column, points, links)
    if column.name in _fixed(shape, schema) and not goes:
        return _key(made, column, guess, in_map=link.kind is LinkKind.ROOT and column.name in own_key(shape))
    if guess.kind and link.kind is LinkKind.NONE:
        return _nobodys(made, column, shape, guess.kind)
    if guess.kind:
        return _personal(made, column, shape, guess.kind, goes=goes)
    if column.name in shape.key and column.family is not Family.TEXT:
        return replace(made, not_personal=KEYS, known=True)
    return replace(made, open=guess.why) if guess.why else replace(made, not_personal=guess.reason)


def _pointer(made: DraftColumn, column: Column, to: Reference, links: Links) -> DraftColumn:
    """A key of another row: of a customer to whom this row does not belong, it is cut once that customer is gone."""
    if to.parent != links.root or to.parent_columns != links.key or len(links.key) != 1:
        return replace(made, not_personal=KEYS, known=to.known)
    return replace(made, refers_to=links.root) if column.nullable else replace(made, open=FOREIGN)


def _key(made: DraftColumn, column: Column, guess: Guess, *, in_map: bool) -> DraftColumn:
    """`in_map`: `[customer]` names the column, so the map must say something of it; `map check` tells that no mask can stand there."""
    if guess.kind:
        return replace(made, open=IS_KEY, looks=guess.kind, kind=guess.kind if in_map else "")
    return replace(made, not_personal=KEYS, known=column.family is not Family.TEXT)


def _fixed(shape: TableShape, schema: Schema) -> frozenset[str]:
    """Columns that hold rows in place: no mask may stand on them."""
    there = {c for other in schema.tables.values() for key in other.foreign_keys if key.parent == shape.name for c in key.parent_columns}
    return frozenset((*shape.key, *own_key(shape), *there, *(c for key in shape.foreign_keys for c in key.columns)))


def _nobodys(made: DraftColumn, column: Column, shape: TableShape, kind: str) -> DraftColumn:
    """In a table without a path only words that quote a customer can be blanked; whose data the others are, nobody can say."""
    if kind == "free_text" and fits(Mask.REDACT, column, unique=_unique(shape, column.name)) is None and not column.generated:
        return replace(made, kind=kind, mask="redact", everywhere=True)
    return replace(made, open=NOBODYS, looks=kind)


def _personal(made: DraftColumn, column: Column, shape: TableShape, kind: str, *, goes: bool) -> DraftColumn:
    mask = "" if goes else _mask(column, shape, kind)
    if column.generated or mask is None:
        return replace(made, open=COMPUTED if column.generated else NO_MASK, looks=kind)
    return replace(made, kind=kind, mask=mask)


def _mask(column: Column, shape: TableShape, kind: str) -> str | None:
    """The mask to write down, empty for the kind's own; None when none fits."""
    unique, own = _unique(shape, column.name), default_mask(kind, column, unique=_unique(shape, column.name))
    rules = [c.text for c in shape.checks if re.search(rf"(?<!\w){re.escape(column.name)}(?!\w)", c.text, re.IGNORECASE)]
    if rules and own not in (Mask.NULL, Mask.EMAIL):
        if column.nullable:
            return "null"
        exact = re.search(rf"^[\s(]*\w*length\W+{re.escape(column.name)}\W[^=<>]*=\s*(\d+)[\s)]*$", rules[0], re.IGNORECASE)
        most = min(100, column.length or 100)
        return f"constant:{'0' * int(exact[1])}" if exact and len(rules) == 1 and not unique and int(exact[1]) <= most else None
    if fits(own, column, unique=unique) is None:
        return ""
    others = (Mask.NULL, Mask.TOKEN, Mask.STARS, Mask.ZERO)
    return next((mask.value for mask in others if fits(mask, column, unique=unique) is None), None)


def _unique(shape: TableShape, column: str) -> bool:
    return any(column in group for group in (shape.key, *shape.unique))


def _declare(tables: dict[str, DraftTable], schema: Schema) -> dict[str, DraftTable]:
    """Tables without a path: as a whole not personal where nothing in them looks personal and no row hangs on a mapped one."""
    plain = {n for n, table in tables.items() if table.link == "none" and _is_plain(table)}
    while held := {n for n in plain if any(key.parent in tables and key.parent not in plain for key in schema.tables[n].foreign_keys)}:
        plain -= held
    for name in plain:
        tables[name] = replace(tables[name], link="", columns=tuple(_not_personal(c, KEYS) for c in tables[name].columns))
    return tables


def _is_plain(table: DraftTable) -> bool:
    texts = ("free_text", "name", "url", "file_path", "")
    if catalogue(table.name) and not named(table.name, (*STAFF, *CUSTOMERS, *ACCOUNTS)):
        return all((c.kind or c.looks) in texts and c.open != SPECIAL for c in table.columns)
    return all(c.not_personal for c in table.columns)


def _open_state(table: DraftTable, column: str) -> DraftTable:
    """A wrong word would silently switch a guard off, so the column stays open until somebody has looked."""
    return replace(table, columns=tuple(replace(_opened(c), open=STATE_WORDS) if c.name == column else c for c in table.columns))


def _opened(column: DraftColumn) -> DraftColumn:
    return DraftColumn(column.name, column.type, looks=column.kind or column.looks)


def _not_personal(column: DraftColumn, reason: str) -> DraftColumn:
    return column if column.not_personal else DraftColumn(column.name, column.type, not_personal=reason)


def _guesses(table: DraftTable) -> int:
    return int(not table.known and table.link not in ("customer", "none")) + sum(not (c.known or c.open) for c in table.columns)
