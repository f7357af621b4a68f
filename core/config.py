"""Which database is meant, and where its data map and key file are. Reads files; opens no database and imports no driver.

The first that names one counts: `--db`, KVKK_DB, the user's config file, the machine's config file; then `sample.db` in
the current folder, which the front says aloud; else UsageError `no-database`. KVKK_CONFIG names one file in place of both.
What a config file says about map, key and password belongs to the database it names and to no other.

    language = "tr"
    [database]
    url = "postgresql://kvkk@db.example/panel"       # or a file; relative to this config file
    password_file = "db-password"                    # read by its owner (and group) only
    map = "panel.toml"                               # a file, or the name of a map that ships
    key_file = "/etc/kvkk/panel.key"
    tombstones = "/var/lib/kvkk/panel.tombstones"    # beside the key file when left out

Strict: unknown keys and wrong types are refused with file and key. A password is never shown, and never taken from an argument.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit, urlunsplit

from core.configfile import Config, read
from core.errors import UsageError

APP = "kvkk"
SITE_FOLDER = Path("/etc/kvkk")
SAMPLE = "sample.db"


@dataclass(frozen=True, slots=True)
class Target:
    """The database that is meant, and what belongs to it."""

    database: str
    """An absolute file name, or a URL without a password."""
    map: str | None
    """A file or the name of a map that ships; None: what the database itself remembers."""
    key_file: Path
    source: str
    """`--db`, `KVKK_DB`, the path of the config file, or `sample` (found in the current folder)."""
    language: str | None
    password: str | None = field(default=None, repr=False)
    tombstones: Path | None = None
    """Where it was said to be; `tombstone_file` is the place that counts."""

    @property
    def tombstone_file(self) -> Path:
        """What is done to customers, outside the database: beside the key file unless told otherwise, one for each database."""
        return self.tombstones or default_tombstones(self.database, self.key_file)


@dataclass(frozen=True, slots=True)
class ConfigLine:
    """One line of `kvkk config show`: a value and where it comes from. A password is only said to be there."""

    key: str
    value: str | None
    origin: str
    """`--db`, `--map`, a variable, the path of a config file, `sample`, or `default`."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One line of `kvkk config path`: a file that is looked at, in this order."""

    path: str
    exists: bool


def find(db: str | None, map_: str | None, env: Mapping[str, str], cwd: Path) -> Target:
    """The database that is meant. Raises UsageError: nothing named, a password where none may be, a broken config file."""
    files = tuple(read(path) for path in _present(env))
    language = next((one.language for one in files if one.language), None)
    named, source, file = _named(db, env, cwd, files)
    database = _database(named, file.path.parent if file else cwd)
    password = _password(named, file, is_argument=source == "--db")
    return Target(
        database=database,
        map=_map(map_, env, file, cwd)[0],
        key_file=_key_file(database, env, file, cwd)[0],
        source=source,
        language=language,
        password=password,
        tombstones=_tombstones(env, file, cwd)[0],
    )


def show(db: str | None, map_: str | None, env: Mapping[str, str], cwd: Path) -> tuple[ConfigLine, ...]:
    """What `find` would take, value by value, with the origin of each. Raises as `find`."""
    files = tuple(read(path) for path in _present(env))
    target = find(db, map_, env, cwd)
    file = _named(db, env, cwd, files)[2]
    spoken = next((str(one.path) for one in files if one.language), "default")
    map_name, map_origin = _map(map_, env, file, cwd)
    key_file, key_origin = _key_file(target.database, env, file, cwd)
    where = str(file.path) if file and target.password is not None else target.source
    return (
        ConfigLine("database", target.database, target.source),
        ConfigLine("password", "***" if target.password is not None else None, where if target.password else "default"),
        ConfigLine("map", map_name, map_origin),
        ConfigLine("key_file", str(key_file), key_origin),
        ConfigLine("tombstones", str(target.tombstone_file), _tombstones(env, file, cwd)[1]),
        ConfigLine("language", target.language, spoken),
    )


def paths(env: Mapping[str, str]) -> tuple[ConfigFile, ...]:
    """The config files that are looked at, in order. Opens none."""
    return tuple(ConfigFile(str(path), _may_be_there(path)) for path in _candidates(env))


def configured_language(env: Mapping[str, str]) -> str | None:
    """The language that a config file names. None also for a broken file: the verb that needs it says what is wrong."""
    try:
        return next((file.language for file in map(read, _present(env)) if file.language), None)
    except UsageError:
        return None


def _candidates(env: Mapping[str, str]) -> tuple[Path, ...]:
    if env.get("KVKK_CONFIG"):
        return (Path(env["KVKK_CONFIG"]).expanduser().absolute(),)
    return (_user_folder("config", env) / "config.toml", SITE_FOLDER / "config.toml")


def _user_folder(which: str, env: Mapping[str, str]) -> Path:
    variable = env.get("XDG_CONFIG_HOME" if which == "config" else "XDG_DATA_HOME")
    if variable and Path(variable).is_absolute():
        return Path(variable) / APP
    if sys.platform == "linux":  # what platformdirs would say; loading it costs every command 5 ms
        return Path.home() / (".config" if which == "config" else ".local/share") / APP
    import platformdirs

    return platformdirs.user_config_path(APP) if which == "config" else platformdirs.user_data_path(APP)


def _present(env: Mapping[str, str]) -> tuple[Path, ...]:
    found = tuple(path for path in _candidates(env) if _may_be_there(path))
    if env.get("KVKK_CONFIG") and not found:
        raise UsageError("config-missing", path=str(_candidates(env)[0]))
    return found


def _may_be_there(path: Path) -> bool:
    """True also in a folder that is shut to us (another's home, /etc/kvkk for its group): reading it says so."""
    try:
        return path.exists()
    except PermissionError:
        return True


def _named(db: str | None, env: Mapping[str, str], cwd: Path, files: tuple[Config, ...]) -> tuple[str, str, Config | None]:
    """(database as named, source, the config file it stands in)."""
    if db is not None:
        if not db.strip():
            raise UsageError("no-database")
        return db, "--db", None
    if env.get("KVKK_DB"):
        return env["KVKK_DB"], "KVKK_DB", None
    for file in files:
        if file.url:
            return file.url, str(file.path), file
    if os.path.isfile(cwd / SAMPLE):  # False where the folder itself is shut to us
        return str(cwd / SAMPLE), "sample", None
    raise UsageError("no-database")


def _database(named: str, folder: Path) -> str:
    if "://" not in named:
        return str((folder / Path(named).expanduser()).absolute())
    return _without_password(named)


def _parts(named: str) -> SplitResult:
    try:
        parts = urlsplit(named)
        _ = parts.port, parts.hostname
    except ValueError:
        raise UsageError("bad-url") from None
    return parts


def _without_password(named: str) -> str:
    parts = _parts(named)
    if parts.password is None:
        return named
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.split(':')[0]}@{host}"))


def _password(named: str, file: Config | None, *, is_argument: bool) -> str | None:
    """The password that comes with the database, if any; the driver's own files are asked later, by the driver."""
    inline = _parts(named).password if "://" in named else None
    if inline is None and "://" in named:
        asked = parse_qs(urlsplit(named).query)
        if {"password", "passwd", "pass", "pwd"} & {name.lower() for name in asked}:
            raise UsageError("password-in-argument" if is_argument else "password-in-query")
    if inline is not None and is_argument:
        raise UsageError("password-in-argument")
    if inline is not None and file is not None and file.path.stat().st_mode & stat.S_IRWXO:
        raise UsageError("password-in-config", path=str(file.path))
    if file is not None and file.password_file is not None:
        from core.adapters.password import read_password

        return read_password(file.password_file)
    return unquote(inline) if inline is not None else None


def _map(map_: str | None, env: Mapping[str, str], file: Config | None, cwd: Path) -> tuple[str | None, str]:
    if map_:
        return _map_name(map_, cwd), "--map"
    if env.get("KVKK_MAP"):
        return _map_name(env["KVKK_MAP"], cwd), "KVKK_MAP"
    if file and file.map:
        return _map_name(file.map, file.path.parent), str(file.path)
    return None, "default"


def _map_name(named: str, folder: Path) -> str:
    """A bare word is the name of a map that ships; anything with a slash or `.toml` is a file."""
    is_file = "/" in named or named.endswith(".toml") or named.startswith("~")
    return str((folder / Path(named).expanduser()).absolute()) if is_file else named


def _key_file(database: str, env: Mapping[str, str], file: Config | None, cwd: Path) -> tuple[Path, str]:
    if env.get("KVKK_KEY_FILE"):
        return (cwd / Path(env["KVKK_KEY_FILE"]).expanduser()).absolute(), "KVKK_KEY_FILE"
    if file and file.key_file:
        return file.key_file, str(file.path)
    return default_key_file(database, env), "default"


def _tombstones(env: Mapping[str, str], file: Config | None, cwd: Path) -> tuple[Path | None, str]:
    if env.get("KVKK_TOMBSTONES"):
        return (cwd / Path(env["KVKK_TOMBSTONES"]).expanduser()).absolute(), "KVKK_TOMBSTONES"
    if file and file.tombstones:
        return file.tombstones, str(file.path)
    return None, "default"


def default_tombstones(database: str, key_file: Path) -> Path:
    """Beside the key file, by the name of the database: a copy that somebody tries things on must not fill the true one's."""
    return key_file.parent / f"{_slug(database)}.tombstones"


def _slug(database: str) -> str:
    """The name of a database as part of a file name."""
    if "://" not in database:
        return Path(database).name
    parts = _parts(database)
    if parts.scheme.split("+")[0] == "sqlite":
        return Path(unquote(parts.path)).name
    name = f"{parts.hostname or 'localhost'}-{unquote(parts.path).strip('/') or 'default'}"
    return re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)


def default_key_file(database: str, env: Mapping[str, str]) -> Path:
    """Beside a SQLite file; for a server the machine's key if there is one, else one in the user's data folder."""
    if "://" not in database:
        return Path(f"{database}.key")
    parts = _parts(database)
    if parts.scheme.split("+")[0] == "sqlite":
        return Path(f"{Path(unquote(parts.path)[1:]).absolute()}.key")
    shared = SITE_FOLDER / "kvkk.key"
    if _may_be_there(shared):
        return shared
    return _user_folder("data", env) / f"{_slug(database)}.key"
