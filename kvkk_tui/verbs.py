"""What can be done with the request that a screen shows: the same keys and questions in the queue and in the magnifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from core import N_
from kvkk_tui import views
from kvkk_tui.page import Page
from kvkk_tui.words import _, forms

if TYPE_CHECKING:
    from core import Desk, RequestDetail, RequestRow

MOVES = {"resolve": "resolve", "reject": "reject", "cancel_request": "cancel", "approve": "approve", "extend": "extend"}
"""Action -> move of a request."""


class RequestPage(Page):
    """A screen on which one request is meant. `detail` tells what is possible with it now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "resolve", N_("Resolve"), id="request.resolve", tooltip=N_("Anonymise, mask, blacklist or erase, with a preview.")),
        Binding("x", "reject", N_("Reject"), id="request.reject", tooltip=N_("Refuse with a reason; the customer is told.")),
        Binding("c", "cancel_request", N_("Cancel request"), show=False, id="request.cancel", tooltip=N_("On the customer's word.")),
        Binding("a", "approve", N_("Approve"), show=False, id="request.approve", tooltip=N_("As the second person for an erase.")),
        Binding("e", "extend", N_("Extend"), show=False, id="request.extend", tooltip=N_("Two more months under the GDPR, with a reason.")),
        Binding("p", "certificate", N_("Certificate"), show=False, id="request.certificate", tooltip=N_("What was done, as a document.")),
        Binding("t", "letter", N_("Letter"), show=False, id="request.letter", tooltip=N_("The answer to the customer, for print.")),
        Binding(
            "i",
            "export",
            N_("Export"),
            show=False,
            id="request.export",
            tooltip=N_("Everything stored about the customer, in a file."),
        ),
        Binding("y", "copy", N_("Copy the number"), show=False, id="request.copy"),
    ]
    ROLES: ClassVar[dict[str, str]] = {"export": "operator"}
    detail: RequestDetail | None = None

    def meant(self) -> RequestRow | None:
        """The request that is meant now."""
        return self.detail.row if self.detail else None

    def why_not(self, action: str) -> str | None:
        row = self.meant()
        needs_row = action in MOVES or action in ("certificate", "letter", "export", "copy")
        if needs_row and row is None:
            return _("There is no request here.")
        detail = self.detail
        if detail is None or row is None or detail.row.number != row.number:
            return None  # not known yet: core refuses what cannot be
        if action in MOVES:
            move = next((move for move in detail.moves if move.verb == MOVES[action]), None)
            return None if move is None or move.allowed else views.why_not(detail, move.why_not or "")
        if action == "certificate" and not detail.certificate:
            return _("There is no certificate yet: it is made when the request is resolved.")
        if action == "export" and row.customer is None:
            return _("The customer's data are erased: there is nothing to export.")
        return None

    @work(group="verb")
    async def action_reject(self) -> None:
        row = self.meant()
        if row is None:
            return
        question = _("The reason is told to the customer. The letter names the right to complain to the Board.")
        reason = await self.ask(self._about(_("Reject"), row), question)
        if reason is not None:
            await self._do(lambda desk: desk.requests.reject(desk.actor, row.number, reason))

    @work(group="verb")
    async def action_extend(self) -> None:
        row = self.meant()
        if row is None:
            return
        question = _("The reason is told to the customer.")
        reason = await self.ask(self._about(_("Extend"), row), question)
        if reason is not None:
            await self._do(lambda desk: desk.requests.extend(desk.actor, row.number, reason))

    @work(group="verb")
    async def action_cancel_request(self) -> None:
        row = self.meant()
        if row is None:
            return
        question = _("The customer no longer wants it. A reason may be given; Enter goes on without one.")
        reason = await self.ask(self._about(_("Cancel request"), row), question, needed=False)
        if reason is not None:
            await self._do(lambda desk: desk.requests.cancel(desk.actor, row.number, reason or None))

    def action_approve(self) -> None:
        from kvkk_tui.screens.approve import ApproveScreen

        row = self.meant()
        if row is not None:
            self.app.push_screen(ApproveScreen(row))

    def _about(self, verb: str, row: RequestRow) -> str:
        """Title of a question: the verb, the request, the database."""
        return f"{verb} · {_('Request {number}').format(number=row.number)} · {self.console.standing.database}"

    async def _do(self, verb: Callable[[Desk], RequestRow]) -> None:
        if await self.carry_out(verb, _moved) is None:
            await self.console.moved()  # somebody else was first: show how it stands

    def action_resolve(self) -> None:
        from kvkk_tui.screens.resolve import ResolveScreen

        row = self.meant()
        if row is not None:
            self.app.push_screen(ResolveScreen((row,)))

    def action_certificate(self) -> None:
        row = self.meant()
        if row is not None:
            self._paper(row.number, "certificate")

    def action_letter(self) -> None:
        row = self.meant()
        if row is not None:
            self._paper(row.number, "letter")

    def _paper(self, number: int, kind: str) -> None:
        from kvkk_tui.screens.paper import PaperScreen

        self.app.push_screen(PaperScreen(number, kind))

    def action_export(self) -> None:
        row = self.meant()
        if row is not None and row.customer is not None:
            self.console.export(row.customer)

    def action_copy(self) -> None:
        row = self.meant()
        if row is not None:
            self.app.copy_to_clipboard(str(row.number))
            self.console.tell(_("{number} is in the clipboard, if the terminal allows it.").format(number=row.number))


def _moved(row: RequestRow) -> str:
    say = forms()
    told = _("Request {number}: {state}, due {day}.")
    return told.format(number=row.number, state=say.named("state", row.state), day=say.day(row.due_on))
