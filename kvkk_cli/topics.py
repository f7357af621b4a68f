"""What `kvkk help TOPIC` explains besides the commands. Message ids; each is one page of plain text."""

from __future__ import annotations

from core import N_

EXIT_CODES: tuple[tuple[int, str], ...] = (
    (0, N_("done, also when a list is empty")),
    (1, N_("unexpected failure; nothing was changed")),
    (2, N_("wrong usage, wrong value, bad data map, bad settings, no database named")),
    (3, N_("not allowed: role, blocked, consent required, blacklisted")),
    (4, N_("no such request, customer, setting or template")),
    (5, N_("conflict: already resolved, changed since the preview, duplicate request")),
    (6, N_("refused by a guard: open service or unpaid invoice, grace, kind, hold not chosen, residue, second person, drift")),
    (7, N_("partly done: some of several failed; each is named")),
    (8, N_("the audit chain does not verify")),
    (9, N_("database or mail server away, locked, full, read-only or damaged; nothing was changed")),
    (10, N_("`kvkk due`: a deadline is near")),
    (11, N_("`kvkk due`: a request is overdue, or an answer was not delivered")),
    (12, N_("outcome unknown: the connection was lost at COMMIT; `kvkk requests show REQ` tells")),
    (
        13,
        N_(
            "committed, but a later step is still pending, such as the word of a second admin; or the answer could not be written to "
            "standard output"
        ),
    ),
    (130, N_("stopped by Ctrl-C")),
    (141, N_("the reader of the pipe went away")),
    (143, N_("stopped by SIGTERM or SIGHUP")),
)
"""Every exit code that this version can end with."""

MAP = N_(
    "The data map says where a database keeps its customers' data. It is a TOML file: --map FILE, else KVKK_MAP, else the "
    "config file, else what `kvkk init --map` remembered.\n"
    "\n"
    "  [customer]                      the table of customers, its key, name, e-mail, phone, ids\n"
    "  [access]                        what blocks the sign-in\n"
    "  [services] [invoices]           what runs, and what is unpaid\n"
    "  [tables.NAME]                   link = how a row finds its customer; on_mask, on_erase, states, hold\n"
    "  [tables.NAME.columns]           column = kind (name, email, phone, address, free_text, …)\n"
    "  [[not_personal]]                tables without personal data, with the reason\n"
    "\n"
    "`kvkk map draft` proposes a map to go on with. "
    "Every column of a mapped table is either named or declared not personal with a reason. `kvkk map check` lists every "
    "mistake at once and what the map misses; nothing runs while it disagrees with the database."
)

JSON = N_(
    "With --json every command prints one document, in ASCII:\n"
    "\n"
    '  {"version": 1, "command": "requests list", "status": 0, "data": …, "errors": []}\n'
    "\n"
    "`status` is the exit code. `errors` holds code, message, next and facts; codes and keys are stable and English, dates are "
    "ISO 8601, amounts are text. A request has number, customer, customer_name, kind, regime, channel, state, received_on, "
    "due_on, days_left, services, invoices and last_error. `audit export` prints JSON lines instead.\n"
    "\n"
    "Without --json a pipe gets tab-separated lines without a heading: the words of a list do not change with the language."
)

TOPICS: dict[str, str] = {
    "exit-codes": N_("Exit codes"),
    "map": N_("The data map"),
    "json": N_("Output for scripts"),
}
"""Topic and its title."""

PAGES: dict[str, str] = {"map": MAP, "json": JSON}
