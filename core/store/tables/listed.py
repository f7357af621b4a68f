"""Fingerprints of people who are no customers any more."""

from __future__ import annotations

from sqlalchemy import BigInteger, Date, Index, String, Table

from core.store.tables.base import Exact, Long, Moment, column, metadata, serial

blacklist = Table(
    "kvkk_blacklist",
    metadata,
    column("fingerprint", Exact(64), "HMAC-SHA-256 of kind and folded value", "keyed: with an expiry", primary_key=True),
    column("key_id", Exact(16), "which key made it", "none: a name of ours", primary_key=True),
    column("kind", String(16), "email, phone, national_id, tax_id", "none: a word of ours", nullable=False),
    column("request", BigInteger(), "request that made it", "none: a number of ours", index=True),
    column("added_at", Moment(), "when", "none: a moment", nullable=False),
    column("added_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    column("expires_on", Date(), "last day of its purpose", "none: a date", nullable=False),
    column("reason", Long(), "purpose", "text: words of staff, no value of the customer"),
    Index("ix_kvkk_blacklist_added", "added_at", "fingerprint"),
    Index("ix_kvkk_blacklist_expires", "expires_on"),
    Index("ix_kvkk_blacklist_key", "key_id", "expires_on"),
    comment="Keyed fingerprints of details with which no account may be opened again.",
)

blacklist_removals = Table(
    "kvkk_blacklist_removals",
    metadata,
    column("id", serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    column("kind", String(16), "email, phone, national_id, tax_id", "none: a word of ours", nullable=False),
    column("request", BigInteger(), "request that had made the entry", "none: a number of ours"),
    column("added_at", Moment(), "when it was put there", "none: a moment", nullable=False),
    column("added_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    column("removed_at", Moment(), "when", "none: a moment", nullable=False, index=True),
    column("removed_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    column("reason", Long(), "why", "text: words of staff, no value of the customer", nullable=False),
    comment="Entries that were taken off the blacklist by hand, and why; their fingerprints are gone.",
)
