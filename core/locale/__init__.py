"""Words: which language to speak, and the translator for it. English is the message id; Turkish comes from the catalogue.

Languages are chosen by `--lang`, then KVKK_LANG, then the configuration, then LC_ALL / LC_MESSAGES / LANG, then Turkish. LANGUAGE
is not asked: gettext reads it even under LC_ALL=C, and a stray one on a server would change what a script prints.
A missing catalogue is no error: the English message ids are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from core.errors import UsageError
from core.locale.catalogue import Catalogue

DOMAIN = "kvkk"
CATALOGUES = Path(__file__).parent
LANGUAGES = ("tr", "en")
DEFAULT = "tr"

Translator = Callable[[str], str]


def N_(text: str) -> str:
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


def translator(language: str) -> Translator:
    """The function that says a message id in this language (`tr` or `en`)."""
    if language == "en":
        return str
    return _catalogue(language)


@cache
def _catalogue(language: str) -> Translator:
    """The words of the compiled catalogue, looked for once."""
    try:
        return Catalogue(CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.mo").gettext
    except OSError:
        return str


def chosen_language(wanted: str | None, env: Mapping[str, str], config: Callable[[], str | None]) -> str | None:
    """The language that somebody chose, None when nobody did. `config` is asked only when nothing before it answers.

    Raises UsageError `bad-language` for `--lang` and KVKK_LANG; a locale that we do not speak is passed over.
    """
    for text in (wanted, env.get("KVKK_LANG")):
        if text:
            return _spoken(text)
    configured = config()
    if configured:
        return _spoken(configured)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if env.get(name):
            return _of_locale(env[name])
    return None


def _spoken(text: str) -> str:
    """`tr`, `TR`, `tr_TR.UTF-8` all mean Turkish."""
    language = _of_locale(text)
    if language is None:
        raise UsageError("bad-language", allowed=LANGUAGES)
    return language


def _of_locale(text: str) -> str | None:
    """Language of a locale name; None for C, POSIX and languages that we do not speak."""
    language = text.replace("-", "_").split("_")[0].split(".")[0].lower()
    return language if language in LANGUAGES else None
