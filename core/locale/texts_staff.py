"""Wording: members of staff, roles, the second person."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

STAFF: dict[str, Text] = {
    "not-staff": Text(
        N_("The account {account} has no role in this database. Nothing was changed."),
        N_("Ask an admin for `kvkk staff add {account} ROLE`."),
    ),
    "role-too-low": Text(
        N_("This needs the role {needed}, and {account} has the role {role}. Nothing was changed."),
        N_("Ask a colleague who has it; an admin can change roles: `kvkk staff add {account} ROLE`."),
    ),
    "move-needs-operator": Text(N_("This needs the role operator or admin.")),
    "recover-needs-root": Text(
        N_("Only root of this machine can do that, and {account} is not. Nothing was changed."),
        N_("Ask an admin (`kvkk staff list` names them), or run it as root: `sudo kvkk staff recover ACCOUNT`."),
    ),
    "account-malformed": Text(
        N_("That is not the name of an account. Nothing was changed."),
        N_("Give the name that `id -un` prints, without the host: letters, digits and . _ - @ $ \\, at most 64."),
    ),
    "staff-has-role": Text(N_("{account} has the role {role} already. Nothing was changed."), N_("`kvkk staff list` shows everybody.")),
    "staff-not-found": Text(N_("The account {account} has no role here. Nothing was changed."), N_("`kvkk staff list` shows everybody.")),
    "approval-kind": Text(
        N_("With a second person only an erase that was asked for goes through; request {number} asks for less. Nothing was changed."),
        N_("Do as asked. If the customer wants an erase, cancel the request and file one: `kvkk requests add CUSTOMER --erase`."),
    ),
    "approval-missing": Text(
        N_("A permanent erase needs a second person, and nobody has approved that of request {number}. Nothing was changed."),
        N_("Let a colleague look at it and approve it: `kvkk requests approve {number}`."),
    ),
    "approval-moved": Text(
        N_("What the erase of request {number} would touch has changed since it was approved. Nothing was changed."),
        N_("Let a colleague look at it and approve it anew: `kvkk requests approve {number}`."),
    ),
    "approval-own": Text(
        N_("The erase of request {number} must be carried out by somebody else than the one who approved it. Nothing was changed."),
        N_("Ask a colleague with the role operator or admin: `kvkk resolve {number} --erase`."),
    ),
    "approval-given": Text(
        N_("The erase of request {number} was approved by {by}, and what it would touch is still the same. Nothing was changed."),
        N_("It can be carried out by anybody else: `kvkk resolve {number} --erase`."),
    ),
    "proposal-own": Text(
        N_("You have proposed {key} = {value} yourself; another admin must give the same command by {until}. Nothing was changed."),
        N_("`kvkk staff list` names the admins."),
    ),
    "second-admin-missing": Text(
        N_("Setting {key} to {value} takes two admins; registered: {admins}. Nothing was changed."),
        N_("Register them first: `kvkk staff add ACCOUNT admin`. Then one gives this command, and another gives it again."),
    ),
    "last-admin": Text(
        N_("{account} is the only admin, and without one nobody could change settings or staff. Nothing was changed."),
        N_("Make somebody else admin first: `kvkk staff add ACCOUNT admin`."),
    ),
    # what `doctor` finds
    "staff-registered": Text(N_("Members of staff: {admins} admins, {operators} operators, {viewers} viewers.")),
    "staff-one-admin": Text(
        N_("There is only one admin: when nobody can ask them, only root of the machine can help."),
        N_("`kvkk staff add ACCOUNT admin` makes a second one."),
    ),
    "staff-unknown-here": Text(
        N_("{count} members of staff are no accounts of this machine: {accounts}."),
        N_("Remove those who have left: `kvkk staff remove ACCOUNT`."),
    ),
    "second-person-short": Text(
        N_("second-person is on, with {people} members of staff who may approve and {admins} admins: two of each are needed."),
        N_("`kvkk staff add ACCOUNT ROLE` registers more."),
    ),
    "proposal-waits": Text(
        N_("{by} has proposed {key} = {value}; it counts when another admin gives the same command by {until}."),
    ),
    "setup-alone": Text(N_("The database file is for one person: only {owner} can open it.")),
    "setup-group": Text(N_("The database file is for a group: everybody in {group} can open it.")),
    "setup-sudo": Text(N_("The database file belongs to {owner} alone, and you work through sudo: your role is that of {account}.")),
    "setup-login": Text(N_("The database server knows you by a login of your own, {login}.")),
    "setup-shared-login": Text(
        N_("The login of the database is {login} and you are {account}: whoever knows its password has all its rights."),
        N_("Where roles are to be walls, give each person a login of that name; docs/install.md has the GRANTs."),
    ),
    "roles-are-advice": Text(
        N_("Roles keep the people of {group} from mistakes, and nobody else: they can write the file with any program."),
        N_("docs/install.md describes two set-ups in which roles are walls: sudo, and a database server."),
    ),
    "staff-cannot-come-in": Text(
        N_("{count} members of staff are registered, and only {owner} can open the file."),
        N_("The others need a group or sudo: docs/install.md, several people."),
    ),
    "folder-open-to-others": Text(
        N_("Everybody can write in the folder of the database, {folder} (mode {mode}), and put another file in its place."),
        N_("Take that right away: `chmod o-w` on the folder, or move the database."),
    ),
    "folder-not-for-group": Text(
        N_("The group {group} cannot work in the folder of the database, {folder} (mode {mode}): SQLite writes files beside it."),
        N_("Give the folder to the group, with mode 2770."),
    ),
    "folder-without-setgid": Text(
        N_("New files in {folder} (mode {mode}) do not get the group {group}: others of it may be shut out."),
        N_("Set the folder's mode to 2770."),
    ),
    "file-not-for-group": Text(
        N_("The group {group} cannot read and write {file} (mode {mode})."), N_("Give the file to the group, with mode 0660.")
    ),
    "key-file-not-for-group": Text(
        N_("The group {group} cannot read the key file {path} (mode {mode}): only its owner can change anything."),
        N_("Give the key file to the group, with mode 0640."),
    ),
    "key-file-open-to-group": Text(
        N_("The group {group} can read the key file {path}, though the database is for one account."),
        N_("Set the key file's mode to 0600."),
    ),
    "login-can-rewrite": Text(
        N_("The login {login} can make undone what was recorded: {rights}."),
        N_("Daily work needs less: docs/install.md has the GRANTs for each role."),
    ),
    "login-above-role": Text(
        N_("The login {login} may more than your role here, {role}: the role is advice for whoever uses another program."),
        N_("docs/install.md has the GRANTs for each role."),
    ),
    "login-lacks-rights": Text(
        N_("The login {login} lacks {count} rights for the role {role}: {rights}."),
        N_("Ask the owner of the tables for the GRANTs in docs/install.md; an upgrade may have added tables."),
    ),
}
