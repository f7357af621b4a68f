"""Wording of every error code: what happened and what it means for the data, and what to do next. English message ids.

`{names}` are facts of the error. A test proves that every code raised in `core` stands here, that no text asks for a fact which
the raise does not give, and that the Turkish catalogue is whole.
"""

from __future__ import annotations

from core.locale import N_
from core.locale.texts_consent import CONSENT
from core.locale.texts_doctor import DOCTOR
from core.locale.texts_intake import INTAKE
from core.locale.texts_keys import KEYS
from core.locale.texts_mail import MAIL
from core.locale.texts_map import MAP
from core.locale.texts_replay import REPLAY
from core.locale.texts_run import RUN
from core.locale.texts_runs import RUNS
from core.locale.texts_signin import SIGNIN
from core.locale.texts_staff import STAFF
from core.locale.texts_store import STORE
from core.locale.texts_work import WORK
from core.locale.wording import Text

UNKNOWN = Text(N_("It was refused ({code})."), N_("`kvkk help exit-codes` explains the exit codes."))
"""For a code that this version has no wording for."""

ROOMS: tuple[dict[str, Text], ...] = (
    WORK,
    STAFF,
    STORE,
    MAP,
    DOCTOR,
    SIGNIN,
    KEYS,
    REPLAY,
    RUN,
    RUNS,
    CONSENT,
    MAIL,
    INTAKE,
)
TEXTS: dict[str, Text] = {code: text for room in ROOMS for code, text in room.items()}

__all__ = ["TEXTS", "UNKNOWN", "Text"]
