"""`kvkk config`: which database is meant, and which files say so. Opens no database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from core import N_
from kvkk_cli import forms
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import ConfigFile, ConfigLine

app = typer.Typer()


@app.command("show", help=N_("Show the database, data map, key file and language that count now, and where each comes from."))
def show() -> None:
    from core import config_lines

    options = here().options
    lines = config_lines(options.db, options.map, os.environ, Path.cwd())
    here().out.show(lines, lambda: _lines(lines))


def _lines(lines: tuple[ConfigLine, ...]) -> None:
    here().out.table(
        (_("What"), _("Value"), _("From")),
        [(line.key, line.value or forms.NONE, line.origin) for line in lines],
        [(line.key, line.value or "", line.origin) for line in lines],
    )


@app.command("path", help=N_("List the config files that are looked at, in order."))
def path() -> None:
    from core import config_files

    files = config_files(os.environ)
    here().out.show(files, lambda: _files(files))


def _files(files: tuple[ConfigFile, ...]) -> None:
    here().out.table(
        (_("File"), _("There")),
        [(file.path, forms.yes_no(file.exists)) for file in files],
        [(file.path, "yes" if file.exists else "no") for file in files],
    )
