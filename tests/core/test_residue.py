"""The residue search on the three engines: nothing that a needle finds is missed, whatever the column."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, MetaData, String, Table, insert

from core.errors import Unavailable
from core.model.folding import REPERTOIRE
from core.model.identity import Identifier, Needle, needles
from core.model.schema import Schema
from core.store import residue
from core.store.engine import Store, parse_url
from core.store.reflect import LiveSchema
from core.store.residue import Hit, like_pattern, read_again, search

EMAIL = "ali.oguz@x.example"
PHONE = "0532 123 45 67"
WANTED = needles(
    [
        Identifier("email", EMAIL),
        Identifier("phone", PHONE),
        Identifier("tax_id", "0123456786"),
        Identifier("iban", "TR330006100519786457841326"),
        Identifier("user_name", "şükrü_can"),
        Identifier("user_name", "admin"),
        Identifier("name", "Ayşe Yılmaz"),
    ]
)
MANY = WANTED + needles(Identifier("email", f"someone{n}@y.example") for n in range(residue.FEW + 1))
"""So many that the tables are read instead of asked."""
OTHERS = "veli.ali.oguz@x.example ali.oguz@x.example.com 15321234567 şükrü_canan"

PIECES = [
    *(EMAIL, "ALİ.OĞUZ@X.EXAMPLE", "alı.oguz@x.example", "al\u00adi.oguz@x.example", "@x.example", "ali.oguz"),
    *("ali.oguz%40x.example", "\\u0061li.oguz@x.example", "&#97;li.oguz@x.example"),
    *("5321234567", "0(532) 123-45-67", "+90 532 123 45 67", "0532\u00a0123–45–67", "５３２1234567", "532"),
    *("123456786", "0123456786", "TR33 0006 1005 1978 6457 8413 26", "tr330006100519786457841326"),
    *("ŞÜKRÜ_CAN", "sukru_can", "s\u0327u\u0308kru\u0308_can", "_can", "admin", "ADMİN", "AYŞE  YILMAZ", "ayse\nyilmaz"),
    *("u\u0308", "x", " ", ".", "-", "a", "I", "\\n", "%", "&", "é", "ß", "\u200b"),
]
CELLS = st.lists(st.sampled_from(PIECES) | st.sampled_from(REPERTOIRE), min_size=1, max_size=6).map("".join)


def expected(cells: list[str], wanted: tuple[Needle, ...] = WANTED) -> set[tuple[int, str]]:
    return {(n, needle.canonical) for n, cell in enumerate(cells) for needle in wanted if needle.found_in(cell)}


def told(hits: Iterator[Hit]) -> set[tuple[Any, str]]:
    return {(hit.address[0], hit.needle.canonical) for hit in hits}


@pytest.fixture
def opened(engine_url: str) -> Iterator[Store]:
    """An empty database on each engine."""
    store = Store(parse_url(engine_url))
    yield store
    store.close()


@pytest.fixture
def lite(tmp_path: Path) -> sqlite3.Connection:
    """The raw connection of a new SQLite file at `lite.db`."""
    raw = sqlite3.connect(tmp_path / "lite.db", isolation_level=None)
    raw.execute("PRAGMA synchronous=OFF")
    return raw


@contextmanager
def reading(tmp_path: Path) -> Iterator[tuple[Connection, Schema]]:
    store = Store(parse_url(str(tmp_path / "lite.db")))
    with store.reading() as conn:
        yield conn, LiveSchema(conn).whole()
    store.close()


def run_all(store: Store, *statements: tuple[str, list[tuple[Any, ...]]] | str) -> None:
    mark = "?" if store.name == "sqlite" else "%s"
    with store.alone() as conn:
        if store.name == "sqlite":
            conn.exec_driver_sql("PRAGMA synchronous=OFF")
        for statement in statements:
            if isinstance(statement, str):
                conn.exec_driver_sql(statement)
            else:
                conn.exec_driver_sql(statement[0].replace("?", mark), statement[1])


def test_every_kind_of_column_is_searched(opened: Store) -> None:
    text, blob, document, real = {
        "sqlite": ("TEXT", "BLOB", "JSON", "REAL"),
        "postgresql": ("text", "bytea", "json", "double precision"),
        "mariadb": ("longtext", "longblob", "json", "double"),
    }[opened.name]
    run_all(
        opened,
        f"CREATE TABLE t (id integer PRIMARY KEY, a {text}, n bigint, d decimal(14,2), r {real}, b {blob}, j {document}, c char(40), "
        "at date, done smallint)",
        ("INSERT INTO t (id, a, at) VALUES (?, ?, '2024-01-05')", [(1, f"yaz: {EMAIL.upper()}"), (2, OTHERS), (3, None), (4, "")]),
        ("INSERT INTO t (id, n) VALUES (?, ?)", [(10, 5321234567), (11, 905321234567), (12, 532123456), (13, 123456786)]),
        ("INSERT INTO t (id, d) VALUES (?, ?)", [(20, 5321234567), (21, 53212345)]),
        ("INSERT INTO t (id, r) VALUES (?, ?)", [(30, 5321234567.0), (31, 0.5)]),
        ("INSERT INTO t (id, b) VALUES (?, ?)", [(40, b"\x00\xff" + EMAIL.encode()), (41, b"\xff\x00")]),
        ("INSERT INTO t (id, b) VALUES (?, ?)", [(42, "ŞÜKRÜ_CAN".encode()), (43, b"")]),
        ("INSERT INTO t (id, j) VALUES (?, ?)", [(50, '{"m": "ali.o\\u011fuz\\u0040x.example"}'), (51, '{"tel": 5321234567}')]),
        ("INSERT INTO t (id, j) VALUES (?, ?)", [(52, '{"a": 1}')]),
        ("INSERT INTO t (id, c) VALUES (?, ?)", [(60, "Admin"), (61, "admin panel")]),
    )
    with opened.reading() as conn:
        schema = LiveSchema(conn).whole()
        for wanted in (WANTED, MANY):
            hits = list(search(conn, schema, wanted))
            assert {(h.address[0], h.column, h.needle.kind) for h in hits} == {
                *((1, "a", "email"), (10, "n", "phone"), (11, "n", "phone"), (13, "n", "tax_id"), (20, "d", "phone")),
                *((30, "r", "phone"), (40, "b", "email"), (42, "b", "user_name")),
                *((50, "j", "email"), (51, "j", "phone"), (60, "c", "user_name")),
            }
            assert {h.address[0] for h in hits if h.whole} >= {10, 11, 13, 42, 60}
            assert not {h.address[0] for h in hits if h.whole} & {1, 40, 50, 51}
        assert list(search(conn, schema, WANTED, only=("other",))) == []
        assert list(search(conn, schema, ())) == []


@pytest.mark.parametrize(("table", "column"), [("order %s 'x", 'select "100%'), ("select", "bıgınt x"), ("a.b", "%(p)s")])
def test_awkward_names_and_rows_without_a_key(opened: Store, table: str, column: str) -> None:
    made = Table(table, MetaData(), Column("k", String(9)), Column(column, String(99)))
    with opened.alone() as conn:
        made.create(conn)
        for key, value in (("a", EMAIL), ("b", None), (None, PHONE)):
            conn.execute(insert(made).values({made.c[0]: key, made.c[1]: value}))
    with opened.reading() as conn:
        schema = LiveSchema(conn).whole()
        hits = list(search(conn, schema, WANTED))
        assert {(h.table, h.column, h.needle.kind) for h in hits} == {(table, column, "email"), (table, column, "phone")}
        assert set(read_again(conn, schema, hits)) == set(hits)


def test_hits_are_read_again(opened: Store) -> None:
    run_all(
        opened,
        "CREATE TABLE t (a integer, b varchar(9), x varchar(99), y varchar(99), PRIMARY KEY (a, b))",
        ("INSERT INTO t (a, b, x, y) VALUES (?, ?, ?, ?)", [(n, "k", f"bkz. {EMAIL}", PHONE) for n in range(5)]),
    )
    with opened.reading() as conn:
        schema = LiveSchema(conn).whole()
        hits = list(search(conn, schema, WANTED))
    assert len(hits) == 10
    run_all(
        opened, f"UPDATE t SET x = '{EMAIL}' WHERE a = 1", "UPDATE t SET x = 'gone', y = 'ADMIN' WHERE a = 2", "DELETE FROM t WHERE a = 3"
    )
    with opened.reading() as conn:
        again = list(read_again(conn, schema, hits))
        assert {(h.address[0], h.column) for h in again} == {(n, c) for n in (0, 1, 4) for c in "xy"}
        assert {h.address[0] for h in again if h.column == "x" and h.whole} == {1}
        assert list(read_again(conn, schema, [])) == []


def test_big_cells_are_searched_too(opened: Store) -> None:
    blob, text = {"sqlite": ("BLOB", "TEXT"), "postgresql": ("bytea", "text"), "mariadb": ("longblob", "longtext")}[opened.name]
    big = "uzun " * 20_000
    run_all(
        opened,
        f"CREATE TABLE t (id integer PRIMARY KEY, a {text}, b {blob})",
        ("INSERT INTO t (id, a, b) VALUES (?, ?, ?)", [(1, big + EMAIL, b"\0" + (big + "ŞÜKRÜ_CAN").encode()), (2, big, big.encode())]),
    )
    with opened.reading() as conn:
        schema = LiveSchema(conn).whole()
        for wanted in (WANTED, MANY):
            assert {(h.address[0], h.column) for h in search(conn, schema, wanted)} == {(1, "a"), (1, "b")}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(CELLS, min_size=40, max_size=60))
def test_the_search_finds_what_the_needles_find(opened: Store, cells: list[str]) -> None:
    blob, text = {"sqlite": ("BLOB", "TEXT"), "postgresql": ("bytea", "text"), "mariadb": ("longblob", "longtext")}[opened.name]
    run_all(
        opened,
        "DROP TABLE IF EXISTS t",
        f"CREATE TABLE t (id integer PRIMARY KEY, a {text}, b {blob})",
        ("INSERT INTO t (id, a, b) VALUES (?, ?, NULL)", list(enumerate(cells))),
        ("INSERT INTO t (id, a, b) VALUES (?, NULL, ?)", [(1000 + n, cell.encode()) for n, cell in enumerate(cells)]),
    )
    wanted = expected(cells)
    with opened.reading() as conn:
        schema = LiveSchema(conn).whole()
        found = told(search(conn, schema, WANTED))
        assert found == wanted | {(1000 + n, canonical) for n, canonical in wanted}
        assert told(search(conn, schema, MANY)) == found


def test_the_pattern_is_wide_enough_for_every_spelling(lite: sqlite3.Connection, tmp_path: Path) -> None:
    """On SQLite, where a statement is cheap, for thousands of cells at once and cells of every storage class."""
    lite.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a)")

    @settings(max_examples=25, deadline=None)
    @given(st.lists(CELLS | CELLS.map(lambda text: "x\0" + text), min_size=80, max_size=120))
    def check(cells: list[str]) -> None:
        lite.execute("DELETE FROM t")
        lite.executemany("INSERT INTO t (id, a) VALUES (?, ?)", enumerate(cells))
        with reading(tmp_path) as (conn, schema):
            assert told(search(conn, schema, WANTED)) == expected(cells)

    check()


def test_on_sqlite_the_declared_type_is_not_believed(lite: sqlite3.Connection, tmp_path: Path) -> None:
    lite.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, d DATE, f BOOLEAN, r REAL, x)")
    lite.executemany(
        "INSERT INTO t (id, n, d, f, r, x) VALUES (?, ?, ?, ?, ?, ?)",
        [
            *((1, EMAIL, None, None, None, None), (2, None, EMAIL.encode(), None, None, None), (3, None, None, f"a\0{EMAIL}", None, None)),
            *((4, None, None, None, 5321234567, None), (5, None, None, None, None, 5321234567.0), (6, None, None, None, None, -5321234567)),
            *((7, None, None, None, None, 12.5), (8, None, None, None, None, b""), (9, "", "", "", None, "")),
        ],
    )
    lite.execute("INSERT INTO t (id, x) VALUES (10, CAST(x'" + b"\xff ".hex() + EMAIL.encode().hex() + "' AS TEXT))")
    with reading(tmp_path) as (conn, schema):
        for wanted in (WANTED, MANY):
            assert {h.address[0] for h in search(conn, schema, wanted)} == {1, 2, 3, 4, 5, 6, 10}


def test_a_card_in_a_column_of_floats_is_found(lite: sqlite3.Connection, tmp_path: Path) -> None:
    lite.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL)")
    lite.execute("INSERT INTO t VALUES (1, 4543601234567890)")
    with reading(tmp_path) as (conn, schema):
        assert len(list(search(conn, schema, needles([Identifier("card", "4543 6012 3456 7890")])))) == 1


def test_a_full_text_index_is_searched_and_one_without_text_refused(lite: sqlite3.Connection, tmp_path: Path) -> None:
    lite.execute("CREATE VIRTUAL TABLE words USING fts5(body)")
    lite.execute("INSERT INTO words VALUES (?)", (f"yaz {EMAIL}",))
    with reading(tmp_path) as (conn, schema):
        assert [(h.table, h.column) for h in search(conn, schema, WANTED)] == [("words", "body")]
    lite.execute("CREATE VIRTUAL TABLE blind USING fts5(body, content='')")
    with reading(tmp_path) as (conn, schema), pytest.raises(Unavailable) as caught:
        list(search(conn, schema, WANTED))
    assert (caught.value.code, caught.value.facts) == ("residue-unreadable", {"table": "blind"})


def test_a_table_that_cannot_be_read_is_named(opened: Store) -> None:
    run_all(opened, "CREATE TABLE t (id integer PRIMARY KEY, a varchar(99))")
    with opened.reading() as conn:
        shape = LiveSchema(conn).whole().tables["t"]
        with pytest.raises(Unavailable) as caught:
            list(search(conn, Schema({"gone": replace(shape, name="gone")}), WANTED))
    assert (caught.value.code, caught.value.facts) == ("residue-unreadable", {"table": "gone"})


def test_patterns_of_stored_spellings_select_each_other() -> None:
    assert like_pattern("email", "Ali.Oğuz@X.example") == "%_l_._____@x.ex_mple%".replace("._____", ".___z")
    assert like_pattern("phone", "+905321234567") == like_pattern("phone", PHONE) == "%5%3%2%1%2%3%4%5%6%7%"
    assert like_pattern("tax_id", "0123456786") == "%1%2%3%4%5%6%7%8%6%"
    assert like_pattern("user_name", "a_b%c") == "%__b__%"
