"""Kişisel Veriler: consent, download, request and its state, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from kvkk_panel.visit import Visit


async def show(visit: Visit) -> Response:
    customer = visit.customer
    own = await visit.call(lambda desk, visitor: desk.panel.page(visitor, customer))
    return visit.page("home.html", own=own)


async def show_again(visit: Visit) -> Response:
    """For addresses that are acted on only: the page with what was refused."""
    return await show(visit) if visit.refusal else visit.go("/")
