"""A plain company for the benchmarks: eight tables, direct links, indexes, made once a run from a seed."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

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
SCHEMA = """
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
CREATE INDEX i1 ON services(customer_id); CREATE INDEX i2 ON invoices(customer_id); CREATE INDEX i3 ON lines(invoice_id);
CREATE INDEX i4 ON tickets(customer_id); CREATE INDEX i5 ON replies(ticket_id); CREATE INDEX i6 ON sessions(customer_id);
CREATE INDEX i7 ON log(customer_id);
"""
PER_CUSTOMER = 20
"""Rows of one customer: 1 + 2 services + 2 invoices + 4 lines + 1 ticket + 3 replies + 1 session + 6 log."""


def make(path: Path, customers: int, *, big: int = 0) -> None:
    """Write the company; customer 1 gets `big` more log rows (for the export of one large customer)."""
    rng = random.Random(7)
    conn = sqlite3.connect(path)
    conn.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + SCHEMA)
    for key in range(1, customers + 1):
        _customer(conn, key, rng)
    rows = ((1, f"198.51.100.{i % 250}", "2026-01-01 10:00:00") for i in range(big))
    conn.executemany("INSERT INTO log (customer_id, ip, at) VALUES (?, ?, ?)", rows)
    conn.commit()
    conn.close()


def _customer(conn: sqlite3.Connection, key: int, rng: random.Random) -> None:
    email, phone = f"musteri{key:07d}@example.org", f"+90512{key:07d}"
    person = (key, "Ayşe", "Işık", email, phone, "hash", "active")
    conn.execute("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?)", person)
    for i in range(2):
        conn.execute("INSERT INTO services VALUES (NULL, ?, ?, ?)", (key, f"alan{key}-{i}.example", "cancelled"))
        one = (key, "Ayşe Işık", "Deneme Sok. 1", "paid", rng.randint(10, 999), "TRY", "2026-01-01")
        done = conn.execute("INSERT INTO invoices VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", one)
        conn.executemany("INSERT INTO lines VALUES (NULL, ?, ?, ?)", [(done.lastrowid, "Barındırma", 10)] * 2)
    ticket = conn.execute("INSERT INTO tickets VALUES (NULL, ?, ?)", (key, "Soru")).lastrowid
    conn.executemany("INSERT INTO replies VALUES (NULL, ?, ?)", [(ticket, "Merhaba, yardım lütfen.")] * 3)
    conn.execute("INSERT INTO sessions VALUES (NULL, ?, ?, ?)", (key, f"{rng.getrandbits(128):x}", "198.51.100.7"))
    conn.executemany("INSERT INTO log VALUES (NULL, ?, ?, ?)", [(key, "198.51.100.7", "2026-01-01 10:00:00")] * 6)
