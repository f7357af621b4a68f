"""A map that is accepted can be carried out: whatever types and constraints the columns have, no mask meets a refusal of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from core.errors import MapError, Refused
from core.model.kinds import KINDS, MASK_NAMES
from core.model.mapfile import load
from core.model.records import Resolution
from core.store.atlas import Atlas
from core.store.engine import Store, parse_url
from core.store.mutate import Hand
from core.store.pile import Pile
from core.store.survey import survey

MAP = """
version = 1
name = "t"
[customer]
table = "customers"
key = "id"
name = ["name"]
[tables.customers]
not_personal = [{ columns = ["id"], because = "key" }]
columns = { name = "name" }
[tables.details]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.details.columns]
"""
ROWS = ((1, 1), (2, 1), (3, 2), (4, 2))
"""(id, customer) of the rows; the first customer is masked."""


@dataclass(frozen=True)
class Shape:
    """A column, and how its values are made from the number of the row."""

    ddl: str
    values: tuple[Any, ...]
    checks: tuple[str, ...] = ()


def texts(length: int) -> tuple[str, ...]:
    return tuple(f"{'değer ' * 20}"[: max(0, length - 1)] + str(row) for row, _ in ROWS)


SHAPES = (
    *(Shape(f"VARCHAR({n})", texts(n), ("length(c) >= 1", "c <> ''", "c <> '*****'")) for n in (1, 4, 8, 19, 20, 60)),
    Shape("VARCHAR(60)", tuple(f"ali{row}@ornek.example" for row, _ in ROWS), ("c LIKE '%@%'", "length(c) > 5")),
    Shape("VARCHAR(20)", tuple(f"+90512000000{row}" for row, _ in ROWS), ("c LIKE '+%'", "length(c) >= 10")),
    Shape("CHAR(8)", tuple(f"abcdefg{row}" for row, _ in ROWS), ("length(c) = 8", "c <> ''")),
    Shape("VARCHAR(10)", ("red", "blue", "green", "black"), ("c IN ('red', 'blue', 'green', 'black')",)),
    Shape("TEXT", texts(40), ("c <> ''",)),
    Shape("TEXT", tuple(f'{{"a": "x{row}", "n": {row}}}' for row, _ in ROWS), ("c LIKE '{%'",)),
    Shape("INTEGER", tuple(512000000 + row for row, _ in ROWS), ("c > 0", "c >= 0")),
    Shape("NUMERIC(10,2)", tuple(row * 10 for row, _ in ROWS), ("c > 0",)),
    Shape("DATE", tuple(f"1980-0{row}-17" for row, _ in ROWS), ("c > '1900-01-01'", "c > '1980-01-02'")),
    Shape("VARCHAR(45)", tuple(f"198.51.100.{row}" for row, _ in ROWS), ("length(c) > 6",)),
)


@st.composite
def columns(draw: st.DrawFn) -> tuple[str, str, tuple[Any, ...]]:
    """(column of the CREATE TABLE, its rule in the map, its values)"""
    shape = draw(st.sampled_from(SHAPES))
    check = draw(st.none() | st.sampled_from(shape.checks))
    nullable, unique = draw(st.booleans()), draw(st.booleans())
    if unique and shape.ddl == "TEXT":
        unique = False  # MariaDB wants a length for an index
    kind = draw(st.sampled_from(sorted(KINDS)))
    mask = draw(st.none() | st.sampled_from(MASK_NAMES))
    mask = "constant:x" if mask == "constant" else mask
    rule = f'{{ kind = "{kind}", mask = "{mask}" }}' if mask else f'"{kind}"'
    if mask == "redact":
        check = None  # what it leaves depends on the customer: it cannot be proven (core/store/checks.py)
    parts = [shape.ddl, "" if nullable else "NOT NULL", "UNIQUE" if unique else "", f"CHECK ({check})" if check else ""]
    values = tuple(None if nullable and draw(st.integers(0, 9)) == 0 else value for value in shape.values)
    return " ".join(part for part in parts if part), rule, values


@pytest.fixture
def empty(engine_url: str) -> Any:
    store = Store(parse_url(engine_url))
    yield store
    store.close()


@settings(suppress_health_check=list(HealthCheck))
@given(chosen=st.lists(columns(), min_size=1, max_size=3))
def test_what_is_accepted_can_be_carried_out(empty: Store, chosen: list[tuple[str, str, tuple[Any, ...]]]) -> None:
    names = [f"c{place}" for place in range(len(chosen))]
    empty.close()  # a statement that a driver prepared knows the columns' types of the example before
    with empty.alone() as conn:
        made(conn, names, chosen)
    atlas = Atlas(load(MAP + "".join(f"{name} = {rule}\n" for name, (_, rule, _) in zip(names, chosen, strict=True)), "t.toml"), empty.name)
    with empty.writer.connect() as conn, conn.begin():
        before = rows(conn, names)
        try:
            seen = survey(conn, atlas, "1", Resolution(mask=True), 0, date(2026, 11, 27))
        except (MapError, Refused):  # by name, before anything is changed
            return
        pile = Pile(conn)
        Hand(pile, atlas, seen.proof, seen.plan, seen.needles).carry_out()
        pile.flush()
        after = rows(conn, names)
    assert {key: row for key, row in after.items() if row["customer_id"] == 2} == {k: r for k, r in before.items() if r["customer_id"] == 2}
    for name, (_, rule, _) in zip(names, chosen, strict=True):
        if "redact" in rule or "year" in rule or "birth_date" in rule or "network" in rule or '"ip"' in rule or "json" in rule:
            continue  # keep what identifies nobody
        for key, row in before.items():
            if row["customer_id"] == 1 and row[name] not in (None, "", 0):
                assert after[key][name] != row[name], (name, rule)


def made(conn: Connection, names: list[str], chosen: list[tuple[str, str, tuple[Any, ...]]]) -> None:
    conn.exec_driver_sql("DROP TABLE IF EXISTS details")
    conn.exec_driver_sql("DROP TABLE IF EXISTS customers")
    conn.exec_driver_sql("CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40))")
    conn.exec_driver_sql("INSERT INTO customers VALUES (1, 'Ali Kaya'), (2, 'Veli Kara')")
    sqlite = conn.dialect.name == "sqlite"
    body = ", ".join(f"{name} {replaced(ddl, name, sqlite=sqlite)}" for name, (ddl, _, _) in zip(names, chosen, strict=True))
    conn.exec_driver_sql(f"CREATE TABLE details (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, {body})")
    mark = "?" if sqlite else "%s"
    insert = f"INSERT INTO details VALUES ({', '.join([mark] * (2 + len(names)))})"
    for place, row in enumerate(ROWS):
        conn.exec_driver_sql(insert, (*row, *(values[place] for _, _, values in chosen)))


def replaced(ddl: str, name: str, *, sqlite: bool) -> str:
    """The column's own name in its CHECK, and `%` doubled for the driver where it must be."""
    for before, after in (("(c ", f"({name} "), ("(c)", f"({name})")):
        ddl = ddl.replace(before, after)
    return ddl if sqlite else ddl.replace("%", "%%")


def rows(conn: Connection, names: list[str]) -> dict[int, dict[str, Any]]:
    head = ("id", "customer_id", *names)
    found = conn.exec_driver_sql(f"SELECT {', '.join(head)} FROM details").all()
    return {row[0]: dict(zip(head, row, strict=True)) for row in found}
