"""The documents are tested: console sessions are run, maps are parsed, links resolve, and no command is left unsaid.

A block marked `console` is a session on a private copy of sample.db, in the language of its document, on the day of the sample
and in a terminal of 100 columns. Each `$ kvkk …` is run; it ends with 0 unless `$ echo $?` follows and shows another code. The
lines below it are found in its output in that order, blanks aside; `…` stands for anything, also for nothing.
"""

from __future__ import annotations

import io
import re
import shlex
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import time_machine

from core import SETTINGS, Exit
from core.model.kinds import KINDS, MASK_NAMES
from core.model.mapfile import load
from core.sample import REFERENCE_DAY
from kvkk_cli import app, examples
from kvkk_cli.options import Everywhere
from kvkk_cli.output import Output
from kvkk_cli.topics import EXIT_CODES

ROOT = Path(__file__).parent.parent.parent
READMES = {"en": ROOT / "README.md", "tr": ROOT / "README.tr.md"}
COMMANDS = ROOT / "docs" / "commands.md"
DATA_MAP = ROOT / "docs" / "data-map.md"
PAGES = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
SESSION_PAGES = [*READMES.items(), ("en", ROOT / "docs" / "install.md")]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NOON = f"{REFERENCE_DAY.isoformat()}T09:00:00+00:00"
LEAST = 'version = 1\nname = "shop"\n[customer]\ntable = "customers"\nkey = "id"\nname = "name"\n'
"""What a fragment of a map needs around it to be read."""


class Terminal(io.StringIO):
    """A screen: stdout and stderr in the order in which they were written."""

    def isatty(self) -> bool:
        return True


def blocks(page: Path, mark: str) -> list[str]:
    """The fenced blocks of a page that carry this mark."""
    return [body for found, body in FENCE.findall(page.read_text(encoding="utf-8")) if found == mark]


def calls(page: Path) -> Iterator[tuple[str, list[str], int]]:
    """(command, lines shown, exit code) of every call in the sessions of a page, in order."""
    for session in blocks(page, "console"):
        starts = [m.start() for m in re.finditer(r"^\$ ", session, re.MULTILINE)] + [len(session)]
        parts = [session[a + 2 : b].splitlines() for a, b in pairwise(starts)]
        for i, (command, *shown) in enumerate(parts):
            if command != "echo $?":
                after = parts[i + 1] if i + 1 < len(parts) else []
                yield command, shown, int(after[1]) if after and after[0] == "echo $?" else 0


def run(command: str) -> tuple[int, str]:
    """Exit code and screen of one `kvkk …`."""
    program, *argv = shlex.split(command)
    assert program == "kvkk", f"only kvkk is run in a console block: {command}"
    screen = Terminal()

    def output(options: Everywhere) -> Output:
        return Output(screen, screen, io.StringIO(), as_json=options.as_json, quiet=options.quiet)

    return app.main(argv, output), COLOURS.sub("", screen.getvalue())


def follows(shown: list[str], screen: str) -> str | None:
    """The first line of a document that the screen does not show after the line before it; None when all are there."""
    at = 0
    lines = [_plain(one) for one in screen.splitlines()]
    for line in map(_plain, shown):
        if not line or line == "…":
            continue
        wanted = re.compile(".*".join(map(re.escape, line.split("…"))))
        found = next((i for i in range(at, len(lines)) if wanted.fullmatch(lines[i])), None)
        if found is None:
            return line
        at = found + 1
    return None


def _plain(line: str) -> str:
    """A line without what depends on the widths of columns: blanks, and how long a rule is."""
    return " ".join(re.sub("─+", "─", line).split())


@pytest.mark.parametrize(("language", "page"), SESSION_PAGES, ids=lambda value: getattr(value, "name", value))
def test_a_session_of_a_page_goes_as_it_says(language: str, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copyfile(ROOT / "sample.db", tmp_path / "sample.db")
    (tmp_path / "sample.db").chmod(0o600)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KVKK_DB", str(tmp_path / "sample.db"))
    monkeypatch.setenv("KVKK_LANG", language)
    monkeypatch.setenv("COLUMNS", "100")
    for command, shown, status in calls(page):
        with time_machine.travel(NOON, tick=False):
            ended, screen = run(command)
        assert ended == status, f"{page.name}: {command}\n{screen}"
        missing = follows(shown, screen)
        assert missing is None, f"{page.name}: {command}\nnot shown: {missing}\n\n{screen}"


def test_the_two_readmes_run_the_same_commands() -> None:
    told = {language: [(command, status) for command, _, status in calls(page)] for language, page in READMES.items()}
    assert told["en"] == told["tr"]
    assert len(told["en"]) >= 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, heading = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), f"{page.name}: {link}"
        if heading:
            assert heading in headings(target), f"{page.name}: {link}"


def headings(page: Path) -> set[str]:
    """Anchors of a page's headings, as forges make them."""
    told = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in told}


@pytest.mark.parametrize("language", ["en", "tr"])
def test_every_command_is_explained_in_both_languages(language: str) -> None:
    english, _, turkish = COMMANDS.read_text(encoding="utf-8").partition("\n# Komutlar\n")
    text = english if language == "en" else turkish
    missing = [name for name in examples.EXAMPLES if name and f"`kvkk {name}" not in text]
    assert not missing


@pytest.mark.parametrize(("page", "heading"), [(READMES["en"], "All commands"), (READMES["tr"], "Bütün komutlar")], ids=["en", "tr"])
def test_the_readmes_name_every_command(page: Path, heading: str) -> None:
    """A row names groups with their verbs: `requests list` `show` is two commands."""
    table = page.read_text(encoding="utf-8").partition(f"## {heading}")[2].partition("\n## ")[0]
    named, group = set(), ""
    for row in (line for line in table.splitlines() if line.startswith("| `")):
        for part in row.split("|")[1].split("·"):
            first, *more = re.findall(r"`([^`]+)`", part)
            group = first.partition(" ")[0]
            named |= {first, *(f"{group} {verb}" for verb in more)}
    assert named == set(examples.EXAMPLES) - {""}


@pytest.mark.parametrize("page", READMES.values(), ids=lambda page: page.name)
def test_the_readmes_name_every_exit_code_that_can_happen(page: Path) -> None:
    rows = re.findall(r"^\| (\d+) \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(row) for row in rows] == [code for code, _ in EXIT_CODES]
    assert {int(row) for row in rows} | {Exit.NEAR, Exit.OVERDUE} == set(Exit)


def test_every_setting_is_explained() -> None:
    text = COMMANDS.read_text(encoding="utf-8")
    assert [one.key for one in SETTINGS if text.count(f"| `{one.key}` |") != 2] == []


def test_every_map_of_the_guide_is_a_sound_map() -> None:
    found = blocks(DATA_MAP, "toml")
    assert len(found) >= 8
    for body in found:
        load(body if "[customer]" in body else LEAST + _around(body), "data-map.md")


def _around(fragment: str) -> str:
    """The master table, which a fragment about other tables leaves out; top-level keys of the fragment come first."""
    if "[tables.customers]" in fragment:
        return fragment
    master = '[tables.customers]\nnot_personal = [{ columns = ["id"], because = "key" }]\n[tables.customers.columns]\nname = "name"\n'
    return f"{master}{fragment}"


def test_every_example_map_is_a_sound_map() -> None:
    found = sorted((ROOT / "docs" / "examples").glob("*.toml"))
    assert found
    for path in found:
        assert load(path.read_text(encoding="utf-8"), path.name).name == path.stem


def test_the_guide_names_every_kind_and_every_mask() -> None:
    text = DATA_MAP.read_text(encoding="utf-8")
    assert [name for name in KINDS if f"| `{name}` |" not in text] == []
    assert [name for name in (*MASK_NAMES, "constant:…") if f"| `{name}` |" not in text and name != "constant"] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_place_of_one_machine(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w./-])/(?:root|work|home/\w+)/", text)
    assert "shared/" not in text


def test_every_test_that_the_security_page_names_is_there() -> None:
    rows = re.findall(
        r"^\| .+ \| V[\dV., ]+ \| `(test_\w+)`(?: \(`([\w/.]+)`\))? \|$", (ROOT / "SECURITY.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(rows) > 25
    for name, place in rows:
        files = [ROOT / place] if place else sorted((ROOT / "tests" / "panel").glob("test_*.py"))
        assert any(f"def {name}(" in file.read_text(encoding="utf-8") for file in files), name
