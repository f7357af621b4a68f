"""The language of the console, switched live, and `_` that says a message id in it."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from typing import Any

from core import Forms, KvkkError, translator

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:[+-]\d\d:\d\d|Z)")
_DAYS = ("until", "received", "today")
"""Facts that are days where they are no moments."""


class _Speech:
    """The language in use; one a process."""

    language = "tr"
    zone = "Europe/Istanbul"


def use(language: str) -> None:
    """Speak this language from now on."""
    _Speech.language = language


def use_zone(zone: str) -> None:
    """Show moments in this time zone from now on."""
    _Speech.zone = zone


def language() -> str:
    """`tr` or `en`."""
    return _Speech.language


def zone() -> str:
    """The set time zone."""
    return _Speech.zone


def _(text: str) -> str:
    """The message id in the language in use."""
    return translator(_Speech.language)(text)


def forms() -> Forms:
    """How dates, numbers and statuses read in the language in use."""
    return _forms(_Speech.language)


def told(error: KvkkError) -> tuple[str, str]:
    """(what happened, what to do next) of an error, the latter in keys of the console where it knows any."""
    return told_code(error.code, dict(error.facts))


def told_code(code: str, facts: dict[str, object] | None = None) -> tuple[str, str]:
    """The same for a bare code, such as a refusal of a preview."""
    from core import explain_code  # with the sentences of every error: none is shown at first

    what, then = explain_code(code, _facts(facts), _Speech.language)
    return what, _next(code, then)


def ahead(code: str, facts: dict[str, object] | None = None) -> tuple[str, str]:
    """The same for what would be refused, before anybody has tried: that nothing was changed is not said."""
    from core import explain_ahead

    what, then = explain_ahead(code, _facts(facts), _Speech.language)
    return what, _next(code, then)


def against(code: str, facts: dict[str, object]) -> str:
    """Why something cannot be done, before anybody has tried."""
    return ahead(code, facts)[0]


def _facts(facts: dict[str, object] | None) -> dict[str, Any]:
    return {name: _here(name, value) for name, value in (facts or {}).items()}


def _here(name: str, fact: object) -> object:
    """A moment or a day as the console writes them: in the set time zone, in the language in use."""
    if not isinstance(fact, str):
        return fact
    try:
        if _MOMENT.fullmatch(fact):
            return forms().moment(datetime.fromisoformat(fact), zone())
        return forms().day(date.fromisoformat(fact)) if name in _DAYS else fact
    except ValueError:
        return fact


def _next(code: str, then: str) -> str:
    from kvkk_tui.texts import NEXT

    return _(NEXT[code]) if NEXT.get(code) else "" if code in NEXT else then


@cache
def _forms(language: str) -> Forms:
    return Forms(language)
