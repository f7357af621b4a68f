"""Wording: the blacklist, the key file and its rotation."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

AGAIN = N_("Try again in a moment.")
LIST = N_("`kvkk blacklist list` shows the entries.")
COPY = N_("Copy the key file from the machine where `kvkk blacklist rotate-key` was run.")

KEYS: dict[str, Text] = {
    "details-empty": Text(N_("No details were given. Nothing was changed."), N_("Give at least one of: {allowed}.")),
    "details-not-listed": Text(N_("These details are not on the blacklist. Nothing was changed."), LIST),
    "nothing-listed": Text(
        N_("None of the details can be put on the blacklist: they identify nobody, or another customer has them too. Nothing was changed."),
        N_("A phone number, e-mail address or id must be whole."),
    ),
    "entry-malformed": Text(N_("An entry is named by the first {least} or more digits of its name. Nothing was changed."), LIST),
    "entry-not-found": Text(N_("There is no entry {entry} on the blacklist. Nothing was changed."), LIST),
    "entry-ambiguous": Text(
        N_("More than one entry begins with {entry}. Nothing was changed."),
        N_("Give more digits: `kvkk blacklist list --json` shows them."),
    ),
    "expiry-out-of-range": Text(N_("An entry must end between {today} and {until}. Nothing was changed."), N_("Correct --expires.")),
    "bad-kind": Text(N_("Details of this kind cannot be put on the blacklist. Nothing was changed."), N_("Allowed: {allowed}.")),
    "key-rotated": Text(
        N_("Somebody else has rotated the key in the meantime; {key_id} is not the current one any more. Nothing was changed."),
        N_("`kvkk doctor` shows the current key."),
    ),
    "no-key-yet": Text(N_("No key was ever used with this database, so there is none to rotate. Nothing was changed.")),
    "lost-needs-drop": Text(
        N_("A lost key can only be given up. Nothing was changed."), N_("Add --drop-old; it says before what that costs.")
    ),
    "key-not-lost": Text(
        N_("The current key {key_id} is in the key file, so it is not lost. Nothing was changed."), N_("Leave --lost out.")
    ),
    "key-moved": Text(N_("The key was rotated while this was being done. Nothing was changed."), AGAIN),
    "key-file-outdated": Text(
        N_("The key was rotated: the database now needs {key_id}, and the key file {path} ends with {found}. Nothing was changed."), COPY
    ),
    "key-file-old-missing": Text(
        N_("The key file {path} lacks the older key {key_id}, which is needed to recognise what was made with it. Nothing was changed."),
        COPY,
    ),
    "key-file-full": Text(
        N_("The key file {path} holds {most} keys already. Nothing was changed."),
        N_("`kvkk blacklist rotate-key --drop-old` gives the older ones up."),
    ),
    # doctor
    "audit-unchecked": Text(
        N_("{count} audit entries are signed with keys that are not in the key file: only their hashes were checked."),
        N_("After --drop-old that is as it should be; else bring the whole key file back."),
    ),
    "key-older-missing": Text(
        N_("The older key {key_id} is not in the key file; {entries} blacklist entries and {messages} waiting messages need it."), COPY
    ),
    "key-file-holds-dropped": Text(
        N_("The key file {path} still holds {count} keys that were given up."), N_("`kvkk run` takes them out.")
    ),
    "key-file-holds-strangers": Text(
        N_("The key file {path} holds {count} keys that this database does not know: a rotation broke off, or a backup was restored."),
        N_("They do no harm; after a restored backup, rotate the key again."),
    ),
    "blacklist-ends-soon": Text(N_("{count} blacklist entries end within {days} days.")),
    "blacklist-ended": Text(N_("{count} blacklist entries have ended and count no more."), N_("`kvkk run` removes them.")),
}
