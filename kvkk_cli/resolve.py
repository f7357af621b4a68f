"""`kvkk resolve REQ…`: anonymise, mask, blacklist, erase; `--dry-run` shows what would happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core import N_, UsageError
from kvkk_cli import bulk, completion, several, values, views
from kvkk_cli.forms import listed, named
from kvkk_cli.requests import Kinds
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk, Preview, Resolution, Resolved, ResolveOptions, Wanted

app = typer.Typer()


@app.command("resolve", help=N_("Resolve requests. Each is one transaction: everything that belongs to it happens, or nothing."))
def resolve(
    req: Annotated[
        list[int] | None,
        typer.Argument(
            parser=values.number_or_stdin,
            metavar="[REQ...|-]",
            show_default=False,
            help=N_("Numbers of the requests; - reads them from standard input, one a line, and makes one run of them."),
            autocompletion=completion.requests,
        ),
    ] = None,
    anonymise: Annotated[bool, typer.Option("--anonymise", help=N_("Block access: sign-in and password reset stop working."))] = False,
    anonymize: Annotated[bool, typer.Option("--anonymize", hidden=True)] = False,
    mask: Annotated[bool, typer.Option("--mask", help=N_("With --anonymise: also mask every personal column."))] = False,
    erase: Annotated[
        bool, typer.Option("--erase", help=N_("Delete every row of the customer for good, but for what a law holds."))
    ] = False,
    blacklist: Annotated[
        bool, typer.Option("--blacklist", help=N_("Keep keyed fingerprints, so that no new account is opened with the same details."))
    ] = False,
    notify: Annotated[
        bool | None,
        typer.Option("--notify/--no-notify", help=N_("Tell the customer, or not; else the setting decides."), show_default=False),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help=N_("Told to the customer when less is done than was asked."))
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help=N_("Show what would happen and change nothing."))] = False,
    plan: Annotated[
        str | None,
        typer.Option("--plan", metavar="FINGERPRINT", help=N_("Refuse when anything has changed since the preview with this fingerprint.")),
    ] = None,
    force: Annotated[
        str | None, typer.Option("--force", metavar="REASON", help=N_("Pass the guards for open accounts, grace and kind, with a reason."))
    ] = None,
    waive_residue: Annotated[
        str | None, typer.Option("--waive-residue", metavar="REASON", help=N_("Accept values that remain, with a reason."))
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=N_("Do not ask."))] = False,
    pending: Annotated[bool, typer.Option("--pending", help=N_("Every open request that the filters below leave, as one run."))] = False,
    kind: Annotated[Kinds | None, typer.Option("--kind", metavar="KIND", help=N_("Only this kind: anonymise or erase."))] = None,
    received_before: Annotated[
        date | None,
        typer.Option("--received-before", parser=values.day("--received-before"), metavar="DATE", help=N_("Only those received before.")),
    ] = None,
    no_open_account: Annotated[
        bool, typer.Option("--no-open-account", help=N_("Only customers without an active service and an unpaid invoice."))
    ] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help=N_("At most so many."))] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help=N_("Write a line a request: .csv, else JSON lines."))
    ] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help=N_("Go on with a run that was stopped, with its own choices."))
    ] = None,
) -> None:
    from core import ResolveOptions

    if resume is not None:
        _refuse_more(req, pending=pending, anonymise=anonymise, erase=erase)
        with here().desk() as desk:
            bulk.resume(desk, resume, report)
            bulk.settle(desk)
        return
    if not (req or pending):
        raise UsageError("missing-argument", argument="REQ", command="kvkk resolve")
    choice = _choice(anonymise=anonymise or anonymize, mask=mask, erase=erase, blacklist=blacklist)
    options = ResolveOptions(notify=notify, reason=reason, force=force, plan=plan, waive_residue=waive_residue)
    wanted = _wanted(req or [], pending, kind, received_before, no_open_account, limit, report)
    if wanted is not None and not dry_run:
        if plan:
            raise UsageError("plan-needs-one")
        with here().desk() as desk:
            bulk.resolve(desk, wanted, choice, options, report, yes=yes)
            bulk.settle(desk)
        return
    _one_by_one(req or [], wanted, choice, options, dry_run=dry_run, yes=yes)


def _one_by_one(req: list[int], wanted: Wanted | None, choice: Resolution, options: ResolveOptions, *, dry_run: bool, yes: bool) -> None:
    several.once_each(req)
    if options.plan and len(req) > 1:
        raise UsageError("plan-needs-one")
    sure = yes or options.plan is not None or dry_run or not choice.erase
    if not sure and not here().out.can_ask:
        raise UsageError("erase-not-confirmed")
    with here().desk() as desk:
        if wanted is not None:
            req = list(desk.bulk.choose(desk.actor, wanted))
        if dry_run:
            several.run(req, lambda number: _look(desk, number, choice, options), lambda seen: views.preview(here().out, seen))
            return
        several.run(
            req,
            lambda number: _resolve(desk, number, choice, options if sure else _asked(desk, number, choice, options)),
            lambda done: views.resolved(here().out, done),
        )
        bulk.settle(desk)


def _refuse_more(req: list[int] | None, *, pending: bool, anonymise: bool, erase: bool) -> None:
    if req or pending or anonymise or erase:
        raise UsageError("resume-alone")


def _wanted(
    req: list[int], pending: bool, kind: str | None, before: date | None, quiet_accounts: bool, limit: int | None, report: Path | None
) -> Wanted | None:
    """What a run takes; None where the requests are named here and each is carried out by itself. Raises UsageError."""
    from core import Kind, Wanted

    if pending and req:
        raise UsageError("pending-with-numbers")
    filters = kind is not None or before is not None or quiet_accounts
    if req and values.STDIN not in req and filters:
        raise UsageError("filter-needs-pending")
    if values.STDIN in req and len(req) > 1:
        raise UsageError("stdin-alone")
    if not pending and values.STDIN not in req and report is None and limit is None:
        return None
    numbers = None if pending else bulk.numbers_from_stdin() if values.STDIN in req else tuple(req)
    return Wanted(numbers, Kind(kind) if kind else None, before, quiet_accounts, limit)


def _choice(*, anonymise: bool, mask: bool, erase: bool, blacklist: bool) -> Resolution:
    """Raises UsageError for a mix that means nothing."""
    from core import Resolution

    if anonymise and erase:
        raise UsageError("anonymise-with-erase")
    if mask and not anonymise:
        raise UsageError("mask-needs-anonymise")
    if not (anonymise or erase):
        raise UsageError("nothing-chosen", allowed=("--anonymise", "--anonymise --mask", "--erase"))
    return Resolution(mask=mask, erase=erase, blacklist=blacklist)


def _look(desk: Desk, number: int, choice: Resolution, options: ResolveOptions) -> Preview:
    """A dry run ends as the run would: with the first refusal's exit code."""
    seen = desk.resolutions.preview(desk.actor, number, choice, options)
    if seen.refusals and not here().status:
        here().status = seen.refusals[0].exit_code
    return seen


def _asked(desk: Desk, number: int, choice: Resolution, options: ResolveOptions) -> ResolveOptions:
    """Show the preview, ask for the number again, and bind the erase to what was shown. Raises UsageError."""
    seen = desk.resolutions.preview(desk.actor, number, choice, options)
    views.preview(here().out, seen)
    question = _("{name}: erase everything above for good? Type the number of the request to go on:").format(name=desk.label)
    if not here().out.ask_number(question, number):
        raise UsageError("erase-not-confirmed")
    return replace(options, plan=seen.fingerprint)


def _resolve(desk: Desk, number: int, choice: Resolution, options: ResolveOptions) -> Resolved:
    done = desk.resolutions.resolve(desk.actor, number, choice, options)
    if done.pending:
        here().status = here().status or 13
        here().out.warn(
            _("Committed, but still to be done: {steps}.").format(steps=listed(named("pending", step) for step in done.pending))
        )
    return done
