"""How a figure is taken: each measurement in a process of its own, wall time and CPU time and the highest memory beside each other.

A row is ours against a floor of the same run; only the ratio counts. Whether it is reached is told by wall time; where the machine
is busy with other work, CPU time says more, and stands beside it. The parent stays small: a child inherits its highest memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a measurement took."""

    wall: float
    cpu: float
    rss: float = 0.0
    """MB at the highest."""
    more: dict[str, Any] = field(default_factory=dict)

    def per(self, count: int) -> Cost:
        return Cost(self.wall / count, self.cpu / count, self.rss, self.more)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: reached when ours is at most `reach` times the floor. `reach` None: told, not asked for."""

    what: str
    ours: Cost
    floor: Cost
    reach: float | None
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        return self.ours.wall / self.floor.wall

    @property
    def reached(self) -> bool:
        return self.reach is None or self.ratio <= self.reach

    def line(self) -> str:
        scale = {"ms": 1000, "s": 1, "MB": 1}[self.unit]
        cpu = f"{self.ours.cpu / self.floor.cpu:.2f}" if self.floor.cpu else ""
        goal, reached = ("", "") if self.reach is None else (f"{self.reach:g}", "yes" if self.reached else "NO")
        figures = (f"{self.ours.wall * scale:.2f}", f"{self.floor.wall * scale:.2f} {self.unit}", f"{self.ratio:.2f}", cpu, goal, reached)
        return f"| {self.what} | " + " | ".join(figures) + " |"


HEAD = "| operation | ours | floor | ratio | CPU ratio | to reach | reached |\n|---|---:|---:|---:|---:|---:|---|"


def limit(what: str, value: float, most: float, unit: str) -> Row:
    """A row whose floor is a figure: megabytes, or seconds for `ms` and `s`."""
    return Row(what, Cost(value, 0), Cost(most, 0), 1.0, unit)


@contextmanager
def clock(into: dict[str, Any]) -> Iterator[None]:
    """Adds wall and CPU time of the block to a child's answer."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    into["wall"] = into.get("wall", 0.0) + time.perf_counter() - wall
    into["cpu"] = into.get("cpu", 0.0) + time.process_time() - cpu


def child(function: str, python: str = sys.executable, **arguments: Any) -> Cost:
    """`module:function` of this folder in a new process. It returns a dict, with `wall` and `cpu` where it has measured."""
    told = subprocess.run(
        [python, "-m", "tests.bench.child", function, json.dumps(arguments, default=str)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    answer = json.loads(told.stdout)
    return Cost(answer.pop("wall", 0.0), answer.pop("cpu", 0.0), answer.pop("rss"), answer)


def best(*runs: Cost) -> Cost:
    """The least of each: what else the machine does can only add."""
    return Cost(min(run.wall for run in runs), min(run.cpu for run in runs), max(run.rss for run in runs), runs[-1].more)


def process(arguments: Sequence[str], env: dict[str, str] | None = None) -> Cost:
    """A whole process, from its start to its end."""
    began = time.perf_counter()
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, cwd=ROOT, env={**os.environ, **(env or {})}) as started:
        _, status, used = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise SystemExit(f"{' '.join(arguments)}: exit code {started.returncode}")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def by_turns(times: int, *commands: Sequence[str], env: dict[str, str] | None = None) -> list[Cost]:
    """Processes by turns, so that a busy minute is everybody's; the best of each."""
    runs: list[list[Cost]] = [[] for _ in commands]
    for _ in range(times):
        for found, command in zip(runs, commands, strict=True):
            found.append(process(command, env))
    return [best(*found) for found in runs]


def cache() -> Path:
    """Where companies are kept from run to run: $TMPDIR/kvkk-bench."""
    folder = Path(tempfile.gettempdir()) / "kvkk-bench"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one measurement, on the same disk as the cache."""
    with tempfile.TemporaryDirectory(dir=cache(), prefix="run-") as name:
        yield Path(name)
