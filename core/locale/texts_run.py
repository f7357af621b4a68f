"""Wording: `kvkk run`, `kvkk due`, what happens on a day that was set long before."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

CLOCK = N_("Look at the clock of this host. If it is right there is nothing to do: the next run goes on.")

RUN: dict[str, Text] = {
    "archive-differs": Text(
        N_("A file {file} is there already, and it is not the archive that would be written. The audit was left as it is."),
        N_("Move the file away and look where it came from; the next run goes on."),
    ),
    "archive-missing": Text(
        N_("The archive {file} is not beside the key file."),
        N_("`kvkk audit list` tells on whose host `audit.archive` wrote it; copy it here, or leave --archives out."),
    ),
    "archive-unreadable": Text(N_("The archive {file} cannot be read ({kind})."), N_("Look at its permissions.")),
    "checkpoint-archived": Text(
        N_("The checkpoint lies in a part of the chain that is archived: entry {seq}."), N_("Add --archives, where the archives are.")
    ),
    "report-not-found": Text(N_("There is no report {number}."), N_("`kvkk reports list` shows them.")),
    "bad-days": Text(N_("The number of days is out of range."), N_("Allowed: {allowed}.")),
    "holds-moved": Text(N_("Another run has just finished these holds. Nothing was changed."), N_("Nothing needs to be done.")),
    "hold-unmapped": Text(
        N_("Rows of {table} are held, and the data map does not know that table any more. They stay as they are."),
        N_("Put the table back into the map; the next run goes on."),
    ),
    "hold-owner-unknown": Text(
        N_(
            "The key that named the customer of request {number} was dropped, and rows that were held belong to somebody now. "
            "They stay as they are."
        ),
        N_("Look at these rows: `kvkk certificate {number}` names their tables."),
    ),
    "hold-remains": Text(
        N_("The holds of request {number} are finished, but values of the customer were still found in {cells} cells of these tables."),
        N_("`kvkk certificate {number}` tells when; look for them in rows that were added since."),
    ),
    "lease-lost": Text(
        N_("Another run took over, because this one had given no sign of life for too long. What it had done stands."),
        N_("Nothing needs to be done."),
    ),
    "clock-differs": Text(
        N_("The clock of this host says {now}, that of the database server {then}. What depends on the date was left alone."),
        N_("Set the clocks by NTP; the next run goes on."),
    ),
    "clock-went-back": Text(
        N_("The clock says {now}, but the last run was at {then}. What depends on the date was left for the next run."), CLOCK
    ),
    "clock-went-on": Text(
        N_("The last run was at {then}, and now the clock says {now}. What depends on the date was left for the next run."), CLOCK
    ),
}
