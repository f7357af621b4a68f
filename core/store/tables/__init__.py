"""Our own tables, described column by column. Every room of them is loaded with the first table of it that is asked for.

Every column says what it is (`comment`, which the servers store too) and what it holds of a person (`info["data"]`): `none: …`,
`key: …` (the customer's key, gone after an erase), `keyed: …` (an HMAC that only the key file can relate to anyone), `sealed: …`
(encrypted under the key file), or `text: …` (words of staff, cleared of the customer's values when a request is resolved).
A test fails when a column says nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.store.tables import base
from core.store.tables.base import MYSQL, PREFIX, VERSION_TABLE, Moment

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table

    from core.store.tables.cases import certificates as certificates
    from core.store.tables.cases import holds as holds
    from core.store.tables.cases import reports as reports
    from core.store.tables.cases import requests as requests
    from core.store.tables.desk import leases as leases
    from core.store.tables.desk import meta as meta
    from core.store.tables.desk import proposals as proposals
    from core.store.tables.desk import settings as settings
    from core.store.tables.desk import staff as staff
    from core.store.tables.listed import blacklist as blacklist
    from core.store.tables.listed import blacklist_removals as blacklist_removals
    from core.store.tables.people import attempts as attempts
    from core.store.tables.people import blocks as blocks
    from core.store.tables.people import consent_texts as consent_texts
    from core.store.tables.people import consents as consents
    from core.store.tables.people import downloads as downloads
    from core.store.tables.people import tokens as tokens
    from core.store.tables.proofs import audit as audit
    from core.store.tables.proofs import audit_head as audit_head
    from core.store.tables.proofs import keys as keys
    from core.store.tables.proofs import scrubs as scrubs
    from core.store.tables.proofs import segments as segments
    from core.store.tables.proofs import tombstones as tombstones
    from core.store.tables.work import outbox as outbox
    from core.store.tables.work import run_items as run_items
    from core.store.tables.work import runs as runs
    from core.store.tables.work import templates as templates

    metadata: MetaData

__all__ = ["MYSQL", "PREFIX", "VERSION_TABLE", "Moment"]
ROOMS = {
    "desk": ("meta", "settings", "staff", "proposals", "leases"),
    "cases": ("requests", "holds", "certificates", "reports"),
    "people": ("consents", "consent_texts", "downloads", "blocks", "tokens", "attempts"),
    "listed": ("blacklist", "blacklist_removals"),
    "proofs": ("audit", "audit_head", "segments", "keys", "tombstones", "scrubs"),
    "work": ("outbox", "templates", "runs", "run_items"),
}
_HOME = {table: room for room, tables in ROOMS.items() for table in tables}


def __getattr__(name: str) -> Any:
    """A table, or `metadata` with all of them."""
    if name == "metadata":
        for room in ROOMS:
            import_module(f"{__name__}.{room}")
        value: MetaData | Table = base.metadata
    elif name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
