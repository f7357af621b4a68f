"""Names that people read for the short codes of records: states, kinds, channels, verdicts.

Every label is a message id of the catalogue. `label` never fails: a code without a label is shown as it is, so that a record
made by a newer version can still be listed.
"""

from __future__ import annotations

from core.locale import N_, translator

ROLES = {
    "viewer": N_("viewer"),
    "operator": N_("operator"),
    "admin": N_("admin"),
}
LABELS: dict[str, dict[str, str]] = {
    "role": ROLES,
    "needed": ROLES,
    "kind": {
        "anonymise": N_("Anonymise the data"),
        "erase": N_("Erase the data"),
    },
    "kind-short": {
        "anonymise": N_("Anonymise"),
        "erase": N_("Erase for good"),
    },
    "state": {
        "pending": N_("Pending"),
        "approved": N_("Approved"),
        "resolved": N_("Resolved"),
        "rejected": N_("Rejected"),
        "cancelled": N_("Cancelled"),
    },
    "regime": {
        "kvkk": N_("KVKK (Law 6698)"),
        "gdpr": N_("GDPR"),
    },
    "channel": {
        "panel": N_("customer panel"),
        "registered-email": N_("registered e-mail"),
        "letter": N_("letter"),
        "in-person": N_("in person"),
        "kep": N_("registered electronic mail (KEP)"),
        "e-signature": N_("secure e-signature"),
        "phone": N_("phone"),
        "other": N_("other"),
    },
    "gate": {
        "allowed": N_("Allowed: the account may be used."),
        "blocked": N_("Refused: the account is blocked."),
        "consent-required": N_("Refused: consent is required and was not given."),
        "unknown": N_("Refused: there is no such customer."),
    },
    "consent": {
        "given": N_("Accepted"),
        "outdated": N_("Older version"),
        "withdrawn": N_("Withdrawn"),
        "none": N_("Never accepted"),
    },
    "word": {
        "consent.give": N_("accepted"),
        "consent.withdraw": N_("withdrawn"),
        "notice.read": N_("notice read"),
    },
    "language": {
        "tr": N_("Turkish"),
        "en": N_("English"),
    },
    "plan": {
        "access": N_("block access"),
        "mask": N_("block access and mask"),
        "erase": N_("erase for good"),
    },
    "item": {
        "waiting": N_("Waiting"),
        "done": N_("Done"),
        "failed": N_("Failed"),
        "skipped": N_("Skipped"),
    },
    "run": {
        "running": N_("Running"),
        "stopped": N_("Stopped"),
        "done": N_("Done"),
    },
    "outcome": {
        "access": N_("Access blocked"),
        "mask": N_("Masked"),
        "erase": N_("Erased"),
    },
    "grade": {
        "access-blocked": N_("access blocked"),
        "masked": N_("masked (pseudonymous while rows remain linked)"),
        "deleted": N_("deleted"),
        "deleted-except-holds": N_("deleted except holds"),
    },
    "verdict": {
        "residue": N_("remains"),
        "hold": N_("inside a hold"),
        "other-customer": N_("row of another customer"),
        "shared-value": N_("value shared with another customer"),
        "common-value": N_("too common or short to identify"),
    },
    "download": {
        "started": N_("Started"),
        "done": N_("Done"),
        "broken": N_("Broken off"),
    },
    "value": {
        "name": N_("name"),
        "company": N_("company"),
        "email": N_("e-mail"),
        "phone": N_("phone number"),
        "national_id": N_("national id"),
        "tax_id": N_("tax id"),
        "iban": N_("IBAN"),
        "user_name": N_("user name"),
    },
    "detail": {
        "email": N_("e-mail"),
        "phone": N_("phone"),
        "national_id": N_("national id"),
        "tax_id": N_("tax id"),
    },
    "event": {
        "received": N_("request received"),
        "resolved": N_("request resolved"),
        "rejected": N_("request rejected"),
        "extended": N_("deadline extended"),
        "cancelled": N_("request cancelled"),
        "downloaded": N_("data downloaded"),
        "reset": N_("link to a new password"),
        "signin": N_("link to sign in"),
        "register": N_("link to open an account"),
        "new-request": N_("new request"),
        "near": N_("deadline near"),
        "overdue": N_("deadline over"),
    },
    "recipient": {
        "customer": N_("customer"),
        "staff": N_("staff"),
    },
    "message": {
        "queued": N_("Waiting"),
        "sending": N_("Being sent"),
        "sent": N_("Sent"),
        "unknown": N_("Unknown"),
        "failed": N_("Not delivered"),
        "dropped": N_("Dropped"),
    },
    "deed": {
        "access": N_("access was blocked"),
        "mask": N_("was masked"),
        "erase": N_("was erased"),
    },
    "doubt": {
        "anew": N_("another account: the key was given anew"),
        "changed": N_("the same account, but nothing that identifies a person matches"),
        "undated": N_("values match, but when the account was made is not known"),
        "unproven": N_("only the key matches"),
    },
    "severity": {
        "ok": N_("ok"),
        "note": N_("note"),
        "warning": N_("warning"),
        "error": N_("error"),
    },
    "pending": {
        "scrub": N_("cleaning of the database files"),
        "scrub-pending": N_("cleaning of the database files"),
        "reread": N_("reading again after the commit"),
        "tombstones": N_("the tombstone file outside the database"),
    },
    "field": {
        "reason": N_("reason (--reason)"),
        "note": N_("note (--note)"),
        "verified_by": N_("how the identity was verified (--verified-by)"),
        "force": N_("reason of --force"),
        "waive_residue": N_("reason of --waive-residue"),
        "email": N_("e-mail"),
        "phone": N_("phone number"),
        "national_id": N_("national id"),
        "tax_id": N_("tax id"),
        "consent-text": N_("consent text"),
        "notice-text": N_("privacy notice"),
    },
    "why": {
        "gap": N_("an entry is missing before it"),
        "edited": N_("it was edited"),
        "mac": N_("it does not carry the key's mark"),
        "no-mac": N_("the key's mark is missing"),
        "head": N_("the head of the chain says otherwise"),
        "cut": N_("the end was cut off"),
        "rewritten": N_("it was rewritten since the checkpoint"),
        "segment": N_("no entry vouches for the archived part before it"),
        "archive": N_("the archive is not the file that was written"),
    },
    "verb": {
        "resolve": N_("resolve"),
        "reject": N_("reject"),
        "cancel": N_("cancel"),
        "approve": N_("approve"),
        "extend": N_("extend"),
    },
}
"""Group -> code -> label in English."""


def label(group: str, code: str, language: str) -> str:
    """The label of a code in the language; the code itself when it has none."""
    english = LABELS.get(group, {}).get(code)
    return translator(language)(english) if english else code
