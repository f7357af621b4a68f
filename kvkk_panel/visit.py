"""One request of one visitor: who it is, in which language, with which form; and the answers it can get.

The session is `core`'s own: its token is all that the cookie holds, each request asks `core` whose it is, and a block ends it at once.
Nothing of the person stands in a cookie or in an address.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.responses import HTMLResponse, RedirectResponse, Response

from core import LANGUAGES, Desk, KvkkError, Visitor
from kvkk_panel import colour, csrf, views, words

if TYPE_CHECKING:
    from starlette.requests import Request

    from core import Look, Session, SignedIn
    from kvkk_panel.site import Site

SESSION = "kvkk"
WINDOW = "kvkk-window"
"""A secret of a browser that is not signed in, by which its forms are known."""
LANGUAGE = "kvkk-language"
YEAR_S = 365 * 24 * 3600

Answer = TypeVar("Answer")


@dataclass
class Visit:
    """One request. `refusal` is set when a form is shown again because of it."""

    site: Site
    request: Request
    look: Look
    session: Session | None = None
    refusal: KvkkError | None = None
    form: dict[str, str] = field(default_factory=dict, repr=False)
    fresh_secret: str = field(default="", repr=False)

    # -- who and how ----------------------------------------------------------------------------------------------

    @property
    def token(self) -> str:
        """The session's token as the browser sends it; empty without one."""
        return self.request.cookies.get(self.site.cookie(SESSION), "")

    @property
    def secret(self) -> str:
        """What this browser's forms are known by."""
        own = self.token if self.session is not None else self.request.cookies.get(self.site.cookie(WINDOW), "")
        return own or self.fresh_secret

    @property
    def language(self) -> str:
        asked, kept = self.request.query_params.get("lang"), self.request.cookies.get(self.site.cookie(LANGUAGE))
        return words.chosen(asked, kept, self.request.headers.get("accept-language", ""), self.look.language)

    @property
    def here(self) -> str:
        """The address of this page; of one that does not exist, the home page's: `//elsewhere.example` would lead there."""
        return self.site.to(self.request.url.path if "endpoint" in self.request.scope else "/")

    @property
    def visitor(self) -> Visitor:
        return self.site.visitor(self.request.client.host if self.request.client else "")

    @property
    def customer(self) -> str:
        """The key that the session proves; only on pages that ask for a session."""
        if self.session is None:
            raise KvkkError("session-over")
        return self.session.customer

    async def call(self, job: Callable[[Desk, Visitor], Answer]) -> Answer:
        """One call of `core`, in a thread. Raises what it raises."""
        visitor = self.visitor
        return await self.site.desks.call(lambda desk: job(desk, visitor))

    def told(self, name: str) -> str:
        """A field of the form, empty when it was not sent."""
        return self.form.get(name, "")

    # -- answers --------------------------------------------------------------------------------------------------

    def page(self, template: str, status: int = 200, **more: Any) -> Response:
        """A page in the visit's language; 200 or the status of the refusal that it shows."""
        if not self.secret:
            self.fresh_secret = secrets.token_urlsafe(32)
        told = words.REFUSALS.get(self.refusal.code, words.ELSE) if self.refusal else None
        body = views.render(template, self.language, self.look.timezone, **self._always(told), **more)
        answer = HTMLResponse(body, told.status if told else status)
        if told and self.refusal and "seconds" in self.refusal.facts:
            answer.headers["Retry-After"] = str(self.refusal.facts["seconds"])
        self._keep_window(answer)
        return answer

    def go(self, path: str, done: str | None = None) -> Response:
        """To another page of ours, which may say what was done."""
        return RedirectResponse(self.site.to(path) + (f"?done={done}" if done else ""), 303)

    async def enter(self, begun: SignedIn) -> Response:
        """A session has begun: the browser gets its token, and whatever it carried before is worth nothing any more."""
        before = self.token
        if before:
            await self.call(lambda desk, visitor: desk.accounts.sign_out(visitor, before))
        answer = self.go("/")
        self.site.set_cookie(answer, SESSION, begun.token)
        self.site.drop_cookie(answer, WINDOW)
        return answer

    def leave(self, path: str, done: str) -> Response:
        """The browser forgets its session."""
        answer = self.go(path, done)
        self.site.drop_cookie(answer, SESSION)
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    def _keep_window(self, answer: Response) -> None:
        if self.fresh_secret:
            self.site.set_cookie(answer, WINDOW, self.fresh_secret)
        asked = self.request.query_params.get("lang")
        if asked in LANGUAGES:
            self.site.set_cookie(answer, LANGUAGE, asked, YEAR_S)

    def _always(self, told: words.Said | None) -> dict[str, Any]:
        """What every template knows."""
        site = self.site
        return {
            "look": self.look,
            "session": self.session,
            "to": site.to,
            "here": self.here,
            "languages": words.NAMES,
            "css": site.to(f"/static/panel.css?v={views.mark(views.stylesheet())}"),
            "colours": site.to(f"/colours.css?v={(self.look.colour or colour.DEFAULT).lstrip('#')}"),
            "form_token": csrf.token(self.secret),
            "done": words.DONE.get(self.request.query_params.get("done", "")),
            "refusal": told,
            "facts": self.refusal.facts if self.refusal else {},
            "code": self.refusal.code if self.refusal else "",
            "typed_in": self.form,
        }
