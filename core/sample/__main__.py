"""`python -m core.sample FILE`: writes the sample database into a new file, or in place of an old sample."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from sqlalchemy import Connection

from core.sample import build
from core.store.engine import Store, parse_url


def main(arguments: list[str] | None = None) -> int:
    """Build beside the target, then take its place: a killed run leaves the old file."""
    parser = argparse.ArgumentParser(prog="python -m core.sample", description=__doc__)
    parser.add_argument("file", type=Path)
    target: Path = parser.parse_args(arguments).file
    beside = target.with_name(f".{target.name}.new")
    beside.unlink(missing_ok=True)
    beside.touch(exist_ok=False)
    store = Store(parse_url(str(beside)))
    try:
        build(store)
        with store.alone() as conn:
            _settle_file(conn)
    finally:
        store.close()
    os.replace(beside, target)
    return 0


def _settle_file(conn: Connection) -> None:
    """One file without a journal, the same bytes each time: indexes were made in no fixed order, so they are made anew."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    for name, made in conn.exec_driver_sql(query).all():
        conn.exec_driver_sql(f'DROP INDEX "{name}"')
        conn.exec_driver_sql(made)
    conn.exec_driver_sql("PRAGMA journal_mode=DELETE")
    conn.exec_driver_sql("VACUUM")


if __name__ == "__main__":
    sys.exit(main())
