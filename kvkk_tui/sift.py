"""What the queue shows: states, type, order and search, as one value that is changed by replacing it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core import N_, OPEN_STATES, Kind, Order, RequestFilter, State

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
"""Name -> (words, states)"""
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
        return RequestFilter(
            states=STATES[self.state][1],
            kind=Kind(self.kind) if self.kind else None,
            order=Order(self.order.removesuffix("-")),
            descending=self.order.endswith("-"),
            overdue=self.state == "overdue",
            search=self.search or None,
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
