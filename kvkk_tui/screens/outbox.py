"""Giden kutusu: messages that have not arrived, why, and what staff decide about them. Addresses are never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from core import N_, NONE, OPEN_MESSAGES, Delivery, Desk, OutboxPage, OutboxRow
from kvkk_tui.lines import Lines, Piece
from kvkk_tui.listing import ListPage
from kvkk_tui.widgets.grid import Column, Grid
from kvkk_tui.words import _, forms, told_code, zone

STATES: dict[str, tuple[str, tuple[str, ...]]] = {
    "open": (N_("Not arrived"), OPEN_MESSAGES),
    "sent": (N_("Sent"), ("sent",)),
    "dropped": (N_("Dropped"), ("dropped",)),
    "all": (N_("All"), ()),
}
"""Name -> (words, states of messages)"""
STYLES = {"queued": "near", "sending": "near", "sent": "good", "unknown": "bad", "failed": "bad", "dropped": "dim"}
WIDE = 110


class OutboxScreen(ListPage[OutboxRow]):
    """The newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "request", N_("Magnifier"), id="outbox.request", tooltip=N_("The request that the message is about.")),
        Binding("t", "retry", N_("Send again"), id="outbox.retry", tooltip=N_("Queue it anew, under its own Message-ID.")),
        Binding("d", "drop", N_("Give up"), id="outbox.drop", tooltip=N_("Never send it; its address is removed.")),
        Binding("s", "send", N_("Send now"), id="outbox.send", tooltip=N_("Everything that is due.")),
        Binding("f", "filter", N_("Filter"), id="outbox.filter"),
    ]
    ROLES: ClassVar[dict[str, str]] = dict.fromkeys(("retry", "drop", "send"), "operator")
    TELLS = True

    def __init__(self) -> None:
        super().__init__()
        self.state = "open"
        self._seen: OutboxPage | None = None

    def key_of(self, row: OutboxRow) -> Any:
        return row.id

    def page(self, desk: Desk, after: int | None, limit: int) -> tuple[Sequence[OutboxRow], int | None]:
        self._seen = desk.notices.list(desk.actor, states=STATES[self.state][1], after=after, limit=limit)
        return self._seen.rows, self._seen.cursor

    def columns(self, width: int) -> Sequence[Column[OutboxRow]]:
        found = [
            Column[OutboxRow](N_("No"), 6, lambda row: Piece(str(row.id), "key"), right=True),
            Column[OutboxRow](N_("Queued"), 16, lambda row: Piece(forms().moment(row.queued_at, zone()))),
            Column[OutboxRow](N_("Message"), 0, lambda row: Piece(forms().named("event", row.event))),
            Column[OutboxRow](N_("To"), 9, lambda row: Piece(forms().named("recipient", row.recipient))),
            Column[OutboxRow](N_("Request"), 8, lambda row: Piece(str(row.request or NONE)), right=True),
            Column[OutboxRow](N_("State"), 14, lambda row: Piece(forms().named("message", row.state), STYLES.get(row.state, "text"))),
        ]
        if width >= WIDE:
            found.append(Column[OutboxRow](N_("Tries"), 8, lambda row: Piece(str(row.attempts)), right=True))
            found.append(Column[OutboxRow](N_("Next try"), 16, lambda row: Piece(forms().moment(row.next_at, zone()))))
        return found

    def empty(self) -> Sequence[str]:
        if not self._read:
            return [_("Reading…")]
        return [_("No message waits to be sent.") if self.state == "open" else _("There is no message here.")]

    def about(self, lines: Lines, row: OutboxRow) -> None:
        seen, say = self._seen, forms()
        if seen is not None:
            counts = _("{waiting} wait, {unknown} may have arrived, {failed} were refused.")
            lines.text(counts.format(waiting=seen.waiting, unknown=seen.unknown, failed=seen.failed), "dim")
            if not seen.mail_set:
                lines.text(" ".join(told_code("mail-not-set")), "near")
        tried = f"{row.attempts} × ({say.moment(row.tried_at, zone())})" if row.tried_at else NONE
        trouble = (_("Trouble"), say.trouble(row.last_error), "bad" if row.last_error else "text")
        lines.fields((trouble, (_("Tries"), tried), (_("Next try"), say.moment(row.next_at, zone()))))

    def why_not(self, action: str) -> str | None:
        row = self.grid.row
        if action in ("request", "retry", "drop") and row is None:
            return _("There is no message here.")
        if action == "request" and row is not None and row.request is None:
            return _("The message is about no request.")
        if action in ("retry", "drop") and row is not None and row.state not in OPEN_MESSAGES:
            return _("The message has left: {state}.").format(state=forms().named("message", row.state))
        return None

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_request()

    def action_request(self) -> None:
        from kvkk_tui.screens.magnifier import MagnifierScreen

        row = self.grid.row
        if row is not None and row.request is not None:
            self.app.push_screen(MagnifierScreen(row.request))

    @work(group="choose")
    async def action_filter(self) -> None:
        chosen = await self.choose(_("Which messages?"), [(name, _(words)) for name, (words, _states) in STATES.items()], self.state)
        if chosen is not None:
            self.state = chosen
            self.action_start()

    @work(group="verb")
    async def action_retry(self) -> None:
        row = self.grid.row
        if row is not None:
            await self.carry_out(lambda desk: desk.notices.retry(desk.actor, row.id), _moved)
            await self.changed()

    @work(group="verb")
    async def action_drop(self) -> None:
        row = self.grid.row
        if row is None:
            return
        title = f"{_('Give up')} · {row.id} · {self.console.standing.database}"
        if await self.confirm(title, _("The message is never sent, and its address is removed.")):
            await self.carry_out(lambda desk: desk.notices.drop(desk.actor, row.id), _moved)

    @work(exclusive=True, group="send")
    async def action_send(self) -> None:
        await self.carry_out(lambda desk: desk.notices.deliver(desk.actor), _sent)
        await self.changed()


def _moved(row: OutboxRow) -> str:
    return _("Message {number}: {state}.").format(number=row.id, state=forms().named("message", row.state))


def _sent(done: Delivery) -> str:
    told = _("{sent} sent, {later} put off, {failed} refused, {unknown} may have arrived, {waiting} still wait.")
    said = told.format(sent=done.sent, later=done.later, failed=done.failed, unknown=done.unknown, waiting=done.waiting)
    if done.trouble is not None:
        said = " ".join(told_code(done.trouble.code, dict(done.trouble.facts))) + " " + said
    return said
