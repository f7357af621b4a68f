"""A plain company for the benchmarks: eight tables, direct links, indexes. Made once for each size, the same every time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

from tests.bench.measure import cache

MAP = """
version = 1
name = "bench"
[customer]
table = "customers"
key = "id"
name = ["first_name", "last_name"]
email = "email"
phone = "phone"
[access]
block = { status = "blocked", password_hash = "!" }
delete = ["sessions"]
[services]
table = "services"
active = { status = ["active"] }
title = "domain"
[invoices]
table = "invoices"
unpaid = { status = ["unpaid"] }
amount = "total"
currency = "currency"
issued = "issued_on"
[tables.customers]
not_personal = [ { columns = ["id", "status"], because = "key and state" } ]
columns = { first_name = "name", last_name = "name", email = "email", phone = "phone", password_hash = "secret" }
[tables.services]
link = "customer_id"
not_personal = [ { columns = ["id", "customer_id", "status"], because = "keys and state" } ]
columns = { domain = "url" }
[tables.invoices]
link = "customer_id"
not_personal = [ { columns = ["id", "customer_id", "status", "total", "currency", "issued_on"], because = "books" } ]
columns = { billing_name = "name", billing_address = "address" }
[tables.lines]
link = "invoice_id -> invoices.id"
not_personal = [ { columns = ["id", "invoice_id", "amount"], because = "books" } ]
columns = { text = "free_text" }
[tables.tickets]
link = "customer_id"
not_personal = [ { columns = ["id", "customer_id"], because = "keys" } ]
columns = { subject = "free_text" }
[tables.replies]
link = "ticket_id -> tickets.id"
not_personal = [ { columns = ["id", "ticket_id"], because = "keys" } ]
columns = { message = "free_text" }
[tables.sessions]
link = "customer_id"
not_personal = [ { columns = ["id", "customer_id"], because = "keys" } ]
columns = { token = "secret", ip = { kind = "ip", mask = "stars" } }
[tables.log]
link = "customer_id"
not_personal = [ { columns = ["id", "customer_id", "at"], because = "keys and a time" } ]
columns = { ip = { kind = "ip", mask = "stars" } }
"""
TABLES = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT NOT NULL, phone TEXT,
    password_hash TEXT NOT NULL, status TEXT NOT NULL);
CREATE TABLE services (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, domain TEXT, status TEXT);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, billing_name TEXT, billing_address TEXT,
    status TEXT, total NUMERIC, currency TEXT, issued_on TEXT);
CREATE TABLE lines (id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL, text TEXT, amount NUMERIC);
CREATE TABLE tickets (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, subject TEXT);
CREATE TABLE replies (id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, message TEXT);
CREATE TABLE sessions (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, token TEXT, ip TEXT);
CREATE TABLE log (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, ip TEXT, at TEXT);
"""
INDEXES = """
CREATE INDEX i1 ON services(customer_id);
CREATE INDEX i2 ON invoices(customer_id);
CREATE INDEX i3 ON lines(invoice_id);
CREATE INDEX i4 ON tickets(customer_id);
CREATE INDEX i5 ON replies(ticket_id);
CREATE INDEX i6 ON sessions(customer_id);
CREATE INDEX i7 ON log(customer_id);
"""
SCHEMA = TABLES + INDEXES
PER_CUSTOMER = 20
"""Rows of one customer: 1 + 2 services + 2 invoices + 4 lines + 1 ticket + 3 replies + 1 session + 6 log."""
Line = tuple[Any, ...]
AT = "2026-01-01 10:00:00"


def _customers(key: int) -> list[Line]:
    return [(key, "Ayşe", "Işık", email(key), phone(key), "hash", "active")]


def _invoices(key: int) -> list[Line]:
    return [(2 * key - i, key, "Ayşe Işık", "Deneme Sok. 1", "paid", 10 + (key + i) * 7919 % 990, "TRY", "2026-01-01") for i in (1, 0)]


def _sessions(key: int) -> list[Line]:
    return [(key, key, md5(str(key).encode(), usedforsecurity=False).hexdigest(), "198.51.100.7")]


ROWS: dict[str, tuple[int, Callable[[int], list[Line]]]] = {
    "customers": (7, _customers),
    "services": (4, lambda key: [(2 * key - i, key, f"alan{key}-{i}.example", "cancelled") for i in (1, 0)]),
    "invoices": (8, _invoices),
    "lines": (4, lambda key: [(4 * key - i, 2 * key - i // 2, "Barındırma", 10) for i in (3, 2, 1, 0)]),
    "tickets": (3, lambda key: [(key, key, "Soru")]),
    "replies": (3, lambda key: [(3 * key - i, key, "Merhaba, yardım lütfen.") for i in (2, 1, 0)]),
    "sessions": (4, _sessions),
    "log": (4, lambda key: [(6 * key - i, key, "198.51.100.7", AT) for i in range(5, -1, -1)]),
}
"""Table → number of columns, and the rows of one customer."""


def email(key: int) -> str:
    return f"musteri{key:07d}@example.org"


def phone(key: int) -> str:
    return f"+90512{key:07d}"


def rows(table: str, customers: int) -> Iterator[Line]:
    """Every row of a table, streamed."""
    of_one = ROWS[table][1]
    return (row for key in range(1, customers + 1) for row in of_one(key))


def cached(customers: int, big: int = 0) -> Path:
    """The company of this size as an SQLite file; customer 1 has `big` more log rows."""
    path = cache() / f"company-{customers}-{big}.db"
    if not path.exists():
        path.with_suffix(".making").unlink(missing_ok=True)
        _make(path.with_suffix(".making"), customers, big)
        os.rename(path.with_suffix(".making"), path)
    return path


def _make(path: Path, customers: int, big: int) -> None:
    conn = sqlite3.connect(path)
    conn.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + TABLES)
    for table, (columns, _) in ROWS.items():
        conn.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})", rows(table, customers))
    more = ((1, f"198.51.100.{i % 250}", AT) for i in range(big))
    conn.executemany("INSERT INTO log (customer_id, ip, at) VALUES (?, ?, ?)", more)
    conn.executescript(INDEXES)
    conn.commit()
    conn.execute("PRAGMA journal_mode=WAL")
    conn.close()
    path.chmod(0o600)
