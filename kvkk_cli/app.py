"""From arguments to exit code: options of every command, language, the command itself, and the one door for errors.

`main` returns the exit code and is what tests call; `run` is the process: signals, pipes, and the standard streams.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType, ModuleType
from typing import NoReturn

from core import VERSION, Exit, KvkkError, UsageError, chosen_language
from kvkk_cli import words
from kvkk_cli.options import Everywhere, hoist
from kvkk_cli.output import AnswerLost, Output, answering, standard
from kvkk_cli.session import Session, opened

PROGRAMS = ("kvkk", "kvkk-desk")


class Terminated(BaseException):
    """SIGTERM or SIGHUP: unwinds like Ctrl-C, so that an open transaction is undone whole."""


def main(argv: Sequence[str], output: Callable[[Everywhere], Output] | None = None, program: str = "kvkk") -> int:
    """Carry out one command line; returns the exit code. `output` gives tests streams of their own."""
    options = hoist(argv)
    out = output(options) if output else standard(as_json=options.as_json, quiet=options.quiet, env=os.environ)
    session = Session(out, options, language_chosen=False)
    with opened(session):
        status = _guarded(session, program)
        if out.as_json and (out.errors or out.data is not None):
            out.envelope(session.command, status)
        return status


def _guarded(session: Session, program: str) -> int:
    """The one door: whatever ends a command becomes words and an exit code here."""
    try:
        _speak(session)
        if session.options.version:
            session.out.show({"product": "kvkk-desk", "version": VERSION}, lambda: session.out.line(f"kvkk {VERSION}"))
            return Exit.DONE
        _dispatch(session, program)
        return session.status
    except (AnswerLost, BrokenPipeError):  # of the process, and told once
        raise
    except KvkkError as error:
        _failures().known(session.out, error)
        return error.exit_code
    except KeyboardInterrupt:
        _failures().stopped(session.out)
        return Exit.INTERRUPTED
    except Terminated:
        _failures().stopped(session.out)
        return Exit.TERMINATED
    except Exception as error:  # noqa: BLE001 - the outermost door: a bug is told by reference, never by its text
        _failures().unexpected(session.out, error)
        return Exit.FAILED


def _failures() -> ModuleType:
    """Loaded when something fails: the wording of every code is not needed before."""
    from kvkk_cli import failures

    return failures


def _speak(session: Session) -> None:
    """Choose the language. A wrong one is told in the one that would have been spoken without it."""
    from core import configured_language

    options = session.options
    try:
        wanted = chosen_language(options.lang, os.environ, lambda: configured_language(os.environ))
    except UsageError:
        words.use(chosen_language(None, {k: v for k, v in os.environ.items() if k != "KVKK_LANG"}, lambda: None) or "tr")
        raise
    session.language_chosen = wanted is not None
    words.use(wanted or "tr")
    if options.complaint:
        raise options.complaint


def _dispatch(session: Session, program: str) -> None:
    """Let Typer parse and call; its own complaints become ours."""
    if session.options.rest == ["tui"]:  # nothing to parse: the console comes a fifth sooner without Typer
        from kvkk_cli import console

        session.command = "tui"
        console.open_named()
        return
    os.environ["TYPER_USE_RICH"] = "0"  # plain help: a third of the start-up time, and no markup in it
    from kvkk_cli import grammar, root

    try:
        session.status = grammar.call(root.tree(), session.options.rest, program) or session.status
    except grammar.NO_ARGUMENTS as error:
        if session.out.as_json:  # a script is owed an envelope, not a page of help
            raise UsageError("no-command", command=error.ctx.command_path if error.ctx else program) from None
        session.out.warn_block(error.message)
        session.status = Exit.USAGE
    except grammar.COMPLAINTS as error:
        raise grammar.complaint(error) from None


GARBAGE_AFTER = 50_000
"""New objects after which Python looks for garbage, in place of 700: a tenth of a short command went into looking through what was just
loaded. Few of our objects lie in cycles, so that even a long run keeps no more memory for it."""


def run() -> NoReturn:
    """The process. A closed pipe ends it with 141, a stdout that takes nothing with 13, SIGTERM and SIGHUP with 143, Ctrl-C with 130."""
    gc.set_threshold(GARBAGE_AFTER)
    for one in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, _terminate)
    name = os.path.basename(sys.argv[0])
    status = 0
    try:
        status = main(sys.argv[1:], program=name if name in PROGRAMS else PROGRAMS[0])
        if sys.stdout is not None:
            with answering():
                sys.stdout.flush()
    except BrokenPipeError:
        status = Exit.CLOSED_PIPE
        _into_nothing()
    except AnswerLost as error:
        _into_nothing()  # first: whoever touches stdout now would flush it, and fail again
        _failures().known(standard(as_json=False, quiet=False, env=os.environ), error)
        status = status or error.exit_code
    sys.exit(status)


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def _into_nothing() -> None:
    """Nobody reads any more: what is still in the buffer must not complain at exit."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            os.dup2(nothing, stream.fileno())
