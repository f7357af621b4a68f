"""The lines above and below every screen: where one is, how the queue stands, and which keys work now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import RenderResult
from textual.binding import Binding
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

from core import N_, safe
from kvkk_tui.places import PLACES, Place
from kvkk_tui.words import _, forms, language

if TYPE_CHECKING:
    from core import Tally

PRODUCT = "KVKK"
HELP = ("help", "app.help")
MAGNIFIER = N_("Magnifier")
KEYS = {
    "enter": "Enter",
    "space": N_("Space"),
    "escape": "Esc",
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "asterisk": "*",
    "f2": "F2",
    "tab": "Tab",
    "up": "↑",
    "down": "↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}

LETTERS = {"confirm.yes": "y", "confirm.no": "n"}
"""Id of a binding -> the key that stands for its word in English; the first one stands for the Turkish word. Both work."""


def key_name(binding: Binding) -> str:
    """How the first key of a binding is written on a keyboard."""
    key = binding.key.split(",")[0]
    if language() == "en":
        key = LETTERS.get(binding.id or "", key)
    if key in KEYS:
        return _(KEYS[key]) if key == "space" else KEYS[key]
    parts = [part.upper() if len(part) == 1 and "+" in key else part.capitalize() if len(part) > 1 else part for part in key.split("+")]
    return "+".join(parts)


@dataclass(frozen=True)
class Standing:
    """What the first line tells."""

    database: str = ""
    tally: Tally | None = None
    arrived: int = 0
    undelivered: int = 0
    """Answers that have not reached their customer for a week."""
    account: str = ""
    role: str = ""
    open: bool = False
    """Nobody is registered as staff."""


class TopBar(Widget):
    """Product and database, counts, the badge of new requests; below it the views."""

    auto_links = False
    COMPONENT_CLASSES = {"bar--name", "bar--dim", "bar--bad", "bar--near", "bar--badge", "bar--here", "bar--view"}  # noqa: RUF012

    def render(self) -> RenderResult:
        app = self.app
        standing: Standing = getattr(app, "standing", Standing())
        return Content("\n").join([self._first(standing), self._second(app.current_mode)])

    def _style(self, name: str) -> Style:
        return self.get_visual_style(f"bar--{name}")

    def _first(self, standing: Standing) -> Content:
        right = self._counts(standing)
        room = self.size.width - right.cell_length - len(PRODUCT) - 5
        name = safe(standing.database, max(room, 4)) if room > 3 else ""
        left = Content.assemble((f" {PRODUCT} ", self._style("name")), "  ", (name, self._style("dim")))
        who = self._who(standing)
        if left.cell_length + who.cell_length + right.cell_length + 4 <= self.size.width:
            left = Content.assemble(left, "   ", who)
        gap = " " * max(1, self.size.width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right)

    def _who(self, standing: Standing) -> Content:
        """As whom the person counts; a database without staff is open to everybody, and that is said."""
        if not standing.role:
            return Content("")
        if standing.open:
            return Content.styled(_("no staff registered"), self._style("near"))
        return Content.styled(f"{safe(standing.account, 20)} · {forms().named('role', standing.role)}", self._style("dim"))

    def _counts(self, standing: Standing) -> Content:
        parts: list[Content] = []
        tally, whole = standing.tally, forms().whole
        if tally is not None:
            parts.append(Content.styled(_("{n} open").format(n=whole(tally.open)), self._style("dim")))
            if tally.overdue:
                parts.append(Content.styled("⚠ " + _("{n} overdue").format(n=whole(tally.overdue)), self._style("bad")))
            if tally.near:
                parts.append(Content.styled(_("{n} near").format(n=whole(tally.near)), self._style("near")))
        if standing.undelivered:
            click = Style.from_meta({"@click": "app.view('outbox')"})
            told = _("{n} undelivered").format(n=whole(standing.undelivered))
            parts.append(Content.styled(told, self._style("dim") + click))
        if standing.arrived:
            parts.append(Content.styled(" ● " + _("{n} new").format(n=whole(standing.arrived)) + " ", self._style("badge")))
        return Content.assemble(Content("  ").join(parts), " ")

    def _second(self, mode: str) -> Content:
        """As many views as fit, the one that is open among them; ‹ and › say that there are more."""
        parts = [self._view(place, here=place.name == mode) for place in PLACES]
        here = next((i for i, place in enumerate(PLACES) if place.name == mode), 0)
        first, last = _around(here, [part.cell_length for part in parts], self.size.width - 2)
        ends = ("‹" if first else " ", "›" if last < len(parts) else " ")
        return Content.assemble((ends[0], self._style("dim")), *parts[first:last], (ends[1], self._style("dim")))

    def _view(self, place: Place, *, here: bool) -> Content:
        click = Style.from_meta({"@click": f"app.view('{place.name}')"})
        return Content.styled(f"{place.key} {_(place.title)}  ", self._style("here" if here else "view") + click)


def _around(here: int, widths: Sequence[int], room: int) -> tuple[int, int]:
    """(first, behind the last) of what fits into the room: from the start if that shows `here`, else up to it."""
    first = 0
    while sum(widths[first : here + 1]) > room and first < here:
        first += 1
    last = here + 1
    while last < len(widths) and sum(widths[first : last + 1]) <= room:
        last += 1
    return first, last


class Told(Widget):
    """A line above a list: which rows it shows, as `standing` says: (words, whether somebody chose them)."""

    auto_links = False
    COMPONENT_CLASSES = {"bar--here", "bar--dim"}  # noqa: RUF012

    def __init__(self, standing: Callable[[], Sequence[tuple[str, bool]]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._standing = standing

    def render(self) -> RenderResult:
        looks = {True: self.get_visual_style("bar--here"), False: self.get_visual_style("bar--dim")}
        parts = [Content.styled(safe(text, 60), looks[chosen]) for text, chosen in self._standing()]
        return Content.assemble(" ", Content(" · ").join(parts))


class KeyBar(Widget):
    """The keys that work now; what cannot be done is dimmed. The rest stands under ?."""

    auto_links = False
    COMPONENT_CLASSES = {"bar--key", "bar--said", "bar--off"}  # noqa: RUF012
    keys: reactive[tuple[tuple[str, bool], ...]] = reactive(())
    """(action, whether it is possible) of what is shown; drawn anew only when that is another."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _screen: Screen[object]) -> None:
        self.keys = tuple((binding.action, enabled) for binding, enabled in self._shown())

    def render(self) -> RenderResult:
        """As many as fit, in the order of the bindings; help always."""
        shown = self._shown()
        help_ = [self._one(*one) for one in shown if one[0].action in HELP]
        room = self.size.width - 1 - sum(part.cell_length + 2 for part in help_)
        parts: list[Content] = []
        for binding, enabled in shown:
            part = self._one(binding, enabled)
            if binding.action in HELP or part.cell_length + 2 > room:
                continue
            room -= part.cell_length + 2
            parts.append(part)
        return Content.assemble(" ", Content("  ").join([*parts, *help_]))

    def _shown(self) -> list[tuple[Binding, bool]]:
        """Each action once; Enter first, whoever takes it."""
        found: dict[str, tuple[Binding, bool]] = {}
        for _node, binding, enabled, _tip in self.screen.active_bindings.values():
            if binding.show and binding.description:
                found.setdefault(binding.action, (binding, enabled))
        return sorted(found.values(), key=lambda one: not one[0].key.startswith("enter"))

    def _one(self, binding: Binding, enabled: bool) -> Content:
        click = Style.from_meta({"@click": binding.action if "." in binding.action else f"screen.{binding.action}"})
        key = self.get_visual_style("bar--key" if enabled else "bar--off") + click
        said = self.get_visual_style("bar--said" if enabled else "bar--off") + click
        return Content.assemble((key_name(binding), key), " ", (self._sign(binding) + _(binding.description), said))

    def _sign(self, binding: Binding) -> str:
        """The magnifying glass before its word, where the terminal can draw it."""
        sign = getattr(self.app, "magnifier", "") if binding.description == MAGNIFIER else ""
        return f"{sign} " if sign else ""
