"""A map against live schemas, on each engine: what cannot be carried out is refused before anything runs, by table and column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    text,
)

from core.errors import Drift, MapError
from core.model.mapfile import load
from core.store.atlas import Atlas
from core.store.constraints import sqlite_checks
from core.store.engine import Store
from core.store.prove import Proof

HEAD = """
version = 1
name = "t"
[customer]
table = "customers"
key = "id"
name = ["name"]
email = "email"
[tables.customers]
not_personal = [{ columns = ["id", "state"], because = "key and state" }]
[tables.customers.columns]
name = "name"
email = "email"
"""
Prove = Callable[..., Proof]
Problem = tuple[str, str, dict[str, Any]]


@pytest.fixture
def meta() -> MetaData:
    """Tables of a made-up company, with its customers."""
    made = MetaData()
    Table(
        "customers",
        made,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("name", String(80)),
        Column("email", String(120), unique=True),
        Column("state", String(10)),
    )
    return made


@pytest.fixture
def proof_of(store: Store, meta: MetaData) -> Prove:
    """`proof_of(map, rows…, after=statements)` makes the tables and proves the map."""

    def prove(map_text: str, *rows: tuple[str, dict[str, Any]], after: tuple[str, ...] = ()) -> Proof:
        with store.alone() as conn:
            meta.create_all(conn)
            for table, row in rows:
                conn.execute(insert(meta.tables[table]).values(**row))
            for statement in after:
                conn.exec_driver_sql(statement)
        with store.reading() as conn:
            return Atlas(load(map_text, "t.toml"), store.name).proof(conn)

    return prove


@pytest.fixture
def problems_of(proof_of: Prove) -> Callable[..., list[Problem]]:
    """The problems for which a map is refused; no problems are an error."""

    def problems(*args: Any, **more: Any) -> list[Problem]:
        with pytest.raises((MapError, Drift)) as found:
            proof_of(*args, **more)
        assert found.value.facts["file"] == "t"
        return list(found.value.problems)

    return problems


def details(columns: str, *, keys: str = '"id", "customer_id"', more: str = "") -> str:
    return f"""
[tables.details]
link = "customer_id"
{more}
not_personal = [{{ columns = [{keys}], because = "keys" }}]
[tables.details.columns]
{columns}
"""


def table(meta: MetaData, *columns: Any, name: str = "details", nullable: bool = True) -> Table:
    return Table(
        name,
        meta,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("customer_id", Integer, ForeignKey("customers.id"), nullable=nullable),
        *columns,
    )


def short(problems: list[Problem]) -> list[tuple[str, str]]:
    """(column, code)"""
    return [(str(facts.get("column", facts.get("table"))), code) for _, code, facts in problems]


def test_a_mask_must_fit_its_column(meta: MetaData, problems_of: Any, store: Store) -> None:
    """NOT NULL, UNIQUE, length, type, ENUM, generated columns, all told at once."""
    table(
        meta,
        Column("not_null", String(20), nullable=False),
        Column("one", String(20), unique=True),
        Column("two", String(20)),
        Column("short", String(5)),
        Column("mail", String(20)),
        Column("day", Date, nullable=False),
        Column("count", Integer),
        Column("sex", Enum("f", "m", name="sex_type")),
        Column("whole", String(60), Computed("not_null", persisted=True)),
        Column("gsm", BigInteger, nullable=False, unique=True),
        Column("lower", String(40)),
        UniqueConstraint("two", "short", name="uq_two"),
    )
    if store.name == "postgresql":
        Index("ix_lower", func.lower(meta.tables["details"].c.lower), unique=True)
    columns = """
not_null = { kind = "name", mask = "null" }
one = { kind = "name", mask = "stars" }
two = { kind = "other", mask = "constant:x" }
short = { kind = "other", mask = "constant:toolong" }
mail = "email"
day = "other"
count = { kind = "other", mask = "constant:many" }
sex = { kind = "other", mask = "constant:x" }
whole = "name"
gsm = "phone"
lower = "company"
"""
    found = problems_of(HEAD + details(columns))
    expected = [
        ("not_null", "mask-not-null"),
        ("one", "mask-not-unique"),
        ("two", "mask-not-unique"),
        ("short", "mask-not-unique"),
        ("mail", "mask-too-long"),
        ("day", "mask-wrong-type"),
        ("count", "mask-wrong-type"),
        *([] if store.name == "sqlite" else [("sex", "mask-wrong-type")]),  # no ENUM there
        ("whole", "mask-generated-column"),
        ("gsm", "mask-not-unique"),
    ]
    assert short(found) == expected
    assert found[0][0] == "tables.details.columns.not_null"
    assert found[0][2]["table"] == "details"


def test_a_unique_expression_is_unique(meta: MetaData, proof_of: Prove, store: Store) -> None:
    """`UNIQUE (lower(title))`: a constant would collide, so the default mask is a token."""
    if store.name == "mariadb":
        pytest.skip("MariaDB has no indexes on expressions")
    made = table(meta, Column("title", String(40)))
    Index("ix_title", func.lower(made.c.title), unique=True)
    assert proof_of(HEAD + details('title = "company"')).masks["details", "title"][0] == "token"


def test_masks_that_fit_are_proven(meta: MetaData, proof_of: Prove) -> None:
    table(
        meta,
        Column("day", Date, nullable=False),
        Column("count", Integer, nullable=False),
        Column("sex", Enum("f", "m", name="sex_type"), nullable=False),
        Column("code", String(12), nullable=False, unique=True),
    )
    columns = """
day = { kind = "other", mask = "constant:1900-01-01" }
count = { kind = "other", mask = "constant:-1" }
sex = { kind = "other", mask = "constant:m" }
code = "user_name"
"""
    proof = proof_of(HEAD + details(columns))
    assert proof.masks["details", "code"][0] == "token"
    assert proof.order == ("details", "customers")


def test_keys_links_and_what_others_point_at_are_not_masked(meta: MetaData, problems_of: Any) -> None:
    """The key, a link column, a declared foreign key, and a column that another table refers to."""
    table(meta, Column("agent", Integer, ForeignKey("customers.id")))
    Table(
        "letters",
        meta,
        Column("code", String(32), primary_key=True),
        Column("to", String(120), ForeignKey("customers.email")),
    )
    columns = 'agent = { kind = "other", mask = "null" }\ncustomer_id = { kind = "other", mask = "null" }'
    letters = """
[tables.letters]
link = "to -> customers.email"
not_personal = [{ columns = ["to"], because = "key" }]
[tables.letters.columns]
code = { kind = "other", mask = "token" }
"""
    found = problems_of(HEAD + details(columns, keys='"id"') + letters)
    assert sorted(short(found)) == [(c, "mask-on-link") for c in ("agent", "code", "customer_id", "email")]


def test_a_row_that_only_stays_as_a_stub_is_proven_too(meta: MetaData, problems_of: Any) -> None:
    """Orders always go, but a kept log needs its order: its columns would be masked, and cannot be."""
    table(meta, Column("no", String(20), nullable=False, unique=True), name="orders")
    Table(
        "logs",
        meta,
        Column("id", Integer, primary_key=True),
        Column("order_id", Integer, ForeignKey("orders.id"), nullable=False),
        Column("said", Text),
    )
    found = problems_of(
        HEAD
        + """
[tables.orders]
link = "customer_id"
on_mask = "delete"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.orders.columns]
no = { kind = "other", mask = "stars" }
[tables.logs]
link = "order_id -> orders.id"
on_erase = "keep"
because = "law 5651"
not_personal = [{ columns = ["id", "order_id"], because = "keys" }]
[tables.logs.columns]
said = "free_text"
"""
    )
    assert short(found) == [("no", "mask-not-unique")]


def test_what_is_blanked_everywhere_must_fit_in_everybodys_rows(meta: MetaData, problems_of: Any) -> None:
    Table("log", meta, Column("id", Integer, primary_key=True), Column("n", BigInteger), Column("u", String(80), unique=True))
    found = problems_of(
        HEAD
        + """
[tables.log]
link = "none"
not_personal = [{ columns = ["id"], because = "key" }]
[tables.log.columns]
n = { kind = "phone", everywhere = true }
u = { kind = "email", everywhere = true }
"""
    )
    assert short(found) == [("n", "mask-wrong-type"), ("u", "mask-not-unique")]


@pytest.mark.parametrize("filled", [False, True])
def test_a_mask_that_breaks_a_check_is_refused_with_the_constraint(meta: MetaData, problems_of: Any, store: Store, filled: bool) -> None:
    """Also when the table is empty: a row of our own stands for those to come."""
    made = table(
        meta,
        Column("postcode", String(5)),
        Column("iban", String(34)),
        Column("kind", String(8)),
        Column("fine", String(40)),
        CheckConstraint("kind <> 'firm' OR length(fine) > 10", name="ck_mixed"),
        CheckConstraint("length(postcode) = 5", name="ck_postcode"),
        CheckConstraint("fine <> ''", name="ck_fine"),
    )
    made.append_constraint(CheckConstraint(made.c.iban.like("TR%") | made.c.iban.is_(None), name="ck_iban"))
    columns = 'postcode = { kind = "postcode", mask = "constant:0000" }\niban = "iban"\nfine = "company"'
    row = {"id": 1, "customer_id": 1, "postcode": "34710", "iban": "TR33", "kind": "firm", "fine": "long enough name"}
    rows = [("customers", {"id": 1, "name": "a", "email": "a@x.example", "state": "on"}), ("details", row)]
    found = problems_of(HEAD + details(columns, keys='"id", "customer_id", "kind"'), *(rows if filled else []))
    expected = {("iban", "ck_iban"), ("postcode", "ck_postcode")} | ({("fine", "ck_mixed")} if filled else set())
    assert {(facts["column"], facts["constraint"]) for _, _, facts in found} == expected
    assert {(code, facts["table"]) for _, code, facts in found} == {("mask-breaks-check", "details")}


def test_row_by_row_masks_holds_and_the_access_block_are_tried_against_checks(meta: MetaData, problems_of: Any) -> None:
    meta.tables["customers"].append_constraint(CheckConstraint("state IN ('on', 'off')", name="ck_state"))
    table(
        meta,
        Column("born", Date),
        Column("issued", Date),
        Column("name", String(40)),
        Column("tax_no", String(11)),
        CheckConstraint("born > '1984-01-01'", name="ck_born"),
        CheckConstraint("name <> '*****' OR tax_no = '*****'", name="ck_hold"),
    )
    rows = [
        ("customers", {"id": 1, "name": "a", "email": "a@x.example", "state": "on"}),
        ("details", {"id": 1, "customer_id": 1, "born": date(1984, 3, 19), "name": "a", "tax_no": "1"}),
    ]
    found = problems_of(
        HEAD
        + """
[access]
block = { state = "blocked" }
[invoices]
table = "details"
unpaid = { name = "x" }
issued = "issued"
"""
        + details(
            'born = "birth_date"\nname = "name"\ntax_no = "tax_id"',
            keys='"id", "customer_id", "issued"',
            more='hold = { keep = ["tax_no"], because = "law" }',
        ),
        *rows,
    )
    assert {(facts["column"], facts["constraint"]) for _, _, facts in found} == {
        ("state", "ck_state"),
        ("born", "ck_born"),
        ("name", "ck_hold"),
    }


def test_checks_that_masked_rows_fulfil_are_no_problem(meta: MetaData, proof_of: Prove) -> None:
    made = table(
        meta,
        Column("email", String(60), nullable=False),
        Column("phone", String(20), CheckConstraint("length(phone) >= 5")),
        Column("tax_no", String(11), CheckConstraint("length(tax_no) = 11")),
    )
    made.append_constraint(CheckConstraint(made.c.email.like("%_@_%"), name="ck_email"))
    columns = 'email = "email"\nphone = "phone"\ntax_no = { kind = "tax_id", mask = "null" }'
    row = {"id": 1, "customer_id": None, "email": "a@x.example", "phone": "05321", "tax_no": "12345678901"}
    assert not proof_of(HEAD + details(columns), ("details", row)).problems


def test_a_check_inside_a_columns_definition_counts(meta: MetaData, problems_of: Any) -> None:
    table(meta, Column("tax_no", String(11), CheckConstraint("length(tax_no) = 11")))
    (problem,) = problems_of(HEAD + details('tax_no = "tax_id"'))
    assert (problem[0], problem[1]) == ("tables.details.columns.tax_no", "mask-breaks-check")
    assert problem[2]["constraint"]


def test_checks_of_sqlite_are_read_wherever_they_stand() -> None:
    """Names, comments, strings and brackets do not lead the reader astray."""
    found = sqlite_checks(
        """CREATE TABLE "check" (a TEXT CHECK (a <> ')' AND (length(a) > 1)), -- CHECK (no)
        /* CHECK (no) */ b INT CONSTRAINT "b is" CHECK(b in (1, 2)), "check (x)" TEXT, CONSTRAINT c CHECK (b > 0 OR a = 'check (y)'))"""
    )
    assert [(c.name, c.text) for c in found] == [
        ("", "a <> ')' AND (length(a) > 1)"),
        ("b is", "b in (1, 2)"),
        ("c", "b > 0 OR a = 'check (y)'"),
    ]


def test_drift_is_a_new_column_or_a_table_that_reaches_the_customer(meta: MetaData, problems_of: Any) -> None:
    """By a declared key, or by the name of a column, Turkish letters included; a table that reaches nobody is none."""
    table(meta, Column("said", Text))
    table(meta, name="by_key")
    Table("by_name", meta, Column("id", Integer, primary_key=True), Column("Müşteri_No", Integer))
    Table("by_mail", meta, Column("id", Integer, primary_key=True), Column("user_email", String(80)))
    Table("nobody", meta, Column("id", Integer, primary_key=True), Column("title", Text))
    found = problems_of(HEAD + details(""))
    assert [(code, *facts.values()) for _, code, facts in found] == [
        ("drift-column", "details", "said"),
        ("drift-table", "by_key", ("customers",)),
        ("drift-table", "by_mail", ("user_email",)),
        ("drift-table", "by_name", ("Müşteri_No",)),
    ]


def test_drift_alone_is_a_drift_and_with_a_mistake_a_map_error(meta: MetaData, proof_of: Prove) -> None:
    table(meta, Column("said", Text, nullable=False))
    with pytest.raises(Drift):
        proof_of(HEAD + details(""))
    with pytest.raises(MapError):
        proof_of(HEAD + details('gone = "name"'))


def test_a_table_declared_not_personal_must_not_hang_on_rows_that_go(meta: MetaData, problems_of: Any) -> None:
    table(meta, name="hooks")
    found = problems_of(HEAD + '[[not_personal]]\ntables = ["hooks", "gone"]\nbecause = "ours"\n')
    assert [(code, facts["table"]) for _, code, facts in found] == [("drift-reaches", "hooks"), ("map-table-missing", "gone")]


def circle(meta: MetaData, store: Store, *, nullable: bool) -> str:
    alter = {} if store.name == "sqlite" else {"use_alter": True}
    table(meta, Column("b_id", Integer, ForeignKey("b.id", name="fk_b", **alter), nullable=nullable), name="a")
    table(meta, Column("a_id", Integer, ForeignKey("a.id", name="fk_a"), nullable=False), name="b")
    return HEAD + "".join(
        f"""
[tables.{name}]
link = "customer_id"
not_personal = [{{ columns = ["id", "customer_id", "{other}_id"], because = "keys" }}]
"""
        for name, other in (("a", "b"), ("b", "a"))
    )


def test_a_circle_of_keys_is_cut_where_one_may_be_null(meta: MetaData, proof_of: Prove, store: Store) -> None:
    proof = proof_of(circle(meta, store, nullable=True))
    assert [(e.child, e.columns) for e in proof.loosened] == [("a", ("b_id",))]
    assert proof.order == ("b", "a", "customers")


def test_a_circle_of_keys_that_cannot_be_cut_is_refused_with_its_tables(meta: MetaData, problems_of: Any, store: Store) -> None:
    found = problems_of(circle(meta, store, nullable=False))
    assert [(code, set(facts["tables"])) for _, code, facts in found] == [("map-fk-cycle", {"a", "b"})]


def test_a_hold_needs_a_key_to_be_found_by_again(meta: MetaData, problems_of: Any) -> None:
    Table("invoices", meta, Column("customer_id", Integer), Column("issued", Date), Column("state", String(8)))
    found = problems_of(
        HEAD
        + """
[invoices]
table = "invoices"
unpaid = { state = "open" }
issued = "issued"
[tables.invoices]
link = "customer_id"
hold = { because = "law" }
not_personal = [{ columns = ["customer_id", "issued", "state"], because = "keys and books" }]
"""
    )
    assert short(found) == [("invoices", "map-hold-needs-key")]


def test_the_access_block_must_fit(meta: MetaData, problems_of: Any) -> None:
    customers = meta.tables["customers"]
    customers.append_column(Column("login", String(10), unique=True))
    customers.append_column(Column("token", String(10), nullable=False))
    access = '[access]\nblock = { state = "much too long", login = "!" }\nclear = ["token"]\n'
    found = problems_of(HEAD.replace('"state"]', '"state", "login", "token"]') + access)
    assert sorted(short(found)) == [("login", "mask-not-unique"), ("state", "mask-too-long"), ("token", "mask-not-null")]


TRIGGERS = {
    "sqlite": ("CREATE TRIGGER history AFTER UPDATE ON customers BEGIN SELECT 1; END",),
    "mariadb": ("CREATE TRIGGER history AFTER UPDATE ON customers FOR EACH ROW SET @x = 1",),
    "postgresql": (
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER history AFTER UPDATE ON customers EXECUTE FUNCTION nothing()",
    ),
}


def test_triggers_on_mapped_tables_are_told_and_refuse_nothing(meta: MetaData, proof_of: Prove, store: Store) -> None:
    assert proof_of(HEAD, after=TRIGGERS[store.name]).triggers == (("history", "customers"),)


def test_a_proof_is_remembered_until_the_schema_moves(meta: MetaData, proof_of: Prove, store: Store) -> None:
    proof_of(HEAD)
    atlas = Atlas(load(HEAD, "t.toml"), store.name)
    with store.reading() as conn:
        first = atlas.proof(conn)
        assert atlas.proof(conn) is first
    with store.alone() as conn:
        conn.execute(text("ALTER TABLE customers ADD COLUMN nick VARCHAR(20)"))
    atlas._read_at = float("-inf")
    with store.reading() as conn, pytest.raises(Drift):
        atlas.proof(conn)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_unique_beside_a_type_with_a_length_is_seen(problems_of: Any) -> None:
    """SQLAlchemy reads `VARCHAR(4) NOT NULL UNIQUE` as a column that may hold anything twice."""
    table = "CREATE TABLE details (id INTEGER PRIMARY KEY, customer_id INTEGER, code VARCHAR(4) NOT NULL UNIQUE)"
    found = problems_of(HEAD + details('code = { kind = "other", mask = "stars" }'), after=(table,))
    assert short(found) == [("code", "mask-not-unique")]


def test_a_year_needs_room_for_a_date(meta: MetaData, problems_of: Any) -> None:
    Table("details", meta, Column("id", Integer, primary_key=True), Column("customer_id", Integer), Column("born", String(4)))
    assert short(problems_of(HEAD + details('born = "birth_date"'))) == [("born", "mask-too-long")]
