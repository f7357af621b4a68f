"""What the queue shows: states, type, order and search, as one value that is changed by replacing it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core import N_

if TYPE_CHECKING:
    from core import RequestFilter

OPEN = ("pending", "approved")

FIRST = 100
"""Rows of the first read: more than any screen shows."""
STATES: dict[str, tuple[str, tuple[str, ...]]] = {
    "open": (N_("Open"), OPEN),
    "overdue": (N_("Overdue"), OPEN),
    "pending": (N_("Pending"), ("pending",)),
    "approved": (N_("Approved"), ("approved",)),
    "resolved": (N_("Resolved"), ("resolved",)),
    "rejected": (N_("Rejected"), ("rejected",)),
    "cancelled": (N_("Cancelled"), ("cancelled",)),
    "all": (N_("All states"), ()),
}
"""Name -> (words, names of states)"""
KINDS = {"": N_("Both types"), "anonymise": N_("Anonymise"), "erase": N_("Erase")}
ORDERS = {
    "due": N_("Least time left first"),
    "due-": N_("Most time left first"),
    "received": N_("Oldest receipt first"),
    "received-": N_("Newest receipt first"),
    "number": N_("Lowest number first"),
    "number-": N_("Highest number first"),
}
"""Name -> words; a - at the end turns the order round."""


@dataclass(frozen=True)
class Sift:
    """One view of the queue."""

    state: str = "open"
    kind: str = ""
    order: str = "due"
    search: str = ""

    def wanted(self) -> RequestFilter:
        """What is asked of the queue."""
        from core import Kind, Order, RequestFilter, State

        return RequestFilter(
            states=tuple(State(name) for name in STATES[self.state][1]),
            kind=Kind(self.kind) if self.kind else None,
            order=Order(self.order.removesuffix("-")),
            descending=self.order.endswith("-"),
            overdue=self.state == "overdue",
            search=self.search or None,
            limit=FIRST,
            counted=False,
        )

    @property
    def narrowed(self) -> bool:
        """Whether a filter of states or types hides open requests."""
        return (self.state, self.kind) != ("open", "")

    def whole(self) -> Sift:
        """The same without filter of states or types."""
        return replace(self, state="open", kind="")

    def next_kind(self) -> Sift:
        """The next type in the round."""
        names = list(KINDS)
        return replace(self, kind=names[(names.index(self.kind) + 1) % len(names)])

    def words(self) -> tuple[str, str, str]:
        """Message ids of state, type and order."""
        return STATES[self.state][0], KINDS[self.kind], ORDERS[self.order]
