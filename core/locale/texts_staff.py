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
        N_("You have approved the erase of request {number} yourself; somebody else must carry it out. Nothing was changed."),
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
}
