"""Verileri indir: everything that is stored about a customer, in the format that is wanted, into a new file in the current folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core import N_, NONE, Channel, Desk, Exported, Word
from kvkk_tui.asked import AskedPage, on
from kvkk_tui.lines import Lines
from kvkk_tui.widgets.form import Choice, Form, Row
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, forms

FORMATS = (
    ("xml", N_("XML, against the published schema")),
    ("json", N_("JSON, for programs")),
    ("csv", N_("CSV, a ZIP with one file a table")),
    ("html", N_("HTML, a page to read and print")),
)
"""(name, words), in the order of their keys"""


class ExportScreen(AskedPage):
    """Left when the file is written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "write", N_("Write the file"), id="export.go", tooltip=N_("The download is recorded.")),
        Binding("1", "form('xml')", N_("XML, against the published schema"), show=False, id="export.xml"),
        Binding("2", "form('json')", N_("JSON, for programs"), show=False, id="export.json"),
        Binding("3", "form('csv')", N_("CSV, a ZIP with one file a table"), show=False, id="export.csv"),
        Binding("4", "form('html')", N_("HTML, a page to read and print"), show=False, id="export.html"),
        Binding("g", "reason", N_("Reason"), id="export.reason", tooltip=N_("Why; kept in the list of downloads.")),
        Binding("escape,q", "leave", N_("Back"), id="export.leave"),
    ]
    ROLES: ClassVar[dict[str, str]] = {"write": "operator"}
    CHANNEL_NEEDED = False

    def __init__(self, customer: str) -> None:
        super().__init__()
        self._customer = customer
        self._form = "xml"
        self._reason = ""
        self._folder = Path.cwd()
        self._writing = False

    def body(self) -> Iterable[Widget]:
        yield Form(self._rows)
        yield Sheet(self._draw)

    def on_mount(self) -> None:
        self.query_one(Sheet).focus()

    def _rows(self) -> list[Row]:
        title = f"{_('Customer {key}').format(key=self._customer)} · {self.console.standing.database}"
        rows: list[Row] = [(_("Export"), (Choice("", "", title, style="near"),))]
        for number, (name, said) in enumerate(FORMATS, 1):
            here = name == self._form
            choice = Choice(str(number), f"form('{name}')", _(said), "(●) " if here else "( ) ", on(here))
            rows.append((_("Format") if number == 1 else "", (choice,)))
        return [*rows, *self.asked(), (_("Reason"), (Choice("g", "reason", self._reason or NONE, style=on(bool(self._reason))),))]

    def _draw(self, lines: Lines) -> None:
        if self._writing:
            lines.text(_("Being written…"), "near")
            return
        question = _("Everything that is stored about customer {key} is written to a new file in {folder}. The download is recorded.")
        lines.text(question.format(key=self._customer, folder=self._folder))
        lines.text(_("Only you can read the file. Passwords and data of other people are left out."), "dim")
        if self.channel is Channel.PHONE:
            lines.text(_("A phone call is no valid channel under KVKK: ask the customer for a written confirmation."), "bad")

    def why_not(self, action: str) -> str | None:
        return _("Being written…") if self._writing else None

    def action_form(self, name: str) -> None:
        self._form = name
        self.again()

    @work(group="ask")
    async def action_reason(self) -> None:
        text = await self.ask(_("Reason"), _("Why; kept in the list of downloads."), self._reason, needed=False)
        if text is not None:
            self._reason = text
            self.again()

    @work(exclusive=True, group="write")
    async def action_write(self) -> None:
        if self._writing:
            return
        self._writing = True
        self.again()
        done = await self.carry_out(self._write, _written, stays=True)
        self._writing = False
        if done is None:
            self.again()
        else:
            self.dismiss()  # last: it ends this worker too

    def _write(self, desk: Desk) -> Exported:
        word = Word(self.channel, self.received, self.verified or None)
        return desk.exports.export(desk.actor, self._customer, self._folder, reason=self._reason or None, word=word, form=self._form)

    def action_leave(self) -> None:
        self.dismiss()


def _written(done: Exported) -> str:
    told = _("Written: {path} ({size}, {rows} rows)").format(path=done.path, size=forms().size(done.bytes), rows=done.rows)
    if done.marked:
        told += " " + _("{count} values that XML cannot hold are written encoded and marked.").format(count=done.marked)
    return told
