"""Folding, fingerprintable values, finding and blanking: with examples from real data, and properties."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.folding import REPERTOIRE, VARIABLE
from core.model.identity import (
    Identifier,
    Matcher,
    Needle,
    blank_all,
    canonical,
    fold,
    fold_case,
    fold_email,
    fold_iban,
    fold_id,
    fold_phone,
    fold_user_name,
    needles,
)
from core.model.spellings import escapes, located, views

EMAIL = "ali.kaya@x.example"
PHONE = "+905321234567"
IBAN = "TR330006100519786457841326"
PERSON = (
    Identifier("email", EMAIL),
    Identifier("phone", PHONE),
    Identifier("national_id", "10000020028"),
    Identifier("iban", IBAN),
    Identifier("user_name", "oğuz.can"),
    Identifier("card", "4543601234567890"),
)
WANTED = needles(PERSON)
LETTERS = st.sampled_from("aAiİıIşŞsSçoÖ@.-+_ 0123456789éñﬁ㎏\u0301\u200b\u00ad٣%&\\\"'{}[]:;,\n\t\0\ud800")
PIECES = [
    *(EMAIL, EMAIL.upper(), "ali.kaya%40x.example", "\\u0061li.kaya@x.example", "&#97;li.kaya&#64;x.example", "x.example", "ali.kaya"),
    *("532 123 45 67", PHONE, "0(532)123-4567", "9005321234567", "10000020028", "100 000 20028", "4543-6012-3456-7890"),
    *("oguz.can", "OĞUZ.CAN", "TR33 0006 1005 1978 6457 8413 26", "\\n", "\\u0001", "%20", 's:3:"', "i:5321234567;"),
]
TEXTS = st.lists(LETTERS | st.sampled_from(PIECES), max_size=12).map("".join)


def one(kind: str, value: str) -> Needle:
    found = needles([Identifier(kind, value)])
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("text", ["ALİ", "ali", "Alı", "ALI", "ａｌｉ", "ÂLÎ", "a\u200bl\u00adi", "ALI\u0307", "Áli"])
def test_spellings_of_one_name_fold_to_one(text: str) -> None:
    assert fold(text) == "ali"


def test_the_fold_is_stable_and_blind_to_composition() -> None:
    for point in range(0x20000):
        character = chr(point)
        folded = fold(character)
        assert fold(folded) == folded
        assert fold(unicodedata.normalize("NFD", character)) == folded


def test_the_fold_goes_character_by_character() -> None:
    text = "İŞIK ﬁ\u0301 ＡŞ ③"
    assert fold(text) == "".join(fold(character) for character in text)


def test_ascii_takes_a_short_cut_to_the_same_result() -> None:
    for point in range(128):
        assert fold(chr(point)) == fold(chr(point) + "ş")[:-1]


def test_characters_of_the_repertoire_fold_to_one_character_each() -> None:
    assert all(len(fold(character)) == 1 for character in REPERTOIRE)
    assert set("cgiosua") <= VARIABLE
    assert not set("bdefhjklmnpqrtvwxyz0123456789@.") & VARIABLE


def test_fingerprints_keep_diacritics_and_forget_case_and_dots() -> None:
    assert fold_case("ŞENAY ALİ ILICA") == "şenay ali ilica"
    assert fold_email("ALİ@Ex.COM") == fold_email("alı@ex.com") == "ali@ex.com"
    assert fold_email("şen@ex.com") != fold_email("sen@ex.com")
    assert fold_email("ali+shop@ex.com") == "ali+shop@ex.com"
    assert fold_email("Ali Kaya <Ali@Ex.com>") == fold_email(" mailto:ali@ex.com. ") == "ali@ex.com"
    assert fold_email("ali@BÜYÜK.example") == fold_email("ali@xn--byk-hoab.example")
    assert fold_user_name(" Alİ.Kaya ") == "ali.kaya"


@pytest.mark.parametrize(
    "text",
    [
        "05321234567",
        "0532 123 45 67",
        "+90 (532) 123-4567",
        "0090 532 1234567",
        "905321234567",
        "5321234567",
        "５３２１２３４５６７",
        "5321234567.0",
    ],
)
def test_a_phone_has_one_canonical_form(text: str) -> None:
    assert fold_phone(text) == PHONE


def test_a_phone_that_cannot_be_is_its_digits() -> None:
    assert fold_phone("0 12") == "012"
    assert canonical("phone", "0500 000 00 01") == canonical("phone", "+90 500 000 00 01")


def test_numbers_and_ibans_are_their_digits_and_letters() -> None:
    assert fold_id("100 000-20028") == "10000020028"
    assert fold_iban("tr33 0006-1005 1978 6457 8413 26") == IBAN


@pytest.mark.parametrize("kind", ["email", "phone", "national_id", "tax_id", "iban", "user_name", "card", "name"])
@pytest.mark.parametrize("value", ["", "-", "0", "***", "a", "  ", "****1234", "00000", "yok"])
def test_what_identifies_nobody_has_no_canonical_form(kind: str, value: str) -> None:
    assert canonical(kind, value) is None
    assert needles([Identifier(kind, value)]) == ()


@pytest.mark.parametrize("value", ["11111111111", "2222222222", "12345678901", "1234567890"])
def test_filler_numbers_identify_nobody(value: str) -> None:
    assert canonical("national_id", value) is None
    assert canonical("tax_id", value) is None


@pytest.mark.parametrize("kind", ["birth_date", "secret", "free_text", "json", "other"])
def test_other_kinds_are_never_looked_for(kind: str) -> None:
    assert canonical(kind, "1984-03-19 something") is None


def test_values_of_people_stay_out_of_repr() -> None:
    for thing in (*PERSON, *WANTED):
        assert "532" not in repr(thing)
        assert "kaya" not in repr(thing)
        assert "can" not in repr(thing)


def test_needles_are_made_once_for_each_value() -> None:
    values = [("user_name", "Ali.Kaya@X.example"), ("email", "a1@x.example, ALİ.KAYA@x.example"), ("tax_id", "10000020028")]
    values += [("national_id", "10000020028"), ("phone", "0532 123 45 67; 0532 123 45 68")]
    found = needles(Identifier(kind, value) for kind, value in values)
    assert [needle.kind for needle in found] == ["email", "email", "phone", "phone", "national_id"]


ADDRESS = [
    *("ali.kaya@x.example", "<ALİ.KAYA@X.EXAMPLE>", "mailto:ali.kaya@x.example?subject=a", "yaz: ali.kaya@x.example."),
    *("a,ali.kaya@x.example;b", "ALI.KAYA@X.EXAMPLE", "'ali.kaya@x.example'", "ali.kaya@x.example-5321234567"),
    *("ali.kaya%40x.example", "ali.kaya%2540x.example", "ali.kaya\\u0040x.example", "&#97;li.kaya&commat;x.example"),
    *('{"a":"line\\nali.kaya@x.example"}', "ａli.kaya＠x.example", "ali\u200b.kaya@x.example"),
]
NOT_THE_ADDRESS = [
    *("veli.ali.kaya@x.example", "veli-ali.kaya@x.example", "veli+ali.kaya@x.example", "xali.kaya@x.example", "5ali.kaya@x.example"),
    *("ali.kaya@x.example.com", "ali.kaya@x.example-shop.com", "ali.kaya@x.examples", "ali.kaya@x.exampleş"),
    *("ali.kaya@ x.example", "ali.kaya", ""),
]
NUMBER = [
    *("0532 123 45 67", "+905321234567", "00905321234567", "tel:5321234567x", "(0532) 123-45-67", "+90 (0532) 1234567"),
    *("0532.123.45.67", "5321234567", "+90 532 123 45 67", "[532]-[123]/4567", "0532\u00a0123\u00a04567", "0532–123–4567"),
    *("p=0532%20123%2045%2067", "p=%2B90+532+123+45+67", "0532\\n1234567", '{"tel": 5321234567}'),
    *("5321234567.0", "-5321234567", "٥٣٢١٢٣٤٥٦٧", "1 5321234567 2"),
]


@pytest.mark.parametrize("text", ADDRESS)
def test_an_address_is_found(text: str) -> None:
    needle = one("email", EMAIL)
    assert needle.found_in(text)
    blanked, count = needle.blank(text)
    assert count == 1
    assert not needle.found_in(blanked)


@pytest.mark.parametrize("text", NOT_THE_ADDRESS)
def test_another_address_is_not_found(text: str) -> None:
    assert not one("email", EMAIL).found_in(text)
    assert one("email", EMAIL).blank(text) == (text, 0)


def test_a_domain_is_found_in_both_of_its_forms() -> None:
    needle = one("email", "ali@büyük.example")
    assert all(needle.found_in(text) for text in ("x ali@BÜYÜK.example", "ali@buyuk.example", "ali@xn--byk-hoab.example"))


@pytest.mark.parametrize("text", NUMBER)
def test_a_phone_is_found(text: str) -> None:
    needle = one("phone", "0532 123 45 67")
    assert needle.found_in(text)
    assert not needle.found_in(needle.blank(text)[0])


@pytest.mark.parametrize(
    "text", ["15321234567", "53212345678", "0532 123 45 6", "532a1234567", "5,321,234,567", "532 123      4567", "1984-03-19"]
)
def test_another_number_is_not_found(text: str) -> None:
    assert not one("phone", PHONE).found_in(text)


def test_numbers_and_ibans_are_found_in_blocks() -> None:
    assert one("national_id", "10000020028").found_in("TC 100 000 200 28")
    assert not one("national_id", "10000020028").found_in("910000020028")
    assert one("tax_id", "0123456786").found_in("VKN: 123456786")
    assert one("iban", IBAN).found_in("IBAN: tr33 0006 1005 1978 6457 8413 26.")
    assert not one("iban", IBAN).found_in(IBAN + "1")
    assert one("card", "4543 6012 3456 7890").found_in("kart 4543-6012-3456-7890")


def test_words_are_found_whole() -> None:
    needle = one("user_name", "oğuz.can")
    assert all(needle.found_in(text) for text in ("OGUZ.CAN", "kullanıcı oğuz.can.", "/home/oguz.can/x", "oguz.can'ın", "login=oguz.can&x"))
    assert not any(needle.found_in(text) for text in ("oguz.cani", "x.oguz.can", "oguz.can@x.example", "oguz.can-2", "oguz can"))
    name = one("name", "Ayşe Yılmaz")
    assert all(name.found_in(text) for text in ("Sayın AYŞE  YILMAZ,", "ayse\nyilmaz"))
    assert not name.found_in("ayşe yılmazer")


@pytest.mark.parametrize(
    ("kind", "value"), [("user_name", "ahmet"), ("phone", "0 444 12"), ("email", "noreply@x.example"), ("name", "Ahmet")]
)
def test_a_common_value_is_found_as_a_whole_cell_only(kind: str, value: str) -> None:
    needle = one(kind, value)
    assert needle.common
    assert needle.found_in(f" {value.upper()} ")
    assert not needle.found_in(f"bir {value} daha")
    assert needle.blank(value) == ("***", 1)


def test_whole_means_the_cell_and_nothing_else() -> None:
    needle = one("email", EMAIL)
    assert all(needle.whole(text) for text in (EMAIL, " ALİ.KAYA@X.EXAMPLE ", "<ali.kaya@x.example>", '"ali.kaya%40x.example"'))
    assert not any(needle.whole(text) for text in ("", "to " + EMAIL, EMAIL + ", b@x.example"))
    assert one("phone", PHONE).whole("0(532) 123 45 67")
    assert one("phone", PHONE).whole("5321234567")


def test_json_stays_json() -> None:
    text = '{"tel": 5321234567, "n": -5321234567.5e1, "to": ["ali.kaya\\u0040x.example"], "5321234567": "\\u00fc 0532\\t1234567"}'
    blanked, count = blank_all(text, WANTED)
    assert json.loads(blanked) == {"tel": "***", "n": "***", "to": ["***"], "***": "ü ***"}
    assert count == 5


def test_php_strings_keep_their_lengths_in_bytes() -> None:
    inner = 'a:1:{s:5:"email";s:18:"ali.kaya@x.example";}'
    text = f'a:3:{{s:3:"şe";s:24:"ş ali.kaya@x.example ş";s:1:"n";i:5321234567;s:1:"x";s:{len(inner)}:"{inner}";}}'
    blanked, count = blank_all(text, WANTED)
    assert blanked == 'a:3:{s:3:"şe";s:9:"ş *** ş";s:1:"n";i:0;s:1:"x";s:28:"a:1:{s:5:"email";s:3:"***";}";}'
    assert count == 3


def test_php_inside_json_and_json_inside_php() -> None:
    php = 's:18:"ali.kaya@x.example";'
    assert json.loads(blank_all(json.dumps({"d": php}), WANTED)[0]) == {"d": 's:3:"***";'}
    document = json.dumps({"tel": 5321234567})
    assert blank_all(f's:{len(document)}:"{document}";', WANTED)[0] == 's:14:"{"tel": "***"}";'


def test_a_php_length_that_does_not_fit_is_blanked_as_text() -> None:
    assert blank_all('a:1:{s:5:"ali.kaya@x.example";}', WANTED) == ('a:1:{s:5:"***";}', 1)


def test_an_escape_is_never_cut_in_two() -> None:
    needle = one("national_id", "10000020028")
    text = '{"a": "\\u000110000020028"}'
    assert needle.found_in(text)
    assert json.loads(needle.blank(text)[0])["a"].endswith("***")


@given(TEXTS)
def test_after_blanking_nothing_is_found(text: str) -> None:
    blanked, count = blank_all(text, WANTED)
    assert not any(needle.found_in(blanked) for needle in WANTED)
    assert (count > 0) == any(needle.found_in(text) for needle in WANTED)
    assert count > 0 or blanked == text


@given(
    st.recursive(
        TEXTS | st.integers() | st.none() | st.just(5321234567),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=6,
    ),
    st.booleans(),
)
def test_blanked_json_parses_and_holds_nothing(tree: object, ascii_only: bool) -> None:
    text = json.dumps([tree], ensure_ascii=ascii_only)
    blanked, _ = blank_all(text, WANTED)
    json.loads(blanked)
    assert not any(needle.found_in(blanked) for needle in WANTED)


@given(st.lists(TEXTS.filter(lambda text: "\ud800" not in text), max_size=4))
def test_blanked_php_keeps_valid_lengths(parts: list[str]) -> None:
    def php(items: list[str]) -> str:
        return f"a:{len(items)}:{{" + "".join(f'i:{n};s:{len(item.encode())}:"{item}";' for n, item in enumerate(items)) + "}"

    blanked, _ = blank_all(php(parts), WANTED)
    expected = [blank_all(part, WANTED)[0] for part in parts]
    assert blanked == php(expected)


@given(TEXTS)
def test_the_matcher_finds_what_each_needle_finds(text: str) -> None:
    wanted = (*WANTED, one("user_name", "ahmet"), one("name", "Ali Oguz"), one("user_name", "@alii"), one("email", "ali-@x.example"))
    assert Matcher(wanted).hits(text) == {place for place, needle in enumerate(wanted) if needle.found_in(text)}


@given(TEXTS)
def test_readings_with_places_are_the_readings_without(text: str) -> None:
    assert tuple(view.text for view in located(text)) == views(text)
    for view in located(text):
        assert len(view.text) == len(view.spans)
        assert list(view.spans) == sorted(view.spans)
    assert all(re.match(r"[&\\%]", text[start]) for start, _ in escapes(text))
