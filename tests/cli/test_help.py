"""Help in both languages, kept as golden files, and examples that the real grammar can parse."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer import _click
from typer.core import TyperGroup

from core import Exit
from kvkk_cli import root, words
from kvkk_cli.commands import COMMANDS
from kvkk_cli.examples import EXAMPLES
from kvkk_cli.options import Everywhere, hoist
from kvkk_cli.output import Output
from kvkk_cli.session import Session, opened
from kvkk_cli.topics import EXIT_CODES, TOPICS

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str, text: str) -> None:
    """Compare with the kept file; one that does not exist yet is written and fails, so that somebody reads it."""
    kept = GOLDEN / name
    if not kept.exists():
        kept.write_text(text, encoding="utf-8")
        pytest.fail(f"{name} was not there: read it and keep it")
    assert text == kept.read_text(encoding="utf-8")


def commands() -> Iterator[tuple[str, _click.Command]]:
    """(path, command) of every command that is no group."""
    words.use("en")
    tree = root.tree()
    context = _click.Context(tree, info_name="kvkk")
    for name in tree.list_commands(context):
        command = tree.get_command(context, name)
        assert command is not None
        if isinstance(command, TyperGroup):
            yield from ((f"{name} {below}", one) for below, one in command.commands.items())
        else:
            yield name, command


PATHS = [path for path, _command in commands()]


@pytest.mark.parametrize("lang", ["tr", "en"])
def test_the_front_page_is_the_golden_one(run, lang: str) -> None:
    ran = run("--help", lang=lang)
    assert (ran.code, ran.err) == (0, "")
    golden(f"help.{lang}.txt", ran.out)


@pytest.mark.parametrize("lang", ["tr", "en"])
def test_the_page_of_every_command_is_the_golden_one(run, lang: str) -> None:
    """A file a command: two people who change two commands do not meet in one."""
    kept = GOLDEN / "commands" / lang
    pages = {f"{path.replace(' ', '-')}.txt": run(*path.split(), "--help", lang=lang).out for path in PATHS}
    assert {file.name for file in kept.glob("*")} <= set(pages), "a page of a command that is gone"
    new = [name for name in pages if not (kept / name).exists()]
    for name in new:
        (kept / name).write_text(pages[name], encoding="utf-8")
    assert not new, "these were not there: read them and keep them"
    assert pages == {name: (kept / name).read_text(encoding="utf-8") for name in pages}


@pytest.mark.parametrize("lang", ["tr", "en"])
@pytest.mark.parametrize("topic", list(TOPICS))
def test_the_page_of_every_topic_is_the_golden_one(run, topic: str, lang: str) -> None:
    golden(f"topic-{topic}.{lang}.txt", run("help", topic, lang=lang).out)


def test_help_of_a_command_is_its_page(run) -> None:
    assert run("help", "requests", "add").out == run("requests", "add", "-h").out


@pytest.mark.parametrize("path", PATHS)
def test_every_command_has_help_and_examples(path: str) -> None:
    command = dict(commands())[path]
    assert command.help
    assert path in EXAMPLES
    assert all(getattr(param, "help", None) or getattr(param, "hidden", False) for param in command.params)


def test_no_example_belongs_to_nothing() -> None:
    assert set(EXAMPLES) - {""} == set(PATHS)


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line, _meaning in lines])
def test_an_example_is_understood(line: str) -> None:
    """Parsed only: nothing is opened and nothing is called."""
    piped = next(part.strip() for part in line.removeprefix("sudo ").split("|") if part.strip().startswith("kvkk"))
    argv = shlex.split(re.split("[<>]", piped)[0])[1:]
    options = hoist(argv)
    out = Output(*(open("/dev/null", "w") for _ in range(2)), open("/dev/null"))  # noqa: SIM115
    with opened(Session(out, Everywhere(), language_chosen=True)):
        words.use("en")
        context = root.tree().make_context("kvkk", options.rest)
        while isinstance(context.command, TyperGroup):
            args = [*context._protected_args, *context.args]
            name, command, rest = context.command.resolve_command(context, args)
            assert command is not None
            context = command.make_context(name, rest, parent=context)
    assert options.complaint is None


def test_the_exit_codes_on_the_page_are_those_of_the_program() -> None:
    assert {code for code, _meaning in EXIT_CODES} == set(map(int, Exit))


def test_a_call_without_a_command_shows_help_and_fails(run) -> None:
    for argv in ([], ["requests"]):
        ran = run(*argv)
        assert ran.code == 2
        assert ran.out == ""
        assert ran.err.startswith("Usage: kvkk")


def test_every_command_of_the_table_is_there() -> None:
    assert {path.split()[0] for path in PATHS} == set(COMMANDS)
