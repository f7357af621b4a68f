"""Wording: the blacklist, the key file and its rotation."""

from __future__ import annotations

from core.locale import N_
from core.locale.wording import Text

AGAIN = N_("Try again in a moment.")
COPY = N_("Copy the key file from the machine where `kvkk blacklist rotate-key` was run.")

KEYS: dict[str, Text] = {
    "bad-kind": Text(N_("Details of this kind cannot be put on the blacklist. Nothing was changed."), N_("Allowed: {allowed}.")),
    "key-rotated": Text(
        N_("Somebody else has rotated the key in the meantime; {key_id} is not the current one any more. Nothing was changed."),
        N_("`kvkk doctor` shows the current key."),
    ),
    "key-moved": Text(N_("The key was rotated while this was being done. Nothing was changed."), AGAIN),
    "key-file-outdated": Text(
        N_("The key was rotated: the database now needs {key_id}, and the key file {path} ends with {found}. Nothing was changed."), COPY
    ),
    "key-file-old-missing": Text(
        N_("The key file {path} lacks the older key {key_id}, which is needed to recognise what was made with it. Nothing was changed."),
        COPY,
    ),
    "key-file-full": Text(
        N_("The key file {path} holds {most} keys already. Nothing was changed."),
        N_("`kvkk blacklist rotate-key --drop-old` gives the older ones up."),
    ),
}
