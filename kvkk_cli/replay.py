"""`kvkk replay`: after a restored backup, do again what was done to the customers who came back with it."""

from __future__ import annotations

import signal
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core import N_, Exit, UsageError
from kvkk_cli import bulk, values
from kvkk_cli.forms import NONE, day, listed, named
from kvkk_cli.output import SENTENCE
from kvkk_cli.progress import Progress
from kvkk_cli.report import Report
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk, Doubtful, ReplayEnd, ReplayPlan, Returned, StoneFileSeen

app = typer.Typer()

PROBLEMS_MOST = 3
"""Bad lines of a file that are named."""


@app.command(
    "replay",
    help=N_(
        "After a restored backup: find the customers who came back, and block, mask or erase them again as it was done. Shows "
        "what it will do and asks first. A key that was given to somebody else is listed and left alone."
    ),
)
def replay(
    since: Annotated[
        date,
        typer.Option(
            "--since",
            metavar="DATE",
            parser=values.day("--since"),
            help=N_("Day of the backup, or an earlier one; what was done from then on is looked at."),
            show_default=False,
        ),
    ],
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", metavar="FILE", help=N_("A further tombstone file, of another host; may be given several times.")),
    ] = None,
    undated: Annotated[
        bool, typer.Option("--undated", help=N_("Also customers who match, where the data map does not say when an account was made."))
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help=N_("Show what would happen and change nothing."))] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=N_("Do not ask."))] = False,
) -> None:
    session, files = here(), tuple(path.expanduser() for path in file or ())
    with session.desk() as desk:
        plan = desk.replay.plan(desk.actor, since, files, undated=undated)
        if dry_run or plan.nothing:
            session.out.show(plan, lambda: _plan(plan))
            return
        if not session.out.as_json:
            _plan(plan)
        if not (yes or _sure(desk, plan)):
            raise UsageError("replay-not-confirmed")
        with Report.opened(None, fresh=True) as kept, bulk.stoppable() as stop, Progress(session.out) as bar:
            watch = bulk.watching(kept, stop, bar, cut_off=_("If it is cut off, call `kvkk replay` again."))
            end = desk.replay.carry_out(desk.actor, since, files, fingerprint=plan.fingerprint, undated=undated, watch=watch)
        _end(end, stop)
        bulk.settle(desk)


def _sure(desk: Desk, plan: ReplayPlan) -> bool:
    out = here().out
    if not plan.returned:
        return out.confirm(_("{name}: note the restore, and give the database back what it has lost?").format(name=desk.label))
    question = _("{name}: do all this again? Type the number of customers, {count}, to go on:")
    return out.ask_number(question.format(name=desk.label, count=len(plan.returned)), len(plan.returned))


def _plan(plan: ReplayPlan) -> None:
    out = here().out
    for one in plan.files:
        _file(one)
    if plan.returned:
        out.sentence(_("Came back, and will be treated again:"))
        _returned(plan.returned)
    if plan.doubtful:
        out.heading(_("Have the key of somebody who was treated, and are left alone:"))
        _doubtful(plan.doubtful)
    _sums(plan)


def _file(one: StoneFileSeen) -> None:
    out = here().out
    if one.exists:
        out.say(_("Tombstone file {path}: {count} tombstones.").format(path=one.path, count=one.tombstones))
    else:
        told = _("There is no tombstone file at {path}; only what the database itself knows is looked at.")
        out.warn(told.format(path=one.path))
    if one.others:
        told = _("{count} tombstones in {path} are of another database and are left out. Was this one set up anew? Name the file: --file.")
        out.warn(told.format(count=one.others, path=one.path))
    if one.keyless:
        told = _("{count} lines in {path} were made with a key that is not at hand; nobody can be found by them.")
        out.warn(told.format(count=one.keyless, path=one.path))
    for line, why in one.problems[:PROBLEMS_MOST]:
        told = _("{path}, line {line}: {why}. What does not fit is left out.")
        out.warn(told.format(path=one.path, line=line, why=named("why", why)))


def _returned(rows: tuple[Returned, ...]) -> None:
    here().out.table(
        (_("Customer"), _("Name"), _("What was done"), _("On"), _("Request"), _("Known by"), _("Open request")),
        [
            (
                one.customer,
                one.customer_name or NONE,
                named("deed", one.deed),
                day(one.at.date()),
                str(one.request),
                listed(named("value", kind) for kind in one.matched),
                str(one.open_request or NONE),
            )
            for one in rows
        ],
        [
            (
                one.customer,
                one.deed,
                one.at.isoformat(),
                str(one.request),
                ",".join(one.matched),
                str(one.open_request or ""),
                _rows(one, "="),
            )
            for one in rows
        ],
    )
    if here().out.on_terminal:
        here().out.heading(_("Rows in which something will change"))
        for one in rows:
            told = _rows(one, " ")
            here().out.sentence(f"{one.customer}: {told}" if told else _("{customer}: not counted here").format(customer=one.customer))


def _rows(one: Returned, between: str) -> str:
    """Tables and how many rows something happens to."""
    touched = ((table.table, table.touched) for table in one.tables or ())
    return ", ".join(f"{name}{between}{count}" for name, count in touched if count)


def _doubtful(rows: tuple[Doubtful, ...]) -> None:
    here().out.table(
        (_("Customer"), _("Name"), _("What was done"), _("On"), _("Request"), _("Why")),
        [
            (
                one.customer,
                one.customer_name or NONE,
                named("deed", one.deed),
                day(one.at.date()),
                str(one.request),
                named("doubt", one.why),
            )
            for one in rows
        ],
        [(one.customer, one.deed, one.at.isoformat(), str(one.request), one.why) for one in rows],
        cell=SENTENCE,
    )


def _sums(plan: ReplayPlan) -> None:
    out = here().out
    if plan.nothing and not all(one.exists and not one.others and not one.keyless and not one.problems for one in plan.files):
        told = _(
            "By what can be read here nobody came back since {day}; what else was done is not known. Find the tombstone file and its key."
        )
        out.warn(told.format(day=day(plan.since)))
        return
    if plan.nothing:
        out.say(_("Nobody came back since {day}, and nothing was lost. There is nothing to do.").format(day=day(plan.since)))
        return
    out.say(_("{count} customers came back.").format(count=len(plan.returned)))
    if plan.lost or plan.fingerprints:
        told = _("The database has lost {lost} tombstones and {fingerprints} changes of the blacklist; it gets them back.")
        out.say(told.format(lost=plan.lost, fingerprints=plan.fingerprints))
    if plan.restored:
        out.say(_("The end of its audit chain is lost too; the audit will say that a backup was restored."))


def _end(end: ReplayEnd, stop: bulk.Stop) -> None:
    session = here()
    pairs = [
        (_("Done again"), str(sum(run.row.done for run in end.runs))),
        (_("Failed"), str(sum(run.row.failed for run in end.runs))),
        (_("Tombstones given back"), str(end.put_back)),
        (_("Changes of the blacklist given back"), str(end.fingerprints)),
        (_("Requests"), listed(map(str, end.requests))),
    ]
    session.out.show(end, lambda: session.out.fields(pairs))
    if end.left:
        told = _("{count} customers are still back; `kvkk requests list` shows their requests. Then call `kvkk replay` again.")
        session.out.warn(told.format(count=end.left))
    if stop.by is not None:
        session.status = bulk.CODES[signal.Signals(stop.by)]
    elif end.left or not end.settled:
        session.status = Exit.PARTLY
    elif end.pending:
        session.status = Exit.PENDING
        steps = listed(named("pending", step) for step in end.pending)
        session.out.warn(_("Committed, but still to be done: {steps}.").format(steps=steps))
