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
    "last-admin": Text(
        N_("{account} is the only admin, and without one nobody could change settings or staff. Nothing was changed."),
        N_("Make somebody else admin first: `kvkk staff add ACCOUNT admin`."),
    ),
}
