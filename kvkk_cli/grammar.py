"""How our command line differs from plain Typer: commands are found lazily, help is plain and translated, mistakes are ours.

Everything that touches Typer's and its vendored Click's inner names lives here and in `completion.py`; tests guard it. Help texts
are message ids; they are said in the chosen language when the command is built, once a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer import _click, core
from typer._click.shell_completion import CompletionItem
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command_from_info, get_group_from_info
from typer.models import TyperInfo

from core import N_, UsageError
from kvkk_cli.commands import COMMANDS, Entry
from kvkk_cli.session import here
from kvkk_cli.words import _

TYPER_WORDS = (
    N_("Options"),
    N_("Arguments"),
    N_("Commands"),
    N_("default: {default}"),
    N_("required"),
    N_("env var: {var}"),
    N_("(dynamic)"),
    N_("[OPTIONS]"),
    N_("COMMAND [ARGS]..."),
)
"""Words that Typer says, or that we translate for it."""
setattr(core, "_", _)  # noqa: B010 - Typer's own gettext would read the whole catalogue, an eighth of `--help`


NO_ARGUMENTS = _click.exceptions.NoArgsIsHelpError
"""Raised when a group is called without a command; its message is the help."""
COMPLAINTS = _click.exceptions.ClickException
"""What Typer's parser raises."""


class _Spoken:
    """What a command and a group share: usage, help option and examples in the chosen language."""

    def format_usage(self, ctx: _click.Context, formatter: _click.HelpFormatter) -> None:
        pieces = [piece[1:-1] if piece.startswith("{") else _(piece) for piece in self.collect_usage_pieces(ctx)]  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=_("Usage: "))

    def get_help_option(self, ctx: _click.Context) -> TyperOption | None:
        option: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = _("Show this help and exit.")
            option.callback = _show_help
        return option

    def parse_args(self, ctx: _click.Context, args: list[str]) -> list[str]:
        here().command = " ".join(ctx.command_path.split()[1:])
        return super().parse_args(ctx, args)  # type: ignore[misc,no-any-return]

    def get_help_option_names(self, ctx: _click.Context) -> list[str]:
        return sorted(super().get_help_option_names(ctx), key=len)  # type: ignore[misc]

    def format_epilog(self, ctx: _click.Context, formatter: _click.HelpFormatter) -> None:
        from kvkk_cli.examples import EXAMPLES

        path = " ".join(ctx.command_path.split()[1:])
        lines = EXAMPLES.get(path, ())
        if lines:
            with formatter.section(_("Examples")):
                for line, meaning in lines:
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
                    formatter.indent()
                    formatter.write_text(_(meaning))
                    formatter.dedent()
        if path:
            formatter.write_paragraph()
            formatter.write_text(_("Options of every command (--db, --map, --lang, --json, --quiet): kvkk --help"))


def _show_help(ctx: _click.Context, _param: _click.Parameter, value: bool) -> None:
    """Help is data: it goes to stdout through our one writer."""
    if value and not ctx.resilient_parsing:
        here().out.document(ctx.get_help())
        ctx.exit()


class Command(_Spoken, TyperCommand):
    """A command of ours."""


class Group(_Spoken, TyperGroup):
    """A group of ours; an unknown command is answered with the nearest name."""

    def resolve_command(self, ctx: _click.Context, args: list[str]) -> tuple[str | None, _click.Command | None, list[str]]:
        command = self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:
            if args[0].startswith("-"):
                self.parse_args(ctx, args)
            unknown_command(args[0], self.list_commands(ctx), ctx.command_path)
        return (args[0] if command else None), command, args[1:]


class Root(Group):
    """The root: its commands are listed from a table and imported only when one is called."""

    def list_commands(self, ctx: _click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: _click.Context, cmd_name: str) -> _click.Command | None:
        entry = COMMANDS.get(cmd_name)
        return build(cmd_name, entry) if entry else None

    def format_commands(self, ctx: _click.Context, formatter: _click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(entry.help)) for name, entry in COMMANDS.items()])

    def shell_complete(self, ctx: _click.Context, incomplete: str) -> list[CompletionItem]:
        words = [CompletionItem(n, help=_(e.help)) for n, e in COMMANDS.items() if n.startswith(incomplete)]
        return words + _click.Command.shell_complete(self, ctx, incomplete)


def unknown_command(name: str, known: Sequence[str], path: str) -> NoReturn:
    """Raises UsageError with the nearest name."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    if near:
        raise UsageError("no-such-command-near", name=name[:64], near=near[0], command=path)
    raise UsageError("no-such-command", name=name[:64], command=path)


def build(name: str, entry: Entry) -> _click.Command:
    """Import a command's module and make the command; a module's `app` with one command of that name is that command."""
    app: typer.Typer = import_module(entry.module).app
    if entry.function:
        info = next(one for one in app.registered_commands if one.name == name)
        info.cls = Command
        command = get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)
    else:
        for one in app.registered_commands:
            one.cls = Command
        info_ = TyperInfo(app, name=name, help=entry.help, cls=Group, no_args_is_help=True)
        command = get_group_from_info(info_, pretty_exceptions_short=True, rich_markup_mode=None, suggest_commands=False)
    spoken(command)
    return command


def spoken(command: _click.Command) -> None:
    """Say the help of a command, of its parameters and of its sub-commands in the chosen language."""
    command.help = _(command.help) if command.help else command.help
    command.short_help = _(command.short_help) if command.short_help else command.short_help
    for param in command.params:
        if isinstance(param, TyperOption | TyperArgument) and param.help:
            param.help = _(param.help)
    if isinstance(command, TyperGroup):
        command.subcommand_metavar = _(command.subcommand_metavar)
        for one in command.commands.values():
            spoken(one)


def call(tree: TyperGroup, arguments: Sequence[str], program: str) -> int:
    """Parse and call. Returns a command's own exit code, 0 when it has none.

    Not Typer's `main`: that one turns a closed pipe into 1 and Ctrl-C into silence, and we have a door of our own for both.
    """
    tree._main_shell_completion({}, program)
    try:
        with tree.make_context(program, list(arguments)) as context:
            tree.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    return 0


def complaint(error: _click.exceptions.ClickException) -> UsageError:
    """Our error for a mistake that Typer's parser found; its English sentence is not used."""
    kinds = _click.exceptions
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "kvkk"
    if isinstance(error, kinds.NoSuchOption):
        near = error.possibilities or ()
        if near:
            return UsageError("no-such-option-near", option=error.option_name, near=", ".join(sorted(near)), command=path)
        return UsageError("no-such-option", option=error.option_name, command=path)
    if isinstance(error, kinds.BadOptionUsage):
        code = "option-takes-no-value" if "does not take" in error.message else "option-needs-value"
        return UsageError(code, option=error.option_name, command=path)
    if isinstance(error, kinds.MissingParameter):
        return UsageError("missing-argument", argument=_name(error.param), command=path)
    if isinstance(error, kinds.BadParameter):
        return _bad_value(error, path)
    if "unexpected extra argument" in error.message:
        return UsageError("too-many-arguments", extra=error.message.partition("(s) (")[2].rstrip(")")[:64], command=path)
    return UsageError("wrong-usage", command=path)


def _bad_value(error: _click.exceptions.BadParameter, path: str) -> UsageError:
    """What is wrong with a value: the values that would be right, or the kind of value."""
    choices = getattr(getattr(error.param, "type", None), "choices", None)
    if choices:
        return UsageError("not-one-of", argument=_name(error.param), allowed=tuple(map(str, choices)), command=path)
    kind = getattr(error.param, "type", None)
    least, most = getattr(kind, "min", None), getattr(kind, "max", None)
    if least is not None and most is not None:
        return UsageError("not-between", argument=_name(error.param), least=least, most=most, command=path)
    if least is not None:
        return UsageError("less-than-least", argument=_name(error.param), least=least, command=path)
    return UsageError("wrong-value", argument=_name(error.param), command=path)


def _name(param: Any) -> str:
    """An option by its longest name, an argument by its metavar."""
    if isinstance(param, TyperOption):
        return str(max(param.opts, key=len))
    return str(getattr(param, "metavar", None) or getattr(param, "name", None) or "?").strip("[]").rstrip(".")
