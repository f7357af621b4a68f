"""Settings: what people type, what is kept, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import settings
from core.errors import NotFound, UsageError
from core.settingkinds import SettingKind
from core.settings import SETTINGS


@pytest.mark.parametrize("typed", ["on", "ON", " true ", "1", "açık", "AÇIK", "Açık", "acik", "evet", "yes"])
def test_a_switch_is_on_in_both_languages_and_any_case(typed: str) -> None:
    assert settings.parse("enforce-consent", typed) == "on"
    assert settings.value("enforce-consent", typed) is True


@pytest.mark.parametrize("typed", ["off", "False", "0", "kapalı", "KAPALI", "KAPALİ", "hayır", "HAYIR", "no"])
def test_a_switch_is_off_in_both_languages_and_any_case(typed: str) -> None:
    assert settings.parse("enforce-consent", typed) == "off"
    assert settings.value("enforce-consent", typed) is False


@pytest.mark.parametrize(
    ("key", "typed", "allowed"),
    [
        ("enforce-consent", "maybe", "on, off"),
        ("enforce-consent", "", "on, off"),
        ("response-days", "31", "1–30"),
        ("response-days", "0", "1–30"),
        ("response-days", "-1", "1–30"),
        ("response-days", "٣", "1–30"),
        ("response-days", "9" * 5000, "1–30"),
        ("regime", "ccpa", "kvkk, gdpr"),
        ("invoice-retention-years", "31", "0–30, unset"),
        ("timezone", "Mars/Olympus", "Europe/Istanbul, UTC, …"),
        ("timezone", "../../etc/passwd", "Europe/Istanbul, UTC, …"),
        ("timezone", "Europe", "Europe/Istanbul, UTC, …"),
        ("timezone", "", "Europe/Istanbul, UTC, …"),
        ("company-email", "a@b", "name@company.com, unset"),
        ("company-email", "a@b.tr\nBcc: x@y.tr", "name@company.com, unset"),
        ("company-mersis", "123", "16 × 0–9, unset"),
        ("mail-from", "=?utf-8?q?a=0ABcc?=@b.tr, c@d.tr", "name@company.com, unset"),
        ("mail-from", "Kvkk <kvkk@firma.example>", "name@company.com, unset"),
        ("staff-mail", "a@b.tr,c@d.tr", "name@company.com, unset"),
        ("staff-mail", "a b@c.tr", "name@company.com, unset"),
        ("smtp-host", "mail.firma.example:25", "mail.company.com, 192.0.2.1, unset"),
        ("smtp-host", "mail..firma", "mail.company.com, 192.0.2.1, unset"),
        ("smtp-host", "-oProxyCommand=x", "mail.company.com, 192.0.2.1, unset"),
        ("smtp-port", "65536", "1–65535, unset"),
        ("smtp-tls", "on", "starttls, tls, off"),
        ("smtp-password-file", "password.txt", "/…/…, unset"),
        ("smtp-password-file", "/etc/x\0y", "/…/…, unset"),
        ("unknown-resend-minutes", "4", "5–10080"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(key: str, typed: str, allowed: str) -> None:
    with pytest.raises(UsageError) as refused:
        settings.parse(key, typed)
    assert refused.value.code == "bad-setting-value"
    assert refused.value.facts == {"key": key, "allowed": allowed}


@pytest.mark.parametrize("typed", ["a\nb", "\x1b[31m", "x" * 501, "a\0b", "\u202eabc"])
def test_words_of_the_company_are_one_printable_line(typed: str) -> None:
    with pytest.raises(UsageError):
        settings.parse("company-address", typed)


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("smtp-host", "Mail.Firma.example", "mail.firma.example"),
        ("smtp-host", "2001:DB8::1", "2001:db8::1"),
        ("smtp-host", "localhost", "localhost"),
        ("mail-from", "kişisel.veri+kvkk@firma.com.tr", "kişisel.veri+kvkk@firma.com.tr"),
        ("smtp-password-file", "/etc/kvkk/smtp password", "/etc/kvkk/smtp password"),
    ],
)
def test_what_mail_needs_is_understood(key: str, typed: str, kept: str) -> None:
    assert settings.parse(key, typed) == kept


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(NotFound) as refused:
        settings.parse("enforce_consnt", "on")
    assert refused.value.code == "unknown-setting"
    assert refused.value.facts == {"key": "enforce_consnt", "nearest": "enforce-consent"}


@pytest.mark.parametrize("typed", ["", "-", "unset", "NONE"])
def test_only_an_optional_setting_can_be_unset(typed: str) -> None:
    assert settings.value("invoice-retention-years", typed) is None
    with pytest.raises(UsageError):
        settings.parse("near-days", typed)


def test_nothing_held_is_a_choice_and_not_unset() -> None:
    """Zero years says that nothing is held; unset says that nobody has decided yet."""
    assert settings.value("invoice-retention-years", "0") == 0
    assert settings.default("invoice-retention-years") is None


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.key)
def test_every_setting_is_whole(setting: settings.Setting) -> None:
    assert settings.parse(setting.key, setting.default) == setting.default
    assert setting.label
    assert setting.about.endswith(".")
    assert setting.allowed


def test_the_law_sets_the_outer_limit() -> None:
    """Law 6698 art. 13: 30 days at most."""
    assert settings.BY_KEY["response-days"].most == 30


@given(st.sampled_from([s.key for s in SETTINGS]), st.text(max_size=40) | st.integers().map(str))
def test_whatever_is_read_is_canonical_and_reads_back_to_itself(key: str, typed: str) -> None:
    try:
        canonical = settings.parse(key, typed)
    except UsageError:
        return
    assert settings.parse(key, canonical) == canonical
    assert settings.value(key, typed) == settings.value(key, canonical)
    value, setting = settings.value(key, typed), settings.BY_KEY[key]
    if setting.kind is SettingKind.NUMBER and value is not None:
        assert setting.least <= int(value) <= setting.most
