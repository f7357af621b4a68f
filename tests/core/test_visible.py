"""Text that somebody else wrote, made safe for a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.visible import CUT, LIMIT, MARKS, safe, safe_lines

HOSTILE = {
    "\x1b]52;c;aGk=\x07": "‹U+001B›]52;c;aGk=‹U+0007›",
    "\x1b[31mred": "‹U+001B›[31mred",
    "\x9b31m": "‹U+009B›31m",
    "Ali\nSTATUS: ERASED OK": "Ali‹U+000A›STATUS: ERASED OK",
    "a\rb\tc": "a‹U+000D›b‹U+0009›c",
    "\u202eevil": "‹U+202E›evil",
    "a\u200bb\ufeffc": "a‹U+200B›b‹U+FEFF›c",
    "\U000e0041": "‹U+E0041›",
    "\ue000": "‹U+E000›",
    "\udc9f": "‹U+DC9F›",
    "\u3164": "‹U+3164›",
    "a\u2028b": "a‹U+2028›b",
    "[/bold] [link=x] :smile: arr[i]": "[/bold] [link=x] :smile: arr[i]",
    "İbrahim Şığöçü": "İbrahim Şığöçü",
    "\u0301a": "◌\u0301a",
    "a\u00a0b": "a b",
}


@pytest.mark.parametrize(("text", "shown"), HOSTILE.items())
def test_hostile_text_becomes_visible(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_three_hundred_accents_become_four() -> None:
    assert safe("a" + "\u0301" * 300) == "a" + "\u0301" * MARKS + CUT


def test_a_long_name_is_cut_and_says_so() -> None:
    shown = safe("x" * 100_000)
    assert len(shown) == LIMIT
    assert shown.endswith(CUT)


def test_no_half_of_a_code_is_left_where_it_is_cut() -> None:
    for limit in range(2, 30):
        shown = safe("ab\x1b\x1b\x1b\x1b", limit)
        assert shown.count("‹") == shown.count("›")


def test_lines_of_a_document_stay_lines() -> None:
    assert safe_lines("a\nb\x1b") == "a\nb‹U+001B›"


@given(st.text(st.characters(codec=None), max_size=400), st.integers(1, 300))
def test_nothing_dangerous_survives(text: str, limit: int) -> None:
    shown = safe(text, limit)
    assert len(shown) <= limit
    marks = 0
    for char in shown:
        category = unicodedata.category(char)
        assert category not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        marks = marks + 1 if category.startswith("M") else 0
        assert marks <= MARKS
    shown.encode("utf-8")


@given(st.text(st.characters(codec=None), max_size=100))
def test_safe_text_stays_as_it_is(text: str) -> None:
    once = safe(text, 10_000)
    assert safe(once, 10_000) == once
