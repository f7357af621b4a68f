"""`kvkk blacklist`: list, add, remove, check, rotate-key. Values of people come in over stdin or are asked for, and never come out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core import N_, Exit, UsageError
from kvkk_cli import details, forms, values
from kvkk_cli.output import Cell
from kvkk_cli.requests import Limit
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import BlacklistPage, BlacklistRow, Checked, KeyLoss, KeyRotated, Listing, Removal, RemovalPage

app = typer.Typer()

NAME = 8
"""Digits of an entry's name that a table shows; more are taken too."""
Details = Literal["email", "phone", "national_id", "tax_id"]
Why = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help=N_("Why; recorded, without values of the person."), show_default=False)
]
After = Annotated[str | None, typer.Option("--after", metavar="CURSOR", help=N_("Go on after the page that ended with this cursor."))]


@app.command("list", help=N_("List the entries, newest first: kind, who, until when, why; never a value."))
def list_(
    kind: Annotated[Details | None, typer.Option("--kind", metavar="KIND", help=N_("Only email, phone, national_id or tax_id."))] = None,
    request: Annotated[int | None, typer.Option("--request", metavar="REQ", min=1, help=N_("Only entries of this request."))] = None,
    removed: Annotated[bool, typer.Option("--removed", help=N_("What was taken off by hand, and why, instead."))] = False,
    limit: Limit = 50,
    after: After = None,
) -> None:
    session = here()
    if removed and (kind or request):
        raise UsageError("removed-has-no-filter")
    with session.desk() as desk:
        if removed:
            gone = desk.blacklist.removals(desk.actor, after=_number(after), limit=limit)
            session.out.show(gone, lambda: _removals(gone, session.zone(desk)))
            return
        page = desk.blacklist.list(desk.actor, kind=kind, request=request, after=after, limit=limit)
        session.out.show(page, lambda: _page(page, session.zone(desk)))


@app.command(
    "add", help=N_("Put details of a person on the blacklist: as JSON on standard input, asked for on a terminal, or a customer's.")
)
def add(
    customer: Annotated[
        str | None,
        typer.Option("--customer", metavar="CUSTOMER", help=N_("All details of this customer, but for what another customer has too.")),
    ] = None,
    reason: Why = None,
    expires: Annotated[
        date | None,
        typer.Option(
            "--expires",
            metavar="DATE",
            parser=values.day("--expires"),
            help=N_("Last day on which it counts; else the setting blacklist-years."),
            show_default=False,
        ),
    ] = None,
) -> None:
    whose = values.customer(customer) if customer is not None else None
    given = details.read() if whose is None else None
    with here().desk() as desk:
        if given is None:
            done = desk.blacklist.add_customer(desk.actor, whose or "", reason=reason, expires=expires)
        else:
            done = desk.blacklist.add(desk.actor, given, reason=reason, expires=expires)
    here().out.show(done, lambda: _listings(done))
    for one in done:
        if one.customers:
            told = _("The {kind} belongs to customers who keep their accounts: {keys}.")
            here().out.warn(told.format(kind=forms.named("value", one.kind), keys=", ".join(one.customers)))


@app.command("remove", help=N_("Take entries off: one by its name in the list, or with - every entry of details on standard input."))
def remove(
    entry: Annotated[
        str,
        typer.Argument(
            metavar="ENTRY", show_default=False, help=N_("Name of the entry; - reads details as JSON, or asks for them on a terminal.")
        ),
    ],
    reason: Why = None,
) -> None:
    if not (reason or "").strip():
        raise UsageError("text-needed", field="reason")
    given = details.read() if entry == "-" else None
    with here().desk() as desk:
        if given is None:
            done: tuple[Removal, ...] = (desk.blacklist.remove(desk.actor, entry, reason or ""),)
        else:
            done = desk.blacklist.remove_details(desk.actor, given, reason or "")
    here().out.show(done, lambda: _removed(done))


@app.command("check", help=N_("May an account with these details be opened? Reads JSON or asks; ends with 0 for yes and 3 for no."))
def check() -> None:
    given = details.read()
    with here().desk() as desk:
        found = desk.blacklist.check(desk.actor, given)
    here().out.show({"listed": found.listed, "kinds": found.kinds}, lambda: _checked(found))
    if found.listed:
        here().status = Exit.NOT_ALLOWED


@app.command("rotate-key", help=N_("Make a new key for fingerprints, tokens and signatures; older ones stay in the key file to verify."))
def rotate_key(
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help=N_("The key leaked: older keys are given up, with everything that only they can verify."))
    ] = False,
    lost: Annotated[bool, typer.Option("--lost", help=N_("With --drop-old: the current key is nowhere any more, on no machine."))] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=N_("Do not ask."))] = False,
) -> None:
    out = here().out
    sure = yes or not drop_old
    if not sure and not out.can_ask:
        raise UsageError("drop-not-confirmed")
    with here().desk() as desk:
        if not sure:
            _told(desk.keys.at_risk(desk.actor))
            if not out.confirm(_("{name}: give all this up?").format(name=desk.label)):
                raise UsageError("drop-not-confirmed")
        done = desk.keys.rotate(desk.actor, drop_old=drop_old, lost=lost)
    out.show(done, lambda: _rotated(done))
    out.warn(_("Copy the key file to every machine that works on this database, and into the backup: {path}.").format(path=done.path))
    if done.pending:
        here().status = Exit.PENDING
        out.warn(_("The older keys are still in the key file; `kvkk run` takes them out."))


def _page(page: BlacklistPage, zone: str) -> None:
    titles = (_("Entry name"), _("Kind"), _("Request"), _("Added"), _("By"), _("Counts until"), _("Reason"), _("Key"))
    shown = len(titles) - all(row.key_state == "current" for row in page.rows)  # keys are told where they differ
    here().out.table(titles[:shown], [_row(row, zone)[:shown] for row in page.rows], [_plain(row) for row in page.rows])
    _rest(bool(page.rows), page.cursor)


def _row(row: BlacklistRow, zone: str) -> tuple[str | Cell, ...]:
    return (
        row.entry[:NAME],
        forms.named("detail", row.kind),
        str(row.request or ""),
        forms.moment(row.added_at, zone).split()[0],
        row.added_by,
        _until(row),
        row.reason or "",
        row.key_id[:NAME],
    )


def _plain(row: BlacklistRow) -> tuple[str, ...]:
    until, added = row.expires_on.isoformat(), row.added_at.isoformat()
    return row.entry, row.kind, str(row.request or ""), added, row.added_by, until, row.key_id, row.reason or ""


def _until(row: BlacklistRow) -> Cell:
    day = forms.day(row.expires_on)
    return Cell(_("ended {day}").format(day=day), "dim") if row.ended else Cell(day)


def _removals(page: RemovalPage, zone: str) -> None:
    here().out.table(
        (_("Kind"), _("Request"), _("Added"), _("Removed"), _("By"), _("Reason")),
        [
            (
                forms.named("detail", one.kind),
                str(one.request or ""),
                forms.moment(one.added_at, zone).split()[0],
                forms.moment(one.removed_at, zone),
                one.removed_by,
                one.reason,
            )
            for one in page.rows
        ],
        [
            (one.kind, str(one.request or ""), one.added_at.isoformat(), one.removed_at.isoformat(), one.removed_by, one.reason)
            for one in page.rows
        ],
    )
    _rest(bool(page.rows), page.cursor)


def _rest(any_rows: bool, cursor: str | int | None) -> None:
    if not any_rows:
        here().out.say(_("There is no entry."))
    if cursor:
        here().out.say(_("More: add --after {cursor}").format(cursor=cursor))


def _listings(done: tuple[Listing, ...]) -> None:
    sentence = {
        "added": N_("The {kind} is on the blacklist until {day}."),
        "extended": N_("The {kind} was on the blacklist already; it stays there until {day}."),
        "there": N_("The {kind} was on the blacklist already, until {day}; nothing was changed."),
        "shared": N_("The {kind} was left out: another customer has it too."),
        "nobody": N_("The {kind} was left out: it identifies nobody."),
    }
    for one in done:
        here().out.sentence(_(sentence[one.how]).format(kind=forms.named("value", one.kind), day=forms.day(one.expires_on)))


def _removed(done: tuple[Removal, ...]) -> None:
    for one in done:
        here().out.sentence(_("The {kind} was taken off the blacklist.").format(kind=forms.named("value", one.kind)))


def _checked(found: Checked) -> None:
    if found.listed:
        kinds = forms.listed(forms.named("value", kind) for kind in found.kinds)
        here().out.sentence(_("On the blacklist: {kinds}.").format(kinds=kinds))
    else:
        here().out.sentence(_("Not on the blacklist."))


def _told(loss: KeyLoss) -> None:
    """What the older keys take with them."""
    say = here().out.warn
    say(_("With the older keys this is lost for good:"))
    say("- " + _("blacklist entries: {count}").format(count=loss.entries))
    say("- " + _("resolved requests that a restored backup can no longer be compared with: {count}").format(count=loss.tombstones))
    say("- " + _("requests of erased customers that are no longer found by the customer's key: {count}").format(count=loss.erased))
    say("- " + _("waiting messages that cannot be opened any more: {count}").format(count=loss.messages))


def _rotated(done: KeyRotated) -> None:
    out = here().out
    out.sentence(_("The key is now {key_id}.").format(key_id=done.key_id))
    if done.kept:
        out.sentence(_("Older keys that stay to verify: {keys}.").format(keys=", ".join(done.kept)))
    if done.lost:
        out.sentence(_("Older keys that were given up: {keys}.").format(keys=", ".join(done.lost.keys)))
        out.sentence(_("Blacklist entries that were lost with them: {count}.").format(count=done.lost.entries))


def _number(cursor: str | None) -> int | None:
    """The cursor of removals is a number. Raises UsageError `bad-cursor`."""
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= values.DIGITS):
        raise UsageError("bad-cursor")
    return int(cursor)
