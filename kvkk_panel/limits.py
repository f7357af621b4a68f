"""What a request may be: a form of few fields and few bytes, that comes within some seconds. Everything else is refused by raising."""

from __future__ import annotations

from urllib.parse import parse_qsl

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

BODY_MOST = 32 * 1024
"""Bytes of a form; a registration with every field full has fewer."""
FIELDS_MOST = 64
BODY_S = 15
"""Seconds within which a body has to be there."""
HEAD_MOST = 16 * 1024
"""Bytes of the request line and the headers; handed to the server."""
URL_MOST = 2048
FORM = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; of a field that comes twice, the first. Raises HTTPException 400, 408, 413, 415."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415)
    try:
        with anyio.fail_after(BODY_S):
            body = await _body(request)
    except TimeoutError:
        raise HTTPException(408) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MOST, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise HTTPException(400) from None
    return dict(reversed(pairs))


async def _body(request: Request) -> bytes:
    told = request.headers.get("content-length", "0")
    if not (told.isascii() and told.isdigit() and len(told) < 10) or int(told) > BODY_MOST:
        raise HTTPException(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MOST:
            raise HTTPException(413)
    return bytes(body)
