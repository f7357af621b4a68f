"""Templates: what is sound, what is refused with its line, and that a value is put in once and means nothing."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from core.adapters import notice
from core.errors import KvkkError, NotFound, Refused, UsageError
from core.locale import LANGUAGES
from core.model.certificate import Controller
from core.model.notices import EVENTS, FIELDS, Event, Template, fill, read
from core.store import tables, templates

ISTANBUL = ZoneInfo("Europe/Istanbul")
NAMED = [(event, language) for event in EVENTS.values() for language in LANGUAGES]
BODY = "$number $done $reason $holds $blacklist $complaint"
FIELDS_OF_RESOLVED = tuple(f"${name}" for name in EVENTS["resolved"].fields)
GOOD = f"Subject: Request $number\n\n{BODY}\n"


def words(event: Event, language: str, **facts: Any) -> dict[str, str]:
    known = notice.sample(event, language, date(2026, 11, 1)) | facts
    return notice.values(event, known, language, Controller("Örnek A.Ş.", "Sokak 1", "a@kep.example", None, "kvkk@firma.example"), ISTANBUL)


@pytest.mark.parametrize(("event", "language"), NAMED, ids=lambda one: getattr(one, "name", one))
def test_every_built_in_template_is_sound_and_filled(event: Event, language: str) -> None:
    template = templates.original(event.name, language)
    assert read(event, template.text(language)) == template
    written = fill(template, words(event, language))
    assert "$" not in written.subject + written.body
    assert "\n\n\n" not in written.body
    assert written.subject != templates.original(event.name, "en" if language == "tr" else "tr").subject


def test_every_field_is_explained_and_belongs_to_an_event() -> None:
    assert {name for event in EVENTS.values() for name in event.fields} == set(FIELDS)
    assert all(set(event.needed) <= set(event.fields) for event in EVENTS.values())


@pytest.mark.parametrize("event", [one for one in EVENTS.values() if one.staff], ids=lambda one: one.name)
def test_what_staff_are_told_can_name_no_customer(event: Event) -> None:
    assert set(event.fields) <= {"company", "contact", "number", "kind", "received_on", "due_on"}


@pytest.mark.parametrize("regime", ["kvkk", "gdpr"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_names_the_right_to_complain(regime: str, language: str) -> None:
    """Law 6698 art. 14; GDPR art. 12(4) and 77."""
    event = EVENTS["rejected"]
    body = fill(templates.original("rejected", language), words(event, language, regime=regime, reason="kimlik belirsiz")).body
    assert ("14" in body and ("Board" in body or "Kurul" in body)) if regime == "kvkk" else "77" in body
    assert "kimlik belirsiz" in body


def test_an_erase_with_holds_names_law_and_day() -> None:
    event = EVENTS["resolved"]
    holds = [["invoices", 3, "VUK 253", "2032-01-01"], ["lines", 4, "VUK 253", "2032-01-01"], ["tickets", 1, "dava", None]]
    body = fill(templates.original("resolved", "tr"), words(event, "tr", holds=holds, blacklisted=False)).body
    (line,) = (line for line in body.split("\n") if line.startswith("- ") and "253" in line)
    assert "Vergi Usul Kanunu" in line
    assert line.endswith(": 7 kayıt, 1 Ocak 2032 tarihine kadar")
    assert "- dava: 1 kayıt" in body
    assert "invoices" not in body
    whole = fill(templates.original("resolved", "tr"), words(event, "tr", holds=[], blacklisted=False)).body
    assert "kanunen" not in whole
    assert "parmak iz" not in whole


def test_less_than_was_asked_is_told_with_the_reason() -> None:
    body = fill(templates.original("resolved", "en"), words(EVENTS["resolved"], "en", outcome="mask", holds=[], reason="open case")).body
    assert "This is less than you asked for. Reason: open case" in body
    assert "pseudonymous" in body


def test_a_request_by_phone_is_asked_for_in_writing() -> None:
    said = {channel: words(EVENTS["received"], "tr", channel=channel)["confirmation"] for channel in ("phone", "letter")}
    assert "KEP" in said["phone"]
    assert said["letter"] == ""


# --- what is refused -------------------------------------------------------------------------------------------------


def refused(text: str, event: str = "resolved") -> KvkkError:
    with pytest.raises(UsageError) as found:
        read(EVENTS[event], text)
    return found.value


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("", "template-no-subject", {}),
        (BODY, "template-no-subject", {}),
        ("Subject:\n\n" + BODY, "template-no-subject", {}),
        ("Subject: x\n\n \n", "template-empty", {}),
        ("Subject: " + "x" * 151 + "\n\n" + BODY, "template-subject-long", {"most": 150}),
        ("Subject: =?utf-8?q?=0ABcc:_x=40evil?=\n\n" + BODY, "template-subject-unsafe", {}),
        ("Subject: x\rBcc: y@z\n\n" + BODY, "template-hidden-sign", {"line": 1, "sign": "U+000D"}),
        ("Subject: \u202eabc\n\n" + BODY, "template-hidden-sign", {"line": 1, "sign": "U+202E"}),
        ("Subject: $name\n\n" + BODY, "template-subject-field", {"name": "$name", "allowed": ("$number", "$company")}),
        (GOOD + "{{ ''.__class__ }}", "template-foreign", {"line": 4}),
        (GOOD + "{$name}", "template-foreign", {"line": 4}),
        (GOOD + "{% include x %}", "template-foreign", {"line": 4}),
        (GOOD + "<?php ?>", "template-foreign", {"line": 4}),
        (GOOD + "\n\n$unknown", "template-unknown-field", {"line": 6, "name": "$unknown", "allowed": FIELDS_OF_RESOLVED}),
        (GOOD + "$Name", "template-unknown-field", {"line": 4, "name": "$Name", "allowed": FIELDS_OF_RESOLVED}),
        (GOOD + "$link", "template-unknown-field", {"line": 4, "name": "$link", "allowed": FIELDS_OF_RESOLVED}),
        (GOOD + "10 $", "template-lone-sign", {"line": 4}),
        (GOOD + "${number", "template-lone-sign", {"line": 4}),
        (GOOD + "${number.__class__}", "template-lone-sign", {"line": 4}),
        (GOOD + "\x1b[31m", "template-hidden-sign", {"line": 4, "sign": "U+001B"}),
        (GOOD + "a\0b", "template-hidden-sign", {"line": 4, "sign": "U+0000"}),
        (GOOD + "\ud800", "template-hidden-sign", {"line": 4, "sign": "U+D800"}),
        (GOOD.replace("$complaint", ""), "template-field-missing", {"name": "$complaint"}),
        (GOOD.replace("$complaint", "$$complaint"), "template-field-missing", {"name": "$complaint"}),
        (GOOD + "x" * 20_000, "template-too-long", {"most": 20_000}),
        (GOOD + "x" * 10_000_000, "template-too-long", {"most": 20_000}),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_would_not_render_is_refused_with_its_line(text: str, code: str, facts: dict[str, Any]) -> None:
    error = refused(text)
    assert (error.code, error.facts) == (code, facts)


def test_lines_of_another_system_and_a_missing_blank_line_are_understood() -> None:
    wanted = Template("Request $number", BODY)
    for text in (
        GOOD,
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.replace("\n\n", "\n"),
        GOOD.replace("Subject:", "KONU:"),
        GOOD + "\n\n ",
    ):
        assert read(EVENTS["resolved"], text) == wanted


@given(st.text(max_size=300))
def test_a_template_that_was_accepted_can_be_filled(text: str) -> None:
    event = EVENTS["downloaded"]
    try:
        template = read(event, f"Subject: x\n\n$at {text}")
    except UsageError:
        return
    assert fill(template, words(event, "tr")).body


@pytest.mark.parametrize("text", ["$number", "${name}", "$$", "{{ name }}", "$", "%s {0}", "\\g<0>", "$link"])
@pytest.mark.parametrize("event", ["resolved", "rejected"])
def test_a_value_that_looks_like_a_field_is_put_in_as_it_is_once(event: str, text: str) -> None:
    values = words(EVENTS[event], "en", name=text, reason=text)
    body = fill(templates.original(event, "en"), values).body
    assert body.startswith(f"Dear {text},\n")
    assert f"Reason: {text}" in body


HOSTILE = ["Ali\nSTATUS: ERASED OK", "\x1b]52;c;aGk=\a", "x\r\nBcc: a@b", "e\u0301" * 300, "Ş" * 100_000, "\u202eabc", "a\0b", "\ud800"]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_a_hostile_name_or_reason_is_visible_and_stays_in_its_line(text: str) -> None:
    for event in (one for one in EVENTS.values() if "name" in one.fields):
        body = fill(templates.original(event.name, "tr"), words(event, "tr", name=text, reason=text)).body
        assert body.split("\n")[0].startswith("Sayın ")
        assert len(body) < 20_000
        assert all(sign == "\n" or sign.isprintable() for sign in body), event.name
        assert not any(line.startswith(("STATUS", "Bcc")) for line in body.split("\n")[:5])


# --- kept in the database --------------------------------------------------------------------------------------------


def test_a_template_is_changed_read_and_reset(desk: Any) -> None:
    before = desk.templates.show(desk.actor, "resolved", "en")
    assert before.row.is_default
    assert [field.name for field in before.fields if field.in_subject] == [f"${name}" for name in ("company", "number")]
    changed = desk.templates.edit(desk.actor, "resolved", "en", GOOD)
    assert (changed.text, changed.row.changed_by, changed.row.is_default) == (GOOD, str(desk.actor), False)
    assert desk.templates.show(desk.actor, "resolved", "tr").row.is_default
    assert desk.templates.preview(desk.actor, "resolved", "en").subject == "Request 12"
    assert [row.event for row in desk.templates.list(desk.actor) if not row.is_default] == ["resolved"]
    with pytest.raises(UsageError):
        desk.templates.edit(desk.actor, "resolved", "en", GOOD + "$nothing")
    assert desk.templates.show(desk.actor, "resolved", "en").text == GOOD
    assert desk.templates.reset(desk.actor, "resolved", "en").text == before.text
    assert desk.templates.reset(desk.actor, "resolved", "en").text == before.text
    said = [entry for entry in desk.audit.list(desk.actor, limit=5).rows if entry.verb.startswith("template.")]
    assert [entry.verb for entry in said] == ["template.reset", "template.edit"]
    assert "Request" not in said[1].detail


def test_a_text_is_tried_before_it_is_kept(desk: Any) -> None:
    seen = desk.templates.preview(desk.actor, "signin", "tr", "Konu: Deneme\n\nBağlantı: $link")
    assert (seen.subject, seen.body) == ("Deneme", "Bağlantı: https://www.example.com/kvkk/0123abcd\n")
    with pytest.raises(UsageError, match="template-field-missing"):
        desk.templates.preview(desk.actor, "signin", "tr", "Konu: Deneme\n\nBağlantı yok")
    assert desk.templates.show(desk.actor, "signin", "tr").row.is_default


def test_an_unknown_template_names_the_nearest(desk: Any) -> None:
    with pytest.raises(NotFound) as found:
        desk.templates.show(desk.actor, "resolve", "tr")
    assert found.value.facts == {"name": "resolve", "nearest": "resolved"}
    with pytest.raises(UsageError, match="template-language"):
        desk.templates.show(desk.actor, "resolved", "de")


def test_a_template_that_was_broken_behind_our_back_stops_its_own_messages_only(desk: Any) -> None:
    desk.templates.edit(desk.actor, "signin", "tr", "Konu: x\n\n$link")
    with desk.store.writer.begin() as conn:
        conn.execute(update(tables.templates).values(body="$nothing"))
        assert conn.execute(select(tables.templates.c.body)).scalar_one() == "$nothing"
    with pytest.raises(Refused, match="mail-template"):
        desk.templates.preview(desk.actor, "signin", "tr")
