"""What is committed: names no host of a registry and no place of one machine; the lock files pin everything, with hashes."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")

# In pieces, so that this file does not hold what it looks for.
HOSTS = tuple(a + b for a, b in (("python", "hosted"), ("py", r"pi\.org"), ("npm", r"js\.(org|com)"), ("debian", r"\.org/debian")))
PLACES = (*tuple("/" + name + "/" for name in ("wor" + "k", "far" + "m", "roo" + "t")), r"\.\./" + "shared", "/opt/" + "pypi")
FORBIDDEN = re.compile("|".join(HOSTS + PLACES))


def committed() -> Iterator[Path]:
    """Files that git tracks or would track."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone: nothing says which files are ours")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    names = listing.stdout.decode().split("\0")
    return (ROOT / name for name in names if name and (ROOT / name).is_file())


def test_no_file_names_a_registry_or_a_place_of_one_machine() -> None:
    found = []
    for path in committed():
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            if FORBIDDEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


def test_nothing_that_is_made_is_committed() -> None:
    made = {".mo", ".pyc", ".whl", ".stamp"}
    assert [path.name for path in committed() if path.suffix in made] == []


def pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([a-z0-9-]+)==([^ ]+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_place_and_every_pin_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    blocks = re.split(r"(?m)^(?=[a-z0-9])", re.sub(r"(?m)^ *#.*\n", "", text))
    assert all("--hash=sha256:" in block for block in blocks if block.strip())
    assert pins(lock)


def test_the_two_locks_agree() -> None:
    small, large = (pins(lock) for lock in LOCKS)
    assert small.items() <= large.items()


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]

    def unpinned(wanted: list[str], lock: str) -> list[str]:
        names = (re.match(r"[A-Za-z0-9-]+", text) for text in wanted)
        return [name[0] for name in names if name and name[0].lower() not in pins(lock)]

    assert unpinned(project["dependencies"] + extras["build"], "requirements.lock") == []
    assert unpinned(project["dependencies"] + extras["build"] + extras["dev"], "requirements-dev.lock") == []
