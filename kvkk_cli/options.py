"""The options that every command understands, read before and after the command's name.

They are taken out of the arguments before Typer sees them, up to a `--`: the language must be known before Typer's modules are
imported, and `kvkk requests list --json` must mean the same as `kvkk --json requests list`.
"""

from __future__ import annotations

from collections.abc import Sequence

from core import UsageError

VALUES = {"--db": "db", "--map": "map", "--lang": "lang"}
FLAGS = {"--json": "as_json", "--quiet": "quiet", "-q": "quiet", "--version": "version"}


class Everywhere:
    """What the options that belong to every command say. No dataclass: that module alone costs `--help` 3 ms."""

    def __init__(self) -> None:
        self.db: str | None = None
        self.map: str | None = None
        self.lang: str | None = None
        self.as_json = False
        self.quiet = False
        self.version = False
        self.rest: list[str] = []
        """The arguments that Typer gets."""
        self.complaint: UsageError | None = None
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
    if value is None and todo and not todo[0].startswith("--"):
        value = todo.pop(0)
    if not value:
        found.complaint = found.complaint or UsageError("option-needs-value", option=name)
        return
    setattr(found, VALUES[name], value)
