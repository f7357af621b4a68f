"""The resolution form: what is to be done, a live preview of exactly that, a confirmation, progress, and the result.

What is carried out is what was shown: the fingerprint of the preview goes with it. If anything has moved meanwhile nothing
happens, and the new preview is shown with what is different.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core import N_, Desk, ItemDone, KvkkError, Preview, RequestRow, Resolved, Watch
from kvkk_tui import outcome, previews
from kvkk_tui.batch import Batch, Stage
from kvkk_tui.choices import Choices
from kvkk_tui.columns import whose
from kvkk_tui.lines import Lines
from kvkk_tui.page import Page
from kvkk_tui.widgets.form import Choice, Form, Row
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, forms

TICK_S = 0.2
"""Seconds between two drawings while results come in."""


class ResolveScreen(Page):
    """Dismissed with the numbers that were resolved."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "carry_out", N_("Carry out"), id="resolve.go", tooltip=N_("Asks once more; an erase wants the number typed.")),
        Binding("1", "way('access')", N_("Block access only"), show=False, id="resolve.access"),
        Binding("2", "way('mask')", N_("Block access and mask (stars)"), show=False, id="resolve.mask"),
        Binding("3", "way('erase')", N_("Erase all data for good"), show=False, id="resolve.erase"),
        Binding("b", "blacklist", N_("Blacklist"), id="resolve.blacklist", tooltip=N_("No new account with the same details.")),
        Binding("n", "tell_customer", N_("Notify"), id="resolve.notify", tooltip=N_("Send the customer the result.")),
        Binding("g", "reason", N_("Reason"), id="resolve.reason", tooltip=N_("Told to the customer when less is done than was asked.")),
        Binding("z", "force", N_("Pass a guard"), id="resolve.force", tooltip=N_("Open account, grace and kind; with a reason.")),
        Binding("w", "waive", N_("Accept residue"), show=False, id="resolve.waive", tooltip=N_("Values that remain, with a reason.")),
        Binding("p", "certificate", N_("Certificate"), show=False, id="resolve.certificate"),
        Binding("r", "look", N_("New preview"), show=False, id="resolve.look"),
        Binding("escape,q", "leave", N_("Back"), id="resolve.leave", tooltip=N_("While several are carried out: stop after the next one.")),
    ]

    ROLES: ClassVar[dict[str, str]] = {"carry_out": "operator", "waive": "admin"}

    def __init__(self, rows: Sequence[RequestRow]) -> None:
        super().__init__()
        self.lot = Batch(tuple(sorted(rows, key=lambda row: (row.customer or "", row.number))))
        self.choices = Choices.of(rows)
        self._turn = 0
        """Grows with every look; answers to an older one are dropped."""
        self._stale = False

    def body(self) -> Iterable[Widget]:
        yield Form(self._rows, id="form")
        yield Sheet(self._draw, id="preview")

    def on_mount(self) -> None:
        self.query_one(Sheet).focus()
        self._ask_setting()
        self.set_interval(TICK_S, self._tick)
        self.action_look()

    def on_unmount(self) -> None:
        self._turn += 1  # a pass for several ends with the request that it is at

    def _draw(self, lines: Lines) -> None:
        outcome.draw(lines, self.lot, self.choices.resolution, _(self.choices.about))

    def _again(self) -> None:
        self.query_one(Form).refresh()
        self.query_one(Sheet).again()
        self.refresh_bindings()

    # -- the form -------------------------------------------------------------------------------------------------

    def _rows(self) -> list[Row]:
        one, database = self.lot.one, self.console.standing.database
        if one is None:
            heading, whom = _("{n} requests").format(n=len(self.lot.rows)), database
        else:
            heading = _("Request {number}").format(number=one.number)
            whom = f"{whose(one).text} · {forms().named('kind', one.kind)} · {database}"
        return [(heading, (Choice("", "", whom, style="near"),)), *self.choices.rows()]

    @work(group="setting")
    async def _ask_setting(self) -> None:
        try:
            self.choices.notify_set = await self.lanes.quick(lambda desk: desk.settings.get(desk.actor, "notify")) == "on"
        except KvkkError as error:
            self.complain(error)
        self.query_one(Form).refresh()

    def action_way(self, name: str) -> None:
        if name != self.choices.way:
            self.choices.way = name
            self.action_look()

    def action_blacklist(self) -> None:
        self.choices.on_list = not self.choices.on_list
        self.action_look()

    def action_tell_customer(self) -> None:
        self.choices.turn_notify()
        self.query_one(Form).refresh()

    @work(group="ask")
    async def action_reason(self) -> None:
        question = _("Told to the customer when less is done than was asked. Empty takes it back.")
        text = await self.ask(_("Reason"), question, self.choices.reason, needed=False)
        if text is not None:
            self.choices.reason = text
            self.action_look()

    @work(group="ask")
    async def action_force(self) -> None:
        question = _(
            "This passes the guards of an open account, of the days of grace and of the request type, but nothing that a law holds. "
            "The reason is recorded. Empty takes it back."
        )
        text = await self.ask(_("Pass a guard"), question, self.choices.force, needed=False)
        if text is not None:
            self.choices.force = text
            self.action_look()

    @work(group="ask")
    async def action_waive(self) -> None:
        question = _("Values of the customer may remain where the preview names them. Who accepted it is recorded. Empty takes it back.")
        text = await self.ask(_("Accept residue"), question, self.choices.waive, needed=False)
        if text is not None:
            self.choices.waive = text
            self.action_look()

    def why_not(self, action: str) -> str | None:
        name, stage = action.partition("(")[0], self.lot.stage
        if name == "leave":
            return _("It is being carried out.") if stage is Stage.RUNNING and self.lot.one else None
        if name == "certificate":
            return None if self.lot.resolved else _("There is no certificate yet: it is made when the request is resolved.")
        if stage is not Stage.CHOOSING:
            return _("It is being carried out.") if stage is Stage.RUNNING else _("It has been carried out.")
        return outcome.against(self.lot) if name == "carry_out" else None

    # -- the preview ----------------------------------------------------------------------------------------------

    def action_look(self) -> None:
        """Work out what the form says now; older answers are dropped."""
        self._turn += 1
        self.lot.forget()
        self._again()
        self._look(self._turn)

    @work(exclusive=True, group="look")
    async def _look(self, turn: int) -> None:
        one = self.lot.one
        if one is not None:
            self.lot.learn(one.number, await self._seen(one.number))
        else:
            await self._look_at_all(turn)
        self._again()

    async def _seen(self, number: int) -> Preview | KvkkError:
        batch, choice, options = self.lot, self.choices.resolution, self.choices.options
        return await self.lanes.work(lambda desk: batch.look(desk, number, choice, options))

    async def _look_at_all(self, turn: int) -> None:
        """One pass over the database for all of them; older passes end with the request that they are at."""
        numbers, choice, options = [row.number for row in self.lot.rows], self.choices.resolution, self.choices.options

        def seen(number: int, found: Preview | KvkkError) -> None:
            self._learn(turn, number, found)

        watch = Watch(progress=lambda *at: self._at(turn, at), stop=lambda: turn != self._turn or self.console.leaving)
        try:
            await self.lanes.work(lambda desk: desk.bulk.preview(desk.actor, numbers, choice, options, seen, watch))
        except KvkkError as error:
            for number in numbers:
                self._learn(turn, number, error)

    # What follows is called in the lane's thread, and waits for nobody: it keeps what it hears, and a tick draws it.

    def _learn(self, turn: int, number: int, found: Preview | KvkkError) -> None:
        if turn == self._turn:
            self.lot.learn(number, found)
            self._at(turn, ("look", len(self.lot.previews) + len(self.lot.failures), len(self.lot.rows)))

    def _at(self, turn: int, progress: tuple[str, int, int]) -> None:
        if turn == self._turn:
            self.lot.progress, self._stale = progress, True

    def _tick(self) -> None:
        if self._stale:
            self._stale = False
            self._again()

    async def changed(self) -> None:
        """Somebody changed something: has this request been decided, or what it would touch been moved?"""
        one = self.lot.one
        if one is None or self.lot.stage is not Stage.CHOOSING or not self.lot.complete:
            return
        self.lot.learn_again(one.number, await self._seen(one.number))
        self._again()

    # -- carrying out ---------------------------------------------------------------------------------------------

    @work(group="carry-out")
    async def action_carry_out(self) -> None:
        if self.against("carry_out") or not await self._sure():
            return
        if self.against("carry_out"):
            return  # it changed while the question stood there
        batch = self.lot
        batch.stage = Stage.RUNNING
        self._again()
        if batch.one is not None:
            await self._carry_out_one(batch.one.number)
        else:
            await self._carry_out_all()
        batch.stage = Stage.FINISHED if batch.done or batch.run else Stage.CHOOSING
        self._again()
        self._key_made()
        await self.console.moved()
        if batch.resolved:
            self.console.settle()

    async def _carry_out_one(self, number: int) -> None:
        batch, choice, options = self.lot, self.choices.resolution, self.choices.options
        found: Resolved | KvkkError = await self.lanes.change(lambda desk: batch.resolve(desk, number, choice, options))
        if isinstance(found, KvkkError):
            if found.code == "plan-moved":  # nothing happened, since something had changed: show what, and the new preview
                batch.learn_again(number, await self._seen(number))
                return
            self.complain(found)
        batch.ended(number, found)

    async def _carry_out_all(self) -> None:
        """As one run: what it did not come to goes on from the list of runs, also after the line has dropped."""
        batch, choice, options, turn = self.lot, self.choices.resolution, self.choices.options, self._turn
        batch.progress = ("resolve", 0, len(batch.ready))
        watch = Watch(
            told=self._heard,
            progress=lambda *at: self._at(turn, at),
            stop=lambda: batch.stopped or self.console.leaving,
            begun=self._begun,
            page=1,
        )
        try:
            batch.end = await self.lanes.change(lambda desk: batch.resolve_all(desk, choice, options, watch))
        except KvkkError as error:
            self.complain(error)

    def _begun(self, run: str, _count: int) -> None:
        self.lot.run, self._stale = run, True

    def _heard(self, item: ItemDone) -> None:
        self.lot.items[item.number] = item
        self._stale = True

    async def _sure(self) -> bool:
        ready, one = self.lot.ready, self.lot.one
        title = f"{previews.chosen(self.choices.resolution)} · {self.console.standing.database}"
        if self.choices.erases:
            wanted = str(one.number if one else len(ready))
            what = _("the number of the request") if one else _("how many requests are erased")
            question = _("Everything that the preview shows is erased for good. To go on, type {what}: {wanted}")
            return await self.ask(title, question.format(what=what, wanted=wanted), exactly=wanted) is not None
        whom = _("Request {number}").format(number=one.number) if one else _("{n} requests").format(n=len(ready))
        return await self.confirm(title, _("{whom}: carry out what the preview shows?").format(whom=whom))

    def _key_made(self) -> None:
        desk: Desk = self.lanes.desk
        if desk.key_made and not self.console.key_told:
            self.console.key_told = True
            said = _("A key file was made: {path}. Keep it in the backup, apart from the database.")
            self.console.tell(said.format(path=desk.key_file), severity="warning", timeout=30)

    # -- ways out -------------------------------------------------------------------------------------------------

    @work(group="ask")
    async def action_certificate(self) -> None:
        """The certificate; of several that one which is chosen."""
        from kvkk_tui.screens.paper import PaperScreen

        numbers = [str(number) for number in self.lot.resolved]
        chosen: str | None = numbers[0]
        if len(numbers) > 1:
            options = [(number, _("Request {number}").format(number=number)) for number in numbers]
            chosen = await self.choose(_("Whose certificate?"), options, numbers[0])
        if chosen is not None:
            self.app.push_screen(PaperScreen(int(chosen), "certificate"))

    def action_leave(self) -> None:
        """Back; while several are carried out, stop after the one that is under way."""
        if self.lot.stage is Stage.RUNNING:
            self.lot.stopped = True
            self.console.tell(_("It stops after the request that is being carried out."))
        else:
            self.dismiss(self.lot.resolved)
