"""The requests of one form: what each preview said, what became of each, and when to stop. Pure but for the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from core import Desk, Exit, KvkkError, Preview, RequestRow, Resolution, Resolved, ResolveOptions

STOPPING = (Exit.UNAVAILABLE, Exit.UNKNOWN)
"""After such an error the next request would fail the same way, or nobody could know how it stands."""


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
    stage: Stage = Stage.CHOOSING
    stopped: bool = False
    """Somebody, or an error, ended the run before its last request."""
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
        return [row for row in found if row.number not in self.done and row.number not in self.failures]

    @property
    def known(self) -> int:
        """How many have a preview, or, once it runs, a result."""
        return len(self.failures) + len(self.previews if self.stage is Stage.CHOOSING else self.done)

    def forget(self) -> None:
        """Another resolution is chosen: nothing is known of it yet."""
        self.previews.clear()
        self.failures.clear()
        self.before = None

    def learn(self, row: RequestRow, found: Preview | KvkkError) -> None:
        """Keep what a look at one request gave."""
        if isinstance(found, KvkkError):
            self.failures[row.number] = found
            self.previews.pop(row.number, None)
        else:
            self.previews[row.number] = found
            self.failures.pop(row.number, None)

    def learn_again(self, row: RequestRow, found: Preview | KvkkError) -> None:
        """The same after something moved: the preview that was seen stays for comparison."""
        shown = self.previews.get(row.number)
        self.learn(row, found)
        if isinstance(found, Preview) and shown is not None and found.fingerprint != shown.fingerprint:
            self.before = shown

    def ended(self, row: RequestRow, found: Resolved | KvkkError) -> None:
        """Keep what became of one request."""
        if isinstance(found, KvkkError):
            self.failures[row.number] = found
            self.stopped = self.stopped or found.exit_code in STOPPING
        else:
            self.done[row.number] = found

    def look(self, desk: Desk, row: RequestRow, choice: Resolution, options: ResolveOptions) -> Preview | KvkkError:
        """The preview of one, or why there is none."""
        try:
            return desk.resolutions.preview(desk.actor, row.number, choice, options)
        except KvkkError as error:
            return error

    def resolve(self, desk: Desk, row: RequestRow, choice: Resolution, options: ResolveOptions) -> Resolved | KvkkError:
        """Carry out exactly what the preview of this request showed."""
        bound = replace(options, plan=self.previews[row.number].fingerprint)
        try:
            return desk.resolutions.resolve(desk.actor, row.number, choice, bound)
        except KvkkError as error:
            return error
