"""Wording: consent, its texts, the access gate and its view."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

INIT = N_("`kvkk init` makes it anew.")

CONSENT: dict[str, Text] = {
    "gate-key-type": Text(
        N_("The access gate cannot compare keys of this type: {table}.{column} ({type}). Nothing was changed."),
        N_("Name a key of text, whole numbers, a date or a UUID under [customer] in the data map."),
    ),
    # doctor
    "view-ok": Text(N_("The view kvkk_access answers as the access gate does ({count} customers were compared).")),
    "view-missing": Text(N_("The view kvkk_access, which websites ask, is not there: whoever asks it is refused."), INIT),
    "view-old": Text(N_("The view kvkk_access was made for another data map, schema or version of kvkk."), INIT),
    "view-wrong": Text(N_("The view kvkk_access answers otherwise than the access gate for {count} customers."), INIT),
    "view-holds-columns": Text(
        N_("PostgreSQL refuses to change columns of {table} that the view kvkk_access reads."),
        N_("To change one: DROP VIEW kvkk_access, ALTER TABLE, then `kvkk init` and the GRANT to the website's login."),
    ),
    "view-needs-map": Text(
        N_("No data map is remembered, so the view kvkk_access could not be made."), N_("Run `kvkk init --map FILE` once.")
    ),
}
