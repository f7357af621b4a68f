"""The root of the command tree: the options of every command, for `--help` and completion."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_group

from core import N_
from kvkk_cli import completion, grammar

app = typer.Typer(cls=grammar.Root, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback(
    context_settings={"help_option_names": ["-h", "--help"]},
    help=N_(
        "Answers customers' personal-data requests under KVKK and the GDPR on the company's own database. "
        "CUSTOMER is the key, an e-mail address, phone:… or id:…, or - to read one line from standard input; REQ is the "
        "number of a request."
    ),
)
def options(
    db: Annotated[str, typer.Option("--db", metavar="URL|FILE", help=N_("Database; else KVKK_DB, else the config file."))] = "",
    map_: Annotated[str, typer.Option("--map", metavar="FILE", help=N_("Data map, in place of the configured one."))] = "",
    lang: Annotated[str, typer.Option("--lang", metavar="tr|en", help=N_("Language of the interface."))] = "",
    as_json: Annotated[bool, typer.Option("--json", help=N_("Print one JSON document instead of tables."))] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help=N_("Say nothing but warnings and errors."))] = False,
    version: Annotated[bool, typer.Option("--version", help=N_("Print the version and exit."))] = False,
    install: Annotated[
        bool,
        typer.Option("--install-completion", callback=completion.install, help=N_("Install completion for this shell.")),
    ] = False,
    show: Annotated[
        bool,
        typer.Option("--show-completion", callback=completion.show, help=N_("Print the completion script for this shell.")),
    ] = False,
) -> None:
    """Only described here; `kvkk_cli.options` takes them out before Typer sees the arguments."""


def tree() -> TyperGroup:
    """The command tree, its words in the chosen language."""
    group = get_group(app)
    completion.enable()
    grammar.spoken(group)
    return group
