"""`kvkk settings`: list, get, set, reset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core import N_, SETTINGS, Exit, UsageError
from kvkk_cli import completion, editor, forms, words
from kvkk_cli.output import Cell
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk, Proposal, SettingChange, SettingRow

app = typer.Typer()

PEOPLE = 2
"""So many it takes to erase, and to switch the second person off."""

Key = Annotated[str, typer.Argument(metavar="KEY", show_default=False, help=N_("Name of the setting."), autocompletion=completion.settings)]


@app.command("list", help=N_("List every setting with its value and what may be set."))
def list_() -> None:
    with here().desk() as desk:
        rows = desk.settings.list(desk.actor, words.language())
        zone = here().zone(desk)
    here().out.show(rows, lambda: _table(rows))
    for row in rows:
        if row.proposed is not None:
            _waits(row.key, row.proposed, zone)


def _table(rows: tuple[SettingRow, ...]) -> None:
    here().out.table(
        (_("Setting"), _("Value"), _("Meaning"), _("Allowed")),
        [(row.key, Cell(_value(row), "" if row.is_default else "bold"), row.label, row.allowed) for row in rows],
        [(row.key, row.value, row.default, row.allowed) for row in rows],
    )


def _waits(key: str, proposal: Proposal, zone: str) -> None:
    told = _("Proposed by {account}: {key} = {value}. It counts when another admin gives the same command until {until}.")
    here().out.warn(told.format(account=proposal.by, key=key, value=proposal.value, until=forms.moment(proposal.until, zone)))


def _value(row: SettingRow) -> str:
    return _("version {version}").format(version=row.value) if row.is_document else row.value or _("unset")


@app.command("get", help=N_("Print the value of one setting."))
def get(key: Key) -> None:
    out = here().out
    with here().desk() as desk:
        value = desk.settings.get(desk.actor, key, words.language())
    out.show({"key": key, "value": value}, lambda: out.document(value, len(value)) if "\n" in value else out.sentence(value))


@app.command("set", help=N_("Change one setting."), context_settings={"ignore_unknown_options": True})
def set_(
    key: Key,
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="[VALUE]",
            show_default=False,
            help=N_("The new value; unset empties an optional one; - reads consent-text and notice-text from standard input."),
        ),
    ] = None,
    from_file: Annotated[
        str | None,
        typer.Option("--from-file", metavar="FILE", help=N_("Take the value from a file in UTF-8, or from standard input for -.")),
    ] = None,
    language: Annotated[
        Literal["tr", "en"] | None,
        typer.Option("--language", help=N_("What a text is written in; left out: the language of the setting `language`.")),
    ] = None,
) -> None:
    text = _text(key, value, from_file)
    with here().desk() as desk:
        _changed(desk, desk.settings.set(desk.actor, key, text, language))


def _text(key: str, value: str | None, from_file: str | None) -> str:
    """The value as given. Raises UsageError `value-and-file`, `missing-argument`, and those of a file."""
    if value is not None and from_file is not None:
        raise UsageError("value-and-file")
    if value is None and from_file is None:
        raise UsageError("missing-argument", argument="VALUE", command="kvkk settings set")
    if from_file is not None or (value == "-" and _is_document(key)):
        return editor.given(from_file or "-")
    return value or ""


@app.command("reset", help=N_("Give one setting its default back."))
def reset(key: Key) -> None:
    with here().desk() as desk:
        _changed(desk, desk.settings.reset(desk.actor, key))


def _changed(desk: Desk, change: SettingChange) -> None:
    out = here().out
    if _is_document(change.key):
        _new_version(change)
    else:
        out.show(change, lambda: out.sentence(f"{change.key} = {change.now or _('unset')}"))
    if change.proposed is not None:
        _waits(change.key, change.proposed, here().zone(desk))
        here().status = Exit.PENDING
        return
    if not _is_document(change.key):
        out.say(_("It was: {value}").format(value=change.before or _("unset")))
    _consequences(change)


def _consequences(change: SettingChange) -> None:
    """What the change means to others."""
    out = here().out
    if change.withdrawn is not None:
        told = _("What {account} had proposed, {key} = {value}, is off the table.")
        out.warn(told.format(account=change.withdrawn.by, key=change.key, value=change.withdrawn.value))
    if change.approvers is not None:
        told = _("From now on somebody else approves a permanent erase before it is carried out. Members of staff who may: {count}.")
        out.warn(told.format(count=change.approvers))
        out.warn(_("Switching it off again takes two admins; registered: {count}.").format(count=change.admins))
        if min(change.approvers, change.admins or 0) < PEOPLE:
            out.warn(_("Register more of them: `kvkk staff add ACCOUNT ROLE`."))
    for key in change.stale:
        told = _("The text {key} does not name the company as it is named now; `kvkk settings reset {key}` makes a new version.")
        out.warn(told.format(key=key))
    if change.locked_out:
        out.warn(_("{count} customers have not accepted the consent text: the access gate refuses them.").format(count=change.locked_out))


def _is_document(key: str) -> bool:
    return any(one.key == key and one.is_document for one in SETTINGS)


def _new_version(change: SettingChange) -> None:
    out = here().out
    if change.now == change.before:
        out.show(change, lambda: out.sentence(_("{key}: version {version}, unchanged").format(key=change.key, version=change.now)))
        return
    out.show(change, lambda: out.sentence(_("{key}: version {version}").format(key=change.key, version=change.now)))
    if change.carried:
        spoken = ", ".join(forms.named("language", one) for one in change.carried)
        out.say(_("As before, because only one language was given: {languages}.").format(languages=spoken))
