"""Our own tables, described column by column.

Every column says what it is (`comment`, which the servers store too) and what it holds of a person (`info["data"]`): `none: …`,
`key: …` (the customer's key, gone after an erase), `keyed: …` (an HMAC that only the key file can relate to anyone), `sealed: …`
(encrypted under the key file), or `text: …` (words of staff, cleared of the customer's values when a request is resolved).
A test fails when a column says nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

PREFIX = "kvkk_"
VERSION_TABLE = "kvkk_alembic_version"
MYSQL = ("mysql", "mariadb")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC with microseconds on every engine; naive values are refused, aware ones come back."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in MYSQL:
            from sqlalchemy.dialects import mysql

            factory: Any = mysql.DATETIME
            return dialect.type_descriptor(factory(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Exact(TypeDecorator[str]):
    """Text that compares byte by byte on every engine: MariaDB's `_bin` pads blanks, so its no-pad sister is named."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name not in MYSQL:
            return dialect.type_descriptor(String(self.length))
        from sqlalchemy.dialects import mysql  # 20 ms that a command on SQLite need not wait for

        collation = "utf8mb4_nopad_bin" if dialect.name == "mariadb" else "utf8mb4_0900_bin"
        return dialect.type_descriptor(mysql.VARCHAR(self.length, charset="utf8mb4", collation=collation))


class Long(TypeDecorator[str]):
    """Text without a practical limit on every engine."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name not in MYSQL:
            return dialect.type_descriptor(Text())
        from sqlalchemy.dialects import mysql

        return dialect.type_descriptor(mysql.LONGTEXT(charset="utf8mb4"))


def _serial() -> Any:
    """An ever-growing number; SQLite grows only INTEGER by itself."""
    return BigInteger().with_variant(Integer(), "sqlite")


def _column(name: str, type_: Any, about: str, data: str, **more: Any) -> Column[Any]:
    return Column(name, type_, comment=about, info={"data": data}, **more)


meta = Table(
    "kvkk_meta",
    metadata,
    _column("name", Exact(64), "what is remembered", "none: a word of ours", primary_key=True),
    _column("value", Long(), "its value", "none: origin of the chain, map, key id", nullable=False),
    comment="What this database is to kvkk: `origin` (random, names the audit chain), `map`, `key_id`.",
)

settings = Table(
    "kvkk_settings",
    metadata,
    _column("key", Exact(64), "name of the setting", "none: a word of ours", primary_key=True),
    _column("value", Long(), "canonical text of the value", "none: the company's own data", nullable=False),
    _column("changed_at", Moment(), "when", "none: a moment", nullable=False),
    _column("changed_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    comment="Settings that differ from their default.",
)

requests = Table(
    "kvkk_requests",
    metadata,
    _column("number", _serial(), "request number", "none: a number of ours", primary_key=True, autoincrement=True),
    _column("customer", Exact(255), "key of the customer as text", "key: NULL after an erase"),
    _column("subject", Exact(64), "keyed token of the customer's key", "keyed: set by an erase", index=True),
    _column("open_customer", Exact(255), "customer while open, else NULL", "key: one open request a customer", unique=True),
    _column("kind", String(16), "anonymise, erase", "none: a word of ours", nullable=False),
    _column("regime", String(8), "kvkk, gdpr", "none: a word of ours", nullable=False),
    _column("channel", String(24), "how it came in", "none: a word of ours", nullable=False),
    _column("verified_by", Long(), "how the identity was verified", "text: cleared on resolution"),
    _column("received_on", Date(), "day of receipt", "none: a date of the process", nullable=False),
    _column("due_on", Date(), "last day for the answer", "none: a date of the process", nullable=False),
    _column("extended_to", Date(), "later last day (GDPR 12(3))", "none: a date of the process"),
    _column("note", Long(), "note of staff", "text: cleared on resolution"),
    _column("state", String(16), "pending, approved, resolved, rejected, cancelled", "none: a word of ours", nullable=False),
    _column("version", Integer(), "grows with every change; compare-and-set", "none: a number", nullable=False),
    _column("filed_at", Moment(), "when it was filed", "none: a moment", nullable=False),
    _column("filed_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    _column("approved_by", String(255), "who approved an erase", "none: staff, kept for accountability"),
    _column("approved_plan", Exact(64), "fingerprint that was approved", "none: a hash of keys and counts"),
    _column("decided_at", Moment(), "when it reached its final state", "none: a moment"),
    _column("decided_by", String(255), "who", "none: staff, kept for accountability"),
    _column("outcome", String(16), "access, mask, erase", "none: a word of ours"),
    _column("blacklisted", Boolean(), "whether fingerprints were kept", "none: yes or no", nullable=False),
    _column("reason", Long(), "reason of a refusal or of doing less", "text: cleared on resolution"),
    _column("last_error", String(64), "code of the last failed attempt", "none: a word of ours"),
    _column("reminded", String(8), "near, overdue: what staff were told of the deadline", "none: a word of ours"),
    Index("ix_kvkk_requests_queue", "state", "due_on", "number"),
    Index("ix_kvkk_requests_received", "state", "received_on", "number"),
    Index("ix_kvkk_requests_state", "state", "number"),
    Index("ix_kvkk_requests_customer", "customer", "number"),
    comment="Requests of customers (KVKK art. 11 and 13, GDPR art. 12).",
)

holds = Table(
    "kvkk_holds",
    metadata,
    _column("id", _serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    _column("request", BigInteger(), "request that left the hold", "none: a number of ours", nullable=False, index=True),
    _column("table_name", Exact(128), "table of the company", "none: a name of the schema", nullable=False),
    _column("row_key", Exact(255), "key of the held row as JSON", "none: key of an invoice, never the customer's own", nullable=False),
    _column("because", Long(), "law, from the map", "none: words of the map", nullable=False),
    _column("spared", Long(), "JSON: columns that stayed readable", "none: names of the schema"),
    _column("release_on", Date(), "1 January on which it ends; NULL: kept for good", "none: a date", index=True),
    _column("released_at", Moment(), "when it was finished", "none: a moment"),
    comment="Rows that survive a mask or an erase because a law keeps them, until `release_on`.",
)

certificates = Table(
    "kvkk_certificates",
    metadata,
    _column("request", BigInteger(), "request", "none: a number of ours", primary_key=True, autoincrement=False),
    _column("part", Integer(), "0 the certificate, 1… its addenda", "none: a number", primary_key=True, autoincrement=False),
    _column("made_at", Moment(), "when", "none: a moment", nullable=False),
    _column("document", Long(), "canonical JSON", "none: tables, counts, reasons, never a value", nullable=False),
    comment="Certificates of destruction (imha tutanağı) and their dated addenda; never changed.",
)

consents = Table(
    "kvkk_consents",
    metadata,
    _column("id", _serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    _column("customer", Exact(255), "key of the customer as text", "key: NULL after an erase"),
    _column("subject", Exact(64), "keyed token of the customer's key", "keyed: set by an erase"),
    _column("given", Boolean(), "given or withdrawn", "none: yes or no", nullable=False),
    _column("version", Integer(), "version of the consent text", "none: a number", nullable=False),
    _column("at", Moment(), "when", "none: a moment", nullable=False),
    _column("channel", String(24), "over which channel", "none: a word of ours", nullable=False),
    _column("recorded_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    _column("kind", String(8), "consent, notice (read)", "none: a word of ours", nullable=False, server_default="consent"),
    _column("sha256", String(64), "of the text that was shown", "none: a hash of the company's text"),
    _column("received_on", Date(), "day on which the customer's word came in", "none: a date of the process"),
    _column("verified_by", Long(), "how the identity was verified", "text: cleared on resolution"),
    _column("current_of", Exact(255), "customer while this is the latest word on consent, else NULL", "key: NULL after an erase"),
    Index("ix_kvkk_consents_customer", "customer", "id"),
    Index("ix_kvkk_consents_subject", "subject"),
    Index("ix_kvkk_consents_given", "given", "version", "current_of"),
    Index("uq_kvkk_consents_current_of", "current_of", unique=True),
    comment="Consent given and withdrawn, and the notice read; rows are only added, `current_of` marks the one that counts.",
)

consent_texts = Table(
    "kvkk_consent_texts",
    metadata,
    _column("kind", Exact(8), "consent, notice", "none: a word of ours", primary_key=True),
    _column("version", Integer(), "1, 2, …", "none: a number", primary_key=True, autoincrement=False),
    _column("language", Exact(8), "tr, en", "none: a language", primary_key=True),
    _column("text", Long(), "what the customer is shown", "none: the company's own words", nullable=False),
    _column("sha256", String(64), "of its UTF-8", "none: a hash of the company's text", nullable=False),
    _column("built_in", Boolean(), "whether it came with kvkk", "none: yes or no", nullable=False),
    _column("made_at", Moment(), "when", "none: a moment", nullable=False),
    _column("made_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    comment="Every version of the consent text and of the notice; kept for ever.",
)

blocks = Table(
    "kvkk_blocks",
    metadata,
    _column("customer", Exact(255), "key of the customer as text", "key: the row goes with an erase", primary_key=True),
    _column("request", BigInteger(), "request that blocked the account", "none: a number of ours", index=True),
    _column("blocked_at", Moment(), "when", "none: a moment", nullable=False),
    _column("before", Long(), "JSON: access columns before, secrets left out", "none: states of the account", nullable=False),
    comment="Accounts whose access is blocked; what an admin needs to undo a mistake.",
)

tokens = Table(
    "kvkk_tokens",
    metadata,
    _column("hash", Exact(64), "SHA-256 of the token", "none: a hash of a random token", primary_key=True),
    _column("purpose", String(8), "reset, signin, session, register", "none: a word of ours", nullable=False),
    _column("customer", Exact(255), "key of the customer as text; NULL: register", "key: its row goes with a block", index=True),
    _column("address", Exact(64), "register: HMAC of the e-mail address", "keyed: gone within two days", index=True),
    _column("made_at", Moment(), "when", "none: a moment", nullable=False),
    _column("expires_at", Moment(), "end", "none: a moment", nullable=False, index=True),
    _column("used_at", Moment(), "when it was used up", "none: a moment"),
    comment="Short-lived tokens of customers: password reset, sign-in by link, session of the panel, registration.",
)

attempts = Table(
    "kvkk_attempts",
    metadata,
    _column("bucket", Exact(64), "HMAC of the account name or network address", "keyed: gone within two days", primary_key=True),
    _column("failures", Integer(), "failed attempts since the last quiet day", "none: a number", nullable=False),
    _column("last_at", Moment(), "the latest of them", "none: a moment", nullable=False, index=True),
    _column("until", Moment(), "no further attempt before that", "none: a moment", nullable=False),
    comment="Failed attempts to sign in, by which further ones are slowed down.",
)

downloads = Table(
    "kvkk_downloads",
    metadata,
    _column("id", _serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    _column("customer", Exact(255), "key of the customer as text", "key: NULL after an erase"),
    _column("subject", Exact(64), "keyed token of the customer's key", "keyed: set by an erase"),
    _column("by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    _column("started_at", Moment(), "intent, before the first byte", "none: a moment", nullable=False),
    _column("finished_at", Moment(), "end", "none: a moment"),
    _column("state", String(8), "started, done, broken", "none: a word of ours", nullable=False),
    _column("format", String(8), "xml, …", "none: a word of ours", nullable=False),
    _column("rows", BigInteger(), "rows written", "none: a count"),
    _column("bytes", BigInteger(), "bytes written", "none: a count"),
    _column("sha256", String(64), "of the file", "none: a hash of the whole file"),
    _column("reason", Long(), "why it was made", "text: cleared on resolution"),
    _column("channel", String(24), "how the customer asked", "none: a word of ours"),
    _column("received_on", Date(), "day on which the customer's wish came in", "none: a date of the process"),
    _column("verified_by", Long(), "how the identity was verified", "text: cleared on resolution"),
    Index("ix_kvkk_downloads_customer", "customer", "id"),
    comment="Who downloaded whose data.",
)

blacklist = Table(
    "kvkk_blacklist",
    metadata,
    _column("fingerprint", Exact(64), "HMAC-SHA-256 of kind and folded value", "keyed: with an expiry", primary_key=True),
    _column("key_id", Exact(16), "which key made it", "none: a name of ours", primary_key=True),
    _column("kind", String(16), "email, phone, national_id, tax_id", "none: a word of ours", nullable=False),
    _column("request", BigInteger(), "request that made it", "none: a number of ours", index=True),
    _column("added_at", Moment(), "when", "none: a moment", nullable=False),
    _column("added_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    _column("expires_on", Date(), "last day of its purpose", "none: a date", nullable=False),
    _column("reason", Long(), "purpose", "text: words of staff, no value of the customer"),
    Index("ix_kvkk_blacklist_added", "added_at", "fingerprint"),
    Index("ix_kvkk_blacklist_expires", "expires_on"),
    Index("ix_kvkk_blacklist_key", "key_id", "expires_on"),
    comment="Keyed fingerprints of details with which no account may be opened again.",
)

blacklist_removals = Table(
    "kvkk_blacklist_removals",
    metadata,
    _column("id", _serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    _column("kind", String(16), "email, phone, national_id, tax_id", "none: a word of ours", nullable=False),
    _column("request", BigInteger(), "request that had made the entry", "none: a number of ours"),
    _column("added_at", Moment(), "when it was put there", "none: a moment", nullable=False),
    _column("added_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    _column("removed_at", Moment(), "when", "none: a moment", nullable=False, index=True),
    _column("removed_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    _column("reason", Long(), "why", "text: words of staff, no value of the customer", nullable=False),
    comment="Entries that were taken off the blacklist by hand, and why; their fingerprints are gone.",
)

tombstones = Table(
    "kvkk_tombstones",
    metadata,
    _column("id", _serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    _column("request", BigInteger(), "request, 0 for none", "none: a number of ours", nullable=False, index=True),
    _column("at", Moment(), "when", "none: a moment", nullable=False),
    _column("outcome", String(16), "access, mask, erase, opened, listed, unlisted", "none: a word of ours", nullable=False),
    _column("key_id", Exact(16), "which key made the tokens", "none: a name of ours", nullable=False),
    _column("subject", Exact(64), "token of the customer's key, empty for none", "keyed: finds who came back", nullable=False, index=True),
    _column("created", Exact(64), "token of key and creation time", "keyed: tells a key that was given anew"),
    _column("proofs", Long(), "JSON: tokens of e-mails, phones and ids with the creation time", "keyed: prove who came back"),
    _column("marks", Long(), "JSON: fingerprints for the blacklist, with their ends", "keyed: with an expiry"),
    comment="What must be done again when a backup is restored; keyed, no personal data. Also kept in a file outside.",
)

outbox = Table(
    "kvkk_outbox",
    metadata,
    _column("id", _serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    _column("request", BigInteger(), "request", "none: a number of ours", index=True),
    _column("event", String(24), "which template", "none: a word of ours", nullable=False),
    _column("language", String(8), "language of the customer", "none: tr or en", nullable=False),
    _column("message_id", Exact(128), "Message-ID and idempotency key", "none: random", nullable=False, unique=True),
    _column("queued_at", Moment(), "when", "none: a moment", nullable=False),
    _column("state", String(12), "queued, sending, sent, unknown, failed, dropped", "none: a word of ours", nullable=False),
    _column("attempts", Integer(), "tries so far", "none: a count", nullable=False),
    _column("next_at", Moment(), "not before", "none: a moment"),
    _column("key_id", Exact(16), "key that seals the address", "none: a name of ours"),
    _column("sealed", LargeBinary(), "address, name and fields", "sealed: NULL once sent or dropped"),
    _column("recipient", String(8), "customer, staff", "none: a word of ours", nullable=False, server_default="customer"),
    _column("tried_at", Moment(), "begin of the last try", "none: a moment"),
    _column("closed_at", Moment(), "when it was sent or dropped", "none: a moment"),
    _column("last_error", String(64), "code of the last failed try", "none: a word of ours"),
    Index("ix_kvkk_outbox_state", "state", "id"),
    comment="Messages that wait to be sent; written in the transaction of what they tell.",
)

audit = Table(
    "kvkk_audit",
    metadata,
    _column("seq", BigInteger(), "position in the chain, from 1", "none: a number", primary_key=True, autoincrement=False),
    _column("at", Moment(), "when, also inside the hashed text", "none: a moment", nullable=False),
    _column("actor", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    _column("verb", String(32), "what was done", "none: a word of ours", nullable=False),
    _column("request", BigInteger(), "request", "none: a number of ours", index=True),
    _column("detail", Long(), "canonical ASCII JSON that was hashed", "none: counts and words of ours", nullable=False),
    _column("hash", Exact(64), "SHA-256 over the hash before and detail", "none: a hash", nullable=False),
    _column("key_id", Exact(16), "key of `mac`, NULL without a key file", "none: a name of ours"),
    _column("mac", Exact(64), "HMAC-SHA-256 of hash under the key file", "none: a hash"),
    comment="Append-only hash chain without personal data.",
)

audit_head = Table(
    "kvkk_audit_head",
    metadata,
    _column("id", Integer(), "always 1", "none: a constant", primary_key=True, autoincrement=False),
    _column("seq", BigInteger(), "last position", "none: a number", nullable=False),
    _column("hash", Exact(64), "last hash", "none: a hash", nullable=False),
    comment="End of the chain, advanced by compare-and-set.",
)

keys = Table(
    "kvkk_keys",
    metadata,
    _column("key_id", Exact(16), "first 16 hex digits of SHA-256 of the key", "none: a hash of a random key", primary_key=True),
    _column("state", String(8), "current, old, dropped", "none: a word of ours", nullable=False),
    _column("since", Moment(), "first use", "none: a moment", nullable=False),
    comment="Which keys made the fingerprints in this database; the keys themselves are files outside it.",
)

staff = Table(
    "kvkk_staff",
    metadata,
    _column("account", Exact(64), "operating-system account", "none: staff, kept for accountability", primary_key=True),
    _column("role", String(8), "viewer, operator, admin", "none: a word of ours", nullable=False),
    _column("added_at", Moment(), "when", "none: a moment", nullable=False),
    _column("added_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    comment="Who may do what. Empty: whoever can open the database acts as admin.",
)

runs = Table(
    "kvkk_runs",
    metadata,
    _column("id", Exact(16), "random name of the run", "none: random", primary_key=True),
    _column("started_at", Moment(), "when", "none: a moment", nullable=False, index=True),
    _column("started_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    _column("choice", String(64), "JSON: mask, erase, blacklist", "none: words of ours", nullable=False),
    _column(
        "options",
        Long(),
        "JSON: notify, reason, force, waiver, fingerprints",
        "text: words of staff for many customers at once",
        nullable=False,
    ),
    _column("state", String(8), "running, stopped, done", "none: a word of ours", nullable=False),
    _column("finished_at", Moment(), "when it ended or was stopped", "none: a moment"),
    comment="Runs over many requests; what became of each is in kvkk_run_items.",
)

run_items = Table(
    "kvkk_run_items",
    metadata,
    _column("run", Exact(16), "which run", "none: random", primary_key=True),
    _column("place", Integer(), "order in which it is worked on", "none: a number", primary_key=True, autoincrement=False),
    _column("request", BigInteger(), "request", "none: a number of ours", nullable=False, index=True),
    _column("state", String(8), "waiting, done, failed, skipped", "none: a word of ours", nullable=False),
    _column("code", String(64), "why it failed or was skipped", "none: a word of ours"),
    comment="The requests of a run, in the order of their customers.",
)

scrubs = Table(
    "kvkk_scrubs",
    metadata,
    _column(
        "request", BigInteger(), "request that left something to clean", "none: a number of ours", primary_key=True, autoincrement=False
    ),
    _column("queued_at", Moment(), "when", "none: a moment", nullable=False),
    _column("tables", Long(), "JSON: tables that changed", "none: names of the schema", nullable=False),
    _column("key_id", Exact(16), "key that seals the values", "none: a name of ours", nullable=False),
    _column("sealed", LargeBinary(), "values to look for in the files", "sealed: the row goes once they were looked for", nullable=False),
    _column("last_try", Moment(), "when it was last tried", "none: a moment"),
    _column("last_why", String(32), "code of why it is still pending", "none: a word of ours"),
    comment="Resolutions whose old bytes are still to be cleaned out of the database's own files.",
)

proposals = Table(
    "kvkk_proposals",
    metadata,
    _column("name", Exact(64), "setting that takes two admins", "none: a word of ours", primary_key=True),
    _column("value", Long(), "canonical text that was proposed", "none: the company's own data", nullable=False),
    _column("at", Moment(), "when", "none: a moment", nullable=False),
    _column("by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    comment="Changes that wait for a second admin.",
)

templates = Table(
    "kvkk_templates",
    metadata,
    _column("event", Exact(24), "which message", "none: a word of ours", primary_key=True),
    _column("language", Exact(8), "tr, en", "none: a language", primary_key=True),
    _column("subject", Long(), "subject line", "none: the company's own words", nullable=False),
    _column("body", Long(), "text with $fields", "none: the company's own words", nullable=False),
    _column("changed_at", Moment(), "when", "none: a moment", nullable=False),
    _column("changed_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    comment="Templates of messages that differ from the built-in ones.",
)

leases = Table(
    "kvkk_leases",
    metadata,
    _column("name", Exact(64), "what only one may do at a time", "none: a word of ours", primary_key=True),
    _column("holder", Exact(128), "random token of the holder", "none: random", nullable=False),
    _column("who", String(255), "account@host of the holder", "none: staff, kept for accountability", nullable=False),
    _column("taken_at", Moment(), "when", "none: a moment", nullable=False),
    _column("until", Moment(), "a dead holder loses it then", "none: a moment", nullable=False),
    comment="Leases by compare-and-set: no lock of one host or one node.",
)

reports = Table(
    "kvkk_reports",
    metadata,
    _column("number", _serial(), "number", "none: a number of ours", primary_key=True, autoincrement=True),
    _column("since", Date(), "first day of the period", "none: a date", nullable=False, unique=True),
    _column("until", Date(), "day after its last", "none: a date", nullable=False),
    _column("made_at", Moment(), "when", "none: a moment", nullable=False),
    _column("document", Long(), "canonical JSON", "none: tables and counts, never a value", nullable=False),
    comment="Periodic destruction reports (regulation art. 11); never changed.",
)

segments = Table(
    "kvkk_audit_segments",
    metadata,
    _column("last_seq", BigInteger(), "last position of the segment", "none: a number", primary_key=True, autoincrement=False),
    _column("first_seq", BigInteger(), "first position of the segment", "none: a number", nullable=False),
    _column("last_hash", Exact(64), "hash on which the chain goes on", "none: a hash", nullable=False),
    _column("file", Exact(128), "name of the archive beside the key file", "none: a name of ours", nullable=False),
    _column("sha256", String(64), "of the archive", "none: a hash", nullable=False),
    _column("closed_at", Moment(), "when", "none: a moment", nullable=False),
    _column("closed_by", String(255), "staff account@host: on whose host the archive is", "none: staff, kept for accountability"),
    _column("key_id", Exact(16), "key that signs what follows, NULL before the first one", "none: a name of ours"),
    comment="Segments of the audit chain that are past their retention: archived to a file, then removed from the table.",
)
