"""Set-ups for several people as `doctor` sees them: what is there, and each thing that is wrong with it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.desk import Desk
from core.model.records import Actor, Role
from core.store import setups
from core.store.accounts import group_of, is_known, name_of

AYSE = Actor("ayse", "desk.example")
ME, OURS = name_of(os.getuid()), group_of(os.getgid())
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="gives files to others, which takes root")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database file for one person, in a folder for one person."""
    folder = tmp_path / "panel"
    folder.mkdir(mode=0o700)
    made = folder / "panel.db"
    made.touch(mode=0o600)
    return made


@pytest.fixture
def shared(file: Path) -> Path:
    """The same for a group, as the install guide has it."""
    file.parent.chmod(0o2770)
    file.chmod(0o660)
    return file


def said(file: Path, actor: Actor = AYSE, registered: int = 0) -> dict[str, str]:
    """Code -> grade."""
    return {finding.code: finding.grade for finding in setups.of_file(file, key(file), actor, registered)}


def key(file: Path) -> Path:
    return file.with_name("panel.db.key")


def test_a_file_for_one_person(file: Path) -> None:
    assert said(file) == {"setup-alone": "ok"}
    assert said(file, registered=3) == {"setup-alone": "ok", "staff-cannot-come-in": "note"}
    key(file).touch(mode=0o640)
    assert said(file)["key-file-open-to-group"] == "warning"


def test_a_file_behind_sudo(file: Path) -> None:
    behind = Actor(ME, "desk.example", sudo_from="ayse")
    found = {finding.code: dict(finding.facts) for finding in setups.of_file(file, key(file), behind, 3)}
    assert found == {"setup-sudo": {"owner": ME, "account": "ayse"}}
    assert said(file, Actor("root" if ME != "root" else "kvkk", "h", sudo_from="ayse"))["setup-alone"] == "ok"


def test_a_file_for_a_group(shared: Path) -> None:
    key(shared).touch(mode=0o640)
    assert said(shared) == {"setup-group": "ok"}
    assert said(shared, registered=2) == {"setup-group": "ok", "roles-are-advice": "note"}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda file: file.parent.chmod(0o2750), "folder-not-for-group"),
        (lambda file: file.parent.chmod(0o770), "folder-without-setgid"),
        (lambda file: file.chmod(0o640), "file-not-for-group"),
        (lambda file: file.with_name("panel.db-wal").touch(mode=0o600), "file-not-for-group"),
        (lambda file: file.with_name("panel.db-shm").touch(mode=0o640), "file-not-for-group"),
        (lambda file: key(file).touch(mode=0o600), "key-file-not-for-group"),
    ],
)
def test_what_shuts_the_group_out_is_named(spoil: Any, code: str, shared: Path) -> None:
    before = os.umask(0)
    try:
        spoil(shared)
    finally:
        os.umask(before)
    found = {finding.code: (finding.grade, dict(finding.facts)) for finding in setups.of_file(shared, key(shared), AYSE, 0)}
    assert found[code][0] == "warning"
    assert found[code][1]["group"] == OURS


@AS_ROOT
def test_files_of_another_group_are_named(shared: Path) -> None:
    key(shared).touch(mode=0o640)
    for path, code in ((shared.parent, "folder-not-for-group"), (key(shared), "key-file-not-for-group")):
        os.chown(path, -1, 41999)
        assert said(shared)[code] == "warning"
        os.chown(path, -1, os.getgid())


def test_a_folder_in_which_everybody_writes(file: Path) -> None:
    file.parent.chmod(0o777)
    assert said(file)["folder-open-to-others"] == "error"
    file.parent.chmod(0o1777)
    assert said(file)["folder-open-to-others"] == "warning"


def test_a_file_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert said(tmp_path / "panel.db") == {}


def staffed(desk: Desk, **roles: Role) -> dict[str, dict[str, object]]:
    for account, role in roles.items():
        desk.staff.add(AYSE, account, role)
    return {finding.code: dict(finding.facts) for finding in desk.upkeep.doctor(AYSE)}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_staff_and_the_second_person_in_doctor(desk: Desk, clock: Any) -> None:
    desk.settings.set(AYSE, "second-person", "on")
    assert staffed(desk)["second-person-short"] == {"admins": 0, "people": 0}
    found = staffed(desk, mehmet=Role.OPERATOR, selin=Role.VIEWER)
    assert found["staff-registered"] == {"admins": 1, "operators": 1, "viewers": 1}
    assert found["second-person-short"] == {"admins": 1, "people": 2}
    assert "staff-one-admin" in found
    assert "staff-open" not in found
    assert set(found["staff-unknown-here"]["accounts"]) == {a for a in ("ayse", "mehmet", "selin") if not is_known(a)}  # type: ignore[call-overload]
    found = staffed(desk, okan=Role.ADMIN)
    assert not {"staff-one-admin", "second-person-short"} & found.keys()
    waiting = desk.settings.set(AYSE, "second-person", "off").proposed
    assert waiting is not None
    assert staffed(desk)["proposal-waits"]["until"] == waiting.until.date().isoformat()  # at noon the day is the same everywhere
    clock.move(days=8)
    assert "proposal-waits" not in staffed(desk)


@pytest.mark.parametrize("engine_name", ["postgresql", "mariadb"])
def test_a_login_that_may_everything_and_that_of_a_person(desk: Desk) -> None:
    login = "postgres" if desk.store.name == "postgresql" else "root"
    found = {finding.code: finding for finding in desk.upkeep.doctor(AYSE)}
    assert dict(found["setup-shared-login"].facts) == {"login": login, "account": "ayse"}
    assert found["login-can-rewrite"].grade == "note"
    assert "login-lacks-rights" not in found
    assert "setup-login" in {finding.code for finding in desk.upkeep.doctor(Actor(login, "h"))}
    desk.staff.add(AYSE, "mehmet", Role.VIEWER)
    assert {f.code: f.grade for f in desk.upkeep.doctor(AYSE)}["login-can-rewrite"] == "warning"


GROUP_ID, FIRST, SECOND = 41000, 41001, 41002
CHILD = """
import contextlib, io, os, sys
own, group, call, scratch = sys.argv[1:5]
sys.path[:0] = sys.argv[5:]
from kvkk_cli.app import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    main([*call.split(), "--db", scratch])  # loads everything: the account need not be able to read this Python
if os.fork() == 0:
    os.setgroups([int(group)])
    os.setgid(int(own))
    os.setuid(int(own))
    os.umask(0o077)
    code = main(call.split())
    sys.stdout.flush()
    os._exit(int(code))
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.fixture
def group_folder() -> Iterator[Path]:
    """A folder as the install guide makes it, where accounts without a name can reach it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        os.chmod(top, 0o755)
        folder = Path(top) / "panel"
        folder.mkdir()
        os.chown(folder, 0, GROUP_ID)
        folder.chmod(0o2770)
        yield folder


@AS_ROOT
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_two_people_of_a_group_work_on_one_file(sample_url: str, group_folder: Path, tmp_path: Path) -> None:
    """As two accounts with the strictest umask: what the guide says is enough, and each step of it is needed."""
    file = group_folder / "panel.db"
    file.write_bytes(Path(sample_url).read_bytes())
    os.chown(file, FIRST, GROUP_ID)
    file.chmod(0o660)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(group_folder.parent),
        "KVKK_DB": str(file),
        "KVKK_LANG": "en",
        "LC_ALL": "C.UTF-8",
    }

    def kvkk(who: int, call: str, group: int = GROUP_ID) -> subprocess.CompletedProcess[str]:
        scratch = tmp_path / f"{call.split(maxsplit=1)[0]}-{who}.db"
        scratch.write_bytes(Path(sample_url).read_bytes())
        argv = [sys.executable, "-c", CHILD, str(who), str(group), call, str(scratch), *sys.path]
        return subprocess.run(argv, capture_output=True, text=True, env=environment, cwd="/", check=False)

    assert kvkk(FIRST, "staff add uid41002 operator").returncode == 0
    first = kvkk(FIRST, "requests cancel 16")
    assert first.returncode == 0, first.stderr
    shut = kvkk(SECOND, "requests cancel 17")
    assert shut.returncode == 2
    assert "panel.db.key" in shut.stderr
    made = group_folder / "panel.db.key"
    os.chown(made, -1, GROUP_ID)
    made.chmod(0o640)
    second = kvkk(SECOND, "requests cancel 17")
    assert second.returncode == 0, second.stderr
    assert kvkk(FIRST, "audit verify").returncode == 0
    told = kvkk(SECOND, "doctor --json").stdout
    assert '"setup-group"' in told
    for code in ("file-not-for-group", "folder-not-for-group", "folder-without-setgid", "key-file-not-for-group"):
        assert code not in told
    stranger = kvkk(41003, "requests list", 41003)
    assert stranger.returncode == 9
    assert kvkk(41003, "requests list").returncode == 3  # in the group, and without a role
