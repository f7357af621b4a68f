"""`kvkk audit`: list, verify, export, anchor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from core import N_
from kvkk_cli import forms
from kvkk_cli.requests import Limit
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import AuditPage, Checkpoint, Verified

app = typer.Typer()


@app.command("list", help=N_("List the entries of the audit chain, newest first."))
def list_(
    request: Annotated[int | None, typer.Option("--request", metavar="REQ", min=1, help=N_("Only entries of this request."))] = None,
    limit: Limit = 50,
    after: Annotated[
        int | None, typer.Option("--after", metavar="CURSOR", help=N_("Go on after the page that ended with this cursor."))
    ] = None,
) -> None:
    session = here()
    with session.desk() as desk:
        page = desk.audit.list(desk.actor, request=request, after=after, limit=limit)
        session.out.show(page, lambda: _page(page, session.zone(desk)))


def _page(page: AuditPage, zone: str) -> None:
    here().out.table(
        (_("No"), _("When"), _("Who"), _("What"), _("Request"), _("Hash")),
        [(str(e.seq), forms.moment(e.at, zone), e.actor, e.verb, str(e.request or ""), e.hash[:12] + "…") for e in page.rows],
        [(str(e.seq), e.at.isoformat(), e.actor, e.verb, str(e.request or ""), e.hash) for e in page.rows],
    )
    if page.cursor:
        here().out.say(_("More: add --after {cursor}").format(cursor=page.cursor))


@app.command("verify", help=N_("Check the whole chain; with a checkpoint also that its end is the true one."))
def verify(
    checkpoint: Annotated[
        str | None, typer.Option("--checkpoint", metavar="TEXT", help=N_("Checkpoint that `kvkk audit anchor` printed earlier."))
    ] = None,
    archives: Annotated[bool, typer.Option("--archives", help=N_("Also the archived parts, from the files beside the key file."))] = False,
) -> None:
    with here().desk() as desk:
        verified = desk.audit.verify(desk.actor, checkpoint, archives=archives)
    here().out.show(verified, lambda: _verified(verified))


def _verified(verified: Verified) -> None:
    out = here().out
    out.sentence(_("{count} entries, unbroken.").format(count=verified.entries))
    if verified.archived:
        told = _("It goes on from the end of what is archived: {count} entries. --archives checks those too.")
        out.sentence(told.format(count=verified.archived))
    if verified.unsigned:
        out.warn(_("There is a key file, but no entry is signed. If the key was ever used, the chain was written anew."))
    if verified.unchecked:
        told = _("{count} entries are signed with a key that is not in the key file here: only their hashes were checked.")
        out.warn(told.format(count=verified.unchecked))
    if verified.filed is not None:
        out.sentence(_("The tombstone file outside the database confirms it up to entry {seq}.").format(seq=verified.filed))
    if verified.vouched:
        out.sentence(_("The checkpoint fits: nothing was cut off or rewritten up to it."))
    else:
        out.sentence(_("Without a checkpoint the end cannot be vouched for; `kvkk audit anchor` prints one to keep elsewhere."))


@app.command("export", help=N_("Print every entry, one JSON object a line."))
def export() -> None:
    with here().desk() as desk:
        for line in desk.audit.export(desk.actor):
            here().out.line(line)


@app.command("anchor", help=N_("Print a checkpoint of the chain, to be kept outside this database."))
def anchor() -> None:
    with here().desk() as desk:
        checkpoint = desk.audit.anchor(desk.actor)
    here().out.show(checkpoint, lambda: _anchor(checkpoint))


def _anchor(checkpoint: Checkpoint) -> None:
    here().out.line(str(checkpoint))
    here().out.say(_("Keep this line where nobody can change it with the database; `kvkk audit verify --checkpoint` uses it."))
