"""What kvkk itself goes by: settings, staff, and who is at work."""

from __future__ import annotations

from sqlalchemy import String, Table

from core.store.tables.base import Exact, Long, Moment, column, metadata

meta = Table(
    "kvkk_meta",
    metadata,
    column("name", Exact(64), "what is remembered", "none: a word of ours", primary_key=True),
    column("value", Long(), "its value", "none: origin of the chain, map, key id", nullable=False),
    comment="What this database is to kvkk: `origin` (random, names the audit chain), `map`, `key_id`.",
)

settings = Table(
    "kvkk_settings",
    metadata,
    column("key", Exact(64), "name of the setting", "none: a word of ours", primary_key=True),
    column("value", Long(), "canonical text of the value", "none: the company's own data", nullable=False),
    column("changed_at", Moment(), "when", "none: a moment", nullable=False),
    column("changed_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    comment="Settings that differ from their default.",
)

staff = Table(
    "kvkk_staff",
    metadata,
    column("account", Exact(64), "operating-system account", "none: staff, kept for accountability", primary_key=True),
    column("role", String(8), "viewer, operator, admin", "none: a word of ours", nullable=False),
    column("added_at", Moment(), "when", "none: a moment", nullable=False),
    column("added_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    comment="Who may do what. Empty: whoever can open the database acts as admin.",
)

proposals = Table(
    "kvkk_proposals",
    metadata,
    column("name", Exact(64), "setting that takes two admins", "none: a word of ours", primary_key=True),
    column("value", Long(), "canonical text that was proposed", "none: the company's own data", nullable=False),
    column("at", Moment(), "when", "none: a moment", nullable=False),
    column("by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    comment="Changes that wait for a second admin.",
)

leases = Table(
    "kvkk_leases",
    metadata,
    column("name", Exact(64), "what only one may do at a time", "none: a word of ours", primary_key=True),
    column("holder", Exact(128), "random token of the holder", "none: random", nullable=False),
    column("who", String(255), "account@host of the holder", "none: staff, kept for accountability", nullable=False),
    column("taken_at", Moment(), "when", "none: a moment", nullable=False),
    column("until", Moment(), "a dead holder loses it then", "none: a moment", nullable=False),
    comment="Leases by compare-and-set: no lock of one host or one node.",
)
