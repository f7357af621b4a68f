"""Holds of odd schemas to their end, on each engine: a buyer in the customers' table, keys within a customer, rows that hang on nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Date, Integer, String, Table, Text, select, text

from core.model.records import JobDone
from core.store import tables

from .test_shapes import ALI, HEAD, PEOPLE, STARS, Company, company, customers  # type: ignore[import-not-found]

__all__ = ["company"]
BOOKS = """
[invoices]
table = "invoices"
unpaid = { state = "open" }
issued = "issued"
"""
INVOICES = """
[tables.invoices]
link = "customer_id"
hold = { keep = ["text"], because = "VUK 253" }
not_personal = [{ columns = ["id", "customer_id", "issued", "state"], because = "books" }]
[tables.invoices.columns]
text = "free_text"
"""
MASTER = HEAD.replace(
    "[tables.customers]\n", '[tables.customers]\nhold = { with_invoices = true, keep = ["name"], because = "VUK 253 (buyer)" }\n'
)


def shop(company: Company, map_text: str = HEAD + BOOKS + INVOICES, *more: Any) -> Company:
    """A shop whose invoices store no buyer, and that declares no keys between its tables."""
    meta = company.meta
    customers(meta)
    Table(
        "invoices",
        meta,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("customer_id", Integer),
        Column("issued", Date),
        Column("state", String(8)),
        Column("text", Text),
        *more,
    )
    made = {"state": "paid", "text": f"for {ALI}, Ali"}
    rows = [
        {"id": 1, "customer_id": 7, "issued": date(2024, 3, 1), **made},
        {"id": 2, "customer_id": 7, "issued": date(2026, 3, 1), **made},
        {"id": 3, "customer_id": 70, "issued": date(2024, 3, 1), **made},
    ]
    company.make(map_text, {"customers": PEOPLE, "invoices": rows})
    company.desk.settings.set(company.actor, "invoice-retention-years", "5")
    return company


def finish(company: Company, clock: Any, year: int) -> JobDone:
    clock.now = datetime(year, 1, 1, 9, tzinfo=UTC)
    done: JobDone = company.desk.holds.finish(company.actor)
    return done


def ali(company: Company) -> dict[str, Any] | None:
    return next((row for row in company.rows("customers") if row["id"] == 7), None)


def test_the_buyers_name_stays_in_the_customers_row_until_the_last_invoice_goes(company: Company, clock: Any) -> None:
    shop(company, MASTER + BOOKS + INVOICES)
    done = company.resolve("7", "erase")
    assert {(line.table, line.release_on) for line in done.holds} == {
        ("customers", date(2032, 1, 1)),
        ("invoices", date(2030, 1, 1)),
        ("invoices", date(2032, 1, 1)),
    }
    held = ali(company)
    assert held is not None
    assert held["name"] == "Ali Kaya"
    assert held["email"] != ALI
    assert finish(company, clock, 2030) == JobDone(done=1)
    assert [row["name"] for row in company.rows("customers") if row["id"] == 7] == ["Ali Kaya"]
    assert finish(company, clock, 2032) == JobDone(done=1)
    assert ali(company) is None
    assert [row["id"] for row in company.rows("invoices")] == [3]
    paper = company.desk.papers.certificate(company.actor, done.number, "tr")
    assert "VUK 253 (buyer)" in paper.text


def test_a_masked_buyer_is_masked_whole_at_the_end(company: Company, clock: Any) -> None:
    shop(company, MASTER + BOOKS + INVOICES)
    company.resolve("7", "mask")
    assert finish(company, clock, 2030) == JobDone(done=1)
    row = ali(company)
    assert row is not None
    assert row["name"] == "Ali Kaya"
    assert finish(company, clock, 2032) == JobDone(done=1)
    row = ali(company)
    assert row is not None
    assert row["name"] == STARS
    assert [one["text"] for one in company.rows("invoices")] == [STARS, STARS, f"for {ALI}, Ali"]


def test_an_invoice_that_came_since_keeps_the_masked_buyer(company: Company, clock: Any) -> None:
    """The law wants the buyer of it too: it is put on record, and the name goes with it."""
    shop(company, MASTER + BOOKS + INVOICES)
    company.resolve("7", "mask")
    with company.desk.context.writing(company.actor) as unit:
        unit.conn.execute(text("INSERT INTO invoices (id, customer_id, issued, state, text) VALUES (9, 7, '2030-05-05', 'paid', 'late')"))
    assert finish(company, clock, 2032) == JobDone(done=1)
    row = ali(company)
    assert row is not None
    assert row["name"] == "Ali Kaya"
    assert finish(company, clock, 2036) == JobDone(done=1)
    row = ali(company)
    assert row is not None
    assert row["name"] == STARS


def test_an_invoice_that_hangs_on_nobody_any_more_is_finished_too(company: Company, clock: Any) -> None:
    """The company has cut the tie to the customer: the words on the invoice are the customer's all the same."""
    shop(company)
    done = company.resolve("7", "mask")
    with company.desk.context.writing(company.actor) as unit:
        unit.conn.execute(text("UPDATE invoices SET customer_id = NULL WHERE id = 1"))
        unit.conn.execute(text("UPDATE invoices SET customer_id = 4711 WHERE id = 2"))
    assert finish(company, clock, 2032) == JobDone(done=1)
    assert [row["text"] for row in company.rows("invoices")] == [STARS, STARS, f"for {ALI}, Ali"]
    [told] = [one for one in company.desk.papers.certificate(company.actor, done.number, "en").addenda if one.holds]
    assert told.gone == 0


def test_an_orphan_of_an_erase_goes_and_so_does_the_stub(company: Company, clock: Any) -> None:
    shop(company)
    company.resolve("7", "erase")
    with company.desk.context.writing(company.actor) as unit:
        unit.conn.execute(text("UPDATE invoices SET customer_id = NULL WHERE id IN (1, 2)"))
    assert finish(company, clock, 2032) == JobDone(done=1)
    assert [row["id"] for row in company.rows("invoices")] == [3]
    assert ali(company) is None


def test_invoices_that_are_numbered_within_their_customer_do_not_put_the_customer_on_record(company: Company, clock: Any) -> None:
    meta = company.meta
    customers(meta)
    Table(
        "invoices",
        meta,
        Column("customer_id", Integer, primary_key=True, autoincrement=False),
        Column("no", Integer, primary_key=True, autoincrement=False),
        Column("issued", Date),
        Column("state", String(8)),
        Column("text", Text),
    )
    Table(
        "positions",
        meta,
        Column("customer_id", Integer, primary_key=True, autoincrement=False),
        Column("no", Integer, primary_key=True, autoincrement=False),
        Column("line", Integer, primary_key=True, autoincrement=False),
        Column("text", Text),
    )
    lines = """
[tables.positions]
link = "customer_id, no -> invoices.customer_id, invoices.no"
hold = { with_parent = true, keep = ["text"], because = "VUK 253" }
not_personal = [{ columns = ["customer_id", "no", "line"], because = "keys" }]
[tables.positions.columns]
text = "free_text"
"""
    rows = [{"customer_id": c, "no": n, "issued": date(2024, 1, 1), "state": "paid", "text": "x"} for c in (7, 70) for n in (7, 8)]
    positions = [{"customer_id": c, "no": n, "line": 1, "text": "x"} for c in (7, 70) for n in (7, 8)]
    company.make(
        HEAD + BOOKS + INVOICES.replace('"id", ', '"no", ') + lines, {"customers": PEOPLE, "invoices": rows, "positions": positions}
    )
    company.desk.settings.set(company.actor, "invoice-retention-years", "5")
    company.resolve("7", "erase")
    with company.store.reading() as conn:
        keys = [json.loads(key) for key in conn.execute(select(tables.holds.c.row_key)).scalars()]
    assert len(keys) == 4
    assert all(key[0] == {"key": 0} for key in keys)
    assert finish(company, clock, 2030) == JobDone(done=1)
    assert {row["customer_id"] for name in ("customers", "invoices", "positions") for row in company.rows(name) if "no" in row} == {70}
    assert ali(company) is None


def test_a_document_that_was_held_is_masked_in_every_leaf(company: Company, clock: Any) -> None:
    """What it names is not known any more when its day comes; numbers and texts go, its shape stays."""
    map_text = (
        HEAD
        + BOOKS
        + INVOICES.replace('keep = ["text"]', 'keep = ["text", "buyer"]').replace(
            'text = "free_text"', 'text = { kind = "free_text", mask = "redact" }\nbuyer = { kind = "json", paths = { "name" = "name" } }'
        )
    )
    shop(company, map_text, Column("buyer", JSON))
    buyer = {"name": "Ali Kaya", "memo": [f"write to {ALI}", 7], "paid": None}
    with company.desk.context.writing(company.actor) as unit:
        unit.conn.execute(company.meta.tables["invoices"].update().values(buyer=buyer))
    company.resolve("7", "mask")
    assert [row["buyer"]["name"] for row in company.rows("invoices")] == ["Ali Kaya"] * 3
    finish(company, clock, 2032)
    found = {row["id"]: row["buyer"] for row in company.rows("invoices")}
    assert found[1] == found[2] == {"name": STARS, "memo": [STARS, 0], "paid": None}
    assert found[3] == buyer


def test_a_short_column_that_was_held_takes_as_many_stars_as_it_can(company: Company, clock: Any) -> None:
    map_text = (
        HEAD
        + BOOKS
        + INVOICES.replace('keep = ["text"]', 'keep = ["text", "mark"]').replace(
            'text = "free_text"', 'text = "free_text"\nmark = { kind = "free_text", mask = "redact" }'
        )
    )
    shop(company, map_text, Column("mark", String(3)))
    with company.desk.context.writing(company.actor) as unit:
        unit.conn.execute(text("UPDATE invoices SET mark = 'Ali'"))
    company.resolve("7", "mask")
    finish(company, clock, 2032)
    assert company.column("invoices", "mark") == ["***", "***", "Ali"]
