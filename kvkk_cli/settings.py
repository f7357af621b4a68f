"""`kvkk settings`: list, get, set, reset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from core import N_, Exit
from kvkk_cli import completion, words
from kvkk_cli.forms import moment
from kvkk_cli.output import Cell
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Desk, Proposal, SettingChange, SettingRow

app = typer.Typer()

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
    here().out.warn(told.format(account=proposal.by, key=key, value=proposal.value, until=moment(proposal.until, zone)))


def _value(row: SettingRow) -> str:
    return row.value or _("unset")


@app.command("get", help=N_("Print the value of one setting."))
def get(key: Key) -> None:
    with here().desk() as desk:
        value = desk.settings.get(desk.actor, key)
    here().out.show({"key": key, "value": value}, lambda: here().out.sentence(value))


@app.command("set", help=N_("Change one setting."), context_settings={"ignore_unknown_options": True})
def set_(
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", show_default=False, help=N_("The new value; unset empties an optional one."))],
) -> None:
    with here().desk() as desk:
        _changed(desk, desk.settings.set(desk.actor, key, value))


@app.command("reset", help=N_("Give one setting its default back."))
def reset(key: Key) -> None:
    with here().desk() as desk:
        _changed(desk, desk.settings.reset(desk.actor, key))


def _changed(desk: Desk, change: SettingChange) -> None:
    out = here().out
    out.show(change, lambda: out.sentence(f"{change.key} = {change.now or _('unset')}"))
    if change.proposed is not None:
        _waits(change.key, change.proposed, here().zone(desk))
        here().status = Exit.PENDING
        return
    out.say(_("It was: {value}").format(value=change.before or _("unset")))
    if change.withdrawn is not None:
        told = _("What {account} had proposed, {key} = {value}, is off the table.")
        out.warn(told.format(account=change.withdrawn.by, key=change.key, value=change.withdrawn.value))
    if change.approvers is not None:
        told = _("From now on a permanent erase is approved by somebody else than whoever carries it out. Registered who may: {count}.")
        out.warn(told.format(count=change.approvers))
        out.warn(_("To switch it off again takes two admins; registered: {count}.").format(count=change.admins))
    if change.locked_out:
        out.warn(_("{count} customers have not accepted the consent text: the access gate refuses them.").format(count=change.locked_out))
