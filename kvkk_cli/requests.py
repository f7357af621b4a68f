"""`kvkk requests`: list, show, add, cancel, reject, approve, extend."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from core import N_, UsageError
from kvkk_cli import several, values, views
from kvkk_cli.forms import day, named
from kvkk_cli.session import here
from kvkk_cli.values import Reason, Req, Reqs
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk, RequestPage, RequestRow

app = typer.Typer()

States = Literal["pending", "approved", "resolved", "rejected", "cancelled", "open", "all"]
Kinds = Literal["anonymise", "erase"]
Channels = Literal["panel", "registered-email", "letter", "in-person", "kep", "e-signature", "phone", "other"]
Came = Annotated[
    Channels,
    typer.Option(
        "--channel",
        metavar="CHANNEL",
        help=N_("How it came in: panel, registered-email, letter, in-person, kep, e-signature, phone, other."),
    ),
]
Received = Annotated[
    date | None,
    typer.Option(
        "--received",
        metavar="DATE",
        parser=values.day("--received"),
        help=N_("Day of receipt; today when left out."),
        show_default=False,
    ),
]
VerifiedBy = Annotated[str | None, typer.Option("--verified-by", metavar="TEXT", help=N_("How the identity was verified."))]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, metavar="N", help=N_("At most so many."))]


@app.command("list", help=N_("List requests by deadline, most urgent first; open ones unless told otherwise."))
def list_(
    state: Annotated[
        States, typer.Option("--state", metavar="STATE", help=N_("pending, approved, resolved, rejected, cancelled, open or all."))
    ] = "open",
    kind: Annotated[Kinds | None, typer.Option("--kind", help=N_("Only this kind of request."))] = None,
    customer: Annotated[str | None, typer.Option("--customer", metavar="CUSTOMER", help=N_("Only requests of this customer."))] = None,
    received_before: Annotated[
        date | None,
        typer.Option("--received-before", metavar="DATE", parser=values.day("--received-before"), help=N_("Received before this day.")),
    ] = None,
    due_before: Annotated[
        date | None,
        typer.Option("--due-before", metavar="DATE", parser=values.day("--due-before"), help=N_("To be answered before this day.")),
    ] = None,
    limit: Limit = 50,
    after: Annotated[
        str | None, typer.Option("--after", metavar="CURSOR", help=N_("Go on after the page that ended with this cursor."))
    ] = None,
) -> None:
    from core import OPEN_STATES, Kind, RequestFilter, State

    states = OPEN_STATES if state == "open" else () if state == "all" else (State(state),)
    wanted = RequestFilter(
        states=states,
        kind=Kind(kind) if kind else None,
        customer=values.customer(customer) if customer else None,
        received_before=received_before,
        due_before=due_before,
        limit=limit,
        after=after,
    )
    with here().desk() as desk:
        page = desk.requests.list(desk.actor, wanted)
        near = int(desk.settings.get(desk.actor, "near-days"))
    here().out.show(page, lambda: _page(page, near))


def _page(page: RequestPage, near: int) -> None:
    views.queue(here().out, page.rows, near=near)
    here().out.say(_("{shown} shown; {total} requests are open.").format(shown=len(page.rows), total=page.total_open))
    if page.cursor:
        here().out.say(_("More: add --after {cursor}").format(cursor=page.cursor))


@app.command("show", help=N_("Show everything about one request: customer, services, invoices, state, history."))
def show(req: Req) -> None:
    with here().desk() as desk:
        detail = desk.requests.show(desk.actor, req)
        here().out.show(detail, lambda: views.request(here().out, detail, here().zone(desk)))


@app.command("add", help=N_("File a request on the customer's behalf, or a whole list of them from a CSV file."))
def add(
    customer: values.MaybeCustomer = None,
    anonymise: Annotated[bool, typer.Option("--anonymise", help=N_("The data are to be anonymised."))] = False,
    anonymize: Annotated[bool, typer.Option("--anonymize", hidden=True)] = False,
    erase: Annotated[bool, typer.Option("--erase", help=N_("The data are to be erased."))] = False,
    channel: Came = "other",
    received: Received = None,
    regime: Annotated[
        Literal["kvkk", "gdpr"] | None, typer.Option("--regime", help=N_("Law that sets the deadline; else the setting."))
    ] = None,
    verified_by: VerifiedBy = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help=N_("Note of staff."))] = None,
    from_file: Annotated[
        str | None,
        typer.Option(
            "--from-file",
            metavar="CSV|-",
            help=N_(
                "File every line of a list, which names its columns in the first line: customer, kind, channel, received, regime, "
                "verified_by, note."
            ),
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help=N_("With --from-file: check every line and file none."))] = False,
) -> None:
    from core import Channel, Kind, NewRequest, Regime

    anonymise = anonymise or anonymize
    if from_file is not None:
        said = (customer, anonymise, erase, received, regime, verified_by, note, channel != "other")
        from kvkk_cli import intake

        intake.from_file(from_file, dry_run=dry_run, alone=not any(said))
        return
    if dry_run:
        raise UsageError("dry-run-needs-file")
    if customer is None:
        raise UsageError("missing-argument", argument="CUSTOMER", command="kvkk requests add")
    if anonymise and erase:
        raise UsageError("anonymise-with-erase")
    if not (anonymise or erase):
        raise UsageError("nothing-chosen", allowed=("--anonymise", "--erase"))
    new = NewRequest(
        customer=values.customer(customer),
        kind=Kind.ERASE if erase else Kind.ANONYMISE,
        channel=Channel(channel),
        received_on=received,
        regime=Regime(regime) if regime else None,
        verified_by=verified_by,
        note=note,
    )
    with here().desk() as desk:
        row = desk.requests.add(desk.actor, new)
    here().out.show(row, lambda: here().out.line(str(row.number)))
    here().out.say(_("Request {number} is filed; it must be answered by {day}.").format(number=row.number, day=day(row.due_on)))
    if channel == "phone":
        here().out.warn(_("A phone call is no valid channel under KVKK: ask the customer for a written confirmation."))


@app.command("cancel", help=N_("Cancel requests on the customer's word."))
def cancel(req: Reqs, reason: Reason = None) -> None:
    _each(req, lambda desk, number: desk.requests.cancel(desk.actor, number, reason))


@app.command("reject", help=N_("Refuse requests; the law asks for a reason, and the customer is told."))
def reject(req: Reqs, reason: Reason = None) -> None:
    if not (reason or "").strip():
        raise UsageError("text-needed", field="reason")
    _each(req, lambda desk, number: desk.requests.reject(desk.actor, number, reason or ""))


@app.command(
    "approve",
    help=N_("Approve permanent erases as the second person, each for exactly what it would touch now: `kvkk resolve REQ --erase -n`."),
)
def approve(
    req: Reqs,
    plan: Annotated[
        str | None,
        typer.Option("--plan", metavar="FINGERPRINT", help=N_("Refuse when anything has changed since the preview with this fingerprint.")),
    ] = None,
) -> None:
    if plan and len(req) > 1:
        raise UsageError("plan-needs-one")
    _each(req, lambda desk, number: desk.requests.approve(desk.actor, number, plan))
    if not here().status:
        here().out.say(_("Somebody else can carry it out as long as nothing changes in what it would touch."))


@app.command("extend", help=N_("Extend the deadline under GDPR art. 12(3) and tell the customer why."))
def extend(req: Req, reason: Reason = None) -> None:
    if not (reason or "").strip():
        raise UsageError("text-needed", field="reason")
    _each([req], lambda desk, number: desk.requests.extend(desk.actor, number, reason or ""))


def _each(numbers: list[int], verb: Callable[[Desk, int], RequestRow]) -> None:
    several.once_each(numbers)
    with here().desk() as desk:
        several.run(numbers, lambda number: verb(desk, number), _moved)


def _moved(row: Any) -> None:
    here().out.sentence(
        _("Request {number}: {state}, due {day}.").format(number=row.number, state=named("state", row.state), day=day(row.due_on))
    )
