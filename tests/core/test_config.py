"""Which database is meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core import config
from core.errors import UsageError

Write = Callable[..., Path]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path / "user"), "XDG_DATA_HOME": str(tmp_path / "data")}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a config file: the user's, or with `site=True` the machine's."""
    monkeypatch.setattr(config, "SITE_FOLDER", tmp_path / "site")

    def write(text: str, *, site: bool = False, mode: int = 0o600) -> Path:
        path = (tmp_path / "site" if site else tmp_path / "user" / "kvkk") / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    return write


def refusal(db: str | None, env: dict[str, str], cwd: Path) -> UsageError:
    with pytest.raises(UsageError) as refused:
        config.find(db, None, env, cwd)
    return refused.value


def test_the_first_that_names_a_database_counts(env: dict[str, str], write: Write, tmp_path: Path) -> None:
    (tmp_path / "sample.db").touch()
    assert config.find(None, None, env, tmp_path).source == "sample"
    site = write('database.url = "site.db"', site=True)
    assert config.find(None, None, env, tmp_path).source == str(site)
    user = write('database.url = "user.db"')
    assert config.find(None, None, env, tmp_path).source == str(user)
    env["KVKK_DB"] = "env.db"
    assert config.find(None, None, env, tmp_path).database == str(tmp_path / "env.db")
    assert config.find("arg.db", None, env, tmp_path).database == str(tmp_path / "arg.db")


def test_no_database_is_named(env: dict[str, str], tmp_path: Path) -> None:
    assert refusal(None, env, tmp_path).code == "no-database"
    assert refusal(" ", env, tmp_path).code == "no-database"
    assert list(tmp_path.iterdir()) == []


def test_an_empty_variable_names_nothing(env: dict[str, str], tmp_path: Path) -> None:
    assert refusal(None, env | {"KVKK_DB": "", "KVKK_CONFIG": ""}, tmp_path).code == "no-database"


def test_a_config_file_means_files_beside_itself(env: dict[str, str], write: Write, tmp_path: Path) -> None:
    path = write('language = "en"\n[database]\nurl = "firm.db"\nmap = "firm.toml"\nkey_file = "firm.key"\n')
    found = config.find(None, None, env, tmp_path)
    assert found.database == str(path.parent / "firm.db")
    assert found.map == str(path.parent / "firm.toml")
    assert found.key_file == path.parent / "firm.key"
    assert found.language == "en"


def test_what_a_config_says_of_its_database_is_not_for_another(env: dict[str, str], write: Write, tmp_path: Path) -> None:
    """A map or a key of the company's database must not meet the sample that somebody opens with --db."""
    write('language = "en"\n[database]\nurl = "firm.db"\nmap = "firm"\nkey_file = "firm.key"\npassword_file = "absent"\n')
    found = config.find("other.db", None, env, tmp_path)
    assert (found.map, found.key_file, found.password) == (None, tmp_path / "other.db.key", None)
    assert found.language == "en"


def test_the_name_of_a_map_stays_a_name(env: dict[str, str], tmp_path: Path) -> None:
    assert config.find("a.db", "sample", env, tmp_path).map == "sample"
    assert config.find("a.db", "maps/x.toml", env, tmp_path).map == str(tmp_path / "maps/x.toml")
    assert config.find("a.db", None, env | {"KVKK_MAP": "whmcs"}, tmp_path).map == "whmcs"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://kvkk:hunter2@db.example/panel",
        "mysql://kvkk:@db.example/panel",
        "postgresql://db.example/panel?user=kvkk&password=hunter2",
        "mysql://db.example/panel?PASSWD=hunter2",
    ],
)
def test_a_password_in_an_argument_is_refused_and_not_repeated(url: str, env: dict[str, str], tmp_path: Path) -> None:
    refused = refusal(url, env, tmp_path)
    assert refused.code == "password-in-argument"
    assert "hunter2" not in str(refused)


def test_a_password_may_stand_in_a_private_config_only(env: dict[str, str], write: Write, tmp_path: Path) -> None:
    text = '[database]\nurl = "postgresql://kvkk:p%40ss@db.example/panel"\n'
    write(text, mode=0o640)
    found = config.find(None, None, env, tmp_path)
    assert found.password == "p@ss"
    assert found.database == "postgresql://kvkk@db.example/panel"
    assert "p@ss" not in repr(found)
    write(text, mode=0o644)
    assert refusal(None, env, tmp_path).code == "password-in-config"


def test_a_password_file_must_be_private(env: dict[str, str], write: Write, tmp_path: Path) -> None:
    path = write('[database]\nurl = "mysql://kvkk@db.example/panel"\npassword_file = "secret"\n')
    assert refusal(None, env, tmp_path).code == "password-file-missing"
    secret = path.parent / "secret"
    secret.write_text("hunter2\nnot this\n", encoding="utf-8")
    secret.chmod(0o644)
    assert refusal(None, env, tmp_path).code == "password-file-open-to-others"
    secret.chmod(0o640)
    assert config.find(None, None, env, tmp_path).password == "hunter2"


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("languge = 'tr'", "config-unknown-key", {"key": "languge", "nearest": "language"}),
        ("[database]\npassword = 'x'", "config-unknown-key", {"key": "database.password", "nearest": "database.password_file"}),
        ("database = 'x'", "config-bad-value", {"key": "database", "allowed": "[table]"}),
        ("[database]\nurl = 5", "config-bad-value", {"key": "database.url", "allowed": "text"}),
        ("language = 'de'", "config-bad-value", {"key": "language", "allowed": "tr, en"}),
        ("[database]\nurl = 'x\n", "config-broken", {"line": 2}),
        ("a = 1\na = 2", "config-broken", {"line": 2}),
    ],
)
def test_a_config_file_is_read_strictly(
    text: str, code: str, facts: dict[str, object], env: dict[str, str], write: Write, tmp_path: Path
) -> None:
    path = write(text)
    refused = refusal("a.db", env, tmp_path)
    assert refused.code == code
    assert refused.facts == {"path": str(path), **facts}


def test_a_config_file_of_bytes_that_are_no_text_is_refused(env: dict[str, str], write: Write, tmp_path: Path) -> None:
    write("x").write_bytes(b'language = "tr"\n# \xff\n')
    assert refusal(None, env, tmp_path).facts["line"] == 2


def test_a_folder_in_place_of_a_config_file_is_refused(env: dict[str, str], write: Write, tmp_path: Path) -> None:
    path = write("x")
    path.unlink()
    path.mkdir()
    assert refusal(None, env, tmp_path).code == "config-unreadable"


def test_a_named_config_file_stands_alone_and_must_be_there(env: dict[str, str], write: Write, tmp_path: Path) -> None:
    write('database.url = "user.db"')
    mine = tmp_path / "mine.toml"
    env["KVKK_CONFIG"] = str(mine)
    assert refusal(None, env, tmp_path).code == "config-missing"
    mine.write_text('language = "tr"', encoding="utf-8")
    assert refusal(None, env, tmp_path).code == "no-database"
    assert [file.path for file in config.paths(env)] == [str(mine)]


@pytest.mark.parametrize("url", ["postgresql://[::1/x", "mysql://h:port/x"])
def test_a_url_that_is_none_is_refused(url: str, env: dict[str, str], tmp_path: Path) -> None:
    assert refusal(url, env, tmp_path).code == "bad-url"


def test_the_key_lies_beside_a_file_and_with_the_user_for_a_server(env: dict[str, str], tmp_path: Path) -> None:
    assert config.find("a b.db", None, env, tmp_path).key_file == tmp_path / "a b.db.key"
    assert config.default_key_file("sqlite:////srv/a%20b.db", env) == Path("/srv/a b.db.key")
    there = config.find("postgresql://db.example:5433/pa%2Fnel", None, env, tmp_path).key_file
    assert there == tmp_path / "data" / "kvkk" / "db.example-pa_nel.key"
    named = config.find("postgresql://db.example/panel", None, env | {"KVKK_KEY_FILE": "k"}, tmp_path)
    assert named.key_file == tmp_path / "k"


def test_the_machines_key_is_taken_for_a_server_when_there_is_one(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "SITE_FOLDER", tmp_path)
    (tmp_path / "kvkk.key").touch()
    assert config.find("postgresql://h/d", None, env, tmp_path).key_file == tmp_path / "kvkk.key"


def test_show_tells_origins_and_no_password(env: dict[str, str], write: Write, tmp_path: Path) -> None:
    path = write('language = "en"\n[database]\nurl = "postgresql://kvkk:hunter2@db.example/panel"\n')
    lines = {line.key: line for line in config.show(None, "sample", env, tmp_path)}
    assert lines["database"] == config.ConfigLine("database", "postgresql://kvkk@db.example/panel", str(path))
    assert lines["password"] == config.ConfigLine("password", "***", str(path))
    assert lines["map"] == config.ConfigLine("map", "sample", "--map")
    assert lines["key_file"].origin == "default"
    assert lines["language"] == config.ConfigLine("language", "en", str(path))
    assert "hunter2" not in repr(lines)


def test_the_language_is_found_without_a_database_and_despite_a_broken_file(env: dict[str, str], write: Write) -> None:
    assert config.configured_language(env) is None
    write('language = "en"')
    assert config.configured_language(env) == "en"
    write("language = ")
    assert config.configured_language(env) is None


def test_tombstones_stand_beside_the_key_file_by_the_name_of_the_database(env: dict[str, str], write: Write, tmp_path: Path) -> None:
    env["KVKK_KEY_FILE"] = str(tmp_path / "keys" / "our.key")
    assert config.find("panel.db", None, env, tmp_path).tombstone_file == tmp_path / "keys" / "panel.db.tombstones"
    assert config.find("trial.db", None, env, tmp_path).tombstone_file == tmp_path / "keys" / "trial.db.tombstones"
    server = config.find("mariadb://kvkk@db.example/panel", None, env, tmp_path)
    assert server.tombstone_file == tmp_path / "keys" / "db.example-panel.tombstones"
    path = write('[database]\nurl = "panel.db"\ntombstones = "t/panel"')
    assert config.find(None, None, env, tmp_path).tombstone_file == path.parent / "t" / "panel"
    assert config.find("panel.db", None, env, tmp_path).tombstones is None  # the config file speaks of its own database only
    env["KVKK_TOMBSTONES"] = "elsewhere"
    assert config.find("panel.db", None, env, tmp_path).tombstone_file == tmp_path / "elsewhere"
    shown = {line.key: (line.value, line.origin) for line in config.show("panel.db", None, env, tmp_path)}
    assert shown["tombstones"] == (str(tmp_path / "elsewhere"), "KVKK_TOMBSTONES")
