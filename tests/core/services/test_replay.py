"""A restored backup on each engine: who came back is found by proof, never by the key alone, and is treated again once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from core.config import Target
from core.desk import Desk
from core.errors import Conflict, KeyFileError, NotAllowed, UsageError
from core.model.records import Actor, Kind, NewRequest, ReplayEnd, Resolution, ResolveOptions, Role
from core.model.tombstone import Deed
from core.store import tables, tombstones

FORCED = ResolveOptions(force="test", waive_residue="test")
DAY = date(2026, 11, 1)
ACCESS, MASK, ERASE = Resolution(), Resolution(mask=True), Resolution(erase=True)


def sql(desk: Desk, *statements: str) -> None:
    with desk.store.writer.begin() as conn:
        for statement in statements:
            conn.exec_driver_sql(statement)


def row(desk: Desk, columns: str, customer: str) -> Any:
    with desk.store.reading() as conn:
        return conn.exec_driver_sql(f"SELECT {columns} FROM customers WHERE id = {customer}").one_or_none()


def findings(desk: Desk) -> set[str]:
    return {finding.code for finding in desk.upkeep.doctor(desk.actor)}


def again(desk: Desk, *files: Path, undated: bool = False, since: date = DAY) -> ReplayEnd:
    plan = desk.replay.plan(desk.actor, since, files, undated=undated)
    return desk.replay.carry_out(desk.actor, since, files, fingerprint=plan.fingerprint, undated=undated)


def who(desk: Desk, *files: Path) -> dict[str, str]:
    return {one.customer: one.deed for one in desk.replay.plan(desk.actor, DAY, files).returned}


def doubts(desk: Desk, *files: Path) -> dict[str, str]:
    return {one.customer: one.why for one in desk.replay.plan(desk.actor, DAY, files).doubtful}


class Company:
    """The sample company, its backup, and the database that the backup becomes."""

    def __init__(self, desk: Desk, servers: Any, engine_name: str, clock: Any) -> None:
        self.now = desk
        self._clock = clock
        self._servers, self._engine = servers, engine_name
        self._opened: list[Desk] = []
        self._backup = ""

    def back_up(self) -> None:
        self._backup = self._copy(self.now.target.database)

    def restore(self, tombstone_file: Path | None = None) -> Desk:
        """A desk on a fresh copy of the backup. Key and tombstone file are today's."""
        file = tombstone_file or self.now.target.tombstone_file
        where = Target(self._copy(self._backup), "sample", self.now.target.key_file, "--db", "en", tombstones=file)
        self._clock.move(hours=1)
        self._opened.append(Desk(where, actor=self.now.actor, clock=self._clock))
        return self._opened[-1]

    def close(self) -> None:
        for one in self._opened:
            one.close()

    def _copy(self, url: str) -> str:
        if self._engine == "sqlite" and url == self.now.target.database:
            with self.now.store.alone() as conn:
                conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self.now.close()
        made: str = self._servers.make(self._engine, url)
        return made


@pytest.fixture
def company(desk: Desk, servers: Any, engine_name: str, clock: Any) -> Iterator[Company]:
    found = Company(desk, servers, engine_name, clock)
    yield found
    found.close()


def done_and_lost(company: Company) -> Desk:
    """Three customers are treated after the backup: 1 is masked and blacklisted, 12 blocked, 150 erased."""
    company.back_up()
    now = company.now
    now.resolutions.resolve(now.actor, 28, Resolution(mask=True, blacklist=True), FORCED)
    now.resolutions.resolve(now.actor, 19, ACCESS, FORCED)
    now.resolutions.resolve(now.actor, 15, ERASE, FORCED)
    return company.restore()


def test_who_came_back_is_treated_again_as_it_was(company: Company) -> None:
    restored = done_and_lost(company)
    assert restored.requests.show(restored.actor, 28).row.state == "pending"
    assert who(restored) == {"1": "mask", "12": "access", "150": "erase"}
    plan = restored.replay.plan(restored.actor, DAY)
    assert (plan.lost, plan.restored, plan.doubtful) == (3, True, ())
    assert plan.fingerprints >= 2
    assert {one.customer: (one.request, one.open_request) for one in plan.returned} == {"1": (28, 28), "12": (19, 19), "150": (15, 15)}
    assert all("email" in one.matched for one in plan.returned)
    with restored.store.reading() as conn:
        waiting = conn.execute(select(func.count()).select_from(tables.outbox)).scalar_one()
    end = restored.replay.carry_out(restored.actor, DAY, fingerprint=plan.fingerprint)
    assert (end.settled, end.left, end.put_back, end.pending) == (True, 0, 3, ())
    assert sorted(end.requests) == [15, 19, 28]
    assert row(restored, "email", "150") is None
    assert row(restored, "email", "1")[0] != row(company.now, "email", "250")[0]
    assert "@" in row(restored, "email", "1")[0]
    assert row(restored, "status, password_hash", "12") == ("blocked", "!")
    for number, outcome in ((28, "mask"), (19, "access"), (15, "erase")):
        detail = restored.requests.show(restored.actor, number)
        assert (detail.row.state, detail.outcome, detail.certificate) == ("resolved", outcome, True)
    with restored.store.reading() as conn:
        assert conn.execute(select(func.count()).select_from(tables.outbox)).scalar_one() == waiting  # nobody is told a second time
        here = set(conn.execute(select(tables.blacklist.c.fingerprint)).scalars())
    with company.now.store.reading() as conn:
        assert here == set(conn.execute(select(tables.blacklist.c.fingerprint)).scalars())


def test_a_second_replay_finds_nothing_and_everything_verifies(company: Company) -> None:
    restored = done_and_lost(company)
    assert {"tombstones-lost", "audit-restored"} <= findings(restored)
    again(restored)
    plan = restored.replay.plan(restored.actor, DAY)
    assert plan.nothing
    assert plan.doubtful == ()
    assert restored.audit.verify(restored.actor).filed is not None
    assert not {"tombstones-lost", "audit-restored", "tombstones-behind"} & findings(restored)
    second = company.restore()  # and the same backup once more
    assert who(second) == {"1": "mask", "12": "access", "150": "erase"}
    assert again(second).left == 0
    assert second.replay.plan(second.actor, DAY).nothing
    second.audit.verify(second.actor)


def test_a_database_that_was_never_restored_needs_nothing(company: Company) -> None:
    done_and_lost(company)
    plan = company.now.replay.plan(company.now.actor, DAY)
    assert plan.nothing
    assert plan.doubtful == ()


def test_only_the_companys_tables_came_back(company: Company) -> None:
    """Our own tables are today's: requests are resolved, so new ones are made, which say what they repeat."""
    done_and_lost(company)
    now = company.now
    sql(now, "UPDATE customers SET status = 'active', password_hash = 'x' WHERE id = 12")
    sql(now, "INSERT INTO customers SELECT * FROM customers WHERE id = -1")
    with company.restore().store.reading() as conn:
        old = dict(conn.exec_driver_sql("SELECT * FROM customers WHERE id = 1").mappings().one())
    marks = {"sqlite": "?"}.get(now.store.name, "%s")
    with now.store.writer.begin() as conn:
        changed = {name: value for name, value in old.items() if name in ("email", "phone", "first_name", "last_name")}
        text = ", ".join(f"{name} = {marks}" for name in changed)
        conn.exec_driver_sql(f"UPDATE customers SET {text} WHERE id = 1", tuple(changed.values()))
    plan = now.replay.plan(now.actor, DAY)
    assert {one.customer: (one.deed, one.open_request) for one in plan.returned} == {"1": ("mask", None), "12": ("access", None)}
    assert (plan.lost, plan.restored) == (0, False)
    end = again(now)
    assert len(end.requests) == 2
    detail = now.requests.show(now.actor, end.requests[-1])
    assert detail.note is not None
    assert "28 (2026-11-01, mask)" in detail.note
    assert (detail.row.channel, detail.row.kind, detail.outcome) == ("other", "anonymise", "mask")
    assert now.replay.plan(now.actor, DAY).nothing


def test_one_value_that_still_matches_is_enough(company: Company) -> None:
    company.back_up()
    now = company.now
    sql(now, "UPDATE customers SET email = 'new-address@mektup.test', phone = '+905129998877' WHERE id = 1")
    now.resolutions.resolve(now.actor, 28, MASK, FORCED)
    restored = company.restore()
    plan = restored.replay.plan(restored.actor, DAY)
    assert [(one.customer, one.deed) for one in plan.returned] == [("1", "mask")]
    assert "national_id" in plan.returned[0].matched


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_value_that_the_customer_had_before_is_a_proof_too(company: Company) -> None:
    """The address of today is on record, and the old one stands in the customer's own rows."""
    company.back_up()
    now = company.now
    old = row(now, "email", "1")[0]
    sql(
        now,
        f"UPDATE invoices SET billing_email = '{old}' WHERE customer_id = 1",
        "UPDATE customers SET email = 'new@mektup.test', phone = NULL, identity_no = NULL, tax_no = NULL WHERE id = 1",
    )
    now.resolutions.resolve(now.actor, 28, MASK, FORCED)
    restored = company.restore()
    sql(restored, "UPDATE customers SET phone = NULL, identity_no = NULL, tax_no = NULL WHERE id = 1")
    assert who(restored) == {"1": "mask"}


def test_a_key_that_was_given_anew_is_listed_and_left_alone(company: Company) -> None:
    """SQLite gives the last number again; here even the same person opens an account anew, of their own will."""
    now = company.now
    company.back_up()
    names = "first_name, last_name, email, phone, identity_no, user_name, password_hash, language, status"
    old = row(now, names, "300")
    now.resolutions.resolve(now.actor, 31, ERASE, FORCED)
    company.restore()
    mark = {"sqlite": "?"}.get(now.store.name, "%s")
    with now.store.writer.begin() as conn:
        marks = ", ".join([mark] * 9)
        conn.exec_driver_sql(f"INSERT INTO customers (id, created_at, {names}) VALUES (300, '2026-11-01 12:00:00', {marks})", tuple(old))
    assert who(now) == {}
    assert doubts(now) == {"300": "anew"}
    assert again(now).requests == ()
    assert row(now, "email", "300")[0] == old[2]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_account_of_which_nothing_matches_any_more_is_listed(company: Company) -> None:
    company.back_up()
    company.now.resolutions.resolve(company.now.actor, 28, MASK, FORCED)
    restored = company.restore()
    sql(restored, "UPDATE customers SET email = 'x@y.test', phone = NULL, identity_no = NULL, tax_no = NULL WHERE id = 1")
    assert (who(restored), doubts(restored)) == ({}, {"1": "changed"})


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_without_a_moment_of_creation_people_are_listed_until_they_are_asked_for(company: Company, tmp_path: Path) -> None:
    from core.desk import SHIPPED

    text = (SHIPPED / "sample.toml").read_text(encoding="utf-8").replace('created = "created_at"\n', "")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    company.back_up()

    def desk(database: str) -> Desk:
        where = Target(database, str(tmp_path / "own.toml"), company.now.target.key_file, "--db", "en", tombstones=tmp_path / "t")
        return Desk(where, actor=company.now.actor, clock=company.now._clock)

    with desk(company.now.target.database) as now:
        now.resolutions.resolve(now.actor, 28, MASK, FORCED)
    with desk(company.restore().target.database) as restored:
        assert (who(restored), doubts(restored)) == ({}, {"1": "undated"})
        assert again(restored, undated=True).requests == (28,)
        assert restored.replay.plan(restored.actor, DAY).nothing


def test_the_stub_of_an_erased_customer_with_held_invoices_has_not_come_back(company: Company) -> None:
    company.back_up()
    now = company.now
    now.settings.set(now.actor, "invoice-retention-years", "10")
    assert now.resolutions.resolve(now.actor, 15, ERASE, FORCED).holds
    assert row(now, "id", "150") is not None
    plan = now.replay.plan(now.actor, DAY)
    assert (plan.returned, plan.doubtful) == ((), ())
    restored = company.restore()
    restored.settings.set(restored.actor, "invoice-retention-years", "10")
    again(restored)
    plan = restored.replay.plan(restored.actor, DAY)
    assert (plan.returned, plan.doubtful) == ((), ())


def test_what_cannot_be_done_now_stays_to_be_done(company: Company) -> None:
    """The backup is from before somebody chose how long invoices are held."""
    now = company.now
    sql(now, "DELETE FROM kvkk_settings")
    company.back_up()
    now.settings.set(now.actor, "invoice-retention-years", "0")
    now.resolutions.resolve(now.actor, 15, ERASE, FORCED)
    now.resolutions.resolve(now.actor, 19, ACCESS, FORCED)
    restored = company.restore()
    end = again(restored)
    assert (end.settled, end.left, end.put_back) == (True, 1, 1)
    assert sum(run.row.failed for run in end.runs) == 1
    assert restored.requests.show(restored.actor, 15).row.last_error == "hold-not-chosen"
    assert "tombstones-lost" in findings(restored)
    assert "audit-restored" not in findings(restored)
    restored.settings.set(restored.actor, "invoice-retention-years", "0")
    assert who(restored) == {"150": "erase"}
    assert again(restored).left == 0
    assert "tombstones-ok" in findings(restored)


def test_a_backup_from_before_the_key_was_first_used(company: Company) -> None:
    restored = done_and_lost(company)
    with restored.store.reading() as conn:
        assert conn.execute(select(func.count()).select_from(tables.keys)).scalar_one() == 0
    again(restored)
    with restored.store.reading() as conn:
        assert list(conn.execute(select(tables.keys.c.state)).scalars()) == ["current"]
    restored.audit.verify(restored.actor)


@pytest.mark.parametrize("drop_old", [False, True])
def test_after_a_rotation_of_the_key_who_came_back_is_still_found(company: Company, drop_old: bool) -> None:
    """Also with a key that was given up as leaked: what was made with it must not be lost for a replay, or it is said."""
    company.back_up()
    now = company.now
    now.resolutions.resolve(now.actor, 19, ACCESS, FORCED)
    now.keys.rotate(now.actor, drop_old=drop_old)
    now.resolutions.resolve(now.actor, 15, ERASE, FORCED)
    restored = company.restore()
    found = who(restored)
    plan = restored.replay.plan(restored.actor, DAY)
    if not drop_old:
        assert found == {"12": "access", "150": "erase"}
    else:
        assert found == {"150": "erase"}
        assert sum(file.keyless for file in plan.files) > 0
    assert again(restored).left == 0
    assert row(restored, "id", "150") is None
    assert restored.replay.plan(restored.actor, DAY).returned == ()
    restored.audit.verify(restored.actor)


def test_fingerprints_that_were_taken_off_do_not_come_back_and_ended_ones_neither(company: Company, clock: Any) -> None:
    restored = done_and_lost(company)
    now = company.now
    with now.context.writing(now.actor) as unit:
        rows = list(tombstones.every(unit.conn))
        marks = next(stone.marks for _, stone in rows if stone.marks)
        key = now.context.keyring.obtain(unit.conn)
        tombstones.keep_listed(unit, Deed.UNLISTED, key, marks[:1])
        unit.conn.execute(delete(tables.blacklist).where(tables.blacklist.c.fingerprint == marks[0].fingerprint))
    now.replay.job(now.actor)
    again(restored)
    with restored.store.reading() as conn:
        kept = set(conn.execute(select(tables.blacklist.c.fingerprint)).scalars())
    assert kept == {mark.fingerprint for mark in marks[1:]}
    clock.move(days=365 * 4)
    late = company.restore()
    assert late.replay.plan(late.actor, DAY).fingerprints == 0


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_two_hosts_know_more_than_one(company: Company, tmp_path: Path) -> None:
    company.back_up()
    now, theirs = company.now, tmp_path / "other" / "t"
    now.resolutions.resolve(now.actor, 28, MASK, FORCED)
    mine = now.target.tombstone_file.read_bytes()
    elsewhere = Target(now.target.database, "sample", now.target.key_file, "--db", "en", tombstones=theirs)
    with Desk(elsewhere, actor=now.actor, clock=now._clock) as other:
        other.resolutions.resolve(other.actor, 19, ACCESS, FORCED)
    now.target.tombstone_file.write_bytes(mine)
    theirs.write_bytes(theirs.read_bytes().splitlines(keepends=True)[-1])  # only the last line is left of it
    restored = company.restore()
    assert who(restored) == {"1": "mask"}
    assert who(restored, theirs) == {"1": "mask", "12": "access"}
    seen = restored.replay.plan(restored.actor, DAY, [theirs]).files
    assert [(one.exists, one.tombstones, bool(one.problems)) for one in seen] == [(True, 1, False), (True, 1, True)]
    again(restored, theirs)
    assert restored.replay.plan(restored.actor, DAY, [theirs]).nothing
    restored.audit.verify(restored.actor)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_file_that_was_edited_makes_nobody_come_back(company: Company) -> None:
    restored = done_and_lost(company)
    file = restored.target.tombstone_file
    file.write_bytes(file.read_bytes().replace(b'"deed":"access"', b'"deed":"erase"'))
    plan = restored.replay.plan(restored.actor, DAY)
    assert plan.files[0].problems
    assert {one.customer for one in plan.returned} == {"1", "150"}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_block_that_was_lifted_is_not_put_back(company: Company) -> None:
    restored = done_and_lost(company)
    now = company.now
    with now.context.writing(now.actor) as unit:
        from core.store import person

        key = now.context.keyring.obtain(unit.conn)
        tombstones.keep(unit, 19, "12", Deed.OPENED, key, person.witness(unit.conn, now.context.atlas, "12"))
    now.replay.job(now.actor)
    assert who(restored) == {"1": "mask", "150": "erase"}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_strongest_of_several_deeds_counts(company: Company) -> None:
    company.back_up()
    now = company.now
    now.resolutions.resolve(now.actor, 19, ACCESS, FORCED)
    number = now.requests.add(now.actor, NewRequest("12", Kind.ERASE)).number
    now.resolutions.resolve(now.actor, number, MASK, FORCED)
    number = now.requests.add(now.actor, NewRequest("12", Kind.ERASE)).number
    now.resolutions.resolve(now.actor, number, ERASE, FORCED)  # of a row that is masked already: its own proofs prove nobody
    restored = company.restore()
    assert who(restored) == {"12": "erase"}
    again(restored)
    assert row(restored, "id", "12") is None
    assert restored.replay.plan(restored.actor, DAY).nothing


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_was_done_before_that_day_is_left_out(company: Company) -> None:
    restored = done_and_lost(company)
    later = date(2026, 11, 2)
    plan = restored.replay.plan(restored.actor, later)
    assert (plan.returned, plan.lost) == ((), 0)
    again(restored, since=later)
    assert "tombstones-lost" in findings(restored)  # a wrong day hides nothing
    assert who(restored) == {"1": "mask", "12": "access", "150": "erase"}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_another_database_with_the_same_key_is_left_alone(company: Company, servers: Any, engine_name: str, tmp_path: Path) -> None:
    """Set up anew, the customers imported: its file must be named, so that nobody does it by mistake."""
    restored = done_and_lost(company)
    with restored.store.writer.begin() as conn:
        conn.execute(tables.meta.update().where(tables.meta.c.name == "origin").values(value="0123456789abcdef"))
    plan = restored.replay.plan(restored.actor, DAY)
    assert (plan.returned, plan.files[0].tombstones, plan.files[0].others) == ((), 0, 3)
    assert who(restored, restored.target.tombstone_file) == {"1": "mask", "12": "access", "150": "erase"}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_was_shown_is_what_is_done(company: Company) -> None:
    restored = done_and_lost(company)
    plan = restored.replay.plan(restored.actor, DAY)
    sql(restored, "UPDATE customers SET email = 'a@b.test', phone = NULL, identity_no = NULL, tax_no = NULL WHERE id = 12")
    with pytest.raises(Conflict, match="replay-moved"):
        restored.replay.carry_out(restored.actor, DAY, fingerprint=plan.fingerprint)
    assert row(restored, "status", "12")[0] == "active"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_stopped_between_two_it_goes_on_where_it_was(company: Company) -> None:
    from core.services.pages import Watch

    restored = done_and_lost(company)
    told: list[int] = []
    watch = Watch(told=lambda item: told.append(item.number), stop=lambda: bool(told))
    plan = restored.replay.plan(restored.actor, DAY)
    end = restored.replay.carry_out(restored.actor, DAY, fingerprint=plan.fingerprint, watch=watch)
    assert (end.settled, len(told)) == (False, 1)
    assert len(who(restored)) == 2
    assert again(restored).left == 0
    assert restored.replay.plan(restored.actor, DAY).nothing


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_it_is_an_admins_verb(company: Company) -> None:
    restored = done_and_lost(company)
    restored.staff.add(restored.actor, "ayse", Role.ADMIN)
    restored.staff.add(restored.actor, "fatma", Role.OPERATOR)
    fatma = Actor("fatma", "desk.example")
    with pytest.raises(NotAllowed, match="role-too-low"):
        restored.replay.plan(fatma, DAY)
    with pytest.raises(NotAllowed, match="role-too-low"):
        restored.replay.carry_out(fatma, DAY, fingerprint="")
    restored.replay.job(fatma)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_without_a_key_or_with_a_file_that_is_not_there_it_is_told(company: Company, tmp_path: Path) -> None:
    restored = done_and_lost(company)
    with pytest.raises(UsageError, match="tombstones-missing-file"):
        restored.replay.plan(restored.actor, DAY, [tmp_path / "nothing"])
    restored.target.key_file.unlink()
    with pytest.raises(KeyFileError, match="replay-needs-key"):
        restored.replay.plan(restored.actor, DAY)


def test_words_of_a_replay_name_nobody(company: Company) -> None:
    restored = done_and_lost(company)
    values = [str(value) for value in row(restored, "email, phone, identity_no", "150")]
    again(restored)
    with restored.store.reading() as conn:
        said = "\n".join(conn.execute(select(tables.audit.c.detail)).scalars())
    assert not [value for value in values if value in said or value in restored.target.tombstone_file.read_text("ascii")]
