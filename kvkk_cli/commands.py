"""The table of commands: name, module, and the line that `kvkk --help` says. Nothing else is imported for help and completion."""

from __future__ import annotations

from typing import NamedTuple

from core import N_


class Entry(NamedTuple):
    """Where a command lives."""

    module: str
    help: str
    function: bool = True
    """False for a group with sub-commands."""


COMMANDS: dict[str, Entry] = {
    "demo": Entry("kvkk_cli.demo", N_("Open the console on a private copy of the sample database.")),
    "tui": Entry("kvkk_cli.tui", N_("Open the console: the queue of requests, for a terminal.")),
    "requests": Entry("kvkk_cli.requests", N_("Requests of customers: list, show, add, cancel, reject, approve, extend."), False),
    "resolve": Entry("kvkk_cli.resolve", N_("Resolve requests: anonymise, mask, blacklist or erase.")),
    "runs": Entry("kvkk_cli.runs", N_("Runs over many requests: list, show."), False),
    "certificate": Entry("kvkk_cli.papers", N_("Print the certificate of a resolved request.")),
    "letter": Entry("kvkk_cli.papers", N_("Print the answer to the customer as a letter.")),
    "export": Entry("kvkk_cli.export", N_("Export everything that is stored about a customer as XML.")),
    "customers": Entry("kvkk_cli.customers", N_("Find and show customers."), False),
    "consent": Entry("kvkk_cli.consent", N_("Consent: give, withdraw, show, list, and the texts that customers are shown."), False),
    "access": Entry("kvkk_cli.access", N_("The access gate: check an account, new details; give access or a password back."), False),
    "downloads": Entry("kvkk_cli.downloads", N_("Who downloaded whose data."), False),
    "panel": Entry("kvkk_cli.panel", N_("The customer panel, a small web page: serve."), False),
    "due": Entry("kvkk_cli.automation", N_("Requests whose deadline is near or over; for a clerk's morning and for scripts.")),
    "run": Entry("kvkk_cli.automation", N_("Everything that nobody waits for: holds, messages, reminders; for cron.")),
    "blacklist": Entry("kvkk_cli.blacklist", N_("The blacklist: list, add, remove, check, and a new key for it."), False),
    "templates": Entry("kvkk_cli.templates", N_("Texts of the messages to customers and staff."), False),
    "outbox": Entry("kvkk_cli.outbox", N_("Messages that wait, were sent or did not arrive."), False),
    "replay": Entry("kvkk_cli.replay", N_("After a restored backup, treat again whoever came back with it.")),
    "reports": Entry("kvkk_cli.reports", N_("Periodic destruction reports: list, show."), False),
    "settings": Entry("kvkk_cli.settings", N_("Settings: list, get, set, reset."), False),
    "staff": Entry("kvkk_cli.staff", N_("Members of staff and their roles: list, add, remove, recover."), False),
    "audit": Entry("kvkk_cli.audit", N_("The audit chain: list, verify, export, anchor."), False),
    "map": Entry("kvkk_cli.map", N_("The data map: check it against the database, show it."), False),
    "config": Entry("kvkk_cli.config", N_("Which database is meant, and why."), False),
    "init": Entry("kvkk_cli.upkeep", N_("Prepare a database for kvkk; makes a new SQLite file when there is none.")),
    "upgrade": Entry("kvkk_cli.upkeep", N_("Bring kvkk's own tables to this version.")),
    "doctor": Entry("kvkk_cli.upkeep", N_("Look for what could go wrong: database, key file, data map, settings.")),
    "help": Entry("kvkk_cli.help", N_("Explain a command or a topic, such as exit-codes or map.")),
}
"""In the order in which a newcomer meets them."""
