"""What a resolution does to each row, as tables: map and rows in, one fate a row out. Also verdicts of residue, and fingerprints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pytest

from core.errors import Refused
from core.model.datamap import DataMap
from core.model.graph import Edge, deletion_order
from core.model.mapfile import load
from core.model.plan import Decided, Fate, Plan, Rules, decide
from core.model.preview import counts, fingerprint, holds
from core.model.records import HoldLine, ResidueLine, Resolution, TableCount
from core.model.residue import Judged, judge
from core.model.rowset import Cell, Found
from core.model.schema import Column, Family, ForeignKey, Schema, TableShape

ACCESS, MASK, ERASE = Resolution(), Resolution(mask=True), Resolution(erase=True)
TODAY = date(2026, 11, 24)
HEAD = """
version = 1
name = "t"
[customer]
table = "customers"
key = "id"
name = ["name"]
[access]
block = { name = "!" }
delete = ["sessions"]
[invoices]
table = "invoices"
unpaid = { state = "open" }
issued = "issued"
[tables.customers]
not_personal = [{ columns = ["id", "address_id"], because = "keys" }]
[tables.customers.columns]
name = "name"
email = "email"
[tables.sessions]
link = "customer_id"
on_mask = "delete"
not_personal = [{ columns = ["id", "customer_id"], because = "keys" }]
[tables.invoices]
link = "customer_id"
hold = { when = { number = "not null" }, keep = ["who"], because = "VUK 253" }
states = [{ when = { number = "null" }, on_mask = "delete" }]
not_personal = [{ columns = ["id", "customer_id", "number", "issued", "state"], because = "books" }]
[tables.invoices.columns]
who = "name"
mail = "email"
[tables.lines]
link = "invoice_id -> invoices.id"
hold = { with_parent = true, keep = ["text"], because = "VUK 253 (lines)" }
not_personal = [{ columns = ["id", "invoice_id"], because = "keys" }]
[tables.lines.columns]
text = "free_text"
"""
NOTES = """
[tables.notes]
link = "customer_id"
not_personal = [{ columns = ["id", "customer_id", "parent_id"], because = "keys" }]
[tables.notes.columns]
text = { kind = "free_text", mask = "redact", everywhere = true }
extra = { keep = "law" }
"""
ADDRESSES = """
[tables.addresses]
link = "id <- customers.address_id"
shared = true
not_personal = [{ columns = ["id"], because = "key" }]
[tables.addresses.columns]
line = "address"
"""
COLUMNS = {
    "customers": ("id", "name", "email", "address_id"),
    "sessions": ("id", "customer_id"),
    "invoices": ("id", "customer_id", "number", "issued", "state", "who", "mail"),
    "lines": ("id", "invoice_id", "text"),
    "notes": ("id", "customer_id", "parent_id", "text", "extra"),
    "addresses": ("id", "line"),
}
KEYS = (
    Edge("sessions", ("customer_id",), "customers", ("id",), nullable=False),
    Edge("invoices", ("customer_id",), "customers", ("id",), nullable=False),
    Edge("lines", ("invoice_id",), "invoices", ("id",), nullable=False),
    Edge("notes", ("parent_id",), "notes", ("id",), nullable=True),
)


def rows(table: str, *cells: tuple[Any, ...]) -> Found:
    """The customer's rows of a table; missing cells are NULL."""
    width = len(COLUMNS[table])
    return Found(table, ("id",), COLUMNS[table], tuple((c[0], *c, *[None] * (width - len(c))) for c in cells))


def found_of(**tables: list[tuple[Any, ...]]) -> dict[str, Found]:
    return {"customers": rows("customers", (7, "Ali", "ali@x.example")), **{t: rows(t, *cells) for t, cells in tables.items()}}


def plan(
    resolution: Resolution,
    found: Mapping[str, Found],
    *,
    more: str = "",
    years: int | None = 5,
    today: date = TODAY,
    shared: Mapping[str, set[tuple[Any, ...]]] | None = None,
    nullable: frozenset[tuple[str, str]] = frozenset(),
    keys: tuple[Edge, ...] = KEYS,
) -> Plan:
    mapping = load(HEAD + more, "t")
    whole = {name: found.get(name, rows(name)) for name in mapping.tables}
    return decide(Rules(mapping, keys, nullable, years, today), whole, resolution, shared or {})


def fates(decided: Plan) -> dict[str, dict[Any, str]]:
    """Table → key → fate, for tables with rows."""
    return {table: {d.row[0]: d.fate.value for d in ds} for table, ds in decided.tables.items() if ds}


def one(decided: Plan, table: str, key: Any) -> Decided:
    return next(d for d in decided.tables[table] if d.row[0] == key)


def test_access_only_blocks_the_master_row_and_cuts_sessions() -> None:
    found = found_of(sessions=[(1, 7)], invoices=[(1, 7, "A1", "2025-01-01")], lines=[(1, 1)])
    assert fates(plan(ACCESS, found, years=None)) == {"customers": {7: "block"}, "sessions": {1: "delete"}}


def test_a_mask_masks_and_what_the_map_deletes_on_a_mask_goes() -> None:
    found = found_of(sessions=[(1, 7)], notes=[(1, 7)])
    assert fates(plan(MASK, found, more=NOTES)) == {
        "customers": {7: "mask"},
        "sessions": {1: "delete"},
        "notes": {1: "mask"},
    }


def test_an_erase_deletes_everything() -> None:
    found = found_of(sessions=[(1, 7)], notes=[(1, 7), (2, 7, 1)])
    decided = plan(ERASE, found, more=NOTES)
    assert {fate for table in fates(decided).values() for fate in table.values()} == {"delete"}
    assert not decided.master_stays


@pytest.mark.parametrize("resolution", [MASK, ERASE])
def test_drafts_go_with_their_lines_and_issued_invoices_are_held_with_theirs(resolution: Resolution) -> None:
    found = found_of(
        invoices=[(1, 7, None, None, "open"), (2, 7, "A2", "2024-06-30", "paid")],
        lines=[(10, 1, "draft"), (20, 2, "held"), (21, 2, "held")],
    )
    decided = plan(resolution, found)
    assert fates(decided)["invoices"] == {1: "delete", 2: "hold"}
    assert fates(decided)["lines"] == {10: "delete", 20: "hold", 21: "hold"}
    held = one(decided, "invoices", 2)
    assert (held.because, held.release_on, held.spared) == ("VUK 253", date(2030, 1, 1), ("who",))
    line = one(decided, "lines", 20)
    assert (line.because, line.release_on, line.spared) == ("VUK 253 (lines)", date(2030, 1, 1), ("text",))
    assert holds(decided) == (
        HoldLine("invoices", 1, "VUK 253", date(2030, 1, 1)),
        HoldLine("lines", 2, "VUK 253 (lines)", date(2030, 1, 1)),
    )


@pytest.mark.parametrize(
    ("issued", "years", "today", "release"),
    [
        (date(2025, 12, 31), 5, TODAY, date(2031, 1, 1)),
        (date(2025, 1, 1), 5, TODAY, date(2031, 1, 1)),
        (datetime(2025, 1, 1, 23, 59), 5, TODAY, date(2031, 1, 1)),
        ("2025-07-01", 5, TODAY, date(2031, 1, 1)),
        ("2025-07-01 12:00:00", 5, TODAY, date(2031, 1, 1)),
        (date(2020, 6, 1), 5, date(2025, 12, 31), date(2026, 1, 1)),
        (date(2020, 6, 1), 5, date(2026, 1, 1), None),  # on the day itself it is over
        (date(2025, 6, 1), 0, TODAY, None),
        (date(2025, 6, 1), 1, TODAY, date(2027, 1, 1)),
        (date(2025, 6, 1), 10, TODAY, date(2036, 1, 1)),
    ],
)
def test_a_hold_ends_on_the_first_of_january(issued: Any, years: int, today: date, release: date | None) -> None:
    """1 January of (year of issue + years + 1); 0 years hold nothing."""
    decided = plan(ERASE, found_of(invoices=[(1, 7, "A1", issued)]), years=years, today=today)
    assert one(decided, "invoices", 1).release_on == release
    assert fates(decided)["invoices"] == {1: "delete" if release is None else "hold"}


@pytest.mark.parametrize("resolution", [MASK, ERASE])
def test_years_that_nobody_has_chosen_refuse_where_something_was_issued(resolution: Resolution) -> None:
    with pytest.raises(Refused) as found:
        plan(resolution, found_of(invoices=[(1, 7, "A1", "2025-01-01")]), years=None)
    assert (found.value.code, found.value.facts) == ("hold-not-chosen", {"table": "invoices", "because": "VUK 253"})
    plan(resolution, found_of(invoices=[(1, 7, None, None)]), years=None)


@pytest.mark.parametrize("issued", [None, "", "0000-00-00", "1881-05-19", "soon"])
def test_an_issued_invoice_without_a_date_refuses(issued: Any) -> None:
    with pytest.raises(Refused) as found:
        plan(ERASE, found_of(invoices=[(1, 7, "A1", issued)]))
    assert (found.value.code, found.value.facts) == ("hold-without-date", {"table": "invoices", "column": "issued"})


def test_a_held_invoice_keeps_the_customer_as_a_stub() -> None:
    decided = plan(ERASE, found_of(invoices=[(1, 7, "A1", "2025-01-01")], lines=[(1, 1)], sessions=[(1, 7)]))
    stub = one(decided, "customers", 7)
    assert (stub.fate, stub.because) == (Fate.STUB, "VUK 253")
    assert fates(decided)["sessions"] == {1: "delete"}
    assert decided.master_stays


def test_a_kept_row_keeps_a_chain_of_stubs() -> None:
    """A kept line under a draft that goes: the draft stays masked for it, and the customer for the draft."""
    more = HEAD.replace('hold = { with_parent = true, keep = ["text"], because = "VUK 253 (lines)" }', 'on_erase = "keep"\nbecause = "law"')
    mapping = load(more, "t")
    whole = {name: rows(name) for name in mapping.tables} | found_of(invoices=[(1, 7, None, None)], lines=[(1, 1)])
    decided = decide(Rules(mapping, KEYS, frozenset(), 5, TODAY), whole, ERASE, {})
    assert fates(decided) == {"customers": {7: "stub"}, "invoices": {1: "stub"}, "lines": {1: "keep"}}
    assert one(decided, "customers", 7).because == "law"


@pytest.mark.parametrize("nullable", [True, False])
def test_a_kept_row_lets_go_of_what_it_points_at_where_it_may(nullable: bool) -> None:
    more = NOTES.replace('link = "customer_id"\n', 'link = "customer_id"\non_erase = "keep"\nbecause = "5651"\n')
    free = frozenset({("notes", "customer_id")}) if nullable else frozenset()
    decided = plan(ERASE, found_of(notes=[(1, 7), (2, 7)]), more=more, nullable=free)
    assert fates(decided) == {"customers": {7: "delete" if nullable else "stub"}, "notes": {1: "keep", 2: "keep"}}
    assert one(decided, "notes", 1).unlink == (("customer_id",) if nullable else ())


def test_a_held_row_never_lets_go() -> None:
    """The law wants to know whose invoice it is: the stub stays although the column may be NULL."""
    free = frozenset({("invoices", "customer_id")})
    keys = tuple(replace(k, nullable=True) for k in KEYS)
    decided = plan(ERASE, found_of(invoices=[(1, 7, "A1", "2025-01-01")]), nullable=free, keys=keys)
    assert fates(decided)["customers"] == {7: "stub"}
    assert one(decided, "invoices", 1).unlink == ()


def test_a_masked_reply_lets_go_of_a_deleted_one_in_its_own_table() -> None:
    more = NOTES.replace('link = "customer_id"\n', 'link = "customer_id"\nstates = [{ when = { extra = "x" }, on_mask = "delete" }]\n')
    found = found_of(notes=[(1, 7, None, "t", "x"), (2, 7, 1, "t"), (3, 7, 2, "t")])
    decided = plan(MASK, found, more=more)
    assert fates(decided)["notes"] == {1: "delete", 2: "mask", 3: "mask"}
    assert (one(decided, "notes", 2).unlink, one(decided, "notes", 3).unlink) == (("parent_id",), ())


def test_the_first_state_that_fits_decides() -> None:
    states = (
        'states = [{ when = { extra = "x" }, on_mask = "keep", because = "a" }, { when = { extra = ["x", "y"] }, on_mask = "delete" }]\n'
    )
    more = NOTES.replace('link = "customer_id"\n', f'link = "customer_id"\n{states}')
    decided = plan(MASK, found_of(notes=[(1, 7, None, "", "x"), (2, 7, None, "", "y"), (3, 7, None, "", "z")]), more=more)
    assert fates(decided)["notes"] == {1: "keep", 2: "delete", 3: "mask"}
    assert one(decided, "notes", 1).because == "a"


# -- shared rows --------------------------------------------------------------------------------------------------------


def shared_plan(resolution: Resolution, *, nullable: bool, links: bool = False) -> Plan:
    """The customer's address is another customer's too; reached from the master row, or through a link table."""
    found = {"customers": rows("customers", (7, "Ali", "a@x.example", 1)), "addresses": rows("addresses", (1, "Moda"), (2, "Bebek"))}
    free = frozenset({("customers", "address_id")}) if nullable else frozenset()
    more = ADDRESSES
    if links:
        more = ADDRESSES.replace("customers.address_id", "notes.parent_id") + NOTES
        found["notes"] = rows("notes", (10, 7, 1), (11, 7, 2))
    return plan(resolution, found, more=more, nullable=free, shared={"addresses": {(1,)}}, keys=())


@pytest.mark.parametrize("resolution", [MASK, ERASE])
def test_a_shared_row_stays_and_the_tie_is_cut(resolution: Resolution) -> None:
    decided = shared_plan(resolution, nullable=True)
    assert fates(decided)["addresses"] == {1: "shared", 2: "mask" if resolution.mask else "delete"}
    assert one(decided, "customers", 7).unlink == (("address_id",) if resolution.mask else ())


def test_a_row_of_a_link_table_goes_with_the_tie() -> None:
    decided = shared_plan(MASK, nullable=False, links=True)
    assert fates(decided)["notes"] == {10: "delete", 11: "mask"}


def test_a_tie_that_cannot_be_cut_refuses() -> None:
    with pytest.raises(Refused) as found:
        shared_plan(MASK, nullable=False)
    assert (found.value.code, found.value.facts) == ("shared-cannot-cut", {"table": "customers", "column": "address_id"})


# -- order of deletion ----------------------------------------------------------------------------------------------------


def shape(name: str, *keys: tuple[str, str], free: frozenset[str] = frozenset()) -> TableShape:
    columns = (Column("id", Family.INTEGER, "INT"), *(Column(c, Family.INTEGER, "INT", nullable=c in free) for c, _ in keys))
    return TableShape(name, columns, ("id",), foreign_keys=tuple(ForeignKey((c,), parent, ("id",)) for c, parent in keys))


def test_children_go_first_by_declared_keys_and_by_links() -> None:
    mapping = load(HEAD + NOTES + ADDRESSES, "t")
    schema = Schema({"customers": shape("customers", ("address_id", "addresses"))})
    order, loosened, stuck = deletion_order(mapping, schema)
    place = {name: i for i, name in enumerate(order)}
    assert (loosened, stuck) == ((), ())
    assert place["lines"] < place["invoices"] < place["customers"] < place["addresses"]
    assert place["notes"] < place["customers"]


@pytest.mark.parametrize("free", [frozenset({"c"}), frozenset()])
def test_a_circle_is_cut_where_a_key_may_be_null_or_named(free: frozenset[str]) -> None:
    mapping = load(HEAD + NOTES, "t")
    tables = {
        "customers": shape("customers"),
        "notes": shape("notes", ("a", "customers"), ("b", "sessions"), ("n", "notes"), free=frozenset({"n"})),
        "sessions": shape("sessions", ("a", "customers"), ("c", "notes"), free=free),
    }
    order, loosened, stuck = deletion_order(mapping, Schema(tables))
    if free:
        assert order.index("notes") < order.index("sessions") < order.index("customers")
        assert [(e.child, e.columns) for e in loosened] == [("notes", ("n",)), ("sessions", ("c",))]
    else:
        assert (order, set(stuck)) == ((), {"notes", "sessions"})


# -- residue --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Sought:
    kind: str = "email"
    common: bool = False
    canonical: str = "ali@x.example"


@dataclass(frozen=True)
class Seen:
    table: str
    address: tuple[Any, ...]
    column: str
    needle: Sought = Sought()
    whole: bool = False


WHOSE = {("notes", (1,)): "8", ("notes", (2,)): "7", ("customers", (8,)): "8", ("invoices", (9,)): "8", ("sessions", (9,)): "8"}


def owners(table: str, addresses: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], frozenset[str]]:
    return {a: frozenset({WHOSE[table, a]}) for a in addresses if (table, a) in WHOSE}


def verdicts(decided: Plan, *hits: Seen) -> list[str]:
    """The verdict of each hit; `planned` for one that goes by itself, `redact` for one that is blanked."""
    mapping = load(HEAD + NOTES, "t")
    told = []
    for hit in hits:
        found = judge(mapping, decided, [hit], "7", owners)
        told.append("redact" if found.redact else found.lines[0].verdict if found.lines else "planned")
    return told


def judged_plan() -> Plan:
    found = found_of(
        invoices=[(1, 7, "A1", "2025-01-01", "paid", "Ali", "a@x.example")],
        lines=[(1, 1, "text")],
        sessions=[(1, 7)],
        notes=[(5, 7, None, "x", "law")],
    )
    return plan(MASK, found, more=NOTES)


def test_hits_in_rows_of_the_customer() -> None:
    """Deleted and masked go by themselves; spared and kept cells are holds; a cell that nobody masks is residue."""
    assert verdicts(
        judged_plan(),
        Seen("sessions", (1,), "id"),
        Seen("customers", (7,), "email"),
        Seen("customers", (7,), "address_id"),
        Seen("invoices", (1,), "who"),
        Seen("invoices", (1,), "mail"),
        Seen("invoices", (1,), "state"),
        Seen("lines", (1,), "text"),
        Seen("notes", (5,), "extra"),
    ) == ["planned", "planned", "residue", "hold", "planned", "residue", "hold", "hold"]


def test_hits_in_rows_of_others_of_nobody_and_of_unmapped_tables() -> None:
    assert verdicts(
        judged_plan(),
        Seen("invoices", (9,), "mail"),
        Seen("invoices", (99,), "mail"),
        Seen("unmapped", (1,), "x"),
        Seen("notes", (1,), "text"),
        Seen("notes", (99,), "text"),
        Seen("notes", (1,), "extra"),
        Seen("unmapped", (1,), "x", Sought(common=True)),
        Seen("customers", (8,), "email", whole=True),
        Seen("customers", (8,), "email"),
    ) == ["other-customer", "residue", "residue", "redact", "redact", "other-customer", "common-value", "shared-value", "other-customer"]


def test_a_value_that_another_customer_has_is_left_alone_wherever_it_stands() -> None:
    """Ayşe has the same address: it is not blanked in her notes, and is no residue."""
    needle = Sought()
    hits = [Seen("customers", (8,), "email", needle, whole=True), Seen("notes", (1,), "text", needle), Seen("unmapped", (1,), "x", needle)]
    found = judge(load(HEAD + NOTES, "t"), judged_plan(), hits, "7", owners)
    assert not found.redact
    assert [(line.table, line.verdict) for line in found.lines] == [
        ("customers", "shared-value"),
        ("notes", "shared-value"),
        ("unmapped", "shared-value"),
    ]


def test_lines_count_cells_and_refusals_are_the_residue() -> None:
    hits = [Seen("unmapped", (i,), "x", Sought(kind)) for i, kind in ((1, "email"), (1, "email"), (2, "email"), (2, "phone"))]
    found = judge(load(HEAD + NOTES, "t"), judged_plan(), hits, "7", owners)
    assert found.lines == (ResidueLine("unmapped", "x", "email", 2, "residue"), ResidueLine("unmapped", "x", "phone", 1, "residue"))
    assert found.refused == found.lines
    assert found.remaining == {("unmapped", (1,), "x"), ("unmapped", (2,), "x")}


def test_counts_name_every_table_and_cells_of_others() -> None:
    decided = replace(judged_plan(), pointers=(Cell("customers", (8,), "name"), Cell("zz", (1,), "a")))
    remains = Judged((), (Seen("notes", (1,), "text"), Seen("notes", (1,), "text", Sought("phone"))), frozenset())
    assert counts(decided, remains) == (
        TableCount("customers", masked=1, cells_redacted=1),
        TableCount("sessions", deleted=1),
        TableCount("invoices", held=1, because=("VUK 253",)),
        TableCount("lines", held=1, because=("VUK 253 (lines)",)),
        TableCount("notes", masked=1, cells_redacted=1),
        TableCount("zz", cells_redacted=1),
    )


# -- fingerprint ----------------------------------------------------------------------------------------------------------

BASE: dict[str, list[tuple[Any, ...]]] = {
    "invoices": [(1, 7, "A1", "2025-01-01", "paid", "Ali", "a@x.example"), (2, 7, None, None)],
    "lines": [(1, 1, "text"), (2, 2, "t")],
    "notes": [(5, 7, None, "x", "law")],
}
NOTHING = Judged((), (), frozenset())


def print_of(
    tables: Mapping[str, list[tuple[Any, ...]]] = BASE, remains: Judged = NOTHING, resolution: Resolution = MASK, **more: Any
) -> str:
    mapping: DataMap = load(HEAD + NOTES, "t")
    pointers = more.pop("pointers", ())
    years = more.get("years", 5)
    return fingerprint(mapping, replace(plan(resolution, found_of(**tables), more=NOTES, **more), pointers=pointers), remains, years)


def test_a_fingerprint_is_stable_whatever_the_order_of_rows() -> None:
    turned = {table: list(reversed(cells)) for table, cells in reversed(BASE.items())}
    assert print_of() == print_of(turned)
    assert len(print_of()) == 64


def changed(table: str, row: int, cell: int, value: Any) -> dict[str, list[tuple[Any, ...]]]:
    cells = [list(r) + [None] * (len(COLUMNS[table]) - len(r)) for r in BASE[table]]
    cells[row][cell] = value
    return {**BASE, table: [tuple(r) for r in cells]}


@pytest.mark.parametrize(
    "moved",
    [
        {"tables": changed("invoices", 0, 6, "b@x.example")},
        {"tables": changed("invoices", 0, 4, "open")},  # not personal, and read all the same
        {"tables": changed("invoices", 0, 0, 3)},
        {"tables": changed("invoices", 0, 3, "2024-01-01")},
        {"tables": changed("invoices", 1, 2, "A2") | {"x": []}},
        {"tables": changed("notes", 0, 3, None)},
        {"tables": changed("notes", 0, 3, "")},
        {"tables": {**BASE, "notes": []}},
        {"tables": {**BASE, "sessions": [(1, 7)]}},
        {"years": 6},
        {"today": date(2035, 1, 1)},  # the hold has ended meanwhile
        {"resolution": ERASE},
        {"resolution": replace(MASK, blacklist=True)},
        {"shared": {"notes": {(5,)}}},
        {"remains": Judged((ResidueLine("t", "c", "email", 1, "residue"),), (), frozenset())},
        {"remains": Judged((), (Seen("notes", (1,), "text"),), frozenset())},
        {"pointers": (Cell("customers", (8,), "referred_by"),)},
    ],
)
def test_a_fingerprint_moves_with_every_cell_key_hold_and_residue(moved: dict[str, Any]) -> None:
    moved = dict(moved)
    if "tables" in moved:
        moved["tables"] = {table: cells for table, cells in moved["tables"].items() if table in COLUMNS}
        if moved["tables"]["invoices"][1][2] == "A2":
            moved["tables"]["invoices"][1] = (2, 7, "A2", "2025-01-01")
    assert print_of(**moved) != print_of()


def test_null_and_empty_number_and_text_are_told_apart() -> None:
    prints = {print_of(changed("notes", 0, 3, value)) for value in (None, "", "None", 0, "0", b"0")}
    assert len(prints) == 6
