"""What is fingerprinted: one person in every spelling is one text, and two persons are two. Properties beside examples."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from core.model.identity import canonical

MANY = settings(max_examples=300, deadline=None)
LOCALS = st.text("abcçdefgğhıijklmnoöprsştuüvyz0123456789._-+", min_size=1, max_size=12).filter(lambda t: any(c.isalnum() for c in t))
LABELS = st.text("abcçdefgğhijklmnoöprsştuüvyz0123456789", min_size=1, max_size=8)
DOMAINS = st.lists(LABELS, min_size=2, max_size=3).map(".".join)
MOBILES = st.integers(5300000000, 5399999999).map(str)
IDS = st.integers(10000000000, 99999999998).map(str)
INVISIBLE = ("\u200b", "\u00ad", "\u200e", "\ufeff", "\u2060")


def one_of(draw: st.DrawFn, letter: str) -> str:
    """One of the ways in which a letter comes from a Turkish keyboard, a phone or a copied text."""
    if letter in "ıi":
        return draw(st.sampled_from("iİIı"))
    wide = chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" and letter not in "<>" else letter
    return draw(st.sampled_from([letter, letter, letter.upper(), wide]))


@st.composite
def spelled_email(draw: st.DrawFn) -> tuple[str, str]:
    """(an address, the same as somebody else types it)"""
    local, domain = draw(LOCALS), draw(DOMAINS)
    typed = "".join(one_of(draw, c) for c in local)
    if draw(st.booleans()):
        place = draw(st.integers(0, len(typed)))
        typed = typed[:place] + draw(st.sampled_from(INVISIBLE)) + typed[place:]
    host = "".join(draw(st.sampled_from(".。．｡")) if c == "." else one_of(draw, c) for c in domain)
    if draw(st.booleans()) and not domain.isascii():
        host = ".".join(label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in domain.split("."))
    around = draw(st.sampled_from(["{}", " {} ", "mailto:{}", "Ali Kaya <{}>", "{}."]))
    return f"{local}@{domain}", around.format(f"{typed}@{host}")


@MANY
@given(spelled_email())
def test_one_address_is_one_text_however_it_is_typed(pair: tuple[str, str]) -> None:
    plain, typed = pair
    assert canonical("email", typed) == canonical("email", plain)


@MANY
@given(LOCALS, LOCALS, DOMAINS, DOMAINS)
@example("ali", "veli.ali", "x.example", "x.example")
@example("ali", "ali+shop", "x.example", "x.example")
@example("şen", "sen", "x.example", "x.example")
@example("a.li", "ali", "x.example", "x.example")
@example("ali", "ali", "x.example", "y.x.example")
def test_two_addresses_are_two_texts(one: str, other: str, here: str, there: str) -> None:
    def same(text: str) -> str:
        return text.replace("ı", "i")

    assume((same(one), same(here)) != (same(other), same(there)))
    found = canonical("email", f"{one}@{here}"), canonical("email", f"{other}@{there}")
    assert found[0] != found[1] or found == (None, None)


@st.composite
def spelled_mobile(draw: st.DrawFn) -> tuple[str, str]:
    """(a Turkish mobile number, the same as somebody else types it)"""
    number = draw(MOBILES)
    groups = draw(st.sampled_from([(3, 3, 2, 2), (3, 3, 4), (10,), (4, 6), (2, 2, 2, 2, 2)]))
    parts, at = [], 0
    for size in groups:
        parts.append(number[at : at + size])
        at += size
    gap = draw(st.sampled_from(["", " ", "-", ".", "\u00a0", "\u2009", "\u2011", "/", "  "]))
    typed = gap.join(parts)
    if draw(st.booleans()):
        typed = f"({typed[:3]}){typed[3:]}"
    typed = draw(st.sampled_from(["", "0", "+90", "+90 ", "0090 ", "+90 0", "90", "tel:+90"])) + typed
    digits = draw(st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９"]))
    return number, typed.translate(str.maketrans("0123456789", digits))


@MANY
@given(spelled_mobile())
def test_one_mobile_number_is_one_text_however_it_is_typed(pair: tuple[str, str]) -> None:
    number, typed = pair
    assert canonical("phone", typed) == canonical("phone", number) == f"+90{number}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0212.555.10.00", "0212 555 10 00"),
        ("0532.123.45.00", "+90 532 123 45 00"),
        ("5321234500.0", "0532 123 45 00"),
        ("+49 30 123456", "0049 30 123456"),
        ("0500 000 00 01", "+90 500 000 00 01"),  # no valid number: its digits
        ("444 0 123", "4440123"),
    ],
)
def test_phones_that_are_one(one: str, other: str) -> None:
    assert canonical("phone", one) == canonical("phone", other) is not None


@MANY
@given(MOBILES, MOBILES)
def test_two_mobile_numbers_are_two_texts(one: str, other: str) -> None:
    assume(one != other)
    assert canonical("phone", one) != canonical("phone", other)


@pytest.mark.parametrize("longer", ["+905321234567", "+1 5321234567", "0532123456", "05321234568", "532 123 45 6"])
def test_a_number_is_not_another_that_holds_it(longer: str) -> None:
    assert (canonical("phone", longer) == canonical("phone", "0532 123 45 67")) is (longer == "+905321234567")


@MANY
@given(IDS, st.sampled_from(["", " ", "-", ".", "\u00a0", "/"]), st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩"]))
def test_an_id_is_its_digits(number: str, gap: str, digits: str) -> None:
    typed = gap.join(number).translate(str.maketrans("0123456789", digits))
    for kind in ("national_id", "tax_id"):
        assert canonical(kind, f" {typed} ") == canonical(kind, number)


@MANY
@given(IDS, IDS)
@example("10000000146", "1000000014")
def test_two_ids_are_two_texts(one: str, other: str) -> None:
    assume(one != other)
    found = canonical("national_id", one), canonical("national_id", other)
    assert found[0] != found[1] or found == (None, None)


@pytest.mark.parametrize("short", ["7", "70", "007", "7.0", "a@", "@x.example", "ali", "***@x.example", "-", ""])
def test_what_identifies_nobody_has_no_text(short: str) -> None:
    assert all(canonical(kind, short) is None for kind in ("email", "phone", "national_id", "tax_id"))
