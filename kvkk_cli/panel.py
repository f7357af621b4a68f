"""`kvkk panel serve`: the customer panel."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from core import N_, UsageError
from kvkk_cli.session import here
from kvkk_cli.words import _

app = typer.Typer()
NEEDED = ("starlette", "jinja2", "uvicorn")
"""What the extra `panel` brings."""


@app.command(
    "serve",
    help=N_(
        "Serve the customer panel: sign-in, consent, download, and requests, as a small web page. Without --proxy for this machine only. "
        "Ends with a signal."
    ),
)
def serve(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help=N_("Where to listen."))] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, metavar="N", help=N_("0: any free one; it is printed."))] = 8080,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy",
            metavar="ADDRESS",
            help=N_("A reverse proxy that speaks https to visitors and says where they come from; may be repeated."),
        ),
    ] = None,
) -> None:
    if any(find_spec(name) is None for name in NEEDED):
        raise UsageError("panel-not-installed")
    from kvkk_panel.serve import serve as run

    session = here()
    with session.desk():  # says what is wrong with the database, in its language, before anything is served
        pass
    begun = _("The customer panel: {address}  (Ctrl-C ends it)")
    run(
        session.closed_desk,
        host,
        port,
        tuple(proxy or ()),
        lambda address: session.out.say(begun.format(address=address)),
        session.out.warn,
    )
