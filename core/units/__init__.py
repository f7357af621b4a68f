"""Files that start `kvkk run` on time: a systemd service, its timer, a line for cron."""

from __future__ import annotations

from pathlib import Path

FILES = {"service": "kvkk-run.service", "timer": "kvkk-run.timer", "cron": "crontab"}
PLACE = "@COMMAND@"
"""Where the program's path goes."""


def timed(what: str, command: str) -> str:
    """One of the files, for the program at that path."""
    return (Path(__file__).parent / FILES[what]).read_text(encoding="utf-8").replace(PLACE, command)
