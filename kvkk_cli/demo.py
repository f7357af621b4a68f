"""`kvkk demo`: the console, or the main job told step by step, on a private copy of the sample database."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core import N_
from kvkk_cli import console, forms, outcomes, views, words
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk, Preview, RequestRow, Resolution, Resolved

app = typer.Typer()

QUEUE = 8
"""Requests that the queue of the demonstration shows."""


@app.command(
    "demo",
    help=N_(
        "Open the console on a private copy of the sample database, moved to today. Without a terminal, or with --no-console, see the main "
        "job done step by step: the queue, one request, its preview, its resolution and certificate, and an export. Nothing of yours is "
        "touched, and all people in it are made up."
    ),
)
def demo(
    screen: Annotated[
        bool, typer.Option("--console/--no-console", help=N_("The console, or the job told step by step; a pipe always gets the latter."))
    ] = True,
) -> None:
    from core import open_desk, private_copy

    shown = screen and _can_be_shown()
    folder = Path(tempfile.mkdtemp(prefix="kvkk-demo-"))
    database = private_copy(folder, date.today())
    with open_desk(str(database), None, os.environ, folder) as desk:
        told = _look_round(desk) if shown else _play(desk, folder)
    here().out.show({"folder": str(folder), "database": str(database), **told}, lambda: _afterwards(database, told))


def _can_be_shown() -> bool:
    """Whether there are people and a terminal on both ends."""
    out = here().out
    return out.on_terminal and out.can_ask and console.refusal() is None


def _look_round(desk: Desk) -> dict[str, object]:
    """The console until it is left; returns what the last page names."""
    from core import Order, RequestFilter, State

    hello = _("Made-up people, a copy of your own. Enter opens a request, s resolves it, ? tells every key, q leaves.")
    console.show(desk, hello=hello)
    waiting = desk.requests.list(desk.actor, RequestFilter(limit=1)).rows
    decided = desk.requests.list(desk.actor, RequestFilter(states=(State.RESOLVED,), order=Order.NUMBER, descending=True, limit=1)).rows
    told: dict[str, object] = {"request": decided[0].number} if decided else {}
    return told | ({"open": waiting[0].number, "customer": waiting[0].customer} if waiting else {})


def _play(desk: Desk, folder: Path) -> dict[str, object]:
    """The steps; returns what the last page names."""
    from core import Kind, RequestFilter, Resolution

    page = desk.requests.list(desk.actor, RequestFilter(limit=QUEUE))
    _step(1, _("The queue: open requests, most urgent first"), "kvkk requests list")
    _people(lambda: views.queue(here().out, page.rows, headed=True))
    choice = Resolution(mask=True, blacklist=True)
    asked = desk.requests.list(desk.actor, RequestFilter(kind=Kind.ANONYMISE, limit=QUEUE)).rows
    seen = _resolvable(desk, asked, choice)
    _step(2, _("The magnifier: one request with services, invoices and state"), f"kvkk requests show {seen.number}")
    detail = desk.requests.show(desk.actor, seen.number)
    _people(lambda: views.request(here().out, detail, here().zone(desk)))
    line = f"kvkk resolve {seen.number} --anonymise --mask --blacklist"
    _step(3, _("The preview: what would happen, table by table"), f"{line} --dry-run")
    _people(lambda: outcomes.preview(here().out, seen))
    _step(4, _("The resolution, in one transaction"), line)
    done = desk.resolutions.resolve(desk.actor, seen.number, choice)
    _people(lambda: outcomes.resolved(here().out, done))
    return {"request": seen.number, **_papers(desk, folder, done, page.rows[0])}


def _papers(desk: Desk, folder: Path, done: Resolved, other: RequestRow) -> dict[str, object]:
    """The certificate of what was done, and the export of somebody who is still whole."""
    _step(5, _("The certificate, without personal data"), f"kvkk certificate {done.number}")
    paper = desk.papers.certificate(desk.actor, done.number, words.language())
    _people(lambda: here().out.document(paper.text))
    customer = other.customer or ""
    _step(6, _("The export of another customer"), f"kvkk export {customer}")
    written = desk.exports.export(desk.actor, customer, folder)
    _people(lambda: here().out.sentence(f"{written.path}  {written.rows}  {forms.size(written.bytes)}  SHA-256 {written.sha256}"))
    return {"export": written.path, "open": other.number, "customer": customer}


def _resolvable(desk: Desk, rows: tuple[RequestRow, ...], choice: Resolution) -> Preview:
    """The preview of a request that nothing speaks against, of a customer with services and invoices to show."""
    telling = sorted(rows, key=lambda row: not (row.services and row.services.active))
    previews = (desk.resolutions.preview(desk.actor, row.number, choice) for row in telling)
    return next(seen for seen in previews if not seen.refusals)


def _command() -> str:
    """How kvkk is called here: by its name, else by the launcher that lies beside the packages."""
    launcher = Path(__file__).parent.parent / "kvkk"
    return "kvkk" if shutil.which("kvkk") or not launcher.is_file() else shlex.quote(str(launcher))


def _step(number: int, title: str, line: str) -> None:
    out = here().out
    if not out.as_json:
        out.heading(f"── {number}. {title}")
        out.sentence(f"$ {line}")
        out.line("")


def _people(view: Callable[[], None]) -> None:
    if not here().out.as_json:
        view()


def _afterwards(database: Path, told: dict[str, object]) -> None:
    """What to try next, with the exact path."""
    out = here().out
    kvkk = f"{_command()} --db {shlex.quote(str(database))}"
    title = _("Try it yourself; the copy stays there until you delete it:")
    out.heading(f"── {title}")
    out.sentence(str(database.parent))
    out.line("")
    for needed, line in (
        ("", "tui"),
        ("", "requests list"),
        ("open", "requests show {open}"),
        ("open", "resolve {open} --anonymise --mask --dry-run"),
        ("request", "letter {request}"),
        ("customer", "export {customer}"),
        ("", "settings list"),
        ("", "audit verify"),
    ):
        if not needed or needed in told:
            out.line(f"  {kvkk} {line.format(**told)}")
    out.line(f"  rm -r {shlex.quote(str(database.parent))}")
