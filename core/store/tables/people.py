"""What is kept of single customers, while they are customers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Date, Index, Integer, String, Table

from core.store.tables.base import Exact, Long, Moment, column, metadata, serial

consents = Table(
    "kvkk_consents",
    metadata,
    column("id", serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    column("customer", Exact(255), "key of the customer as text", "key: NULL after an erase"),
    column("subject", Exact(64), "keyed token of the customer's key", "keyed: set by an erase"),
    column("given", Boolean(), "given or withdrawn", "none: yes or no", nullable=False),
    column("version", Integer(), "version of the consent text", "none: a number", nullable=False),
    column("at", Moment(), "when", "none: a moment", nullable=False),
    column("channel", String(24), "over which channel", "none: a word of ours", nullable=False),
    column("recorded_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    column("kind", String(8), "consent, notice (read)", "none: a word of ours", nullable=False, server_default="consent"),
    column("sha256", String(64), "of the text that was shown", "none: a hash of the company's text"),
    column("received_on", Date(), "day on which the customer's word came in", "none: a date of the process"),
    column("verified_by", Long(), "how the identity was verified", "text: cleared on resolution"),
    column("current_of", Exact(255), "customer while this is the latest word on consent, else NULL", "key: NULL after an erase"),
    Index("ix_kvkk_consents_customer", "customer", "id"),
    Index("ix_kvkk_consents_subject", "subject"),
    Index("ix_kvkk_consents_given", "given", "version", "current_of"),
    Index("uq_kvkk_consents_current_of", "current_of", unique=True),
    comment="Consent given and withdrawn, and the notice read; rows are only added, `current_of` marks the one that counts.",
)

consent_texts = Table(
    "kvkk_consent_texts",
    metadata,
    column("kind", Exact(8), "consent, notice", "none: a word of ours", primary_key=True),
    column("version", Integer(), "1, 2, …", "none: a number", primary_key=True, autoincrement=False),
    column("language", Exact(8), "tr, en", "none: a language", primary_key=True),
    column("text", Long(), "what the customer is shown", "none: the company's own words", nullable=False),
    column("sha256", String(64), "of its UTF-8", "none: a hash of the company's text", nullable=False),
    column("built_in", Boolean(), "whether it came with kvkk", "none: yes or no", nullable=False),
    column("made_at", Moment(), "when", "none: a moment", nullable=False),
    column("made_by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    comment="Every version of the consent text and of the notice; kept for ever.",
)

downloads = Table(
    "kvkk_downloads",
    metadata,
    column("id", serial(), "row", "none: a number of ours", primary_key=True, autoincrement=True),
    column("customer", Exact(255), "key of the customer as text", "key: NULL after an erase"),
    column("subject", Exact(64), "keyed token of the customer's key", "keyed: set by an erase"),
    column("by", String(255), "staff account@host", "none: staff, kept for accountability", nullable=False),
    column("started_at", Moment(), "intent, before the first byte", "none: a moment", nullable=False),
    column("finished_at", Moment(), "end", "none: a moment"),
    column("state", String(8), "started, done, broken", "none: a word of ours", nullable=False),
    column("format", String(8), "xml, …", "none: a word of ours", nullable=False),
    column("rows", BigInteger(), "rows written", "none: a count"),
    column("bytes", BigInteger(), "bytes written", "none: a count"),
    column("sha256", String(64), "of the file", "none: a hash of the whole file"),
    column("reason", Long(), "why it was made", "text: cleared on resolution"),
    column("channel", String(24), "how the customer asked", "none: a word of ours"),
    column("received_on", Date(), "day on which the customer's wish came in", "none: a date of the process"),
    column("verified_by", Long(), "how the identity was verified", "text: cleared on resolution"),
    Index("ix_kvkk_downloads_customer", "customer", "id"),
    comment="Who downloaded whose data.",
)

blocks = Table(
    "kvkk_blocks",
    metadata,
    column("customer", Exact(255), "key of the customer as text", "key: the row goes with an erase", primary_key=True),
    column("request", BigInteger(), "request that blocked the account", "none: a number of ours", index=True),
    column("blocked_at", Moment(), "when", "none: a moment", nullable=False),
    column("before", Long(), "JSON: access columns before, secrets left out", "none: states of the account", nullable=False),
    comment="Accounts whose access is blocked; what an admin needs to undo a mistake.",
)

tokens = Table(
    "kvkk_tokens",
    metadata,
    column("hash", Exact(64), "SHA-256 of the token", "none: a hash of a random token", primary_key=True),
    column("purpose", String(8), "reset, signin, session, register", "none: a word of ours", nullable=False),
    column("customer", Exact(255), "key of the customer as text; NULL: register", "key: its row goes with a block", index=True),
    column("address", Exact(64), "register: HMAC of the e-mail address", "keyed: gone within two days", index=True),
    column("made_at", Moment(), "when", "none: a moment", nullable=False),
    column("expires_at", Moment(), "end", "none: a moment", nullable=False, index=True),
    column("used_at", Moment(), "when it was used up", "none: a moment"),
    comment="Short-lived tokens of customers: password reset, sign-in by link, session of the panel, registration.",
)

attempts = Table(
    "kvkk_attempts",
    metadata,
    column("bucket", Exact(64), "HMAC of the account name or network address", "keyed: gone within two days", primary_key=True),
    column("failures", Integer(), "failed attempts since the last quiet day", "none: a number", nullable=False),
    column("last_at", Moment(), "the latest of them", "none: a moment", nullable=False, index=True),
    column("until", Moment(), "no further attempt before that", "none: a moment", nullable=False),
    comment="Failed attempts to sign in, by which further ones are slowed down.",
)
