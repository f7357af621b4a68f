"""Wording: accounts of customers: sign-in, new passwords, registration, and blocks that are lifted.

What a customer reads says nothing of whether there is an account.
"""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

AGAIN = N_("Ask for a new link.")
WHICH = N_("Allowed: {allowed}.")
ADMIN = N_("Name them in [access] of the data map; `kvkk help map` explains how.")

SIGNIN: dict[str, Text] = {
    "only-customers": Text(
        N_("This is for customers themselves, at the customer panel. Nothing was changed."),
        N_("`kvkk access --help` shows what staff can do."),
    ),
    "only-staff": Text(N_("This is for staff; a customer has no role. Nothing was changed."), N_("Ask the company.")),
    # sign-in
    "sign-in-refused": Text(
        N_("Name or password are not right, or this account cannot be used. Nothing was changed."),
        N_("Check both, or ask for a new password."),
    ),
    "too-many-attempts": Text(N_("That was tried too often. Nothing was changed."), N_("Wait {seconds} seconds, then try again.")),
    "session-over": Text(N_("You are not signed in any more. Nothing was changed."), N_("Sign in again.")),
    "link-used-up": Text(N_("This link is no longer good: it was used, or its time is over. Nothing was changed."), AGAIN),
    "password-short": Text(N_("The password is too short. Nothing was changed."), N_("At least {least} characters.")),
    "password-long": Text(N_("The password is too long. Nothing was changed."), N_("At most {most} bytes; a letter such as ş counts two.")),
    "password-unreadable": Text(N_("The password holds characters that cannot be stored. Nothing was changed."), N_("Choose another one.")),
    "password-column-short": Text(
        N_("The column {table}.{column} has no room for the hash of a password. Nothing was changed."),
        N_("Give it {least} characters or more; 100 hold argon2id."),
    ),
    "map-no-sign-in": Text(N_("The data map {map} does not say by which columns customers sign in. Nothing was changed."), ADMIN),
    "panel-url-unset": Text(
        N_("Nobody has said where the customer panel is, so no link can be made. Nothing was changed."),
        N_("Say where it is: `kvkk settings set panel-url https://…`."),
    ),
    "consent-required": Text(N_("Your consent is needed first. Nothing was changed."), N_("Read the consent text and accept it.")),
    # registration
    "map-registers-nobody": Text(N_("The data map {map} does not say how an account is opened. Nothing was changed."), ADMIN),
    "map-registers-nobody-who-may-sign-in": Text(
        N_("By the data map {map} nobody could sign in to an account that was opened. Nothing was changed."),
        N_("Let `set` of [access.register] fulfil `when` of sign_in."),
    ),
    "registration-refused": Text(N_("An account with these details cannot be opened. Nothing was changed."), N_("Ask the company.")),
    "email-invalid": Text(N_("This is no e-mail address. Nothing was changed."), N_("Write it as name@company.com.")),
    "field-unknown": Text(N_("Nobody asks for {field}. Nothing was changed."), WHICH),
    "field-needed": Text(N_("This must be filled in: {field}. Nothing was changed."), N_("Fill it in.")),
    "field-long": Text(N_("This is too long: {field}. Nothing was changed."), N_("At most {most} characters.")),
    "field-unreadable": Text(
        N_("This holds characters that cannot be stored: {field}. Nothing was changed."), N_("Write it anew, on one line.")
    ),
    "field-choice": Text(N_("This is none of the choices: {field}. Nothing was changed."), WHICH),
    "field-date": Text(N_("This is no day: {field}. Nothing was changed."), N_("Write it as 1984-03-19.")),
    # staff
    "access-blocked": Text(
        N_("The access of this customer is blocked. Nothing was changed."),
        N_("An admin can undo a mistake: `kvkk access restore CUSTOMER --reason TEXT`."),
    ),
    "account-closed": Text(
        N_("This account may not sign in, as the company's own columns say. Nothing was changed."),
        N_("Open the account in the company's own system first."),
    ),
    "customer-no-address": Text(
        N_("No e-mail address of this customer is stored. Nothing was changed."), N_("Store one in the company's own system first.")
    ),
    "not-blocked": Text(
        N_("The access of this customer is not blocked. Nothing was changed."), N_("`kvkk access check CUSTOMER` shows how it stands.")
    ),
    "restore-destroyed": Text(
        N_("Request {number} masked or erased the data, and that cannot be undone. Nothing was changed."),
        N_("The customer can open a new account, unless the details are on the blacklist."),
    ),
}
