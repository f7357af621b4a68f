"""Many customers at once: the same answers as `customers.locate`, in one pass over the company's table instead of one for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from core.errors import KvkkError, NotFound, UsageError
from core.model.canonical import DIGIT_KINDS, canonical, fold_id
from core.store import customers
from core.store.paths import key_text
from core.store.sql import stream
from core.store.subjects import condition_sql

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas

FEW = 3
"""Up to so many are looked for by themselves."""
TAIL = 4
"""Digits at the end by which a number is told to be none that is looked for, before it is read in earnest."""
Found = Mapping[str, str | KvkkError]
"""What was wanted → the customer's key, or the error that `customers.locate` would raise."""


def many(conn: Connection, atlas: Atlas, wanted: Iterable[str]) -> Found:
    """The customer that each text means."""
    texts = list(dict.fromkeys(wanted))
    keys = customers.existing(conn, atlas, {one for text in texts for one in (text, text.strip()) if _is_sound(text)})
    found: dict[str, str | KvkkError] = {}
    left: list[str] = []
    for text in texts:
        if text in keys or text.strip() in keys:
            found[text] = text if text in keys else text.strip()
        else:
            left.append(text)
    return found | (_one_by_one(conn, atlas, left) if len(left) <= FEW else _in_one_pass(conn, atlas, left))


def _is_sound(text: str) -> bool:
    return bool(text.strip()) and "\x00" not in text


def _one_by_one(conn: Connection, atlas: Atlas, texts: Iterable[str]) -> dict[str, str | KvkkError]:
    found: dict[str, str | KvkkError] = {}
    for text in texts:
        try:
            found[text] = customers.locate(conn, atlas, text)
        except KvkkError as error:
            found[text] = error
    return found


def _in_one_pass(conn: Connection, atlas: Atlas, texts: Iterable[str]) -> dict[str, str | KvkkError]:
    sought = {text: _values(text) for text in texts}
    wanted = {value for values in sought.values() for value in values}
    owners = _owners(conn, atlas, wanted)
    return {text: _answer(text, {key for value in values for key in owners.get(value, ())}) for text, values in sought.items()}


def _answer(text: str, keys: set[str]) -> str | KvkkError:
    if not _is_sound(text):
        return UsageError("customer-malformed")
    if len(keys) > 1:
        return UsageError("customer-ambiguous", keys=tuple(sorted(keys)))
    return keys.pop() if keys else NotFound("customer-not-found")


def _values(text: str) -> tuple[tuple[str, str], ...]:
    """(kind, canonical value) that a text may mean; none for a key that nobody has."""
    plain = text.strip()
    prefix = next((p for p in customers.PREFIXES if plain.lower().startswith(p)), None)
    kinds = customers.PREFIXES[prefix] if prefix else ("email",) if "@" in plain else ()
    value = plain[len(prefix) :] if prefix else plain
    found = ((kind, canonical(kind, value)) for kind in kinds if _is_sound(text))
    return tuple((kind, one) for kind, one in found if one is not None)


def _owners(conn: Connection, atlas: Atlas, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """(kind, canonical value) → keys of the customers who have it, for those that are wanted."""
    customer, sql = atlas.map.customer, atlas.sql
    kinds = {kind for kind, _ in wanted}
    roles = [(kind, column) for kind, column in customer.roles() if kind in kinds]
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    if not roles:
        return owners
    ends = {value[-TAIL:] for kind, value in wanted if kind in DIGIT_KINDS}
    more, values = condition_sql(atlas)
    picked = ", ".join(sql.quote(name) for name in (*customer.key, *(column for _, column in roles)))
    width = len(customer.key)
    for row in stream(conn, f"SELECT {picked} FROM {sql.quote(customer.table)} WHERE 1 = 1{more}", values):
        for (kind, _), cell in zip(roles, row[width:], strict=True):
            text = "" if cell is None else str(cell)
            if not text or (kind in DIGIT_KINDS and fold_id(text)[-TAIL:] not in ends):
                continue
            value = canonical(kind, text)
            if value is not None and (kind, value) in wanted:
                owners[kind, value].add(key_text(row[:width]))
    return owners
