"""`kvkk tui`: the console. The only command that imports `kvkk_tui`, and only once the terminal is found good."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from core import N_, UsageError
from kvkk_cli import words
from kvkk_cli.session import here

app = typer.Typer()


@app.command("tui", help=N_("Open the console: the queue of requests, for a terminal. Every verb is also a command of its own."))
def tui(
    mouse: Annotated[bool, typer.Option("--mouse/--no-mouse", help=N_("Without it the terminal's own selection of text works."))] = True,
) -> None:
    from kvkk_tui import terminal

    refused = terminal.refused_here(os.environ)
    if refused is not None:
        raise UsageError(refused)
    from kvkk_tui.start import console

    session = here()
    with session.closed_desk() as desk:
        session.status, error = console(desk, words.language(), language_chosen=session.language_chosen, mouse=mouse)
    if error is not None:
        raise error


def run() -> NoReturn:
    """`kvkk-tui`: the same, by its own name."""
    from kvkk_cli.app import run as run_cli

    sys.argv[1:1] = ["tui"]
    run_cli()
