"""Consent: its texts in versions, words with their day and channel, the notice apart, history, and the list of everybody."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from core.config import Target
from core.desk import Desk
from core.errors import Conflict, KvkkError, NotAllowed, NotFound, UsageError
from core.model.records import Actor, Channel, ConsentFilter, Kind, NewRequest, Resolution, ResolveOptions, TextKind, Visitor, Word
from core.store import consents, gatekeeper, tables

CUSTOMER = "250"
CONSENT, NOTICE = TextKind.CONSENT, TextKind.NOTICE
VISITOR = Visitor("panel", "web.example")
FORCED = ResolveOptions(force="test", notify=False, reason="test")


def last_entry(desk: Desk) -> dict[str, Any]:
    with desk.store.reading() as conn:
        said = conn.execute(select(tables.audit.c.detail).order_by(tables.audit.c.seq.desc()).limit(1)).scalar_one()
    found: dict[str, Any] = json.loads(said)
    return found


def refused(desk: Desk) -> int:
    """How many customers the gate refuses for want of consent, asked one by one."""
    with desk.store.reading() as conn:
        keys = conn.execute(text("SELECT id FROM customers")).scalars().all()
        return sum(gatekeeper.answer(conn, desk.context.atlas, str(key)) == "consent-required" for key in keys)


# ---- Texts --------------------------------------------------------------------------------------------------------------


def test_a_change_is_a_new_version_and_every_version_stays(desk: Desk) -> None:
    first = desk.consent.text(desk.actor, CONSENT, "tr")
    assert (first.version, first.built_in, first.current) == (1, True, True)
    assert "Örnek Barındırma Hizmetleri A.Ş." in first.text
    done = desk.settings.set(desk.actor, "consent-text", "Kabul ediyorum.", "tr")
    assert (done.before, done.now, done.carried, done.locked_out) == ("1", "2", ("en",), None)
    second = desk.consent.text(desk.actor, CONSENT, "tr")
    assert (second.version, second.text, second.built_in, second.made_by) == (2, "Kabul ediyorum.", False, str(desk.actor))
    assert second.sha256 == hashlib.sha256(b"Kabul ediyorum.").hexdigest()
    old = desk.consent.text(desk.actor, CONSENT, "tr", 1)
    assert (old.text, old.sha256, old.current) == (first.text, first.sha256, False)
    assert desk.consent.text(desk.actor, CONSENT, "en").text == desk.consent.text(desk.actor, CONSENT, "en", 1).text
    assert [(one.version, one.language) for one in desk.consent.texts(desk.actor, CONSENT)] == [(2, "tr"), (2, "en"), (1, "tr"), (1, "en")]
    assert desk.settings.get(desk.actor, "consent-text", "tr") == "Kabul ediyorum."
    with pytest.raises(NotFound, match="no-such-text-version"):
        desk.consent.text(desk.actor, CONSENT, "tr", 3)


def test_the_audit_has_the_hashes_of_a_new_version_and_none_of_its_words(desk: Desk) -> None:
    desk.settings.set(desk.actor, "notice-text", "Yalnızca deneme: Zümrüt Anka", "tr")
    entry = last_entry(desk)
    assert entry["verb"] == "settings.set"
    assert (entry["detail"]["key"], entry["detail"]["before"], entry["detail"]["now"]) == ("notice-text", "1", "2")
    assert entry["detail"]["sha256_tr"] == desk.consent.text(desk.actor, NOTICE, "tr").sha256
    assert "Anka" not in json.dumps(entry, ensure_ascii=False)


def test_the_same_text_again_is_no_new_version(desk: Desk) -> None:
    for _ in range(2):
        done = desk.settings.set(desk.actor, "consent-text", "\ufeffBir\r\niki  \n\n", "en")
    assert (done.before, done.now, done.carried) == ("2", "2", ())
    assert desk.settings.get(desk.actor, "consent-text", "en") == "Bir\niki"


def test_reset_makes_a_version_of_the_built_in_text_with_the_company_as_it_is_named_now(desk: Desk) -> None:
    desk.settings.set(desk.actor, "consent-text", "Kabul ediyorum.", "tr")
    assert desk.settings.set(desk.actor, "company-name", "Yeni $company A.Ş.").stale == ("consent-text",)
    assert desk.settings.reset(desk.actor, "consent-text").now == "3"
    now = desk.consent.text(desk.actor, CONSENT, "tr")
    assert "Yeni $company A.Ş." in now.text
    assert now.built_in
    assert desk.settings.set(desk.actor, "company-name", "Yeni $company A.Ş.").stale == ()


def test_a_built_in_text_is_fixed_when_the_first_customer_answers_it(desk: Desk) -> None:
    """The sample's customers have read no notice yet: it follows the company's name until then."""
    desk.settings.set(desk.actor, "company-name", "Önce A.Ş.")
    assert "Önce A.Ş." in desk.consent.text(desk.actor, NOTICE, "tr").text
    desk.consent.notice(desk.actor, CUSTOMER)
    assert desk.settings.set(desk.actor, "company-name", "Sonra A.Ş.").stale == ("consent-text", "notice-text")
    fixed = desk.consent.text(desk.actor, NOTICE, "tr")
    assert "Önce A.Ş." in fixed.text
    assert {"texts-stale"} <= {finding.code for finding in desk.upkeep.doctor(desk.actor)}


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", "document-empty"),
        (" \n\t\n\ufeff", "document-hidden"),
        (" \n\t\n", "document-empty"),
        ("x" * 100_001, "document-too-long"),
        ("a\nb\x1b[31m", "document-hidden"),
        ("a\0", "document-hidden"),
        ("a\u202eb", "document-hidden"),
        ("a\u200bb", "document-hidden"),
        ("a\ud800", "document-hidden"),
    ],
)
def test_a_text_that_cannot_be_shown_whole_is_refused_and_leaves_no_trace(desk: Desk, words: str, code: str) -> None:
    before = last_entry(desk)
    with pytest.raises(UsageError, match=code):
        desk.settings.set(desk.actor, "consent-text", words, "tr")
    assert last_entry(desk) == before
    assert desk.settings.get(desk.actor, "consent-text", "tr").startswith("YETKİLENDİRME ONAYI")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_language_belongs_to_a_text_and_must_be_spoken(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no-such-language"):
        desk.settings.set(desk.actor, "consent-text", "Ich stimme zu.", "de")
    with pytest.raises(UsageError, match="language-not-for-setting"):
        desk.settings.set(desk.actor, "near-days", "3", "tr")
    desk.settings.set(desk.actor, "language", "en")
    desk.settings.set(desk.actor, "consent-text", "I agree.")
    assert desk.consent.text(desk.actor, CONSENT, "en").text == "I agree."


def at_once(target: Target, clock: Any, jobs: list[Any]) -> list[object]:
    """Each job with a desk of its own, at the same time; an error is an answer too."""

    def one(job: Any) -> object:
        with Desk(target, actor=Actor("admin", "desk.example"), clock=clock) as other:
            try:
                return job(other)
            except KvkkError as error:
                return error.code

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(one, jobs))


def test_admins_who_change_the_text_at_once_make_versions_one_after_the_other(desk: Desk, target: Target, clock: Any) -> None:
    words = [f"Metin {number}" for number in range(4)]
    done = at_once(
        target, clock, [lambda other, said=said: other.settings.set(other.actor, "consent-text", said, "tr").now for said in words]
    )
    assert sorted(map(str, done)) == ["2", "3", "4", "5"]
    kept = {one.version: one.text for one in desk.consent.texts(desk.actor, CONSENT) if one.language == "tr"}
    assert sorted(kept) == [1, 2, 3, 4, 5]
    assert {text for version, text in kept.items() if version > 1} == set(words)
    assert desk.settings.get(desk.actor, "consent-text", "tr") == kept[5]


# ---- Words --------------------------------------------------------------------------------------------------------------


def test_a_word_keeps_its_text_its_day_its_channel_and_how_the_identity_was_verified(desk: Desk) -> None:
    desk.consent.give(desk.actor, CUSTOMER, Channel.LETTER, received_on=date(2026, 10, 20), verified_by="kimlik kartı")
    (entry,) = desk.consent.show(desk.actor, CUSTOMER).history
    assert (entry.kind, entry.given, entry.version, entry.channel) == (CONSENT, True, 1, "letter")
    assert (entry.received_on, entry.verified_by, entry.recorded_by) == (date(2026, 10, 20), "kimlik kartı", str(desk.actor))
    assert entry.sha256 in {one.sha256 for one in desk.consent.texts(desk.actor, CONSENT)}
    assert "kimlik" not in json.dumps(last_entry(desk))


def test_a_day_in_the_future_or_before_the_law_is_refused(desk: Desk) -> None:
    for day, code in ((date(2026, 11, 2), "received-in-future"), (date(2016, 4, 6), "received-too-old")):
        for verb in (desk.consent.give, desk.consent.withdraw, desk.consent.notice):
            with pytest.raises(UsageError, match=code):
                verb(desk.actor, CUSTOMER, received_on=day)
    assert desk.consent.show(desk.actor, CUSTOMER).history == ()


def test_a_letter_that_lay_in_a_drawer_does_not_undo_a_later_word(desk: Desk) -> None:
    desk.consent.give(desk.actor, CUSTOMER, Channel.LETTER, received_on=date(2026, 10, 20))
    with pytest.raises(Conflict, match="consent-later-word"):
        desk.consent.withdraw(desk.actor, CUSTOMER, received_on=date(2026, 10, 19))
    desk.consent.withdraw(desk.actor, CUSTOMER, received_on=date(2026, 10, 20))
    desk.consent.give(desk.actor, CUSTOMER)
    with pytest.raises(Conflict, match="consent-later-word"):
        desk.consent.withdraw(desk.actor, CUSTOMER, received_on=date(2026, 10, 31))
    assert desk.consent.show(desk.actor, CUSTOMER).row.given


def test_a_paper_on_an_older_text_is_recorded_as_such(desk: Desk) -> None:
    desk.settings.set(desk.actor, "consent-text", "Yeni metin", "tr")
    given = desk.consent.give(desk.actor, CUSTOMER, version=1)
    assert (given.given, given.version, given.outdated) == (True, 1, True)
    assert desk.consent.give(desk.actor, CUSTOMER).version == 2
    with pytest.raises(Conflict, match="consent-given"):
        desk.consent.give(desk.actor, CUSTOMER, version=1)
    with pytest.raises(NotFound, match="no-such-text-version"):
        desk.consent.give(desk.actor, "251", version=3)


def test_a_letter_that_names_no_version_answers_the_text_of_its_day(desk: Desk, clock: Any) -> None:
    """2026-11-01 is today: a letter of October cannot answer a text of November."""
    desk.settings.set(desk.actor, "consent-text", "Yeni metin", "tr")
    assert desk.consent.give(desk.actor, CUSTOMER, Channel.LETTER, received_on=date(2026, 10, 20)).version == 1
    assert desk.consent.give(desk.actor, "251", Channel.LETTER, received_on=date(2026, 11, 1)).version == 2
    assert desk.consent.give(desk.actor, "252", Channel.LETTER, received_on=date(2026, 10, 20), version=2).version == 2
    assert desk.consent.give(desk.actor, CUSTOMER).version == 2


def test_reading_the_notice_is_no_consent(desk: Desk) -> None:
    desk.settings.set(desk.actor, "enforce-consent", "on")
    assert not desk.consent.notice(desk.actor, CUSTOMER, Channel.IN_PERSON).given
    assert desk.access.check(desk.actor, CUSTOMER).reason == "consent-required"
    with pytest.raises(Conflict, match="notice-read"):
        desk.consent.notice(desk.actor, CUSTOMER)
    desk.settings.set(desk.actor, "notice-text", "Yeni aydınlatma", "tr")
    desk.consent.notice(desk.actor, CUSTOMER)
    detail = desk.consent.show(desk.actor, CUSTOMER)
    assert detail.notice is not None
    assert detail.notice.version == 2
    assert [one.kind for one in detail.history] == [NOTICE, NOTICE]
    assert not detail.row.given
    desk.consent.give(desk.actor, CUSTOMER)
    assert desk.access.check(desk.actor, CUSTOMER).allowed


def test_a_new_text_locks_out_only_while_consent_is_renewed(desk: Desk) -> None:
    desk.settings.set(desk.actor, "enforce-consent", "on")
    before = refused(desk)
    done = desk.settings.set(desk.actor, "consent-text", "Yeni metin", "tr")
    assert done.locked_out == refused(desk) == before
    renewed = desk.settings.set(desk.actor, "consent-renewal", "on")
    assert renewed.locked_out == refused(desk) > before
    desk.consent.give(desk.actor, CUSTOMER)
    assert desk.settings.set(desk.actor, "enforce-consent", "on").locked_out == refused(desk) == renewed.locked_out - 1
    assert desk.settings.set(desk.actor, "enabled", "off").locked_out is None
    assert refused(desk) == 0
    assert desk.settings.set(desk.actor, "enabled", "on").locked_out == renewed.locked_out - 1
    assert desk.settings.set(desk.actor, "near-days", "3").locked_out is None


def test_blocked_customers_are_not_said_to_be_locked_out_by_want_of_consent(desk: Desk) -> None:
    number = desk.requests.add(desk.actor, NewRequest(CUSTOMER, Kind.ANONYMISE)).number
    everybody = desk.settings.set(desk.actor, "enforce-consent", "on").locked_out
    desk.resolutions.resolve(desk.actor, number, Resolution(), FORCED)
    assert desk.access.check(desk.actor, CUSTOMER).reason == "blocked"
    assert everybody is not None
    assert desk.settings.set(desk.actor, "enforce-consent", "on").locked_out == everybody - 1 == refused(desk)


def test_an_erased_customers_words_stay_without_naming_anybody(desk: Desk) -> None:
    desk.consent.give(desk.actor, CUSTOMER, Channel.LETTER)
    desk.consent.notice(desk.actor, CUSTOMER)
    number = desk.requests.add(desk.actor, NewRequest(CUSTOMER, Kind.ERASE)).number
    desk.resolutions.resolve(desk.actor, number, Resolution(erase=True), FORCED)
    detail = desk.consent.show(desk.actor, CUSTOMER)
    assert [one.kind for one in detail.history] == [NOTICE, CONSENT]
    assert not detail.row.given
    with desk.store.reading() as conn:
        book = tables.consents
        keys = conn.execute(select(book.c.id).where((book.c.customer == CUSTOMER) | (book.c.current_of == CUSTOMER))).all()
    assert keys == []
    with pytest.raises(NotFound):
        desk.consent.show(desk.actor, "99999")


def test_of_two_who_record_one_word_at_once_both_leave_one_that_counts(desk: Desk, target: Target, clock: Any) -> None:
    done = at_once(target, clock, [lambda other: other.consent.give(other.actor, CUSTOMER).given] * 4)
    assert sorted(map(str, done)) == ["True", "consent-given", "consent-given", "consent-given"]
    with desk.store.reading() as conn:
        book = tables.consents
        assert conn.execute(select(func.count()).where(book.c.current_of == CUSTOMER)).scalar_one() == 1
        assert conn.execute(select(func.count()).where(book.c.customer == CUSTOMER)).scalar_one() == 1


def test_who_is_missing_is_found_stretch_by_stretch_and_beyond_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the pages and the stretches: each of them once, in the order of the key, and counted as the setting counts them."""
    monkeypatch.setattr("core.store.consentlist.STRETCHES", (7, 40))
    whole: list[str] = []
    after = None
    while True:
        rows = desk.consent.list(desk.actor, ConsentFilter.ALL, after=after, limit=1000)
        whole += [row.customer for row in rows.rows if not row.counts]
        after = rows.cursor
        if after is None:
            break
    for limit in (1, 3, 45, 1000):
        found: list[str] = []
        after = None
        for _ in range(8):  # pages from the beginning; the largest comes to the end
            page = desk.consent.list(desk.actor, ConsentFilter.MISSING, after=after, limit=limit)
            found += [row.customer for row in page.rows]
            after = page.cursor
            if after is None:
                break
        assert found == whole[: len(found)]
        assert len(found) == (len(whole) if after is None else 8 * limit)
    with desk.store.reading() as conn:
        blocked = set(conn.execute(select(tables.blocks.c.customer)).scalars())
        assert consents.locked_out(conn, desk.context.atlas) == len([key for key in whole if key not in blocked])


# ---- Switched off, and the customer's own word ----------------------------------------------------------------------------


def test_switched_off_customers_do_nothing_themselves_and_staff_go_on(desk: Desk, tmp_path: Path) -> None:
    desk.settings.set(desk.actor, "enabled", "off")
    before = last_entry(desk)
    for verb in (desk.consent.give, desk.consent.withdraw, desk.consent.notice):
        with pytest.raises(NotAllowed, match="customers-off"):
            verb(desk.actor, CUSTOMER, Channel.PANEL)
    with pytest.raises(NotAllowed, match="customers-off"):
        desk.requests.add(desk.actor, NewRequest(CUSTOMER, Kind.ERASE, Channel.PANEL))
    with pytest.raises(NotAllowed, match="customers-off"):
        desk.consent.answer(VISITOR, CUSTOMER, CONSENT)
    with pytest.raises(NotAllowed, match="customers-off"):
        desk.exports.export(desk.actor, CUSTOMER, tmp_path / "own.xml", word=Word(Channel.PANEL))
    assert last_entry(desk) == before
    assert not (tmp_path / "own.xml").exists()
    assert desk.exports.export(desk.actor, CUSTOMER, tmp_path / "own.xml", word=Word(Channel.LETTER)).rows
    assert desk.consent.give(desk.actor, CUSTOMER, Channel.LETTER).given
    assert desk.requests.add(desk.actor, NewRequest(CUSTOMER, Kind.ERASE, Channel.LETTER)).number


def test_customers_give_read_and_withdraw_by_themselves_at_the_panel(desk: Desk) -> None:
    assert desk.consent.shown(VISITOR, NOTICE, "en").text.startswith("PRIVACY NOTICE")
    desk.consent.answer(VISITOR, CUSTOMER, NOTICE)
    assert desk.consent.answer(VISITOR, CUSTOMER, CONSENT).given
    assert not desk.consent.answer(VISITOR, CUSTOMER, CONSENT, given=False).given
    history = desk.consent.show(desk.actor, CUSTOMER).history
    assert {(one.channel, one.recorded_by) for one in history} == {("panel", "panel@web.example")}
    with pytest.raises(NotAllowed, match="only-staff"):
        desk.consent.give(VISITOR, CUSTOMER)


# ---- The list -----------------------------------------------------------------------------------------------------------


def walked(desk: Desk, wanted: ConsentFilter, limit: int = 7) -> list[Any]:
    """Every row, page by page."""
    rows: list[Any] = []
    page = desk.consent.list(desk.actor, wanted, limit=limit)
    rows += page.rows
    while page.cursor:
        page = desk.consent.list(desk.actor, wanted, after=page.cursor, limit=limit)
        assert page.rows
        rows += page.rows
    return rows


def test_the_list_shows_everybody_once_and_each_filter_its_own(desk: Desk) -> None:
    desk.settings.set(desk.actor, "consent-text", "Yeni metin", "tr")
    for key in ("12", "13", "250"):
        desk.consent.give(desk.actor, key)
    for renewed in ("off", "on"):
        desk.settings.set(desk.actor, "consent-renewal", renewed)
        found = {wanted: walked(desk, wanted) for wanted in ConsentFilter}
        every = found[ConsentFilter.ALL]
        with desk.store.reading() as conn:
            keys = [str(key) for key in conn.execute(text("SELECT id FROM customers ORDER BY id")).scalars()]
        assert [row.customer for row in every] == keys
        assert [row.customer for row in found[ConsentFilter.MISSING]] == [row.customer for row in every if not row.counts]
        for wanted, test in ((ConsentFilter.GIVEN, lambda row: row.counts), (ConsentFilter.OUTDATED, lambda row: row.state == "outdated")):
            got = [row.customer for row in found[wanted]]
            assert sorted(got) == sorted(row.customer for row in every if test(row))
        assert all(row.customer_name for row in every)
        assert {row.state for row in every} == {"given", "outdated", "withdrawn", "none"}
        some = desk.consent.find(desk.actor, "isik", limit=1000)
        assert some
        assert set(some) < set(every)
        for wanted in ConsentFilter:
            assert set(desk.consent.find(desk.actor, "isik", wanted, limit=1000)) == set(some) & set(found[wanted])


def test_the_list_passes_over_whom_the_company_deleted_itself(desk: Desk) -> None:
    given = [row.customer for row in walked(desk, ConsentFilter.GIVEN)]
    with desk.context.writing(desk.actor) as unit:
        for gone in ("0", "1199", "99999", "nobody"):
            consents.add(unit, gone, None, given=True, channel=Channel.PANEL, version=1)
    assert [row.customer for row in walked(desk, ConsentFilter.GIVEN, limit=3)] == given


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_wrong_cursor_or_limit_is_refused(desk: Desk) -> None:
    page = desk.consent.list(desk.actor, ConsentFilter.ALL, limit=1)
    for cursor in ("", "x", "!", "W10", "WzEsMl0", "é", "W1sxXSwiYSJd", page.cursor):
        with pytest.raises(UsageError, match="bad-cursor"):
            desk.consent.list(desk.actor, ConsentFilter.GIVEN, after=cursor)
    for limit in (0, 1001):
        with pytest.raises(UsageError, match="bad-limit"):
            desk.consent.list(desk.actor, limit=limit)
