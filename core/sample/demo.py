"""A private copy of the sample for a demonstration, its dates moved to the day of the demonstration."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from core.errors import Unavailable
from core.store.engine import Store, parse_url

SHIPPED = Path(__file__).parent.parent.parent / "sample.db"


def private_copy(folder: Path, today: date) -> Path:
    """A copy that only its owner can read: of the sample that ships, or made anew where none does (an installed wheel).

    Raises Unavailable when the folder or the disk does not let us.
    """
    from core.sample import build, shift_dates

    target = folder / "sample.db"
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as copy:
            if SHIPPED.is_file():
                with SHIPPED.open("rb") as sample:
                    shutil.copyfileobj(sample, copy)
    except OSError as error:
        raise Unavailable("output-failed", kind=type(error).__name__) from None
    store = Store(parse_url(str(target)))
    try:
        if target.stat().st_size == 0:
            build(store)
        shift_dates(store, today)
    finally:
        store.close()
    return target
