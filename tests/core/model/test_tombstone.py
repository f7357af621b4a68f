"""A tombstone is one text for ever, and proofs do not depend on who tells a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from core.model.tombstone import Deed, Mark, Tombstone, created_text, proof_text

AT = datetime(2026, 11, 27, 9, 30, 0, 123456, UTC)
STONE = Tombstone(
    request=12,
    at=AT,
    deed=Deed.MASK,
    key_id="ab" * 8,
    subject="c" * 64,
    created="d" * 64,
    proofs=("e" * 64, "f" * 64),
    marks=(Mark("email", "0" * 64, "ab" * 8, date(2029, 11, 27)),),
)


def test_it_comes_back_whole_and_with_the_same_name() -> None:
    again = Tombstone.from_data(STONE.to_data())
    assert again == STONE
    assert again.uid == STONE.uid
    assert len(STONE.uid) == 32


def test_its_name_does_not_depend_on_the_time_zone_in_which_it_was_read() -> None:
    istanbul = AT.astimezone(timezone(timedelta(hours=3)))
    assert Tombstone(12, istanbul, Deed.MASK, "ab" * 8, "c" * 64).uid == Tombstone(12, AT, Deed.MASK, "ab" * 8, "c" * 64).uid


def test_another_moment_another_name() -> None:
    later = Tombstone.from_data(STONE.to_data() | {"at": (AT + timedelta(microseconds=1)).isoformat()})
    assert later.uid != STONE.uid


def test_a_deed_on_a_customer_without_a_token_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="known again"):
        Tombstone(12, AT, Deed.ERASE, "ab" * 8)
    with pytest.raises(ValueError, match="time zone"):
        Tombstone(12, AT.replace(tzinfo=None), Deed.ERASE, "ab" * 8, "c" * 64)
    assert not Tombstone(0, AT, Deed.UNLISTED, "ab" * 8).deed.closes


@pytest.mark.parametrize(
    "told",
    [
        "2024-03-01 10:20:30",
        "2024-03-01T10:20:30",
        " 2024-03-01 10:20:30.000000 ",
        "2024-03-01T13:20:30+03:00",
        datetime(2024, 3, 1, 10, 20, 30),
        datetime(2024, 3, 1, 10, 20, 30, 999, UTC),
        datetime(2024, 3, 1, 13, 20, 30, tzinfo=timezone(timedelta(hours=3))),
    ],
)
def test_a_moment_is_one_text_whichever_driver_tells_it(told: object) -> None:
    assert created_text(told) == "2024-03-01T10:20:30"


def test_days_numbers_and_other_texts_are_moments_too() -> None:
    assert created_text(date(2024, 3, 1)) == created_text("2024-03-01") == "2024-03-01T00:00:00"
    assert created_text(1709288430) == "1709288430"
    assert created_text("0000-00-00") == "0000-00-00"
    assert created_text(None) is created_text("") is created_text("  ") is None


def test_a_proof_binds_a_value_to_a_kind_and_a_moment() -> None:
    texts = {
        proof_text("email", "a@x.example", "2024"),
        proof_text("phone", "a@x.example", "2024"),
        proof_text("email", "a@x.example", None),
    }
    assert len(texts) == 3
