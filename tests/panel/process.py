"""`kvkk panel serve` as a process of its own, and a plain HTTP client for it that reads as slowly as one likes."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.panel.conftest import EMAIL, PASSWORD, QUICK

ROOT = Path(__file__).parents[2]
FORM = re.compile(r'name="form" value="([^"]+)"')


@dataclass
class Panel:
    """The process and where it listens."""

    process: subprocess.Popen[str]
    port: int
    database: Path

    @property
    def memory_kb(self) -> int:
        """What the process holds now."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+)", text)
        assert found
        return int(found[1])

    def stop(self, sig: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Its exit code and what it said."""
        self.process.send_signal(sig)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@contextmanager
def serving(folder: Path, *options: str, rows: int = 0) -> Iterator[Panel]:
    """The panel over a copy of the sample; the known customer has so many rows more."""
    database = folder / "sample.db"
    shutil.copyfile(ROOT / "sample.db", database)
    database.chmod(0o600)
    with sqlite3.connect(database) as conn:
        conn.execute("UPDATE customers SET password_hash = ?", (QUICK,))
        row = "SELECT 10000000 + value, 77, 'iraz', 1, '192.0.2.1', '2026-01-01 00:00:00', 'Browser' FROM n"
        numbers = "WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?)"
        if rows:
            conn.execute(f"INSERT INTO signin_log (id, customer_id, user_name, success, ip, at, user_agent) {numbers} {row}", (rows,))
    conn.close()
    command = [sys.executable, "-m", "kvkk_cli", "--lang", "en", "--db", str(database), "panel", "serve", "--port", "0", *options]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder, env=env)
    try:
        assert process.stderr
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert found, line + process.stderr.read()
        yield Panel(process, int(found[1]), database)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@dataclass
class Visitor:
    """A browser without looks: cookies, forms, one connection."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    place: str = ""
    """The network address that a proxy would say."""

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def get(self, path: str) -> tuple[int, str]:
        return self._read(self.ask("GET", path))

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        return self._read(self.send(path, **fields))

    def send(self, path: str, **fields: str) -> http.client.HTTPResponse:
        """A form; the answer is not read yet."""
        return self.ask("POST", path, urlencode({**fields, "form": self.token}))

    def ask(self, method: str, path: str, body: str | None = None) -> http.client.HTTPResponse:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Accept-Language": "en"}
        if self.place:
            headers |= {"X-Forwarded-For": self.place, "X-Forwarded-Proto": "https"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        for one in answer.headers.get_all("set-cookie") or ():
            name, _, value = one.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        return answer

    def sign_in(self, name: str = EMAIL) -> None:
        self.get("/signin")
        status, _ = self.post("/signin", name=name, password=PASSWORD)
        assert status == 303
        assert self.get("/")[0] == 200

    def _read(self, answer: http.client.HTTPResponse) -> tuple[int, str]:
        text = answer.read().decode("utf-8")
        found = FORM.search(text)
        self.token = found[1] if found else self.token
        return answer.status, text
