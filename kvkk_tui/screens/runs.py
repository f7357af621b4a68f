"""Runs over many requests: what was done, what failed and why, and going on with one that was stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from core import N_, Desk, ItemDone, KvkkError, RunDetail, RunEnd, RunRow, Watch
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.listing import AGAIN_MOST, ListPage
from kvkk_tui.outcome import STAGES, why
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms, zone

STYLES = {"running": "near", "stopped": "bad", "done": "good"}
WIDE = 110
TICK_S = 0.2
"""Seconds between two drawings while a run goes on."""
SHOWN_MOST = 200
"""Requests that were not done and are told."""


class RunsScreen(ListPage[RunRow]):
    """The newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("What was not done"), id="runs.open"),
        Binding("o", "resume", N_("Go on"), id="runs.resume", tooltip=N_("Go on with a run that was stopped or cut off.")),
        Binding("escape", "stop", N_("Stop"), show=False, id="runs.stop", tooltip=N_("Behind the request that is worked on.")),
    ]
    ROLES: ClassVar[dict[str, str]] = {"resume": "operator"}
    TELLS = True
    NOTHING = N_("No run yet: several marked requests make one, and `kvkk resolve --pending`.")

    def __init__(self) -> None:
        super().__init__()
        self._detail: RunDetail | None = None
        self._progress = self._drawn = ""
        self._stopped = False

    def begin(self) -> None:
        self.set_interval(TICK_S, self._tick)
        super().begin()

    def key_of(self, row: RunRow) -> Any:
        return row.id

    def page(self, desk: Desk, after: None, limit: int) -> tuple[Sequence[RunRow], None]:
        return desk.bulk.list(desk.actor, AGAIN_MOST), None

    def columns(self, width: int) -> Sequence[Column[RunRow]]:
        wide = width >= WIDE
        found = [
            Column[RunRow](N_("Run"), 10, lambda row: piece(row.id, "key")),
            Column[RunRow](N_("Started"), 16, lambda row: Piece(forms().moment(row.started_at, zone()))),
            Column[RunRow](N_("What is done"), 0, lambda row: Piece(forms().named("plan", row.resolution.name))),
            Column[RunRow](N_("Done of all"), 11, lambda row: Piece(f"{forms().whole(row.done)}/{forms().whole(row.total)}"), right=True),
            Column[RunRow](N_("Failed"), 9, lambda row: _count(row.failed, "bad"), right=True),
        ]
        if wide:
            found.append(Column[RunRow](N_("Skipped"), 9, lambda row: _count(row.skipped, "near"), right=True))
            found.append(Column[RunRow](N_("Waiting"), 9, lambda row: _count(row.waiting, "near"), right=True))
            found.append(Column[RunRow](N_("By"), 24, lambda row: piece(row.started_by)))
        state = Column[RunRow](N_("State"), 10, lambda row: Piece(forms().named("run", row.state), STYLES.get(row.state, "text")))
        return [*found, state]

    def about(self, lines: Lines, row: RunRow) -> None:
        if self._progress:
            lines.text(self._progress, "near")
        counts = _("{done} done, {failed} failed, {skipped} skipped, {waiting} wait")
        told = counts.format(done=row.done, failed=row.failed, skipped=row.skipped, waiting=row.waiting)
        lines.fields(((_("By"), row.started_by), (_("Ended"), forms().moment(row.finished_at, zone())), (_("Requests"), told)))
        if row.held_by and not self._progress:
            told = _("{who} is at it. Should that one have died, it can go on from {at}.")
            lines.text(told.format(who=row.held_by, at=forms().moment(row.held_until, zone())), "dim")
        if self._detail is not None and self._detail.row.id == row.id:
            items = self._detail.items[:SHOWN_MOST]
            lines.table((_("No"), _("State"), _("Reason")), [_item(one) for one in items], right=(0,))

    def why_not(self, action: str) -> str | None:
        row = self.grid.row
        if action in ("open", "resume") and row is None:
            return _("There is no run here.")
        if action == "resume" and row is not None and row.state != "stopped":
            return _("Only a run that was stopped can go on.")
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "stop" and not self._progress:
            return False  # Escape is pressed out of habit: no word about it
        return super().check_action(action, parameters)

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_open()

    @work(exclusive=True, group="open")
    async def action_open(self) -> None:
        row = self.grid.row
        if row is None:
            return
        try:
            self._detail = await self.lanes.quick(lambda desk: desk.bulk.show(desk.actor, row.id))
        except KvkkError as error:
            self.complain(error)
        self.tell_again()
        self.query_one("#entry").focus()

    @work(group="verb")
    async def action_resume(self) -> None:
        row = self.grid.row
        if row is None or not await self.confirm(
            f"{_('Go on')} · {row.id} · {self.console.standing.database}",
            _("{n} requests wait: {what}.").format(n=forms().whole(row.waiting), what=forms().named("plan", row.resolution.name)),
        ):
            return
        self._stopped, self._progress = False, _("It is being carried out.")
        self.tell_again()
        watch = Watch(progress=self._at, stop=lambda: self._stopped or self.console.leaving, page=1)
        await self.carry_out(lambda desk: desk.bulk.resume(desk.actor, row.id, watch), _ended)
        self._progress = ""
        await self.changed()
        self.console.settle()

    def _at(self, stage: str, done: int, total: int) -> None:
        """Called in the lane's thread: kept, and drawn with the next tick."""
        self._progress = f"{_(STAGES.get(stage, stage))}: {done}/{total}"

    def _tick(self) -> None:
        if self._progress != self._drawn:
            self._drawn = self._progress
            self.tell_again()

    def action_stop(self) -> None:
        self._stopped = True
        self.console.tell(_("It stops after the request that is being carried out."))


def _count(count: int, style: str) -> Piece:
    return Piece(forms().whole(count), style if count else "dim")


def _item(one: ItemDone) -> tuple[object, ...]:
    return str(one.number), Piece(forms().named("item", one.state)), piece(why(one))


def _ended(end: RunEnd) -> str:
    row = end.row
    counts = _("{done} done, {failed} failed, {skipped} skipped, {waiting} wait")
    return f"{row.id}: {counts.format(done=row.done, failed=row.failed, skipped=row.skipped, waiting=row.waiting)}"
