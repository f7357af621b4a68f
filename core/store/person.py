"""What is taken of a person before anything changes: values to fingerprint, proof of who it was, names, an address."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.model.identity import Identifier, Needle, canonical, needles
from core.store.customers import keys_with
from core.store.subjects import master_row

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.store.atlas import Atlas

BLACKLISTED = ("email", "phone", "national_id", "tax_id")
SHORT_NAME = 2
"""Letters up to which a part of a name is left in the words of staff: it would blank ordinary words."""


def fingerprinted(conn: Connection, atlas: Atlas, key: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """((kind, canonical value) for the blacklist, kinds left out because another customer has the value too)."""
    kept: list[tuple[str, str]] = []
    left: list[str] = []
    for kind, value in _own(conn, atlas, key):
        if kind not in BLACKLISTED:
            continue
        if keys_with(conn, atlas, kind, value) - {key}:
            left.append(kind)
        else:
            kept.append((kind, value))
    return tuple(kept), tuple(left)


def proof(conn: Connection, atlas: Atlas, key: str) -> str | None:
    """What proves a person who came back with a backup: e-mail, phone or id, and the moment of creation."""
    created = atlas.map.customer.created
    first = next(iter(_own(conn, atlas, key)), None)
    if first is None:
        return None
    row = master_row(atlas, conn, key, [created]) if created else None
    return f"{first[0]}:{first[1]}:{row[created] if row else ''}"


def name_needles(name: str | None) -> tuple[Needle, ...]:
    """Needles of a name and its parts, for the words of staff only: a name identifies nobody alone."""
    words = [word for word in (name or "").split() if len(word) > SHORT_NAME]
    found = needles(Identifier("name", word) for word in (name or "", *words) if word)
    return tuple(replace(needle, common=False) for needle in found)


def _own(conn: Connection, atlas: Atlas, key: str) -> tuple[tuple[str, str], ...]:
    """(kind, canonical value) of what the customer's own row holds."""
    roles = atlas.map.customer.roles()
    row = master_row(atlas, conn, key, (column for _, column in roles)) or {}
    found = ((kind, canonical(kind, str(row[column]))) for kind, column in roles if row.get(column) not in (None, ""))
    return tuple((kind, value) for kind, value in found if value is not None)
