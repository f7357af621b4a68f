"""Starts the console on an open desk and ends it with an exit code."""

from __future__ import annotations

import gc
import os
import signal
import threading
from typing import TYPE_CHECKING

from kvkk_tui import ahead, terminal

if TYPE_CHECKING:
    from core import Desk, KvkkError


def console(desk: Desk, language: str, *, language_chosen: bool, mouse: bool = True, hello: str = "") -> tuple[int, KvkkError | None]:
    """(exit code, the error that kept it from opening). The terminal must have been found good (`terminal.refusal`)."""
    terminal.settle(os.environ)
    gc.disable()  # until the first rows: imports make no rubbish, and looking for it takes a tenth of the opening
    reading = ahead.begin(desk)  # before Textual is imported: that takes as long
    from kvkk_tui import words
    from kvkk_tui.app import Console

    words.use(language)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a clean exit on a dead line blocks for ever
    app = Console(desk, language_chosen=language_chosen, hello=hello, ahead=reading)
    try:
        app.run(mouse=mouse)
    finally:
        gc.enable()
    return app.return_code or 0, app.error
