"""Wording: requests, customers, consent, settings, and the guards of a resolution."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

LIST = N_("`kvkk requests list` shows the open requests.")
SHOW = N_("`kvkk requests show {number}` shows how it stands.")
PREVIEW = N_("Look at a new preview (--dry-run) and try again.")
FORCE = N_("If it is meant, add --force REASON.")

WORK: dict[str, Text] = {
    "request-not-found": Text(N_("There is no request {number}."), LIST),
    "requests-not-found": Text(
        N_("{count} of the numbers are no requests: {numbers}. Nothing was changed."),
        N_("Take them out, or look whether it is the right list."),
    ),
    "request-changed": Text(N_("Somebody else has changed request {number} in the meantime. Nothing was changed."), SHOW),
    "already-decided": Text(N_("Request {number} is final: {state} by {by} at {at}. Nothing was changed."), SHOW),
    "already-approved": Text(N_("Request {number} is approved already. Nothing was changed."), SHOW),
    "already-extended": Text(
        N_("The deadline of request {number} was extended already; the law allows it once. Nothing was changed."), SHOW
    ),
    "approve-only-erase": Text(N_("Only a permanent erase needs an approval. Nothing was changed."), SHOW),
    "extend-only-gdpr": Text(N_("KVKK knows no extension: the deadline stays. Nothing was changed."), SHOW),
    "extend-too-late": Text(N_("An extension must be told within the first month, which is over. Nothing was changed."), SHOW),
    "open-request-exists": Text(N_("The customer has an open request already: {number}. Nothing was changed."), SHOW),
    "received-in-future": Text(
        N_("The day of receipt {received} lies after today, {today}. Nothing was changed."), N_("Correct --received.")
    ),
    "received-too-old": Text(
        N_("The day of receipt {received} lies before the law came into force, {oldest}. Nothing was changed."), N_("Correct --received.")
    ),
    "bad-cursor": Text(
        N_("The cursor is not one that a page ended with."), N_("Take it from the line below the list, or leave --after out.")
    ),
    "bad-limit": Text(N_("The number of lines is out of range."), N_("Allowed: {allowed}.")),
    "text-needed": Text(N_("A text is needed: {field}. Nothing was changed."), N_("Add it, for example --reason TEXT.")),
    "text-too-long": Text(N_("The text is too long: {field}. Nothing was changed."), N_("At most {most} characters.")),
    "text-unreadable": Text(
        N_("The text holds characters that cannot be stored: {field}. Nothing was changed."), N_("Write it anew, in UTF-8.")
    ),
    "customer-not-found": Text(N_("There is no such customer."), N_("`kvkk customers find TEXT` searches by name, e-mail and phone.")),
    "customer-ambiguous": Text(N_("More than one customer fits. Nothing was changed."), N_("Name one by its key: {keys}.")),
    "customer-malformed": Text(N_("The customer cannot be looked up by that."), N_("Give the key, an e-mail address, phone:… or id:….")),
    "ambiguous-key": Text(
        N_("The key of a customer fits more than one row of {table}. Nothing was changed."), N_("Repair the key of that table first.")
    ),
    "consent-given": Text(
        N_("The customer has accepted the current text already. Nothing was changed."), N_("`kvkk consent show CUSTOMER` shows since when.")
    ),
    "consent-not-given": Text(
        N_("The customer has given no consent that could be withdrawn. Nothing was changed."),
        N_("`kvkk consent show CUSTOMER` shows how it stands."),
    ),
    "unknown-setting": Text(N_("There is no setting {key}."), N_("Did you mean {nearest}? `kvkk settings list` shows all of them.")),
    "bad-setting-value": Text(N_("The value of {key} is wrong. Nothing was changed."), N_("Allowed: {allowed}.")),
    "bad-setting-text": Text(
        N_("{key} must be one line of 1 to {most} characters. Nothing was changed."),
        N_("Shorten it or join its lines; `kvkk settings reset {key}` leaves it unset."),
    ),
    "certificate-missing": Text(
        N_("Request {number} has no certificate; its state: {state}."), N_("A certificate is made when a request is resolved.")
    ),
    # guards
    "hold-not-chosen": Text(
        N_("The customer has issued invoices, and nobody has chosen yet how long they are held ({because}). Nothing was changed."),
        N_("Choose once: `kvkk settings set invoice-retention-years 10` (TTK 82), 5 (VUK 253) or 0 (nothing is held)."),
    ),
    "hold-without-date": Text(
        N_("A row of {table} is held by law but has no date of issue in {column}. Nothing was changed."), N_("Give the row its date.")
    ),
    "shared-cannot-cut": Text(
        N_("A row that other customers share cannot be untied: {table}.{column} may not be empty. Nothing was changed."),
        N_("Let the column be NULL, or correct the data map."),
    ),
    "drags-along": Text(
        N_("Deleting rows of {parent} would take rows of {table} with them that must stay. Nothing was changed."),
        N_("Correct the data map: `kvkk map check`."),
    ),
    "open-account": Text(
        N_(
            "The account of the customer of request {number} is open: active services {active}, unpaid invoices {unpaid}. "
            "Nothing was changed."
        ),
        FORCE,
    ),
    "grace": Text(N_("Request {number} can still be cancelled by the customer until {until}. Nothing was changed."), FORCE),
    "kind-exceeds": Text(N_("Request {number} asks for less: {kind}. Nothing was changed."), FORCE),
    "kind-falls-short": Text(
        N_("Request {number} asks for more: {kind}. Nothing was changed."), N_("Do as asked, or tell the customer why with --reason TEXT.")
    ),
    "residue": Text(
        N_("Values of the customer of request {number} would remain in {cells} cells: {columns}. Nothing was changed."),
        N_("Map these columns, or accept it with --waive-residue REASON; --dry-run shows more."),
    ),
    "residue-unreadable": Text(
        N_("The table {table} cannot be searched for the customer's values. Nothing was changed."),
        N_("Make it readable for this login, or drop a full-text index that keeps words without their text."),
    ),
    "plan-moved": Text(N_("What request {number} would touch has changed since the preview. Nothing was changed."), PREVIEW),
    "snapshot-moved": Text(N_("The customer's rows were changed by somebody else meanwhile. Nothing was changed."), PREVIEW),
    "redaction-failed": Text(
        N_("After the change values of the customer were still found, so everything was undone. Nothing was changed."),
        N_("Please report it: this should not happen."),
    ),
    "customer-gone": Text(N_("The customer of request {number} no longer exists. Nothing was changed."), SHOW),
    "resolution-mix": Text(N_("This mix of choices means nothing. Nothing was changed."), N_("Masking and erasing exclude each other.")),
    "engine-without-rollback": Text(
        N_("These tables ignore ROLLBACK, so a failure could not be undone: {tables}. Nothing was changed."),
        N_("Change them to InnoDB first."),
    ),
    "rows-moved": Text(N_("Rows of {table} were changed by somebody else meanwhile. Nothing was changed."), PREVIEW),
}
