"""From a template and its words to a page. Every value is made safe twice: hidden characters become visible codes, HTML is escaped.

Templates get `_` and the days of the visit's language. `typed` alone lets a value through whole: what the visitor has just typed goes
back into its own field.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from core import label, safe, safe_lines, translator
from kvkk_panel import colour, words

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT_MOST = 2000
PARAGRAPH_MOST = 20_000


def _safe(value: Any) -> Any:
    return safe(value, TEXT_MOST) if isinstance(value, str) and not isinstance(value, Markup) else value


def _lines(text: str) -> Markup:
    """A text of the company, its paragraphs as they stand."""
    blocks = [block.strip("\n") for block in safe_lines(text, PARAGRAPH_MOST).split("\n\n")]
    return Markup("\n").join(Markup("<p>{}</p>").format(block) for block in blocks if block.strip())


def _typed(value: str) -> Markup:
    """What was typed, but for control characters: no field of one line holds them."""
    return escape("".join(char for char in value if not (char < " " or "\x7f" <= char < "\xa0")))


@cache
def environment() -> Environment:
    """The templates; one a process."""
    made = Environment(
        loader=PackageLoader("kvkk_panel"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(lines=_lines, typed=_typed)
    return made


def render(template: str, language: str, zone: str, **more: Any) -> str:
    """The page in a language; moments in a time zone."""
    say = translator(language)
    return environment().get_template(template).render(_=say, **_forms(language, zone, say), **more)


def _forms(language: str, zone: str, say: Callable[[str], str]) -> dict[str, Any]:
    months = tuple(map(say, words.MONTHS))

    def day(value: date) -> str:
        return words.day(value, language, months)

    def moment(value: datetime) -> str:
        local = words.moment(value, zone)
        return f"{day(local.date())}, {local:%H:%M}"

    def day_of(value: datetime) -> str:
        return day(words.moment(value, zone).date())

    def named(group: str, code: str) -> str:
        return label(group, code, language)

    return {"day": day, "moment": moment, "day_of": day_of, "named": named, "language": language}


@cache
def stylesheet() -> bytes:
    """The stylesheet as it ships."""
    return files("kvkk_panel").joinpath("static/panel.css").read_bytes()


@cache
def icon() -> bytes:
    """The sign in a browser's tab."""
    return files("kvkk_panel").joinpath("static/icon.svg").read_bytes()


def colours(accent: str | None) -> bytes:
    """The variables of the company's colour."""
    return colour.stylesheet(accent).encode("ascii")


def mark(content: bytes) -> str:
    """A short mark of a file, for an address that may be kept for ever."""
    return hashlib.sha256(content).hexdigest()[:12]
