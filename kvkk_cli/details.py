"""Details of a person as a command takes them: JSON on stdin, or asked for on a terminal; never as arguments, which all can see.

    {"email": "…", "phone": ["…", "…"], "national_id": 10000000146, "tax_id": null}

Each may be left out, be empty, or hold several. What is wrong is named by its place, never quoted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core import DETAIL_KINDS, N_, UsageError
from kvkk_cli.session import here
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import Details

MOST = 64 * 1024
"""Bytes of a document; details of one person are some hundred."""
EXAMPLE = '{"email": "ali@example.com", "phone": "0532 000 00 00"}'
QUESTIONS = {
    "email": N_("E-mail address"),
    "phone": N_("Phone number"),
    "national_id": N_("National id (T.C. kimlik no)"),
    "tax_id": N_("Tax number (vergi no)"),
}


def read() -> Details:
    """What stdin holds, or what the person at the terminal answers. Raises UsageError `details-…`."""
    from core import Details

    out = here().out
    if not out.can_ask:
        return Details(parsed(out.read_text(MOST)))
    out.say(_("Leave a line empty for what is not known."))
    answers = ((kind, out.ask(_(QUESTIONS[kind]) + ":")) for kind in DETAIL_KINDS)
    return Details(tuple((kind, answer) for kind, answer in answers if answer))


def parsed(text: str | None) -> tuple[tuple[str, str], ...]:
    """(kind, value) of a JSON document; None stands for one that was too long."""
    if text is None:
        raise UsageError("details-too-long", most=MOST, example=EXAMPLE)
    if not text.strip():
        raise UsageError("details-empty", allowed=DETAIL_KINDS)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("details-not-json", example=EXAMPLE) from None
    if not isinstance(found, dict):
        raise UsageError("details-not-json", example=EXAMPLE)
    if not found.keys() <= set(DETAIL_KINDS):
        raise UsageError("details-unknown-key", allowed=DETAIL_KINDS)
    return tuple((kind, value) for kind in DETAIL_KINDS for value in _values(kind, found.get(kind)))


def _values(kind: str, given: Any) -> list[str]:
    values = given if isinstance(given, list) else [given]
    if not all(one is None or (isinstance(one, str | int) and not isinstance(one, bool)) for one in values):
        raise UsageError("details-bad-value", field=kind)
    return [text for one in values if one is not None and (text := str(one).strip())]
