"""Veri Kaldırma Talebi: ask for anonymisation or removal, and take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import Kind, UsageError

if TYPE_CHECKING:
    from starlette.responses import Response

    from kvkk_panel.visit import Visit

NUMBER_DIGITS = 18


async def show(visit: Visit) -> Response:
    customer = visit.customer
    own = await visit.call(lambda desk, visitor: desk.panel.page(visitor, customer))
    return visit.page("request.html", own=own) if own.open is None else visit.go("/")


async def file(visit: Visit) -> Response:
    customer, told = visit.customer, visit.told("kind")
    if told not in set(Kind):
        raise UsageError("kind-missing")
    if visit.told("understood") != "yes":
        raise UsageError("not-understood")
    await visit.call(lambda desk, visitor: desk.panel.file(visitor, customer, Kind(told)))
    return visit.go("/", "filed")


async def cancel(visit: Visit) -> Response:
    customer, told = visit.customer, visit.told("number")
    number = int(told) if told.isascii() and told.isdigit() and len(told) <= NUMBER_DIGITS else 0
    await visit.call(lambda desk, visitor: desk.panel.cancel(visitor, customer, number))
    return visit.go("/", "cancelled")
