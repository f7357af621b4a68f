"""`kvkk templates`: list, show, edit, preview, reset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core import N_, KvkkError, UsageError
from kvkk_cli import completion, editor, failures, forms, words
from kvkk_cli.forms import named
from kvkk_cli.output import Cell
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk, TemplatePreview, TemplateRow, TemplateView

app = typer.Typer()

Languages = Literal["tr", "en"]
Event = Annotated[
    str,
    typer.Argument(metavar="EVENT", show_default=False, help=N_("Which message, such as resolved."), autocompletion=completion.events),
]
Language = Annotated[Languages, typer.Argument(metavar="LANGUAGE", show_default=False, help=N_("Language of the template: tr or en."))]
Spoken = Annotated[
    Languages | None,
    typer.Argument(metavar="LANGUAGE", show_default=False, help=N_("Language of the template; else that of the interface.")),
]


@app.command("list", help=N_("List the templates of all messages, and which of them are the company's own."))
def list_() -> None:
    session = here()
    with session.desk() as desk:
        rows = desk.templates.list(desk.actor)
        session.out.show(rows, lambda: _table(rows, session.zone(desk)))


def _table(rows: tuple[TemplateRow, ...], zone: str) -> None:
    here().out.table(
        (_("Event"), _("Language"), _("For"), _("Subject"), _("Changed")),
        [
            (
                Cell(row.event, "" if row.is_default else "bold"),
                row.language,
                named("recipient", "staff" if row.for_staff else "customer"),
                row.subject,
                _("built in") if row.is_default else f"{forms.moment(row.changed_at, zone)}, {row.changed_by}",
            )
            for row in rows
        ],
        [(row.event, row.language, row.subject, row.changed_at.isoformat() if row.changed_at else "") for row in rows],
    )


@app.command("show", help=N_("Print one template as it is edited, and the fields that it may name."))
def show(event: Event, language: Spoken = None) -> None:
    with here().desk() as desk:
        view = desk.templates.show(desk.actor, event, language or words.language(), words.language())
    here().out.show(view, lambda: here().out.document(view.text))
    for one in view.fields:
        marks = [_("must be there")] if one.needed else []
        marks += [_("also in the subject")] if one.in_subject else []
        here().out.say(f"{one.name}: {one.about}" + (f" ({', '.join(marks)})" if marks else ""))


@app.command("preview", help=N_("Print a template filled with a made-up request; with FILE one that is not kept yet."))
def preview(
    event: Event,
    language: Spoken = None,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE|-", show_default=False, help=N_("Text to try; - reads standard input."))
    ] = None,
) -> None:
    text = None if file is None else editor.given(file)
    with here().desk() as desk:
        seen = desk.templates.preview(desk.actor, event, language or words.language(), text)
    here().out.show(seen, lambda: _preview(seen))


def _preview(seen: TemplatePreview) -> None:
    out = here().out
    out.fields(((_("Subject"), seen.subject),))
    out.line("")
    out.document(seen.body)


@app.command("edit", help=N_("Change one template: from FILE, from standard input with -, or in $VISUAL or $EDITOR on a terminal."))
def edit(
    event: Event,
    language: Language,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE|-", show_default=False, help=N_("The new text; - reads standard input."))
    ] = None,
) -> None:
    if file is None and not here().out.can_ask:
        raise UsageError("edit-needs-text")
    text = None if file is None else editor.given(file)
    with here().desk() as desk:
        if text is not None:
            _changed(desk.templates.edit(desk.actor, event, language, text, words.language()))
        else:
            _in_editor(desk, event, language)


def _in_editor(desk: Desk, event: str, language: str) -> None:
    """Until it is sound or given up; what was written is never thrown away."""
    text = desk.templates.show(desk.actor, event, language, words.language()).text
    with editor.Draft(text) as draft:
        while True:
            written = draft.edit()
            if written == text:
                here().out.say(_("Nothing was changed."))
                return
            try:
                view = desk.templates.edit(desk.actor, event, language, written, words.language())
            except KvkkError as error:
                draft.keep()
                failures.known(here().out, error)
                if not here().out.confirm(_("Edit it again?")):
                    here().out.warn(_("What you wrote is kept in {file}.").format(file=draft.path))
                    here().status = error.exit_code
                    return
            else:
                draft.drop()
                _changed(view)
                return


@app.command("reset", help=N_("Bring the built-in template back."))
def reset(event: Event, language: Language) -> None:
    with here().desk() as desk:
        view = desk.templates.reset(desk.actor, event, language, words.language())
    _changed(view)


def _changed(view: TemplateView) -> None:
    out, row = here().out, view.row
    told = _("{event} ({language}): the built-in template counts.") if row.is_default else _("{event} ({language}) is changed.")
    out.show(view, lambda: out.sentence(told.format(event=row.event, language=row.language)))
    command = f"kvkk templates preview {row.event} {row.language}"
    out.say(_("`{command}` shows it with a made-up request.").format(command=command))
