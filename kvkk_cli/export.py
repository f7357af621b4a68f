"""`kvkk export CUSTOMER`: everything that is stored about one customer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core import N_, UsageError
from kvkk_cli import export_many, forms
from kvkk_cli.requests import Channels, Received, VerifiedBy
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Exported

app = typer.Typer()


@app.command(
    "export",
    help=N_(
        "Export everything that is stored about a customer, as XML unless told otherwise. Without -o a new file is made in the "
        "current folder and its name printed; only you can read it."
    ),
)
def export(
    customer: Annotated[
        str,
        typer.Argument(
            metavar="[CUSTOMER|-]",
            show_default=False,
            help=N_("Key, e-mail address, phone:… or id:…; - reads it from standard input; several lines there make one run."),
        ),
    ] = "",
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE|-", help=N_("File or folder to write to; - streams to standard output.")),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help=N_("Replace the file if it exists."))] = False,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=N_("Why; kept in the list of downloads."))] = None,
    channel: Annotated[
        Channels | None,
        typer.Option(
            "--channel",
            metavar="CHANNEL",
            help=N_("How the customer asked: panel, registered-email, letter, in-person, kep, e-signature, phone, other."),
        ),
    ] = None,
    received: Received = None,
    verified_by: VerifiedBy = None,
    form: Annotated[
        Literal["xml", "json", "csv", "html"],
        typer.Option("--format", metavar="FORMAT", help=N_("xml, json, csv (a ZIP with one file a table) or html (a page to read).")),
    ] = "xml",
    everybody: Annotated[bool, typer.Option("--all", help=N_("Every customer: a file each, and a manifest, in the folder -o."))] = False,
    from_file: Annotated[
        Path | None, typer.Option("--from-file", metavar="FILE", help=N_("The customers named in this file, one a line."))
    ] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help=N_("Go on with a run that was cut off, in the same folder."))
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=N_("Do not ask."))] = False,
) -> None:
    out = here().out
    names = export_many.names(customer, from_file, everybody=everybody)
    many = names is None or len(names) != 1 or from_file is not None or (customer == "-" and resume is not None)
    _fits(many=many, output=output, overwrite=overwrite, resume=resume)
    from core import Channel, Word

    word = Word(Channel(channel) if channel else None, received, verified_by)
    if many:
        export_many.run(names, output, export_many.How(form, reason, resume, word), yes=yes)
        _doubt(channel)
        return
    wanted = (names or (customer,))[0]
    target = None if output is None else out.binary() if output == "-" else Path(output).expanduser()
    with here().desk() as desk:
        done = desk.exports.export(desk.actor, wanted, target, overwrite=overwrite, reason=reason, word=word, form=form)
    if output != "-":
        out.show(done, lambda: out.sentence(done.path or ""))
    _told(done)
    _doubt(channel)


def _fits(*, many: bool, output: str | None, overwrite: bool, resume: str | None) -> None:
    """Refuse options that would be passed over. Raises UsageError."""
    if many:
        if overwrite:
            raise UsageError("overwrite-in-run")
        return
    if resume is not None:
        raise UsageError("resume-one")
    if overwrite and output in (None, "-"):
        raise UsageError("overwrite-needs-file")
    if output == "-" and here().out.as_json:
        raise UsageError("json-with-stream")


def _doubt(channel: str | None) -> None:
    if channel == "phone":
        here().out.warn(_("A phone call is no valid channel under KVKK: ask the customer for a written confirmation."))


def _told(done: Exported) -> None:
    out = here().out
    out.say(_("{rows} rows, {size}, SHA-256 {sha256}").format(rows=done.rows, size=forms.size(done.bytes), sha256=done.sha256))
    if done.marked:
        out.say(_("{count} values that XML cannot hold are written encoded and marked.").format(count=done.marked))
