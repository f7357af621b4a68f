"""From an error's code and facts to the two sentences that a person reads: what happened, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import TYPE_CHECKING

from core.errors import Fact, KvkkError
from core.locale import translator
from core.locale.labels import label

if TYPE_CHECKING:
    from core.locale.wording import Text

WORDS = ("state", "kind", "regime", "channel", "outcome", "field", "why", "role", "needed")
"""Facts whose values are words of ours and are said in the reader's language."""
DAYS = ("received", "today", "oldest", "until")
"""Facts that are days in ISO 8601; Turkish readers get 23.11.2026."""
MOMENTS = ("at", "now", "then")
"""Facts that are moments in ISO 8601 with an offset; told to the minute, in UTC, since the reader's zone is not known here."""


class _Facts(dict[str, str]):
    """Facts of an error; one that is missing shows as `?` instead of hiding the sentence."""

    def __missing__(self, key: str) -> str:
        return "?"


def explain(error: KvkkError, language: str, more: Mapping[str, Text] | None = None) -> tuple[str, str]:
    """(what happened and what it means for the data, what to do next) in the language; `more` holds texts of a front."""
    return explain_code(error.code, error.facts, language, more)


def explain_code(code: str, facts: Mapping[str, Fact], language: str, more: Mapping[str, Text] | None = None) -> tuple[str, str]:
    """The same for a bare code, such as a refusal of a preview or a finding of `doctor`."""
    from core.locale.texts import TEXTS, UNKNOWN  # a few hundred sentences, which a command that goes well does without

    text = TEXTS.get(code) or (more or {}).get(code) or UNKNOWN
    say = translator(language)
    told = _Facts({name: _said(name, value, language) for name, value in facts.items()})
    told.setdefault("code", code)
    return say(text.what).format_map(told), (say(text.next).format_map(told) if text.next else "")


def explain_ahead(code: str, facts: Mapping[str, Fact], language: str, more: Mapping[str, Text] | None = None) -> tuple[str, str]:
    """The same before anybody has tried, as in a preview: nothing could have changed, so that is not said."""
    what, then = explain_code(code, facts, language, more)
    return what.removesuffix(translator(language)("Nothing was changed.")).rstrip(), then


def needs(code: str) -> frozenset[str]:
    """Names of the facts that the sentence of a code asks for."""
    from core.locale.texts import TEXTS, UNKNOWN

    text = TEXTS.get(code, UNKNOWN)
    return frozenset(name for _text, name, _spec, _conversion in Formatter().parse(text.what) if name)


def _said(name: str, value: Fact, language: str) -> str:
    if isinstance(value, tuple):
        return ", ".join(_said(name, one, language) for one in value)
    text = str(value)
    if name in WORDS:
        return label(name, text, language)
    if name in DAYS:
        return day(text, language)
    if name in MOMENTS:
        return f"{day(text[:10], language)} {text[11:16]} UTC"
    return text


def day(text: str, language: str) -> str:
    """An ISO day as the language writes it; anything else as it is."""
    parts = text.split("-")
    return ".".join(reversed(parts)) if language == "tr" and len(parts) == 3 else text
