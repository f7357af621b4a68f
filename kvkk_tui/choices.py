"""What staff have chosen in the resolution form, and how the form shows it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core import N_, Kind, RequestRow, Resolution, ResolveOptions
from kvkk_tui.widgets.form import Choice, Row
from kvkk_tui.words import _

WAYS = (
    ("access", N_("Block access only"), N_("Sign-in and password reset stop working; the data stay.")),
    (
        "mask",
        N_("Block access and mask (stars)"),
        N_("Every personal column is masked; amounts and dates stay, so the books still add up."),
    ),
    ("erase", N_("Erase all data for good"), N_("Every row of the customer is deleted, but for what a law holds.")),
)
"""(name, words, what it means)"""
SHORT_MOST = 24


@dataclass
class Choices:
    """One resolution, in the making."""

    way: str = "access"
    on_list: bool = False
    notify: bool | None = None
    notify_set: bool = True
    """What the setting says, while nobody has chosen."""
    reason: str = ""
    force: str = ""
    waive: str = ""

    @classmethod
    def of(cls, rows: Sequence[RequestRow]) -> Choices:
        """What the customers asked for, where all of them asked for the same."""
        return cls(way="erase" if {row.kind for row in rows} == {Kind.ERASE} else "access")

    @property
    def erases(self) -> bool:
        """Whether everything goes for good."""
        return self.way == "erase"

    @property
    def resolution(self) -> Resolution:
        """What is to be done."""
        return Resolution(mask=self.way == "mask", erase=self.erases, blacklist=self.on_list)

    @property
    def options(self) -> ResolveOptions:
        """How it is to be done."""
        return ResolveOptions(notify=self.notify, reason=self.reason or None, force=self.force or None, waive_residue=self.waive or None)

    @property
    def about(self) -> str:
        """Message id of what the chosen way means."""
        return next(about for name, _words, about in WAYS if name == self.way)

    def turn_notify(self) -> None:
        """Send the notification, or not."""
        self.notify = not (self.notify_set if self.notify is None else self.notify)

    def rows(self) -> list[Row]:
        """The lines of the form below its heading."""
        ways = [(str(index), name, _(words)) for index, (name, words, _about) in enumerate(WAYS, 1)]
        label = _("What is to be done")
        lines: list[Row] = [(label if key == "1" else "", (self._way(key, name, words),)) for key, name, words in ways]
        notify = self.notify_set if self.notify is None else self.notify
        lines.append(
            (
                _("And also"),
                (
                    _box("b", "blacklist", _("add to the blacklist"), self.on_list),
                    _box("n", "tell_customer", _("send the notification"), notify),
                ),
            )
        )
        lines.append((_("In words"), tuple(self._spoken())))
        return lines

    def _way(self, key: str, name: str, words: str) -> Choice:
        here = name == self.way
        style = ("bad" if name == "erase" else "text") if here else "dim"
        return Choice(key, f"way('{name}')", words, "(●) " if here else "( ) ", style)

    def _spoken(self) -> list[Choice]:
        """Reasons, each behind its key; that of a waiver only once it was given: it is no everyday key."""
        spoken = [("g", "reason", _("reason"), self.reason), ("z", "force", _("pass a guard"), self.force)]
        if self.waive:
            spoken.append(("w", "waive", _("accept residue"), self.waive))
        return [Choice(key, action, f"{name}: {_short(text)}", "", "near" if text else "dim") for key, action, name, text in spoken]


def _box(key: str, action: str, words: str, on: bool) -> Choice:
    return Choice(key, action, words, "[✓] " if on else "[ ] ", "text" if on else "dim")


def _short(text: str) -> str:
    return (text if len(text) <= SHORT_MOST else text[: SHORT_MOST - 1] + "…") or "–"
