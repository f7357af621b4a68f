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
