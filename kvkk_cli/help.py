"""`kvkk help [TOPIC | COMMAND…]`."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer
from typer import _click
from typer.core import TyperGroup

from core import N_, UsageError
from kvkk_cli import completion, topics
from kvkk_cli.session import here
from kvkk_cli.words import _

app = typer.Typer()

WIDTH = 78


@app.command("help", help=N_("Explain a command or a topic: exit-codes, map, json."))
def help_(
    ctx: typer.Context,
    about: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TOPIC]", show_default=False, help=N_("A topic or a command."), autocompletion=completion.topics),
    ] = None,
) -> None:
    words = about or []
    if len(words) == 1 and words[0] in topics.TOPICS:
        _topic(words[0])
        return
    here().out.document(_command(ctx.find_root(), words).get_help())


def _topic(name: str) -> None:
    out = here().out
    out.sentence(_(topics.TOPICS[name]))
    out.line("")
    if name == "exit-codes":
        out.fields((str(code), _(meaning)) for code, meaning in topics.EXIT_CODES)
    else:
        out.document("\n".join(map(_wrapped, _(topics.PAGES[name]).split("\n"))))


def _wrapped(line: str) -> str:
    """A paragraph as wide as the other pages; what is set in stays as it is."""
    return line if line.startswith(" ") else textwrap.fill(line, WIDTH, break_on_hyphens=False, break_long_words=False)


def _command(ctx: _click.Context, words: list[str]) -> _click.Context:
    """The context of the command that the words name. Raises UsageError `no-such-topic`."""
    for word in words:
        group = ctx.command
        command = group.get_command(ctx, word) if isinstance(group, TyperGroup) else None
        if command is None:
            raise UsageError("no-such-topic", name=word[:64], allowed=tuple(topics.TOPICS))
        ctx = _click.Context(command, info_name=word, parent=ctx)
    return ctx
