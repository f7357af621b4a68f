"""Several requests through one form: what each preview said, what became of each, and when to stop. Pure but for the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core import Desk, Exit, KvkkError, Preview, RequestRow, Resolution, Resolved, ResolveOptions

STOPPING = (Exit.UNAVAILABLE, Exit.UNKNOWN)
"""After such an error the next request would fail the same way, or nobody could know how it stands."""


@dataclass
class Batch:
    """The requests of one form. Everything is kept by number."""

    rows: Sequence[RequestRow]
    previews: dict[int, Preview] = field(default_factory=dict)
    failures: dict[int, KvkkError] = field(default_factory=dict)
    """Why a request has no preview, or was not resolved."""
    done: dict[int, Resolved] = field(default_factory=dict)

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
        return [row for row in found if row.number not in self.done]

    def forget(self) -> None:
        """Another resolution is chosen: nothing is known of it yet."""
        self.previews.clear()
        self.failures.clear()

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
