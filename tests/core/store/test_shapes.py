"""Shapes of real schemas, on each engine: every row of the customer is treated, no row of anybody else is touched.

Each test builds a small odd company (tables, rows, a map as text), resolves one request through the desk as staff would,
and compares every table with what must be there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    insert,
)
from sqlalchemy.dialects import mysql

from core.config import Target
from core.desk import Desk
from core.errors import Conflict, KvkkError, Refused
from core.model.records import Actor, Kind, NewRequest, Resolution, Resolved, ResolveOptions
from core.store.engine import Store

ALI, VELI, AYSE = "ali@x.example", "veli.ali@x.example", "ayse@x.example"
ALI_PHONE = "+905321234567"
STARS = "*****"
HEAD = """
version = 1
name = "t"
[customer]
table = "customers"
key = "id"
name = ["name"]
email = "email"
phone = "phone"
[tables.customers]
not_personal = [{ columns = ["id"], because = "key" }]
[tables.customers.columns]
name = "name"
email = "email"
phone = "phone"
"""
PEOPLE = [
    {"id": 7, "name": "Ali Kaya", "email": ALI, "phone": ALI_PHONE},
    {"id": 70, "name": "Veli Kaya", "email": VELI, "phone": None},
    {"id": 8, "name": "Ayşe Işık", "email": AYSE, "phone": "+905329876543"},
]
Rows = dict[str, list[dict[str, Any]]]


def customers(meta: MetaData, *more: Any) -> Table:
    """The plain customers' table."""
    return Table(
        "customers",
        meta,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("name", String(80), nullable=False),
        Column("email", String(120)),
        Column("phone", String(24)),
        *more,
        mysql_charset="utf8mb4",
    )


@dataclass
class Company:
    """A database of a made-up company, its map, and a desk on it."""

    store: Store
    folder: Path
    actor: Actor
    clock: Callable[[], Any]
    meta: MetaData = field(default_factory=MetaData)
    _desk: Desk | None = None

    def make(self, map_text: str, rows: Rows, *after: str) -> Company:
        """Tables of `meta`, rows in the order given, then statements (`;` apart by engine is the test's business)."""
        with self.store.alone() as conn:
            self.meta.create_all(conn)
            for table, content in rows.items():
                for row in content:
                    conn.execute(insert(self.meta.tables[table]).values(**row))
            for statement in after:
                conn.exec_driver_sql(statement)
        path = self.folder / "map.toml"
        path.write_text(map_text, encoding="utf-8")
        url = self.store.url
        database = str(url.database) if self.store.name == "sqlite" else url.render_as_string(hide_password=False)
        target = Target(database, str(path), self.folder / "kvkk.key", "--db", "en")
        self._desk = Desk(target, actor=self.actor, clock=self.clock)
        return self

    @property
    def desk(self) -> Desk:
        assert self._desk is not None
        return self._desk

    def resolve(self, key: str, how: str, **options: Any) -> Resolved:
        """File a request of the customer and resolve it: access, mask or erase."""
        number = self.open_request(key)
        wanted = Resolution(mask=how == "mask", erase=how == "erase")
        given = ResolveOptions(notify=False, **{"reason": "asked for less", **options})
        preview = self.desk.resolutions.preview(self.actor, number, wanted, given)
        done = self.desk.resolutions.resolve(self.actor, number, wanted, replace(given, plan=preview.fingerprint))
        assert done.tables == preview.tables
        assert done.pending == ()
        return done

    def open_request(self, key: str) -> int:
        """The customer's open request, filed when there is none."""
        try:
            return self.desk.requests.add(self.actor, NewRequest(key, Kind.ERASE)).number
        except Conflict as error:
            return int(str(error.facts["number"]))

    def refused(self, key: str, how: str) -> KvkkError:
        """The error of a resolution that is refused, the company's tables as they were."""
        before = self.everything()
        with pytest.raises(KvkkError) as found:
            self.resolve(key, how)
        assert self.everything() == before
        return found.value

    def rows(self, table: str) -> list[dict[str, Any]]:
        with self.store.reading() as conn:
            found = conn.execute(self.meta.tables[table].select()).mappings().all()
        return sorted((dict(row) for row in found), key=repr)

    def column(self, table: str, name: str) -> list[Any]:
        return [row[name] for row in self.rows(table)]

    def everything(self) -> Rows:
        return {name: self.rows(name) for name in self.meta.tables}


@pytest.fixture
def company(store: Store, tmp_path: Path, actor: Actor, clock: Any) -> Iterator[Company]:
    made = Company(store, tmp_path, actor, clock)
    yield made
    if made._desk is not None:
        made._desk.close()


def lines_of(counts: Any) -> dict[str, tuple[int, int, int]]:
    """Table → (deleted, masked, shared)."""
    return {line.table: (line.deleted, line.masked, line.shared) for line in counts}


# -- keys -------------------------------------------------------------------------------------------------------------


def test_id_7_is_not_70_and_one_address_is_not_the_end_of_another(company: Company) -> None:
    meta = company.meta
    customers(meta)
    Table("notes", meta, Column("id", Integer, primary_key=True), Column("customer_id", Integer), Column("text", Text))
    Table("mails", meta, Column("id", Integer, primary_key=True), Column("recipient", String(120)))
    company.make(
        HEAD
        + """
[tables.notes]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.notes.columns]
text = "free_text"
[tables.mails]
link = { match = "recipient", to = "email" }
not_personal = [{ columns = ["id"], because = "key" }]
[tables.mails.columns]
recipient = "email"
""",
        {
            "customers": PEOPLE,
            "notes": [{"id": i, "customer_id": c, "text": f"note {c}"} for i, c in enumerate((7, 70, 8, 77, 7, None), 1)],
            "mails": [{"id": i, "recipient": r} for i, r in enumerate((ALI, VELI, "ALI@X.Example", "ali@x.example.com"), 1)],
        },
    )
    done = company.resolve("7", "erase")
    assert lines_of(done.tables) == {"customers": (1, 0, 0), "notes": (2, 0, 0), "mails": (2, 0, 0)}
    assert company.column("customers", "id") == [70, 8]
    assert company.column("notes", "id") == [2, 3, 4, 6]
    assert company.column("mails", "recipient") == [VELI, "ali@x.example.com"]


def test_a_composite_key_binds_all_its_parts(company: Company) -> None:
    meta = company.meta
    Table(
        "customers",
        meta,
        Column("branch", String(4), primary_key=True),
        Column("no", Integer, primary_key=True, autoincrement=False),
        Column("name", String(80)),
        Column("email", String(120)),
    )
    Table(
        "orders",
        meta,
        Column("id", Integer, primary_key=True),
        Column("b", String(4)),
        Column("n", Integer),
        Column("ship_to", String(80)),
        ForeignKeyConstraint(["b", "n"], ["customers.branch", "customers.no"]),
    )
    Table("lines", meta, Column("id", Integer, primary_key=True), Column("order_id", Integer), Column("text", String(80)))
    company.make(
        """
version = 1
name = "t"
[customer]
table = "customers"
key = ["branch", "no"]
name = ["name"]
email = "email"
[tables.customers]
not_personal = [{ columns = ["branch", "no"], because = "key" }]
[tables.customers.columns]
name = "name"
email = "email"
[tables.orders]
link = "b, n"
not_personal = [{ columns = ["id", "b", "n"], because = "keys" }]
[tables.orders.columns]
ship_to = "address"
[tables.lines]
link = "order_id -> orders.id"
not_personal = [{ columns = ["id", "order_id"], because = "keys" }]
[tables.lines.columns]
text = "free_text"
""",
        {
            "customers": [
                {"branch": "A", "no": 1, "name": "Ali", "email": ALI},
                {"branch": "A", "no": 2, "name": "Veli", "email": VELI},
                {"branch": "B", "no": 1, "name": "Ayşe", "email": AYSE},
            ],
            "orders": [{"id": i, "b": b, "n": n, "ship_to": "x"} for i, (b, n) in enumerate((("A", 1), ("A", 2), ("B", 1)), 1)],
            "lines": [{"id": i, "order_id": i, "text": "t"} for i in (1, 2, 3)],
        },
    )
    assert company.desk.customers.find(company.actor, "ali@", 5)[0].key == "A|1"
    done = company.resolve("A|1", "erase")
    assert lines_of(done.tables) == {"customers": (1, 0, 0), "orders": (1, 0, 0), "lines": (1, 0, 0)}
    assert [(r["branch"], r["no"]) for r in company.rows("customers")] == [("A", 2), ("B", 1)]
    assert company.column("orders", "id") == company.column("lines", "id") == [2, 3]


def test_names_that_need_quoting_are_quoted(company: Company) -> None:
    """Blanks, quotes, per cent, dots, reserved words, Turkish letters, 60 characters."""
    meta = company.meta
    customers(meta)
    long = "ü" * 30 + "x" * 30 if company.store.name != "postgresql" else "ü" * 20 + "x" * 20
    Table(
        'Order "Details" 100%',
        meta,
        Column("order", Integer, primary_key=True),
        Column("müşteri.no", Integer),
        Column("first name", String(80)),
        Column("select", String(80)),
        Column("50% off", String(80)),
        Column(long, String(80)),
    )
    Table("bıgınt", meta, Column("group", Integer, primary_key=True), Column("order", Integer), Column("a<b", Text))
    row = {"first name": "Ali", "select": "gizli", "50% off": "adres", long: "uzun"}
    company.make(
        HEAD
        + f"""
[tables.'Order "Details" 100%']
link = '"müşteri.no"'
not_personal = [{{ columns = ["order", "müşteri.no"], because = "keys" }}]
[tables.'Order "Details" 100%'.columns]
"first name" = "name"
select = "free_text"
"50% off" = {{ kind = "address", mask = "token" }}
"{long}" = {{ kind = "other", mask = "constant:100%" }}
[tables."bıgınt"]
link = 'order -> "Order ""Details"" 100%".order'
not_personal = [{{ columns = ["group", "order"], because = "keys" }}]
[tables."bıgınt".columns]
"a<b" = {{ kind = "free_text", mask = "redact" }}
""",
        {
            "customers": PEOPLE,
            'Order "Details" 100%': [{"order": 1, "müşteri.no": 7, **row}, {"order": 2, "müşteri.no": 8, **row}],
            "bıgınt": [{"group": i, "order": i, "a<b": f"100% {ALI} 'ok'"} for i in (1, 2)],
        },
    )
    # a row of Ayşe quotes Ali and the map does not say `everywhere`: it is hers, and stays
    done = company.resolve("7", "mask")
    assert [(r.table, r.verdict) for r in done.residue] == [("bıgınt", "other-customer")]
    mine, other = company.rows('Order "Details" 100%')
    assert {k: other[k] for k in row} == row
    assert (mine["first name"], mine["select"], mine[long]) == (STARS, STARS, "100%")
    assert len(mine["50% off"]) == 32
    assert company.column("bıgınt", "a<b") == ["100% *** 'ok'", f"100% {ALI} 'ok'"]
    company.resolve("8", "erase")
    assert [r["order"] for r in company.rows('Order "Details" 100%')] == company.column("bıgınt", "order") == [1]


NO_KEY = """
[tables.visits]
link = "customer_id"
not_personal = [{ columns = ["customer_id", "hits"], because = "key and a count" }]
[tables.visits.columns]
who = "name"
ip = "ip"
said = { kind = "free_text", mask = "redact", everywhere = true }
"""


@pytest.mark.parametrize("how", ["mask", "erase"])
def test_a_table_without_a_primary_key_even_with_equal_rows(company: Company, how: str) -> None:
    meta = company.meta
    customers(meta)
    Table(
        "visits",
        meta,
        Column("customer_id", Integer),
        Column("who", String(40)),
        Column("ip", String(45)),
        Column("said", Text),
        Column("hits", Integer),
    )
    mine = {"customer_id": 7, "who": "Ali", "ip": "192.0.2.77", "said": f"from {ALI}", "hits": None}
    twin = {**mine, "who": "ali", "said": None}
    hers = {"customer_id": 8, "who": "Ayşe", "ip": "192.0.2.8", "said": f"met {ALI} and {ALI_PHONE}", "hits": 1}
    near = {**mine, "customer_id": 70, "said": "hello"}
    company.make(HEAD + NO_KEY, {"customers": PEOPLE, "visits": [mine, mine, mine, twin, hers, hers, near]})
    done = company.resolve("7", how)
    visits = next(line for line in done.tables if line.table == "visits")
    assert (visits.deleted, visits.masked) == ((0, 4) if how == "mask" else (4, 0))
    blanked = {**hers, "said": "met *** and ***"}
    masked = {**mine, "who": STARS, "ip": "192.0.2.0", "said": "from ***"}
    left = [masked] * 3 + [{**masked, "said": None}] if how == "mask" else []
    assert company.rows("visits") == sorted([*left, blanked, blanked, near], key=repr)


def test_a_column_named_like_sqlites_row_number_addresses_nothing(company: Company) -> None:
    meta = company.meta
    customers(meta)
    Table("visits", meta, Column("rowid", Integer), Column("customer_id", Integer), Column("who", String(40)))
    company.make(
        HEAD
        + """
[tables.visits]
link = "customer_id"
not_personal = [{ columns = ["rowid", "customer_id"], because = "keys" }]
[tables.visits.columns]
who = "name"
""",
        {"customers": PEOPLE, "visits": [{"rowid": 5, "customer_id": c, "who": "x"} for c in (7, 8)]},
    )
    company.resolve("7", "erase")
    assert company.rows("visits") == [{"rowid": 5, "customer_id": 8, "who": "x"}]


def test_text_keys_are_compared_letter_by_letter(company: Company) -> None:
    """`A1` is not `a1 `; where MariaDB takes them for the same, the run is refused by name."""
    meta = company.meta
    exact = String(10).with_variant(mysql.VARCHAR(10, collation="utf8mb4_nopad_bin"), "mariadb", "mysql")
    loose = String(10).with_variant(mysql.VARCHAR(10, collation="utf8mb4_general_ci"), "mariadb", "mysql")
    Table("customers", meta, Column("code", exact, primary_key=True), Column("name", String(80)), Column("email", String(120)))
    Table("orders", meta, Column("id", Integer, primary_key=True), Column("code", exact), Column("note", Text))
    Table("logs", meta, Column("id", Integer, primary_key=True), Column("code", loose), Column("note", Text))
    linked = 'link = "code"\nnot_personal = [{ columns = ["id", "code"], because = "keys" }]\n'
    company.make(
        f"""
version = 1
name = "t"
[customer]
table = "customers"
key = "code"
name = ["name"]
email = "email"
[tables.customers]
not_personal = [{{ columns = ["code"], because = "key" }}]
[tables.customers.columns]
name = "name"
email = "email"
[tables.orders]
{linked}
[tables.orders.columns]
note = "free_text"
[tables.logs]
{linked}
[tables.logs.columns]
note = "free_text"
""",
        {
            "customers": [{"code": "A1", "name": "Ali", "email": ALI}, {"code": "a1 ", "name": "Veli", "email": VELI}],
            "orders": [{"id": i, "code": c, "note": "n"} for i, c in enumerate(("A1", "a1 ", "A1x"), 1)],
            "logs": [{"id": 1, "code": "A1", "note": "n"}],
        },
    )
    company.resolve("A1", "erase")
    assert company.column("customers", "code") == ["a1 "]
    assert company.column("orders", "id") == [2, 3]
    with company.store.alone() as conn:
        conn.execute(insert(meta.tables["logs"]).values(id=2, code="A1", note="whose?"))
    if company.store.name == "mariadb":
        error = company.refused("a1 ", "erase")
        assert (error.code, error.facts["table"]) == ("ambiguous-key", "logs")
    else:
        company.resolve("a1 ", "erase")
        assert company.column("logs", "id") == [2]


def test_a_packed_key_is_unpacked_only_where_it_is_packed(company: Company) -> None:
    meta = company.meta
    customers(meta)
    Table("refs", meta, Column("id", Integer, primary_key=True), Column("ref", String(20)), Column("text", Text))
    refs = ("U7", "U70", "7", "XU7", "U7 ", "u7x", "G7")
    company.make(
        HEAD
        + """
[tables.refs]
link = { column = "ref", pack = "U{key}" }
not_personal = [{ columns = ["id", "ref"], because = "keys" }]
[tables.refs.columns]
text = "free_text"
""",
        {"customers": PEOPLE, "refs": [{"id": i, "ref": r, "text": "t"} for i, r in enumerate(refs, 1)]},
    )
    if company.store.name == "mariadb":  # `U7 ` is taken for `U7` there: nobody knows whose it is
        assert company.refused("7", "erase").code == "ambiguous-key"
        with company.store.alone() as conn:
            conn.exec_driver_sql("DELETE FROM refs WHERE id = 5")
    company.resolve("7", "erase")
    left = [r for r in refs[1:] if company.store.name != "mariadb" or r != "U7 "]
    assert company.column("refs", "ref") == sorted(left, key=refs.index)


# -- ways to a row ----------------------------------------------------------------------------------------------------


def test_four_hops_a_polymorphic_link_and_a_parent_side_address(company: Company) -> None:
    meta = company.meta
    Table("addresses", meta, Column("id", Integer, primary_key=True), Column("line", String(80), nullable=False))
    customers(meta, Column("address_id", Integer, ForeignKey("addresses.id")))
    for child, parent in (("tickets", "customer"), ("messages", "ticket"), ("edits", "message"), ("reads", "edit")):
        Table(
            child,
            meta,
            Column("id", Integer, primary_key=True),
            Column(f"{parent}_id", Integer, ForeignKey(f"{parent}s.id"), nullable=False),
            Column("text", Text),
        )
    Table(
        "tags",
        meta,
        Column("id", Integer, primary_key=True),
        Column("about_type", String(20)),
        Column("about_id", Integer),
        Column("text", Text),
    )

    def linked(table: str, link: str, keys: str) -> str:
        return f"""
[tables.{table}]
{link}
not_personal = [{{ columns = [{keys}], because = "keys" }}]
[tables.{table}.columns]
text = "free_text"
"""

    people = [{**p, "address_id": a} for p, a in zip(PEOPLE, (1, 2, 3), strict=True)]
    chain = {t: [{"id": c, f"{p}_id": c, "text": "t"} for c in (7, 70, 8)] for t, p in (("tickets", "customer"),)}
    for child, parent in (("messages", "ticket"), ("edits", "message"), ("reads", "edit")):
        chain[child] = [{"id": c, f"{parent}_id": c, "text": "t"} for c in (7, 70, 8)]
    about = (("customer", 7), ("customer", 70), ("product", 7), (None, 7), ("customer", 8))
    company.make(
        HEAD.replace('["id"], because', '["id", "address_id"], because')
        + linked("tickets", 'link = "customer_id"', '"id", "customer_id"')
        + linked("messages", 'link = "ticket_id -> tickets.id"', '"id", "ticket_id"')
        + linked("edits", 'link = "message_id -> messages.id"', '"id", "message_id"')
        + linked("reads", 'link = "edit_id -> edits.id"', '"id", "edit_id"')
        + linked("tags", 'link = "about_id"\nwhere = { about_type = "customer" }', '"id", "about_type", "about_id"')
        + """
[tables.addresses]
link = "id <- customers.address_id"
not_personal = [{ columns = ["id"], because = "key" }]
[tables.addresses.columns]
line = "address"
""",
        {
            "addresses": [{"id": i, "line": f"Street {i}"} for i in (1, 2, 3, 4)],
            "customers": people,
            **chain,
            "tags": [{"id": i, "about_type": t, "about_id": k, "text": "t"} for i, (t, k) in enumerate(about, 1)],
        },
    )
    company.resolve("70", "mask")
    assert company.column("addresses", "line") == ["Street 1", STARS, "Street 3", "Street 4"]
    done = company.resolve("7", "erase")
    assert {line.deleted for line in done.tables} == {1}
    for table in ("tickets", "messages", "edits", "reads"):
        assert sorted((r["id"], r["text"]) for r in company.rows(table)) == [(8, "t"), (70, STARS)]
    assert company.column("tags", "id") == [2, 3, 4, 5]
    assert company.column("addresses", "id") == [2, 3, 4]


SHARED = """
[tables.links]
link = "customer_id"
not_personal = [{ columns = ["customer_id", "address_id"], because = "keys" }]
[tables.addresses]
link = "id <- links.address_id"
shared = true
not_personal = [{ columns = ["id"], because = "key" }]
[tables.addresses.columns]
line = "address"
"""


@pytest.mark.parametrize("how", ["mask", "erase"])
def test_a_shared_row_goes_with_its_last_owner(company: Company, how: str) -> None:
    meta = company.meta
    customers(meta)
    Table("addresses", meta, Column("id", Integer, primary_key=True), Column("line", String(80), nullable=False))
    Table(
        "links",
        meta,
        Column("customer_id", Integer, ForeignKey("customers.id"), primary_key=True, autoincrement=False),
        Column("address_id", Integer, ForeignKey("addresses.id"), primary_key=True, autoincrement=False),
    )
    company.make(
        HEAD + SHARED,
        {
            "customers": PEOPLE,
            "addresses": [{"id": i, "line": f"Street {i}"} for i in (1, 2, 3)],
            "links": [{"customer_id": c, "address_id": a} for c, a in ((7, 1), (7, 2), (8, 2), (8, 3))],
        },
    )
    first = lines_of(company.resolve("7", how).tables)
    assert first["addresses"] == ((0, 1, 1) if how == "mask" else (1, 0, 1))
    assert "Street 2" in company.column("addresses", "line")
    assert "Street 1" not in company.column("addresses", "line")
    assert (7, 2) not in {tuple(r.values()) for r in company.rows("links")}
    company.resolve("8", how)
    assert not {"Street 1", "Street 2", "Street 3"} & set(company.column("addresses", "line"))


def test_rows_by_value_in_many_spellings_and_a_value_that_two_customers_have(company: Company) -> None:
    meta = company.meta
    customers(meta)
    Table("mails", meta, Column("id", Integer, primary_key=True), Column("recipient", String(200)), Column("subject", Text))
    Table("calls", meta, Column("id", Integer, primary_key=True), Column("phone", String(40)))
    spellings = (ALI, " ALI@x.example ", "Alİ@X.EXAMPLE", "Ali Kaya <ali@x.example>", "mailto:ali@x.example")
    phones = (ALI_PHONE, "0532 123 45 67", "(0532) 123-45-67", "00905321234567", "5321234567", "532.123.45.67")
    company.make(
        HEAD
        + """
[tables.mails]
link = { match = "recipient", to = "email" }
not_personal = [{ columns = ["id"], because = "key" }]
[tables.mails.columns]
recipient = "email"
subject = "free_text"
[tables.calls]
link = { match = "phone", to = "phone" }
not_personal = [{ columns = ["id"], because = "key" }]
[tables.calls.columns]
phone = "phone"
""",
        {
            "customers": [*PEOPLE, {"id": 9, "name": "Fatma", "email": AYSE, "phone": None}],
            "mails": [{"id": i, "recipient": r, "subject": "s"} for i, r in enumerate((*spellings, VELI, AYSE, None), 1)],
            "calls": [{"id": i, "phone": p} for i, p in enumerate((*phones, "+905321234568", "905321234567890"), 1)],
        },
    )
    lines = lines_of(company.resolve("7", "erase").tables)
    assert lines["mails"] == (len(spellings), 0, 0)
    assert lines["calls"] == (6, 0, 0)
    assert company.column("calls", "phone") == ["+905321234568", "905321234567890"]
    assert {VELI, AYSE, None} <= set(company.column("mails", "recipient"))
    done = company.resolve("8", "erase")  # Fatma has the same address: the mail is hers too
    assert lines_of(done.tables)["mails"] == (0, 0, 1)
    assert AYSE in company.column("mails", "recipient")
    company.resolve("9", "erase")
    assert AYSE not in company.column("mails", "recipient")


def test_key_value_rows_are_masked_by_what_their_key_says(company: Company) -> None:
    meta = company.meta
    customers(meta)
    Table(
        "meta",
        meta,
        Column("id", Integer, primary_key=True),
        Column("customer_id", Integer),
        Column("meta_key", String(40)),
        Column("meta_value", Text),
    )
    values = {"billing_phone": "0532 123 45 67", "mail": ALI, "comment": f"call {ALI}", "theme": "dark", "empty": ""}
    company.make(
        HEAD
        + """
[tables.meta]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.meta.keyed]
key = "meta_key"
value = "meta_value"
kinds = { billing_phone = "phone", mail = "email", comment = "free_text", empty = "name" }
""",
        {
            "customers": PEOPLE,
            "meta": [
                {"id": n * 10 + i, "customer_id": c, "meta_key": k, "meta_value": v}
                for n, c in enumerate((7, 8), 1)
                for i, (k, v) in enumerate(values.items())
                if c == 7 or k == "theme"
            ],
        },
    )
    company.resolve("7", "mask")
    found = {r["meta_key"]: r["meta_value"] for r in company.rows("meta") if r["customer_id"] == 7}
    assert found["mail"].endswith("@masked.invalid")
    assert {k: found[k] for k in ("billing_phone", "comment", "theme", "empty")} == {
        "billing_phone": STARS,
        "comment": STARS,
        "theme": "dark",
        "empty": "",
    }


@pytest.mark.parametrize("native", [True, False])
def test_documents_are_masked_by_path_and_redacted_elsewhere(company: Company, native: bool) -> None:
    meta = company.meta
    customers(meta)
    kind = JSON(none_as_null=True) if native else Text
    Table("prefs", meta, Column("id", Integer, primary_key=True), Column("customer_id", Integer), Column("doc", kind))
    Table("logs", meta, Column("id", Integer, primary_key=True), Column("doc", kind))
    doc = {
        "contact": {"phone": "0532 123 45 67", "old": ["eski@x.example"]},
        "addresses": [{"line": "Moda", "n": 1}, {"line": "Şişli"}],
        "note": f"write to {ALI}",
        ALI: True,
        "tel": 5321234567,
    }

    def stored(value: Any) -> Any:
        return value if native else json.dumps(value)

    company.make(
        HEAD
        + """
[tables.prefs]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.prefs.columns]
doc = { kind = "json", paths = { "contact.phone" = "phone", "contact.old.*" = "email", "addresses.*.line" = "address" } }
[tables.logs]
link = "none"
not_personal = [{ columns = ["id"], because = "key" }]
[tables.logs.columns]
doc = { kind = "json", mask = "redact", everywhere = true }
""",
        {
            "customers": PEOPLE,
            "prefs": [{"id": 1, "customer_id": 7, "doc": stored(doc)}, {"id": 2, "customer_id": 8, "doc": stored(doc["addresses"])}],
            "logs": [{"id": 1, "doc": stored({"to": [ALI, "ESKI@x.example"], "n": 1})}, {"id": 2, "doc": stored({"to": [VELI]})}],
        },
    )
    company.resolve("7", "mask")

    def read(value: Any) -> Any:
        return value if native else json.loads(value)

    mine, hers = (read(v) for v in company.column("prefs", "doc"))
    assert hers == doc["addresses"]
    assert mine["contact"]["phone"] == STARS
    assert mine["contact"]["old"][0].endswith("@masked.invalid")
    assert mine["addresses"] == [{"line": STARS, "n": 1}, {"line": STARS}]
    assert (mine["note"], mine["***"], mine["tel"]) == ("write to ***", True, 0)
    assert [read(v) for v in company.column("logs", "doc")] == [{"to": ["***", "***"], "n": 1}, {"to": [VELI]}]


def test_php_serialised_text_keeps_its_byte_lengths(company: Company) -> None:
    meta = company.meta
    customers(meta)
    Table("options", meta, Column("id", Integer, primary_key=True), Column("value", Text))
    text = f'a:2:{{s:4:"müş";s:{len(ALI)}:"{ALI}";s:4:"note";s:{len(f"ş {ALI} ü".encode())}:"ş {ALI} ü";}}'
    company.make(
        HEAD
        + """
[tables.options]
link = "none"
not_personal = [{ columns = ["id"], because = "key" }]
[tables.options.columns]
value = { kind = "free_text", mask = "redact", everywhere = true }
""",
        {"customers": PEOPLE, "options": [{"id": 1, "value": text}, {"id": 2, "value": f's:4:"{AYSE}'}]},
    )
    done = company.resolve("7", "erase")
    assert next(line.cells_redacted for line in done.tables if line.table == "options") == 1
    assert company.column("options", "value")[0] == 'a:2:{s:4:"müş";s:3:"***";s:4:"note";s:9:"ş *** ü";}'


def test_a_phone_in_a_number_column_dates_an_enum_and_bytes(company: Company) -> None:
    meta = company.meta
    customers(meta)
    Table(
        "details",
        meta,
        Column("id", Integer, primary_key=True),
        Column("customer_id", Integer),
        Column("gsm", BigInteger, nullable=False),
        Column("born", Date),
        Column("seen", Date, nullable=False),
        Column("sex", Enum("f", "m", "x", name="sex"), nullable=False),
        Column("photo", LargeBinary),
        Column("raw", LargeBinary, nullable=False),
    )
    row = {"gsm": 905321234567, "born": date(1984, 3, 19), "seen": date(2020, 5, 1), "sex": "m"}
    row |= {"photo": b"\x89PNG " + ALI.encode(), "raw": ALI.encode()}
    company.make(
        HEAD
        + """
[tables.details]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.details.columns]
gsm = { kind = "phone", mask = "zero" }
born = "birth_date"
seen = { kind = "other", mask = "constant:1900-01-01" }
sex = { kind = "other", mask = "constant:x" }
photo = "other"
raw = "other"
""",
        {
            "customers": PEOPLE,
            "details": [
                {"id": 1, "customer_id": 7, **row},
                {"id": 2, "customer_id": 8, **row, "raw": b"", "photo": None, "gsm": 1},
            ],
        },
    )
    company.resolve("7", "mask")
    mine, hers = company.rows("details")
    assert (mine["gsm"], mine["born"], mine["seen"], mine["sex"]) == (0, date(1984, 1, 1), date(1900, 1, 1), "x")
    assert (mine["photo"], mine["raw"]) == (None, b"")
    assert (hers["gsm"], hers["born"], hers["seen"], hers["sex"]) == (1, row["born"], row["seen"], "m")


def test_a_value_in_the_bytes_of_an_unmapped_table_is_refused_by_name(company: Company) -> None:
    meta = company.meta
    customers(meta)
    Table("attachments", meta, Column("id", Integer, primary_key=True), Column("body", LargeBinary))
    Table("newsletter", meta, Column("id", Integer, primary_key=True), Column("address", String(80)))
    company.make(
        HEAD,
        {
            "customers": PEOPLE,
            "attachments": [{"id": 1, "body": b"\xff\xfe From: " + ALI.upper().encode()}],
            "newsletter": [{"id": 1, "address": f"x; {ALI}"}, {"id": 2, "address": VELI}],
        },
    )
    error = company.refused("7", "erase")
    assert (error.code, error.facts["columns"]) == ("residue", ("attachments.body", "newsletter.address"))
    assert ALI not in str(error)
    done = company.resolve("7", "erase", waive_residue="the owner said so")
    assert {(r.table, r.verdict) for r in done.residue} == {("attachments", "residue"), ("newsletter", "residue")}


def test_members_share_a_table_with_staff(company: Company) -> None:
    meta = company.meta
    Table(
        "users",
        meta,
        Column("id", Integer, primary_key=True),
        Column("type", String(10)),
        Column("name", String(80)),
        Column("email", String(120)),
    )
    Table("posts", meta, Column("id", Integer, primary_key=True), Column("user_id", Integer), Column("body", Text))
    company.make(
        """
version = 1
name = "t"
[customer]
table = "users"
key = "id"
name = ["name"]
email = "email"
where = { type = "member" }
[tables.users]
not_personal = [{ columns = ["id", "type"], because = "key" }]
[tables.users.columns]
name = "name"
email = "email"
[tables.posts]
link = "user_id"
not_personal = [{ columns = ["id", "user_id"], because = "keys" }]
[tables.posts.columns]
body = "free_text"
""",
        {
            "users": [
                {"id": 1, "type": "staff", "name": "Staff", "email": "staff@x.example"},
                {"id": 7, "type": "member", "name": "Ali", "email": ALI},
                {"id": 8, "type": "member", "name": "Ayşe", "email": AYSE},
            ],
            "posts": [{"id": i, "user_id": u, "body": b} for i, (u, b) in enumerate(((1, "hi"), (7, "x"), (8, "y")), 1)],
        },
    )
    with pytest.raises(KvkkError) as found:
        company.desk.requests.add(company.actor, NewRequest("1", Kind.ERASE))
    assert found.value.code == "customer-not-found"
    company.resolve("7", "erase")
    assert company.column("users", "id") == [1, 8]
    assert company.column("posts", "id") == [1, 3]
    with company.store.alone() as conn:
        conn.execute(insert(meta.tables["posts"]).values(id=9, user_id=1, body=f"asked {AYSE}"))
    error = company.refused("8", "erase")  # staff are no customers: their posts are nobody else's affair
    assert (error.code, error.facts["columns"]) == ("residue", ("posts.body",))


# -- ties -------------------------------------------------------------------------------------------------------------

FORUM = """
[tables.posts]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id", "parent_id", "last_id"], because = "keys" }]
[tables.posts.columns]
body = "free_text"
[tables.threads]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id", "first_post"], because = "keys" }]
[tables.threads.columns]
title = "free_text"
"""


def forum(meta: MetaData, **options: Any) -> None:
    customers(meta)
    Table(
        "threads",
        meta,
        Column("id", Integer, primary_key=True),
        Column("customer_id", Integer, ForeignKey("customers.id"), nullable=False),
        Column("first_post", Integer, ForeignKey("posts.id", name="fk_first", use_alter=meta_can_alter(meta))),
        Column("title", Text),
    )
    Table(
        "posts",
        meta,
        Column("id", Integer, primary_key=True),
        Column("customer_id", Integer, ForeignKey("customers.id"), nullable=False),
        Column("parent_id", Integer, ForeignKey("posts.id", **options)),
        Column("last_id", Integer, ForeignKey("threads.id")),
        Column("body", Text),
    )


def meta_can_alter(meta: MetaData) -> bool:
    return bool(meta.info.get("alter"))


def test_self_references_and_a_circle_of_nullable_keys(company: Company) -> None:
    company.meta.info["alter"] = company.store.name != "sqlite"
    forum(company.meta)
    company.make(
        HEAD + FORUM,
        {
            "customers": PEOPLE,
            "threads": [{"id": i, "customer_id": c, "first_post": None, "title": "t"} for i, c in ((1, 7), (2, 8))],
            "posts": [
                {"id": i, "customer_id": c, "parent_id": p, "last_id": t, "body": "b"}
                for i, c, p, t in ((1, 7, None, 1), (2, 7, 1, 1), (3, 7, 2, None), (4, 8, None, 2))
            ],
        },
        "UPDATE threads SET first_post = 1 WHERE id = 1",
        "UPDATE threads SET first_post = 4 WHERE id = 2",
    )
    done = company.resolve("7", "erase")
    assert lines_of(done.tables) == {"customers": (1, 0, 0), "posts": (3, 0, 0), "threads": (1, 0, 0)}
    assert company.column("posts", "id") == [4]
    assert company.rows("threads") == [{"id": 2, "customer_id": 8, "first_post": 4, "title": "t"}]


@pytest.mark.parametrize("rule", ["CASCADE", "SET NULL", None])
def test_somebody_elses_row_that_hangs_on_one_that_goes_refuses_by_name(company: Company, rule: str | None) -> None:
    """Ayşe has answered Ali's post: no delete may drag her answer along, or untie it, or fail without a name."""
    company.meta.info["alter"] = company.store.name != "sqlite"
    forum(company.meta, ondelete=rule)
    company.make(
        HEAD + FORUM,
        {
            "customers": PEOPLE,
            "threads": [],
            "posts": [
                {"id": i, "customer_id": c, "parent_id": p, "last_id": None, "body": "b"}
                for i, c, p in ((1, 7, None), (2, 7, 1), (3, 8, 1))
            ],
        },
    )
    error = company.refused("7", "erase")
    assert isinstance(error, Refused)
    assert (error.code, error.facts) == ("drags-along", {"table": "posts", "parent": "posts"})
    done = company.resolve("7", "mask")
    assert lines_of(done.tables)["posts"] == (0, 2, 0)
    assert [r["body"] for r in company.rows("posts")] == [STARS, STARS, "b"]


def test_a_pointer_at_an_erased_customer_becomes_null_and_is_counted(company: Company) -> None:
    meta = company.meta
    customers(meta, Column("referred_by", Integer, ForeignKey("customers.id")))
    people = [{**p, "referred_by": r} for p, r in zip(PEOPLE, (None, 7, 7), strict=True)]
    company.make(HEAD + 'referred_by = { refers_to = "customers" }\n', {"customers": people})
    assert lines_of(company.resolve("8", "mask").tables) == {"customers": (0, 1, 0)}
    assert sorted(map(str, company.column("customers", "referred_by"))) == ["7", "7", "None"]
    done = company.resolve("7", "erase")
    assert [(line.deleted, line.cells_redacted) for line in done.tables] == [(1, 2)]
    assert company.column("customers", "referred_by") == [None, None]


def test_orphans_with_foreign_keys_off_are_treated_or_refused(company: Company) -> None:
    """A reply whose ticket is gone is nobody's by the map; a value in it stops the run by name."""
    meta = company.meta
    customers(meta)
    Table("tickets", meta, Column("id", Integer, primary_key=True), Column("customer_id", Integer), Column("subject", Text))
    Table("replies", meta, Column("id", Integer, primary_key=True), Column("ticket_id", Integer), Column("message", Text))
    Table("notes", meta, Column("id", Integer, primary_key=True), Column("customer_id", Integer), Column("message", Text))
    company.make(
        HEAD
        + """
[tables.tickets]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.tickets.columns]
subject = "free_text"
[tables.replies]
link = "ticket_id -> tickets.id"
not_personal = [{ columns = ["id", "ticket_id"], because = "keys" }]
[tables.replies.columns]
message = "free_text"
[tables.notes]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.notes.columns]
message = "free_text"
""",
        {
            "customers": PEOPLE,
            "tickets": [{"id": 1, "customer_id": 7, "subject": "s"}],
            "replies": [{"id": 1, "ticket_id": 1, "message": ALI}, {"id": 2, "ticket_id": 99, "message": f"Sayın {ALI}"}],
            "notes": [{"id": 1, "customer_id": 999, "message": f"was {ALI}"}, {"id": 2, "customer_id": 8, "message": ALI}],
        },
    )
    error = company.refused("7", "erase")
    assert (error.code, error.facts["columns"]) == ("residue", ("notes.message", "replies.message"))
    with company.store.alone() as conn:
        conn.exec_driver_sql("DELETE FROM replies WHERE id = 2")
        conn.exec_driver_sql("DELETE FROM notes WHERE id = 1")
    done = company.resolve("7", "erase")
    assert [(r.table, r.verdict) for r in done.residue] == [("notes", "other-customer")]
    assert company.rows("replies") == []


def test_everywhere_blanks_other_peoples_rows_and_kept_rows_stay_as_they_are(company: Company) -> None:
    meta = company.meta
    customers(meta)
    for name in ("notes", "audit"):
        Table(name, meta, Column("id", Integer, primary_key=True), Column("customer_id", Integer), Column("text", Text))
    company.make(
        HEAD
        + """
[tables.notes]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.notes.columns]
text = { kind = "free_text", mask = "redact", everywhere = true }
[tables.audit]
link = "customer_id"
on_mask = "keep"
on_erase = "keep"
because = "law 5651"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.audit.columns]
text = "free_text"
""",
        {
            "customers": PEOPLE,
            "notes": [
                {"id": i, "customer_id": c, "text": t}
                for i, (c, t) in enumerate(((7, f"{ALI} paid"), (8, f"met {ALI}, tel 0532-1234567"), (None, f"x{ALI}"), (8, VELI)), 1)
            ],
            "audit": [{"id": 1, "customer_id": 7, "text": f"login {ALI}"}, {"id": 2, "customer_id": 8, "text": "login"}],
        },
    )
    done = company.resolve("7", "mask")
    assert company.column("notes", "text") == ["*** paid", "met ***, tel ***", f"x{ALI}", VELI]
    assert company.column("audit", "text") == [f"login {ALI}", "login"]
    assert [(r.table, r.verdict, r.cells) for r in done.residue] == [("audit", "hold", 1)]
    assert [(h.table, h.because, h.release_on) for h in done.holds] == [("audit", "law 5651", None)]


def test_a_kept_row_keeps_the_shared_row_that_it_points_at(company: Company) -> None:
    """Nothing passes a hold: the tie of a held row to a shared address is not cut, and the row does not go for it."""
    meta = company.meta
    customers(meta)
    Table("addresses", meta, Column("id", Integer, primary_key=True), Column("line", String(80), nullable=False))
    Table(
        "invoices",
        meta,
        Column("id", Integer, primary_key=True),
        Column("customer_id", Integer, ForeignKey("customers.id"), nullable=False),
        Column("address_id", Integer, ForeignKey("addresses.id"), nullable=False),
        Column("issued", Date, nullable=False),
        Column("status", String(8)),
        Column("who", String(80)),
    )
    company.make(
        HEAD
        + """
[invoices]
table = "invoices"
unpaid = { status = "open" }
issued = "issued"
[tables.invoices]
link = "customer_id"
hold = { keep = ["who"], because = "VUK 253" }
not_personal = [{ columns = ["id", "customer_id", "address_id", "issued", "status"], because = "keys and books" }]
[tables.invoices.columns]
who = "name"
[tables.addresses]
link = "id <- invoices.address_id"
shared = true
not_personal = [{ columns = ["id"], because = "key" }]
[tables.addresses.columns]
line = "address"
""",
        {
            "customers": PEOPLE,
            "addresses": [{"id": 1, "line": "Moda"}, {"id": 2, "line": "Bebek"}],
            "invoices": [
                {"id": i, "customer_id": c, "address_id": a, "issued": date(2025, 1, 1), "status": "paid", "who": "w"}
                for i, c, a in ((1, 7, 1), (2, 8, 1), (3, 7, 2))
            ],
        },
    )
    company.desk.settings.set(company.actor, "invoice-retention-years", "5")
    done = company.resolve("7", "erase")
    assert company.column("invoices", "who") == ["w", "w", "w"]
    assert sorted(company.column("addresses", "line")) == [STARS, "Moda"]
    assert {h.release_on for h in done.holds} == {date(2031, 1, 1)}
    master = next(r for r in company.rows("customers") if r["id"] == 7)
    assert (master["name"], master["phone"]) == (STARS, STARS)


def test_access_only_touches_what_the_map_names_for_it(company: Company) -> None:
    meta = company.meta
    customers(meta, Column("status", String(8)), Column("hash", String(60)), Column("remember", String(60)))
    Table("sessions", meta, Column("id", String(20), primary_key=True), Column("customer_id", Integer))
    Table("clicks", meta, Column("id", Integer, primary_key=True), Column("session_id", String(20), ForeignKey("sessions.id")))
    meta.tables["customers"].append_constraint(CheckConstraint("status IN ('on', 'off')", name="ck_status"))
    people = [{**p, "status": "on", "hash": "h", "remember": "r"} for p in PEOPLE]
    company.make(
        HEAD.replace('["id"], because', '["id", "status"], because')
        + """
hash = "secret"
remember = "secret"
[access]
block = { status = "off", hash = "!" }
clear = ["remember"]
delete = ["sessions"]
sign_in = { login = "email", password = "hash" }
[tables.sessions]
link = "customer_id"
on_mask = "delete"
not_personal = [{ columns = ["customer_id"], because = "key" }]
[tables.sessions.columns]
id = "secret"
[tables.clicks]
link = "session_id -> sessions.id"
on_mask = "delete"
not_personal = [{ columns = ["id", "session_id"], because = "keys" }]
""",
        {
            "customers": people,
            "sessions": [{"id": "a", "customer_id": 7}, {"id": "b", "customer_id": 8}],
            "clicks": [{"id": 1, "session_id": "a"}, {"id": 2, "session_id": "b"}],
        },
    )
    company.resolve("7", "access")
    assert [(r["id"], r["email"], r["status"], r["hash"], r["remember"]) for r in company.rows("customers")] == [
        (7, ALI, "off", "!", None),
        (70, VELI, "on", "h", "r"),
        (8, AYSE, "on", "h", "r"),
    ]
    assert company.column("sessions", "id") == ["b"]
    assert company.column("clicks", "id") == [2]
