"""The options that every command understands, read before and after the command's name.

They are taken out of the arguments before Typer sees them, up to a `--`: the language must be known before Typer's modules are
imported, and `kvkk requests list --json` must mean the same as `kvkk --json requests list`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core import UsageError

VALUES = {"--db": "db", "--map": "map", "--lang": "lang"}
FLAGS = {"--json": "as_json", "--quiet": "quiet", "-q": "quiet", "--version": "version"}


@dataclass
class Everywhere:
    """What the options that belong to every command say."""

    db: str | None = None
    map: str | None = None
    lang: str | None = None
    as_json: bool = False
    quiet: bool = False
    version: bool = False
    rest: list[str] = field(default_factory=list)
    """The arguments that Typer gets."""
    complaint: UsageError | None = None
    """The first thing that is wrong with these options; told once the language is known."""


def hoist(argv: Sequence[str]) -> Everywhere:
    """Take the options of every command out of the arguments; nothing is raised here, see `complaint`."""
    found = Everywhere()
    todo = list(argv)
    while todo:
        word = todo.pop(0)
        if word == "--":
            found.rest += [word, *todo]
            break
        name, equals, value = word.partition("=")
        if name in VALUES:
            _take(found, name, value if equals else None, todo)
        elif word in FLAGS:
            setattr(found, FLAGS[word], True)
        else:
            found.rest.append(word)
    return found


def _take(found: Everywhere, name: str, value: str | None, todo: list[str]) -> None:
    """The value of an option: behind its `=`, or the next argument."""
    if value is None and todo and todo[0] != "--":
        value = todo.pop(0)
    if not value:
        found.complaint = found.complaint or UsageError("option-needs-value", option=name)
        return
    setattr(found, VALUES[name], value)
