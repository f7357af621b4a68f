"""Measures the main job against hand-written floors in the same run and prints the ratios. Run by hand, never by the tests:

    .venv/bin/python tests/bench/run.py [CUSTOMERS]

A floor does the same work with the same durability (one transaction a request, synchronous=FULL) and nothing else: no map,
no plan, no certificate. Ratios count, seconds do not.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import company

from core.desk import Desk, open_desk
from core.model.records import Kind, NewRequest, Resolution
from core.store import residue

REQUESTS = 100
BIG = 200_000


def main() -> None:
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        company.make(folder / "company.db", customers, big=BIG)
        (folder / "map.toml").write_text(company.MAP, encoding="utf-8")
        print(f"{customers} customers, {customers * company.PER_CUSTOMER + BIG} rows, SQLite {sqlite3.sqlite_version}")
        start_up()
        export(folder)
        resolve(folder, Resolution(mask=True), floor_mask)
        resolve(folder, Resolution(erase=True), floor_erase)
        search(folder)


def line(what: str, ours: float, floor: float, unit: str = "ms") -> None:
    print(f"{what:44s} {ours * 1000:10.2f} {unit}   floor {floor * 1000:10.2f} {unit}   ratio {ours / floor:5.2f}")


def best(work: Callable[[], object], times: int = 5) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def start_up() -> None:
    """A process that imports typer, against `kvkk --version` and `kvkk --help`."""
    python = [sys.executable, "-I"]
    floor = best(lambda: subprocess.run([*python, "-c", "import typer"], check=True))
    for words in (["--version"], ["--help"]):
        ours = best(lambda w=words: subprocess.run([*python, "-m", "kvkk_cli", *w], check=True, stdout=subprocess.DEVNULL))
        line(f"kvkk {words[0]}", ours, floor)


def desk_on(folder: Path, name: str) -> Desk:
    shutil.copyfile(folder / "company.db", folder / name)
    desk = open_desk(str(folder / name), str(folder / "map.toml"), {}, folder)
    desk.upkeep.init(desk.actor)
    desk.settings.set(desk.actor, "invoice-retention-years", "0")
    desk.settings.set(desk.actor, "notify", "off")
    return desk


def export(folder: Path) -> None:
    """One customer with many rows, hash and validity included, against lxml's xmlfile with one reused element."""
    with desk_on(folder, "export.db") as desk:
        ours = best(lambda: desk.exports.export(desk.actor, "1", io.BytesIO()), 2)
    line(f"export of one customer, {BIG} rows", ours, best(lambda: floor_export(folder / "company.db"), 2))


def floor_export(path: Path) -> None:
    from lxml import etree

    conn, out, digest = sqlite3.connect(path), io.BytesIO(), hashlib.sha256()
    record = etree.Element("record")
    fields = [etree.SubElement(record, "field", name=n) for n in ("id", "customer_id", "ip", "at")]
    with etree.xmlfile(out, encoding="utf-8") as file, file.element("export"):
        for row in conn.execute("SELECT id, customer_id, ip, at FROM log WHERE customer_id = 1"):
            for field, value in zip(fields, row, strict=True):
                field.text = str(value)
            file.write(record)
    digest.update(out.getvalue())
    conn.close()


def resolve(folder: Path, resolution: Resolution, floor: Callable[[sqlite3.Connection, int], None]) -> None:
    """Requests one by one, the residue search apart (it is measured by itself)."""
    kind = Kind.ERASE if resolution.erase else Kind.ANONYMISE
    search_all, residue.search = residue.search, lambda *_a, **_k: iter(())  # type: ignore[assignment]
    with desk_on(folder, f"{resolution.name}.db") as desk:
        numbers = [desk.requests.add(desk.actor, NewRequest(str(key), kind)).number for key in range(2, REQUESTS + 2)]
        desk.resolutions.preview(desk.actor, numbers[0], resolution)
        began = time.perf_counter()
        for number in numbers:
            desk.resolutions.resolve(desk.actor, number, resolution)
        ours = (time.perf_counter() - began) / REQUESTS
    residue.search = search_all
    shutil.copyfile(folder / "company.db", folder / "floor.db")
    conn = sqlite3.connect(folder / "floor.db", isolation_level=None)
    conn.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; CREATE TABLE IF NOT EXISTS audit (t TEXT);"
    )
    began = time.perf_counter()
    for key in range(2, REQUESTS + 2):
        conn.execute("BEGIN IMMEDIATE")
        floor(conn, key)
        conn.execute("INSERT INTO audit VALUES (?)", (f"request of {key} resolved",))
        conn.execute("COMMIT")
    line(f"{resolution.name} one request", ours, (time.perf_counter() - began) / REQUESTS)
    conn.close()
    (folder / "floor.db").unlink()


def floor_mask(conn: sqlite3.Connection, key: int) -> None:
    conn.execute("DELETE FROM sessions WHERE customer_id = ?", (key,))
    conn.execute("UPDATE services SET domain = '*****' WHERE customer_id = ?", (key,))
    conn.execute("UPDATE lines SET text = '*****' WHERE invoice_id IN (SELECT id FROM invoices WHERE customer_id = ?)", (key,))
    conn.execute("UPDATE invoices SET billing_name = '*****', billing_address = '*****' WHERE customer_id = ?", (key,))
    conn.execute("UPDATE replies SET message = '*****' WHERE ticket_id IN (SELECT id FROM tickets WHERE customer_id = ?)", (key,))
    conn.execute("UPDATE tickets SET subject = '*****' WHERE customer_id = ?", (key,))
    conn.execute("UPDATE log SET ip = '*****' WHERE customer_id = ?", (key,))
    conn.execute(
        "UPDATE customers SET first_name = '*****', last_name = '*****', phone = '*****', password_hash = '!',"
        " status = 'blocked', email = lower(hex(randomblob(12))) || '@masked.invalid' WHERE id = ?",
        (key,),
    )


def floor_erase(conn: sqlite3.Connection, key: int) -> None:
    conn.execute("DELETE FROM lines WHERE invoice_id IN (SELECT id FROM invoices WHERE customer_id = ?)", (key,))
    conn.execute("DELETE FROM replies WHERE ticket_id IN (SELECT id FROM tickets WHERE customer_id = ?)", (key,))
    for table in ("services", "invoices", "tickets", "sessions", "log"):
        conn.execute(f"DELETE FROM {table} WHERE customer_id = ?", (key,))
    conn.execute("DELETE FROM customers WHERE id = ?", (key,))


def search(folder: Path) -> None:
    """The residue search of one customer, folded and with boundaries, against `instr` over every text column."""
    from core.model.identity import Identifier, needles

    values = needles([Identifier("email", "musteri0000002@example.org"), Identifier("phone", "+905120000002")])
    with desk_on(folder, "search.db") as desk, desk.store.reading() as conn:
        schema = desk.context.atlas.schema(conn)
        ours = best(lambda: list(residue.search(conn, schema, values)), 3)
    raw = sqlite3.connect(folder / "company.db")
    columns = [
        (table, column[1])
        for (table,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for column in raw.execute(f"PRAGMA table_info({table})")
        if column[2] == "TEXT"
    ]

    def floor() -> None:
        for table, column in columns:
            where = f"instr({column}, ?) OR instr({column}, ?)"
            raw.execute(f"SELECT rowid FROM {table} WHERE {where}", ("musteri0000002@example.org", "5120000002")).fetchall()

    line("residue search, one customer", ours, best(floor, 3))
    raw.close()


if __name__ == "__main__":
    main()
