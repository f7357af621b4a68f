"""What a person is told when a command does not go through."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import Drift, KvkkError, MapError, UsageError, explain, explain_code
from kvkk_cli import words
from kvkk_cli.output import Output
from kvkk_cli.texts import TEXTS
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Failure

DEBUG = "KVKK_DEBUG"


def known(out: Output, error: KvkkError, about: str = "") -> None:
    """An error of the family: its wording, and every finding about a data map."""
    what, then = explain(error, words.language(), TEXTS)
    what = f"{about}{what}"
    problems = []
    if isinstance(error, MapError | Drift):
        for path, code, facts in error.problems:
            problems.append((path, _sentence(code, facts)))
    out.fail(error.code, what, then, error.facts, problems)


def part(out: Output, failure: Failure) -> None:
    """One thing that `kvkk run` could not do."""
    about = "" if failure.request is None else _("Request {number}: ").format(number=failure.request)
    what, then = explain_code(failure.code, dict(failure.facts), words.language(), TEXTS)
    problems = [(path, _sentence(code, facts)) for path, code, facts in failure.problems]
    out.fail(failure.code, f"{about}{what}", then, dict(failure.facts), problems)


def of_request(out: Output, number: int, error: KvkkError) -> None:
    """One of several requests failed."""
    known(out, error, _("Request {number}: ").format(number=number))


def of_message(out: Output, number: int, error: KvkkError) -> None:
    """One of several messages failed."""
    known(out, error, _("Message {number}: ").format(number=number))


def stopped(out: Output) -> None:
    """Ctrl-C or SIGTERM."""
    known(out, UsageError("interrupted"))


def unexpected(out: Output, error: Exception) -> None:
    """A bug: class and place only. Its text may quote a customer's value, so it is shown under KVKK_DEBUG=1 alone."""
    import secrets
    import traceback

    if os.environ.get(DEBUG) == "1":
        out.warn_block("".join(traceback.format_exception(error)))
    known(out, KvkkError("unexpected", reference=secrets.token_hex(4), kind=type(error).__name__, place=_place(error)))


def _sentence(code: str, facts: Mapping[str, Any]) -> str:
    """A finding about a data map."""
    return " ".join(told for told in explain_code(code, facts, words.language(), TEXTS) if told)


def _place(error: Exception) -> str:
    """file:line of the last frame that is ours."""
    import traceback

    home = Path(__file__).parent.parent
    frames = [frame for frame, _line in traceback.walk_tb(error.__traceback__)]
    lines = [line for _frame, line in traceback.walk_tb(error.__traceback__)]
    for frame, line in reversed(list(zip(frames, lines, strict=True))):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(home) and "site-packages" not in path.relative_to(home).parts:
            return f"{path.relative_to(home)}:{line}"
    return "?"
