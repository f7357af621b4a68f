"""A database server of the test's own, which it may kill: PostgreSQL or MariaDB from this machine's programs, on a free port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from core.store.engine import parse_url

PATIENCE_S = 60


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
    """Neither server runs as root."""
    return ["setpriv", f"--reuid={account}", "--clear-groups", *command] if os.geteuid() == 0 else command


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def postgresql(folder: Path) -> PrivateServer:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    account = _account("postgres")
    if not found:
        pytest.skip("no postgres program here")
    binaries, data, port = found[-1].parent, _data(folder, account), free_port()
    _run(account, [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"])
    sockets = ["-c", "unix_socket_directories="]
    return PrivateServer(
        [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1", *sockets],
        f"postgresql://postgres@127.0.0.1:{port}",
        "postgres",
        account,
    )


def mariadb(folder: Path) -> PrivateServer:
    account = _account("mysql")
    programs = [shutil.which("mariadb-install-db"), shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")]
    if None in programs:
        pytest.skip("no mariadbd program here")
    data, port = _data(folder, account), free_port()
    _run(account, [str(programs[0]), "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"])
    options = [f"--datadir={data}", f"--socket={data}/s", f"--pid-file={data}/pid", f"--port={port}", "--bind-address=127.0.0.1"]
    return PrivateServer(
        [str(programs[1]), "--no-defaults", *options, "--skip-name-resolve"], f"mariadb://root@127.0.0.1:{port}", "mysql", account
    )


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
