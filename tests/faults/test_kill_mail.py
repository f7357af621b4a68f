"""SIGKILL between commit, sending and mark; several senders at once; SIGTERM in the middle: no message is lost, none goes
twice but under its own Message-ID and after it was told as uncertain.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.config import Target
from core.desk import Desk
from core.model.records import Actor
from core.store import outbox

LONG = os.environ.get("KVKK_TEST_LONG") == "1"
SOME = {"sqlite": 6, "postgresql": 4, "mariadb": 4}
DEAD, AGAIN = 16, 80
"""Minutes after which a claim counts as a dead sender's, and after which an uncertain message is sent again."""


Office = Callable[[str, Path, int], list[str]]


@pytest.fixture
def queued(box: Any) -> Office:
    """`queued(url, key, n)` names the mail server in a database and queues n messages; returns their Message-IDs."""

    def fill(url: str, key: Path, count: int) -> list[str]:
        with Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
            values = {"smtp-host": "localhost", "smtp-port": str(box.port), "smtp-tls": "off", "mail-from": "kvkk@firma.example"}
            for name, value in values.items():
                desk.settings.set(desk.actor, name, value)
            facts = {"name": "Ali", "kind": "erase", "received_on": "2026-11-01", "due_on": "2026-12-01"}
            with desk.context.writing(desk.actor) as unit:
                unit.record("test.queue", None, count=count)
                return [outbox.queue(unit, desk.context.keyring, "received", 23, "tr", f"a{n}@ornek.example", facts) for n in range(count)]

    return fill


def job(url: str, key: Path, verb: str = "deliver", **more: Any) -> dict[str, Any]:
    return {"database": url, "key": str(key), "verb": verb, "args": {"number": 23}} | more


def states(url: str, key: Path) -> list[str]:
    """States of the messages that are not of the sample, oldest first."""
    with Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
        desk.audit.verify(desk.actor, None)
        rows = [row for row in desk.notices.list(desk.actor, states=(), limit=200).rows if row.request == 23 and row.id > 47]
    return [row.state for row in reversed(rows)]


def test_killed_anywhere_no_message_is_lost(
    crew: Any, samples: Any, engine_name: str, tmp_path: Path, tools: Any, queued: Office, box: Any
) -> None:
    url, key = samples.new(), tmp_path / "whole.key"
    queued(url, key, 2)
    points = crew.one(job(url, key, at=-1))["points"]
    begins = next(place for place, point in enumerate(points) if point[0] == "writer")
    every = list(range(begins, len(points)))
    chosen = (
        every if tools.long else sorted({every[round(n * (len(every) - 1) / (SOME[engine_name] - 1))] for n in range(SOME[engine_name])})
    )
    for at in chosen:
        url, key = samples.new(), tmp_path / f"{at}.key"
        wanted = queued(url, key, 2)
        box.ids.clear()
        killed = crew.one(job(url, key, at=at))
        assert killed["signal"] == signal.SIGKILL, (points[at], killed)
        arrived, left = Counter(box.ids), states(url, key)
        assert set(left) <= {"queued", "sending", "sent"}, points[at]
        for message, state in zip(wanted, left, strict=True):
            assert arrived[message] <= 1
            assert arrived[message] == 1 or state != "sent", "never called sent before it is"
            assert arrived[message] == 0 or state != "queued", "never queued again once it has arrived"
        for later in (DEAD, AGAIN):
            assert "value" in crew.one(job(url, key, later=later))
        assert states(url, key) == ["sent", "sent"]
        for message, state in zip(wanted, left, strict=True):
            assert Counter(box.ids)[message] == 1 or state == "sending", "twice only where nobody could know"
            assert Counter(box.ids)[message] in (1, 2)
        samples.close_one(url)


def test_killed_behind_the_commit_of_a_verb_its_message_is_sent_by_the_next_run(
    crew: Any, samples: Any, tmp_path: Path, queued: Office, box: Any
) -> None:
    url, key = samples.new(), tmp_path / "whole.key"
    queued(url, key, 0)
    whole = crew.one(job(url, key, "cancel and post", at=-1))
    assert whole["value"] == 1
    commit = next(n for n, point in enumerate(whole["points"]) if point[0] == "writer" and point[1:] == ["after", "COMMIT"])
    url, key = samples.new(), tmp_path / "kvkk.key"
    queued(url, key, 0)
    box.ids.clear()
    assert crew.one(job(url, key, "cancel and post", at=commit))["signal"] == signal.SIGKILL
    assert (box.ids, states(url, key)) == ([], ["queued"])
    assert crew.one(job(url, key))["value"]["sent"] == 1
    assert (len(box.ids), states(url, key)) == (1, ["sent"])


def test_of_several_hosts_at_once_one_sends_each_message(crew: Any, samples: Any, tmp_path: Path, queued: Office, box: Any) -> None:
    url, key = samples.new(), tmp_path / "kvkk.key"
    wanted = queued(url, key, 40)
    done = crew.run(*(job(url, key, wait=60) for _ in range(3)), together=True)
    assert all("value" in one for one in done), done
    assert Counter(box.ids) == Counter(wanted)
    assert sum(one["value"]["sent"] for one in done) == 40
    assert states(url, key) == ["sent"] * 40


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(("how", "code", "left"), [(signal.SIGTERM, 143, "unknown"), (signal.SIGKILL, -9, "sending")])
def test_stopped_while_the_server_has_not_answered(
    samples: Any, tmp_path: Path, queued: Office, box: Any, how: signal.Signals, code: int, left: str
) -> None:
    """The real command. Between messages it would stop whole; in the middle of one it says what is known."""
    url, key = samples.new(), tmp_path / "kvkk.key"
    wanted = queued(url, key, 4)
    box.hold = 2
    environment = {"KVKK_DB": url, "KVKK_MAP": "sample", "KVKK_KEY_FILE": str(key), "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    root = Path(__file__).parents[2]
    process = subprocess.Popen([sys.executable, "-m", "kvkk_cli", "outbox", "send"], cwd=root, env=environment)
    assert box.holding.wait(60)
    process.send_signal(how)
    assert process.wait(30) == code
    assert states(url, key) == ["sent", left, "queued", "queued"]
    assert box.ids == wanted[:2]
