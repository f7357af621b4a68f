"""Wording: what is wrong with a data map, in itself and against the database."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

HELP = N_("`kvkk help map` explains the data map.")
ALLOWED = N_("Allowed: {allowed}.")

MAP: dict[str, Text] = {
    "no-map": Text(
        N_("No data map is named, so nobody knows where the personal data are. Nothing was changed."),
        N_("Name one with --map, or let the database remember it: `kvkk init --map FILE`."),
    ),
    "map-missing-file": Text(N_("The data map {path} does not exist."), N_("Maps that ship: {allowed}.")),
    "map-unreadable": Text(N_("The data map {path} cannot be read: it is too large, no UTF-8, or not yours to read."), HELP),
    "draft-exists": Text(
        N_("The file exists already: a draft is never written over one. Nothing was written."), N_("Choose another name with --out.")
    ),
    "draft-no-customers": Text(
        N_("None of the {tables} tables looks like the customers: an e-mail address, a phone or an identity number beside a name."),
        N_("Name it: `kvkk map draft --customers TABLE`."),
    ),
    "draft-alike": Text(
        N_("Several tables look alike to be the customers': {allowed}."), N_("Choose one: `kvkk map draft --customers TABLE`.")
    ),
    "draft-no-table": Text(N_("The database has no table {table}."), N_("There are: {allowed}.")),
    "draft-no-key": Text(
        N_("The table {table} has no primary key and no unique column, so no other table could point at its rows."),
        N_("Give the table a primary key, or name another one with --customers."),
    ),
    "bad-map": Text(N_("The data map {file} cannot be used; mistakes found: {count}. Nothing was changed."), HELP),
    "map-unproven": Text(
        N_("The data map {file} does not fit the database in {count} places. Nothing was changed."),
        N_("Correct the map, then `kvkk map check`."),
    ),
    "drift": Text(
        N_("The database holds {count} tables or columns that the data map {file} has never judged. Nothing was changed."),
        N_("Judge each of them in the map, then `kvkk map check`."),
    ),
    "map-closes-nothing": Text(
        N_("The data map {map} does not say how sign-in is denied, so blocking access would do nothing. Nothing was changed."),
        N_("Add [access] to the map, or mask or erase."),
    ),
    "map-not-toml": Text(N_("This is no valid TOML ({where}).")),
    "map-version": Text(N_("The version of the map is unknown."), ALLOWED),
    "map-missing": Text(N_("This is missing.")),
    "map-wrong-type": Text(N_("The value is of the wrong type."), ALLOWED),
    "map-not-allowed": Text(N_("The value is not allowed here."), ALLOWED),
    "map-unknown-key": Text(N_("This key is unknown; the nearest is {nearest}."), ALLOWED),
    "map-unknown-kind": Text(N_("This kind of personal data is unknown."), ALLOWED),
    "map-unknown-mask": Text(N_("This mask is unknown."), ALLOWED),
    "map-unknown-table": Text(N_("The table {name} is not mapped."), N_("Mapped: {allowed}.")),
    "map-unknown-column": Text(N_("The column {name} of {table} is neither mapped nor declared not personal."), N_("Known: {allowed}.")),
    "map-one-of": Text(N_("Exactly one of these is needed."), ALLOWED),
    "map-null-alone": Text(N_('"null" and "not null" stand alone, not in a list.')),
    "map-needs-reason": Text(N_("What stays needs a reason."), N_('Add because = "…".')),
    "map-twice": Text(N_("{name} is judged twice.")),
    "map-cycle": Text(N_("These links run in a circle: {tables}.")),
    "map-root-link": Text(N_("The customers' table has no link.")),
    "map-missing-link": Text(N_("It is not said how a row finds its customer."), N_("Examples: {allowed}.")),
    "map-bad-link": Text(N_("This link cannot be read."), N_("Examples: {allowed}.")),
    "map-bad-pack": Text(N_("A packed key needs {{key}} exactly once."), N_("Example: {allowed}.")),
    "map-hold-both": Text(N_("`with_parent` stands alone: it goes with neither `when` nor `with_invoices`.")),
    "map-hold-invoices": Text(N_("`with_invoices` needs an invoice table, another one, with a hold of its own.")),
    "map-hold-needs-date": Text(N_("A hold needs the date of issue: it belongs on the invoice table, and [invoices] must name `issued`.")),
    "map-hold-parent": Text(N_("`with_parent` needs a link to a parent table that has a hold of its own.")),
    "map-shared-needs-down": Text(N_('`shared` needs a link of the form "id <- table.column".')),
    "map-nobody-needs-everywhere": Text(N_('Rows with link = "none" are nobody\'s: their personal columns need everywhere = true.')),
    "map-register-type": Text(
        N_("{table}.{column} ({type}) cannot be filled that way when an account is opened."),
        N_("`ask`: texts, choices and dates; `token`: texts of 12 characters and more; `now`: dates and times."),
    ),
    "map-register-missing": Text(
        N_("{table}.{column} ({type}) may not be NULL, and nothing fills it when an account is opened."),
        N_("Name it under ask, set, token or now of [access.register]."),
    ),
    "map-table-missing": Text(N_("The table {table} does not exist in the database.")),
    "map-column-missing": Text(N_("The column {table}.{column} does not exist in the database.")),
    "map-fk-cycle": Text(N_("No order of deletion satisfies the foreign keys of: {tables}."), N_("Let one of these keys be NULL.")),
    "drift-column": Text(
        N_("The database has a column {table}.{column} that the map does not know."),
        N_("Give it a kind, or declare it not personal with a reason."),
    ),
    "drift-table": Text(
        N_("The database has a table {table} that the map does not know and that reaches customers through {through}."),
        N_("Map it, or declare it not personal with a reason."),
    ),
    "drift-reaches": Text(
        N_("The table {table} is declared not personal, but its rows hang on {through}, whose rows may be deleted."), N_("Map it.")
    ),
    "map-hold-needs-key": Text(
        N_("The table {table} has a hold but no primary key, so a held row could not be found again."),
        N_("Give the table a primary key."),
    ),
    "mask-breaks-check": Text(
        N_("{table}.{column}: what a mask or a block writes would break the rule {constraint} of the database."),
        N_("Choose another mask or value, or change the rule."),
    ),
    "mask-not-null": Text(N_("{table}.{column} ({type}) may not be NULL, so the mask {mask} cannot be stored.")),
    "mask-too-long": Text(N_("{table}.{column} ({type}) is too short for the mask {mask}.")),
    "mask-wrong-type": Text(N_("{table}.{column} ({type}) cannot hold the mask {mask}.")),
    "mask-not-unique": Text(
        N_("{table}.{column} ({type}) must be unique, and the mask {mask} gives the same value twice."), N_('Use mask = "token" or "null".')
    ),
    "mask-generated-column": Text(
        N_("{table}.{column} ({type}) is computed by the database, so the mask {mask} cannot be stored."),
        N_("Map the columns it is computed from."),
    ),
    "mask-on-link": Text(
        N_("{table}.{column} is a key or holds a link, so it cannot be masked."), N_("Declare it not personal, or let the rows be deleted.")
    ),
}
