"""What visitors read: the language of a visit, days and moments as it writes them, and the wording of what was refused.

Customers get words of their own: those of `core` speak to staff and name commands. What is not here is told in one sentence for all.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core import LANGUAGES, N_

NAMES = {"tr": "Türkçe", "en": "English"}
"""As each language calls itself."""
MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)


class Said(NamedTuple):
    """Wording of a refusal (a message id) and the status of its answer."""

    text: str
    status: int = 422


ELSE = Said(N_("That could not be done. Nothing was changed."), 409)
AGAIN = N_("The database cannot be reached at the moment. Nothing was changed. Please try again in a few minutes.")
REFUSALS: dict[str, Said] = {
    "sign-in-refused": Said(N_("The name or the password is not right, or this account cannot be used."), 403),
    "too-many-attempts": Said(N_("That was tried too often. Please wait {seconds} seconds, then try again."), 429),
    "link-used-up": Said(N_("This link is no longer good: it was used, or its time is over. Ask for a new one."), 410),
    "session-over": Said(N_("You were signed out. Please sign in again."), 403),
    "password-short": Said(N_("The password is too short: at least {least} characters.")),
    "password-long": Said(N_("The password is too long.")),
    "password-unreadable": Said(N_("The password holds characters that cannot be stored. Please choose another one.")),
    "passwords-differ": Said(N_("The two passwords are not the same.")),
    "email-invalid": Said(N_("This is no e-mail address. Write it as name@company.com.")),
    "registration-refused": Said(N_("An account with these details cannot be opened. Please ask the company."), 403),
    "field-needed": Said(N_("Please fill this in.")),
    "field-long": Said(N_("This is too long: at most {most} characters.")),
    "field-unreadable": Said(N_("This holds characters that cannot be stored. Please write it on one line.")),
    "field-choice": Said(N_("Please choose one of these.")),
    "field-date": Said(N_("Please write the day as 1984-03-19.")),
    "open-request-exists": Said(N_("You have an open request already, number {number}."), 409),
    "already-decided": Said(N_("This request is closed already."), 409),
    "request-changed": Said(N_("The request has changed meanwhile. Please look at it again."), 409),
    "not-understood": Said(N_("Please confirm that you have understood what it means.")),
    "kind-missing": Said(N_("Please choose what you ask for.")),
    "busy": Said(N_("Very many people are here at the moment. Please try again in a minute."), 503),
    "downloads-busy": Said(N_("Many downloads are being made at the moment. Please try again in a few minutes."), 503),
    "unavailable": Said(AGAIN, 503),
    "outcome-unknown": Said(
        N_("The line to the database was lost at the last step, so nobody knows yet whether it was done. Please look at the page again."),
        503,
    ),
    "text-changed": Said(N_("The text has changed since you opened the page. Please read it again."), 409),
    "not-found": Said(N_("This page does not exist."), 404),
    "stale-form": Said(N_("This page was open for too long, or comes from another window. Please try it once more."), 403),
    "too-large": Said(N_("What was sent is too large."), 413),
    "bad-request": Said(N_("This could not be read. Please go back and try again."), 400),
    "failed": Said(N_("Something went wrong on our side. Please tell the company this reference: {reference}"), 500),
}
DONE = {
    "consent-given": N_("Thank you. Your consent is on record."),
    "consent-withdrawn": N_("Your consent is withdrawn."),
    "notice-read": N_("It is on record that you have read the notice."),
    "filed": N_("Your request has been received. You will find its state here."),
    "cancelled": N_("Your request is cancelled."),
    "signed-out": N_("You are signed out."),
    "over": N_("You were signed out. Please sign in again."),
    "password": N_("Your new password counts from now on. Please sign in."),
}
"""What the page says after something was done; only these words can be asked for by an address."""


def chosen(asked: str | None, kept: str | None, accepted: str, default: str) -> str:
    """The language of a visit: asked for now, chosen before, what the browser prefers, the company's."""
    for one in (asked, kept):
        if one in LANGUAGES:
            return str(one)
    ranked = sorted((_ranked(part) for part in accepted[:200].split(",")), reverse=True)
    return next((name for weight, name in ranked if weight > 0 and name in LANGUAGES), default)


def _ranked(part: str) -> tuple[float, str]:
    name, _, weight = part.strip().partition(";q=")
    try:
        return float(weight or 1), name.strip()[:2].lower()
    except ValueError:
        return 0.0, ""


def day(value: date, language: str, months: tuple[str, ...]) -> str:
    """27 Kasım 2026, 27 November 2026; `months` in the language."""
    return f"{value.day} {months[value.month - 1]} {value.year}"


def moment(value: datetime, zone: str) -> datetime:
    """The moment in the company's time zone."""
    return value.astimezone(ZoneInfo(zone))
