"""What the console does of itself behind a change: messages go out, the database's files are cleaned; what went wrong is told."""

from __future__ import annotations

from textual import work

from core import KvkkError
from kvkk_tui import words
from kvkk_tui.lanes import Lanes
from kvkk_tui.safeapp import SafeApp
from kvkk_tui.words import _

ERROR_S = 12.0
"""Seconds that a word stays about what went wrong."""


class Aftermath(SafeApp):
    """Nobody waits for any of it."""

    lanes: Lanes

    def complain(self, error: KvkkError) -> None:
        """What went wrong and what to do next, in a toast."""
        what, then = words.told(error)
        self.tell(f"{what} {then}".strip(), severity="error", timeout=ERROR_S)

    @work(group="post")
    async def post(self) -> None:
        """What was queued by our verbs goes out at once where it can; the rest waits, and stands in the outbox."""
        done = await self.lanes.work(lambda desk: desk.post())
        if done is None or done.is_whole or (done.trouble is not None and done.trouble.code == "mail-not-set"):
            return
        if done.trouble is not None:
            self.tell(" ".join(words.told_code(done.trouble.code, dict(done.trouble.facts))), severity="warning", timeout=ERROR_S)
        elif done.later or done.failed:
            told = _("Messages that did not go out: {count}. The outbox (key 6) says why.")
            self.tell(told.format(count=done.later + done.failed), severity="warning", timeout=ERROR_S)
        if done.unknown:
            told = _("Messages that may have arrived: {count}. They are sent again later, or now from the outbox (key 6).")
            self.tell(told.format(count=done.unknown), severity="warning", timeout=ERROR_S)

    @work(group="settle")
    async def settle(self) -> None:
        """The database's own files are cleaned of what was destroyed, where the setting says so; else `kvkk run` does it."""
        try:
            left = await self.lanes.change(lambda desk: desk.scrubs.settle(desk.actor))
        except KvkkError as error:
            self.complain(error)
            return
        if left.pending:
            told = _("Committed; cleaning the database's own files is still pending. `kvkk run` does it.")
            self.tell(told, severity="warning", timeout=ERROR_S)
