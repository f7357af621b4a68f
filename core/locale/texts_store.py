"""Wording: the database, the files, the key file, the configuration, the audit chain."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

AGAIN = N_("Try again in a moment.")
DOCTOR = N_("`kvkk doctor` says what it finds.")
CONFIG = N_("`kvkk config show` says what counts now and where it comes from.")

STORE: dict[str, Text] = {
    # which database, and how it is configured
    "no-database": Text(
        N_("No database is named. Nothing was created."),
        N_("Name one with --db, with KVKK_DB or in the config file; `kvkk demo` shows the product on made-up data."),
    ),
    "bad-url": Text(
        N_("The database's URL cannot be read."), N_("It looks like postgresql://user@host/database, or is the name of a file.")
    ),
    "unknown-engine": Text(N_("kvkk does not speak to databases of the kind {engine}."), N_("It speaks to: {allowed}.")),
    "sqlite-needs-file": Text(N_("An SQLite database needs a file."), N_("Name a file, such as --db customers.db.")),
    "password-in-argument": Text(
        N_("A password may not stand in an argument, where every user of this machine can read it."),
        N_("Put it into a file and name that as password_file in the config file."),
    ),
    "password-in-query": Text(
        N_("The password stands in the query of the database's URL."),
        N_("Put it into a file and name that as password_file in the config file."),
    ),
    "password-in-config": Text(
        N_("{path} holds a password and can be read by everybody."), N_("Set its mode to 0600, or use password_file.")
    ),
    "password-file-missing": Text(N_("The password file {path} does not exist."), CONFIG),
    "password-file-unreadable": Text(N_("The password file {path} cannot be read."), N_("Check its owner and its mode.")),
    "password-file-open-to-others": Text(N_("The password file {path} can be read by everybody."), N_("Set its mode to 0600.")),
    "config-missing": Text(
        N_("The config file {path}, named by KVKK_CONFIG, does not exist."), N_("`kvkk config path` lists the files that are looked at.")
    ),
    "config-unreadable": Text(N_("The config file {path} cannot be read."), N_("Check its owner and its mode.")),
    "config-broken": Text(N_("The config file {path} is no valid TOML; the mistake is in line {line}."), N_("Correct that line.")),
    "config-unknown-key": Text(N_("The config file {path} has an unknown key {key}."), N_("Did you mean {nearest}?")),
    "config-bad-value": Text(N_("In the config file {path} the value of {key} is wrong."), N_("Allowed: {allowed}.")),
    "bad-language": Text(N_("This language is not spoken here."), N_("Choose one of: {allowed}.")),
    # the database
    "database-locked": Text(N_("Another program holds the database locked. Nothing was changed."), AGAIN),
    "database-contention": Text(N_("Another program changed the same rows at the same time. Nothing was changed."), AGAIN),
    "database-full": Text(N_("The database or its disk is full. Nothing was changed."), N_("Make room; erasing needs free space too.")),
    "database-no-room": Text(N_("The database server has no memory or connections left. Nothing was changed."), AGAIN),
    "database-read-only": Text(
        N_("The database can only be read. Nothing was changed."),
        N_("Check the file's owner and mode, or whether the server is a replica."),
    ),
    "database-damaged": Text(
        N_("The database is damaged. Nothing was changed."),
        N_("Restore it from a backup, then `kvkk doctor`; do not erase anything before."),
    ),
    "not-a-database": Text(N_("The file is no database that kvkk can read. Nothing was changed."), CONFIG),
    "database-missing": Text(
        N_("The database does not exist. Nothing was created."),
        N_("Check its name with `kvkk config show`, or make a new one with `kvkk init`."),
    ),
    "database-cannot-be-made": Text(
        N_("The database file cannot be made ({kind}). Nothing was created."), N_("Check the folder: it must exist and be writable.")
    ),
    "database-io": Text(
        N_("The disk or the file system failed while the database was used. Nothing was changed."),
        N_("Check the disk, then `kvkk doctor`."),
    ),
    "database-no-permission": Text(
        N_("The database does not let this account do that. Nothing was changed."),
        N_("Give the account the rights that the install guide lists."),
    ),
    "database-login": Text(N_("The database server refused the login. Nothing was changed."), CONFIG),
    "database-gone": Text(
        N_("The database server cannot be reached. Nothing was changed."),
        N_("Check that it runs and that the address is right: `kvkk config show`."),
    ),
    "database-error": Text(N_("The database refused the work ({kind}). Nothing was changed."), DOCTOR),
    "table-missing": Text(
        N_("A table that is needed does not exist in the database. Nothing was changed."),
        N_("`kvkk map check` and `kvkk doctor` say which one."),
    ),
    "column-missing": Text(
        N_("A column that is needed does not exist in the database. Nothing was changed."),
        N_("`kvkk map check` and `kvkk doctor` say which one."),
    ),
    "constraint": Text(
        N_("A rule of the database forbids the change. Nothing was changed."),
        N_("`kvkk map check` looks for links that the data map misses."),
    ),
    "outcome-unknown": Text(
        N_("The connection was lost while the change was being committed: it is not known whether it took place."),
        N_("`kvkk requests show REQ` tells."),
    ),
    "transaction-lost": Text(N_("The database gave the transaction up by itself. Nothing was changed."), DOCTOR),
    "not-initialised": Text(N_("This database is not prepared for kvkk yet. Nothing was changed."), N_("Run `kvkk init` once.")),
    "schema-old": Text(N_("kvkk's own tables in this database are of an older version. Nothing was changed."), N_("Run `kvkk upgrade`.")),
    "schema-newer": Text(
        N_("kvkk's own tables in this database were made by a newer version. Nothing was changed."), N_("Update kvkk on this machine.")
    ),
    "not-a-sample": Text(
        N_("This database is not a sample that kvkk made, so its dates were not moved. Nothing was changed."),
        N_("`kvkk demo` works on a copy of its own."),
    ),
    # key file
    "key-file-missing": Text(
        N_("The key file {path} is missing, and this database holds fingerprints of the key {key_id}. Nothing was changed."),
        N_("Bring that key file back; a new one would not recognise anybody."),
    ),
    "key-file-other": Text(
        N_("The key file {path} holds another key ({found}) than the one this database was used with ({key_id}). Nothing was changed."),
        N_("Bring the right key file back."),
    ),
    "key-file-damaged": Text(N_("The key file {path} is damaged. Nothing was changed."), N_("Bring it back from a backup.")),
    "key-file-open-to-others": Text(
        N_("The key file {path} can be read by everybody (mode {mode}). Nothing was changed."),
        N_("Set its mode to 0600, or 0640 with a group of its own."),
    ),
    "key-file-unreadable": Text(
        N_("The key file {path} cannot be read ({kind}). Nothing was changed."), N_("Check its owner and its mode.")
    ),
    "key-file-no-room": Text(
        N_("The disk is full, so that the key file {path} cannot be made. Nothing was changed."),
        N_("Make room, or name another file with KVKK_KEY_FILE."),
    ),
    "key-file-unwritable": Text(
        N_("The key file {path} cannot be made ({kind}). Nothing was changed."),
        N_("Check its folder, or name another file with KVKK_KEY_FILE."),
    ),
    "sealed-by-another-key": Text(
        N_("Something in this database is sealed under another key than {key_id}. Nothing was changed."),
        N_("Bring the right key file back."),
    ),
    # files that are written
    "unknown-format": Text(N_("The format is not known."), N_("Allowed: {allowed}.")),
    "output-exists": Text(N_("The file exists already and was not overwritten."), N_("Choose another name, or add --overwrite.")),
    "output-not-a-file": Text(
        N_("The target is no ordinary file. Nothing was written."), N_("Choose a file, a folder, or - for standard output.")
    ),
    "output-not-a-folder": Text(
        N_("The target is no folder. Nothing was written."), N_("A run of exports writes into a folder: -o FOLDER.")
    ),
    "output-folder-missing": Text(N_("The folder of the target does not exist. Nothing was written."), N_("Make it, or choose another.")),
    "output-folder-read-only": Text(
        N_("The folder of the target cannot be written to. Nothing was written."), N_("Choose another folder with -o.")
    ),
    "output-name": Text(N_("The name of the target cannot be used. Nothing was written."), N_("Choose another name with -o.")),
    "output-failed": Text(
        N_("The file could not be written ({kind}). No file is left behind."), N_("Check the disk, or choose another folder with -o.")
    ),
    "disk-full": Text(N_("The disk is full. Nothing half-written is left behind."), N_("Make room, or choose another folder with -o.")),
    # audit
    "audit-broken": Text(
        N_("The audit chain does not verify: entry {seq} is the first that does not fit ({why})."),
        N_("Keep the database as it is and compare it with a backup and with the checkpoints that were kept elsewhere."),
    ),
    "audit-head-missing": Text(
        N_("The head of the audit chain is missing, so nothing can be recorded. Nothing was changed."),
        N_("Somebody has edited kvkk's tables: compare with a backup."),
    ),
    "audit-key-missing": Text(
        N_("This database's key {key_id} has been used and its key file is not at hand, so nothing can be recorded. Nothing was changed."),
        N_("Bring the key file back, or name its place with KVKK_KEY_FILE."),
    ),
    "audit-key-other": Text(
        N_("The key file at hand ({found}) is not the one of this database ({key_id}), so nothing can be recorded. Nothing was changed."),
        N_("Name the right key file with KVKK_KEY_FILE; after a rotation on another machine, copy it from there."),
    ),
    "audit-contention": Text(N_("Too many changes were recorded at the same time. Nothing was changed."), AGAIN),
    "bad-checkpoint": Text(N_("That is no checkpoint."), N_("It looks like kvkk:ORIGIN:NUMBER:HASH, as `kvkk audit anchor` printed it.")),
    "other-checkpoint": Text(
        N_("That checkpoint belongs to another database."), N_("Use one that `kvkk audit anchor` printed for this database.")
    ),
}
