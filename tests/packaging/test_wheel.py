"""What a user gets from `pipx install`: the wheel, built here without a network."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = tuple(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def build(target: str, source: Path, folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", folder],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def sources() -> set[str]:
    """Every file of the packages that is source, and every catalogue compiled."""
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    kept = (path for path in found if "__pycache__" not in path.parts and path.suffix not in {".pyc", ".mo"})
    paths = {path.relative_to(ROOT).as_posix() for path in kept}
    return paths | {path.removesuffix(".po") + ".mo" for path in paths if path.endswith(".po")}


def test_the_wheel_holds_every_source_file_once_and_nothing_else(names: list[str]) -> None:
    files = [name for name in names if ".dist-info/" not in name]
    assert sorted(files) == sorted(sources())


@pytest.mark.parametrize(
    "wanted",
    ["core/maps/sample.toml", "core/adapters/export.xsd", "core/locale/tr/LC_MESSAGES/kvkk.mo", "core/store/migrations/"],
)
def test_maps_schemas_catalogues_and_migrations_are_in_it(names: list[str], wanted: str) -> None:
    assert any(name.startswith(wanted) for name in names)


def test_the_license_is_in_it(names: list[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def run_unpacked(unpacked: Path, code: str) -> str:
    """Run code on the wheel's packages, from a folder that holds none of ours, with only the path entry set by hand."""
    start = f"import sys; sys.path.insert(0, {str(unpacked)!r})\n{code}"
    answer = subprocess.run(
        [sys.executable, "-I", "-c", start], cwd=unpacked.parent, capture_output=True, text=True, check=True, env=os.environ
    )
    return answer.stdout


@pytest.mark.parametrize("command", ["kvkk", "kvkk-desk"])
def test_both_commands_are_in_it_and_start_the_program(unpacked: Path, command: str) -> None:
    code = f"""
from importlib.metadata import entry_points
point, = entry_points(group="console_scripts", name={command!r})
assert callable(point.load())
print(sys.modules["core"].__file__)"""
    assert run_unpacked(unpacked, code).strip() == str(unpacked / "core" / "__init__.py")


def test_turkish_is_spoken_from_it(unpacked: Path) -> None:
    catalogue = unpacked / "core" / "locale" / "tr" / "LC_MESSAGES" / "kvkk.po"
    with catalogue.open("rb") as text:
        message = next(entry for entry in read_po(text) if entry.id and isinstance(entry.id, str) and not entry.fuzzy)
    code = f"from core.locale import translator; print(translator('tr')({message.id!r}))"
    assert run_unpacked(unpacked, code) == f"{message.string}\n"


def test_a_wheel_made_from_the_source_distribution_is_the_same(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    archive = build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))
    folder = tmp_path_factory.mktemp("source")
    subprocess.run(["tar", "-xf", archive, "-C", folder], check=True)
    (source,) = folder.iterdir()
    again = build("wheel", source, tmp_path_factory.mktemp("again"))
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(names)


def test_building_leaves_the_source_tree_alone(wheel: Path) -> None:
    assert wheel.exists()
    assert not list(ROOT.glob("core/locale/*/LC_MESSAGES/*.new"))
    assert not (ROOT / "build").exists()


def test_the_build_extra_says_what_the_build_system_says() -> None:
    assert PROJECT["project"]["optional-dependencies"]["build"] == PROJECT["build-system"]["requires"]
