"""One config file: read whole, every key and type checked. Strict: a misspelt key is refused by name, with the nearest that is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UsageError
from core.locale import LANGUAGES

MOST = 1 << 20
"""Bytes that are read."""
_TOP = {"language": str, "database": dict}
_DATABASE = {"url": str, "password_file": str, "map": str, "key_file": str, "tombstones": str}


@dataclass(frozen=True, slots=True)
class Config:
    """A config file that was read and checked."""

    path: Path
    language: str | None = None
    url: str | None = None
    password_file: Path | None = None
    map: str | None = None
    key_file: Path | None = None
    tombstones: Path | None = None


def read(path: Path) -> Config:
    """A config file, checked. Raises UsageError `config-…` with path, and key or line."""
    import tomllib

    try:
        with path.open("rb") as opened:
            content = opened.read(MOST)
        said = tomllib.loads(content.decode("utf-8"))
    except OSError:
        raise UsageError("config-unreadable", path=str(path)) from None
    except UnicodeDecodeError:
        raise UsageError("config-broken", path=str(path), line=content[: _bad_byte(content)].count(b"\n") + 1) from None
    except tomllib.TOMLDecodeError as error:
        # The parser's sentence quotes the file, which may hold a password: only the line is told.
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else len(content.splitlines())
        raise UsageError("config-broken", path=str(path), line=line) from None
    _check(path, "", said, _TOP)
    database = said.get("database", {})
    _check(path, "database.", database, _DATABASE)
    if said.get("language") not in (None, *LANGUAGES):
        raise UsageError("config-bad-value", path=str(path), key="language", allowed=", ".join(LANGUAGES))
    return Config(
        path=path,
        language=said.get("language"),
        url=database.get("url") or None,
        password_file=_beside(path, database.get("password_file")),
        map=database.get("map"),
        key_file=_beside(path, database.get("key_file")),
        tombstones=_beside(path, database.get("tombstones")),
    )


def _check(path: Path, prefix: str, said: Mapping[str, Any], known: Mapping[str, type]) -> None:
    for key, value in said.items():
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, known, 1, 0.0)[0]
            raise UsageError("config-unknown-key", path=str(path), key=prefix + key[:64], nearest=prefix + near)
        if not isinstance(value, known[key]):
            wanted = "text" if known[key] is str else "[table]"
            raise UsageError("config-bad-value", path=str(path), key=prefix + key, allowed=wanted)


def _beside(config: Path, named: str | None) -> Path | None:
    return (config.parent / Path(named).expanduser()).absolute() if named else None


def _bad_byte(content: bytes) -> int:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(content)
