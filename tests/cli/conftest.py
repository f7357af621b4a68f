"""A runner that calls `main` in this process with streams of its own, and a copy of the sample database to work on."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kvkk_cli.app import main
from kvkk_cli.options import Everywhere
from kvkk_cli.output import Output

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample.db"
ESC = "\x1b"


class Stream(io.TextIOWrapper):
    """A text stream in memory that says whether it is a terminal."""

    def __init__(self, text: str = "", *, tty: bool = False) -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8", errors="replace", newline="")
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


@dataclass
class Ran:
    """What one call of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        return [line.split("\t") for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the developer's machine counts: no configuration, no language, an empty folder to stand in."""
    for name in ("KVKK_DB", "KVKK_MAP", "KVKK_LANG", "KVKK_CONFIG", "KVKK_KEY_FILE", "KVKK_DEBUG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", "")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)


@pytest.fixture
def run() -> Run:
    """`run("requests", "list", stdin="…", tty=True)`; English unless `lang` says otherwise, None to choose nothing."""

    def call(*argv: str, stdin: str = "", tty: bool = False, lang: str | None = "en") -> Ran:
        out, err = Stream(tty=tty), Stream(tty=tty)

        def output(options: Everywhere) -> Output:
            given = Stream(stdin, tty=tty)
            return Output(out, err, given, as_json=options.as_json, quiet=options.quiet, env={"NO_COLOR": "1"})

        code = main([*(["--lang", lang] if lang else []), *argv], output)
        return Ran(int(code), out.text(), err.text())

    return call


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample database, named by KVKK_DB."""
    copy = tmp_path / "copy.db"
    shutil.copyfile(SAMPLE, copy)
    copy.chmod(0o600)
    monkeypatch.setenv("KVKK_DB", str(copy))
    return copy
