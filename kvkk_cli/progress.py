"""What a run shows on stderr while it goes on: a bar with rate and time left on a terminal, lines of JSON elsewhere."""

from __future__ import annotations

import json
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from core import N_, safe
from kvkk_cli.words import _

if TYPE_CHECKING:
    from kvkk_cli.output import Output

EVERY_S = 5.0
"""So often a line is written where there is no terminal."""
WORTH_SAYING_S = 5.0
STAGES = {
    "export": N_("Exporting"),
    "locate": N_("Reading the customers"),
    "search": N_("Searching the database"),
    "resolve": N_("Resolving"),
    "verify": N_("Searching once more"),
    "file": N_("Filing requests"),
}


class Progress:
    """`with Progress(out) as bar: bar.at(stage, done, total)`. Silent under `--quiet`."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._bar: Any = None
        self._task: Any = None
        self._stage = ""
        self._last = 0.0

    def __enter__(self) -> Self:
        if self._out.progress_wanted:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            rate = TextColumn("{task.fields[rate]}")
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
            self._bar = Bar(*columns, console=Console(file=self._out.stderr, markup=False, emoji=False, highlight=False), transient=True)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def make_room(self) -> None:
        """The answer is written now; the bar comes back when there is more to show."""
        if self._bar is not None:
            self._bar.stop()

    def at(self, stage: str, done: int, total: int) -> None:
        """How far a stage is."""
        if self._bar is None:
            self._line(stage, done, total)
            return
        self._bar.start()
        if stage != self._stage:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task, self._stage = self._bar.add_task(_(STAGES[stage]), total=total, rate=""), stage
        speed = self._bar.tasks[0].speed
        self._bar.update(self._task, completed=done, total=total, rate=_("{rate}/s").format(rate=round(speed, 1)) if speed else "")

    def foreseen(self, seconds: float) -> None:
        """How long the search will take; what is over in a moment is not announced."""
        if seconds < WORTH_SAYING_S:
            return
        minutes, rest = divmod(round(seconds), 60)
        if self._bar is None:
            self._out.say(json.dumps({"stage": "search", "seconds": round(seconds)}))
        else:
            self.aside(_("The search over the database will take about {minutes} min {seconds} s.").format(minutes=minutes, seconds=rest))

    def aside(self, text: str) -> None:
        """A line of talk that the bar must not swallow."""
        if self._bar is None:
            self._out.warn(text)
        else:
            from rich.text import Text

            self._bar.console.print(Text(safe(text, 2000)))

    def _line(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage == self._stage and now - self._last < EVERY_S:
            return
        if self._stage:  # the first moment of a run is no news
            self._out.say(json.dumps({"stage": stage, "done": done, "total": total}))
        self._stage, self._last = stage, now
