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
    "customers-off": Text(
        N_("Personal data management is switched off: customers can do nothing themselves. Nothing was changed."),
        N_("Staff file it on the customer's behalf, or an admin sets `enabled` on."),
    ),
    "consent-later-word": Text(
        N_("The customer said another word later, on {until}, than this one of {received}. Nothing was changed."),
        N_("`kvkk consent show CUSTOMER` shows the history; leave --received out if it is a new word of today."),
    ),
    "notice-read": Text(
        N_("It is on record already that the customer has read version {version} of the notice. Nothing was changed."),
        N_("`kvkk consent show CUSTOMER` shows when."),
    ),
    "text-changed": Text(
        N_("The text has changed since it was shown; version {version} is in force now. Nothing was changed."), N_("Read it again.")
    ),
    "no-such-text-version": Text(N_("There is no version {version} of this text."), N_("`kvkk consent texts` lists all versions.")),
    "document-empty": Text(N_("The text is empty: {field}. Nothing was changed."), N_("Give a file with the text: --from-file FILE.")),
    "document-too-long": Text(N_("The text is too long: {field}. Nothing was changed."), N_("At most {most} characters.")),
    "document-hidden": Text(
        N_("Line {line} of the text holds a sign that nobody would see: {sign}. Nothing was changed."),
        N_("Remove it, or save the file as plain text in UTF-8."),
    ),
    "no-such-language": Text(N_("This language is not spoken here. Nothing was changed."), N_("Allowed: {allowed}.")),
    "language-not-for-setting": Text(
        N_("The setting {key} has no language. Nothing was changed."), N_("Leave --language out; `kvkk settings list` shows all settings.")
    ),
    # doctor
    "texts-nameless": Text(
        N_("Consent is required, and what customers are shown does not name the company."),
        N_("Set company-name, then `kvkk settings reset consent-text` and `kvkk settings reset notice-text`."),
    ),
    "texts-stale": Text(
        N_("The built-in {field} names the company otherwise than the settings do now, or has been improved since."),
        N_("`kvkk settings reset {key}` makes a new version of it."),
    ),
    "settings-by-hand": Text(
        N_("Settings hold values that kvkk did not write, and the access gate may read them otherwise: {keys}."),
        N_("Set them anew: `kvkk settings set KEY VALUE`."),
    ),
    "view-ok": Text(N_("The view kvkk_access answers as the access gate does ({count} customers were compared).")),
    "view-missing": Text(N_("The view kvkk_access, which websites ask, is not there: whoever asks it is refused."), INIT),
    "view-unreadable": Text(
        N_("The view kvkk_access is there and cannot be read: whoever asks it is refused."),
        N_(
            "Whoever made it has lost rights on what it reads, or that has changed. `kvkk init` makes it anew; if that does not help, "
            "DROP VIEW kvkk_access first, and on PostgreSQL give the GRANT of docs/gate.md again."
        ),
    ),
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
