"""Sign in by password or by a link to one's own address, and sign out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from kvkk_panel.visit import Visit


async def show(visit: Visit) -> Response:
    return visit.page("signin.html") if visit.session is None else visit.go("/")


async def sign_in(visit: Visit) -> Response:
    name, password = visit.told("name"), visit.told("password")
    return await visit.enter(await visit.call(lambda desk, visitor: desk.accounts.sign_in(visitor, name, password)))


async def show_ask(visit: Visit) -> Response:
    return visit.page("ask.html", what="link")


async def ask(visit: Visit) -> Response:
    name = visit.told("name")
    await visit.call(lambda desk, visitor: desk.accounts.ask_link(visitor, name))
    return visit.go("/sent")


async def show_link(visit: Visit) -> Response:
    """A button and no more: programs that look into mails must not use the link up."""
    return visit.page("link.html")


async def by_link(visit: Visit) -> Response:
    token = visit.request.path_params["token"]
    return await visit.enter(await visit.call(lambda desk, visitor: desk.accounts.sign_in_by_link(visitor, token)))


async def show_sent(visit: Visit) -> Response:
    return visit.page("sent.html")


async def sign_out(visit: Visit) -> Response:
    token = visit.token
    await visit.call(lambda desk, visitor: desk.accounts.sign_out(visitor, token))
    return visit.leave("/signin", "signed-out")
