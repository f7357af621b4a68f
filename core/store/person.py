"""What is taken of a person before anything changes: values to fingerprint, proof of who it was, names, an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.model.identity import Identifier, Needle, canonical, needles
from core.model.tombstone import KINDS, created_text
from core.store.customers import keys_with
from core.store.subjects import asked, master_row

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas

PROOFS_MOST = 50
"""Values that prove one person; a customer with more (a reseller's hundred contacts) is known by the first."""
SHORT_NAME = 2
"""Letters up to which a part of a name is left in the words of staff: it would blank ordinary words."""


@dataclass(frozen=True, slots=True)
class Witness:
    """By what a person can be known again."""

    created: str | None
    """When the account was made, as one text; None where the map or the row does not tell."""
    values: tuple[tuple[str, str], ...] = field(repr=False)
    """(kind, canonical value)"""


def fingerprinted(
    conn: Connection, atlas: Atlas, key: str, own: Mapping[str, Any] | None = None
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """((kind, canonical value) for the blacklist, kinds left out because another customer has the value too).

    `own`: columns of the customer's row, read before (`subjects.asked`).
    """
    kept: list[tuple[str, str]] = []
    left: list[str] = []
    for kind, value in _own(atlas, own if own is not None else master_row(atlas, conn, key, asked(atlas))):
        if kind not in KINDS:
            continue
        if keys_with(conn, atlas, kind, value) - {key}:
            left.append(kind)
        else:
            kept.append((kind, value))
    return tuple(kept), tuple(left)


def witness(conn: Connection, atlas: Atlas, key: str) -> Witness:
    """What proves a person who comes back with a backup: what identifies them, and when the account was made."""
    return witness_of(atlas, master_row(atlas, conn, key, asked(atlas)))


def witness_of(atlas: Atlas, row: Mapping[str, Any] | None, former: Sequence[Needle] = ()) -> Witness:
    """The same of a row that was read before (`subjects.asked`), and of what identified them once."""
    created = atlas.map.customer.created
    found = dict.fromkeys(_own(atlas, row))
    found |= dict.fromkeys((one.kind, one.canonical) for one in former if one.kind in KINDS and not one.common)
    return Witness(created_text(row[created]) if row and created else None, tuple(found)[:PROOFS_MOST])


def name_needles(name: str | None) -> tuple[Needle, ...]:
    """Needles of a name and its parts, for the words of staff only: a name identifies nobody alone."""
    words = [word for word in (name or "").split() if len(word) > SHORT_NAME]
    found = needles(Identifier("name", word) for word in (name or "", *words) if word)
    return tuple(replace(needle, common=False) for needle in found)


def _own(atlas: Atlas, row: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """(kind, canonical value) of what the customer's own row holds."""
    roles, row = atlas.map.customer.roles(), row or {}
    found = ((kind, canonical(kind, str(row[column]))) for kind, column in roles if row.get(column) not in (None, ""))
    return tuple((kind, value) for kind, value in found if value is not None)
