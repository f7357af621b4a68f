"""`kvkk demo`: the main job before the reader's eyes, on a private copy of the sample database."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from core import N_
from kvkk_cli import forms, views, words
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
        "See the main job done on a private copy of the sample database: the queue, one request, its preview, its resolution "
        "and certificate, and an export. Nothing of yours is touched, and all people in it are made up."
    ),
)
def demo() -> None:
    from core import open_desk, private_copy

    folder = Path(tempfile.mkdtemp(prefix="kvkk-demo-"))
    database = private_copy(folder, date.today())
    with open_desk(str(database), None, os.environ, folder) as desk:
        told = _play(desk, folder)
    here().out.show({"folder": str(folder), "database": str(database), **told}, lambda: _afterwards(database, told))


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
    _people(lambda: views.preview(here().out, seen))
    _step(4, _("The resolution, in one transaction"), line)
    done = desk.resolutions.resolve(desk.actor, seen.number, choice)
    _people(lambda: views.resolved(here().out, done))
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
    for line in (
        f"{kvkk} requests list",
        f"{kvkk} requests show {told['open']}",
        f"{kvkk} resolve {told['open']} --anonymise --mask --dry-run",
        f"{kvkk} letter {told['request']}",
        f"{kvkk} export {told['customer']}",
        f"{kvkk} settings list",
        f"{kvkk} audit verify",
        f"rm -r {shlex.quote(str(database.parent))}",
    ):
        out.line(f"  {line}")
