"""One run of the command: its options, its output, and the way to the desk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from kvkk_cli import words
from kvkk_cli.options import Everywhere
from kvkk_cli.output import Output
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk


class Session:
    """What a command needs besides its own arguments. `status` is the exit code when no error is raised."""

    def __init__(self, out: Output, options: Everywhere, *, language_chosen: bool) -> None:
        self.out = out
        self.options = options
        self.language_chosen = language_chosen
        self.status = 0
        self.command = ""

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The open desk; says on stderr when it is the sample that lies in this folder. Raises UsageError, Unavailable."""
        from core import open_desk

        with open_desk(db=self.options.db, map_=self.options.map, env=os.environ, cwd=Path.cwd()) as desk:
            self._listen(desk)
            if desk.source == "sample":
                banner = _("Working on the sample database {name} of this folder. Name another with --db.")
                self.out.say(banner.format(name=desk.label))
            yield desk
            if desk.key_made:
                told = _("A key file was made: {path}. Keep it in the backup, apart from the database.")
                self.out.warn(told.format(path=desk.key_file))
            self._post(desk)

    def _post(self, desk: Desk) -> None:
        """Messages that this command has queued go out at once where they can; else the exit code says that they wait."""
        done = desk.post()
        if done is None or (done.trouble is not None and done.trouble.code == "mail-not-set"):
            return
        if done.sent:
            self.out.say(_("Messages sent: {count}.").format(count=done.sent))
        if done.is_whole:
            return
        from core import Exit, explain_code

        self.status = self.status or Exit.PENDING
        if done.trouble is not None:
            self.out.warn(" ".join(explain_code(done.trouble.code, dict(done.trouble.facts), words.language())))
        elif done.later or done.failed:
            told = _("Messages that did not go out: {count}. `kvkk outbox list` shows why.")
            self.out.warn(told.format(count=done.later + done.failed))
        if done.unknown:
            told = _(
                "Messages that may have arrived: {count}. They are sent again later; `kvkk outbox retry` does it now, `drop` stops it."
            )
            self.out.warn(told.format(count=done.unknown))

    def closed_desk(self) -> Desk:
        """The desk before it has connected to anything: for a front that says itself what is wrong. Raises UsageError."""
        from core import open_desk

        return open_desk(db=self.options.db, map_=self.options.map, env=os.environ, cwd=Path.cwd())

    def zone(self, desk: Desk) -> str:
        """The set time zone, in which people read moments."""
        return desk.settings.get(desk.actor, "timezone")

    def _listen(self, desk: Desk) -> None:
        """Nobody chose a language: the database's setting does, once it can be read. Raises Unavailable."""
        from core import NotAllowed, UsageError

        if not self.language_chosen:
            self.language_chosen = True
            try:
                words.use(desk.settings.get(desk.actor, "language"))
            except (UsageError, NotAllowed):  # not initialised, or no member of staff: the verb says so, or may all the same
                return


_here: ContextVar[Session] = ContextVar("session")


def here() -> Session:
    """The session of this run."""
    return _here.get()


@contextmanager
def opened(session: Session) -> Iterator[Session]:
    """Make this the session of the run."""
    token = _here.set(session)
    try:
        yield session
    finally:
        _here.reset(token)
