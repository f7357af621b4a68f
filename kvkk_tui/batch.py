"""The requests of one form: what each preview said, what became of each, and when to stop. Pure but for the verbs.

One request is carried out by itself. Several are a run: one pass over the database for all of them, under a lease, and kept by its
id, so that nothing is lost when the line drops: the run stands among the runs and goes on from there. Either way each request is
bound to the fingerprint that its preview showed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from core import Desk, ItemDone, KvkkError, Preview, RequestRow, Resolution, Resolved, ResolveOptions, RunEnd, Wanted, Watch


class Stage(Enum):
    """How far a form has come."""

    CHOOSING = "choosing"
    RUNNING = "running"
    FINISHED = "finished"


@dataclass
class Batch:
    """Everything is kept by the number of the request."""

    rows: Sequence[RequestRow]
    previews: dict[int, Preview] = field(default_factory=dict)
    failures: dict[int, KvkkError] = field(default_factory=dict)
    """Why a request has no preview, or was not resolved."""
    done: dict[int, Resolved] = field(default_factory=dict)
    """The one that was resolved by itself."""
    items: dict[int, ItemDone] = field(default_factory=dict)
    """What became of the requests of a run."""
    stage: Stage = Stage.CHOOSING
    progress: tuple[str, int, int] = ("", 0, 0)
    """(stage, done, total) of what is under way for several."""
    run: str = ""
    """Id of the run, once it has begun."""
    end: RunEnd | None = None
    """How the run ended, when it did not break off."""
    stopped: bool = False
    """Somebody has asked the run to stop."""
    before: Preview | None = None
    """The preview that was seen, when another had to take its place."""

    @property
    def one(self) -> RequestRow | None:
        """The request when there is only one."""
        return self.rows[0] if len(self.rows) == 1 else None

    @property
    def complete(self) -> bool:
        """Whether every request has been looked at."""
        return all(row.number in self.previews or row.number in self.failures for row in self.rows)

    @property
    def ready(self) -> list[RequestRow]:
        """Requests that nothing speaks against, in order of the customer."""
        found = [row for row in self.rows if row.number in self.previews and not self.previews[row.number].refusals]
        return [row for row in found if row.number not in self.resolved and row.number not in self.failures]

    @property
    def resolved(self) -> tuple[int, ...]:
        """Numbers of those that are."""
        return (*self.done, *(number for number, item in self.items.items() if item.state == "done"))

    def forget(self) -> None:
        """Another resolution is chosen: nothing is known of it yet."""
        self.previews.clear()
        self.failures.clear()
        self.before = None
        self.progress = ("", 0, 0)

    def learn(self, number: int, found: Preview | KvkkError) -> None:
        """Keep what a look at one request gave."""
        if isinstance(found, KvkkError):
            self.failures[number] = found
            self.previews.pop(number, None)
        else:
            self.previews[number] = found
            self.failures.pop(number, None)

    def learn_again(self, number: int, found: Preview | KvkkError) -> None:
        """The same after something moved: the preview that was seen stays for comparison."""
        shown = self.previews.get(number)
        self.learn(number, found)
        if isinstance(found, Preview) and shown is not None and found.fingerprint != shown.fingerprint:
            self.before = shown

    def ended(self, number: int, found: Resolved | KvkkError) -> None:
        """Keep what became of one request."""
        if isinstance(found, KvkkError):
            self.failures[number] = found
        else:
            self.done[number] = found

    # -- the verbs, in a thread of the desk -----------------------------------------------------------------------

    def look(self, desk: Desk, number: int, choice: Resolution, options: ResolveOptions) -> Preview | KvkkError:
        """The preview of one, or why there is none."""
        try:
            return desk.resolutions.preview(desk.actor, number, choice, options)
        except KvkkError as error:
            return error

    def resolve(self, desk: Desk, number: int, choice: Resolution, options: ResolveOptions) -> Resolved | KvkkError:
        """Carry out exactly what the preview of this request showed."""
        bound = replace(options, plan=self.previews[number].fingerprint)
        try:
            return desk.resolutions.resolve(desk.actor, number, choice, bound)
        except KvkkError as error:
            return error

    def resolve_all(self, desk: Desk, choice: Resolution, options: ResolveOptions, watch: Watch) -> RunEnd:
        """Carry out exactly what the previews of the ready ones showed, as one run. Raises KvkkError."""
        numbers = tuple(row.number for row in self.ready)
        plans = {number: self.previews[number].fingerprint for number in numbers}
        return desk.bulk.resolve(desk.actor, Wanted(numbers), choice, options, watch, plans)
