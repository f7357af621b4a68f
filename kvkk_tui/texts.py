"""What to do next, in the console's own keys, where the wording of `core` names an option of the command line."""

from __future__ import annotations

from core import N_

FORCE = N_("If it is meant, the key z passes this guard with a reason.")
FIELDS = N_("The fields and what each says stand below.")
LOOK = N_("Look at the new preview and decide again.")

NEXT: dict[str, str] = {
    "kind-exceeds": FORCE,
    "open-account": FORCE,
    "grace": FORCE,
    "kind-falls-short": N_("The key g takes the reason; the customer is told."),
    "residue": N_("Have these columns mapped, or accept what remains with the key w and a reason."),
    "hold-not-chosen": N_("Set it once under Settings (key 0): invoice-retention-years; 0 holds nothing."),
    "plan-moved": LOOK,
    "snapshot-moved": LOOK,
    "already-decided": "",
    "request-changed": LOOK,
    "template-no-subject": FIELDS,
    "template-empty": FIELDS,
    "template-unknown-field": FIELDS,
    "template-field-missing": FIELDS,
    "customer-ambiguous": N_("Choose one of them by the key."),
}
"""Code -> message id."""
