"""`kvkk map draft`: a first map for a database that knows nothing of us yet."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

from core.model.mapfile import load

TABLES = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT, gender TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, note TEXT);
INSERT INTO customers VALUES (1, 'Ayşe Gizli', 'gizli@example.com', '905320000000', 'f');
"""


def company(folder: Path, tables: str = TABLES) -> str:
    path = folder / "panel.db"
    with sqlite3.connect(path) as conn:
        conn.executescript(tables)
    path.chmod(0o600)
    return str(path)


def test_a_draft_is_written_to_a_new_file_and_check_says_what_is_left(run, tmp_path: Path) -> None:
    db, file = company(tmp_path), tmp_path / "panel.toml"
    ran = run("map", "draft", "--db", db, "--out", str(file))
    assert (ran.code, ran.out) == (0, f"{file}\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load(file.read_text(encoding="utf-8"), "panel.toml").name == "panel"
    told = run("map", "check", "--db", db, "--map", str(file), "--json")
    assert told.code == 6
    assert told.json["errors"][0]["code"] == "drift"
    assert "gender" in told.out
    head = "[tables.customers.columns]\n"
    file.write_text(file.read_text(encoding="utf-8").replace(head, f'{head}gender = "other"\n', 1), encoding="utf-8")
    assert run("map", "check", "--db", db, "--map", str(file)).code == 0
    with sqlite3.connect(db) as conn:
        assert [row[0] for row in conn.execute("SELECT name FROM sqlite_master")] == ["customers", "orders"], "nothing of ours was made"


def test_a_draft_is_never_written_over_a_file(run, tmp_path: Path) -> None:
    file = tmp_path / "panel.toml"
    file.write_text("mine")
    ran = run("map", "draft", "--db", company(tmp_path), "--out", str(file), "--json")
    assert (ran.code, ran.json["errors"][0]["code"], file.read_text()) == (2, "draft-exists", "mine")
    missing = run("map", "draft", "--db", company(tmp_path, ""), "--out", str(tmp_path / "no" / "x.toml"), "--json")
    assert (missing.code, missing.json["errors"][0]["code"]) == (2, "output-folder-missing")


def test_without_a_file_the_map_goes_to_standard_output(run, tmp_path: Path) -> None:
    ran = run("map", "draft", "--db", company(tmp_path))
    assert load(ran.out, "stdout").customer.table == "customers"
    assert "1" in ran.err
    assert "Gizli" not in ran.out + ran.err
    assert "gizli@" not in ran.out + ran.err


def test_the_record_of_a_draft_counts_guesses_and_what_is_open(run, tmp_path: Path) -> None:
    data = run("map", "draft", "--db", company(tmp_path), "--json").json["data"]
    assert (data["customers"], data["undecided"], data["path"]) == ("customers", ["customers.gender"], "")
    assert data["guesses"] > 4
    assert {table["name"]: table["link"] for table in data["tables"]} == {"customers": "customer", "orders": "up"}
    assert load(data["text"], "json").customer.email == "email"


def test_no_customers_or_two_tables_alike_end_with_2_and_the_way_out(run, tmp_path: Path) -> None:
    empty = run("map", "draft", "--db", company(tmp_path, "CREATE TABLE x (id INTEGER PRIMARY KEY)"))
    assert empty.code == 2
    assert "--customers" in empty.err
    alike = "".join(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, name TEXT, email TEXT);" for name in ("clients", "members"))
    (tmp_path / "panel.db").unlink()
    db = company(tmp_path, alike)
    ran = run("map", "draft", "--db", db, "--json")
    assert (ran.code, ran.json["errors"][0]["code"]) == (2, "draft-alike")
    assert run("map", "draft", "--db", db, "--customers", "members").code == 0
    assert run("map", "draft", "--db", db, "--customers", "nobody", "--json").json["errors"][0]["code"] == "draft-no-table"
    assert run("map", "draft", "--db", str(tmp_path / "none.db")).code in (2, 9)
