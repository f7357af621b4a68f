"""`kvkk tui`: the console."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from core import N_
from kvkk_cli import console

app = typer.Typer()


@app.command("tui", help=N_("Open the console: the queue of requests, for a terminal. Every verb is also a command of its own."))
def tui(
    mouse: Annotated[bool, typer.Option("--mouse/--no-mouse", help=N_("Without it the terminal's own selection of text works."))] = True,
) -> None:
    console.open_named(mouse=mouse)


def run() -> NoReturn:
    """`kvkk-tui`: the same, by its own name."""
    from kvkk_cli.app import run as run_cli

    sys.argv[1:1] = ["tui"]
    run_cli()
