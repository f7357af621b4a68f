"""How arguments are read: request numbers, days, customers. A wrong one is refused before any database is opened."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import typer

from core import N_, UsageError
from kvkk_cli import completion
from kvkk_cli.session import here

DIGITS = 15
"""More digits than any database numbers requests with."""
STDIN = 0
"""Stands for `-`: no request has this number."""
_LOCAL_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")


def number(text: str) -> int:
    """The number of a request. Raises UsageError `not-a-number`."""
    return _number(text, "REQ")


def message(text: str) -> int:
    """The number of a message. Raises UsageError `not-a-number`."""
    return _number(text, "MESSAGE")


def _number(text: str, argument: str) -> int:
    if not is_number(text):
        raise UsageError("not-a-number", argument=argument, command=_command())
    return int(text)


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS


def number_or_stdin(text: str) -> int:
    """The number of a request, or STDIN for `-`. Raises UsageError `not-a-number`."""
    return STDIN if text == "-" else number(text)


def day(option: str) -> Callable[[Any], date]:
    """Reader of a day, 2026-11-23 or 23.11.2026, that names its option. Raises UsageError `not-a-date`."""

    def read(text: Any) -> date:
        if isinstance(text, date):
            return text
        local = _LOCAL_DAY.fullmatch(text)
        try:
            return date(int(local[3]), int(local[2]), int(local[1])) if local else date.fromisoformat(text)
        except ValueError:
            raise UsageError("not-a-date", argument=option, command=_command()) from None

    return read


def customer(text: str) -> str:
    """The customer as named, or the line on stdin for `-`. Raises UsageError `stdin-empty`."""
    if text != "-":
        return text
    line = here().out.read_line().strip()
    if not line:
        raise UsageError("stdin-empty")
    return line


def _command() -> str:
    return f"kvkk {here().command}".strip()


Req = Annotated[
    int,
    typer.Argument(
        parser=number,
        metavar="REQ",
        show_default=False,
        help=N_("Number of the request."),
        autocompletion=completion.requests,
    ),
]
Reqs = Annotated[
    list[int],
    typer.Argument(
        parser=number,
        metavar="REQ...",
        show_default=False,
        help=N_("Numbers of the requests."),
        autocompletion=completion.requests,
    ),
]
Customer = Annotated[
    str,
    typer.Argument(
        metavar="CUSTOMER",
        show_default=False,
        help=N_("Key, e-mail address, phone:… or id:…; - reads it from standard input, where other users cannot see it."),
    ),
]
MaybeCustomer = Annotated[
    str | None,
    typer.Argument(
        metavar="CUSTOMER",
        show_default=False,
        help=N_("Key, e-mail address, phone:… or id:…; - reads it from standard input, where other users cannot see it."),
    ),
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=N_("Reason; the customer is told."), show_default=False)]
