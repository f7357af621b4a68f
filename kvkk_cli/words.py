"""The language of this run, and `_` that says a message id in it. Typer's own words come through it too (`kvkk_cli.grammar`)."""

from __future__ import annotations

from core import translator


class _Speech:
    """The language in use; one a process, chosen before Typer's modules are imported."""

    language = "tr"


def use(language: str) -> None:
    """Speak this language from now on."""
    _Speech.language = language


def language() -> str:
    """`tr` or `en`."""
    return _Speech.language


def _(text: str) -> str:
    """The message id in the language of this run."""
    return translator(_Speech.language)(text)
