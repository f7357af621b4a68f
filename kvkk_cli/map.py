"""`kvkk map`: check, show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from core import N_
from kvkk_cli.output import SENTENCE
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import MapView

app = typer.Typer()


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
