"""./kvkk and ./check as a shell runs them, in a copy of the tree, without a network.

A `python3` of our own comes first on PATH. It is the real one, except that its pip records what it was asked for and puts
into the new environment only a path file: to the copy, and to the packages that this test itself runs on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("kvkk", "check", "tools/environment.sh", "pyproject.toml", "hatch_build.py", "requirements.lock")

PYTHON3 = """#!/bin/sh
case "$*" in
    *'import sys, pip'*) exit {has_pip} ;;
    '-m pip '*)
        echo "$*" >>"{calls}"
        {pip}
        case "$*" in *--editable*)
            printf '%s\\n' "{tree}" "{packages}" >"$(echo "$4" | sed 's,bin/python$,,')lib/{version}/site-packages/_test.pth" ;;
        esac ;;
    *) exec "{real}" "$@" ;;
esac
"""

PROGRAM = """
import os, sys
import core
if __name__ == "__main__":
    print(core.__file__, os.getcwd(), *sys.argv[1:], sep="|")
    sys.exit(7)
"""


class Tree:
    """A copy of the launcher, with a program that only says what it was given, and a home folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "ağaç ve boşluk"
        self.home = folder / "home"
        self.bin = folder / "bin"
        self.calls = folder / "calls"
        for part in PARTS:
            (self.root / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / part, self.root / part)
        for package, text in (("core", ""), ("kvkk_cli", "")):
            (self.root / package).mkdir()
            (self.root / package / "__init__.py").write_text(text, encoding="utf-8")
        (self.root / "kvkk_cli" / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        self.home.mkdir()
        self.bin.mkdir()
        self.python()

    def python(self, pip: str = ":", has_pip: int = 0) -> None:
        """Lay the `python3` (and the newer names, so that none of the machine's is found) on PATH."""
        text = PYTHON3.format(
            has_pip=has_pip,
            pip=pip,
            calls=self.calls,
            tree=self.root,
            packages=sysconfig.get_path("purelib"),
            version=f"python{sys.version_info.major}.{sys.version_info.minor}",
            real=sys.executable,
        )
        for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
            (self.bin / name).write_text(text, encoding="utf-8")
            (self.bin / name).chmod(0o755)

    def environment(self, **more: str) -> dict[str, str]:
        return {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.home), "LANG": "en_GB.UTF-8", **more}

    def run(self, *words: str, command: Path | None = None, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command or self.root / "kvkk", *words],
            cwd=cwd or self.home,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def pip_calls(self) -> list[str]:
        return self.calls.read_text(encoding="utf-8").splitlines() if self.calls.exists() else []


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_the_first_start_makes_the_environment_and_the_second_finds_it(tree: Tree) -> None:
    first = tree.run("requests", "list")
    assert first.returncode == 7
    assert first.stdout.endswith("|requests|list\n")
    assert "setting up" in first.stderr
    locked, project = tree.pip_calls()
    assert "--require-hashes" in locked
    assert locked.endswith("requirements.lock")
    assert "--no-deps --no-build-isolation --editable" in project
    second = tree.run("requests", "list")
    assert (second.returncode, second.stderr) == (7, "")
    assert len(tree.pip_calls()) == 2


def test_arguments_arrive_as_they_were_typed(tree: Tree) -> None:
    assert tree.run("a b", "", "*", "$HOME", "ışık").stdout.endswith("|a b||*|$HOME|ışık\n")


@pytest.mark.parametrize("language", ["tr_TR.UTF-8", "C", ""])
def test_what_is_not_english_is_turkish(tree: Tree, language: str) -> None:
    assert "kuruluyor" in tree.run(LANG=language).stderr
    assert tree.run(KVKK_LANG="en", LANG=language).stderr == ""


def test_it_works_through_a_symlink_and_keeps_the_current_folder(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "first").symlink_to(tree.root / "kvkk")
    (tmp_path / "second").symlink_to("first")
    core, folder, *_ = tree.run(command=tmp_path / "second", cwd=tree.home).stdout.rstrip("\n").split("|")
    assert Path(core) == tree.root / "core" / "__init__.py"
    assert Path(folder) == tree.home


def test_a_foreign_core_does_not_take_the_place_of_ours(tree: Tree) -> None:
    for package in ("core", "kvkk_cli", "typing"):
        (tree.home / package).mkdir()
        (tree.home / package / "__init__.py").write_text("raise SystemExit(99)", encoding="utf-8")
    answer = tree.run(cwd=tree.home, PYTHONPATH=str(tree.home), PYTHONSTARTUP=str(tree.home / "core" / "__init__.py"))
    assert (answer.returncode, answer.stdout.split("|")[0]) == (7, str(tree.root / "core" / "__init__.py"))


@pytest.mark.parametrize("part", ["pyproject.toml", "hatch_build.py", "requirements.lock", "core/locale/tr/LC_MESSAGES/kvkk.po"])
def test_what_the_environment_is_made_of_makes_it_anew_when_it_changes(tree: Tree, part: str) -> None:
    tree.run()
    (tree.root / part).parent.mkdir(parents=True, exist_ok=True)
    with (tree.root / part).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert "setting up" in tree.run().stderr
    assert tree.run().stderr == ""


def test_a_moved_folder_still_works(tree: Tree) -> None:
    tree.run()
    tree.root = tree.root.rename(tree.root.with_name("elsewhere"))
    tree.python()
    assert tree.run().stdout.startswith(str(tree.root / "core"))


@pytest.mark.parametrize("harm", ["bin/python", "pyvenv.cfg"])
def test_a_broken_environment_is_made_anew(tree: Tree, harm: str) -> None:
    tree.run()
    (tree.root / ".venv" / harm).unlink()
    (tree.root / ".venv" / "requirements.lock.stamp").unlink()
    assert tree.run().returncode == 7


def test_a_set_up_that_fails_says_so_and_is_tried_again(tree: Tree) -> None:
    tree.python(pip="echo 'ERROR: no such thing' >&2; exit 1")
    answer = tree.run("requests")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "ERROR: no such thing" in answer.stderr
    assert "could not be made" in answer.stderr
    tree.python()
    assert tree.run().returncode == 7


def test_a_set_up_that_is_killed_leaves_no_stamp_and_no_lock(tree: Tree) -> None:
    tree.python(pip="kill -9 $PPID; exit 1")
    tree.run()
    assert not list((tree.root / ".venv").glob("*.stamp"))
    tree.python()
    assert tree.run().returncode == 7


def test_two_starts_at_once_set_up_once(tree: Tree) -> None:
    tree.python(pip="sleep 0.7")
    starts = [
        subprocess.Popen([tree.root / "kvkk"], env=tree.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = sorted(start.communicate(timeout=60)[1] for start in starts)
    assert [start.returncode for start in starts] == [7, 7]
    assert "waiting" in said[0]
    assert "setting up" in said[1]
    assert len(tree.pip_calls()) == 2


def test_no_python_with_pip_is_said_with_the_remedy(tree: Tree) -> None:
    tree.python(has_pip=1)
    answer = tree.run()
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "apt install python3 python3-pip" in answer.stderr


@pytest.fixture
def sealed(tree: Tree) -> Iterator[Callable[[], None]]:
    """Takes the write permission from the tree, until the test is over."""

    def seal() -> None:
        tree.root.chmod(0o555)

    yield seal
    tree.root.chmod(0o755)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tree: Tree, sealed: Callable[[], None]) -> None:
    sealed()
    answer = tree.run()
    assert (answer.returncode, answer.stdout) == (1, "")
    assert f"you may not write in {tree.root}" in answer.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_environment_that_is_ready_needs_no_write_permission(tree: Tree, sealed: Callable[[], None]) -> None:
    tree.run()
    sealed()
    assert (tree.run().returncode, tree.run().stderr) == (7, "")


def test_install_links_the_command(tree: Tree) -> None:
    answer = tree.run("install")
    link = tree.home / ".local" / "bin" / "kvkk"
    assert answer.returncode == 0
    assert link.readlink() == tree.root / "kvkk"
    assert f"{link.parent} is not on PATH" in answer.stderr
    assert tree.run(command=link).returncode == 7


def test_install_twice_is_no_mistake_and_a_path_that_is_right_is_not_mentioned(tree: Tree) -> None:
    tree.run("install")
    answer = tree.run("install", PATH=f"{tree.home}/.local/bin:{tree.environment()['PATH']}")
    assert (answer.returncode, answer.stdout) == (0, "")
    assert answer.stderr.endswith("is already this kvkk.\n")
    assert answer.stderr.count("\n") == 1


def test_install_names_another_kvkk_that_comes_first(tree: Tree) -> None:
    (tree.bin / "kvkk").write_text("#!/bin/sh\n", encoding="utf-8")
    (tree.bin / "kvkk").chmod(0o755)
    answer = tree.run("install", PATH=f"{tree.environment()['PATH']}:{tree.home}/.local/bin")
    assert f"another kvkk comes first on PATH: {tree.bin}/kvkk" in answer.stderr


@pytest.mark.parametrize("foreign", ["file", "link", "dangling"])
def test_install_touches_no_foreign_file(tree: Tree, foreign: str) -> None:
    link = tree.home / ".local" / "bin" / "kvkk"
    link.parent.mkdir(parents=True)
    if foreign == "file":
        link.write_text("theirs", encoding="utf-8")
    else:
        link.symlink_to("/bin/sh" if foreign == "link" else "/nowhere/kvkk")
    answer = tree.run("install")
    assert answer.returncode == 5
    assert "Nothing was changed" in answer.stderr
    assert link.is_symlink() == (foreign != "file")
    assert link.is_symlink() or link.read_text(encoding="utf-8") == "theirs"


def test_install_takes_no_argument(tree: Tree) -> None:
    answer = tree.run("install", "--help")
    assert answer.returncode == 2
    assert "usage: ./kvkk install" in answer.stderr


def test_install_without_a_home_is_refused(tree: Tree) -> None:
    assert tree.run("install", HOME="").returncode == 2


def test_check_knows_one_word(tree: Tree) -> None:
    for words in (["quick"], ["long", "long"]):
        answer = tree.run(*words, command=tree.root / "check")
        assert answer.returncode == 2
        assert "usage: ./check [long]" in answer.stderr
    assert not tree.pip_calls()


@pytest.mark.parametrize("script", ["kvkk", "check", "tools/environment.sh", "tools/lock"])
def test_the_scripts_are_plain_sh(script: str) -> None:
    subprocess.run(["sh", "-n", ROOT / script], check=True)
    assert os.access(ROOT / script, os.X_OK) == (script != "tools/environment.sh")
