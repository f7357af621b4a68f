"""A table of any length in constant memory: it holds the rows around what is shown and asks for others when they are needed.

Line API: only the lines on the screen are drawn. The rows held are a stretch of the whole; `Grid.Wanted` asks the owner for
another stretch, which answers with `show`. Rows that are not there yet are drawn as …; nothing ever waits.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core import N_
from kvkk_tui.lines import STYLES, Piece, exactly, wrap
from kvkk_tui.words import _

T = TypeVar("T")
MARGIN = 40
"""Rows beyond the screen that should be there before somebody scrolls to them."""
LEAD = 2
"""Cells before the first column: the sign of the cursor and of a mark."""


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column: its title (a message id), its width (0 takes what is left) and what it shows of a row."""

    title: str
    width: int
    cell: Callable[[T], Piece | str]
    right: bool = False


class Grid(ScrollView, Generic[T], can_focus=True):
    """Rows with a cursor and marks. `key` names a row; marks are kept by it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"lines--{name}" for name in STYLES),
        "grid--head",
        "grid--cursor",
        "grid--cursor-blurred",
        "grid--marked",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", N_("Down"), show=False, id="grid.down"),
        Binding("up,k", "move(-1)", N_("Up"), show=False, id="grid.up"),
        Binding("pagedown,ctrl+d", "turn(1)", N_("Page down"), show=False, id="grid.page-down"),
        Binding("pageup,ctrl+u", "turn(-1)", N_("Page up"), show=False, id="grid.page-up"),
        Binding("home,g", "first", N_("To the first"), show=False, id="grid.first"),
        Binding("end,G", "last", N_("To the last"), show=False, id="grid.last"),
    ]
    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Wanted(Message):
        """Rows `first` to `last` (not included) are to be there soon."""

        grid: Grid[Any]
        first: int
        last: int

        @property
        def control(self) -> Grid[Any]:
            return self.grid

    @dataclass
    class Moved(Message):
        """The cursor stands on another row, or the row it stands on has changed."""

        grid: Grid[Any]

        @property
        def control(self) -> Grid[Any]:
            return self.grid

    @dataclass
    class Opened(Message):
        """The row under the cursor is to be opened."""

        grid: Grid[Any]

        @property
        def control(self) -> Grid[Any]:
            return self.grid

    def __init__(self, key: Callable[[T], Hashable], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.key = key
        self.columns: Sequence[Column[T]] = ()
        self.rows: Sequence[T] = ()
        self.start = 0
        """Index of the first row that is held."""
        self.total = 0
        self.marks: dict[Any, T] = {}
        """Marked rows by their key, as they were read."""
        self.fresh: Callable[[T], bool] = lambda _row: False
        """Whether a row is new here; it carries a dot."""
        self.empty: Callable[[], Sequence[str]] = lambda: ()
        """Lines for a table without rows."""

    # -- what is shown ------------------------------------------------------------------------------------------------

    @property
    def row(self) -> T | None:
        """The row under the cursor, None while it is not there."""
        return self.at(self.cursor)

    def at(self, index: int) -> T | None:
        """The row at an index, None when it is not held."""
        place = index - self.start
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def show(self, rows: Sequence[T], start: int, total: int, *, anew: bool = False) -> None:
        """Hold these rows from now on. The cursor stays on its row, wherever that stands now, else at its index.

        `anew`: this is another table, which is shown from its start.
        """
        held = None if anew else self.row
        if anew:
            self.cursor = 0
        self.rows, self.start, self.total = rows, start, total
        self.virtual_size = Size(self.scrollable_content_region.width, total + 1)
        self.show_vertical_scrollbar = total + 1 > self.container_size.height  # now, or the layout that finds it draws every row again
        if held is not None:
            self._follow(held)
        self.cursor = max(0, min(self.cursor, total - 1))
        self.refresh()
        self.post_message(self.Moved(self))
        self.want()

    def count(self, total: int) -> None:
        """There are so many, as is known now: none of the rows that are shown is drawn again for it."""
        if total != self.total:
            self.total = total
            self.virtual_size = Size(self.scrollable_content_region.width, total + 1)
            self.want()

    def _follow(self, held: T) -> None:
        now = self.at(self.cursor)
        if now is not None and self.key(now) == self.key(held):
            return
        wanted = self.key(held)
        for place, row in enumerate(self.rows):
            if self.key(row) == wanted:
                self.cursor = self.start + place
                return

    def want(self) -> None:
        """Ask for rows that are missing around what is shown."""
        if not self.total:
            return
        top = round(self.scroll_y)
        page = max(self.page, 1)
        first, last = max(0, top - MARGIN), min(self.total, top + page + MARGIN)
        if first < self.start or last > self.start + len(self.rows):
            self.post_message(self.Wanted(self, top, min(self.total, top + page)))

    @property
    def page(self) -> int:
        """Rows that fit on the screen; the head takes one line."""
        return max(1, self.scrollable_content_region.height - 1)

    # -- moving -------------------------------------------------------------------------------------------------------

    def validate_cursor(self, value: int) -> int:
        return max(0, min(value, max(self.total - 1, 0)))

    def watch_cursor(self, before: int, now: int) -> None:
        top = round(self.scroll_y)
        if now < top:
            self.scroll_to(y=now, animate=False, immediate=True)
        elif now >= top + self.page:
            self.scroll_to(y=now - self.page + 1, animate=False, immediate=True)
        self._paint(before)
        self._paint(now)
        self.post_message(self.Moved(self))

    def _paint(self, index: int) -> None:
        y = index - round(self.scroll_y) + 1
        self.refresh(Region(0, y, self.size.width, 1))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.want()

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_turn(self, by: int) -> None:
        self.scroll_to(y=max(0, round(self.scroll_y) + by * self.page), animate=False, immediate=True)
        self.cursor += by * self.page

    def action_first(self) -> None:
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = self.total - 1

    def action_open(self) -> None:
        if self.row is not None:
            self.post_message(self.Opened(self))

    def mark(self, down: bool = True) -> None:
        """Mark the row under the cursor, or no longer, and go on to the next."""
        row = self.row
        if row is not None:
            key = self.key(row)
            if self.marks.pop(key, None) is None:
                self.marks[key] = row
            self._paint(self.cursor)
            if down:
                self.cursor += 1

    def on_click(self, event: events.Click) -> None:
        index = round(self.scroll_y) + event.y - 1
        if event.y == 0 or index >= self.total:
            return
        if event.chain == 2 and index == self.cursor:
            self.action_open()
        self.cursor = index

    def on_resize(self, _event: events.Resize) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.total + 1)
        if self.cursor >= round(self.scroll_y) + self.page:
            self.scroll_to(y=self.cursor - self.page + 1, animate=False, immediate=True)
        self.want()

    def on_focus(self) -> None:
        self._paint(self.cursor)

    def on_blur(self) -> None:
        self._paint(self.cursor)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def widths(self) -> list[int]:
        """Cells of each column for the width that there is; columns without a width share what is left."""
        fixed = sum(column.width for column in self.columns) + len(self.columns) - 1 + LEAD
        room = self.scrollable_content_region.width - fixed
        free = sum(1 for column in self.columns if not column.width)
        return [column.width or max(6, room // max(free, 1)) for column in self.columns]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            style = self.get_component_rich_style("grid--head")
            titles = (exactly(_(c.title), w, right=c.right) for c, w in zip(self.columns, self.widths(), strict=True))
            return Strip([Segment(" " * LEAD + " ".join(titles), style)]).adjust_cell_length(width, style)
        index = y - 1 + round(self.scroll_y)
        if not self.total:
            lines = [part for line in self.empty() for part in wrap(line, width - LEAD - 1)]
            text = lines[y - 2] if 0 <= y - 2 < len(lines) else ""
            return self._plain(text, width, "lines--dim")
        if index >= self.total:
            return Strip.blank(width, self.rich_style)
        row = self.at(index)
        return self._plain("…", width, "lines--dim") if row is None else self._row(index, row, width)

    def _plain(self, text: str, width: int, name: str) -> Strip:
        style = self.rich_style + self.get_component_rich_style(name, partial=True)
        return Strip([Segment(exactly("  " + text, width), style)])

    def _row(self, index: int, row: T, width: int) -> Strip:
        marked, here = self.key(row) in self.marks, index == self.cursor
        base, over = self._look(marked=marked, here=here)
        sign = "✓" if marked else "●" if self.fresh(row) else " "
        found = [Segment(("▸" if here else " ") + sign, base)]
        for column, wide in zip(self.columns, self.widths(), strict=True):
            shown = column.cell(row)
            one = shown if isinstance(shown, Piece) else Piece(shown)
            style = base if over else base + self.get_component_rich_style(f"lines--{one.style}", partial=True)
            if here and one.style in ("bad", "near"):
                style = base + Style(bold=True)
            found.append(Segment(exactly(one.text, wide, right=column.right), style))
            found.append(Segment(" ", base))
        return Strip(found[:-1]).adjust_cell_length(width, base).simplify()  # runs of one style: half the bytes over the line

    def _look(self, *, marked: bool, here: bool) -> tuple[Style, bool]:
        """(style of the row, whether it covers the styles of the cells)"""
        if here:
            return self.get_component_rich_style("grid--cursor" if self.has_focus else "grid--cursor-blurred"), True
        if marked:
            return self.rich_style + self.get_component_rich_style("grid--marked", partial=True), False
        return self.rich_style, False
