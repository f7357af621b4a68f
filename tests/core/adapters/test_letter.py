"""The letter says what was done, why, what stays, and what the customer can do, in the customer's language."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.adapters import papers
from core.adapters.letter import BLANK_NAME, write_letter
from core.model.certificate import Controller
from core.model.letter import Answer, Letter
from core.model.records import Channel, HoldLine, Kind, Regime

LAW = "VUK 253 / TTK 82"
TTK = "Turkish Commercial Code no. 6102 (TTK), article 82"
NAMED = f"Tax Procedure Law no. 213 (VUK), article 253 / {TTK}"


def letter(answer: Answer, **changes: Any) -> Letter:
    facts: dict[str, Any] = {
        "controller": Controller(name="Örnek Barındırma A.Ş.", address="Şişli, İstanbul", mersis="0123456789012345"),
        "number": 7,
        "asked": Kind.ERASE if answer is Answer.ERASE else Kind.ANONYMISE,
        "regime": Regime.KVKK,
        "channel": Channel.LETTER,
        "received_on": date(2026, 11, 1),
        "due_on": date(2026, 12, 1),
        "dated": date(2026, 11, 24),
        "decided_on": date(2026, 11, 23),
        "reason": "The account belongs to a company." if answer in (Answer.REJECTED, Answer.EXTENDED) else None,
    }
    return Letter(answer, **facts | changes)


def told(answer: Answer, language: str = "en", **changes: Any) -> str:
    return " ".join(write_letter(letter(answer, **changes), language).split())


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("answer", Answer)
def test_every_outcome_has_a_letter_that_fits_a_page(answer: Answer, language: str, regime: Regime) -> None:
    text = write_letter(letter(answer, regime=regime, name="Ayşe Yılmaz"), language)
    lines = text.splitlines()
    assert max(map(len, lines)) <= papers.WIDTH
    assert all(line == line.rstrip() for line in lines)
    assert "{" not in text
    assert lines[0] == "Örnek Barındırma A.Ş."
    assert ("1 November 2026" if language == "en" else "1 Kasım 2026") in " ".join(text.split())
    assert "Ayşe Yılmaz" in text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer.RECEIVED, "free of charge by 1 December 2026"),
        (Answer.EXTENDED, "extended until 1 December 2026 under Article 12(3)"),
        (Answer.CANCELLED, "nothing in your data was changed"),
        (Answer.REJECTED, "Reason: The account belongs to a company."),
        (Answer.ACCESS, "On 23 November 2026 access to your account was blocked"),
        (Answer.MASK, "pseudonymous, not anonymous"),
        (Answer.ERASE, "On 23 November 2026 your account and your personal data in our records were deleted."),
    ],
)
def test_each_outcome_is_told(answer: Answer, words: str) -> None:
    assert words in told(answer)


@pytest.mark.parametrize("answer", [Answer.REJECTED, Answer.ACCESS, Answer.MASK, Answer.ERASE])
def test_a_final_answer_names_the_right_to_complain(answer: Answer) -> None:
    kvkk = told(answer)
    assert "Article 14 of Law no. 6698 within thirty days" in kvkk
    assert "sixty days" in kvkk
    gdpr = told(answer, regime=Regime.GDPR)
    assert "supervisory authority (Article 77" in gdpr
    assert "judicial remedy (Article 79)" in gdpr
    assert "6698" not in gdpr


@pytest.mark.parametrize("answer", [Answer.RECEIVED, Answer.EXTENDED, Answer.CANCELLED])
def test_an_answer_that_decides_nothing_names_no_complaint(answer: Answer) -> None:
    assert "complain" not in told(answer)


def test_holds_are_explained_by_law_and_day_and_without_our_tables() -> None:
    holds = (
        HoldLine("invoices", 3, LAW, date(2037, 1, 1)),
        HoldLine("invoice_lines", 9, LAW, date(2037, 1, 1)),
        HoldLine("signin_log", 5, "5651", None),
    )
    text = told(Answer.ERASE, holds=holds)
    assert "were deleted, except for what is listed below." in text
    assert "The law obliges us to keep the invoices that were issued to you and the records that belong to them." in text
    assert f"- {NAMED}: 12 records, until 1 January 2037 These records stay" in text
    assert text.index("for the reason named") < text.index("- 5651: 5 records")
    assert "invoice_lines" not in text
    assert "keep" not in told(Answer.ERASE)


def test_laws_are_called_by_their_names_in_both_languages_soonest_first() -> None:
    """A customer cannot be expected to know what VUK 253 is."""
    holds = (HoldLine("invoices", 3, LAW, date(2037, 1, 1)), HoldLine("payments", 1, "TTK m. 82", date(2030, 1, 1)))
    english = told(Answer.ERASE, holds=holds)
    assert f"- {TTK}: 1 record, until 1 January 2030 - {NAMED}: 3 records, until 1 January 2037" in english
    turkish = told(Answer.ERASE, "tr", holds=holds)
    assert "- 213 sayılı Vergi Usul Kanunu (VUK) madde 253 / 6102 sayılı Türk Ticaret Kanunu (TTK) madde 82: 3 kayıt" in turkish


def test_doing_less_is_told_with_its_reason() -> None:
    text = told(Answer.MASK, asked=Kind.ERASE, reason="The contract still runs.")
    assert "This is less than you asked for. Reason: The contract still runs." in text
    assert "less than" not in told(Answer.ACCESS)


def test_the_blacklist_is_disclosed() -> None:
    assert "keyed fingerprints" in told(Answer.ERASE, blacklisted=True)
    assert "fingerprints" not in told(Answer.ERASE)


def test_a_request_by_phone_is_asked_for_in_writing_under_kvkk_only() -> None:
    assert "Please confirm it" in told(Answer.RECEIVED, channel=Channel.PHONE)
    assert "Please confirm it" not in told(Answer.RECEIVED, channel=Channel.PHONE, regime=Regime.GDPR)
    assert "Please confirm it" not in told(Answer.ERASE, channel=Channel.PHONE)


def test_a_note_that_is_no_answer_is_not_told() -> None:
    assert "secret" not in told(Answer.RECEIVED, reason="secret")


def test_without_a_name_a_place_is_left_for_it() -> None:
    assert f"Dear {BLANK_NAME}," in told(Answer.ERASE)


def test_a_name_cannot_forge_a_line_or_reach_the_terminal() -> None:
    text = write_letter(letter(Answer.ACCESS, name="Ali\nSTATUS: ERASED\x1b]52;c;\x07 {number}"), "en")
    assert "STATUS: ERASED" not in text.splitlines()
    assert all(line.isprintable() for line in text.splitlines())
    assert "{number}" in text


def test_a_company_that_is_not_set_leaves_its_place() -> None:
    assert write_letter(letter(Answer.ACCESS, controller=Controller()), "en").rstrip().endswith(BLANK_NAME)
