"""Yetkilendirme Onayı: the text, accept, withdraw; and the notice, which is read and not accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from core import TextKind

if TYPE_CHECKING:
    from starlette.responses import Response

    from kvkk_panel.visit import Visit

VERSION_DIGITS = 9
ANSWERS = ("accept", "withdraw")


async def show(visit: Visit) -> Response:
    return await _show(visit, "consent.html", TextKind.CONSENT)


async def show_notice(visit: Visit) -> Response:
    return await _show(visit, "notice.html", TextKind.NOTICE)


async def answer(visit: Visit) -> Response:
    if visit.told("answer") not in ANSWERS:  # a word that is neither must not withdraw what was given
        raise HTTPException(400)
    given = visit.told("answer") == ANSWERS[0]
    await _answer(visit, TextKind.CONSENT, given=given)
    return visit.go("/", "consent-given" if given else "consent-withdrawn")


async def read(visit: Visit) -> Response:
    await _answer(visit, TextKind.NOTICE, given=True)
    return visit.go("/", "notice-read")


async def _show(visit: Visit, template: str, kind: TextKind) -> Response:
    customer, language = visit.customer, visit.language
    own, text = await visit.call(lambda desk, who: (desk.panel.page(who, customer), desk.consent.shown(who, kind, language)))
    return visit.page(template, own=own, text=text)


async def _answer(visit: Visit, kind: TextKind, *, given: bool) -> None:
    """The word on the version that stood on the page, which must still be the one in force."""
    customer, language, version = visit.customer, visit.language, visit.told("version")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) <= VERSION_DIGITS else 0
    about = {"seen": seen} if given else {"seen": None}
    await visit.call(lambda desk, who: desk.consent.answer(who, customer, kind, given=given, language=language, **about))
