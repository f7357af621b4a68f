"""PostgreSQL keeps dates, times and intervals for which Python has no type: they are read as the server writes them, and stop nobody."""

from __future__ import annotations

import io
from datetime import date, timedelta

import psycopg
import pytest

from core.desk import Desk
from core.model.records import Resolution, ResolveOptions
from core.store import faults

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("date 'infinity'", "infinity"),
        ("date '0044-03-15 BC'", "0044-03-15 BC"),
        ("date '20240-01-01'", "20240-01-01"),
        ("timestamp '-infinity'", "-infinity"),
        ("timestamptz '20240-01-01 00:00Z'", "20240-01-01 00:00:00+00"),
        ("time '24:00'", "24:00:00"),
        ("interval '1 year 2 mons'", "1 year 2 mons"),
        ("interval '-3 days'", timedelta(days=-3)),
        ("array[date '2024-01-01', date 'infinity']", [date(2024, 1, 1), "infinity"]),
    ],
)
def test_what_python_has_no_type_for_is_text(desk: Desk, written: str, read: object) -> None:
    with desk.store.reading() as conn:
        conn.exec_driver_sql("SET timezone = 'UTC'")
        assert conn.exec_driver_sql(f"SELECT {written}").scalar() == read


def test_a_style_of_dates_that_the_company_has_set_is_not_met(desk: Desk) -> None:
    with desk.store.alone() as conn:
        name = conn.exec_driver_sql("SELECT current_database()").scalar()
        conn.exec_driver_sql(f"ALTER DATABASE {name} SET datestyle = 'German'")
        conn.exec_driver_sql(f"ALTER DATABASE {name} SET intervalstyle = 'iso_8601'")
    desk.store.close()
    with desk.store.reading() as conn:
        assert conn.exec_driver_sql("SELECT timestamptz '2024-05-01 00:00Z' = now()").scalar() is False
        assert conn.exec_driver_sql("SELECT now()::timestamptz").scalar() is not None
        assert conn.exec_driver_sql("SELECT interval '2 hours'").scalar() == timedelta(hours=2)


@pytest.mark.parametrize(("birth", "masked"), [("infinity", "infinity"), ("20240-05-06", "20240-01-01"), ("0044-05-06 BC", "0044-01-01")])
def test_a_customer_with_such_a_date_is_exported_and_masked(desk: Desk, birth: str, masked: str) -> None:
    with desk.store.alone() as conn:
        conn.exec_driver_sql("UPDATE customers SET birth_date = %s WHERE id = 1", (birth,))
    page = io.BytesIO()
    desk.exports.export(desk.actor, "1", page)
    assert f">{birth}<".encode() in page.getvalue()
    desk.resolutions.resolve(desk.actor, 28, Resolution(mask=True), ResolveOptions(notify=False))
    with desk.store.reading() as conn:
        assert conn.exec_driver_sql("SELECT birth_date::text FROM customers WHERE id = 1").scalar() == masked


def test_a_value_that_the_driver_cannot_read_does_not_mean_that_the_server_is_away(engine_name: str) -> None:
    assert faults.reason(psycopg.DataError("date too large")) == "database-error"
    assert faults.reason(psycopg.OperationalError("the connection is lost")) == "database-gone"
