"""A table of requests with the magnifier of the one under the cursor: beside it where the terminal is wide, else above it all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget

from core import N_, KvkkError
from kvkk_tui import views
from kvkk_tui.columns import columns
from kvkk_tui.lines import Lines
from kvkk_tui.verbs import RequestPage
from kvkk_tui.widgets.grid import Grid
from kvkk_tui.widgets.sheet import Sheet
from kvkk_tui.words import _

if TYPE_CHECKING:
    from core import RequestRow

SIDE_BY_SIDE = 120
"""Cells from which table and magnifier stand side by side."""
CALM_S = 0.12
"""Time the cursor rests on a row before its details are read."""


class Board(RequestPage):
    """A subclass brings the rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "magnify", N_("Magnifier"), id="queue.open", tooltip=N_("Everything about the request.")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.grid: Grid[RequestRow] = Grid(lambda row: row.number, id="queue")
        self._calm: Timer | None = None
        self._drawn = 0
        """Number of the request that the magnifier at the side shows."""

    def body(self) -> Iterable[Widget]:
        yield Horizontal(self.grid, id="both")

    # -- looks ----------------------------------------------------------------------------------------------------

    @property
    def is_wide(self) -> bool:
        """Whether table and magnifier stand side by side."""
        return self.size.width >= SIDE_BY_SIDE

    def on_resize(self, _event: events.Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Columns for the width that there is."""
        self._side()
        width = self.grid.scrollable_content_region.width or self.size.width
        digits = len(str(max((row.number for row in self.grid.rows), default=1)))
        self.grid.columns = columns(width, digits, self.console.near, self.states())
        self.grid.refresh()

    def _side(self) -> None:
        """The magnifier beside the table; it is made when the terminal is wide enough for the first time."""
        found = self.query("#detail")
        if found:
            found.first().display = self.is_wide
        elif self.is_wide:
            self.query_one("#both").mount(Sheet(self._draw_detail, id="detail"))

    def states(self) -> Sequence[str]:
        """States that may stand in the table; none: every one."""
        return ()

    def spoken(self) -> None:
        super().spoken()
        self.lay_out()

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
        self.read_detail(CALM_S)

    def read_detail(self, after: float) -> None:
        """Read the request under the cursor when it has rested there for so long."""
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
            self._put_detail()
        self.refresh_bindings()

    def _put_detail(self) -> None:
        """The same request keeps its place in the document; another begins at the top."""
        sheet = self.query_one("#detail", Sheet)
        now = self.detail.row.number if self.detail else 0
        if now == self._drawn:
            sheet.again()
        else:
            self._drawn = now
            sheet.put(self._draw_detail)

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

    def why_not(self, action: str) -> str | None:
        if action == "magnify" and self.grid.row is None:
            return _("There is no request here.")
        return super().why_not(action)
