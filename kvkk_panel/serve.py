"""The process: one socket, one event loop, worker threads for `core`; ended by a signal, within seconds.

Alone it listens on this machine only, in plain http. For anybody else a reverse proxy stands before it, which speaks https: its address
is named, what it says of the visitor's address is believed, and cookies are kept for https. Raised before anything is served: what is
wrong with the database, the map or the address.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import uvicorn

from core import N_, Exit, KvkkError, UsageError, Visitor, translator
from kvkk_panel import logo
from kvkk_panel.app import make_app
from kvkk_panel.desks import Desks
from kvkk_panel.limits import HEAD_MOST
from kvkk_panel.site import FRONT, Site
from kvkk_panel.timely import Timely

if TYPE_CHECKING:
    from core import Desk

NO_LOGO = N_("The logo cannot be shown: there is no PNG, JPEG, WebP or SVG file of at most 256 KB at `panel-logo`.")
VISITORS_MOST = 1000
"""Connections at once; more are told to come back."""
BACKLOG = 512
IDLE_S = 15
GRACE_S = 5
"""Seconds that answers under way get when the process is to end."""
HARD_S = 15
"""After so many the process ends whatever hangs."""


class PortTaken(KvkkError):
    """Somebody else listens there, or nobody may."""

    exit_code = Exit.UNAVAILABLE


class Server(uvicorn.Server):
    """Cuts downloads off when it is told to end: a customer with a million rows must not keep the process alive."""

    def __init__(self, config: uvicorn.Config, site: Site) -> None:
        super().__init__(config)
        self._site = site

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            timer = threading.Timer(HARD_S, os._exit, (int(Exit.TERMINATED),))
            timer.daemon = True
            timer.start()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._site.stop_downloads()
        await super().shutdown(sockets)


def serve(
    make: Callable[[], Desk],
    host: str,
    port: int,
    proxies: tuple[str, ...],
    begun: Callable[[str], None],
    tell: Callable[[str], None],
) -> None:
    """Serve until a signal. `make` opens a desk; `begun` hears the address, `tell` each line for whoever runs the panel.

    Raises UsageError `panel-needs-proxy`, `bad-proxy`, `map-no-sign-in`; KvkkError `port-taken`; Unavailable.
    """
    refuse_open(host, proxies)
    name = socket.gethostname()
    visitor = Visitor(FRONT, name)
    with make() as desk:
        look = desk.panel.ready(visitor)
    if look.logo is not None and logo.read(look.logo) is None:
        tell(translator(look.language)(NO_LOGO))
    prefix = urlsplit(look.url or "").path.rstrip("/")
    site = Site(Desks(make, visitor, tell=tell), name, look, prefix, secure=bool(proxies), tell=tell)
    with listening(host, port) as listener:
        server = Server(_config(site, proxies), site)
        begun(_address(listener, prefix))
        _run(server, listener)


def refuse_open(host: str, proxies: tuple[str, ...]) -> None:
    """Raises UsageError for a panel that others could reach without https, and for a proxy that is no address."""
    for one in proxies:
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError:
            raise UsageError("bad-proxy", allowed="127.0.0.1, 10.0.0.0/8, ::1") from None
    if not proxies and not _is_this_machine(host):
        raise UsageError("panel-needs-proxy")


def listening(host: str, port: int) -> socket.socket:
    """The socket. Raises PortTaken."""
    # TCP by its number: asyncio sends small answers at once on such sockets only, and 40 ms later on others
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortTaken("port-taken", port=port, kind=type(error).__name__) from None
    return listener


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _config(site: Site, proxies: tuple[str, ...]) -> uvicorn.Config:
    for name in ("uvicorn", "uvicorn.error", "asyncio"):  # their lines quote addresses and headers
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    return uvicorn.Config(
        make_app(site),
        http=Timely,
        ws="none",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=",".join(proxies) if proxies else "",
        limit_concurrency=VISITORS_MOST,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=HEAD_MOST,
    )


def _address(listener: socket.socket, prefix: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{prefix}/"


def _run(server: Server, listener: socket.socket) -> None:
    """Until a signal; uvicorn gives SIGTERM and Ctrl-C back to whoever handled them before. A closed terminal ends it as well."""
    hung_up = threading.Event()

    def hang_up(sig: int, frame: FrameType | None) -> None:
        hung_up.set()
        server.should_exit = True

    before = signal.signal(signal.SIGHUP, hang_up)
    try:
        server.run(sockets=[listener])
    finally:
        signal.signal(signal.SIGHUP, before)
    if hung_up.is_set():
        signal.raise_signal(signal.SIGHUP)
