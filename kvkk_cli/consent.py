"""`kvkk consent`: give, withdraw, notice, show, list, text, texts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core import N_, UsageError
from kvkk_cli import consentviews, forms, values, words
from kvkk_cli.requests import Channels, Limit
from kvkk_cli.session import here
from kvkk_cli.values import Customer
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import ConsentFilter, ConsentPage, ConsentStatus, Desk, TextKind

app = typer.Typer()

How = Annotated[
    Channels,
    typer.Option(
        "--channel",
        metavar="CHANNEL",
        help=N_("How it was told: panel, registered-email, letter, in-person, kep, e-signature, phone, other."),
    ),
]
Received = Annotated[
    date | None,
    typer.Option(
        "--received",
        metavar="DATE",
        parser=values.day("--received"),
        help=N_("Day on which the customer's word came in; today when left out."),
        show_default=False,
    ),
]
Verified = Annotated[str | None, typer.Option("--verified-by", metavar="TEXT", help=N_("How the identity was verified."))]
Version = Annotated[
    int | None,
    typer.Option(
        "--text-version",
        metavar="N",
        min=1,
        max=999_999_999,
        help=N_("Version of the text; when left out the one in force, with --received the one of that day."),
    ),
]
Shown = Annotated[
    int | None,
    typer.Option("--text-version", metavar="N", min=1, max=999_999_999, help=N_("Version of the text; the one in force when left out.")),
]
Notice = Annotated[bool, typer.Option("--notice", help=N_("The privacy notice instead of the consent text."))]


@app.command("give", help=N_("Record that the customer accepts the consent text."))
def give(
    customer: Customer, channel: How = "other", received: Received = None, verified_by: Verified = None, version: Version = None
) -> None:
    wanted = values.customer(customer)
    with here().desk() as desk:
        more = _more(received, verified_by)
        _show(desk, desk.consent.give(desk.actor, wanted, _channel(channel), version=version, **more))


@app.command("withdraw", help=N_("Record that the customer withdraws the consent."))
def withdraw(customer: Customer, channel: How = "other", received: Received = None, verified_by: Verified = None) -> None:
    wanted = values.customer(customer)
    with here().desk() as desk:
        _show(desk, desk.consent.withdraw(desk.actor, wanted, _channel(channel), **_more(received, verified_by)))


@app.command("notice", help=N_("Record that the customer has read the privacy notice; this is no consent."))
def notice(
    customer: Customer, channel: How = "other", received: Received = None, verified_by: Verified = None, version: Version = None
) -> None:
    wanted = values.customer(customer)
    with here().desk() as desk:
        more = _more(received, verified_by)
        done = desk.consent.notice(desk.actor, wanted, _channel(channel), version=version, **more)
    here().out.show(done, lambda: here().out.sentence(_("Recorded: the customer has read the privacy notice.")))


@app.command("show", help=N_("Show whether the customer has accepted, which version, when and how, and everything said before."))
def show(customer: Customer) -> None:
    session = here()
    wanted = values.customer(customer)
    with session.desk() as desk:
        detail = desk.consent.show(desk.actor, wanted)
        session.out.show(detail, lambda: consentviews.detail(session.out, detail, session.zone(desk)))


@app.command("list", help=N_("List customers with their consent: who has accepted and who has not."))
def list_(
    given: Annotated[bool, typer.Option("--given", help=N_("Only whose consent counts."))] = False,
    missing: Annotated[bool, typer.Option("--missing", help=N_("Only who has no consent that counts."))] = False,
    outdated: Annotated[bool, typer.Option("--outdated", help=N_("Only who accepted an older version of the text."))] = False,
    limit: Limit = 50,
    after: Annotated[
        str | None, typer.Option("--after", metavar="CURSOR", help=N_("Go on after the page that ended with this cursor."))
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(
            "--search", metavar="TEXT|-", help=N_("Only whom a part of the name, e-mail, phone or id fits; - reads it from stdin.")
        ),
    ] = None,
) -> None:
    session = here()
    wanted = _filter(given=given, missing=missing, outdated=outdated)
    if search is not None and after is not None:
        raise UsageError("filters-exclude", allowed=("--search", "--after"))
    text = None if search is None else values.customer(search)
    with session.desk() as desk:
        page = _page(desk, wanted, after, text, limit)
        session.out.show(page, lambda: consentviews.page(session.out, page, session.zone(desk)))


@app.command("text", help=N_("Print the text that customers accept, in the language of --lang."))
def text(notice: Notice = False, version: Shown = None) -> None:
    session = here()
    with session.desk() as desk:
        found = desk.consent.text(desk.actor, _kind(notice), words.language(), version)
        zone = session.zone(desk)
    session.out.show(found, lambda: session.out.document(found.text, len(found.text)))
    session.out.say(consentviews.about(found, zone))


@app.command("texts", help=N_("List every version of the text with its SHA-256; versions are kept for ever."))
def texts(notice: Notice = False) -> None:
    session = here()
    with session.desk() as desk:
        found = desk.consent.texts(desk.actor, _kind(notice))
        session.out.show(found, lambda: consentviews.versions(session.out, found, session.zone(desk)))


def _page(desk: Desk, wanted: ConsentFilter, after: str | None, text: str | None, limit: int) -> ConsentPage:
    """A page of the list, or whom the text finds."""
    from core import ConsentPage

    if text is None:
        return desk.consent.list(desk.actor, wanted, after=after, limit=limit)
    return ConsentPage(desk.consent.find(desk.actor, text, wanted, limit=limit), None)


def _show(desk: Desk, status: ConsentStatus) -> None:
    session = here()
    session.out.show(status, lambda: session.out.sentence(forms.consent(status, session.zone(desk))))


def _more(received: date | None, verified_by: str | None) -> dict[str, Any]:
    return {"received_on": received, "verified_by": verified_by}


def _channel(name: str) -> Any:
    from core import Channel

    return Channel(name)


def _kind(notice: bool) -> TextKind:
    from core import TextKind

    return TextKind.NOTICE if notice else TextKind.CONSENT


def _filter(**chosen: bool) -> ConsentFilter:
    """Raises UsageError `filters-exclude` when there is more than one."""
    from core import ConsentFilter

    names = [name for name, on in chosen.items() if on]
    if len(names) > 1:
        raise UsageError("filters-exclude", allowed=tuple(f"--{name}" for name in chosen))
    return ConsentFilter(names[0]) if names else ConsentFilter.ALL
