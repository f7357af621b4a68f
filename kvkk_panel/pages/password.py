"""A new password when the old one is forgotten: a link to one's own address, then the password twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import UsageError

if TYPE_CHECKING:
    from starlette.responses import Response

    from kvkk_panel.visit import Visit


async def show_ask(visit: Visit) -> Response:
    return visit.page("ask.html", what="reset")


async def ask(visit: Visit) -> Response:
    name = visit.told("name")
    await visit.call(lambda desk, visitor: desk.accounts.ask_reset(visitor, name))
    return visit.go("/sent")


async def show(visit: Visit) -> Response:
    return visit.page("password.html")


async def change(visit: Visit) -> Response:
    token, password = visit.request.path_params["token"], twice(visit)
    await visit.call(lambda desk, visitor: desk.accounts.reset(visitor, token, password))
    return visit.leave("/signin", "password")


def twice(visit: Visit) -> str:
    """The password, which was typed twice. Raises UsageError `passwords-differ`."""
    if visit.told("password") != visit.told("again"):
        raise UsageError("passwords-differ")
    return visit.told("password")
