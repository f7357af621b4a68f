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

from core import N_, Desk, Kind, KvkkError, Preview, RequestRow, Resolution, ResolveOptions
from kvkk_tui import previews
from kvkk_tui.batch import STOPPING, Batch
from kvkk_tui.columns import SHORT, whose
from kvkk_tui.dialogs import Ask, Confirm
from kvkk_tui.lines import Lines, Piece, piece
from kvkk_tui.page import Page
from kvkk_tui.widgets.form import Choice, Form, Row
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, forms, told, told_code

WAYS = (
    ("access", N_("Block access only"), N_("sign-in and password reset stop working; the data stay")),
    ("mask", N_("Block access and mask (stars)"), N_("every personal column is masked; the books still add up")),
    ("erase", N_("Erase all data for good"), N_("every row goes, but for what a law holds")),
)
"""(name, words, what it means)"""
BAR = 30


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
        Binding("escape,q", "leave", N_("Back"), id="resolve.leave"),
    ]

    def __init__(self, rows: Sequence[RequestRow]) -> None:
        super().__init__()
        self._batch = Batch(tuple(sorted(rows, key=lambda row: (row.customer or "", row.number))))
        kinds = {row.kind for row in rows}
        self._way = "erase" if kinds == {Kind.ERASE} else "access"
        self._on_list = False
        self._notify: bool | None = None
        self._notify_set = True
        """What the setting says, while nobody has chosen."""
        self._reason = self._force = self._waive = ""
        self._before: Preview | None = None
        """The preview that was confirmed, when another had to take its place."""
        self._state = "choosing"
        """choosing, running, finished"""

    def body(self) -> Iterable[Widget]:
        yield Form(self._rows, id="form")
        yield Sheet(self._draw, id="preview")

    def on_mount(self) -> None:
        self.query_one(Sheet).focus()
        self._ask_setting()
        self.action_look()

    # -- the form -------------------------------------------------------------------------------------------------

    @property
    def choice(self) -> Resolution:
        """What is chosen."""
        return Resolution(mask=self._way == "mask", erase=self._way == "erase", blacklist=self._on_list)

    @property
    def options(self) -> ResolveOptions:
        """How it is to be carried out."""
        return ResolveOptions(
            notify=self._notify, reason=self._reason or None, force=self._force or None, waive_residue=self._waive or None
        )

    def _rows(self) -> list[Row]:
        rows: list[Row] = [(self._heading(), (Choice("", "", self._whom(), style="near"),))]
        for index, (name, words, about) in enumerate(WAYS, 1):
            here = name == self._way
            mark = "(●) " if here else "( ) "
            style = ("bad" if name == "erase" else "text") if here else "dim"
            text = f"{_(words)} – {_(about)}" if here else _(words)
            rows.append((_("What is to be done") if index == 1 else "", (Choice(str(index), f"way('{name}')", text, mark, style),)))
        notify = self._notify_set if self._notify is None else self._notify
        also = (
            Choice("b", "blacklist", _("add to the blacklist"), "[✓] " if self._on_list else "[ ] ", "text" if self._on_list else "dim"),
            Choice("n", "tell_customer", _("send the notification"), "[✓] " if notify else "[ ] ", "text" if notify else "dim"),
        )
        rows.append((_("And also"), also))
        spoken = [("g", "reason", _("reason"), self._reason), ("z", "force", _("pass a guard"), self._force)]
        if self._waive:
            spoken.append(("w", "waive", _("accept residue"), self._waive))
        rows.append(
            (_("In words"), [Choice(k, a, f"{name}: {_short(text)}", "", "near" if text else "dim") for k, a, name, text in spoken])
        )
        return rows

    def _heading(self) -> str:
        one = self._batch.one
        return _("Request {number}").format(number=one.number) if one else _("{n} requests").format(n=len(self._batch.rows))

    def _whom(self) -> str:
        one = self._batch.one
        if one is None:
            return self.console.standing.database
        return f"{whose(one).text} · {forms().named('kind', one.kind)} · {self.console.standing.database}"

    @work(group="setting")
    async def _ask_setting(self) -> None:
        try:
            self._notify_set = await self.lanes.quick(lambda desk: desk.settings.get(desk.actor, "notify")) == "on"
        except KvkkError as error:
            self.complain(error)
        self.query_one(Form).refresh()

    def action_way(self, name: str) -> None:
        if self._state == "choosing" and name != self._way:
            self._way = name
            self.action_look()

    def action_blacklist(self) -> None:
        self._on_list = not self._on_list
        self.action_look()

    def action_tell_customer(self) -> None:
        self._notify = not (self._notify_set if self._notify is None else self._notify)
        self.query_one(Form).refresh()

    @work(group="ask")
    async def action_reason(self) -> None:
        question = _("Told to the customer when less is done than was asked. Empty takes it back.")
        text = await self.app.push_screen_wait(Ask(_("Reason"), question, self._reason, needed=False))
        if text is not None:
            self._reason = text
            self.action_look()

    @work(group="ask")
    async def action_force(self) -> None:
        question = _("Passes the guards for an open account, the grace and the kind; no hold. The reason is recorded. Empty takes it back.")
        text = await self.app.push_screen_wait(Ask(_("Pass a guard"), question, self._force, needed=False))
        if text is not None:
            self._force = text
            self.action_look()

    @work(group="ask")
    async def action_waive(self) -> None:
        question = _("Values of the customer may remain where the preview names them. Who accepted it is recorded. Empty takes it back.")
        text = await self.app.push_screen_wait(Ask(_("Accept residue"), question, self._waive, needed=False))
        if text is not None:
            self._waive = text
            self.action_look()

    # -- the preview ----------------------------------------------------------------------------------------------

    def action_look(self) -> None:
        """Work out what the form says now; older answers are dropped."""
        self._before = None
        self._look()

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        batch, choice, options = self._batch, self.choice, self.options
        batch.forget()
        self._again()
        for row in batch.rows:
            found = await self.lanes.work(lambda desk, row=row: batch.look(desk, row, choice, options))  # type: ignore[misc]
            if isinstance(found, Preview):
                batch.previews[row.number] = found
            else:
                batch.failures[row.number] = found
            self._again()

    def _again(self) -> None:
        self.query_one(Form).refresh()
        self.query_one(Sheet).again()
        self.refresh_bindings()

    def why_not(self, action: str) -> str | None:
        name = action.partition("(")[0]
        if name in ("leave", "certificate"):
            return self._against_papers(name)
        if self._state != "choosing":
            return _("It is being carried out.") if self._state == "running" else _("It has been carried out.")
        if name != "carry_out":
            return None
        batch = self._batch
        if not batch.complete:
            return _("The preview is still being worked out.")
        if batch.ready:
            return None
        one = batch.one
        if one is None:
            return _("None of these requests can be resolved like this.")
        if one.number in batch.failures:
            return told(batch.failures[one.number])[0]
        refusal = batch.previews[one.number].refusals[0]
        return told_code(refusal.code, dict(refusal.facts))[0]

    def _against_papers(self, name: str) -> str | None:
        if name == "leave":
            return _("It is being carried out.") if self._state == "running" else None
        return None if self._batch.done else _("There is no certificate yet: it is made when the request is resolved.")

    # -- carrying out ---------------------------------------------------------------------------------------------

    @work(group="carry-out")
    async def action_carry_out(self) -> None:
        if self.why_not("carry_out") or not await self._sure():
            return
        if self.why_not("carry_out"):
            return  # it changed while the question stood there
        self._state = "running"
        self._again()
        stopped = False
        for row in self._batch.ready:
            found = await self._one(row)
            stopped = isinstance(found, KvkkError) and found.exit_code in STOPPING
            self._again()
            if stopped:
                break
        self._state = "finished" if self._batch.done or self._batch.one is None else "choosing"
        self._again()
        self._key_made()
        await self.console.moved()

    async def _one(self, row: RequestRow) -> object:
        batch, choice, options = self._batch, self.choice, self.options
        shown = batch.previews[row.number]
        found = await self.lanes.change(lambda desk: batch.resolve(desk, row, choice, options))
        if not isinstance(found, KvkkError):
            batch.done[row.number] = found
            return found
        if found.code == "plan-moved" and batch.one is not None:
            await self._moved(row, shown)
            return found
        batch.failures[row.number] = found
        if batch.one is not None:
            self.complain(found)
        return found

    async def _moved(self, row: RequestRow, shown: Preview) -> None:
        """Nothing happened, since something had changed: show what, and the new preview."""
        batch, choice, options = self._batch, self.choice, self.options
        found = await self.lanes.work(lambda desk: batch.look(desk, row, choice, options))
        if isinstance(found, Preview):
            batch.previews[row.number], self._before = found, shown
        else:
            batch.failures[row.number] = found
            batch.previews.pop(row.number, None)

    async def _sure(self) -> bool:
        ready, one = self._batch.ready, self._batch.one
        title = f"{previews.chosen(self.choice)} · {self.console.standing.database}"
        if self._way == "erase":
            wanted = str(one.number if one else len(ready))
            what = _("the number of the request") if one else _("how many requests are erased")
            question = _("Everything that the preview shows is erased for good. To go on, type {what}: {wanted}")
            return await self.app.push_screen_wait(Ask(title, question.format(what=what, wanted=wanted), exactly=wanted)) is not None
        whom = _("Request {number}").format(number=one.number) if one else _("{n} requests").format(n=len(ready))
        sure: bool = await self.app.push_screen_wait(Confirm(title, _("{whom}: carry out what the preview shows?").format(whom=whom)))
        return sure

    def _key_made(self) -> None:
        desk: Desk = self.lanes.desk
        if desk.key_made and not self.console.key_told:
            self.console.key_told = True
            said = _("A key file was made: {path}. Keep it in the backup, apart from the database.")
            self.console.tell(said.format(path=desk.key_file), severity="warning", timeout=30)

    # -- drawing --------------------------------------------------------------------------------------------------

    def _draw(self, lines: Lines) -> None:
        one = self._batch.one
        if one is None:
            self._draw_several(lines)
        elif one.number in self._batch.done:
            previews.resolved(lines, self._batch.done[one.number])
        else:
            self._draw_one(lines, one)

    def _draw_one(self, lines: Lines, row: RequestRow) -> None:
        batch = self._batch
        if self._state == "running":
            lines.text(_("Being carried out…"), "near")
        elif row.number in batch.failures:
            what, then = told(batch.failures[row.number])
            lines.text("✗ " + what, "bad")
            lines.text(then, "near", indent=2)
        elif row.number in batch.previews:
            seen = batch.previews[row.number]
            if self._before is not None:
                previews.moved(lines, self._before, seen)
            previews.preview(lines, seen)
        else:
            lines.text(_("Working out the preview…"), "dim")

    def _draw_several(self, lines: Lines) -> None:
        batch = self._batch
        known = len(batch.done) + len(batch.failures) if self._state != "choosing" else len(batch.previews) + len(batch.failures)
        if self._state == "running" or not batch.complete:
            full = round(BAR * known / max(len(batch.rows), 1))
            words = _("carried out") if self._state == "running" else _("previews")
            lines.add(Piece("█" * full, "good"), Piece("░" * (BAR - full), "dim"), Piece(f"  {known}/{len(batch.rows)} {words}"))
        elif self._state == "finished":
            told_ = _("{done} resolved, {left} not. Each that is not stands as it did before.")
            lines.text(told_.format(done=len(batch.done), left=len(batch.rows) - len(batch.done)), "near")
        lines.blank()
        rows = [(str(row.number), whose(row), _(SHORT.get(row.kind, row.kind)), self._rows_of(row), self._said(row)) for row in batch.rows]
        lines.table((_("No"), _("Customer"), _("Type"), _("Rows"), _("Result")), rows, right=(0, 3))

    def _rows_of(self, row: RequestRow) -> str:
        seen = self._batch.done.get(row.number) or self._batch.previews.get(row.number)
        return forms().whole(sum(sum(previews.numbers(one)) for one in seen.tables)) if seen else ""

    def _said(self, row: RequestRow) -> Piece:
        batch = self._batch
        if row.number in batch.done:
            return piece("✓ " + forms().named("grade", batch.done[row.number].grade), "good")
        if row.number in batch.failures:
            return piece("✗ " + told(batch.failures[row.number])[0], "bad")
        seen = batch.previews.get(row.number)
        if seen is None:
            return Piece("…", "dim")
        if seen.refusals:
            refusal = seen.refusals[0]
            return piece("✗ " + told_code(refusal.code, dict(refusal.facts))[0], "bad")
        return piece(_("not carried out") if self._state == "finished" else _("ready"), "dim")

    def action_certificate(self) -> None:
        from kvkk_tui.screens.paper import PaperScreen

        number = next(iter(self._batch.done))
        self.app.push_screen(PaperScreen(number, "certificate"))

    async def changed(self) -> None:
        """Somebody changed something: has one of these requests been decided meanwhile?"""
        one = self._batch.one
        if one is None or self._state != "choosing" or one.number in self._batch.failures:
            return
        batch, choice, options = self._batch, self.choice, self.options
        found = await self.lanes.work(lambda desk: batch.look(desk, one, choice, options))
        shown = batch.previews.get(one.number)
        if isinstance(found, KvkkError):
            batch.failures[one.number] = found
            batch.previews.pop(one.number, None)
        elif shown is not None and found.fingerprint != shown.fingerprint:
            self._before, batch.previews[one.number] = shown, found
        self._again()

    def action_leave(self) -> None:
        self.dismiss(tuple(self._batch.done))


def _short(text: str) -> str:
    return (text if len(text) <= 24 else text[:23] + "…") or "–"
