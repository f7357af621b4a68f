"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.adapters import files
from core.adapters.files import Atomic, default_name, sweep
from core.errors import KvkkError, Unavailable, UsageError


def nothing() -> None:
    pass


def write(
    target: Path,
    content: bytes = b"new",
    before: Callable[[], Any] = nothing,
    after: Callable[[], Any] = nothing,
    **options: Any,
) -> None:
    """Write and keep; `before` and `after` happen around giving the name."""
    place = Atomic(target, **options)
    with place as file:
        file.write(content)
        before()
        place.keep()
        after()


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*_args: Any, **_options: Any) -> None:
        raise error

    return fail


def code_of(target: Path, **options: Any) -> str:
    with pytest.raises(KvkkError) as caught:
        write(target, **options)
    return caught.value.code


def test_a_kept_file_is_whole_and_its_owners_only(tmp_path: Path) -> None:
    write(tmp_path / "out.xml")
    assert (tmp_path / "out.xml").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "out.xml").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["out.xml"]


def test_a_file_that_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    with Atomic(tmp_path / "out.xml") as file:
        file.write(b"half")
        assert [name for name in os.listdir(tmp_path) if not name.startswith(files.TEMPORARY)] == []
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_after_the_name_was_given_takes_it_back(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error):
        write(tmp_path / "out.xml", after=failing(error()))
    assert os.listdir(tmp_path) == []


def test_an_existing_file_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "out.xml").write_bytes(b"old")
    assert code_of(tmp_path / "out.xml") == "output-exists"
    assert (tmp_path / "out.xml").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.xml"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "out.xml"
    with pytest.raises(UsageError, match="output-exists"):
        write(target, before=lambda: target.write_bytes(b"theirs"))
    assert (tmp_path / "out.xml").read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["out.xml"]


def test_overwrite_replaces_a_file_at_once(tmp_path: Path) -> None:
    (tmp_path / "out.xml").write_bytes(b"old")
    write(tmp_path / "out.xml", overwrite=True)
    assert (tmp_path / "out.xml").read_bytes() == b"new"


def test_overwrite_keeps_the_old_file_when_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "out.xml").write_bytes(b"old")
    with pytest.raises(ValueError, match="stop"):
        write(tmp_path / "out.xml", before=failing(ValueError("stop")), overwrite=True)
    assert (tmp_path / "out.xml").read_bytes() == b"old"


@pytest.mark.parametrize("what", ["folder", "link", "dangling", "pipe"])
def test_only_a_regular_file_is_ever_replaced(tmp_path: Path, what: str) -> None:
    target = tmp_path / "out.xml"
    (tmp_path / "real").write_bytes(b"old")
    if what == "folder":
        target.mkdir()
    elif what == "pipe":
        os.mkfifo(target)
    else:
        target.symlink_to(tmp_path / ("real" if what == "link" else "nowhere"))
    assert code_of(target, overwrite=True) == "output-not-a-file"
    assert (tmp_path / "real").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no/out.xml", "output-folder-missing"),
        ("x" * 300, "output-name"),
        ("a\0b", "output-name"),
        ("f/out.xml", "output-folder-missing"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_by_code(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "f").write_bytes(b"")
    assert code_of(tmp_path / name) == code


def test_a_read_only_folder_is_refused_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.os, "access", lambda path, mode: False)
    assert code_of(tmp_path / "out.xml") == "output-folder-read-only"


@pytest.mark.parametrize(
    ("number", "code", "kind"),
    [
        (errno.ENOSPC, "disk-full", Unavailable),
        (errno.EDQUOT, "disk-full", Unavailable),
        (errno.EROFS, "output-folder-read-only", UsageError),
        (errno.EIO, "output-failed", Unavailable),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_failing_disk_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str, kind: type[KvkkError], step: str
) -> None:
    monkeypatch.setattr(files.os, step, failing(OSError(number, "secret path")))
    with pytest.raises(kind, match=code) as caught:
        write(tmp_path / "out.xml")
    assert "secret" not in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_a_disk_that_is_really_full_leaves_no_file_and_says_so(tmp_path: Path) -> None:
    """RLIMIT_FSIZE stands for the full disk: EFBIG, in a child so that the limit does not outlive the test."""
    import resource
    import signal

    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            write(tmp_path / "out.xml", b"x" * 1_000_000)
        except Unavailable as error:
            os._exit(0 if error.code == "disk-full" else 2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert os.listdir(tmp_path) == []


def test_a_file_system_without_hard_links_still_does_not_overwrite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.os, "link", failing(OSError(errno.EPERM, "no links here")))
    write(tmp_path / "out.xml")
    assert (tmp_path / "out.xml").read_bytes() == b"new"
    other = tmp_path / "other.xml"
    with pytest.raises(UsageError, match="output-exists"):
        write(other, before=lambda: other.write_bytes(b"theirs"))
    assert other.read_bytes() == b"theirs"


def test_leftovers_of_a_killed_writer_are_swept_and_nothing_else(tmp_path: Path) -> None:
    old = time.time() - 2 * files.LEFTOVER_AFTER_S
    for name in (".kvkk-dead.part", ".kvkk-other.txt", "mine.part"):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (old, old))
    (tmp_path / ".kvkk-young.part").write_bytes(b"")
    with Atomic(tmp_path / "out.xml") as file:
        os.utime(file.fileno(), (old, old))
        assert sweep(tmp_path) == 1
        assert len(list(tmp_path.glob(".kvkk-*.part"))) == 2
    assert sorted(os.listdir(tmp_path)) == [".kvkk-other.txt", ".kvkk-young.part", "mine.part"]
    assert sweep(tmp_path / "missing") == 0


def test_default_names_carry_the_day_and_never_repeat() -> None:
    first, second = default_name(date(2026, 11, 23)), default_name(date(2026, 11, 23))
    assert first.startswith("kvkk-export-20261123-")
    assert first.endswith(".xml")
    assert first != second
