"""Wording: tombstones outside the database, and what a restored database is told."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

REPLAY: dict[str, Text] = {
    "tombstones-unwritable": Text(
        N_("The tombstone file {path} cannot be written ({kind})."),
        N_("Check its folder, owner and mode, or name another place with KVKK_TOMBSTONES; then `kvkk run` fills it."),
    ),
    "tombstones-locked": Text(
        N_("The tombstone file {path} is held by another process for too long."),
        N_("Look for a process that hangs; then `kvkk run` fills it."),
    ),
    "tombstones-unreadable": Text(
        N_("The tombstone file {path} cannot be read ({kind})."), N_("Check its owner and its mode, or name the right file.")
    ),
    # doctor
    "tombstones-ok": Text(N_("The tombstone file {path} and the database agree: {count} tombstones.")),
    "tombstones-not-needed-yet": Text(
        N_("No tombstone file is needed yet; it will be made at {path}."), N_("Keep it apart from the backups of the database.")
    ),
    "tombstones-behind": Text(
        N_("The tombstone file {path} lacks {count} tombstones that the database has."), N_("`kvkk run` or the next resolution adds them.")
    ),
    "tombstones-lost": Text(
        N_(
            "The tombstone file {path} knows {count} tombstones that the database does not: the database was restored from a backup, "
            "and customers may have come back."
        ),
        N_("`kvkk replay --since {day} --dry-run` shows them."),
    ),
    "tombstones-edited": Text(
        N_("The tombstone file {path} was changed by hand: line {line} is the first that does not fit ({why})."),
        N_("Compare it with a copy, or with the file of another host; `kvkk replay` takes several with --file."),
    ),
    "tombstones-keyless": Text(
        N_("{count} lines of the tombstone file {path} were made with a key that is not at hand ({keys})."),
        N_("Bring the old key back: without it nobody can tell from them who came back."),
    ),
    "tombstones-not-writable": Text(
        N_("The tombstone file {path} cannot be written by this account."),
        N_("Give it to the group that may read the key file (mode 0660), or name another place with KVKK_TOMBSTONES."),
    ),
    "tombstones-open-to-others": Text(
        N_("The tombstone file {path} is open to every user of this machine (mode {mode})."),
        N_("Set its mode to 0600, or 0660 with a group."),
    ),
    "tombstones-beside-database": Text(
        N_("The tombstone file stands in the folder of the database ({path}): whoever restores the folder takes it back too."),
        N_("Name a place outside the backup: `tombstones` in the config file, or KVKK_TOMBSTONES."),
    ),
    # replay
    "replay-needs-key": Text(
        N_("There is no key file at {path}: without it nobody can be known again. Nothing was changed."),
        N_("Bring the key file back, or name its place with KVKK_KEY_FILE."),
    ),
    "tombstones-missing-file": Text(N_("There is no tombstone file {path}. Nothing was changed."), N_("Correct --file.")),
    "replay-moved": Text(
        N_("What there is to do again has changed since it was shown. Nothing was changed."), N_("Call `kvkk replay` again and look.")
    ),
    "audit-restored": Text(
        N_(
            "The audit chain is whole up to its end, entry {seq} of {day}, but the tombstone file knows entry {known}: the database was "
            "restored from a backup, or its end was cut off."
        ),
        N_("After a restore: `kvkk replay --since {day}`. Otherwise keep the database as it is and compare it with a backup."),
    ),
}
