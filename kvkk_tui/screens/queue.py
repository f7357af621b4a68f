"""The queue: open requests, most urgent first. Wide terminals show the magnifier beside it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import ClassVar

from textual import events, on, work
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from core import N_, OPEN_STATES, Kind, KvkkError, Order, RequestFilter, RequestRow, State, safe
from kvkk_tui import views
from kvkk_tui.columns import columns
from kvkk_tui.dialogs import Choose
from kvkk_tui.lines import Lines
from kvkk_tui.pages import QueuePages, all_numbers
from kvkk_tui.verbs import RequestPage
from kvkk_tui.widgets.entry import Entry
from kvkk_tui.widgets.grid import Grid
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _, forms

SIDE_BY_SIDE = 120
"""Cells from which queue and magnifier stand side by side."""
CALM_S = 0.12
"""Time the cursor rests on a row before its details are read."""
MARK_MOST = 1000
"""Requests that one key can mark."""
STATES: dict[str, tuple[str, tuple[State, ...]]] = {
    "open": (N_("Open"), OPEN_STATES),
    "overdue": (N_("Overdue"), OPEN_STATES),
    "pending": (N_("Pending"), (State.PENDING,)),
    "approved": (N_("Approved"), (State.APPROVED,)),
    "resolved": (N_("Resolved"), (State.RESOLVED,)),
    "rejected": (N_("Rejected"), (State.REJECTED,)),
    "cancelled": (N_("Cancelled"), (State.CANCELLED,)),
    "all": (N_("All states"), ()),
}
KINDS = {"": N_("Both types"), "anonymise": N_("Anonymise"), "erase": N_("Erase")}
ORDERS = {
    "due": N_("Least time left first"),
    "due-": N_("Most time left first"),
    "received": N_("Oldest receipt first"),
    "received-": N_("Newest receipt first"),
    "number": N_("Lowest number first"),
    "number-": N_("Highest number first"),
}


class FilterLine(Widget):
    """What the queue shows now: state, type, order, search, marks."""

    auto_links = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"bar--here", "bar--dim", "bar--badge"}

    def render(self) -> RenderResult:
        screen = self.screen
        if not isinstance(screen, QueueScreen):
            return ""
        dim, here = self.get_visual_style("bar--dim"), self.get_visual_style("bar--here")
        parts = [(_(STATES[screen.state][0]), here), (_(KINDS[screen.kind]), dim), (_(ORDERS[screen.order]), dim)]
        if screen.search:
            parts.append((_("search: {text}").format(text=safe(screen.search, 40)), here))
        found = Content(" · ").join([Content.styled(text, style) for text, style in parts])
        tally = screen.pages.tally if screen.is_mounted else None
        right = [Content.styled(_("{n} found").format(n=forms().whole(tally.matching)), dim)] if tally else []
        if screen.grid.marks:
            marked = _("{n} marked").format(n=forms().whole(len(screen.grid.marks)))
            right.insert(0, Content.styled(f" ✓ {marked} ", self.get_visual_style("bar--badge")))
        end = Content("  ").join(right)
        gap = " " * max(1, self.size.width - found.cell_length - end.cell_length - 2)
        return Content.assemble(" ", found, gap, end)


class QueueScreen(RequestPage):
    """Requests of customers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "magnify", N_("Magnifier"), id="queue.open", tooltip=N_("Everything about the request.")),
        Binding("space", "mark", N_("Mark"), id="queue.mark", tooltip=N_("Marked requests are resolved together.")),
        Binding("slash", "search", N_("Search"), id="queue.search", tooltip=N_("By number, name, e-mail, phone or id.")),
        Binding("f", "filter", N_("Filter"), id="queue.filter", tooltip=N_("Which states are shown.")),
        Binding("v", "kind", N_("Type"), show=False, id="queue.kind", tooltip=N_("Both types, anonymise only, erase only.")),
        Binding("o", "order", N_("Sort"), id="queue.order"),
        Binding("asterisk", "mark_all", N_("Mark all"), show=False, id="queue.mark-all", tooltip=N_("All that are found, 1,000 at most.")),
        Binding("escape", "back", N_("Back"), show=False, id="queue.back", tooltip=N_("Leave the search, the marks, the filter.")),
        Binding("r", "refresh_rows", N_("Refresh"), show=False, id="queue.refresh"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.state, self.kind, self.order, self.search = "open", "", "due", ""
        self.grid: Grid[RequestRow] = Grid(lambda row: row.number, id="queue")
        self.grid.empty = self._empty
        self._calm: Timer | None = None
        self._drawn = 0
        """Number of the request that the magnifier at the side shows."""

    @cached_property
    def pages(self) -> QueuePages:
        """Brings the rows."""
        return QueuePages(self.lanes, self.grid)

    def body(self) -> Iterable[Widget]:
        yield FilterLine(id="filter")
        entry = Entry(id="search")
        entry.display = False
        yield entry
        yield Horizontal(self.grid, Sheet(self._draw_detail, id="detail"), id="both")

    def on_mount(self) -> None:
        self._lay_out()
        self.grid.focus()
        self.call_after_refresh(self.load)  # the first frame before the database: its driver takes a while to import

    # -- rows -----------------------------------------------------------------------------------------------------

    def wanted(self) -> RequestFilter:
        """What is asked of the queue now."""
        return RequestFilter(
            states=STATES[self.state][1],
            kind=Kind(self.kind) if self.kind else None,
            order=Order(self.order.removesuffix("-")),
            descending=self.order.endswith("-"),
            overdue=self.state == "overdue",
            search=self.search or None,
        )

    @work(exclusive=True, group="rows")
    async def load(self) -> None:
        """Show what is asked for, from its start."""
        self.grid.cursor = 0
        try:
            await self.pages.open(self.wanted())
        except KvkkError as error:
            if self.console.opened:
                self.complain(error)
            else:
                self.console.give_up(error)
            return
        self.console.first_rows(self.pages.tally)
        self._told()

    @on(Grid.Wanted)
    def _bring(self, event: Grid.Wanted) -> None:
        event.stop()
        self._bring_rows(event.first, event.last)

    @work(group="bring")
    async def _bring_rows(self, first: int, last: int) -> None:
        try:
            await self.pages.want(first, last)
        except KvkkError as error:
            self.complain(error)

    async def changed(self) -> None:
        try:
            await self.pages.again()
        except KvkkError as error:
            self.complain(error)
            return
        self._told()
        self._read_detail(0)

    def _told(self) -> None:
        self.query_one(FilterLine).refresh()
        self._lay_out()

    def _empty(self) -> list[str]:
        if not self.console.opened:
            return [_("Opening…")]
        if self.search:
            return [_("Nothing found for this search."), _("Esc leaves the search.")]
        if self.state == "open" and not self.kind:
            return [_("No request is open."), _("New ones appear here by themselves.")]
        return [_("The filter finds no request."), _("Esc shows the open ones again.")]

    # -- looks ----------------------------------------------------------------------------------------------------

    @property
    def is_wide(self) -> bool:
        """Whether queue and magnifier stand side by side."""
        return self.size.width >= SIDE_BY_SIDE

    def on_resize(self, _event: events.Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        self.query_one("#detail").display = self.is_wide
        width = self.grid.scrollable_content_region.width or self.size.width
        digits = len(str(max((row.number for row in self.grid.rows), default=1)))
        self.grid.columns = columns(width, digits, self.console.near)
        self.grid.refresh()

    def spoken(self) -> None:
        super().spoken()
        self._lay_out()

    def _draw_detail(self, lines: Lines) -> None:
        row = self.grid.row
        if self.detail is not None and row is not None and self.detail.row.number == row.number:
            views.request(lines, self.detail, self.console.near)
        elif row is not None:
            lines.text("…", "dim")

    # -- the request under the cursor -----------------------------------------------------------------------------

    def meant(self) -> RequestRow | None:
        return self.grid.row

    @on(Grid.Moved)
    def _moved(self, event: Grid.Moved) -> None:
        event.stop()
        self._read_detail(CALM_S)

    def _read_detail(self, after: float) -> None:
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(max(after, 0.001), self._show_detail)

    @work(exclusive=True, group="detail")
    async def _show_detail(self) -> None:
        row = self.grid.row
        if row is None:
            self.detail = None
        else:
            try:
                self.detail = await self.lanes.quick(lambda desk: desk.requests.show(desk.actor, row.number))
            except KvkkError as error:
                self.complain(error)
                return
        if self.is_wide:
            sheet = self.query_one("#detail", Sheet)
            now = self.detail.row.number if self.detail else 0
            if now == self._drawn:
                sheet.again()
            else:
                self._drawn = now
                sheet.put(self._draw_detail)
        self.refresh_bindings()

    # -- keys -----------------------------------------------------------------------------------------------------

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_magnify()

    def action_magnify(self) -> None:
        row = self.grid.row
        if row is None:
            return
        if self.is_wide:
            self.query_one("#detail").focus()
            return
        from kvkk_tui.screens.magnifier import MagnifierScreen

        self.app.push_screen(MagnifierScreen(row.number))

    def action_mark(self) -> None:
        self.grid.mark()
        self.query_one(FilterLine).refresh()

    @work(exclusive=True, group="marks")
    async def action_mark_all(self) -> None:
        if self.grid.marks:
            self.grid.marks.clear()
        else:
            wanted = self.wanted()
            try:
                self.grid.marks |= set(await self.lanes.quick(lambda desk: all_numbers(desk, wanted, MARK_MOST)))
            except KvkkError as error:
                self.complain(error)
        self.grid.refresh()
        self.query_one(FilterLine).refresh()

    def action_search(self) -> None:
        entry = self.query_one("#search", Entry)
        entry.placeholder = _("Number, name, e-mail, phone or id; Enter searches, Esc leaves")
        entry.display = True
        self.query_one(FilterLine).display = False
        entry.focus()

    @on(Input.Submitted, "#search")
    def _searched(self, event: Input.Submitted) -> None:
        event.stop()
        self._end_search(event.value.strip())

    def _end_search(self, text: str) -> None:
        self.query_one("#search").display = False
        self.query_one(FilterLine).display = True
        self.grid.focus()
        if text != self.search:
            self.search = text
            self._again()

    def _again(self) -> None:
        self.query_one(FilterLine).refresh()
        self.load()

    @work(group="choose")
    async def action_filter(self) -> None:
        options = [(name, _(title)) for name, (title, _states) in STATES.items()]
        chosen = await self.app.push_screen_wait(Choose(_("Which requests?"), options, self.state))
        if chosen is not None:
            self.state = chosen
            self._again()

    @work(group="choose")
    async def action_order(self) -> None:
        options = [(name, _(title)) for name, title in ORDERS.items()]
        chosen = await self.app.push_screen_wait(Choose(_("In which order?"), options, self.order))
        if chosen is not None:
            self.order = chosen
            self._again()

    def action_kind(self) -> None:
        names = list(KINDS)
        self.kind = names[(names.index(self.kind) + 1) % len(names)]
        self._again()

    def action_back(self) -> None:
        """One step back: out of the search box, the details, the search, the marks, the filter."""
        if self.query_one("#search").display:
            self.query_one("#search", Entry).value = self.search
            self._end_search(self.search)
        elif not self.grid.has_focus:
            self.grid.focus()
        elif self.search:
            self.query_one("#search", Entry).value = ""
            self._end_search("")
        elif self.grid.marks:
            self.grid.marks.clear()
            self.grid.refresh()
            self.query_one(FilterLine).refresh()
        elif (self.state, self.kind) != ("open", ""):
            self.state, self.kind = "open", ""
            self._again()

    def action_refresh_rows(self) -> None:
        self.run_worker(self.changed(), group="rows", exclusive=True)

    def action_resolve(self) -> None:
        from kvkk_tui.screens.resolve import ResolveScreen

        row = self.grid.row
        if self.grid.marks:
            self._resolve_marked()
        elif row is not None:
            self.app.push_screen(ResolveScreen((row,)))

    @work(exclusive=True, group="marks")
    async def _resolve_marked(self) -> None:
        """The marked requests, wherever they stand in the queue."""
        from kvkk_tui.screens.resolve import ResolveScreen

        numbers = sorted(int(str(number)) for number in self.grid.marks)
        try:
            rows = await self.lanes.quick(lambda desk: tuple(desk.requests.show(desk.actor, n).row for n in numbers))
        except KvkkError as error:
            self.complain(error)
            return
        self.app.push_screen(ResolveScreen(rows), self._resolved)

    def _resolved(self, done: tuple[int, ...] | None) -> None:
        self.grid.marks -= set(done or ())
        self.grid.refresh()
        self.query_one(FilterLine).refresh()

    def why_not(self, action: str) -> str | None:
        if action == "resolve" and self.grid.marks:
            return None
        if action == "magnify" and self.grid.row is None:
            return _("There is no request here.")
        return super().why_not(action)
