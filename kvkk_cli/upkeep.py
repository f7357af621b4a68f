"""`kvkk init`, `kvkk upgrade`, `kvkk doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from core import N_, Exit, explain_code
from kvkk_cli import forms, words
from kvkk_cli.output import SENTENCE, Cell
from kvkk_cli.session import here
from kvkk_cli.texts import TEXTS
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Finding, Initialised

app = typer.Typer()

STYLES = {"ok": "green", "note": "", "warning": "yellow", "error": "bold red"}


@app.command(
    "init",
    help=N_(
        "Prepare a database: makes kvkk's own tables in it and remembers the data map named by --map. "
        "A SQLite file that does not exist is made, with a small schema of its own."
    ),
)
def init() -> None:
    with here().desk() as desk:
        done = desk.upkeep.init(desk.actor, desk.target.map if here().options.map else None)
    _told(done)


@app.command("upgrade", help=N_("Bring kvkk's own tables to this version; the company's tables are not touched."))
def upgrade() -> None:
    with here().desk() as desk:
        done = desk.upkeep.upgrade(desk.actor)
    _told(done)


def _told(done: Initialised) -> None:
    sentence = {
        "none": N_("{database} is ready."),
        "old": N_("{database} is brought up to this version."),
        "current": N_("{database} was ready already."),
    }[done.before]
    out = here().out
    out.show(done, lambda: out.sentence(_(sentence).format(database=done.database)))
    if done.made_file:
        out.say(_("A new database file was made; only you can read it."))
    if done.view is not None:
        out.warn(
            _("The view kvkk_access was not made:")
            + " "
            + " ".join(explain_code(done.view.code, dict(done.view.facts), words.language(), TEXTS))
        )
    out.say(_("Next: `kvkk doctor` looks for what could go wrong."))


@app.command("doctor", help=N_("Look for what could go wrong and say what to do; ends with 6 when something must be repaired."))
def doctor() -> None:
    session = here()
    with session.desk() as desk:
        findings = desk.upkeep.doctor(desk.actor)
        session.out.say(_("Database: {name}").format(name=desk.label))
    session.out.show(findings, lambda: _findings(findings))
    if any(finding.grade == "error" for finding in findings):
        session.status = Exit.REFUSED


def _findings(findings: tuple[Finding, ...]) -> None:
    rows = [(finding, *explain_code(finding.code, dict(finding.facts), words.language(), TEXTS)) for finding in findings]
    here().out.table(
        (_("Grade"), _("Finding")),
        [(Cell(forms.named("severity", f.grade), STYLES.get(f.grade, "")), f"{what} {then}".strip()) for f, what, then in rows],
        [(f.grade, f.code, f"{what} {then}".strip()) for f, what, then in rows],
        cell=SENTENCE,
    )
