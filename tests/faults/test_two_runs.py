"""Two `kvkk run` at once as real processes, on each engine: one works, the other says who and until when; a dead one's place ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from core.config import Target
from core.desk import Desk
from core.model.records import Actor
from core.store import outbox, tables
from core.store.engine import parse_url

ROOT = Path(__file__).parents[2]


class Host:
    """Starts the command on a database of its own, as cron would."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.key = url, folder / "kvkk.key"
        names = {"KVKK_DB": url, "KVKK_MAP": "sample", "KVKK_KEY_FILE": str(self.key), "HOME": str(folder), "PATH": os.environ["PATH"]}
        self._environment = names | {"LC_ALL": "C.UTF-8"}

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "kvkk_cli", "--lang", "en", "run"]
        return subprocess.Popen(command, cwd=ROOT, env=self._environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self) -> tuple[int, str]:
        """(exit code, stderr); stdout is empty."""
        process = self.start()
        out, err = process.communicate(timeout=60)
        assert out == ""
        return process.returncode, err

    def queue(self, box: Any, count: int) -> list[str]:
        """Queue messages; the mail server holds the first."""
        box.hold = 1
        with Desk(Target(self.url, "sample", self.key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
            mail = {"smtp-host": "localhost", "smtp-port": str(box.port), "smtp-tls": "off", "mail-from": "kvkk@firma.example"}
            for name, value in mail.items():
                desk.settings.set(desk.actor, name, value)
            facts = {"name": "Ali", "kind": "erase", "received_on": "2026-11-01", "due_on": "2026-12-01"}
            with desk.context.writing(desk.actor) as unit:
                unit.conn.execute(tables.outbox.delete())  # the sample's
                return [outbox.queue(unit, desk.context.keyring, "received", 23, "tr", f"a{n}@ornek.example", facts) for n in range(count)]

    def states(self) -> Counter[str]:
        engine = create_engine(parse_url(self.url))
        with engine.connect() as conn:
            found = Counter(conn.execute(select(tables.outbox.c.state)).scalars())
        engine.dispose()
        return found


def test_one_does_it_and_the_other_says_who_holds_it(sample_url: str, engine_name: str, tmp_path: Path, box: Any, tools: Any) -> None:
    host = Host(sample_url, tmp_path)
    wanted = host.queue(box, 3)
    first = host.start()
    assert box.holding.wait(60)
    code, told = host.run()
    assert code == 0
    assert told.startswith("Another run is going on, by ")
    assert "Nothing was done. If it died, its place is free again at " in told
    assert host.states() == Counter(sending=1, queued=2)
    if engine_name != "sqlite":  # a dead one makes no difference between engines
        first.kill()
        first.communicate(timeout=30)
        return
    first.send_signal(signal.SIGKILL)
    assert first.communicate(timeout=30) == ("", "")
    assert box.ids == wanted[:1]
    box.hold = None
    code, told = host.run()  # at once: it died on this machine, which can tell
    assert code == 0
    assert "Another run" not in told
    assert host.states()["sent"] == 2
    assert Counter(box.ids) == Counter(wanted), "what the dead one was sending waits until it counts as dead"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_started_at_one_moment_each_message_goes_out_once(sample_url: str, tmp_path: Path, box: Any) -> None:
    host = Host(sample_url, tmp_path)
    wanted = host.queue(box, 5)
    box.hold = None
    both = [host.start() for _ in range(2)]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert Counter(box.ids) == Counter(wanted)
    assert host.states() == Counter(sent=5)
