"""The views of the console, in the order of their keys. A room is loaded when somebody first goes there."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from core import N_

if TYPE_CHECKING:
    from kvkk_tui.page import Page


@dataclass(frozen=True)
class Place:
    """One view: its name, its key, its title (a message id), and where its screen lives."""

    name: str
    key: str
    title: str
    room: str
    screen: str

    def open(self) -> Page:
        """A new screen of this view."""
        return self.kind()()

    def kind(self) -> type[Page]:
        """The class of its screen."""
        found: type[Page] = getattr(import_module(f"kvkk_tui.screens.{self.room}"), self.screen)
        return found


PLACES = (
    Place("queue", "1", N_("Requests"), "queue", "QueueScreen"),
    Place("customers", "2", N_("Customers"), "customers", "CustomersScreen"),
    Place("consents", "3", N_("Consents"), "consents", "ConsentsScreen"),
    Place("downloads", "4", N_("Downloads"), "downloads", "DownloadsScreen"),
    Place("blacklist", "5", N_("Blacklist"), "blacklist", "BlacklistScreen"),
    Place("outbox", "6", N_("Outbox"), "outbox", "OutboxScreen"),
    Place("audit", "7", N_("Audit"), "audit", "AuditScreen"),
    Place("runs", "8", N_("Runs"), "runs", "RunsScreen"),
    Place("staff", "9", N_("Staff"), "staff", "StaffScreen"),
    Place("settings", "0", N_("Settings"), "settings", "SettingsScreen"),
)
