"""A database of PostgreSQL that lets nobody in for a while is not one that does not exist."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.store import faults


class Refused(Exception):
    pgconn = SimpleNamespace(used_password=False, needs_password=False, user=b"postgres", db=b"firma")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('FATAL:  database "firma" does not exist', "database-missing"),
        ('FATAL:  database "firma" is not currently accepting connections', "database-gone"),
        ('FATAL:  too many connections for database "firma"', "database-gone"),
    ],
)
def test_what_a_refused_connection_means(said: str, code: str) -> None:
    assert faults._postgresql(Refused(said), None) == code
