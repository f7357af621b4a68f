"""What all visits of one process share: the desks, where the panel is, how its cookies are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, Semaphore

from core import N_, Look, Visitor, translator

if TYPE_CHECKING:
    from anyio.abc import TaskGroup
    from starlette.responses import Response

    from kvkk_panel.desks import Desks
    from kvkk_panel.stream import Delivery

TURN_S = 45
"""Who waits longer for a download is told to come back; a web server in front gives up after 60 s."""
FRONT = "panel"
"""Account name of visitors in the audit."""
UNNAMED = N_("A web server stands before the panel and is not named, so that all visitors count as one: start it with --proxy ADDRESS.")
DOWNLOADS = 4
"""Downloads at once; more wait for a moment, then they are told to come back."""


@dataclass
class Site:
    """One running panel."""

    desks: Desks
    host: str
    look: Look
    """As it was last read: what a page is drawn with when the database is away."""
    prefix: str = ""
    """Path of the panel's address, without a slash at its end."""
    secure: bool = False
    """Visitors come over https: cookies are kept for it alone."""
    tell: Callable[[str], None] = lambda _: None
    """Says a line to whoever runs the panel; nothing of a person."""
    warned: bool = False
    tasks: TaskGroup | None = None
    writers: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(DOWNLOADS))
    turns: Semaphore = field(default_factory=lambda: Semaphore(DOWNLOADS))
    downloads: dict[str, Delivery] = field(default_factory=dict)
    """Customer → the download that is being sent now; one each."""

    def to(self, path: str) -> str:
        """The address of a page of ours."""
        return self.prefix + path

    def visitor(self, address: str) -> Visitor:
        return Visitor(FRONT, self.host, address=address)

    def cookie(self, name: str) -> str:
        """Its full name: `__Host-` keeps subdomains from setting it."""
        return f"__Host-{name}" if self.secure else name

    def set_cookie(self, answer: Response, name: str, value: str, seconds: int | None = None) -> None:
        """Until the browser is closed, or so long."""
        answer.set_cookie(self.cookie(name), value, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="lax")

    def drop_cookie(self, answer: Response, name: str) -> None:
        answer.delete_cookie(self.cookie(name), path="/", secure=self.secure, httponly=True, samesite="lax")

    def notice_proxy(self, headers: Mapping[str, str]) -> None:
        """Says once that all visitors seem to come from one address: their failed attempts would count together."""
        if not self.secure and not self.warned and "x-forwarded-for" in headers:
            self.warned = True
            self.tell(translator(self.look.language)(UNNAMED))

    def stop_downloads(self) -> None:
        """The process ends: what is being sent is cut off, and recorded as broken."""
        for one in tuple(self.downloads.values()):
            one.stop()
