"""What proves later what was done: the audit chain, the keys, tombstones, what is still to be cleaned."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, LargeBinary, String, Table

from core.store.tables.base import Exact, Long, Moment, column, metadata, serial

audit = Table(
    "kvkk_audit",
    metadata,
    column("seq", BigInteger(), "position in the chain, from 1", "none: a number", primary_key=True, autoincrement=False),
    column("at", Moment(), "when, also inside the hashed text", "none: a moment", nullable=False),
    column("actor", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    column("verb", String(32), "what was done", "none: a word of ours", nullable=False),
    column("request", BigInteger(), "request", "none: a number of ours", index=True),
    column("detail", Long(), "canonical ASCII JSON that was hashed", "none: counts and words of ours", nullable=False),
    column("hash", Exact(64), "SHA-256 over the hash before and detail", "none: a hash", nullable=False),
    column("key_id", Exact(16), "key of `mac`, NULL without a key file", "none: a name of ours"),
    column("mac", Exact(64), "HMAC-SHA-256 of hash under the key file", "none: a hash"),
    comment="Append-only hash chain without personal data.",
)

audit_head = Table(
    "kvkk_audit_head",
    metadata,
    column("id", Integer(), "always 1", "none: a constant", primary_key=True, autoincrement=False),
    column("seq", BigInteger(), "last position", "none: a number", nullable=False),
    column("hash", Exact(64), "last hash", "none: a hash", nullable=False),
    comment="End of the chain, advanced by compare-and-set.",
)

segments = Table(
    "kvkk_audit_segments",
    metadata,
    column("last_seq", BigInteger(), "last position of the segment", "none: a number", primary_key=True, autoincrement=False),
    column("first_seq", BigInteger(), "first position of the segment", "none: a number", nullable=False),
    column("last_hash", Exact(64), "hash on which the chain goes on", "none: a hash", nullable=False),
    column("file", Exact(128), "name of the archive beside the key file", "none: a name of ours", nullable=False),
    column("sha256", String(64), "of the archive", "none: a hash", nullable=False),
    column("closed_at", Moment(), "when", "none: a moment", nullable=False),
    column("closed_by", String(255), "staff account@host: on whose host the archive is", "none: staff, kept for accountability"),
    column("key_id", Exact(16), "key that signs what follows, NULL before the first one", "none: a name of ours"),
    comment="Segments of the audit chain that are past their retention: archived to a file, then removed from the table.",
)

keys = Table(
    "kvkk_keys",
    metadata,
    column("key_id", Exact(16), "first 16 hex digits of SHA-256 of the key", "none: a hash of a random key", primary_key=True),
    column("state", String(8), "current, old, dropped", "none: a word of ours", nullable=False),
    column("since", Moment(), "first use", "none: a moment", nullable=False),
    comment="Which keys made the fingerprints in this database; the keys themselves are files outside it.",
)

tombstones = Table(
    "kvkk_tombstones",
    metadata,
    column("id", serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    column("request", BigInteger(), "request, 0 for none", "none: a number of ours", nullable=False, index=True),
    column("at", Moment(), "when", "none: a moment", nullable=False),
    column("outcome", String(16), "access, mask, erase, opened, listed, unlisted", "none: a word of ours", nullable=False),
    column("key_id", Exact(16), "which key made the tokens", "none: a name of ours", nullable=False),
    column("subject", Exact(64), "token of the customer's key, empty for none", "keyed: finds who came back", nullable=False, index=True),
    column("created", Exact(64), "token of key and creation time", "keyed: tells a key that was given anew"),
    column("proofs", Long(), "JSON: tokens of e-mails, phones and ids with the creation time", "keyed: prove who came back"),
    column("marks", Long(), "JSON: fingerprints for the blacklist, with their ends", "keyed: with an expiry"),
    comment="What must be done again when a backup is restored; keyed, no personal data. Also kept in a file outside.",
)

scrubs = Table(
    "kvkk_scrubs",
    metadata,
    column(
        "request", BigInteger(), "request that left something to clean", "none: a number of ours", primary_key=True, autoincrement=False
    ),
    column("queued_at", Moment(), "when", "none: a moment", nullable=False),
    column("tables", Long(), "JSON: tables that changed", "none: names of the schema", nullable=False),
    column("key_id", Exact(16), "key that seals the values", "none: a name of ours", nullable=False),
    column("sealed", LargeBinary(), "values to look for in the files", "sealed: the row goes once they were looked for", nullable=False),
    column("last_try", Moment(), "when it was last tried", "none: a moment"),
    column("last_why", String(32), "code of why it is still pending", "none: a word of ours"),
    comment="Resolutions whose old bytes are still to be cleaned out of the database's own files.",
)
