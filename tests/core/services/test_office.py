"""Settings, consent, downloads and the audit as verbs of the desk, on each engine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from core.config import Target
from core.desk import SHIPPED, Desk
from core.errors import ChainBroken, Conflict, MapError, NotFound, Refused, UsageError
from core.model.records import Channel, Resolution
from core.store import tables

CUSTOMER = "250"


def last_entry(desk: Desk) -> dict[str, object]:
    with desk.store.reading() as conn:
        text = conn.execute(select(tables.audit.c.detail).order_by(tables.audit.c.seq.desc()).limit(1)).scalar_one()
    found: dict[str, object] = json.loads(text)
    return found


def test_a_setting_is_read_set_and_reset(desk: Desk) -> None:
    assert desk.settings.get(desk.actor, "near-days") == "7"
    change = desk.settings.set(desk.actor, "near-days", "3")
    assert (change.key, change.before, change.now, change.locked_out) == ("near-days", "7", "3", None)
    assert last_entry(desk)["detail"] == {"key": "near-days", "before": "7", "now": "3"}
    assert desk.settings.get(desk.actor, "near-days") == "3"
    assert desk.settings.reset(desk.actor, "near-days").now == "7"
    assert {row.key: row.value for row in desk.settings.list(desk.actor, "tr")}["near-days"] == "7"


def test_words_of_the_company_stay_out_of_the_audit(desk: Desk) -> None:
    """The chain can never forget; the address of a sole trader is personal data."""
    desk.settings.set(desk.actor, "company-email", "veli@firma.example")
    assert last_entry(desk)["detail"] == {"key": "company-email"}


def test_a_refused_setting_leaves_no_trace(desk: Desk) -> None:
    before = last_entry(desk)
    for key, value, kind in (("near-days", "many", UsageError), ("nearby", "1", NotFound)):
        with pytest.raises(kind):
            desk.settings.set(desk.actor, key, value)
        assert last_entry(desk) == before
    for verb in (desk.settings.get, desk.settings.reset):
        with pytest.raises(NotFound, match="unknown-setting"):
            verb(desk.actor, "nearby")


def test_enforcing_consent_says_how_many_it_locks_out(desk: Desk) -> None:
    everybody = desk.settings.set(desk.actor, "enforce-consent", "on").locked_out
    assert everybody is not None
    desk.consent.give(desk.actor, CUSTOMER)
    desk.consent.give(desk.actor, "251")
    desk.consent.withdraw(desk.actor, "251")
    assert desk.settings.set(desk.actor, "enforce-consent", "açık").locked_out == everybody - 1
    assert desk.settings.set(desk.actor, "enforce-consent", "off").locked_out is None


def test_consent_is_given_and_withdrawn_and_the_latest_counts(desk: Desk) -> None:
    assert not desk.consent.show(desk.actor, CUSTOMER).row.given
    with pytest.raises(Conflict, match="consent-not-given"):
        desk.consent.withdraw(desk.actor, CUSTOMER)
    given = desk.consent.give(desk.actor, CUSTOMER, Channel.PANEL)
    assert (given.given, given.version, given.channel, given.at) == (True, 1, "panel", desk.store.clock())
    with pytest.raises(Conflict, match="consent-given"):
        desk.consent.give(desk.actor, CUSTOMER)
    assert not desk.consent.withdraw(desk.actor, CUSTOMER).given
    assert last_entry(desk)["verb"] == "consent.withdraw"
    assert desk.consent.give(desk.actor, CUSTOMER).given
    with desk.store.reading() as conn:
        book = tables.consents
        rows = conn.execute(select(book.c.given).where(book.c.customer == CUSTOMER).order_by(book.c.id)).scalars().all()
    assert rows == [True, False, True]


def test_downloads_are_listed_from_the_newest(desk: Desk) -> None:
    with desk.store.writer.begin() as conn:
        for customer in ("250", "251", "250"):
            row = {"customer": customer, "by": "x", "started_at": desk.store.clock(), "state": "done", "format": "xml"}
            conn.execute(insert(tables.downloads).values(**row))
    page = desk.downloads.list(desk.actor, limit=2)
    assert [row.customer for row in page.rows] == ["250", "251"]
    rest = desk.downloads.list(desk.actor, limit=1000, after=page.cursor)
    assert [row.customer for row in rest.rows][:1] == ["250"]
    assert rest.cursor is None
    assert {row.customer for row in desk.downloads.list(desk.actor, customer="250").rows} == {"250"}
    assert desk.downloads.list(desk.actor, customer="252").rows == ()
    with pytest.raises(NotFound):
        desk.downloads.list(desk.actor, customer="99999")
    with pytest.raises(UsageError, match="bad-limit"):
        desk.downloads.list(desk.actor, limit=0)


def test_the_audit_is_listed_exported_anchored_and_verified(desk: Desk) -> None:
    kept = str(desk.audit.anchor(desk.actor))
    desk.consent.give(desk.actor, CUSTOMER)
    assert desk.audit.verify(desk.actor, kept).vouched
    lines = [json.loads(line) for line in desk.audit.export(desk.actor)]
    found = desk.audit.verify(desk.actor)
    assert (len(lines), found.vouched) == (found.entries, False)
    assert json.loads(lines[-1]["detail"])["verb"] == "consent.give"
    page = desk.audit.list(desk.actor, limit=1)
    assert [entry.verb for entry in page.rows] == ["consent.give"]
    assert desk.audit.list(desk.actor, limit=1000, after=page.cursor).cursor is None
    with pytest.raises(UsageError, match="bad-checkpoint"):
        desk.audit.verify(desk.actor, "kvkk")
    with desk.store.writer.begin() as conn:
        conn.execute(update(tables.audit).where(tables.audit.c.seq == 2).values(actor="x"))
    with pytest.raises(ChainBroken) as broken:
        desk.audit.verify(desk.actor)
    assert broken.value.facts == {"seq": 2, "why": "edited"}


def test_doctor_finds_a_sound_sample(desk: Desk) -> None:
    found = {finding.code: finding for finding in desk.upkeep.doctor(desk.actor)}
    assert found["schema-current"].grade == "ok"
    assert found["audit-ok"].grade == "ok"
    assert found["map-ok"].grade == "ok"
    assert found["staff-open"].grade == "note"
    assert found["key-file-not-needed-yet"].grade == "ok"
    assert not [code for code, finding in found.items() if finding.grade == "error"]


def test_doctor_names_what_is_wrong(desk: Desk, target: Target) -> None:
    desk.requests.cancel(desk.actor, desk.requests.list(desk.actor, _all_open()).rows[0].number)
    assert "key-file-ok" in _codes(desk)
    target.key_file.chmod(0o644)
    with Desk(target, actor=desk.actor, clock=desk.store.clock) as other:
        assert "key-file-open-to-others" in _codes(other)
    target.key_file.unlink()
    with desk.store.writer.begin() as conn:
        conn.execute(update(tables.audit).where(tables.audit.c.seq == 1).values(verb="x"))
    with Desk(target, actor=desk.actor, clock=desk.store.clock) as other:
        assert {"key-file-missing", "audit-broken"} <= _codes(other)


def _codes(desk: Desk) -> set[str]:
    return {finding.code for finding in desk.upkeep.doctor(desk.actor)}


def _all_open() -> object:
    from core.model.records import RequestFilter

    return RequestFilter()


def test_a_missing_file_is_made_whole_with_the_embedded_schema(tmp_path: Path, actor: object, clock: object) -> None:
    file = tmp_path / "new.db"
    with Desk(Target(str(file), None, tmp_path / "k", "--db", None), actor=actor, clock=clock) as desk:  # type: ignore[arg-type]
        done = desk.upkeep.init(desk.actor)
        assert (done.database, done.before, done.made_file, done.map) == ("new.db", "none", True, "sample")
        assert file.stat().st_mode & 0o077 == 0
        again = desk.upkeep.init(desk.actor)
        assert (again.before, again.made_file, again.map) == ("current", False, "sample")
        codes = {f.code: f.grade for f in desk.upkeep.doctor(desk.actor)}
        assert codes["journal-mode"] == codes["secure-delete"] == codes["integrity-ok"] == codes["map-ok"] == "ok"
        assert "file-open-to-others" not in codes
        assert desk.audit.verify(desk.actor).entries == 1
        file.chmod(0o644)
        assert {f.code for f in desk.upkeep.doctor(desk.actor)} >= {"file-open-to-others"}


def test_a_file_that_could_not_be_finished_is_not_left_behind(
    tmp_path: Path, actor: object, clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "new.db"
    monkeypatch.setattr("core.store.migrate.upgrade", stop)
    with Desk(Target(str(file), None, tmp_path / "k", "--db", None), actor=actor, clock=clock) as desk:  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt):
            desk.upkeep.init(desk.actor)
        assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, actor: object, clock: object) -> None:
    where = Target(str(tmp_path / "no" / "new.db"), None, tmp_path / "k", "--db", None)
    with Desk(where, actor=actor, clock=clock) as desk, pytest.raises(Exception, match="database-cannot-be-made"):  # type: ignore[arg-type]
        desk.upkeep.init(desk.actor)


def test_init_on_the_companys_database_adds_only_our_tables(engine_url: str, tmp_path: Path, actor: object) -> None:
    from sqlalchemy import inspect, text

    with Desk(Target(engine_url, None, tmp_path / "k", "--db", None), actor=actor) as desk:  # type: ignore[arg-type]
        with desk.store.writer.begin() as conn:
            conn.execute(text("CREATE TABLE theirs (id INTEGER PRIMARY KEY)"))
        with pytest.raises(UsageError, match="not-initialised"):
            desk.settings.list(desk.actor, "tr")
        with pytest.raises(UsageError, match="not-initialised"):
            desk.upkeep.upgrade(desk.actor)
        assert desk.upkeep.doctor(desk.actor)[0].code == "schema-none"
        done = desk.upkeep.init(desk.actor, "sample")
        assert (done.before, done.made_file, done.map) == ("none", False, "sample")
        with desk.store.reading() as conn:
            names = set(inspect(conn).get_table_names())
        assert {name for name in names if not name.startswith("kvkk_")} == {"theirs"}
        assert desk.upkeep.upgrade(desk.actor).before == "current"
        with pytest.raises(UsageError, match="map-missing-file"):
            desk.upkeep.init(desk.actor, "other")
        (tmp_path / "broken.toml").write_text("version = 2", encoding="utf-8")
        with pytest.raises(MapError, match="bad-map"):
            desk.upkeep.init(desk.actor, str(tmp_path / "broken.toml"))
        shutil.copyfile(SHIPPED / "sample.toml", tmp_path / "ours.toml")
        assert desk.upkeep.init(desk.actor, str(tmp_path / "ours.toml")).map == str(tmp_path / "ours.toml")
        assert last_entry(desk)["verb"] == "map"


@pytest.mark.parametrize("engine_name", ["mariadb"])
def test_doctor_names_tables_that_ignore_rollback(desk: Desk) -> None:
    from sqlalchemy import text

    with desk.store.alone() as conn:
        conn.execute(text("CREATE TABLE old_log (id INT) ENGINE=MyISAM"))
    found = {finding.code: dict(finding.facts) for finding in desk.upkeep.doctor(desk.actor)}
    assert found["tables-ignore-rollback"] == {"tables": ("old_log",), "count": 1}


def own_map(desk: Desk, tmp_path: Path, text: str) -> Desk:
    """A desk on the same database with another map."""
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    return Desk(Target(desk.target.database, str(tmp_path / "own.toml"), tmp_path / "own.key", "--db", None), actor=desk.actor)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_access_is_not_said_to_be_blocked_where_the_map_closes_nothing(desk: Desk, tmp_path: Path) -> None:
    before, _, after = (SHIPPED / "sample.toml").read_text(encoding="utf-8").partition("[access]")
    with own_map(desk, tmp_path, before + after[after.index("\n[services]") :]) as other:
        with pytest.raises(Refused, match="map-closes-nothing"):
            other.resolutions.resolve(other.actor, 28, Resolution())
        assert other.requests.show(other.actor, 28).row.state == "pending"
        other.resolutions.resolve(other.actor, 28, Resolution(mask=True))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_key_that_signed_nothing_is_told(desk: Desk, tmp_path: Path) -> None:
    assert not desk.audit.verify(desk.actor).unsigned
    desk.target.key_file.write_text("ab" * 32 + "\n", encoding="ascii")
    desk.target.key_file.chmod(0o600)
    with Desk(desk.target, actor=desk.actor) as with_key:
        assert with_key.audit.verify(with_key.actor).unsigned
        assert "audit-unsigned" in [finding.code for finding in with_key.upkeep.doctor(with_key.actor)]
        with_key.resolutions.resolve(with_key.actor, 28, Resolution(mask=True))
        assert not with_key.audit.verify(with_key.actor).unsigned


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_doctor_names_triggers_on_mapped_tables(desk: Desk) -> None:
    with desk.store.alone() as conn:
        conn.exec_driver_sql("CREATE TRIGGER copies AFTER UPDATE ON customers BEGIN SELECT 1; END")
    found = {finding.code: dict(finding.facts) for finding in desk.upkeep.doctor(desk.actor)}
    assert found["triggers"]["triggers"] == ("copies (customers)",)


def test_a_name_goes_from_the_customers_own_texts_and_stays_in_a_namesakes(desk: Desk) -> None:
    """`preferences` holds a signature that no path of the map names; customers 12 and 112 have one name."""
    with desk.store.writer.begin() as conn:
        for key in (12, 112):
            document = json.dumps({"signature": "Mehmet YILMAZ, Genel M."})
            conn.exec_driver_sql(f"UPDATE customers SET preferences = '{document}' WHERE id = {key}")
    desk.resolutions.resolve(desk.actor, 19, Resolution(mask=True))
    with desk.store.reading() as conn:
        rows = conn.exec_driver_sql("SELECT id, preferences FROM customers WHERE id IN (12, 112) ORDER BY id").all()
    mine, theirs = (str(row[1]) for row in rows)
    assert "mehmet" not in mine.lower()
    assert "yilmaz" not in mine.lower()
    assert "Genel M." in mine
    assert "Mehmet YILMAZ" in theirs
