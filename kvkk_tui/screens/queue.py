"""The queue: open requests, most urgent first; searched, filtered, sorted, and marked to be resolved together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core import N_, KvkkError
from kvkk_tui.pages import QueuePages, first_rows
from kvkk_tui.screens.board import Board
from kvkk_tui.sift import ORDERS, STATES, Sift
from kvkk_tui.widgets.filterline import FilterLine
from kvkk_tui.widgets.grid import Grid
from kvkk_tui.words import _, forms

if TYPE_CHECKING:
    from textual.widgets import Input

    from kvkk_tui.hits import Hits

MARK_MOST = 1000
"""Requests that one key can mark."""


class QueueScreen(Board):
    """Requests of customers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", N_("Mark"), id="queue.mark", tooltip=N_("Marked requests are resolved together.")),
        Binding("slash", "search", N_("Search"), id="queue.search", tooltip=N_("By number, name, e-mail, phone or id.")),
        Binding("f", "filter", N_("Filter"), id="queue.filter", tooltip=N_("Which states are shown.")),
        Binding("v", "kind", N_("Type"), show=False, id="queue.kind", tooltip=N_("Both types, anonymise only, erase only.")),
        Binding("o", "order", N_("Sort"), id="queue.order"),
        Binding("asterisk", "mark_all", N_("Mark all"), show=False, id="queue.mark-all", tooltip=N_("All that are found, 1,000 at most.")),
        Binding("escape", "back", N_("Back"), show=False, id="queue.back", tooltip=N_("Leave the search, the marks, the filter.")),
        Binding("u", "newest", N_("New ones"), show=False, id="queue.newest", tooltip=N_("The newest first; the badge goes.")),
        Binding("r", "refresh_rows", N_("Refresh"), show=False, id="queue.refresh"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.sift = Sift()
        self._hits: Hits | None = None
        """What the search finds, while one is shown."""
        self.grid.empty = self._empty
        self.grid.fresh = lambda row: self.console.news.is_news(row.number)

    @cached_property
    def pages(self) -> QueuePages:
        """Brings the rows."""
        return QueuePages(self.lanes, self.grid)

    def body(self) -> Iterable[Widget]:
        yield FilterLine(id="filter")
        yield from super().body()

    def on_mount(self) -> None:
        self.lay_out()
        self.grid.focus()
        self.call_after_refresh(self.load)  # the first frame does not wait for the database

    def states(self) -> Sequence[str]:
        return STATES[self.sift.state][1]

    # -- rows -----------------------------------------------------------------------------------------------------

    def show(self, sift: Sift) -> None:
        """Show another view of the queue, from its start."""
        self.sift = sift
        self._tell()
        self.load()

    @work(exclusive=True, group="rows")
    async def load(self) -> None:
        """Read what is asked for, from its start. A search goes on until something else is shown."""
        self._hits = None
        try:
            if self.sift.search:
                await self._search()
            await self._list()
        except KvkkError as error:
            if self.console.opened:
                self.complain(error)
            else:
                self.console.give_up(error)

    async def _list(self) -> None:
        opening = await self.console.opening()
        if opening is None:
            await self.pages.open(self.sift.wanted())
            self.lay_out()
        else:
            self.pages.begin(opening.page)
            self._rows_are_there()
            self.lay_out()
            await self.pages.counted(self.console.counts)
        self._rows_are_there()

    def _rows_are_there(self) -> None:
        self.console.first_rows(self.pages.tally)
        self._tell()

    async def _search(self) -> None:
        from kvkk_tui.hits import Hits

        self.pages.leave()
        self._hits = Hits(self.lanes, self.grid, self.sift.wanted(), self._found)
        await self._hits.keep()

    def _found(self) -> None:
        """The search has come to more."""
        self._tell()
        self.lay_out()

    @on(Grid.Wanted)
    def _bring(self, event: Grid.Wanted) -> None:
        event.stop()
        self._bring_rows(event.first, event.last)

    @work(group="bring")
    async def _bring_rows(self, first: int, last: int) -> None:
        try:
            await (self._hits.bring(first, last) if self._hits else self.pages.want(first, last))
        except KvkkError as error:
            self.complain(error)

    async def changed(self) -> None:
        try:
            await (self._hits.again() if self._hits else self.pages.again())
        except KvkkError as error:
            self.complain(error)
            return
        self._tell()
        self.lay_out()
        self.read_detail(0)

    def _tell(self) -> None:
        """The line above says how it stands."""
        self.query_one(FilterLine).put(self.sift, self._count(), len(self.grid.marks))

    def _count(self) -> str:
        """How many there are, as far as that is known."""
        whole, tally = forms().whole, self.pages.tally
        if self._hits is None:
            return _("{n} found").format(n=whole(tally.matching)) if tally else ""
        standing = self._hits.standing
        if standing.going:
            return _("{n} so far, searching…").format(n=whole(standing.found))
        told = _("{n} found, then it broke off") if standing.broken else _("{n} found")
        return told.format(n=whole(standing.found))

    def _empty(self) -> list[str]:
        if not self.console.opened:
            return [_("Opening…")]
        if self.sift.search:
            going = self._hits is None or self._hits.standing.going
            return [_("Searching…") if going else _("Nothing found for this search."), _("Esc leaves the search.")]
        if self.sift.narrowed:
            return [_("The filter finds no request."), _("Esc shows the open ones again.")]
        return [_("No request is open."), _("New ones appear here by themselves.")]

    # -- search, filter, order ------------------------------------------------------------------------------------

    async def action_search(self) -> None:
        """Open the box above the table; it is made with the first search."""
        from kvkk_tui.widgets.entry import Entry

        line = self.query_one(FilterLine)
        line.display = False
        await self.mount(
            Entry(self.sift.search, placeholder=_("Number, name, e-mail, phone or id; Enter searches, Esc leaves")), after=line
        )
        entry = self.query_one(Entry)
        entry.select_all()  # so that the next word takes the place of the last
        self.set_focus(entry)  # at once: what was typed ahead is meant for it

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._end_search(event.value.strip())

    def _end_search(self, text: str) -> None:
        self.query("Entry").remove()
        self.query_one(FilterLine).display = True
        self.set_focus(self.grid)
        if text != self.sift.search:
            self.show(replace(self.sift, search=text))

    @work(group="choose")
    async def action_filter(self) -> None:
        options = [(name, _(title)) for name, (title, _states) in STATES.items()]
        chosen = await self.choose(_("Which requests?"), options, self.sift.state)
        if chosen is not None:
            self.show(replace(self.sift, state=chosen))

    @work(group="choose")
    async def action_order(self) -> None:
        options = [(name, _(title)) for name, title in ORDERS.items()]
        chosen = await self.choose(_("In which order?"), options, self.sift.order)
        if chosen is not None:
            self.show(replace(self.sift, order=chosen))

    def action_kind(self) -> None:
        self.show(self.sift.next_kind())

    def action_back(self) -> None:
        """One step back: out of the search box, the details, the search, the marks, the filter."""
        if self.query("Entry"):
            self._end_search(self.sift.search)
        elif not self.grid.has_focus:
            self.grid.focus()
        elif self.sift.search:
            self._end_search("")
        elif self.grid.marks:
            self._unmark(tuple(self.grid.marks))
        elif self.sift.narrowed:
            self.show(self.sift.whole())

    def action_newest(self) -> None:
        """What the badge counts: seen with this."""
        self.show(Sift(order="number-"))
        self.console.seen()

    def action_refresh_rows(self) -> None:
        if self._hits is not None and self._hits.standing.broken:
            self.load()
        else:
            self.run_worker(self.changed(), group="again", exclusive=True)

    # -- marks ----------------------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        self.grid.mark()
        self._tell()

    @work(exclusive=True, group="marks")
    async def action_mark_all(self) -> None:
        """All that are found, or none when some are marked."""
        if self.grid.marks:
            self._unmark(tuple(self.grid.marks))
            return
        wanted, hits = self.sift.wanted(), self._hits
        lane = self.lanes.seek if wanted.search else self.lanes.quick
        try:
            rows = await hits.first(MARK_MOST) if hits else None
            if rows is None:
                rows = await lane(lambda desk: first_rows(desk, wanted, MARK_MOST))
        except KvkkError as error:
            self.complain(error)
            return
        self.grid.marks |= {row.number: row for row in rows}
        self.grid.refresh()
        self._tell()

    def _unmark(self, numbers: Iterable[object]) -> None:
        for number in numbers:
            self.grid.marks.pop(number, None)
        self.grid.refresh()
        self._tell()

    def action_resolve(self) -> None:
        """The marked requests wherever they stand in the queue, or the one under the cursor."""
        from kvkk_tui.screens.resolve import ResolveScreen

        rows = tuple(self.grid.marks.values()) or ((self.grid.row,) if self.grid.row is not None else ())
        if rows:
            self.app.push_screen(ResolveScreen(rows), lambda done: self._unmark(done or ()))

    def why_not(self, action: str) -> str | None:
        return None if action == "resolve" and self.grid.marks else super().why_not(action)
