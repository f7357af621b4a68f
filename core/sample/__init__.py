"""The sample company: a hosting provider with about 300 Turkish customers who cannot exist, made from a seed.

Promises: the same seed and day give the same rows on SQLite, PostgreSQL and MariaDB; every e-mail, number and address is one
that nobody has (core/sample/people.py says why); `sample.db` at the top of the project is what
`python -m core.sample sample.db` writes. A change here, or of core/maps/sample.toml, whose hash stands on the certificates,
needs that file made anew: a test compares.
"""

from __future__ import annotations

from datetime import date

from core.sample.dates import shift_dates
from core.sample.schema import create_schema
from core.store.engine import Store

REFERENCE_DAY = date(2026, 11, 1)
"""The day on which the shipped sample stands."""
SEED = 2026

__all__ = ["REFERENCE_DAY", "SEED", "build", "create_schema", "shift_dates"]


def build(store: Store, seed: int = SEED, today: date = REFERENCE_DAY) -> None:
    """Make the company's and our own tables in an empty database and fill them, the rows in one transaction.

    Raises Unavailable, Conflict (it holds a sample already), MapError (the shipped map does not fit the schema).
    """
    from core.sample.assemble import build_rows

    create_schema(store.writer)
    build_rows(store, seed, today)
