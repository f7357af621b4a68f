"""Wording: accounts of customers: sign-in, reset, registration, blocks that are lifted."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

SIGNIN: dict[str, Text] = {
    "only-customers": Text(
        N_("This is for customers themselves, at the customer panel. Nothing was changed."),
        N_("`kvkk access --help` shows what staff can do."),
    ),
    "only-staff": Text(N_("This is for staff; a customer has no role. Nothing was changed."), N_("Ask the company.")),
}
