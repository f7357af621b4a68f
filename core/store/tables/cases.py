"""Requests of customers, and what became of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Date, Index, Integer, String, Table

from core.store.tables.base import Exact, Long, Moment, column, metadata, serial

requests = Table(
    "kvkk_requests",
    metadata,
    column("number", serial(), "request number", "none: a number of ours", primary_key=True, autoincrement=True),
    column("customer", Exact(255), "key of the customer as text", "key: NULL after an erase"),
    column("subject", Exact(64), "keyed token of the customer's key", "keyed: set by an erase", index=True),
    column("open_customer", Exact(255), "customer while open, else NULL", "key: one open request a customer", unique=True),
    column("kind", String(16), "anonymise, erase", "none: a word of ours", nullable=False),
    column("regime", String(8), "kvkk, gdpr", "none: a word of ours", nullable=False),
    column("channel", String(24), "how it came in", "none: a word of ours", nullable=False),
    column("verified_by", Long(), "how the identity was verified", "text: cleared on resolution"),
    column("received_on", Date(), "day of receipt", "none: a date of the process", nullable=False),
    column("due_on", Date(), "last day for the answer", "none: a date of the process", nullable=False),
    column("extended_to", Date(), "later last day (GDPR 12(3))", "none: a date of the process"),
    column("note", Long(), "note of staff", "text: cleared on resolution"),
    column("state", String(16), "pending, approved, resolved, rejected, cancelled", "none: a word of ours", nullable=False),
    column("version", Integer(), "grows with every change; compare-and-set", "none: a number", nullable=False),
    column("filed_at", Moment(), "when it was filed", "none: a moment", nullable=False),
    column("filed_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    column("approved_by", String(255), "who approved an erase", "none: staff, kept for accountability"),
    column("approved_plan", Exact(64), "fingerprint that was approved", "none: a hash of keys and counts"),
    column("decided_at", Moment(), "when it reached its final state", "none: a moment"),
    column("decided_by", String(255), "who", "none: staff, kept for accountability"),
    column("outcome", String(16), "access, mask, erase", "none: a word of ours"),
    column("blacklisted", Boolean(), "whether fingerprints were kept", "none: yes or no", nullable=False),
    column("reason", Long(), "reason of a refusal or of doing less", "text: cleared on resolution"),
    column("last_error", String(64), "code of the last failed attempt", "none: a word of ours"),
    column("reminded", String(8), "near, overdue: what staff were told of the deadline", "none: a word of ours"),
    Index("ix_kvkk_requests_queue", "state", "due_on", "number"),
    Index("ix_kvkk_requests_received", "state", "received_on", "number"),
    Index("ix_kvkk_requests_state", "state", "number"),
    Index("ix_kvkk_requests_customer", "customer", "number"),
    comment="Requests of customers (KVKK art. 11 and 13, GDPR art. 12).",
)

holds = Table(
    "kvkk_holds",
    metadata,
    column("id", serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    column("request", BigInteger(), "request that left the hold", "none: a number of ours", nullable=False, index=True),
    column("table_name", Exact(128), "table of the company", "none: a name of the schema", nullable=False),
    column("row_key", Exact(255), "key of the held row as JSON", "none: key of an invoice, never the customer's own", nullable=False),
    column("because", Long(), "law, from the map", "none: words of the map", nullable=False),
    column("spared", Long(), "JSON: columns that stayed readable", "none: names of the schema"),
    column("release_on", Date(), "1 January on which it ends; NULL: kept for good", "none: a date", index=True),
    column("released_at", Moment(), "when it was finished", "none: a moment"),
    comment="Rows that survive a mask or an erase because a law keeps them, until `release_on`.",
)

certificates = Table(
    "kvkk_certificates",
    metadata,
    column("request", BigInteger(), "request", "none: a number of ours", primary_key=True, autoincrement=False),
    column("part", Integer(), "0 the certificate, 1… its addenda", "none: a number", primary_key=True, autoincrement=False),
    column("made_at", Moment(), "when", "none: a moment", nullable=False),
    column("document", Long(), "canonical JSON", "none: tables, counts, reasons, never a value", nullable=False),
    comment="Certificates of destruction (imha tutanağı) and their dated addenda; never changed.",
)

reports = Table(
    "kvkk_reports",
    metadata,
    column("number", serial(), "number", "none: a number of ours", primary_key=True, autoincrement=True),
    column("since", Date(), "first day of the period", "none: a date", nullable=False, unique=True),
    column("until", Date(), "day after its last", "none: a date", nullable=False),
    column("made_at", Moment(), "when", "none: a moment", nullable=False),
    column("document", Long(), "canonical JSON", "none: tables and counts, never a value", nullable=False),
    comment="Periodic destruction reports (regulation art. 11); never changed.",
)
