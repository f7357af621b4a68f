"""Who is at the keyboard."""

from __future__ import annotations

import os
import pwd
import socket
from pathlib import Path

import pytest

from core.actor import real_actor

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    return tmp_path


def parent(proc: Path, name: str, uids: str) -> None:
    folder = proc / str(os.getppid())
    folder.mkdir()
    (folder / "status").write_text(f"Name:\t{name}\nState:\tS\nUid:\t{uids}\n", encoding="utf-8")


def test_variables_do_not_say_who_it_is(proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    found = real_actor({"USER": "somebody-else"}, proc)
    assert (found.account, found.host, found.sudo_from) == (ME, socket.gethostname(), None)


def test_sudo_is_believed_from_a_parent_that_runs_as_root(proc: Path) -> None:
    parent(proc, "sudo", "0\t0\t0\t0")
    assert real_actor({"SUDO_UID": str(os.getuid())}, proc).sudo_from == ME
    assert real_actor({"SUDO_UID": "4294967000"}, proc).sudo_from == "uid4294967000"


@pytest.mark.parametrize(("name", "uids"), [("bash", "0\t0\t0\t0"), ("sudo", "1000\t1000\t1000\t1000"), ("sudo", "1000\t0\t0\t0")])
def test_a_variable_alone_proves_no_sudo(name: str, uids: str, proc: Path) -> None:
    parent(proc, name, uids)
    assert real_actor({"SUDO_UID": "1000"}, proc).sudo_from is None


@pytest.mark.parametrize("said", ["", "-1", "0x0", "root", "٣", "9" * 40])
def test_a_uid_that_is_none_is_no_sudo(said: str, proc: Path) -> None:
    parent(proc, "sudo", "0\t0\t0\t0")
    assert real_actor({"SUDO_UID": said}, proc).sudo_from is None


def test_an_account_without_a_name_is_its_number(proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4294967001)
    assert real_actor({}, proc).account == "uid4294967001"
