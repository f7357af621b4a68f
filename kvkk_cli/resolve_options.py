"""The options of `kvkk resolve`, and what a mix of them means."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core import N_, UsageError
from kvkk_cli import bulk, completion, values
from kvkk_cli.requests import Kinds

if TYPE_CHECKING:
    from core import Resolution, Wanted

Numbers = Annotated[
    list[int] | None,
    typer.Argument(
        parser=values.number_or_stdin,
        metavar="[REQ...|-]",
        show_default=False,
        help=N_("Numbers of the requests; - reads them from standard input, one a line, and makes one run of them."),
        autocompletion=completion.requests,
    ),
]
Anonymise = Annotated[bool, typer.Option("--anonymise", help=N_("Block access: sign-in and password reset stop working."))]
Anonymize = Annotated[bool, typer.Option("--anonymize", hidden=True)]
Mask = Annotated[bool, typer.Option("--mask", help=N_("With --anonymise: also mask every personal column."))]
Erase = Annotated[bool, typer.Option("--erase", help=N_("Delete every row of the customer for good, but for what a law holds."))]
Blacklist = Annotated[
    bool, typer.Option("--blacklist", help=N_("Keep keyed fingerprints, so that no new account is opened with the same details."))
]
Notify = Annotated[
    bool | None,
    typer.Option("--notify/--no-notify", help=N_("Tell the customer, or not; else the setting decides."), show_default=False),
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=N_("Told to the customer when less is done than was asked."))]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help=N_("Show what would happen and change nothing."))]
Plan = Annotated[
    str | None,
    typer.Option("--plan", metavar="FINGERPRINT", help=N_("Refuse when anything has changed since the preview with this fingerprint.")),
]
Force = Annotated[
    str | None, typer.Option("--force", metavar="REASON", help=N_("Pass the guards for open accounts, grace and kind, with a reason."))
]
WaiveResidue = Annotated[
    str | None, typer.Option("--waive-residue", metavar="REASON", help=N_("Accept values that remain, with a reason."))
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=N_("Do not ask."))]
Pending = Annotated[bool, typer.Option("--pending", help=N_("Every open request that the filters below leave, as one run."))]
OfKind = Annotated[Kinds | None, typer.Option("--kind", metavar="KIND", help=N_("Only this kind: anonymise or erase."))]
ReceivedBefore = Annotated[
    date | None,
    typer.Option("--received-before", parser=values.day("--received-before"), metavar="DATE", help=N_("Only those received before.")),
]
NoOpenAccount = Annotated[
    bool, typer.Option("--no-open-account", help=N_("Only customers without an active service and an unpaid invoice."))
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help=N_("At most so many."))]
Report = Annotated[Path | None, typer.Option("--report", metavar="FILE", help=N_("Write a line a request: .csv, else JSON lines."))]
Resume = Annotated[str | None, typer.Option("--resume", metavar="RUN", help=N_("Go on with a run that was stopped, with its own choices."))]


def wanted_run(
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


def chosen(*, anonymise: bool, mask: bool, erase: bool, blacklist: bool) -> Resolution:
    """Raises UsageError for a mix that means nothing."""
    from core import Resolution

    if anonymise and erase:
        raise UsageError("anonymise-with-erase")
    if mask and not anonymise:
        raise UsageError("mask-needs-anonymise")
    if not (anonymise or erase):
        raise UsageError("nothing-chosen", allowed=("--anonymise", "--anonymise --mask", "--erase"))
    return Resolution(mask=mask, erase=erase, blacklist=blacklist)


def refuse_more(*given: object) -> None:
    """A choice that --resume would pass over must not look as if it counted: --dry-run least of all. Raises UsageError `resume-alone`."""
    if any(one is not None and one is not False for one in given):
        raise UsageError("resume-alone")
