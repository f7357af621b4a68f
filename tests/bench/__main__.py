"""Every figure of BENCHMARKS.md that needs no console, by one command, by hand, never by the tests:

    .venv/bin/python -m tests.bench [--customers N] [--only NAME …] [--engine ENGINE] [--effaced PYTHON]

A floor is hand-written code that keeps the same contract in the same run; ratios count, seconds do not. Databases are made once
for each size and kept in $TMPDIR/kvkk-bench.
"""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator

from tests.bench import beside, bulk, export, paging, search, single, startup
from tests.bench.measure import HEAD, Row

ENGINES = ("sqlite", "postgresql", "mariadb")


def main() -> None:
    said = _arguments()
    rooms: dict[str, Callable[[], Iterator[Row]]] = {
        "startup": lambda: startup.rows(said.requests),
        "paging": lambda: paging.rows(said.requests),
        "export": lambda: export.rows(said.customers, said.rows),
        "single": lambda: single.rows(said.engine, said.customers),
        "bulk": lambda: bulk.rows(said.engine, said.customers),
        "search": lambda: search.rows(said.customers),
        "beside": lambda: beside.rows(said.customers, said.effaced),
    }
    where = f"{said.customers:,} customers, {said.engine}, SQLite {sqlite3.sqlite_version}, CPython {platform.python_version()}"
    print(f"{where}\n\n{HEAD}", flush=True)
    missed = 0
    for name in said.only or (rooms if said.engine == "sqlite" else ("single", "bulk")):
        for row in rooms[name]():
            print(row.line(), flush=True)
            missed += not row.reached
    print(f"\nnot reached: {missed}")


def _arguments() -> argparse.Namespace:
    names = ("startup", "paging", "export", "single", "bulk", "search", "beside")
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Prints ratios to floors of the same run.")
    parser.add_argument("--customers", type=int, default=10_000, help="of the company; 20 rows each (default: 10,000)")
    parser.add_argument("--requests", type=int, default=1_000_000, help="in the queue (default: 1,000,000)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the one large customer who is exported (default: 1,000,000)")
    parser.add_argument("--only", nargs="+", choices=names, help="only these")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite", help="of `single` and `bulk`; the others are SQLite's")
    parser.add_argument("--effaced", metavar="PYTHON", help="an interpreter that has effaced, for `beside`")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
