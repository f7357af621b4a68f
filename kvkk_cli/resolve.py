"""`kvkk resolve REQ…`: anonymise, mask, blacklist, erase; `--dry-run` shows what would happen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from core import N_, Exit, UsageError
from kvkk_cli import several, views
from kvkk_cli.forms import listed, named
from kvkk_cli.session import here
from kvkk_cli.values import Reqs
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk, Preview, Resolution, Resolved, ResolveOptions

app = typer.Typer()


@app.command("resolve", help=N_("Resolve requests. Each is one transaction: everything that belongs to it happens, or nothing."))
def resolve(
    req: Reqs,
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
) -> None:
    from core import ResolveOptions

    choice = _choice(anonymise=anonymise or anonymize, mask=mask, erase=erase, blacklist=blacklist)
    several.once_each(req)
    if plan and len(req) > 1:
        raise UsageError("plan-needs-one")
    options = ResolveOptions(notify=notify, reason=reason, force=force, plan=plan, waive_residue=waive_residue)
    sure = yes or plan is not None or dry_run or not erase
    if not sure and not here().out.can_ask:
        raise UsageError("erase-not-confirmed")
    with here().desk() as desk:
        if dry_run:
            several.run(req, lambda number: _look(desk, number, choice, options), lambda seen: views.preview(here().out, seen))
            return
        several.run(
            req,
            lambda number: _resolve(desk, number, choice, options if sure else _asked(desk, number, choice, options)),
            lambda done: views.resolved(here().out, done),
        )
        _settle(desk)


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


def _settle(desk: Desk) -> None:
    """Once for the whole command: the database's own files."""
    left = desk.scrubs.settle(desk.actor)
    if left.pending:
        here().status = here().status or Exit.PENDING
        here().out.warn(_("Committed; cleaning the database's own files is still pending. `kvkk run` does it."))


def _resolve(desk: Desk, number: int, choice: Resolution, options: ResolveOptions) -> Resolved:
    done = desk.resolutions.resolve(desk.actor, number, choice, options)
    if done.pending:
        here().status = here().status or 13
        here().out.warn(
            _("Committed, but still to be done: {steps}.").format(steps=listed(named("pending", step) for step in done.pending))
        )
    return done
