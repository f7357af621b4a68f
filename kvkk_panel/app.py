"""The wiring: which page answers which address, what it asks for, and the one door for errors.

A page is shown (GET) and may be acted on (POST). Before either the company's looks and the visitor's session are read, and a form is
known as ours; a refusal of `core` shows the page again with its words. Whatever else goes wrong becomes a plain page here.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core import Desk, Exit, KvkkError, Look, NotAllowed, Session
from kvkk_panel import csrf, limits, logo, views, words
from kvkk_panel.desks import Busy
from kvkk_panel.headers import Headers
from kvkk_panel.pages import consent, download, home, password, register, request, signin
from kvkk_panel.site import Site
from kvkk_panel.stream import CutOff
from kvkk_panel.visit import Visit

Handler = Callable[[Visit], Awaitable[Response]]
FOR_EVER = "public, max-age=31536000, immutable"
HOUR = "private, max-age=3600"
LINK = "{token:str}"
PROBLEMS = {400: "bad-request", 403: "stale-form", 404: "not-found", 405: "not-found", 413: "too-large"}


class Needs(Enum):
    """What a page asks of its visitor."""

    NOTHING = "nothing"
    SESSION = "session"
    """Signed in; also open to who has yet to consent."""
    CONSENT = "consent"
    """Signed in, and nothing is missing that `enforce-consent` asks for."""


@dataclass(frozen=True)
class Page:
    """One address."""

    path: str
    show: Handler
    act: Handler | None = None
    needs: Needs = Needs.NOTHING


PAGES = (
    Page("/", home.show, needs=Needs.CONSENT),
    Page("/signin", signin.show, signin.sign_in),
    Page(f"/signin/{LINK}", signin.show_link, signin.by_link),
    Page("/link", signin.show_ask, signin.ask),
    Page("/sent", signin.show_sent),
    Page("/signout", signin.show, signin.sign_out),
    Page("/reset", password.show_ask, password.ask),
    Page(f"/reset/{LINK}", password.show, password.change),
    Page("/register", register.show_ask, register.ask),
    Page(f"/register/{LINK}", register.show, register.open_account),
    Page("/consent", consent.show, consent.answer, Needs.SESSION),
    Page("/notice", consent.show_notice, consent.read, Needs.SESSION),
    Page("/download", home.show_again, download.send, Needs.CONSENT),
    Page("/request", request.show, request.file, Needs.CONSENT),
    Page("/cancel", home.show_again, request.cancel, Needs.CONSENT),
)


def make_app(site: Site) -> ASGIApp:
    """The panel as an ASGI application."""
    routes = [Route(page.path, partial(_answer, site, page), methods=["GET", "POST"] if page.act else ["GET"]) for page in PAGES]
    routes += [
        Route("/static/panel.css", _stylesheet),
        Route("/static/icon.svg", _icon),
        Route("/colours.css", partial(_colours, site)),
        Route("/logo", partial(_logo, site)),
        Route("/robots.txt", _robots),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            site.tasks = tasks
            tasks.start_soon(site.desks.post)
            yield
            site.tasks = None
            site.stop_downloads()
            tasks.cancel_scope.cancel()
        site.desks.close()

    door = {HTTPException: partial(_problem, site)}
    app = Starlette(routes=routes, exception_handlers=door, lifespan=lifespan, middleware=[Middleware(Headers, secure=site.secure)])
    app.router.redirect_slashes = False
    return _below(app, site.prefix) if site.prefix else app


def _below(app: ASGIApp, prefix: str) -> ASGIApp:
    """The panel under a path; a proxy may have taken the path away already."""

    async def shortened(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if path == prefix or path.startswith(prefix + "/"):
            scope = {**scope, "path": path.removeprefix(prefix) or "/"}
        await app(scope, receive, send)

    return shortened


# -- one visit ----------------------------------------------------------------------------------------------------------


async def _answer(site: Site, page: Page, asked: Request) -> Response:
    """The one door: whatever ends a visit becomes a page here."""
    visit = Visit(site, asked, site.look)
    try:
        return await _open(visit, page)
    except KvkkError as error:
        return _refused(visit, error)
    except Busy:
        return _plain(visit, "busy")
    except (CutOff, HTTPException):
        raise
    except Exception as error:  # noqa: BLE001 - the outermost door: a bug is told by reference, never by its text
        return _failed(visit, error)


async def _open(visit: Visit, page: Page) -> Response:
    await _read(visit)
    if page.needs is not Needs.NOTHING:
        if visit.session is None:
            return visit.leave("/signin", "over") if visit.token else visit.go("/signin")
        if not visit.look.enabled and page.path != "/":
            return visit.go("/")
        if visit.session.must_consent and page.needs is Needs.CONSENT:
            return visit.go("/consent")
    if visit.request.method != "POST" or page.act is None:
        return await page.show(visit)
    visit.form = await limits.read_form(visit.request)
    csrf.require(visit.secret, visit.told(csrf.FIELD), visit.request.headers.get("sec-fetch-site"))
    try:
        return await page.act(visit)
    except KvkkError as error:
        if _is_ours(error) or error.code in ELSEWHERE:
            raise
        visit.refusal = error
        return await page.show(visit)


async def _read(visit: Visit) -> None:
    """The company's looks as they are now, and whose session it is, in one call."""
    token = visit.token

    def read(desk: Desk) -> tuple[Look, Session | None]:
        look = desk.panel.look(visit.visitor)
        try:
            return look, desk.accounts.session(visit.visitor, token) if token else None
        except NotAllowed:
            return look, None

    visit.look, visit.session = await visit.site.desks.call(read)
    visit.site.look = visit.look
    visit.site.notice_proxy(visit.request.headers)


# -- what went wrong ----------------------------------------------------------------------------------------------------

ALREADY = {"consent-given": "consent-given", "consent-not-given": "consent-withdrawn", "notice-read": "notice-read"}
"""Asked for twice, done once: the page says that it is done."""
ELSEWHERE = {*ALREADY, "session-over", "consent-required", "customers-off"}
"""Refusals that lead to another page."""

OURS = (Exit.USAGE, Exit.UNAVAILABLE, Exit.UNKNOWN, Exit.FAILED)


def _is_ours(error: KvkkError) -> bool:
    """The fault of whoever runs the panel, or of the machine, and not of the visitor."""
    return error.code not in words.REFUSALS and error.exit_code in OURS


def _refused(visit: Visit, error: KvkkError) -> Response:
    if error.code == "session-over":
        return visit.leave("/signin", "over")
    if error.code == "consent-required":
        return visit.go("/consent")
    if error.code == "customers-off":
        return visit.go("/")
    if error.code in ALREADY:
        return visit.go("/", ALREADY[error.code])
    if error.exit_code is Exit.UNKNOWN:
        return _plain(visit, "outcome-unknown")
    if _is_ours(error):
        visit.site.tell(f"{error.code}: {type(error).__name__}")
        return _plain(visit, "unavailable")
    visit.refusal = error
    return visit.page("problem.html")


def _plain(visit: Visit, code: str, **facts: str) -> Response:
    """A page that says what is wrong, without asking the database for anything."""
    visit.session = None
    visit.refusal = KvkkError(code, **facts)
    return visit.page("problem.html")


def _failed(visit: Visit, error: Exception) -> Response:
    """A bug: its class and place are told to whoever runs the panel, the visitor gets a reference."""
    reference, trace = secrets.token_hex(4), error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    visit.site.tell(f"{reference}: {type(error).__name__} {where}")
    return _plain(visit, "failed", reference=reference)


def _problem(site: Site, asked: Request, error: HTTPException) -> Response:
    return _plain(Visit(site, asked, site.look), PROBLEMS.get(error.status_code, "bad-request"))


# -- files --------------------------------------------------------------------------------------------------------------


async def _stylesheet(_: Request) -> Response:
    return Response(views.stylesheet(), media_type="text/css", headers={"Cache-Control": FOR_EVER})


async def _icon(_: Request) -> Response:
    return Response(views.icon(), media_type="image/svg+xml", headers={"Cache-Control": HOUR})


async def _colours(site: Site, _: Request) -> Response:
    return Response(views.colours(site.look.colour), media_type="text/css", headers={"Cache-Control": HOUR})


async def _logo(site: Site, _: Request) -> Response:
    found = await anyio.to_thread.run_sync(logo.read, site.look.logo)
    if found is None:
        raise HTTPException(404)
    headers = {"Cache-Control": HOUR, "Content-Security-Policy": logo.POLICY}
    return Response(found[0], media_type=found[1], headers=headers)


async def _robots(_: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
