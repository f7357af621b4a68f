"""The floors: what a programmer who knows this one company would write by hand, on the driver, with the same durability.

No map, no plan, no certificate, no search; one line of audit a request. The same statements on all three engines.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.measure import clock

STARS = "*****"
MASK = (
    "DELETE FROM sessions WHERE customer_id = ?",
    "UPDATE services SET domain = '*****' WHERE customer_id = ?",
    "UPDATE \"lines\" SET text = '*****' WHERE invoice_id IN (SELECT id FROM invoices WHERE customer_id = ?)",
    "UPDATE invoices SET billing_name = '*****', billing_address = '*****' WHERE customer_id = ?",
    "UPDATE replies SET message = '*****' WHERE ticket_id IN (SELECT id FROM tickets WHERE customer_id = ?)",
    "UPDATE tickets SET subject = '*****' WHERE customer_id = ?",
    "UPDATE log SET ip = '*****' WHERE customer_id = ?",
)
MASTER = (
    "UPDATE customers SET first_name = '*****', last_name = '*****', phone = '*****', password_hash = '!', status = 'blocked',"
    " email = ? WHERE id = ?"
)
ERASE = (
    'DELETE FROM "lines" WHERE invoice_id IN (SELECT id FROM invoices WHERE customer_id IN ({}))',
    "DELETE FROM replies WHERE ticket_id IN (SELECT id FROM tickets WHERE customer_id IN ({}))",
    *(f"DELETE FROM {table} WHERE customer_id IN ({{}})" for table in ("services", "invoices", "tickets", "sessions", "log")),
    "DELETE FROM customers WHERE id IN ({})",
)
CHUNK = 1000


class Line:
    """A connection of the driver that commits when it is told to."""

    def __init__(self, engine: str, url: str) -> None:
        self.engine = engine
        self.mark = "?" if engine == "sqlite" else "%s"
        self._raw = connect(engine, url)
        self._cursor = self._raw.cursor()

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        self._cursor.execute(statement if self.engine == "sqlite" else statement.replace("?", "%s"), tuple(values))

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self.run(statement, values)
        return list(self._cursor.fetchall())

    def begin(self) -> None:
        self.run("BEGIN IMMEDIATE" if self.engine == "sqlite" else "BEGIN")

    def commit(self) -> None:
        self.run("COMMIT")

    def close(self) -> None:
        self._raw.close()


def connect(engine: str, url: str) -> Any:
    if engine == "sqlite":
        raw = sqlite3.connect(url, isolation_level=None)
        raw.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;")
        return raw
    from sqlalchemy.engine import make_url

    named = make_url(url)
    if engine == "postgresql":
        import psycopg

        return psycopg.connect(named.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)
    import pymysql

    to = {"host": named.host, "port": named.port or 3306, "user": named.username, "password": named.password or ""}
    raw = pymysql.connect(**to, database=named.database, charset="utf8mb4", autocommit=True)  # type: ignore[arg-type]
    raw.cursor().execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')")
    return raw


def mask(line: Line, key: int) -> None:
    for statement in MASK:
        line.run(statement, (key,))
    line.run(MASTER, (f"{secrets.token_hex(12)}@masked.invalid", key))


def erase(line: Line, keys: Sequence[int]) -> None:
    for statement in ERASE:
        line.run(statement.format(", ".join("?" * len(keys))), keys)


def one_by_one(engine: str, url: str, how: str, first: int, last: int) -> dict[str, Any]:
    """A transaction a request, in the order of the customers."""
    work: Callable[[Line, int], None] = mask if how == "mask" else lambda line, key: erase(line, (key,))
    line, answer = Line(engine, url), dict[str, Any]()
    line.run("CREATE TABLE audit_of_floor (t VARCHAR(99))")
    with clock(answer):
        for key in range(first, last + 1):
            line.begin()
            work(line, key)
            line.run("INSERT INTO audit_of_floor VALUES (?)", (f"request of {key} resolved",))
            line.commit()
    line.close()
    return answer


def in_chunks(engine: str, url: str, first: int, last: int) -> dict[str, Any]:
    """Erase, set by set of a thousand."""
    line, answer = Line(engine, url), dict[str, Any]()
    line.run("CREATE TABLE audit_of_floor (t VARCHAR(99))")
    with clock(answer):
        for start in range(first, last + 1, CHUNK):
            keys = range(start, min(start + CHUNK, last + 1))
            line.begin()
            erase(line, keys)
            line.run("INSERT INTO audit_of_floor VALUES (?)", (f"requests of {keys[0]} to {keys[-1]} resolved",))
            line.commit()
    line.close()
    return answer


# -- export -------------------------------------------------------------------------------------------------------------

SELECTS = {
    "customers": "SELECT id, first_name, last_name, email, phone, password_hash, status FROM customers WHERE id = ?",
    "services": "SELECT id, customer_id, domain, status FROM services WHERE customer_id = ?",
    "invoices": "SELECT id, customer_id, billing_name, billing_address, status, total, currency, issued_on FROM invoices"
    " WHERE customer_id = ?",
    "lines": "SELECT l.id, l.invoice_id, l.text, l.amount FROM lines l JOIN invoices i ON i.id = l.invoice_id WHERE i.customer_id = ?",
    "tickets": "SELECT id, customer_id, subject FROM tickets WHERE customer_id = ?",
    "replies": "SELECT r.id, r.ticket_id, r.message FROM replies r JOIN tickets t ON t.id = r.ticket_id WHERE t.customer_id = ?",
    "sessions": "SELECT id, customer_id, token, ip FROM sessions WHERE customer_id = ?",
    "log": "SELECT id, customer_id, ip, at FROM log WHERE customer_id = ?",
}


class Hashed:
    """A file that is hashed on its way."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.digest.update(data)

    def close(self, durable: bool) -> None:
        self._file.flush()
        if durable:
            os.fsync(self._file.fileno())
        self._file.close()


def export(raw: sqlite3.Connection, key: int, path: Path, *, durable: bool) -> None:
    """One customer's rows through lxml's xmlfile, one reused element a table, hashed."""
    from lxml import etree

    out = Hashed(path)
    with etree.xmlfile(out, encoding="utf-8") as file, file.element("export"):  # type: ignore[arg-type]
        for table, select in SELECTS.items():
            found = raw.execute(select, (key,))
            with file.element("table", attrib={"name": table}):
                _records(file, found, etree)
    out.close(durable)


def _records(file: Any, found: sqlite3.Cursor, etree: Any) -> None:
    record = etree.Element("record")
    record.tail = "\n"
    fields = [etree.SubElement(record, "field", name=column[0], type="string") for column in found.description]
    for row in found:
        for field, value in zip(fields, row, strict=True):
            field.text = value if type(value) is str else str(value)
        file.write(record)


def exports(url: str, folder: str, first: int, last: int, durable: bool) -> dict[str, Any]:
    """A file a customer. `durable`: each is on the disk, and its beginning and its end are on record, as with us."""
    raw, answer = sqlite3.connect(url, isolation_level=None), dict[str, Any]()
    raw.executescript("PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS audit_of_floor (t TEXT);")
    with clock(answer):
        for key in range(first, last + 1):
            for word in ("begun",) if durable else ():
                raw.execute("INSERT INTO audit_of_floor VALUES (?)", (f"{key} {word}",))
            path = Path(folder) / f"{key}.xml"
            export(raw, key, path, durable=durable)
            if durable:
                raw.execute("INSERT INTO audit_of_floor VALUES (?)", (f"{key} written",))
    answer["bytes"] = sum(file.stat().st_size for file in Path(folder).iterdir())
    raw.close()
    return answer


# -- search -------------------------------------------------------------------------------------------------------------


def instr(url: str, wanted: Iterable[str]) -> dict[str, Any]:
    """Exact values in every text column."""
    raw, answer, values = sqlite3.connect(url), dict[str, Any](), tuple(wanted)
    tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    columns = [(table, c[1]) for table in tables for c in raw.execute(f"PRAGMA table_info({table})") if c[2] == "TEXT"]
    with clock(answer):
        for table, column in columns:
            where = " OR ".join([f"instr({column}, ?)"] * len(values))
            raw.execute(f"SELECT rowid FROM {table} WHERE {where}", values).fetchall()
    raw.close()
    return answer
