"""What goes wrong is told in the time of the office: the moments of its facts are written as everywhere else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.errors import Conflict, Refused
from kvkk_tui import words

AT = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(("language", "said"), [("en", "2026-11-25 00:30"), ("tr", "25.11.2026 00:30")])
@pytest.mark.parametrize("timespec", ["minutes", "seconds", "microseconds"])
def test_a_moment_is_told_in_the_set_time_zone(language: str, said: str, timespec: str) -> None:
    words.use(language)
    busy = words.told(Conflict("run-in-progress", by="can@desk", at=AT.isoformat(timespec=timespec)))
    decided = words.told(Conflict("already-decided", number=21, state="resolved", by="can@desk", at=AT.isoformat(timespec=timespec)))
    for told in (busy, decided):
        assert said in " ".join(told)
        assert "+00:00" not in " ".join(told)
    assert said in " ".join(words.told_code("run-in-progress", {"by": "can@desk", "at": AT.isoformat()}))


@pytest.mark.parametrize(("language", "said"), [("en", "2026-12-01"), ("tr", "01.12.2026")])
def test_a_day_is_told_as_everywhere(language: str, said: str) -> None:
    words.use(language)
    assert said in words.told(Refused("grace", number=21, until="2026-12-01"))[0]


def test_what_is_no_moment_is_told_as_it_came() -> None:
    odd = Conflict("already-decided", number=21, state="resolved", by="can@desk", at="2026-11-24T99:99+00:00")
    assert "99:99" in words.told(odd)[0]
