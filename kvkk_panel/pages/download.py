"""Verileri İndir: the customer's data as a file, sent while it is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from core import KvkkError
from kvkk_panel.site import TURN_S
from kvkk_panel.stream import Delivery
from kvkk_panel.words import moment

if TYPE_CHECKING:
    from typing import BinaryIO

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from core import Desk
    from kvkk_panel.visit import Visit

TYPES = {"xml": "application/xml", "json": "application/json", "html": "text/html; charset=utf-8"}


class File(StreamingResponse):
    """The answer of one download: however it ends, the export that writes it hears of it."""

    def __init__(self, delivery: Delivery, first: bytes, form: str, name: str) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(delivery.pieces(first), media_type=TYPES[form], headers=headers)
        self._delivery = delivery

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._delivery.stop()


async def send(visit: Visit) -> Response:
    """The file; or the page again, when the export ends before its first piece. Raises KvkkError `downloads-busy`, and the export's."""
    form, customer, visitor, site = visit.told("format"), visit.customer, visit.visitor, visit.site
    if form not in TYPES:
        raise HTTPException(400)
    if site.tasks is None or customer in site.downloads:
        raise KvkkError("downloads-busy")

    def write(desk: Desk, target: BinaryIO) -> None:
        desk.panel.export(visitor, customer, target, form)

    site.downloads[customer] = delivery = Delivery()
    try:
        with anyio.fail_after(TURN_S):
            await site.turns.acquire()
    except BaseException as error:
        site.downloads.pop(customer)
        if isinstance(error, TimeoutError):
            raise KvkkError("downloads-busy") from None
        raise
    site.tasks.start_soon(delivery.run, site, customer, write)
    first = await delivery.first()
    name = f"kvkk-export-{moment(datetime.now(UTC), visit.look.timezone):%Y-%m-%d}.{form}"
    return File(delivery, first, form, name)
