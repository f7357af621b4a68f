"""A database server of the tests' own: PostgreSQL or MariaDB from this machine's programs, on a free port.

A test may kill one. And a run of several workers has one of each in memory (`both`): to make and drop a database a test is
mostly waiting for the disk, which nothing here needs to be on. The machine's own servers are not touched then.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from core.store.engine import parse_url

PATIENCE_S = 60
MEMORY = Path("/dev/shm")
ROOM = 3 << 30
"""Bytes that must be free there: a run needs a sixth of that."""
NO_DISK = (
    ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "max_wal_size=256MB"),
    ("innodb-flush-log-at-trx-commit=0", "innodb-doublewrite=0"),
)
"""What PostgreSQL and MariaDB need not do for data that do not outlive them."""
PLACES = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "dynamic_shared_memory_type=mmap")
"""Where PostgreSQL listens, and keeps its memory: in its folder, so that one that was killed leaves nothing elsewhere."""


@dataclass
class PrivateServer:
    """`command` runs it in the foreground; `url` is that of its login without a database."""

    command: list[str]
    url: str
    first: str
    """A database that is there from the start."""
    account: str
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        end = time.monotonic() + PATIENCE_S
        self._launch()
        while not self._answers():
            assert time.monotonic() < end, "the server does not come up"
            if self._process is not None and self._process.poll() is not None:  # its memory was still in use by the dead
                self._launch()
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL of the server and of everything it has started, as when the machine stops."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGSTOP)  # or it would tidy up after its children
            for child in _children(self._process.pid):
                os.kill(child, signal.SIGKILL)
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End at once but tidily: what the machine has lent it is given back."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(PATIENCE_S / 4)
            except subprocess.TimeoutExpired:
                self.kill()

    def _launch(self) -> None:
        self._process = subprocess.Popen(as_account(self.account, self.command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def database(self, name: str) -> str:
        engine = create_engine(parse_url(f"{self.url}/{self.first}"), isolation_level="AUTOCOMMIT")
        with engine.connect() as conn:
            conn.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return f"{self.url}/{name}"

    def _answers(self) -> bool:
        engine = create_engine(parse_url(f"{self.url}/{self.first}"))
        try:
            with engine.connect() as conn:
                conn.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        else:
            return True
        finally:
            engine.dispose()


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def as_account(account: str, command: list[str]) -> list[str]:
    """Neither server runs as root, nor longer than the process that started it."""
    whose = [f"--reuid={account}", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *whose, "--pdeathsig=KILL", *command]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def postgresql(folder: Path, *settings: str) -> PrivateServer:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    account = _account("postgres")
    if not found:
        pytest.skip("no postgres program here")
    binaries, data, port = found[-1].parent, _data(folder, account), free_port()
    _run(account, [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"])
    options = [word for one in (*PLACES, *settings) for word in ("-c", one)]
    return PrivateServer(
        [str(binaries / "postgres"), "-D", str(data), "-p", str(port), *options],
        f"postgresql://postgres@127.0.0.1:{port}",
        "postgres",
        account,
    )


def mariadb(folder: Path, *settings: str) -> PrivateServer:
    account = _account("mysql")
    programs = [shutil.which("mariadb-install-db"), shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")]
    if None in programs:
        pytest.skip("no mariadbd program here")
    data, port = _data(folder, account), free_port()
    _run(account, [str(programs[0]), "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"])
    options = [f"--datadir={data}", f"--socket={data}/s", f"--pid-file={data}/pid", f"--port={port}", "--bind-address=127.0.0.1"]
    options += ["--skip-name-resolve", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"]
    options += [f"--{one}" for one in settings]
    return PrivateServer([str(programs[1]), "--no-defaults", *options], f"mariadb://root@127.0.0.1:{port}", "mysql", account)


@contextmanager
def both() -> Iterator[dict[str, str]]:
    """Engine → URL of a server in memory; nothing where there is no room or no program for it."""
    with _folder() as folder:
        urls, servers = {}, []
        try:
            for make, settings in zip((postgresql, mariadb), NO_DISK, strict=True) if folder else ():
                place = folder / make.__name__
                place.mkdir()
                try:
                    servers.append(make(place, *settings))
                    servers[-1].start()
                except (pytest.skip.Exception, AssertionError):
                    continue
                urls[make.__name__] = servers[-1].url
            yield urls
        finally:
            for server in servers:
                server.stop()


@contextmanager
def _folder() -> Iterator[Path | None]:
    """A folder in memory that goes with its run, and at the latest with the next one: whoever runs holds its lock."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield None
        return
    for left in MEMORY.glob("kvkk-test-*"):
        with _locked(left) as mine:
            if mine:
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="kvkk-test-", dir=MEMORY))
    folder.chmod(0o711)
    with _locked(folder):
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # somebody else's, or gone
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def _account(name: str) -> str:
    try:
        return pwd.getpwnam(name).pw_name if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        pytest.skip(f"no account {name} here")


def _data(folder: Path, account: str) -> Path:
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        folder.chmod(0o711)
        shutil.chown(data, account)
    return data


def _run(account: str, command: list[str]) -> None:
    done = subprocess.run(as_account(account, command), capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr[-2000:]
