"""The built-in templates of messages, as message ids: Turkish stands in the catalogue. `$fields` as in `core.model.notices`."""

from __future__ import annotations

from core.locale import N_, translator

DEAR = N_("Dear $name,")
FAITHFULLY = N_("Yours faithfully,")
SIGNED = "$company\n$contact"
ASKED = N_("You asked us on $received_on about your personal data (request no. $number: $kind).")
IGNORE = N_("If you did not ask for it, you need not do anything: nobody can use the link without this message.")
SEE = N_("`kvkk requests show $number` shows everything about it.")
FACTS = N_("Request: $number\nAsked for: $kind\nReceived on: $received_on\nTo be answered by: $due_on")

BUILT_IN: dict[str, tuple[str, tuple[str, ...]]] = {
    "received": (
        N_("We have received your request no. $number"),
        (
            DEAR,
            N_("Your request about your personal data ($kind) reached us on $received_on and is registered under number $number."),
            N_("We will answer it free of charge by $due_on at the latest."),
            "$confirmation",
            N_("You can withdraw it for as long as it has not been decided."),
            FAITHFULLY,
            SIGNED,
        ),
    ),
    "resolved": (
        N_("Answer to your request no. $number"),
        (DEAR, ASKED, "$done", "$reason", "$holds", "$blacklist", "$complaint", FAITHFULLY, SIGNED),
    ),
    "rejected": (
        N_("Answer to your request no. $number"),
        (
            DEAR,
            ASKED,
            N_("We examined it, and on $decided_on we found that we cannot fulfil it."),
            "$reason",
            "$complaint",
            FAITHFULLY,
            SIGNED,
        ),
    ),
    "extended": (
        N_("We need more time for your request no. $number"),
        (
            DEAR,
            ASKED,
            N_("The time for our answer is extended until $due_on under Article 12(3) of the General Data Protection Regulation."),
            "$reason",
            FAITHFULLY,
            SIGNED,
        ),
    ),
    "cancelled": (
        N_("Your request no. $number has been withdrawn"),
        (
            DEAR,
            ASKED,
            N_(
                "The request was withdrawn on $decided_on. It is closed, and nothing in your data was changed because of it. "
                "You may file a new request at any time."
            ),
            "$reason",
            N_("If you did not withdraw it, please tell us."),
            FAITHFULLY,
            SIGNED,
        ),
    ),
    "downloaded": (
        N_("Your data have been downloaded"),
        (
            DEAR,
            N_("On $at a copy of your personal data in our records was downloaded."),
            N_("If neither you nor somebody on your behalf asked for it, please tell us at once."),
            FAITHFULLY,
            SIGNED,
        ),
    ),
    "reset": (
        N_("Your new password"),
        (
            DEAR,
            N_("Somebody asked for a new password for your account. With this link you can choose one within $minutes minutes:"),
            "$link",
            IGNORE,
            FAITHFULLY,
            SIGNED,
        ),
    ),
    "signin": (
        N_("Your link to sign in"),
        (
            DEAR,
            N_("With this link you can sign in once, within $minutes minutes:"),
            "$link",
            IGNORE,
            FAITHFULLY,
            SIGNED,
        ),
    ),
    "register": (
        N_("Your link to open an account"),
        (
            N_("Hello,"),
            N_("With this link you can open your account, once, within $minutes minutes:"),
            "$link",
            IGNORE,
            FAITHFULLY,
            SIGNED,
        ),
    ),
    "new-request": (N_("New request no. $number"), (N_("A new request has been filed."), FACTS, SEE)),
    "near": (N_("Deadline is near: request no. $number"), (N_("A request must be answered soon."), FACTS, SEE)),
    "overdue": (
        N_("Deadline is over: request no. $number"),
        (N_("A request has not been answered in time. Please answer it without delay."), FACTS, SEE),
    ),
}
"""Event -> subject and paragraphs."""


def built_in(event: str, language: str) -> tuple[str, str]:
    """(subject, body) of an event in a language."""
    say = translator(language)
    subject, paragraphs = BUILT_IN[event]
    return say(subject), "\n\n".join(say(one) for one in paragraphs)
