"""The language of this run, and `_` that says a message id in it. Typer's own words follow through the default domain."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

from core import translator

DOMAIN = "kvkk"


class _Speech:
    """The language in use; one a process, chosen before Typer's modules are imported."""

    language = "tr"


def use(language: str) -> None:
    """Speak this language from now on, Typer's words included (stdlib gettext of the default domain, which asks LANGUAGE)."""
    _Speech.language = language
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, str(_catalogues()))
    gettext.textdomain(DOMAIN)


def language() -> str:
    """`tr` or `en`."""
    return _Speech.language


def _(text: str) -> str:
    """The message id in the language of this run."""
    return translator(_Speech.language)(text)


def _catalogues() -> Path:
    from core import CATALOGUES

    return CATALOGUES
