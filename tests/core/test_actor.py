"""Who is at the keyboard."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from core.actor import real_actor

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    return tmp_path


def parent(proc: Path, *line: tuple[str, str]) -> None:
    """The parent process, its parent, and so on: (name, uids)."""
    for age, (name, uids) in enumerate(line):
        folder = proc / str(os.getppid() + age)
        folder.mkdir()
        above = os.getppid() + age + 1
        (folder / "status").write_text(f"Name:\t{name}\nPPid:\t{above}\nUid:\t{uids}\n", encoding="utf-8")


def test_variables_do_not_say_who_it_is(proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    found = real_actor({"USER": "somebody-else"}, proc)
    assert (found.account, found.host, found.sudo_from) == (ME, socket.gethostname(), None)


ROOTS, CALLED, OWN = "0\t0\t0\t0", "4001\t0\t0\t0", "4001\t4001\t4001\t4001"


@pytest.mark.parametrize(
    "line",
    [
        [("sudo", CALLED), ("bash", OWN)],
        [("sudo", CALLED), ("sudo", CALLED), ("bash", OWN)],  # with a terminal of its own sudo watches in a second process
        [("sudo", CALLED), ("sudo", "4002\t0\t0\t0"), ("bash", "4002\t4002\t4002\t4002")],  # sudo under sudo: the inner one counts
        [("sudo", ROOTS), ("bash", OWN)],  # one that has made itself root wholly
        [("sudo", ROOTS), ("su", ROOTS)],
        [("sudo", ROOTS)],
    ],
)
def test_sudo_is_believed_from_a_parent_with_roots_rights_that_this_account_has_started(line: list[tuple[str, str]], proc: Path) -> None:
    parent(proc, *line)
    assert real_actor({"SUDO_UID": "4001"}, proc).sudo_from == "uid4001"
    assert real_actor({}, proc).sudo_from is None


@pytest.mark.parametrize(
    "line",
    [
        [("bash", ROOTS)],
        [("sudo", OWN)],
        [("sudo", "4002\t0\t0\t0"), ("bash", "4002\t4002\t4002\t4002")],  # sudo -u kvkk env SUDO_UID=4001, or su under the name of sudo
        [("sudo", ROOTS), ("bash", "4002\t4002\t4002\t4002")],
        [("sudo", ROOTS), ("sudo", "4002\t0\t0\t0"), ("bash", ROOTS)],
        [("sudo", "4001\t0")],
        [("sudo", "")],
        [],
    ],
)
def test_a_variable_alone_proves_no_sudo(line: list[tuple[str, str]], proc: Path) -> None:
    parent(proc, *line)
    found = real_actor({"SUDO_UID": "4001"}, proc)
    assert (found.sudo_from, found.person) == (None, found.account)


def under(proc: Path, uid_map: str) -> None:
    (proc / "self").mkdir()
    (proc / "self" / "uid_map").write_text(uid_map, encoding="ascii")


def test_a_process_in_no_namespace_of_its_own_is_what_it_seems(proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    under(proc, "         0          0 4294967295\n")
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert real_actor({}, proc).is_root
    monkeypatch.setattr(os, "getuid", lambda: 4001)
    assert not real_actor({}, proc).is_root


@pytest.mark.parametrize(
    ("uid", "uid_map", "account"),
    [
        (0, "0 4001 1\n", "userns4001"),
        (4002, "4002 4001 1\n", "userns4001"),
        (5, "0 100000 65536\n", "userns100005"),
        (0, "0 0 1\n", "userns0"),
        (70000, "0 100000 65536\n", "userns"),
    ],
)
def test_a_user_namespace_makes_nobody_root_or_somebody_else(
    uid: int, uid_map: str, account: str, proc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`unshare --map-user=4002 kvkk …` is uid 4002 to itself."""
    under(proc, uid_map)
    parent(proc, ("sudo", CALLED))
    monkeypatch.setattr(os, "getuid", lambda: uid)
    found = real_actor({"SUDO_UID": "4001"}, proc)
    assert (found.account, found.sudo_from, found.is_root) == (account, None, False)


SUDO = textwrap.dedent(
    """
    import ctypes, os, sys
    caller, target = map(int, sys.argv[1:3])
    sys.path[:0] = sys.argv[3:]
    from core.actor import real_actor
    ctypes.CDLL(None).prctl(15, b"sudo")
    os.setresuid(caller, 0, 0)
    if os.fork() == 0:
        os.setresuid(target, target, target)
        print(real_actor(dict(os.environ, SUDO_UID="4001")))
        sys.stdout.flush()
        os._exit(0)
    os.wait()
    """
)


@pytest.mark.skipif(os.getuid() != 0, reason="plays sudo, which takes root")
def test_the_process_tree_of_this_machine_is_read_as_it_is() -> None:
    """A parent with the name and the uids of a real sudo, and one that somebody else has started."""
    for caller, expected in ((4001, "uid4003 (uid4001)"), (4002, "uid4003")):
        ran = subprocess.run([sys.executable, "-c", SUDO, str(caller), "4003", *sys.path], capture_output=True, text=True, check=False)
        assert ran.stdout.rpartition("@")[0] == expected, ran.stderr


@pytest.mark.parametrize("said", ["", "-1", "0x0", "root", "٣", "9" * 40])
def test_a_uid_that_is_none_is_no_sudo(said: str, proc: Path) -> None:
    parent(proc, ("sudo", "0\t0\t0\t0"))
    assert real_actor({"SUDO_UID": said}, proc).sudo_from is None


def test_an_account_without_a_name_is_its_number(proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4294967001)
    assert real_actor({}, proc).account == "uid4294967001"
