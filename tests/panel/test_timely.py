"""Who sends headers too slowly loses the connection; who thinks before the next page does not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from kvkk_panel import timely
from kvkk_panel.timely import Timely

ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def hello(_scope: Any, _receive: Any, send: Any) -> None:
    await asyncio.sleep(0.3)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


async def said(*pieces: bytes) -> bytes:
    """What the panel answers to these pieces, a tenth of a second apart, until it hangs up or a second is over."""
    config = uvicorn.Config(hello, http=Timely, ws="none", lifespan="off", log_config=None)
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Timely(config=config, server_state=ServerState(), app_state={}), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    heard = b""
    try:
        async with asyncio.timeout(1):
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0.1)
            while got := await reader.read(1000):
                heard += got
    except TimeoutError:
        heard += b" (open)"
    except ConnectionError:
        pass
    writer.close()
    server.close()
    return heard


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timely, "HEAD_S", 0.25)


@pytest.mark.parametrize("pieces", [(), (ASKED,), (ASKED, b"A: ", b"b", b"c", b"d")])
def test_late_headers_end_the_connection(pieces: tuple[bytes, ...]) -> None:
    assert asyncio.run(said(*pieces)) == b""


def test_an_answer_that_takes_longer_is_not_cut_off() -> None:
    answer = asyncio.run(said(ASKED + b"\r\n"))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"hello (open)")
