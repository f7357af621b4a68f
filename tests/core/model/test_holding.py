"""Until when a law keeps a row: a day on record, and the customer's own row as long as an invoice is held."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.model.plan import Decided, Fate, Rules, decide
from core.model.preview import holds
from core.model.records import HoldLine, Resolution
from core.model.rowset import Address

from .test_plan import ADDRESSES, ERASE, HEAD, KEYS, MASK, TODAY, fates, found_of, load, one, rows  # type: ignore[import-not-found]

MASTER = HEAD.replace(
    "[tables.customers]\n",
    '[tables.customers]\nhold = { with_invoices = true, keep = ["name"], because = "VUK 253 (buyer)" }\n',
)


def planned(resolution: Resolution, text: str, today: date = TODAY, recorded: Any = None, years: int | None = 5, **tables: Any) -> Any:
    mapping, found = load(text, "t"), found_of(**tables)
    whole = {name: found.get(name, rows(name)) for name in mapping.tables}
    rules = Rules(mapping, KEYS, frozenset(), years, today, *([recorded] if recorded else []))
    return decide(rules, whole, resolution, {})


INVOICES: list[tuple[Any, ...]] = [(1, 7, "A1", "2024-06-30"), (2, 7, "A2", "2026-01-02"), (3, 7, None, None)]


@pytest.mark.parametrize("resolution", [MASK, ERASE])
def test_the_buyer_stays_readable_as_long_as_the_last_of_their_invoices(resolution: Resolution) -> None:
    plan = planned(resolution, MASTER, invoices=INVOICES)
    master: Decided = one(plan, "customers", 7)
    assert (master.fate, master.spared, master.because) == (Fate.HOLD, ("name",), "VUK 253 (buyer)")
    assert master.release_on == date(2032, 1, 1)
    assert HoldLine("customers", 1, "VUK 253 (buyer)", date(2032, 1, 1)) in holds(plan)


@pytest.mark.parametrize("resolution", [MASK, ERASE])
def test_without_an_issued_invoice_the_buyer_is_not_held(resolution: Resolution) -> None:
    plan = planned(resolution, MASTER, invoices=[(3, 7, None, None)])
    assert one(plan, "customers", 7).fate is (Fate.DELETE if resolution.erase else Fate.MASK)


def test_of_the_customers_addresses_only_the_named_ones_are_held() -> None:
    text = MASTER + ADDRESSES.replace(
        "shared = true", 'hold = { with_invoices = true, when = { id = 5 }, keep = ["line"], because = "VUK 253" }'
    )
    plan = planned(ERASE, text, invoices=INVOICES, addresses=[(5, "Kadıköy"), (6, "Urla")])
    assert fates(plan)["addresses"] == {5: "hold", 6: "delete"}


def test_nobody_s_access_rows_are_held() -> None:
    plan = planned(ERASE, MASTER, invoices=INVOICES, sessions=[(1, 7)])
    assert fates(plan)["sessions"] == {1: "delete"}


@pytest.mark.parametrize("years", [None, 0, 30])
def test_a_day_on_record_counts_whatever_the_setting_says_now(years: int | None) -> None:
    days = {(1,): date(2030, 1, 1), (2,): date(2040, 1, 1), (3,): date(2032, 1, 1)}

    def recorded(table: str, address: Address) -> date | None:
        return days[address] if table == "invoices" else None

    plan = planned(ERASE, MASTER, date(2032, 1, 1), recorded, years, invoices=INVOICES, lines=[(10, 1), (20, 2)])
    assert fates(plan)["invoices"] == {1: "delete", 2: "hold", 3: "delete"}
    assert fates(plan)["lines"] == {10: "delete", 20: "hold"}
    assert one(plan, "customers", 7).release_on == date(2040, 1, 1)
    later = planned(ERASE, MASTER, date(2040, 1, 1), recorded, years, invoices=INVOICES, lines=[(10, 1), (20, 2)])
    assert {fate for of_table in fates(later).values() for fate in of_table.values()} == {"delete"}
