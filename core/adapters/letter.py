"""The answer to a customer as printable text in Turkish or English: the law, what was done, what stays and why, the remedies.

Promises: says no more than what was done (a mask is called pseudonymous, an erase with holds names each law and day); a refusal
and every final answer name the right to complain; without a name a place for it is left blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from core.adapters import papers
from core.locale import N_, Translator, translator
from core.model.letter import Answer, Letter
from core.model.records import Channel, Kind, Regime

BLANK_NAME = "." * 30

OPENING = {
    Kind.ANONYMISE: N_(
        "On {received} we received your request that your personal data be anonymised. It is registered under number {number}."
    ),
    Kind.ERASE: N_("On {received} we received your request that your personal data be erased. It is registered under number {number}."),
}

TOLD = {
    Answer.RECEIVED: N_("We will answer it free of charge by {due} at the latest."),
    Answer.EXTENDED: N_("The time for our answer is extended until {due} under Article 12(3) of the General Data Protection Regulation."),
    Answer.CANCELLED: N_(
        "The request was withdrawn. It is closed, and nothing in your data was changed because of it. "
        "You may file a new request at any time."
    ),
    Answer.REJECTED: N_("We have examined it and cannot fulfil it, for the reason given below."),
    Answer.ACCESS: N_(
        "On {decided} access to your account was blocked: nobody can sign in with it or reset its password any more. "
        "Your data were not masked or deleted."
    ),
    Answer.MASK: N_(
        "On {decided} access to your account was blocked and your personal data in our records were masked. "
        "What our books need, such as amounts, dates and states, remains without the details that identify you. "
        "As long as these entries remain linked to each other they are pseudonymous, not anonymous, data."
    ),
    Answer.ERASE: N_("On {decided} your account and your personal data in our records were deleted."),
}

REASON = N_("Reason: {reason}")
LESS = N_("This is less than you asked for.")
ERASED_EXCEPT = N_("On {decided} your account and your personal data in our records were deleted, except for what is listed below.")
HOLDS = N_(
    "The law obliges us to keep the invoices that were issued to you and the records that belong to them. They are kept for that "
    "purpose only, without the details that it does not demand, until the day named beside them; then what was done with the rest "
    "is done with them:"
)
KEPT = N_("These records stay, for the reason named beside them:")
HOLD_UNTIL = N_("{because}: {rows} records, until {until}")
HOLD_ONE_UNTIL = N_("{because}: 1 record, until {until}")
HOLD_ON = N_("{because}: {rows} records")
HOLD_ONE_ON = N_("{because}: 1 record")
BLACKLIST = N_(
    "So that no account can be opened again with the same details, coded forms (keyed fingerprints) of your contact and "
    "identity details are kept for a limited time. The details themselves are not kept for this."
)
WRITTEN = N_(
    "Your request reached us by phone. The law asks for a request in writing, by registered electronic mail (KEP), with a "
    "secure electronic or mobile signature, or from an e-mail address that you have registered with us. Please confirm it in "
    "one of these ways."
)
COMPLAINT = {
    Regime.KVKK: N_(
        "If your request was refused or you find this answer insufficient, you may complain to the Personal Data Protection "
        "Board under Article 14 of Law no. 6698 within thirty days of learning of this answer and in any case within sixty "
        "days of the date of your request."
    ),
    Regime.GDPR: N_(
        "You may lodge a complaint with a supervisory authority (Article 77 of the General Data Protection Regulation) and "
        "seek a judicial remedy (Article 79)."
    ),
}


def write_letter(letter: Letter, language: str) -> str:
    """The letter as lines of at most 78 columns, ending in a newline."""
    return "\n".join(_lines(letter, translator(language), language)) + "\n"


def _lines(letter: Letter, _: Translator, language: str) -> Iterator[str]:
    yield from papers.letterhead(letter.controller, _)
    yield ""
    yield from papers.paired(
        [
            (_("Date"), papers.day(letter.dated, language)),
            (_("Request number"), str(letter.number)),
            (_("Received on"), papers.day(letter.received_on, language)),
            (_("Law"), _(papers.LAWS[letter.regime])),
            (_("Subject"), _("Your request about your personal data")),
        ]
    )
    yield ""
    yield from papers.wrapped(_("Dear {name},").format(name=letter.name or BLANK_NAME))
    for paragraph in _paragraphs(letter, _, language):
        yield ""
        yield from paragraph
    yield from ["", _("Yours faithfully,"), "", ""]
    yield from papers.wrapped(letter.controller.name or BLANK_NAME)


def _paragraphs(letter: Letter, _: Translator, language: str) -> Iterator[list[str]]:
    def say(text: str) -> list[str]:
        return papers.wrapped(_(text).format(**_facts(letter, language)))

    yield say(OPENING[letter.asked])
    excepted = letter.answer is Answer.ERASE and letter.holds
    yield say(ERASED_EXCEPT if excepted else TOLD[letter.answer])
    if letter.answer is Answer.RECEIVED and letter.channel is Channel.PHONE and letter.regime is Regime.KVKK:
        yield say(WRITTEN)
    if letter.is_less:
        yield say(LESS)
    if letter.reason and letter.answer is not Answer.RECEIVED:
        yield say(REASON)
    for head, lines in ((HOLDS, held(letter, _, language)), (KEPT, kept(letter, _))):
        if lines:
            yield [*say(head), *papers.listed(lines)]
    if letter.blacklisted:
        yield say(BLACKLIST)
    if letter.answer.is_final:
        yield say(COMPLAINT[letter.regime])


def _facts(letter: Letter, language: str) -> dict[str, str | int]:
    decided = letter.decided_on or letter.dated
    return {
        "number": letter.number,
        "received": papers.day(letter.received_on, language),
        "due": papers.day(letter.due_on, language),
        "decided": papers.day(decided, language),
        "reason": letter.reason or "",
    }


def held(letter: Letter, _: Translator, language: str) -> list[str]:
    """One line a law and day; the customer is not told our tables."""
    rows: Counter[tuple[str, date]] = Counter()
    for hold in letter.holds:
        if hold.release_on:
            rows[hold.because, hold.release_on] += hold.rows
    return [
        _(HOLD_UNTIL if count > 1 else HOLD_ONE_UNTIL).format(
            because=papers.laws_named(because, _), rows=count, until=papers.day(until, language)
        )
        for (because, until), count in sorted(rows.items(), key=lambda line: (line[0][1], line[0][0]))
    ]


def kept(letter: Letter, _: Translator) -> list[str]:
    """What the data map keeps without an end; its reason need not be a law."""
    rows: Counter[str] = Counter()
    for hold in letter.holds:
        if not hold.release_on:
            rows[hold.because] += hold.rows
    return [_(HOLD_ON if count > 1 else HOLD_ONE_ON).format(because=because, rows=count) for because, count in rows.items()]
