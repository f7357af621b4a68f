"""`kvkk resolve REQ…`: anonymise, mask, blacklist, erase; `--dry-run` shows what would happen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from core import N_, Exit, UsageError
from kvkk_cli import bulk, outcomes, several
from kvkk_cli import resolve_options as opt
from kvkk_cli.forms import listed, named
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from pathlib import Path

    from core import Desk, Preview, Resolution, Resolved, ResolveOptions, Wanted

app = typer.Typer()


@app.command("resolve", help=N_("Resolve requests. Each is one transaction: everything that belongs to it happens, or nothing."))
def resolve(
    req: opt.Numbers = None,
    anonymise: opt.Anonymise = False,
    anonymize: opt.Anonymize = False,
    mask: opt.Mask = False,
    erase: opt.Erase = False,
    blacklist: opt.Blacklist = False,
    notify: opt.Notify = None,
    reason: opt.Reason = None,
    dry_run: opt.DryRun = False,
    plan: opt.Plan = None,
    force: opt.Force = None,
    waive_residue: opt.WaiveResidue = None,
    yes: opt.Yes = False,
    pending: opt.Pending = False,
    kind: opt.OfKind = None,
    received_before: opt.ReceivedBefore = None,
    no_open_account: opt.NoOpenAccount = False,
    limit: opt.Limit = None,
    report: opt.Report = None,
    resume: opt.Resume = None,
) -> None:
    from core import ResolveOptions

    if resume is not None:
        what = (anonymise, anonymize, mask, erase, blacklist, notify is not None, reason, dry_run, plan, force, waive_residue)
        opt.refuse_more(req or None, pending, kind, received_before, no_open_account, limit, *what)
        with here().desk() as desk:
            bulk.resume(desk, resume, report)
            bulk.settle(desk)
        return
    if not (req or pending):
        raise UsageError("missing-argument", argument="REQ", command="kvkk resolve")
    choice = opt.chosen(anonymise=anonymise or anonymize, mask=mask, erase=erase, blacklist=blacklist)
    options = ResolveOptions(notify=notify, reason=reason, force=force, plan=plan, waive_residue=waive_residue)
    wanted = opt.wanted_run(req or [], pending, kind, received_before, no_open_account, limit, report)
    if wanted is not None:
        _as_run(wanted, choice, options, report, dry_run=dry_run, yes=yes)
    else:
        _one_by_one(req or [], choice, options, dry_run=dry_run, yes=yes)


def _as_run(wanted: Wanted, choice: Resolution, options: ResolveOptions, report: Path | None, *, dry_run: bool, yes: bool) -> None:
    if options.plan:
        raise UsageError("plan-needs-one")
    with here().desk() as desk:
        if dry_run:
            bulk.preview(desk, wanted, choice, options)
            return
        bulk.resolve(desk, wanted, choice, options, report, yes=yes)
        bulk.settle(desk)


def _one_by_one(req: list[int], choice: Resolution, options: ResolveOptions, *, dry_run: bool, yes: bool) -> None:
    several.once_each(req)
    if options.plan and len(req) > 1:
        raise UsageError("plan-needs-one")
    sure = yes or options.plan is not None or dry_run or not choice.erase
    if not sure and not here().out.can_ask:
        raise UsageError("erase-not-confirmed")
    with here().desk() as desk:
        if dry_run:
            whole = len(req) == 1
            several.run(req, lambda n: _look(desk, n, choice, options, alone=whole), lambda seen: outcomes.preview(here().out, seen))
            return
        several.run(
            req,
            lambda number: _resolve(desk, number, choice, options if sure else _asked(desk, number, choice, options)),
            lambda done: outcomes.resolved(here().out, done),
        )
        bulk.settle(desk)


def _look(desk: Desk, number: int, choice: Resolution, options: ResolveOptions, *, alone: bool) -> Preview:
    """A dry run ends as the run would: one request with the first refusal's exit code, several with 7."""
    seen = desk.resolutions.preview(desk.actor, number, choice, options)
    if seen.refusals:
        here().status = seen.refusals[0].exit_code if alone else Exit.PARTLY
    return seen


def _asked(desk: Desk, number: int, choice: Resolution, options: ResolveOptions) -> ResolveOptions:
    """Show the preview, ask for the number again, and bind the erase to what was shown. Raises UsageError."""
    seen = desk.resolutions.preview(desk.actor, number, choice, options)
    outcomes.preview(here().out, seen)
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
