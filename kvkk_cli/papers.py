"""`kvkk certificate` and `kvkk letter`."""

from __future__ import annotations

from typing import Annotated

import typer

from core import N_, UsageError
from kvkk_cli import words
from kvkk_cli.session import here
from kvkk_cli.values import Req

app = typer.Typer()


@app.command(
    "certificate",
    help=N_("Print the certificate of a resolved request: what was done, what stays and why, how it was checked."),
)
def certificate(
    req: Req,
    xml: Annotated[bool, typer.Option("--xml", help=N_("As XML against the shipped schema."))] = False,
) -> None:
    out = here().out
    if xml and out.as_json:
        raise UsageError("json-with-stream")
    with here().desk() as desk:
        paper = desk.papers.certificate(desk.actor, req, words.language())
    if xml:
        out.binary().write(paper.xml)
        return
    out.show(paper.certificate, lambda: out.document(paper.text))


@app.command(
    "letter",
    help=N_("Print the answer to the customer, for those who wrote by letter or KEP; in the customer's language unless --lang is given."),
)
def letter(req: Req) -> None:
    with here().desk() as desk:
        text = desk.papers.letter(desk.actor, req, here().options.lang)
    here().out.show({"number": req, "text": text}, lambda: here().out.document(text))
