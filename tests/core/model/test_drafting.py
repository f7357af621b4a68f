"""Drafts from schemas alone: those of other people's systems, with names in Turkish, and with names that nobody should give."""

from __future__ import annotations

import sqlite3
import time
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from core.errors import UsageError
from core.locale import translator
from core.model.datamap import DataMap, LinkKind
from core.model.drafting import draft
from core.model.mapfile import load
from core.model.records import MapDraft
from core.model.schema import Schema
from core.store.prove import prove
from core.store.reflect import LiveSchema

SCHEMAS = Path(__file__).with_name("schemas")
CHINOOK_MAP = Path(__file__).parents[3] / "docs" / "examples" / "chinook.toml"


def schema_of(statements: str) -> Schema:
    """What SQLite makes of the statements; every table is empty."""
    held = sqlite3.connect(":memory:")
    held.executescript(statements)
    engine = create_engine("sqlite://", creator=lambda: held, poolclass=StaticPool)
    with engine.connect() as conn:
        return LiveSchema(conn).whole()


def schema(name: str) -> Schema:
    return schema_of((SCHEMAS / f"{name}.sql").read_text(encoding="utf-8"))


def drafted(live: Schema, customers: str | None = None) -> tuple[MapDraft, DataMap]:
    """The draft, and the map that its text is read as: every draft of these tests loads, in both languages."""
    made = draft(live, "t", customers, str)
    turkish = load(draft(live, "t", customers, translator("tr")).text, "tr.toml")
    read = load(made.text, "t.toml")
    assert read.tables.keys() == turkish.tables.keys()
    return made, read


def links(mapping: DataMap) -> dict[str, str]:
    """Table → its link in short."""
    words = {LinkKind.UP: "->", LinkKind.DOWN: "<-", LinkKind.MATCH: "=", LinkKind.NONE: "none", LinkKind.ROOT: "customer"}
    found = {}
    for name, table in mapping.tables.items():
        link = table.link
        found[name] = " ".join(filter(None, (", ".join(link.columns), words[link.kind], link.parent or link.to)))
    return found


def kinds(mapping: DataMap, table: str) -> dict[str, str]:
    return {rule.name: rule.kind for rule in mapping.tables[table].columns.values() if rule.personal}


def told(mapping: DataMap, live: Schema) -> set[str]:
    """What `map check` names: `table.column`, or the place of any other mistake."""
    found = set()
    for place, code, facts in prove(mapping, live).problems:
        found.add(f"{facts['table']}.{facts['column']}" if code == "drift-column" else f"{code} at {place}")
    return found


@pytest.mark.parametrize("name", ["billing", "turkish", "chinook", "hostile"])
def test_a_check_of_the_draft_names_what_was_left_open_and_nothing_else(name: str) -> None:
    live = schema(name)
    made, read = drafted(live)
    assert told(read, live) == set(made.undecided)
    assert set(read.tables) | set(read.not_personal) == set(live.tables)


@pytest.mark.parametrize("name", ["billing", "turkish", "chinook", "hostile"])
def test_every_line_that_was_guessed_says_so(name: str) -> None:
    """Links, kinds and reasons; without a mark stand only declared keys."""
    made, _ = drafted(schema(name))
    lines = made.text.splitlines()
    written = [line for line in lines if line.startswith("link = ")]
    assert ["# guess" not in line for line in written] == [table.known for table in made.tables if table.link_text and table.link]
    for line in (line for line in lines if line.startswith("  { columns = ")):
        names = set(tomllib.loads(f"x = [{line.partition('#')[0]}]")["x"][0]["columns"])
        assert "# guess" in line or names <= {c.name for table in made.tables for c in table.columns if c.known}
    for part in made.text.split("\n[tables.")[1:]:
        head, _, rest = part.partition("\n")
        if head.endswith(".columns]"):
            assert all("# guess" in line or line.startswith("# ") for line in rest.partition("\n\n")[0].splitlines())
    assert made.text.count("# TODO") >= len(made.undecided)


def test_a_billing_system_without_one_declared_key_is_linked_by_its_names() -> None:
    made, read = drafted(schema("billing"))
    assert (made.customers, read.customer.key) == ("tblclients", ("id",))
    assert read.customer.name == ("firstname", "lastname")
    assert (read.customer.email, read.customer.phone, read.customer.tax_id) == ("email", "phonenumber", "tax_id")
    assert (read.customer.language, read.customer.created) == ("language", "datecreated")
    assert links(read) == {
        "tblclients": "customer",
        **dict.fromkeys(
            ("tblaccounts", "tblactivitylog", "tblcontacts", "tblhosting", "tblinvoiceitems", "tblinvoices", "tbltickets"),
            "userid -> tblclients",
        ),
        "tblticketreplies": "tid -> tbltickets",
        "tbladmins": "none",
        "tblwhoislog": "none",
    }
    assert set(read.not_personal) == {"tblproducts", "tblconfiguration"}
    assert "also reached by invoiceid" in made.text
    assert read.services is not None
    assert (read.services.table, read.services.active) == ("tblhosting", (("domainstatus", ("Active", "Suspended")),))


def test_words_of_a_state_that_the_schema_does_not_list_stay_open() -> None:
    """A wrong word would switch the guard off: the section is only an example, and the column stops everything."""
    made, read = drafted(schema("billing"))
    assert read.invoices is None
    assert "tblinvoices.status" in made.undecided
    assert '# [invoices]\n# table = "tblinvoices"\n' in made.text


def test_turkish_names_are_understood_with_and_without_their_letters() -> None:
    made, read = drafted(schema("turkish"))
    assert kinds(read, "müşteriler") == {
        "ad": "name", "soyad": "name", "unvan": "company", "eposta": "email", "cep_telefonu": "phone", "tckn": "national_id",
        "vergi_dairesi": "other", "vergi_no": "tax_id", "adres": "address", "ilçe": "address", "il": "city", "posta_kodu": "postcode",
        "doğum_tarihi": "birth_date", "şifre": "secret", "açıklama": "free_text",
    }  # fmt: skip
    assert (read.customer.national_id, read.customer.created) == ("tckn", "kayıt_tarihi")
    assert links(read) == {
        "müşteriler": "customer",
        "FATURALAR": "MUSTERI_NO -> müşteriler",
        "FaturaKalemleri": "FaturaID -> FATURALAR",
        "hesaplar": "musteri_id -> müşteriler",
        "giris_kayitlari": "musteri_id -> müşteriler",
        "eposta_kuyrugu": "alici = email",
        "personel": "none",
    }
    assert read.invoices is not None
    assert (read.invoices.unpaid, read.invoices.issued) == ((("durum", ("odenmedi",)),), "fatura_tarihi")
    assert set(made.undecided) >= {"müşteriler.cinsiyet", "müşteriler.kan_grubu"}, "special personal data are nobody's guess"


def test_the_music_shop_comes_out_as_the_example_of_the_guide_has_it() -> None:
    _, read = drafted(schema("chinook"))
    example = load(CHINOOK_MAP.read_text(encoding="utf-8"), "chinook.toml")
    assert read.customer == example.customer
    assert {name: read.tables[name].link for name in example.tables} == {name: table.link for name, table in example.tables.items()}
    for name in ("Customer", "Invoice", "InvoiceLine"):
        wanted = {column: kind for column, kind in kinds(example, name).items() if column in read.tables[name].columns}
        assert kinds(read, name) == wanted
    assert set(read.not_personal) == set(example.not_personal) - {"Employee"}


def test_hostile_names_stay_names() -> None:
    made, read = drafted(schema("hostile"))
    assert read.customer.table == 'Cust "omers.x'
    assert set(tomllib.loads(made.text)) == {"version", "name", "customer", "tables"}
    assert read.tables["none"].link.columns == ("none",)
    assert read.tables["no ne -> 🙂"].link.parent == 'Cust "omers.x'
    assert read.tables["no ne -> 🙂"].columns["\u202emessage"].kind == "free_text"
    assert all(c.isprintable() for c in made.text.replace("\n", ""))


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ("", "draft-no-customers"),
        ("CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE log (id INTEGER, text TEXT);", "draft-no-customers"),
        ("CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT);", "draft-no-customers"),
        (
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT);"
            "CREATE TABLE members (id INTEGER PRIMARY KEY, name TEXT, email TEXT);",
            "draft-alike",
        ),
        ("CREATE TABLE customers (name TEXT, email TEXT, phone TEXT);", "draft-no-key"),
    ],
)
def test_without_one_clear_table_of_customers_nothing_is_proposed(statements: str, code: str) -> None:
    with pytest.raises(UsageError, match=code):
        draft(schema_of(statements), "t", None, str)


def test_the_customers_table_can_be_named() -> None:
    live = schema_of(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT);"
        "CREATE TABLE members (id INTEGER PRIMARY KEY, name TEXT, email TEXT);"
        "CREATE TABLE x (id INTEGER PRIMARY KEY, member_id INTEGER, y TEXT);"
    )
    made, read = drafted(live, "members")
    assert (made.customers, links(read)["x"]) == ("members", "member_id -> members")
    made, read = drafted(live, "x")
    assert read.customer.name == ("id",), "no column looks like a name, and the draft says so"
    assert "TODO: no column looks like a name" in made.text
    with pytest.raises(UsageError, match="draft-no-table") as refused:
        draft(live, "t", "clients", str)
    assert refused.value.facts["allowed"] == ("customers", "members", "x")


def test_what_tells_customers_from_staff_stays_open() -> None:
    made, _ = drafted(
        schema_of("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT, role TEXT, is_admin BOOLEAN);")
    )
    assert set(made.undecided) == {"users.role", "users.is_admin"}


def test_a_key_that_is_an_address_loads_and_is_told() -> None:
    """`[customer]` must name it, no mask can stand on it, and it is never called not personal."""
    live = schema_of("CREATE TABLE customers (email VARCHAR(120) PRIMARY KEY, name TEXT); CREATE TABLE o (id INTEGER PRIMARY KEY, a TEXT);")
    made, read = drafted(live)
    assert read.tables["customers"].columns["email"].kind == "email"
    assert "customers.email" in made.undecided
    assert "mask-on-link at tables.customers.columns.email" in told(read, live)


def test_people_who_are_no_customers_are_not_found_by_their_address() -> None:
    base = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT);"
    live = schema_of(
        base + "CREATE TABLE suppliers (id INTEGER PRIMARY KEY, name TEXT, email TEXT);"
        "CREATE TABLE newsletter (id INTEGER PRIMARY KEY, email TEXT);"
        "CREATE TABLE lists (id INTEGER PRIMARY KEY, owner_email TEXT); CREATE TABLE list_rows (id INTEGER PRIMARY KEY, list_id INTEGER);"
    )
    _, read = drafted(live)
    found = links(read)
    assert (found["suppliers"], found["newsletter"]) == ("none", "email = email")
    assert found["lists"] == "none", "other rows hang on it: no log of somebody's address"


def test_a_table_of_accounts_beside_the_customers_is_left_to_a_person() -> None:
    """Perhaps the staff: a customer's address in it must not delete the row, and no column of it is called not personal."""
    live = schema_of(
        "CREATE TABLE oc_customer (customer_id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT);"
        "CREATE TABLE oc_user (user_id INTEGER PRIMARY KEY, username TEXT, password TEXT, name TEXT, email TEXT, candidate TEXT);"
        "CREATE TABLE oc_customer_ip (customer_ip_id INTEGER PRIMARY KEY, customer_id INTEGER, ip TEXT);"
    )
    made, read = drafted(live)
    assert links(read) == {"oc_customer": "customer", "oc_customer_ip": "customer_id -> oc_customer", "oc_user": "none"}
    assert set(made.undecided) == {f"oc_user.{name}" for name in ("username", "password", "name", "email", "candidate")}


def test_the_own_key_of_a_row_is_the_last_to_be_taken_for_a_link() -> None:
    base = "CREATE TABLE wp_users (ID INTEGER PRIMARY KEY, display_name TEXT, user_email TEXT, user_login TEXT, user_pass TEXT);"
    _, read = drafted(
        schema_of(
            base + "CREATE TABLE wp_wc_customer_lookup (customer_id INTEGER PRIMARY KEY, user_id INTEGER, first_name TEXT);"
            "CREATE TABLE profiles (user_id INTEGER PRIMARY KEY, bio TEXT);"
        )
    )
    assert read.tables["wp_wc_customer_lookup"].link.columns == ("user_id",)
    assert read.tables["wp_wc_customer_lookup"].columns["customer_id"].not_personal
    assert read.tables["profiles"].link.columns == ("user_id",)


def test_other_pointers_at_a_customer_are_no_owners() -> None:
    live = schema_of(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT, referred_by INTEGER REFERENCES customers (id));"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, invited_by INTEGER REFERENCES customers (id),"
        " approved_by INTEGER NOT NULL REFERENCES customers (id), customer_id INTEGER NOT NULL REFERENCES customers (id));"
    )
    made, read = drafted(live)
    assert links(read)["orders"] == "customer_id -> customers"
    assert read.tables["orders"].columns["invited_by"].refers_to == "customers"
    assert read.tables["customers"].columns["referred_by"].refers_to == "customers"
    assert made.undecided == ("orders.approved_by",)


def test_masks_fit_their_columns() -> None:
    live = schema_of(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(3) NOT NULL, email VARCHAR(20) NOT NULL UNIQUE,"
        " phone BIGINT NOT NULL,"
        " postcode CHAR(5) NOT NULL CHECK (length(postcode) = 5), iban VARCHAR(34) CHECK (iban LIKE 'TR%'),"
        " city TEXT NOT NULL CHECK (city > 'A'),"
        " tckn VARCHAR(4) NOT NULL UNIQUE, note TEXT GENERATED ALWAYS AS (name || city) STORED);"
    )
    made, read = drafted(live)
    rules = read.tables["customers"].columns
    assert {n: (r.mask.value if r.mask else "", r.constant) for n, r in rules.items() if r.kind} == {
        "name": ("", None), "email": ("token", None), "phone": ("", None), "postcode": ("constant", "00000"), "iban": ("null", None),
    }  # fmt: skip
    assert set(made.undecided) == {"customers.city", "customers.tckn", "customers.note"}
    assert told(read, live) == set(made.undecided)


def test_sixty_tables_of_twenty_columns_are_drafted_at_once() -> None:
    words = ("name", "email", "note", "data", "city", "x", "birth_date", "iban", "status", "url")
    columns = ", ".join(f"{'abcdefghijklmnopqrst'[i]}_{words[i % 10]} TEXT" for i in range(20))
    names = [f"{one}x{other}" for one in "abcdef" for other in "abcdefghij"][:59]
    more = "".join(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, customer_id INTEGER, {columns});" for name in names)
    live = schema_of("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT);" + more)
    began = time.perf_counter()
    made = draft(live, "t", None, str)
    assert time.perf_counter() - began < 5
    assert len(made.tables) == 60
    assert told(load(made.text, "t.toml"), live) == set(made.undecided)


def test_what_the_map_names_is_judged_however_odd_the_schema() -> None:
    """Declared keys that point at nothing, an address that no mask fits, a customers' key that tells staff apart: it loads."""
    _, read = drafted(
        schema_of(
            "CREATE TABLE customers (type INTEGER PRIMARY KEY, name TEXT, email TEXT, phone TEXT);"
            "CREATE TABLE bare (x TEXT); CREATE TABLE points (id INTEGER PRIMARY KEY, a INTEGER REFERENCES bare, note TEXT);"
            "CREATE TABLE queue (id INTEGER PRIMARY KEY, email VARCHAR(3) NOT NULL UNIQUE);"
        )
    )
    assert links(read) == {"customers": "customer", "points": "none", "queue": "none", "bare": "none"}
    assert read.customer.key == ("type",)
