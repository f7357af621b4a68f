"""Options of every command: read before and after its name, up to a `--`."""

from __future__ import annotations

import pytest

from kvkk_cli.options import hoist


@pytest.mark.parametrize(
    "argv",
    [
        ["--db", "x.db", "--json", "requests", "list"],
        ["requests", "--json", "list", "--db", "x.db"],
        ["requests", "list", "--db=x.db", "--json"],
    ],
)
def test_the_place_of_an_option_does_not_matter(argv: list[str]) -> None:
    found = hoist(argv)
    assert (found.db, found.as_json, found.rest) == ("x.db", True, ["requests", "list"])


def test_nothing_is_taken_behind_two_dashes() -> None:
    found = hoist(["settings", "set", "company-name", "--", "--json", "--db"])
    assert found.rest == ["settings", "set", "company-name", "--", "--json", "--db"]
    assert not found.as_json


@pytest.mark.parametrize("argv", [["--db"], ["--db="], ["requests", "list", "--map"], ["--lang", "--", "x"]])
def test_an_option_without_its_value_is_a_complaint(argv: list[str]) -> None:
    complaint = hoist(argv).complaint
    assert complaint is not None
    assert complaint.code == "option-needs-value"


def test_a_value_may_hold_an_equals_sign() -> None:
    assert hoist(["--db=postgresql://h/d?sslmode=require"]).db == "postgresql://h/d?sslmode=require"


def test_the_last_one_counts() -> None:
    assert hoist(["--lang", "tr", "help", "--lang", "en"]).lang == "en"
