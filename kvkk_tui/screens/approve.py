"""The second person: sees what a permanent erase would touch, and approves exactly that. If anything moves, it counts no more."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from core import N_, Desk, KvkkError, Preview, RequestRow, Resolution
from kvkk_tui import previews
from kvkk_tui.columns import whose
from kvkk_tui.lines import Lines
from kvkk_tui.sheetpage import SheetPage
from kvkk_tui.words import _, forms, told

ERASE = Resolution(erase=True)


class ApproveScreen(SheetPage[Preview | KvkkError]):
    """Preview first, then the number of the request typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "approve", N_("Approve"), id="approve.go", tooltip=N_("Wants the number of the request typed.")),
        Binding("r", "read", N_("New preview"), show=False, id="approve.look"),
        Binding("escape,q", "leave", N_("Back"), id="approve.leave"),
    ]
    ROLES: ClassVar[dict[str, str]] = {"approve": "operator"}

    def __init__(self, row: RequestRow) -> None:
        super().__init__()
        self._row = row

    async def ask_for(self) -> Preview | KvkkError:
        return await self.lanes.work(self.read)  # a preview takes its time

    def read(self, desk: Desk) -> Preview | KvkkError:
        try:
            return desk.resolutions.preview(desk.actor, self._row.number, ERASE)
        except KvkkError as error:
            return error

    def draw(self, lines: Lines) -> None:
        row = self._row
        lines.title(f"{_('Approve')} · {_('Request {number}').format(number=row.number)}")
        lines.fields(((_("Requesting customer"), whose(row).text), (_("Request type"), forms().named("kind", row.kind))))
        lines.text(_("You approve, as the second person, that everything about the customer is erased for good."), "near")
        if self.seen is None:
            lines.text(_("Working out the preview…"), "dim")
        elif isinstance(self.seen, KvkkError):
            what, then = told(self.seen)
            lines.text("✗ " + what, "bad")
            lines.text(then, "near", indent=2)
        else:
            previews.preview(lines, self.seen)

    def why_not(self, action: str) -> str | None:
        if action != "approve":
            return None
        if self.seen is None:
            return _("The preview is still being worked out.")
        return told(self.seen)[0] if isinstance(self.seen, KvkkError) else None

    @work(exclusive=True, group="verb")
    async def action_approve(self) -> None:
        seen = self.seen
        if not isinstance(seen, Preview):
            return
        number = self._row.number
        title = f"{_('Approve')} · {_('Request {number}').format(number=number)} · {self.console.standing.database}"
        question = _("Exactly what the preview shows is approved. To go on, type the number of the request: {wanted}")
        if await self.ask(title, question.format(wanted=number), exactly=str(number)) is None:
            return
        done = await self.carry_out(lambda desk: desk.requests.approve(desk.actor, number, seen.fingerprint), _approved)
        if done is not None:
            self.dismiss()


def _approved(row: RequestRow) -> str:
    told_ = _("Request {number}: {state}, due {day}.")
    return told_.format(number=row.number, state=forms().named("state", row.state), day=forms().day(row.due_on))
