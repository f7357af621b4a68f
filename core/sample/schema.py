"""The tables of the sample company: a hosting provider as its own billing system would have made them.

Portable to SQLite, PostgreSQL and MariaDB. On purpose it is not tidy: most tables declare their foreign keys, some link by
naming only (`signin_log`, `customer_meta`, `notes`, `sms_log`), two know customers by e-mail only (`mail_log`,
`password_resets`), one writes about anybody (`activity_log`). UNIQUE, NOT NULL and CHECK stand on personal columns, so that a
mask has to fit them.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, Date, Engine, Integer, String, Text, func

from core.sample.columns import company, moment, money, number, table, to

products = table(
    "products",
    number(),
    Column("code", String(24), nullable=False, unique=True),
    Column("title", String(80), nullable=False),
    money("price"),
    Column("currency", String(3), nullable=False),
)

staff_members = table(
    "staff_members",
    number(),
    Column("full_name", String(80), nullable=False),
    Column("email", String(120), nullable=False, unique=True),
    Column("extension", String(8)),
    Column("department", String(24), nullable=False),
    Column("hired_on", Date, nullable=False),
)

customers = table(
    "customers",
    number(),
    Column("first_name", String(80), nullable=False),
    Column("last_name", String(80), nullable=False),
    Column("company", String(120)),
    Column("email", String(120), nullable=False, unique=True),
    Column("phone", String(24), index=True),
    Column("identity_no", String(11)),
    Column("tax_office", String(60)),
    Column("tax_no", String(11)),
    Column("user_name", String(16), nullable=False, unique=True),
    Column("password_hash", String(100), nullable=False),
    Column("remember_token", String(64)),
    Column("birth_date", Date),
    Column("language", String(2), nullable=False),
    Column("status", String(10), nullable=False),
    Column("preferences", JSON(none_as_null=True)),
    Column("notes", Text),
    to("referred_by", "customers.id", nullable=True),
    Column("created_at", moment(), nullable=False),
)
customers.append_constraint(CheckConstraint(customers.c.email.like("%_@_%"), name="email"))
customers.append_constraint(CheckConstraint(func.length(customers.c.identity_no) == 11, name="identity_no"))
customers.append_constraint(CheckConstraint(customers.c.status.in_(("active", "blocked", "closed")), name="status"))

contacts = table(
    "contacts",
    number(),
    to("customer_id", "customers.id"),
    Column("full_name", String(120), nullable=False),
    Column("role", String(24), nullable=False),
    Column("email", String(120), nullable=False),
    Column("phone", String(24)),
)
contacts.append_constraint(CheckConstraint(contacts.c.email.like("%_@_%"), name="email"))

addresses = table(
    "addresses",
    number(),
    Column("label", String(24), nullable=False),
    Column("line", String(200), nullable=False),
    Column("district", String(60)),
    Column("city", String(40), nullable=False),
    Column("postcode", String(5), nullable=False),
    Column("country", String(2), nullable=False),
)
addresses.append_constraint(CheckConstraint(func.length(addresses.c.postcode) == 5, name="postcode"))

customer_addresses = table(
    "customer_addresses",
    to("customer_id", "customers.id", key=True),
    to("address_id", "addresses.id", key=True),
    Column("purpose", String(16), nullable=False),
)

services = table(
    "services",
    number(),
    to("customer_id", "customers.id"),
    to("product_id", "products.id"),
    Column("domain", String(120), nullable=False),
    Column("panel_user", String(16), nullable=False),
    Column("status", String(12), nullable=False),
    Column("started_on", Date, nullable=False),
    Column("ends_on", Date),
)
services.append_constraint(CheckConstraint(services.c.status.in_(("active", "suspended", "cancelled", "terminated")), name="status"))

domains = table(
    "domains",
    number(),
    to("customer_id", "customers.id"),
    Column("name", String(120), nullable=False, unique=True),
    Column("registrant_name", String(120), nullable=False),
    Column("registrant_email", String(120), nullable=False),
    Column("registered_on", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("auto_renew", Boolean, nullable=False),
)

invoices = table(
    "invoices",
    number(),
    to("customer_id", "customers.id"),
    Column("number", String(16), unique=True),
    Column("status", String(10), nullable=False),
    Column("issued_on", Date),
    Column("due_on", Date),
    Column("billing_name", String(200), nullable=False),
    Column("billing_address", String(300)),
    Column("tax_office", String(60)),
    Column("tax_no", String(11)),
    Column("billing_email", String(120)),
    Column("billing_phone", String(24)),
    money("total"),
    Column("currency", String(3), nullable=False),
)
invoices.append_constraint(CheckConstraint(invoices.c.number.is_(None) | invoices.c.issued_on.is_not(None), name="issued"))

invoice_lines = table(
    "invoice_lines",
    number(),
    to("invoice_id", "invoices.id"),
    to("product_id", "products.id"),
    Column("description", String(200), nullable=False),
    Column("quantity", Integer, nullable=False),
    money("amount"),
)

payments = table(
    "payments",
    number(),
    to("invoice_id", "invoices.id"),
    Column("paid_on", Date, nullable=False),
    Column("method", String(10), nullable=False),
    Column("payer_name", String(200), nullable=False),
    Column("iban", String(34)),
    Column("card_last4", String(4)),
    money("amount"),
    Column("currency", String(3), nullable=False),
)
payments.append_constraint(CheckConstraint(func.length(payments.c.card_last4) == 4, name="card_last4"))

tickets = table(
    "tickets",
    number(),
    to("customer_id", "customers.id"),
    to("assigned_to", "staff_members.id", nullable=True),
    Column("subject", String(160), nullable=False),
    Column("status", String(10), nullable=False),
    Column("opened_at", moment(), nullable=False),
)

ticket_replies = table(
    "ticket_replies",
    number(),
    to("ticket_id", "tickets.id"),
    Column("author_type", String(8), nullable=False),
    Column("author_name", String(160), nullable=False),
    Column("message", Text, nullable=False),
    Column("ip", String(45)),
    Column("created_at", moment(), nullable=False),
)

sessions = table(
    "sessions",
    Column("id", String(64), primary_key=True),
    to("customer_id", "customers.id"),
    Column("ip", String(45), nullable=False),
    Column("user_agent", String(200)),
    Column("last_seen_at", moment(), nullable=False),
)

api_tokens = table(
    "api_tokens",
    number(),
    to("customer_id", "customers.id"),
    Column("label", String(60)),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("last_used_at", moment()),
)

password_resets = table(
    "password_resets",
    number(),
    Column("email", String(120), nullable=False, index=True),
    Column("token_hash", String(64), nullable=False),
    Column("requested_at", moment(), nullable=False),
)

signin_log = table(
    "signin_log",
    number(),
    Column("customer_id", Integer, index=True),
    Column("user_name", String(120), nullable=False),
    Column("ip", String(45), nullable=False),
    Column("user_agent", String(200)),
    Column("success", Boolean, nullable=False),
    Column("at", moment(), nullable=False),
)

mail_log = table(
    "mail_log",
    number(),
    Column("recipient", String(120), nullable=False, index=True),
    Column("subject", String(200), nullable=False),
    Column("status", String(10), nullable=False),
    Column("sent_at", moment(), nullable=False),
)

sms_log = table(
    "sms_log",
    number(),
    Column("customer_id", Integer, index=True),
    Column("phone", BigInteger, nullable=False),
    Column("body", String(160), nullable=False),
    Column("sent_at", moment(), nullable=False),
)

notes = table(
    "notes",
    number(),
    Column("about_type", String(16), nullable=False),
    Column("about_id", Integer, nullable=False, index=True),
    Column("author", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("written_at", moment(), nullable=False),
)

customer_meta = table(
    "customer_meta",
    number(),
    Column("customer_id", Integer, nullable=False, index=True),
    Column("meta_key", String(40), nullable=False),
    Column("meta_value", Text),
)

activity_log = table(
    "activity_log",
    number(),
    Column("at", moment(), nullable=False),
    Column("actor", String(40), nullable=False),
    Column("text", Text, nullable=False),
)


def create_schema(engine: Engine) -> None:
    """Create the company's tables; those that exist already stay as they are."""
    company.create_all(engine)
