"""`kvkk map`: draft, check, show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core import N_
from kvkk_cli import words
from kvkk_cli.output import SENTENCE
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import MapDraft, MapView

app = typer.Typer()


@app.command(
    "draft",
    help=N_(
        "Propose a data map from the tables of the database: names, types and declared keys; no row is read. What is guessed says so, "
        "and what only a person can decide is left out, so that `kvkk map check` names it."
    ),
)
def draft(
    target: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=N_("Write the map to this new file, which only you can read."))
    ] = None,
    customers: Annotated[
        str | None, typer.Option("--customers", metavar="TABLE", help=N_("The customers' table, when the guess is wrong."))
    ] = None,
) -> None:
    out = here().out
    with here().desk() as desk:
        made = desk.maps.draft(desk.actor, words.language(), customers=customers, target=target and target.expanduser())
    out.show(made, lambda: out.sentence(made.path) if made.path else out.line(made.text.rstrip("\n")))
    _drafted(made)


def _drafted(made: MapDraft) -> None:
    out = here().out
    linked = sum(table.link not in ("", "none") for table in made.tables)
    told = _("Customers: {table}. {linked} of {tables} tables reach them. Guesses: {guesses}, left open: {undecided}.")
    out.say(told.format(table=made.customers, linked=linked, tables=len(made.tables), guesses=made.guesses, undecided=len(made.undecided)))
    out.say(_("Read every guess, decide what is open, then `kvkk map check --map FILE`."))


@app.command("check", help=N_("Prove the data map against the database: every mistake at once, and what the map misses."))
def check() -> None:
    with here().desk() as desk:
        view = desk.maps.check(desk.actor)
    here().out.show(view, lambda: _sound(view))


def _sound(view: MapView) -> None:
    here().out.sentence(
        _("The data map {name} fits the database: {count} tables with personal data, {other} without.").format(
            name=view.name, count=len(view.tables), other=len(view.not_personal)
        )
    )


@app.command("show", help=N_("Show the data map table by table: link, personal columns, what a mask and an erase do."))
def show() -> None:
    with here().desk() as desk:
        view = desk.maps.show(desk.actor)
    here().out.show(view, lambda: _view(view))


def _view(view: MapView) -> None:
    out = here().out
    out.fields(((_("Data map"), view.name), ("SHA-256", view.sha256)))
    out.heading(_("Tables with personal data"))
    out.table(
        (_("Table"), _("Link"), _("Mask"), _("Erase"), _("Personal columns"), _("Because")),
        [
            (one.table, one.link, one.on_mask, one.on_erase, ", ".join(f"{n}={k}" for n, k in one.personal), one.because)
            for one in view.tables
        ],
        cell=SENTENCE,
        headed=True,
    )
    if view.not_personal:
        out.heading(_("Tables without personal data"))
        out.table((_("Table"), _("Because")), view.not_personal, cell=SENTENCE, headed=True)
    if view.outside:
        out.heading(_("By hand, outside this database"))
        for step in view.outside:
            out.sentence(f"- {step}")
