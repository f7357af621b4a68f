"""What goes on in steps: messages and runs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String, Table

from core.store.tables.base import Exact, Long, Moment, column, metadata, serial

outbox = Table(
    "kvkk_outbox",
    metadata,
    column("id", serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    column("request", BigInteger(), "request", "none: a number of ours", index=True),
    column("event", String(24), "which template", "none: a word of ours", nullable=False),
    column("language", String(8), "language of the customer", "none: tr or en", nullable=False),
    column("message_id", Exact(128), "Message-ID and idempotency key", "none: random", nullable=False, unique=True),
    column("queued_at", Moment(), "when", "none: a moment", nullable=False),
    column("state", String(12), "queued, sending, sent, unknown, failed, dropped", "none: a word of ours", nullable=False),
    column("attempts", Integer(), "tries so far", "none: a count", nullable=False),
    column("next_at", Moment(), "not before", "none: a moment"),
    column("key_id", Exact(16), "key that seals the address", "none: a name of ours"),
    column("sealed", LargeBinary(), "address, name and fields", "sealed: NULL once sent or dropped"),
    column("recipient", String(8), "customer, staff", "none: a word of ours", nullable=False, server_default="customer"),
    column("tried_at", Moment(), "begin of the last try", "none: a moment"),
    column("closed_at", Moment(), "when it was sent or dropped", "none: a moment"),
    column("last_error", String(64), "code of the last failed try", "none: a word of ours"),
    Index("ix_kvkk_outbox_state", "state", "id"),
    comment="Messages that wait to be sent; written in the transaction of what they tell.",
)

templates = Table(
    "kvkk_templates",
    metadata,
    column("event", Exact(24), "which message", "none: a word of ours", primary_key=True),
    column("language", Exact(8), "tr, en", "none: a language", primary_key=True),
    column("subject", Long(), "subject line", "none: the company's own words", nullable=False),
    column("body", Long(), "text with $fields", "none: the company's own words", nullable=False),
    column("changed_at", Moment(), "when", "none: a moment", nullable=False),
    column("changed_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    comment="Templates of messages that differ from the built-in ones.",
)

runs = Table(
    "kvkk_runs",
    metadata,
    column("id", Exact(16), "random name of the run", "none: random", primary_key=True),
    column("started_at", Moment(), "when", "none: a moment", nullable=False, index=True),
    column("started_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    column("choice", String(64), "JSON: mask, erase, blacklist", "none: words of ours", nullable=False),
    column(
        "options",
        Long(),
        "JSON: notify, reason, force, waiver, fingerprints",
        "text: words of staff for many customers at once",
        nullable=False,
    ),
    column("state", String(8), "running, stopped, done", "none: a word of ours", nullable=False),
    column("finished_at", Moment(), "when it ended or was stopped", "none: a moment"),
    comment="Runs over many requests; what became of each is in kvkk_run_items.",
)

run_items = Table(
    "kvkk_run_items",
    metadata,
    column("run", Exact(16), "which run", "none: random", primary_key=True),
    column("place", Integer(), "order in which it is worked on", "none: a number", primary_key=True, autoincrement=False),
    column("request", BigInteger(), "request", "none: a number of ours", nullable=False, index=True),
    column("state", String(8), "waiting, done, failed, skipped", "none: a word of ours", nullable=False),
    column("code", String(64), "why it failed or was skipped", "none: a word of ours"),
    comment="The requests of a run, in the order of their customers.",
)
