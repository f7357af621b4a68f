"""Shell completion: Typer's own scripts and protocol, taught not to load Rich, and the values that only we know."""

from __future__ import annotations

import os

import typer
from typer import _completion_classes, _completion_shared

from core import UsageError
from kvkk_cli.session import here
from kvkk_cli.words import _

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")


def enable() -> None:
    """Ready for a Tab. Help texts of ours hold no Rich markup: stripping it would load Rich every time."""
    _completion_classes._sanitize_help_text = str  # type: ignore[assignment]
    _completion_classes.completion_init()


def install(ctx: typer.Context, wanted: bool) -> None:
    """Callback of `--install-completion`. Raises UsageError `unknown-shell`."""
    if wanted and not ctx.resilient_parsing:
        shell, path = _completion_shared.install(shell=_shell())
        here().out.say(_("Completion for {shell} is installed; it works in the next terminal.").format(shell=shell))
        here().out.sentence(str(path))
        raise typer.Exit


def show(ctx: typer.Context, wanted: bool) -> None:
    """Callback of `--show-completion`. Raises UsageError `unknown-shell`."""
    if wanted and not ctx.resilient_parsing:
        name = str(ctx.find_root().info_name)
        variable = f"_{name}_COMPLETE".replace("-", "_").upper()
        script = _completion_shared.get_completion_script(prog_name=name, complete_var=variable, shell=_shell())
        here().out.document(script)
        raise typer.Exit


def _shell() -> str:
    """The shell that called us, else the login shell: a script may stand between (`sh` completes nothing)."""
    for found in (_completion_shared._get_shell_name(), os.path.basename(os.environ.get("SHELL", ""))):
        if found in SHELLS:
            return found
    raise UsageError("unknown-shell", allowed=SHELLS)


def settings(incomplete: str) -> list[str]:
    """Names of settings; no database is opened."""
    from core import SETTINGS

    return [one.key for one in SETTINGS if one.key.startswith(incomplete)]


def events(incomplete: str) -> list[str]:
    """Names of templates; no database is opened."""
    from core import EVENTS

    return [name for name in EVENTS if name.startswith(incomplete)]


def topics(incomplete: str) -> list[str]:
    """What `kvkk help` explains."""
    from kvkk_cli.commands import COMMANDS
    from kvkk_cli.topics import TOPICS

    return [name for name in (*TOPICS, *COMMANDS) if name.startswith(incomplete)]


def requests(incomplete: str) -> list[tuple[str, str]]:
    """Numbers of open requests, most urgent first, with what is asked; nothing when the database cannot be read."""
    from core import KvkkError, RequestFilter, label
    from kvkk_cli.words import language

    try:
        with here().desk() as desk:
            rows = desk.requests.list(desk.actor, RequestFilter(limit=200)).rows
    except KvkkError:
        return []
    return [(str(row.number), label("kind", row.kind, language())) for row in rows if str(row.number).startswith(incomplete)]
