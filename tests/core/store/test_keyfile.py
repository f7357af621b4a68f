"""The key file with several keys: replaced whole or not at all, and still everybody's who could read it before."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from core.errors import KeyFileError, KvkkError, Unavailable
from core.store import keyfile
from core.store.keyring import Key, Keyring

ONE, TWO = Key(b"\1" * 32), Key(b"\2" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "keys" / "x.key"
    keyfile.make(file, ONE._raw)
    return file


def ids(path: Path) -> list[str]:
    return [key.id for key in Keyring(path).held()]


def test_a_key_is_added_at_the_end_and_older_ones_stay(path: Path) -> None:
    keyring = Keyring(path)
    assert keyring.held() == keyring.held()
    Keyring(path).add(TWO)  # another process
    assert [key.id for key in keyring.held()] == ids(path) == [ONE.id, TWO.id]
    assert (keyring.if_present().id, keyring.if_present(ONE.id).id, keyring.if_present("x")) == (TWO.id, ONE.id, None)  # type: ignore[union-attr]
    assert path.read_text(encoding="ascii") == "01" * 32 + "\n" + "02" * 32 + "\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_key_is_taken_out_and_the_last_one_stays(path: Path) -> None:
    keyring = Keyring(path)
    keyring.add(TWO)
    keyring.discard({ONE.id, "unknown"})
    assert ids(path) == [TWO.id]
    with pytest.raises(KeyFileError):
        keyring.discard({TWO.id})
    assert ids(path) == [TWO.id]


def test_nothing_is_written_where_nothing_changes(path: Path) -> None:
    before = path.stat()
    Keyring(path).discard({"unknown"})
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o440])
def test_mode_and_group_stay(mode: int, path: Path) -> None:
    group = 4242 if os.geteuid() == 0 else os.getegid()
    os.chown(path, -1, group)
    path.chmod(mode)
    Keyring(path).add(TWO)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    if mode & stat.S_IRGRP:  # else it is nobody's business but the owner's
        assert path.stat().st_gid == group


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays_when_root_rotates(path: Path) -> None:
    os.chown(path, 4242, -1)
    Keyring(path).add(TWO)
    assert path.stat().st_uid == 4242


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.key"
    link.symlink_to(path)
    Keyring(link).add(TWO)
    assert link.is_symlink()
    assert ids(path) == ids(link) == [ONE.id, TWO.id]


def test_what_a_kill_has_left_is_swept_and_nothing_else(path: Path) -> None:
    left, other = path.with_name(f".{path.name}.{'a' * 16}"), path.with_name(f".{path.name}.bak")
    for one in (left, other):
        one.write_text("01" * 32, encoding="ascii")
    Keyring(path).add(TWO)
    assert (left.exists(), other.exists()) == (False, True)


@pytest.mark.parametrize("at", ["write", "fsync", "replace"])
def test_killed_anywhere_the_file_is_as_before_or_as_after(at: str, path: Path) -> None:
    """In a process of its own, which dies before that step."""
    before = path.read_bytes()
    pid = os.fork()
    if pid == 0:
        names = {"write": "fdopen", "fsync": "fsync", "replace": "replace"}
        setattr(keyfile.os, names[at], lambda *_args, **_more: os._exit(9))
        Keyring(path).add(TWO)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    assert path.read_bytes() == before
    Keyring(path).add(TWO)
    assert ids(path) == [ONE.id, TWO.id]
    assert list(path.parent.iterdir()) == [path]


def test_two_who_add_at_once_both_find_their_key_in_it(path: Path) -> None:
    fresh = [Key(bytes([number]) * 32) for number in range(3, 19)]
    crowd = [threading.Thread(target=lambda key=key: Keyring(path).add(key)) for key in fresh]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert set(ids(path)) == {ONE.id, *(key.id for key in fresh)}


def test_a_hundred_keys_are_enough(path: Path) -> None:
    raws = tuple(bytes([number]) * 32 for number in range(1, 101))
    keyfile.change(path, lambda _: raws)
    assert len(ids(path)) == keyfile.KEYS_MOST
    with pytest.raises(KeyFileError, match="key-file-full"):
        Keyring(path).add(Key(b"\xff" * 32))
    path.write_text("".join(f"{number:064x}\n" for number in range(101)), encoding="ascii")
    with pytest.raises(KeyFileError, match="key-file-damaged"):
        ids(path)


@pytest.mark.parametrize("text", ["{one}\n{two}", "{one}\r\n{two}\r\n", "\n{one}\n\n{two}\n", "{one}\n{two}\n{one}\n"])
def test_the_file_may_have_been_through_an_editor(text: str, path: Path) -> None:
    path.write_bytes(text.format(one="01" * 32, two="02" * 32).encode())
    assert ids(path) == [ONE.id, TWO.id]


@pytest.mark.parametrize("text", ["{one}\nx", "{one}{two}", "{one}\n{two}00", "# key\n{one}"])
def test_a_file_with_anything_else_in_it_is_damaged(text: str, path: Path) -> None:
    path.write_text(text.format(one="01" * 32, two="02" * 32), encoding="ascii")
    with pytest.raises(KeyFileError, match="key-file-damaged"):
        ids(path)
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match="key-file-damaged"):
        Keyring(path).add(TWO)
    assert path.read_bytes() == before


def test_a_file_that_went_away_is_missed(path: Path) -> None:
    keyring = Keyring(path)
    assert keyring.held()
    path.unlink()
    assert keyring.held() == ()
    with pytest.raises(KeyFileError):
        keyring.discard({ONE.id})


@pytest.mark.parametrize(
    ("number", "kind", "code"), [(errno.ENOSPC, Unavailable, "key-file-no-room"), (errno.EROFS, KeyFileError, "EROFS")]
)
def test_a_full_disk_is_not_told_as_a_wrong_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[KvkkError], code: str
) -> None:
    def failing(*_: object, **__: object) -> int:
        raise OSError(number, "no")

    monkeypatch.setattr(keyfile.os, "link", failing)
    with pytest.raises(kind, match=code):
        keyfile.make(tmp_path / "k.key", b"x" * 32)
    assert list(tmp_path.iterdir()) == []
