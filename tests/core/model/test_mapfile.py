"""The data map as a file: every mistake is told at once, with its place and what is allowed; what is right is read right."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import core
from core.errors import MapError
from core.model.datamap import Action, Customer, DataMap, Link, LinkKind, holds_condition
from core.model.kinds import KINDS, Mask
from core.model.linktext import read_link
from core.model.mapfile import load
from core.model.mapreader import Node, Problems

HEAD = """
version = 1
name = "t"
[customer]
table = "customers"
key = "id"
name = ["name"]
[tables.customers]
not_personal = [{ columns = ["id"], because = "key" }]
[tables.customers.columns]
name = "name"
email = "email"
"""
DETAILS = """
[tables.details]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id", "state"], because = "keys" }]
[tables.details.columns]
text = "free_text"
"""
SAMPLE = Path(core.__file__).parent / "maps" / "sample.toml"


def problems(text: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Path → (code, facts) of the mistakes in a map; the first of each path."""
    with pytest.raises(MapError) as found:
        load(text, "my.toml")
    assert found.value.code == "bad-map"
    assert found.value.facts == {"count": len(found.value.problems), "file": "my.toml"}
    return {path: (code, facts) for path, code, facts in reversed(found.value.problems)}


def codes(text: str) -> dict[str, str]:
    return {path: code for path, (code, _) in problems(text).items()}


def below(table: str, text: str) -> str:
    """The map with one more line in a table's section."""
    return (HEAD + DETAILS).replace(f"[tables.{table}]\n", f"[tables.{table}]\n{text}\n")


def test_text_that_is_no_toml_is_told_with_its_line() -> None:
    (told,) = problems("version = 1\nname = \n").values()
    assert told == ("map-not-toml", {"where": "line 2, column 8"})


def test_an_empty_map_misses_everything_at_once() -> None:
    assert codes("") == {
        "version": "map-version",
        "name": "map-missing",
        "customer": "map-missing",
        "tables": "map-missing",
    }


def test_every_mistake_is_told_at_once() -> None:
    """Twenty mistakes in one file, in one answer."""
    told = codes(
        """
version = 2
nmae = "t"
outside = 5
[customer]
table = "customers"
key = "id"
name = ["name", "surname"]
emial = "email"
phone = 7
[acces]
[access]
block = { status = ["x"], nix = "x" }
clear = ["nix"]
delete = ["nix"]
sign_in = { login = "email" }
[services]
table = "nix"
active = {}
[tables.customers]
link = "id"
on_mask = "hide"
on_erase = "mask"
not_personal = [{ columns = ["id", "email"], because = "key" }, { columns = ["x"] }, { because = "y" }]
[tables.customers.columns]
name = "nmae"
email = "email"
phone = { kind = "phone", mask = "starz" }
notes = { mask = "stars" }
both = { kind = "name", keep = "why" }
number = 5
prefs = { kind = "json", paths = { "a.b" = "fone" } }
text = { kind = "free_text", paths = { a = "phone" } }
flag = { kind = "name", export = "no", everywere = true }
[tables.a]
[tables.b]
link = "a -> nix.id"
[tables.c]
link = "?? -> "
[tables.d]
link = { match = "x", to = "name" }
[tables.e]
link = { column = "x", pack = "U" }
[tables.f]
link = 5
[tables.g]
link = "none"
where = { x = { y = 1 } }
[tables.g.columns]
x = "name"
[[not_personal]]
tables = ["a", "h", "h"]
because = "ours"
"""
    )
    expected = {
        "version": "map-version",
        "name": "map-missing",
        "nmae": "map-unknown-key",
        "acces": "map-unknown-key",
        "outside": "map-wrong-type",
        "customer.emial": "map-unknown-key",
        "customer.phone": "map-wrong-type",
        "access.block.status": "map-wrong-type",
        "access.sign_in.password": "map-missing",
        "services.active": "map-missing",
        "tables.customers.link": "map-root-link",
        "tables.customers.on_mask": "map-not-allowed",
        "tables.customers.because": "map-needs-reason",
        "tables.customers.not_personal[0].columns": "map-twice",
        "tables.customers.not_personal[1].because": "map-missing",
        "tables.customers.not_personal[2].columns": "map-missing",
        "tables.customers.columns.name": "map-unknown-kind",
        "tables.customers.columns.phone.mask": "map-unknown-mask",
        "tables.customers.columns.notes": "map-one-of",
        "tables.customers.columns.notes.mask": "map-unknown-key",
        "tables.customers.columns.both": "map-one-of",
        "tables.customers.columns.number": "map-wrong-type",
        "tables.customers.columns.prefs.paths.a.b": "map-unknown-kind",
        "tables.customers.columns.text.paths": "map-not-allowed",
        "tables.customers.columns.flag.export": "map-wrong-type",
        "tables.customers.columns.flag.everywere": "map-unknown-key",
        "tables.a.link": "map-missing-link",
        "tables.b.link": "map-unknown-table",
        "tables.c.link": "map-bad-link",
        "tables.d.link.to": "map-not-allowed",
        "tables.e.link.pack": "map-bad-pack",
        "tables.f.link": "map-wrong-type",
        "tables.g.where.x": "map-wrong-type",
        "not_personal[0].tables": "map-twice",
    }
    assert expected.items() <= told.items()


def test_an_unknown_key_names_the_nearest_and_what_is_allowed() -> None:
    told = problems(below("details", 'on_mas = "delete"'))
    code, facts = told["tables.details.on_mas"]
    assert (code, facts["nearest"]) == ("map-unknown-key", "on_mask")
    assert "on_erase" in facts["allowed"]


def test_kinds_masks_and_actions_name_what_is_allowed() -> None:
    told = problems(HEAD + DETAILS.replace('"free_text"', '{ kind = "txt" }') + 'x = { kind = "name", mask = "json" }')
    assert told["tables.details.columns.text.kind"][1]["allowed"] == tuple(KINDS)
    allowed = told["tables.details.columns.x.mask"][1]["allowed"]
    assert {"stars", "token", "constant:…"} <= set(allowed)
    assert not {"json", "reference"} & set(allowed)


def test_a_wrong_customer_does_not_hide_mistakes_in_the_tables() -> None:
    told = codes(HEAD.replace('table = "customers"\n', "") + DETAILS.replace("free_text", "txt"))
    assert told["customer.table"] == "map-missing"
    assert told["tables.details.columns.text"] == "map-unknown-kind"
    assert "tables" not in told


@pytest.mark.parametrize(
    ("line", "path", "code"),
    [
        ('on_erase = "keep"', "because", "map-needs-reason"),
        ('on_mask = "keep"', "because", "map-needs-reason"),
        ('states = [{ when = { state = "x" }, on_erase = "mask" }]', "states[0].because", "map-needs-reason"),
        ('states = [{ on_mask = "delete" }]', "states[0].when", "map-missing"),
        ('states = [{ when = { nix = "x" } }]', "states[0].when", "map-unknown-column"),
        ('states = { when = { state = "x" } }', "states", "map-wrong-type"),
        ('where = { nix = "x" }', "where", "map-unknown-column"),
        ("where = { state = [] }", "where.state", "map-wrong-type"),
        ('where = { state = ["a", "null"] }', "where.state", "map-null-alone"),
        ("shared = true", "shared", "map-shared-needs-down"),
        ('shared = "yes"', "shared", "map-wrong-type"),
        ('hold = { when = { state = "x" } }', "hold.because", "map-missing"),
        ('hold = { because = "law", keep = ["text"] }', "hold", "map-hold-needs-date"),
        ('hold = { because = "law", with_parent = true }', "hold.with_parent", "map-hold-parent"),
        ('hold = { because = "law", with_invoices = true }', "hold.with_invoices", "map-hold-invoices"),
        ('hold = { because = "law", with_invoices = true, with_parent = true }', "hold.with_invoices", "map-hold-both"),
        ('keyed = { key = "state" }', "keyed.value", "map-missing"),
        ('keyed = { key = "k", value = "v", kinds = { a = "nix" } }', "keyed.kinds.a", "map-unknown-kind"),
        ('keyed = { key = "k", value = "v", rest = "nix" }', "keyed.rest", "map-unknown-kind"),
    ],
)
def test_one_mistake_in_a_table(line: str, path: str, code: str) -> None:
    assert codes(below("details", line))[f"tables.details.{path}"] == code


def test_a_hold_has_one_reason_to_end() -> None:
    text = below("details", 'hold = { because = "law", with_parent = true, when = { state = "x" } }')
    assert codes(text)["tables.details.hold.when"] == "map-hold-both"


def test_roles_links_and_states_name_columns_that_the_map_judges() -> None:
    text = HEAD.replace('name = ["name"]', 'name = ["name", "surname"]\nemail = "mail"\nkey = "no"').replace('key = "id"\n', "")
    told = problems(text + DETAILS.replace('link = "customer_id"', 'link = "cust -> customers.no"'))
    for path in ("customer.key", "customer.name", "customer.email", "tables.details.link"):
        assert told[path][0] == "map-unknown-column"
    assert told["customer.email"][1] == {"name": "mail", "table": "customers", "allowed": ("name", "email", "id")}


def test_links_that_run_in_a_circle_are_told_with_its_tables() -> None:
    def table(name: str, parent: str) -> str:
        keys = f'not_personal = [{{ columns = ["id", "{parent}_id"], because = "keys" }}]'
        return f'[tables.{name}]\nlink = "{parent}_id -> {parent}.id"\n{keys}\n'

    told = problems(HEAD + table("a", "b") + table("b", "c") + table("c", "a") + table("d", "a") + table("e", "e"))
    assert {path for path, (code, _) in told.items() if code == "map-cycle"} == {f"tables.{t}.link" for t in "abce"}
    assert told["tables.a.link"][1] == {"tables": ("a", "b", "c", "a")}
    assert told["tables.e.link"][1] == {"tables": ("e", "e")}


def test_a_table_is_mapped_or_not_personal_but_not_both() -> None:
    text = HEAD + DETAILS + '[[not_personal]]\ntables = ["details", "products"]\nbecause = "ours"\n'
    assert problems(text) == {"not_personal": ("map-twice", {"name": "details"})}


def test_rows_of_nobody_have_only_cells_that_are_blanked_everywhere() -> None:
    text = HEAD + DETAILS.replace('"customer_id"\n', '"none"\n')
    assert codes(text) == {"tables.details.columns.text": "map-nobody-needs-everywhere"}
    load(text.replace('"free_text"', '{ kind = "free_text", mask = "redact", everywhere = true }'), "t")


def test_a_reference_points_at_the_customers_and_at_one_column() -> None:
    refers = 'ref = { refers_to = "details" }'
    assert codes(HEAD + refers + DETAILS) == {"tables.customers.columns.ref.refers_to": "map-not-allowed"}
    composite = HEAD.replace('"id"\n', '["id", "no"]\n').replace('["id"]', '["id", "no"]') + 'ref = { refers_to = "customers" }'
    assert codes(composite) == {"tables.customers.columns.ref.refers_to": "map-not-allowed"}


# -- what is right ------------------------------------------------------------------------------------------------------


def link_of(link: str, key: str = '"id"') -> Link:
    """The link of a table, read from a map with as little around it as there can be; mistakes elsewhere are let pass."""
    found = Problems()
    keys = tuple(part.strip(' "') for part in key.split(","))
    node = Node(tomllib.loads(f"link = {link}"), "t", found)
    result = read_link(node, Customer("customers", keys, ("name",)), is_root=False)
    assert not found.found, found.found
    return result


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ('"customer_id"', Link(LinkKind.UP, ("customer_id",), "customers", ("id",))),
        ('"ticket_id -> tickets.id"', Link(LinkKind.UP, ("ticket_id",), "tickets", ("id",))),
        ('" ticket_id->tickets . id "', Link(LinkKind.UP, ("ticket_id",), "tickets", ("id",))),
        ('"id <- customers.address_id"', Link(LinkKind.DOWN, ("id",), "customers", ("address_id",))),
        ('"a, b -> t.x, t.y"', Link(LinkKind.UP, ("a", "b"), "t", ("x", "y"))),
        ("'\"müşteri no\"'", Link(LinkKind.UP, ("müşteri no",), "customers", ("id",))),
        (
            """'"Order ID" -> "Order ""Details""."Order.ID"'""",
            None,
        ),
        ("""'"Order ID" -> "Order ""D""."."a -> b"'""", Link(LinkKind.UP, ("Order ID",), 'Order "D".', ("a -> b",))),
        ('"bıgınt -> ürün.no"', Link(LinkKind.UP, ("bıgınt",), "ürün", ("no",))),
        ('{ match = "recipient", to = "email" }', Link(LinkKind.MATCH, ("recipient",), to="email")),
        ('{ match = "p", to = "phone", exact = true }', Link(LinkKind.MATCH, ("p",), to="phone", exact=True)),
        ('{ column = "ref", pack = "U{key}" }', Link(LinkKind.UP, ("ref",), "customers", ("id",), pack="U{key}")),
        ('"none"', Link(LinkKind.NONE)),
    ],
)
def test_a_link_is_read(text: str, link: Link | None) -> None:
    if link is None:
        with pytest.raises(AssertionError):
            link_of(text)
    else:
        assert link_of(text) == link


def test_a_composite_key_needs_all_its_columns() -> None:
    assert link_of('"branch, no"', "a, b") == Link(LinkKind.UP, ("branch", "no"), "customers", ("a", "b"))
    for link in ('"branch"', '{ column = "x", pack = "U{key}" }', '"a, b -> t.x, u.y"', '"a -> t.x, t.y"'):
        with pytest.raises(AssertionError):
            link_of(link, "a, b")


def test_a_table_says_everything_it_can() -> None:
    mapping = load(
        HEAD.replace('name = ["name"]', 'name = ["name"]\nwhere = { kind = ["a", 5] }').replace('["id"]', '["id", "kind"]')
        + """
doc = { kind = "json", paths = { "$.a.b" = "phone", "l.*" = "email" } }
rest = { keep = "why" }
const = { kind = "city", mask = "constant:a:b", export = false }
[tables.meta]
link = "customer_id"
on_erase = "keep"
because = "why"
states = [{ when = { customer_id = "not null" }, on_mask = "delete" }]
keyed = { key = "k", value = "v", kinds = { a = "phone" }, rest = "other" }
not_personal = [{ columns = ["customer_id"], because = "key" }]
""",
        "t",
    )
    root, meta = mapping.tables["customers"], mapping.tables["meta"]
    assert root.where == mapping.customer.where == (("kind", ("a", 5)),)
    assert root.columns["doc"].paths == ((("a", "b"), "phone"), (("l", "*"), "email"))
    assert (root.columns["const"].mask, root.columns["const"].constant) == (Mask.CONSTANT, "a:b")
    assert not root.columns["const"].export
    assert not root.columns["rest"].personal
    assert meta.keyed is not None
    assert (meta.on_mask, meta.on_erase, meta.states[0].on_mask) == (Action.MASK, Action.KEEP, Action.DELETE)
    assert mapping.path("meta") == ("meta", "customers")


@pytest.mark.parametrize(
    ("value", "allowed", "fits"),
    [
        ("a", ("a", "b"), True),
        (1, ("1",), True),
        (True, (True,), True),
        (1, (True,), True),
        (None, ("null",), True),
        ("x", ("null",), False),
        (None, ("not null",), False),
        ("", ("not null",), True),
        (None, ("a",), False),
    ],
)
def test_a_condition_on_a_row(value: Any, allowed: tuple[Any, ...], fits: bool) -> None:
    assert holds_condition({"c": value}, (("c", allowed),)) is fits


@pytest.fixture(scope="module")
def sample() -> DataMap:
    return load(SAMPLE.read_text(encoding="utf-8"), SAMPLE.name)


def test_the_sample_shows_every_link_and_every_fate(sample: DataMap) -> None:
    assert {t.link.kind for t in sample.tables.values()} == set(LinkKind)
    assert sample.path("invoice_lines") == ("invoice_lines", "invoices", "customers")
    assert sample.path("addresses") == ("addresses", "customer_addresses", "customers")
    assert sample.by_value("mail_log")
    assert not sample.by_value("invoices")


def test_parents_stand_before_children(sample: DataMap) -> None:
    place = {name: i for i, name in enumerate(sample.order)}
    assert set(place) == set(sample.tables)
    assert all(place[t.link.parent] < place[name] for name, t in sample.tables.items() if t.link.parent)
    assert not {"activity_log", "staff_members"} & set(sample.owned())


def test_what_a_state_leaves_unsaid_is_as_the_table_says_it() -> None:
    text = (
        'version = 1\nname = "shop"\n[customer]\ntable = "customers"\nkey = "id"\nname = "name"\n'
        '[tables.customers]\nnot_personal = [{ columns = ["id"], because = "key" }]\n[tables.customers.columns]\nname = "name"\n'
        '[tables.bills]\nlink = "customer_id"\non_erase = "mask"\nbecause = "books"\n'
        'states = [{ when = { number = "null" }, on_mask = "delete" }]\n'
        'not_personal = [{ columns = ["customer_id", "number"], because = "keys" }]\n'
    )
    state = load(text, "shop.toml").tables["bills"].states[0]
    assert (state.on_mask, state.on_erase, state.because) == ("delete", "mask", "books")
