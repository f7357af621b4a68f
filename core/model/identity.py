"""Who a value belongs to: one fold, fingerprintable values, and finding a person's values in any text.

The door of four rooms: `folding` (which letters are the same), `canonical` (what identifies, and its one text), `needle`
(finding and blanking a value), `matcher` (many values at once). Nothing here touches a database, a file or a clock.
"""

from core.model.canonical import (
    Identifier,
    canonical,
    fold_email,
    fold_iban,
    fold_id,
    fold_phone,
    fold_user_name,
)
from core.model.folding import fold, fold_case
from core.model.matcher import Matcher
from core.model.needle import Needle, Spelling, blank_all, forget, needles

__all__ = [
    "Identifier",
    "Matcher",
    "Needle",
    "Spelling",
    "blank_all",
    "canonical",
    "fold",
    "fold_case",
    "fold_email",
    "fold_iban",
    "fold_id",
    "fold_phone",
    "fold_user_name",
    "forget",
    "needles",
]
