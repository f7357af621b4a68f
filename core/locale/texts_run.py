"""Wording: `kvkk run`, `kvkk due`, what happens on a day that was set long before."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

CLOCK = N_("Look at the clock of this host. If it is right there is nothing to do: the next run goes on.")

RUN: dict[str, Text] = {
    "bad-days": Text(N_("The number of days is out of range."), N_("Allowed: {allowed}.")),
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
