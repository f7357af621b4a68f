"""Odd companies in one page of a run, on each engine: what comes of it is what the same requests do one after the other.

A page decides on what it has read before it writes, so each of these has customers who bear on one another.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, func, insert, select, update

from core.errors import Conflict, KvkkError
from core.model.records import ItemDone, Resolution, ResolveOptions, Wanted
from core.services.pages import Pages, Watch
from core.store import certificates, tables
from core.store.ahead import Ahead
from core.store.located import unexplained

from .test_shapes import (  # type: ignore[import-not-found]
    ALI,
    AYSE,
    FORUM,
    HEAD,
    PEOPLE,
    SHARED,
    STARS,
    Company,
    company,
    customers,
    forum,
)

__all__ = ["company"]
SURE = ResolveOptions(notify=False, reason="asked for less")
WAYS = pytest.mark.parametrize("way", ["run", "one-by-one"])


@dataclass
class Outcome:
    """What became of the customers."""

    codes: dict[str, str | None]
    """Customer → code of the refusal, None when it was carried out."""
    blacklisted: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    """Customer → (kinds listed, kinds left out), of those that were carried out."""


def treat(company: Company, way: str, keys: tuple[str, ...], **how: bool) -> Outcome:
    """The customers in the order given, which must be that of a run: in one page, or each in a transaction of its own."""
    resolution, numbers = Resolution(**how), {key: company.open_request(key) for key in keys}
    if way == "run":
        heard: list[ItemDone] = []
        end = company.desk.bulk.resolve(company.actor, Wanted(tuple(numbers.values())), resolution, SURE, Watch(told=heard.append))
        assert [item.number for item in heard] == list(numbers.values())
        assert end.found_after == ()
        codes = {key: item.code for key, item in zip(keys, heard, strict=True)}
    else:
        codes = {key: _alone(company, number, resolution) for key, number in numbers.items()}
    assert company.desk.audit.verify(company.actor).entries > 0
    papers = {key: company.desk.papers.certificate(company.actor, numbers[key], "en").certificate for key in keys if codes[key] is None}
    return Outcome(codes, {key: (tuple(sorted(paper.blacklisted)), tuple(sorted(paper.left_out))) for key, paper in papers.items()})


def _alone(company: Company, number: int, resolution: Resolution) -> str | None:
    try:
        company.desk.resolutions.resolve(company.actor, number, resolution, SURE)
    except KvkkError as error:
        return error.code
    return None


@WAYS
@pytest.mark.parametrize("how", ["mask", "erase"])
def test_the_last_owner_of_a_shared_row_takes_it_along(company: Company, way: str, how: str) -> None:
    meta = company.meta
    customers(meta)
    Table("addresses", meta, Column("id", Integer, primary_key=True), Column("line", String(80), nullable=False))
    ends = {"customer_id": ForeignKey("customers.id"), "address_id": ForeignKey("addresses.id")}
    Table("links", meta, *(Column(name, Integer, key, primary_key=True, autoincrement=False) for name, key in ends.items()))
    company.make(
        HEAD + SHARED,
        {
            "customers": PEOPLE,
            "addresses": [{"id": i, "line": f"Street {i}"} for i in (1, 2, 3)],
            "links": [{"customer_id": c, "address_id": a} for c, a in ((7, 1), (7, 2), (8, 2), (8, 3), (70, 3))],
        },
    )
    done = treat(company, way, ("7", "8"), **{how: True})
    assert set(done.codes.values()) == {None}
    assert company.column("addresses", "line") == (["Street 3"] if how == "erase" else [STARS, STARS, "Street 3"])


@WAYS
def test_rows_by_a_value_that_two_have_go_with_the_second(company: Company, way: str) -> None:
    meta = company.meta
    customers(meta)
    Table("mails", meta, Column("id", Integer, primary_key=True), Column("recipient", String(200)))
    link = '[tables.mails]\nlink = { match = "recipient", to = "email" }\nnot_personal = [{ columns = ["id"], because = "key" }]\n'
    people = [*PEOPLE, {"id": 9, "name": "Fatma", "email": AYSE, "phone": None}]
    mails = [{"id": i, "recipient": r} for i, r in enumerate((AYSE, f"Ayşe <{AYSE}>", "someone@x.example"), 1)]
    company.make(HEAD + link + '[tables.mails.columns]\nrecipient = "email"\n', {"customers": people, "mails": mails})
    assert set(treat(company, way, ("8", "9"), erase=True).codes.values()) == {None}
    assert company.column("mails", "recipient") == ["someone@x.example"]


@WAYS
def test_a_value_is_listed_with_the_last_who_has_it(company: Company, way: str) -> None:
    customers(company.meta)
    company.make(HEAD, {"customers": [*PEOPLE, {"id": 9, "name": "Fatma", "email": AYSE, "phone": None}]})
    done = treat(company, way, ("7", "8", "9"), mask=True, blacklist=True)
    assert done.blacklisted == {
        "7": (("email", "phone"), ()),
        "8": (("phone",), ("email",)),
        "9": (("email",), ()),
    }


@WAYS
def test_pointers_among_the_customers_of_a_page(company: Company, way: str) -> None:
    customers(company.meta, Column("referred_by", Integer, ForeignKey("customers.id")))
    people = [{**p, "referred_by": r} for p, r in zip(PEOPLE, (None, 7, 7), strict=True)]
    company.make(HEAD + 'referred_by = { refers_to = "customers" }\n', {"customers": people})
    assert set(treat(company, way, ("7", "8"), erase=True).codes.values()) == {None}
    assert [(row["id"], row["referred_by"]) for row in company.rows("customers")] == [(70, None)]


@WAYS
@pytest.mark.parametrize(("answerer", "expected"), [(7, {"7": None, "8": None}), (8, {"7": "drags-along", "8": None})])
def test_an_answer_of_another_of_the_page(company: Company, way: str, answerer: int, expected: dict[str, str | None]) -> None:
    """Who answered and goes first is not in the way any more; who goes later still is."""
    company.meta.info["alter"] = company.store.name != "sqlite"
    forum(company.meta)
    asked, post = 15 - answerer, {"last_id": None, "body": "b"}
    posts = [{"id": 1, "customer_id": asked, "parent_id": None, **post}, {"id": 2, "customer_id": answerer, "parent_id": 1, **post}]
    company.make(HEAD + FORUM, {"customers": PEOPLE, "threads": [], "posts": posts})
    assert treat(company, way, ("7", "8"), erase=True).codes == expected
    assert company.column("posts", "customer_id") == ([] if None is expected["7"] else [7])


@WAYS
def test_a_value_in_a_row_that_goes_with_somebody_else(company: Company, way: str) -> None:
    """Ali's ticket quotes Ayşe: it refuses hers while it stands, and not once it is gone."""
    meta = company.meta
    customers(meta)
    Table("tickets", meta, Column("id", Integer, primary_key=True), Column("customer_id", Integer), Column("text", Text))
    mapped = '[tables.tickets]\nlink = "customer_id"\nnot_personal = [{ columns = ["id", "customer_id"], because = "keys" }]\n'
    tickets = [{"id": 1, "customer_id": 7, "text": f"ask {AYSE}"}, {"id": 2, "customer_id": 8, "text": "mine"}]
    company.make(HEAD + mapped + '[tables.tickets.columns]\ntext = "free_text"\n', {"customers": PEOPLE, "tickets": tickets})
    assert treat(company, way, ("7", "8"), erase=True).codes == {"7": None, "8": None}
    assert company.rows("tickets") == []


@WAYS
@pytest.mark.parametrize("how", ["mask", "erase"])
def test_equal_rows_without_a_key(company: Company, way: str, how: str) -> None:
    meta = company.meta
    customers(meta)
    Table("visits", meta, Column("customer_id", Integer), Column("ip", String(40)))
    mapped = '[tables.visits]\nlink = "customer_id"\nnot_personal = [{ columns = ["customer_id"], because = "key" }]\n'
    visits = [{"customer_id": c, "ip": "10.0.0.1"} for c in (7, 7, 8, 8, 70)]
    company.make(HEAD + mapped + '[tables.visits.columns]\nip = { kind = "ip", mask = "stars" }\n', {"customers": PEOPLE, "visits": visits})
    assert set(treat(company, way, ("7", "8"), **{how: True}).codes.values()) == {None}
    gone = [] if how == "erase" else [(c, STARS) for c in (7, 7, 8, 8)]
    assert sorted((row["customer_id"], row["ip"]) for row in company.rows("visits")) == sorted([*gone, (70, "10.0.0.1")])


LOGS = """
[tables.logs]
link = "none"
not_personal = [{ columns = ["at"], because = "a day" }]
[tables.logs.columns]
line = { kind = "free_text", mask = "redact", everywhere = true }
"""
QUOTE = f"{ALI} and {AYSE}"


def logs(company: Company) -> None:
    customers(company.meta)
    Table("logs", company.meta, Column("at", Integer), Column("line", String(200)))
    company.make(HEAD + LOGS, {"customers": PEOPLE, "logs": [{"at": 1, "line": QUOTE}]})


@WAYS
def test_two_are_named_in_a_row_without_a_key(company: Company, way: str) -> None:
    """What is blanked for the first moves the row on PostgreSQL, and is another row on MariaDB."""
    logs(company)
    assert set(treat(company, way, ("7", "8"), erase=True).codes.values()) == {None}
    assert company.column("logs", "line") == ["*** and ***"]


@WAYS
def test_a_value_in_somebody_elses_row_without_a_key_is_on_the_certificate(company: Company, way: str) -> None:
    meta = company.meta
    customers(meta)
    Table("tickets", meta, Column("customer_id", Integer), Column("text", String(200)))
    mapped = '[tables.tickets]\nlink = "customer_id"\nnot_personal = [{ columns = ["customer_id"], because = "key" }]\n'
    text = '[tables.tickets.columns]\ntext = { kind = "free_text", mask = "redact" }\n'
    company.make(HEAD + mapped + text, {"customers": PEOPLE, "tickets": [{"customer_id": 7, "text": QUOTE}]})
    assert set(treat(company, way, ("7", "8"), mask=True).codes.values()) == {None}
    assert company.column("tickets", "text") == [f"*** and {AYSE}"]
    paper = company.desk.papers.certificate(company.actor, 2, "en").certificate
    assert [line.verdict for line in paper.residue] == ["other-customer"]


@WAYS
def test_a_row_whose_parent_is_not_unique_loses_the_values_of_both(company: Company, way: str) -> None:
    meta = company.meta
    customers(meta)
    Table("orders", meta, Column("id", Integer, primary_key=True), Column("no", String(9)), Column("customer_id", Integer))
    Table("tickets", meta, Column("id", Integer, primary_key=True), Column("order_no", String(9)), Column("text", Text))
    mapped = """
[tables.orders]
link = "customer_id"
on_mask = "keep"
because = "books"
not_personal = [{ columns = ["id", "no", "customer_id"], because = "keys" }]
[tables.tickets]
link = "order_no -> orders.no"
not_personal = [{ columns = ["id", "order_no"], because = "keys" }]
[tables.tickets.columns]
text = { kind = "free_text", mask = "redact" }
"""
    orders = [{"id": c, "no": "X", "customer_id": c} for c in (7, 8)]
    company.make(HEAD + mapped, {"customers": PEOPLE, "orders": orders, "tickets": [{"id": 1, "order_no": "X", "text": QUOTE}]})
    assert set(treat(company, way, ("7", "8"), mask=True).codes.values()) == {None}
    assert company.column("tickets", "text") == ["*** and ***"]


def test_an_address_that_is_new_since_the_pass_is_looked_for(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    logs(company)
    table, new, real = company.meta.tables["customers"], "new@x.example", Pages.locate

    def locate(*given: Any) -> None:
        real(*given)
        with company.store.alone() as conn:
            conn.execute(update(table).where(table.c.id == 7).values(email=new))
            conn.execute(insert(company.meta.tables["logs"]).values(at=2, line=f"to {new}"))

    monkeypatch.setattr(Pages, "locate", locate)
    assert set(treat(company, "run", ("7", "8"), erase=True).codes.values()) == {None}
    assert "to ***" in company.column("logs", "line")


def test_long_texts_are_read_customer_by_customer(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    meta = company.meta
    customers(meta)
    Table("tickets", meta, Column("id", Integer, primary_key=True), Column("customer_id", Integer), Column("text", Text))
    mapped = '[tables.tickets]\nlink = "customer_id"\nnot_personal = [{ columns = ["id", "customer_id"], because = "keys" }]\n'
    rows = [{"id": c, "customer_id": c, "text": "t" * 600} for c in (7, 8)]
    company.make(HEAD + mapped + '[tables.tickets.columns]\ntext = "free_text"\n', {"customers": PEOPLE, "tickets": rows})
    read, real = list[str](), Ahead.take

    def take(ahead: Ahead, key: str) -> Any:
        taken = real(ahead, key)
        read.extend(taken.tables if taken else ())
        return taken

    monkeypatch.setattr(Ahead, "take", take)
    monkeypatch.setattr("core.store.ahead.MOST_TEXT", 1000)
    assert set(treat(company, "run", ("7", "8"), mask=True).codes.values()) == {None}
    assert set(read) == {"customers"}
    assert company.column("tickets", "text") == [STARS, STARS]


def test_what_was_not_locked_when_it_was_read_does_not_wait_for_the_page(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row found by value: written before the next request is read, so that nobody's change comes in between."""
    meta, waiting = company.meta, list[int]()
    customers(meta)
    Table("mails", meta, Column("id", Integer, primary_key=True), Column("recipient", String(200)))
    link = '[tables.mails]\nlink = { match = "recipient", to = "email" }\nnot_personal = [{ columns = ["id"], because = "key" }]\n'
    mails = [{"id": 1, "recipient": ALI}]
    company.make(HEAD + link + '[tables.mails.columns]\nrecipient = "email"\n', {"customers": PEOPLE, "mails": mails})
    real = certificates.fix_later

    def fix_later(unit: Any, paper: Any) -> None:
        waiting.append(unit.conn.execute(select(func.count()).select_from(meta.tables["mails"])).scalar_one())
        real(unit, paper)

    monkeypatch.setattr(certificates, "fix_later", fix_later)
    assert set(treat(company, "run", ("7", "8"), erase=True).codes.values()) == {None}
    assert waiting == [1, 0]


def test_what_cannot_be_written_for_the_page_is_written_one_by_one(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the page stays before it is redone: each has one certificate, and the one that fails again is as it was."""
    customers(company.meta)
    company.make(HEAD, {"customers": PEOPLE})
    real, wrote, bad = certificates.put_all, list[int](), company.open_request("70")

    def put_all(conn: Any, documents: Any) -> None:
        numbers = [number for number, part, *_ in documents if part == 0]
        wrote.extend([len(numbers)] if numbers else [])
        real(conn, documents)
        if bad in numbers:
            raise Conflict("rows-moved", table="customers")

    monkeypatch.setattr(certificates, "put_all", put_all)
    done = treat(company, "run", ("7", "8", "70"), mask=True)
    assert (done.codes, wrote) == ({"7": None, "8": None, "70": "rows-moved"}, [3, 1, 1, 1])
    assert {row["id"]: row["name"] for row in company.rows("customers")} == {7: STARS, 70: "Veli Kaya", 8: STARS}
    with company.store.reading() as conn:
        papers = conn.execute(select(tables.certificates.c.request).where(tables.certificates.c.part == 0)).scalars().all()
    assert len(papers) == 2
    assert bad not in papers


BILLS = """
[tables.bills]
link = "customer_id"
not_personal = [{ columns = ["customer_id"], because = "key" }]
[tables.bills.columns]
sent_to = { keep = "VUK 253" }
phone = { kind = "phone", mask = "stars" }
"""


@WAYS
def test_what_stays_in_a_row_without_a_key_is_no_finding_afterwards(company: Company, way: str) -> None:
    """The row is written, because the phone goes: on PostgreSQL it stands elsewhere then, on MariaDB it is another."""
    customers(company.meta)
    Table("bills", company.meta, Column("customer_id", Integer), Column("sent_to", String(80)), Column("phone", String(40)))
    bills = [{"customer_id": key, "sent_to": mail, "phone": f"0532 123 45 0{key}"} for key, mail in ((7, ALI), (8, AYSE))]
    company.make(HEAD + BILLS, {"customers": PEOPLE, "bills": bills})
    assert set(treat(company, way, ("7", "8"), mask=True).codes.values()) == {None}
    assert [(row["sent_to"], row["phone"]) for row in company.rows("bills")] == [(ALI, STARS), (AYSE, STARS)]
    reread = [entry for entry in company.desk.audit.list(company.actor).rows if entry.verb == "certificate.reread"]
    assert [json.loads(entry.detail)["detail"] for entry in reread] == [{"hits": 0}, {"hits": 0}]


def test_what_is_left_in_rows_without_a_key_is_counted(company: Company) -> None:
    customers(company.meta)
    Table("bills", company.meta, Column("customer_id", Integer), Column("sent_to", String(80)), Column("phone", String(40)))
    company.make(HEAD + BILLS, {"customers": PEOPLE, "bills": []})
    with company.desk.context.reading() as conn:
        atlas = company.desk.context.atlas
        schema = atlas.schema(conn)
    expected = {("bills", ("old",), "sent_to"), ("customers", (7,), "email")}
    assert unexplained(atlas, schema, expected, expected) == 0
    assert unexplained(atlas, schema, {*expected, ("bills", ("more",), "sent_to")}, expected) == 1
    assert unexplained(atlas, schema, {("bills", ("old",), "phone"), ("customers", (8,), "email")}, expected) == 2
