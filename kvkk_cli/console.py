"""The way into the console, for every command that opens it. Nothing of `kvkk_tui` is imported before the terminal is found good."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kvkk_cli import words
from kvkk_cli.session import here

if TYPE_CHECKING:
    from core import Desk


def refusal() -> str | None:
    """Code of the reason why the console cannot be shown on this terminal, None when it can."""
    from kvkk_tui import terminal

    return terminal.refused_here(os.environ)


def show(desk: Desk, *, mouse: bool = True, hello: str = "") -> None:
    """Open the console on a desk and come back when it is left; `hello` is its first word. Raises what kept it from opening."""
    from kvkk_tui.start import console

    session = here()
    session.status, error = console(desk, words.language(), language_chosen=session.language_chosen, mouse=mouse, hello=hello)
    if error is not None:
        raise error


def open_named(*, mouse: bool = True) -> None:
    """`kvkk tui`: the console on the database that is named. Raises UsageError where the terminal cannot show it."""
    from core import UsageError

    refused = refusal()
    if refused is not None:
        raise UsageError(refused)
    with here().closed_desk() as desk:
        show(desk, mouse=mouse)
