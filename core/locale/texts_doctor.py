"""Wording: what `kvkk doctor` finds. Codes that are errors too have their wording with the errors."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

DOCTOR: dict[str, Text] = {
    "schema-current": Text(N_("kvkk's own tables are of this version.")),
    "schema-none": Text(N_("This database is not prepared for kvkk yet."), N_("Run `kvkk init` once.")),
    "integrity-ok": Text(N_("The database file is whole.")),
    "journal-mode": Text(N_("SQLite keeps its journal in mode {mode}; readers and writers wait least with wal.")),
    "secure-delete": Text(N_("SQLite's secure_delete is {mode}: with on, deleted bytes are overwritten.")),
    "scrub-is-now": Text(
        N_(
            "Old bytes are cleaned out of the database's files at once after a mask or an erase; certificates say under level B "
            "what was found."
        )
    ),
    "scrub-is-run": Text(
        N_("Old bytes are cleaned out of the database's files by the next `kvkk run`; certificates say under level B what was found.")
    ),
    "scrub-is-off": Text(
        N_("Old bytes are not cleaned out of the files of {engine}: certificates say so under level B."),
        N_(
            "After `kvkk settings set scrub run` the next `kvkk run` cleans what masks and erases leave from then on; what they touch "
            "is locked meanwhile."
        ),
    ),
    "scrub-room": Text(N_("The cleaning of a database of {size} MB needs {needs} MB of free disk; {free} MB are free.")),
    "scrub-room-short": Text(
        N_("The cleaning of a database of {size} MB needs {needs} MB of free disk, and only {free} MB are free: it will not be done."),
        N_("Make room on the disk of the database."),
    ),
    "scrub-waits": Text(
        N_("{count} resolved requests wait for their old bytes to be cleaned out of the files."), N_("`kvkk run` does it.")
    ),
    "scrub-waits-off": Text(
        N_(
            "{count} resolved requests wait for their old bytes to be cleaned out of the files, and the setting scrub is off: "
            "nobody does it."
        ),
        N_("`kvkk settings set scrub run`, then `kvkk run`."),
    ),
    "scrub-not-owner": Text(
        N_("Your login {found} does not own all tables, so that it cannot clean their files: certificates will say so under level B."),
        N_("Let the owner of the tables do it: `kvkk settings set scrub run`, and `kvkk run` with that login."),
    ),
    "scrub-not-searched": Text(
        N_(
            "Your login {found} can have the files cleaned, but not read all that the server keeps: certificates will not say "
            "that they are clean."
        )
    ),
    "scrub-no-room": Text(
        N_("There is not enough free disk space to clean the database's files: {count} resolved requests wait for it."),
        N_("Make room on the disk of the database; `kvkk doctor` says how much it needs. The next `kvkk run` goes on."),
    ),
    "scrub-failed": Text(
        N_("Cleaning the database's files failed: {count} resolved requests wait for it."),
        N_("`kvkk doctor` says what it finds. The next `kvkk run` tries again."),
    ),
    "scrub-archive": Text(N_("PostgreSQL archives its log (archive_mode {found}): old values stay there until the archive is cut.")),
    "scrub-slots": Text(
        N_("Replication slots may keep old rows from being cleaned: {found}."), N_("See that their consumers keep up, or drop them.")
    ),
    "scrub-prepared": Text(
        N_("{found} prepared transactions keep old rows from being cleaned."), N_("Commit or roll them back (pg_prepared_xacts).")
    ),
    "scrub-shared-tablespace": Text(
        N_("MariaDB keeps tables in one shared file ({found} is off): what is rebuilt leaves its old pages there."),
        N_("Switch innodb_file_per_table on and rebuild the tables."),
    ),
    "scrub-binlog": Text(N_("MariaDB writes a binary log ({found}): old values stay there until it is purged.")),
    "file-open-to-others": Text(
        N_("The file {file} can be read by everybody (mode {mode})."), N_("Set its mode to 0600, or 0660 with a group of its own.")
    ),
    "tables-ignore-rollback": Text(
        N_("{count} tables are of an engine that ignores ROLLBACK: {tables}."), N_("Change them to InnoDB before anything is resolved.")
    ),
    "key-file-ok": Text(N_("The key file {path} fits (key {key_id}).")),
    "key-file-unused": Text(N_("The key file {path} is there; nothing is keyed with it yet.")),
    "key-file-not-needed-yet": Text(
        N_("No key file is needed yet; it will be made at {path}."), N_("Keep it in the backup, apart from the database.")
    ),
    "audit-ok": Text(N_("The audit chain is unbroken: {entries} entries.")),
    "triggers": Text(
        N_("Triggers run on mapped tables and may copy a customer's data elsewhere: {triggers}."),
        N_("See what they write, and map those tables too."),
    ),
    "audit-unsigned": Text(
        N_("There is a key file, but no audit entry is signed. If the key was ever used, the chain was written anew."),
        N_("Compare with a checkpoint kept elsewhere: `kvkk audit verify --checkpoint`."),
    ),
    "map-ok": Text(N_("The data map {map} fits the database: {tables} tables.")),
    "mail-ok": Text(N_("The mail server {host} lets us in.")),
    "staff-open": Text(N_("No staff are registered: whoever can open this database may do everything.")),
    "command-ok": Text(N_("The command kvkk on the PATH is this one: {path}.")),
    "command-is-another": Text(
        N_("The command kvkk on the PATH is another program: {path}."), N_("Call this one by its full path or as kvkk-desk.")
    ),
    "command-not-on-path": Text(N_("The command kvkk is not on the PATH."), N_("`./kvkk install` links it into ~/.local/bin.")),
}
