"""States, moves and deadlines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import lifecycle
from core.model.records import OPEN_STATES, Kind, Regime, Role, State

DAYS = st.dates(date(2016, 10, 7), date(2200, 1, 1))
RECEIVED = date(2025, 1, 31)


def facts(**but: object) -> lifecycle.Facts:
    usual = {
        "kind": Kind.ERASE,
        "state": State.PENDING,
        "regime": Regime.GDPR,
        "received_on": RECEIVED,
        "extended_to": None,
        "today": RECEIVED,
    }
    return lifecycle.Facts(**(usual | but))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("received", "months", "day"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 3, 31), 1, date(2025, 4, 30)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2025, 2, 28), 1, date(2025, 3, 28)),
    ],
)
def test_a_calendar_month_ends_on_the_same_day_or_the_last(received: date, months: int, day: date) -> None:
    assert lifecycle.months_later(received, months) == day


def test_kvkk_gives_thirty_days_and_never_more() -> None:
    assert lifecycle.due_on(Regime.KVKK, date(2025, 6, 2), 30) == date(2025, 7, 2)
    assert lifecycle.due_on(Regime.KVKK, date(2025, 6, 2), 10) == date(2025, 6, 12)
    assert lifecycle.due_on(Regime.KVKK, date(2025, 6, 2), 90) == date(2025, 7, 2)


def test_gdpr_counts_from_receipt_also_when_it_is_extended() -> None:
    """Three months from 30 November end on 28 February, not on the 28th carried on from a shorter month."""
    assert lifecycle.due_on(Regime.GDPR, date(2025, 11, 30), 5) == date(2025, 12, 30)
    assert lifecycle.extended_due_on(date(2025, 11, 30)) == date(2026, 2, 28)


@given(DAYS, st.integers(1, 30))
def test_a_deadline_is_after_receipt_and_within_the_law(received: date, days: int) -> None:
    kvkk, gdpr = lifecycle.due_on(Regime.KVKK, received, days), lifecycle.due_on(Regime.GDPR, received, days)
    assert timedelta(1) <= kvkk - received <= timedelta(30)
    assert timedelta(28) <= gdpr - received <= timedelta(31)
    last = (gdpr + timedelta(1)).day == 1
    assert gdpr.day == received.day or (last and gdpr.day < received.day)
    assert gdpr < lifecycle.extended_due_on(received) <= gdpr + timedelta(64)


@given(DAYS, DAYS)
def test_a_later_receipt_is_never_due_earlier(one: date, two: date) -> None:
    first, second = sorted((one, two))
    for regime in Regime:
        assert lifecycle.due_on(regime, first, 30) <= lifecycle.due_on(regime, second, 30)


@pytest.mark.parametrize("state", [state for state in State if state not in OPEN_STATES])
def test_nothing_leaves_a_final_state(state: State) -> None:
    assert {m.why_not for m in lifecycle.moves(facts(state=state), Role.ADMIN)} == {"already-decided"}
    assert lifecycle.days_left(state, RECEIVED, RECEIVED + timedelta(9)) == 0


def test_a_pending_erase_can_be_moved_in_every_way() -> None:
    found = lifecycle.moves(facts(), Role.OPERATOR)
    assert [m.verb for m in found] == ["resolve", "reject", "cancel", "approve", "extend"]
    assert all(m.allowed and m.why_not is None for m in found)


def test_a_viewer_hears_that_the_role_is_missing_unless_nobody_could_do_it() -> None:
    found = {m.verb: m.why_not for m in lifecycle.moves(facts(regime=Regime.KVKK), Role.VIEWER)}
    assert found.pop("extend") == "extend-only-gdpr"
    assert set(found.values()) == {"move-needs-operator"}


@pytest.mark.parametrize(
    ("verb", "but", "why_not"),
    [
        ("approve", {"kind": Kind.ANONYMISE}, "approve-only-erase"),
        ("approve", {"state": State.APPROVED}, "already-approved"),
        ("resolve", {"state": State.APPROVED}, None),
        ("extend", {"regime": Regime.KVKK}, "extend-only-gdpr"),
        ("extend", {"extended_to": date(2025, 4, 30)}, "already-extended"),
        ("extend", {"today": date(2025, 2, 28)}, None),
        ("extend", {"today": date(2025, 3, 1)}, "extend-too-late"),
    ],
)
def test_a_move_says_why_it_is_not_allowed(verb: str, but: dict[str, object], why_not: str | None) -> None:
    assert lifecycle.why_not(verb, facts(**but)) == why_not


def test_days_left_are_negative_when_overdue() -> None:
    assert lifecycle.days_left(State.PENDING, date(2025, 6, 2), date(2025, 6, 5)) == -3
