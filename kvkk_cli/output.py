"""The only writer of stdout and stderr, and the only reader of answers: stdout is data, stderr is talk.

A terminal gets tables, a pipe gets tab-separated lines without art, `--json` gets one ASCII envelope at the end. Every value is
made safe here, whatever it holds; callers hand over plain text. Nothing is asked when stdin is no terminal.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, NamedTuple, TextIO

from core import Exit, KvkkError, safe, safe_lines
from kvkk_cli.words import _

ENVELOPE = 1
"""Version of the envelope; grows when a key changes its meaning or goes, not when one is added."""
SENTENCE = 2000
"""Characters of one line of talk: long enough for every allowed value, short enough for a terminal."""
CELL = 60
"""Characters of a cell that somebody else may have filled."""
SHORT = 14
"""Cells up to this length (dates, numbers, states) stay on one line; longer columns give way."""
YES = frozenset({"e", "evet", "y", "yes"})


class Cell(NamedTuple):
    """One cell of a table: what people read, and how it stands out on a terminal with colours."""

    text: str
    style: str = ""


Row = Sequence["str | Cell"]


class AnswerLost(KvkkError):
    """Standard output takes nothing more. Answers are printed after the COMMIT: whatever the verb did stands."""

    exit_code = Exit.PENDING


class Output:
    """Where one run of the command writes to. `people` answers are views that are called only when nobody asked for JSON."""

    def __init__(
        self,
        stdout: TextIO,
        stderr: TextIO,
        stdin: TextIO,
        *,
        as_json: bool = False,
        quiet: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.stdin = stdin
        self.as_json = as_json
        self.quiet = quiet
        self.env = env or {}
        self.data: Any = None
        self.errors: list[dict[str, Any]] = []

    # --- data -------------------------------------------------------------------------------------------------

    def show(self, record: object, people: Callable[[], None]) -> None:
        """The answer of a command: kept for the envelope under `--json`, else drawn by its view."""
        if self.as_json:
            from kvkk_cli.jsonable import jsonable

            self.data = jsonable(record)
        else:
            people()

    def table(
        self,
        titles: Sequence[str],
        rows: Iterable[Row],
        plain: Iterable[Sequence[str]] | None = None,
        *,
        cell: int = CELL,
        headed: bool = False,
    ) -> None:
        """Rows as a table on a terminal, at most `cell` characters in each; else as whole tab-separated lines.

        The lines are made of `plain` (words for scripts) where given; `headed` puts the titles above them, for a table that
        is one part of a page.
        """
        if self.on_terminal:
            self._drawn(titles, [[_cell(one) for one in row] for row in rows], cell)
            return
        if headed:
            self.line("\t".join(safe(title) for title in titles))
        for line in rows if plain is None else plain:
            self.line("\t".join(safe(_cell(one).text, SENTENCE) for one in line))

    def fields(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Label and value, one pair a line."""
        shown = [(safe(name), safe(value, SENTENCE)) for name, value in pairs]
        wide = max((len(name) for name, _value in shown), default=0)
        for name, value in shown:
            self.line(f"{name:<{wide}}  {value}".rstrip() if self.on_terminal else f"{name}\t{value}")

    def heading(self, text: str) -> None:
        """A title between two parts of an answer."""
        self.line("")
        self.line(safe(text, SENTENCE))

    def line(self, text: str) -> None:
        """One finished line; its values must be safe already. Raises AnswerLost, BrokenPipeError."""
        with answering():
            self.stdout.write(text + "\n")

    def sentence(self, text: str) -> None:
        """One line of data for people."""
        self.line(safe(text, SENTENCE))

    def document(self, text: str, longest: int = SENTENCE) -> None:
        """A text of ours with its line breaks (certificate, letter, help); a line of more than `longest` characters is cut."""
        self.line(safe_lines(text.rstrip("\n"), longest))

    def binary(self) -> BinaryIO:
        """The byte stream below stdout, for what is no text (an export to `-`)."""
        self.stdout.flush()
        return self.stdout.buffer

    # --- talk -------------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """A word to the person at the terminal; `--quiet` leaves it out."""
        if not self.quiet:
            self._talk(text)

    def warn(self, text: str) -> None:
        """A word that nobody should miss, `--quiet` or not."""
        self._talk(text)

    def warn_block(self, text: str) -> None:
        """Several lines of talk that nobody should miss (help after a wrong call, a traceback that was asked for)."""
        self.stderr.write(safe_lines(text.rstrip("\n")) + "\n")

    def fail(self, code: str, what: str, then: str, facts: Mapping[str, Any], more: Sequence[tuple[str, str]] = ()) -> None:
        """An error: two lines of talk and a line for each finding in `more` (path, sentence), or an entry of the envelope."""
        if self.as_json:
            from kvkk_cli.jsonable import jsonable

            entry = {"code": code, "message": what, "next": then, "facts": jsonable(dict(facts))}
            if more:
                entry["problems"] = [{"path": path, "message": sentence} for path, sentence in more]
            self.errors.append(entry)
            return
        self._talk(_("Error: ") + what)
        for path, sentence in more:
            self._talk(f"  {path}: {sentence}")
        if then:
            self._talk(_("Next: ") + then)

    def envelope(self, command: str, status: int) -> None:
        """The one JSON document of a run; ASCII only, so that no terminal and no log can be misled by it."""
        import json

        whole = {"version": ENVELOPE, "command": command, "status": status, "data": self.data, "errors": self.errors}
        self.line(json.dumps(whole, ensure_ascii=True, separators=(", ", ": ")))

    # --- questions --------------------------------------------------------------------------------------------

    @property
    def on_terminal(self) -> bool:
        """Whether stdout is drawn for a person."""
        return _is_tty(self.stdout)

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return _is_tty(self.stdin) and _is_tty(self.stderr) and not self.as_json

    @property
    def progress_wanted(self) -> bool:
        """Whether a bar may be drawn on stderr."""
        return _is_tty(self.stderr) and not self.quiet

    def lines(self) -> Iterator[str]:
        """Every line of stdin."""
        yield from self.stdin

    def confirm(self, question: str) -> bool:
        """Yes or no (e, evet, y, yes); False when nobody can answer."""
        keys = _("[y/N]")
        return self.can_ask and self._answer(f"{question} {keys} ").casefold() in YES

    def ask_number(self, question: str, number: int) -> bool:
        """Whether the person typed exactly this number; False when nobody can answer."""
        return self.can_ask and self._answer(f"{question} ") == str(number)

    def ask(self, question: str) -> str:
        """What the person typed, without blanks around it; empty when nobody can answer."""
        return self._answer(f"{question} ") if self.can_ask else ""

    def read_text(self, most: int) -> str | None:
        """All of stdin; None when it holds more than that."""
        text = self.stdin.read(most + 1)
        return text if len(text) <= most else None

    def read_line(self) -> str:
        """One line from stdin, for values that must not stand in the list of processes."""
        return self.stdin.readline().rstrip("\r\n")

    def binary_input(self) -> BinaryIO:
        """The byte stream below stdin, for a file that comes that way."""
        return self.stdin.buffer

    def read_all(self, most: int) -> str:
        """Everything on stdin, up to so many characters."""
        return self.stdin.read(most)

    def _answer(self, question: str) -> str:
        self.stderr.write(safe(question, SENTENCE))
        self.stderr.flush()
        return self.stdin.readline().strip()

    def _talk(self, text: str) -> None:
        self.stderr.write(safe(text, SENTENCE) + "\n")

    def _drawn(self, titles: Sequence[str], rows: list[list[Cell]], limit: int) -> None:
        """A Rich table; every cell is a `Text`, so that neither markup nor emoji codes in it mean anything."""
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
        for i, title in enumerate(titles):
            longest = max((len(row[i].text) for row in rows), default=0)
            header = "\n".join(title.split()) if len(title) > longest else title
            table.add_column(Text(header), overflow="fold", no_wrap=longest <= SHORT, vertical="top")
        for row in rows:
            table.add_row(*(Text(safe(one.text, limit), style=one.style) for one in row))
        plain = True if self.env.get("NO_COLOR") else None
        with answering():
            Console(file=self.stdout, markup=False, emoji=False, highlight=False, no_color=plain).print(table)


@contextmanager
def answering() -> Iterator[None]:
    """Tells a stdout that takes nothing (the disk behind it is full) from a failure of the verb. Raises AnswerLost."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AnswerLost("answer-lost", kind=errno.errorcode.get(error.errno or 0, type(error).__name__)) from None


def tame(*streams: IO[str]) -> None:
    """A stream that cannot say a letter shows `?` in its place; it never ends the run."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def hear(stream: TextIO) -> None:
    """A byte that is no UTF-8 is a wrong value like any other, and a mark before the first line (Windows) is no part of it."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        utf8 = stream.encoding.lower().replace("-", "") == "utf8"
        reconfigure(errors="surrogateescape", **({"encoding": "utf-8-sig"} if utf8 else {}))


def standard(*, as_json: bool, quiet: bool, env: Mapping[str, str]) -> Output:
    """The process's own streams; one that was closed (`>&-`) swallows what is written and has nothing to read."""
    out, err, given = (stream or _nothing() for stream in (sys.stdout, sys.stderr, sys.stdin))
    tame(out, err)
    hear(given)
    return Output(out, err, given, as_json=as_json, quiet=quiet, env=env)


def _nothing() -> TextIO:
    import os

    return open(os.devnull, "r+", encoding="utf-8")


def _is_tty(stream: IO[str] | None) -> bool:
    """False also for a stream that is closed or missing (`2>&-`, a daemon)."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _cell(one: str | Cell) -> Cell:
    return one if isinstance(one, Cell) else Cell(one)
