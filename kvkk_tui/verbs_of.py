"""Every verb of a screen, read from its bindings: the one source of the help page and of the palette."""

from __future__ import annotations

from dataclasses import dataclass

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


def elsewhere(page: Page) -> list[Verb]:
    """The verbs of the other views: choosing one goes there, where its row can be chosen. Loads their rooms."""
    here = {binding.action for _node, binding, _enabled, _tip in page.active_bindings.values()}
    found = []
    for place in PLACES:
        for bindings in (vars(kind).get("BINDINGS", ()) for kind in place.kind().__mro__ if kind is not Page and issubclass(kind, Page)):
            for one in bindings:
                if one.description and one.id and one.action not in here | set(HIDDEN):
                    about = _("in the view {name}").format(name=_(place.title))
                    key = f"{place.key} {key_name(one)}"
                    found.append(Verb(key, f"app.view('{place.name}')", page, _(one.description), about, None, True))
    return found


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
