"""One verb on several requests: each is a unit of its own; what failed is told, and the others stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core import Exit, KvkkError, UsageError
from kvkk_cli.jsonable import jsonable
from kvkk_cli.output import Output
from kvkk_cli.session import here


def once_each(numbers: Sequence[int], code: str = "same-request-twice") -> None:
    """Raises UsageError `same-request-twice`, or that code."""
    seen: set[int] = set()
    for number in numbers:
        if number in seen:
            raise UsageError(code, number=number)
        seen.add(number)


def run(
    numbers: Sequence[int],
    verb: Callable[[int], Any],
    people: Callable[[Any], None],
    failed: Callable[[Output, int, KvkkError], None] | None = None,
) -> list[Any]:
    """Do it for each; one number alone ends with its own error, several end with 7 when some failed.

    Under `--json` one number gives one record, several give a list. `failed` tells of one; by default of a request.
    """
    session = here()
    if len(numbers) == 1:
        record = verb(numbers[0])
        session.out.show(record, lambda: people(record))
        return [record]
    done: list[Any] = []
    for number in numbers:
        try:
            record = verb(number)
        except KvkkError as error:
            if error.exit_code in (Exit.UNAVAILABLE, Exit.UNKNOWN):
                _keep(done)
                raise
            session.status = Exit.PARTLY
            (failed or _of_request())(session.out, number, error)
            continue
        done.append(record)
        if not session.out.as_json:
            people(record)
    _keep(done)
    return done


def _of_request() -> Callable[[Output, int, KvkkError], None]:
    """Loaded when something fails: the wording of every code is not needed before, and not for a Tab."""
    from kvkk_cli import failures

    return failures.of_request


def _keep(done: list[Any]) -> None:
    """What went through stands in the envelope, also when the run broke off."""
    if here().out.as_json:
        here().out.data = jsonable(done)
