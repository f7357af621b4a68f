"""Every verb of a screen, read from its bindings: the one source of the help page and of the palette."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding
from textual.dom import DOMNode

from kvkk_tui.page import Page
from kvkk_tui.places import PLACES
from kvkk_tui.widgets.bars import key_name
from kvkk_tui.words import _

HIDDEN = ("palette", "help", "app.help_quit", "help_quit", "copy_text", "screen.copy_text")


@dataclass(frozen=True)
class Verb:
    """One thing that can be done, or not now."""

    key: str
    action: str
    node: DOMNode
    name: str
    about: str
    why_not: str | None
    possible: bool
    moves: bool = False
    """Only moves what is shown: listed last, and not in the palette."""
    view: str = ""
    """The other view that has it."""
    of_row: bool = False
    """It is done with a row, which somebody has to choose there first."""


def elsewhere(page: Page) -> list[Verb]:
    """The verbs of the other views. Loads their rooms. What an empty view of its kind refuses wants a row."""
    here = {binding.action for _node, binding, _enabled, _tip in page.active_bindings.values()}
    found = []
    for place in PLACES:
        kind = place.kind()
        empty, about = kind(), _("in the view {name}").format(name=_(place.title))
        for one in (one for part in kind.__mro__ if part is not Page and issubclass(part, Page) for one in _bound(part)):
            if one.description and one.id and one.action not in here | set(HIDDEN):
                of_row = empty.why_not(one.action) is not None
                name, key = _(one.description), f"{place.key} {key_name(one)}"
                found.append(Verb(key, one.action, page, name, about, None, True, view=place.name, of_row=of_row))
    return found


def _bound(kind: type[Page]) -> Iterator[Binding]:
    return (one for one in vars(kind).get("BINDINGS", ()) if isinstance(one, Binding))


def verbs(page: Page) -> list[Verb]:
    """In the order of the bindings, each action once."""
    found: dict[str, Verb] = {}
    for node, binding, enabled, _tip in page.active_bindings.values():
        if not binding.description or binding.id is None or binding.action in HIDDEN or binding.action in found:
            continue
        why = None if enabled else page.against(binding.action)
        about = _(binding.tooltip) if binding.tooltip else ""
        moves = binding.id.startswith(("grid.", "sheet.", "draft."))
        found[binding.action] = Verb(key_name(binding), binding.action, node, _(binding.description), about, why, enabled, moves)
    return sorted(found.values(), key=lambda verb: verb.moves)
