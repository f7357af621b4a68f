"""Processes from their start to their end: `--version`, `--help`, a Tab, and a short command on a million requests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Row, by_turns, process, scratch

TIMES = 11
ISOLATED = [sys.executable, "-I"]
OURS = [*ISOLATED, "-m", "kvkk_cli"]
TAB = {"_KVKK_COMPLETE": "complete_bash", "COMP_WORDS": "kvkk requests ", "COMP_CWORD": "2"}
FLOOR = """
import json
import typer
from sqlalchemy import create_engine, text

app = typer.Typer()

def reading(db):
    return create_engine("sqlite:///" + db).connect()

@app.command()
def get(db: str, key: str):
    with reading(db) as conn:
        found = conn.execute(text("SELECT value FROM kvkk_settings WHERE key = :key"), {"key": key}).scalar()
    print("7" if found is None else found)

@app.command("list")
def list_(db: str):
    with reading(db) as conn:
        open_ = text(
            "SELECT number, customer, kind, regime, channel, state, received_on, due_on, filed_at, filed_by, note FROM kvkk_requests"
            " WHERE state = :state ORDER BY due_on, number LIMIT 50"
        )
        rows = [row._asdict() for state in ("pending", "approved") for row in conn.execute(open_, {"state": state})][:50]
        for row in rows:
            who = text("SELECT first_name, last_name, email FROM customers WHERE id = :key")
            row.update(conn.execute(who, {"key": row["customer"]}).one()._asdict())
        open_too = text("SELECT count(*) FROM kvkk_requests WHERE state IN ('pending', 'approved')")
        print(json.dumps({"requests": rows, "open": conn.execute(open_too).scalar()}))

app()
"""


def rows(requests: int) -> Iterator[Row]:
    yield from _words()
    yield from short_commands(requests)


def _words() -> Iterator[Row]:
    """A process that imports typer, against what only prints words."""
    version, words, floor = by_turns(TIMES, [*OURS, "--version"], [*OURS, "--help"], [*ISOLATED, "-c", "import typer"])
    yield Row("`kvkk --version` / import typer", version, floor, 1.2)
    yield Row("`kvkk --help` / import typer", words, floor, 1.2)
    kvkk = [str(Path(sys.executable).with_name("kvkk"))]
    process(kvkk, TAB)
    tab, floor = by_turns(TIMES, kvkk, [*ISOLATED, "-c", "import typer"], env=TAB)
    yield Row("completion of a word / import typer", tab, floor, 1.2)


def short_commands(requests: int) -> Iterator[Row]:
    """Against Typer and SQLAlchemy Core doing just that, on the same database."""
    from tests.bench.paging import cached

    path = cached(requests)
    ours = [*OURS, "--db", str(path), "--map", str(path.with_name("map.toml"))]
    with scratch() as folder:
        (folder / "floor.py").write_text(FLOOR, encoding="utf-8")
        floor = [*ISOLATED, str(folder / "floor.py")]
        get, by_hand = by_turns(TIMES, [*ours, "settings", "get", "near-days"], [*floor, "get", str(path), "near-days"])
        yield Row("`settings get` / Typer + SQLAlchemy Core", get, by_hand, 1.15)
        listed, by_hand = by_turns(TIMES, [*ours, "--json", "requests", "list"], [*floor, "list", str(path)])
        yield Row(f"50 of {requests:,} requests as JSON / the same", listed, by_hand, 1.15)
