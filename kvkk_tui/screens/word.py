"""One word of a customer on record: accepted, withdrawn, notice read; with its channel, day, proof, and the text that it answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core import N_, Channel, ConsentDetail, ConsentStatus, ConsentText, Desk, KvkkError, TextKind
from kvkk_tui.asked import AskedPage, on
from kvkk_tui.consenting import OPERATORS
from kvkk_tui.lines import Lines
from kvkk_tui.widgets.form import Choice, Form, Row
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, forms, language, zone

TITLES = {
    "give": N_("The customer accepts the consent text"),
    "withdraw": N_("The customer withdraws the consent"),
    "notice": N_("The customer has read the privacy notice"),
}
IN_FORCE = "0"
"""Stands for the version in force in the question."""


class WordScreen(AskedPage):
    """What is recorded stands in the form; the text that is meant stands below it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "record", N_("Record it"), id="word.go"),
        Binding("t", "version", N_("Version"), id="word.version", tooltip=N_("Another version of the text, for a form of then.")),
        Binding("escape,q", "leave", N_("Back"), id="word.leave"),
    ]
    ROLES: ClassVar[dict[str, str]] = {**OPERATORS, "record": "operator"}

    def __init__(self, verb: str, key: str, name: str) -> None:
        super().__init__()
        self._verb, self._key, self._called = verb, key, name
        self._kind = TextKind.NOTICE if verb == "notice" else TextKind.CONSENT
        self._version: int | None = None
        self._texts: Sequence[ConsentText] = ()
        self._now: ConsentDetail | None = None

    def body(self) -> Iterable[Widget]:
        yield Form(self._rows)
        yield Sheet(self._draw)

    def on_mount(self) -> None:
        self.query_one(Sheet).focus()
        self._read()

    @work(exclusive=True, group="detail")
    async def _read(self) -> None:
        key, kind = self._key, self._kind
        try:
            self._now, self._texts = await self.lanes.quick(
                lambda desk: (desk.consent.show(desk.actor, key), desk.consent.texts(desk.actor, kind))
            )
        except KvkkError as error:
            self.complain(error)
            return
        self.again()

    def _rows(self) -> list[Row]:
        whom = f"{self._called} ({self._key}) · {self.console.standing.database}"
        rows: list[Row] = [
            (_("Customer"), (Choice("", "", whom, style="near"),)),
            (_("What is recorded"), (Choice("", "", _(TITLES[self._verb]), style="text"),)),
            *self.asked(),
        ]
        if self._verb != "withdraw":
            shown = _("in force") if self._version is None else str(self._version)
            rows.append((_("Version"), (Choice("t", "version", shown, style=on(self._version is not None)),)))
        return rows

    def _draw(self, lines: Lines) -> None:
        if self._now is None:
            lines.text(_("Reading…"), "dim")
            return
        lines.fields(((_("So far"), self._so_far(self._now)),))
        found = self._meant()
        if found is not None and self._verb != "withdraw":
            about = _("Version {version}, {language}").format(version=found.version, language=forms().named("language", found.language))
            lines.title(about)
            lines.document(found.text)

    def _so_far(self, now: ConsentDetail) -> str:
        if self._verb != "notice":
            return forms().consent(now.row, zone())
        if now.notice is None:
            return _("not read")
        return _("{at}, version {version}").format(at=forms().moment(now.notice.at, zone()), version=now.notice.version)

    def _meant(self) -> ConsentText | None:
        """The text that is answered, in the language of the console where it has one."""
        some = [one for one in self._texts if (one.current if self._version is None else one.version == self._version)]
        return next((one for one in some if one.language == language()), some[0] if some else None)

    def why_not(self, action: str) -> str | None:
        if action == "version" and self._verb == "withdraw":
            return _("A withdrawal names no version.")
        return None

    @work(group="ask")
    async def action_version(self) -> None:
        numbers = dict.fromkeys(one.version for one in self._texts)
        options = [(IN_FORCE, _("in force")), *((str(number), str(number)) for number in numbers)]
        chosen = await self.choose(_("Which version?"), options, str(self._version or IN_FORCE))
        if chosen is not None:
            self._version = None if chosen == IN_FORCE else int(chosen)
            self.again()

    @work(exclusive=True, group="record")
    async def action_record(self) -> None:
        if await self.carry_out(self._put, self._told) is not None:
            self.dismiss()  # last: it ends this worker too

    def _put(self, desk: Desk) -> ConsentStatus:
        channel, received, verified = self.channel or Channel.OTHER, self.received, self.verified or None
        if self._verb == "withdraw":
            return desk.consent.withdraw(desk.actor, self._key, channel, received_on=received, verified_by=verified)
        verb = desk.consent.notice if self._verb == "notice" else desk.consent.give
        return verb(desk.actor, self._key, channel, received_on=received, verified_by=verified, version=self._version)

    def _told(self, now: ConsentStatus) -> str:
        if self._verb == "notice":
            return _("Recorded: the customer has read the privacy notice.")
        return f"{_('Consent')}: {forms().consent(now, zone())}"

    def action_leave(self) -> None:
        self.dismiss()
