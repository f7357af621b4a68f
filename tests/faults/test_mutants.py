"""The fault tests notice what they are there for: against a program that commits too early, forgets the audit, calls a message
sent before it is, or takes a full disk for success, they fail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults import test_bad_database, test_kill, test_kill_mail

queued = test_kill_mail.queued
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


@dataclass
class Mutated:
    """A crew whose jobs run in a wrong program."""

    crew: Any
    mutant: str

    def one(self, job: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.crew.one(job | {"mutant": self.mutant})
        return found


def by(found: Any) -> str:
    """The assertion that noticed."""
    return str(found.traceback[-1].statement)


@pytest.mark.parametrize(("mutant", "noticed"), [("commit per table", "== case.before"), ("no audit entry", "verbs.count")])
def test_half_a_resolution_and_one_without_a_trace(crew: Any, samples: Any, tools: Any, tmp_path: Path, mutant: str, noticed: str) -> None:
    case = test_kill.Case(crew, samples, tools, tmp_path, test_kill.VERBS["mask"])
    case.crew = Mutated(crew, mutant)
    with pytest.raises(AssertionError) as found:
        test_kill.untouched_then_whole(case, 4, tmp_path / "kvkk.key", tools)
    assert noticed in by(found)


def test_a_message_that_is_called_sent_too_early(crew: Any, samples: Any, tmp_path: Path, tools: Any, queued: Any, box: Any) -> None:
    with pytest.raises(AssertionError) as found:
        test_kill_mail.test_killed_anywhere_no_message_is_lost(
            Mutated(crew, "mark before send"), samples, "sqlite", tmp_path, tools, queued, box
        )
    assert "never called sent before it is" in by(found)


def test_a_full_disk_that_is_taken_for_success(crew: Any, sample_url: str, tmp_path: Path, tools: Any) -> None:
    with pytest.raises(AssertionError) as found:
        test_bad_database.test_full(Mutated(crew, "swallow full"), sample_url, tmp_path, tools, "mask")
    assert "== before" in by(found)
