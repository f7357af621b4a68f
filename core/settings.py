"""The settings: which there are, what each may hold, and how a text becomes a value. Pure; the values live in the database.

A value has one canonical text (`on`, `30`, `tr`; `""` for unset), which is what is stored and shown, and one typed form
(`True`, `30`, `"tr"`, `None`), which is what services act on. Whatever is read is checked: also a row that somebody edited
by hand. Refused: an unknown key (NotFound `unknown-setting`, with the nearest), a wrong value (UsageError
`bad-setting-value`, with what is allowed).
"""

from __future__ import annotations

from core.errors import NotFound, UsageError
from core.locale import N_
from core.settingkinds import PARSERS, TEXT_MOST, Setting, SettingKind

_UNSET = frozenset({"", "-", "unset", "none"})

Value = bool | int | str | None


def _switch(key: str, default: str, label: str, about: str) -> Setting:
    return Setting(key, SettingKind.SWITCH, default, label, about)


def _number(key: str, default: str, least: int, most: int, label: str, about: str, *, optional: bool = False) -> Setting:
    return Setting(key, SettingKind.NUMBER, default, label, about, least=least, most=most, optional=optional)


def _choice(key: str, default: str, choices: tuple[str, ...], label: str, about: str) -> Setting:
    return Setting(key, SettingKind.CHOICE, default, label, about, choices=choices)


def _document(key: str, label: str, about: str) -> Setting:
    return Setting(key, SettingKind.DOCUMENT, "1", label, about)


def _words(key: str, label: str, about: str, kind: SettingKind = SettingKind.TEXT) -> Setting:
    return Setting(key, kind, "", label, about, optional=True)


SETTINGS: tuple[Setting, ...] = (
    _switch(
        "enabled",
        "on",
        N_("Personal data management"),
        N_("Off: customers can file, consent and download nothing, and no consent is asked for. Blocks stay; staff go on working."),
    ),
    _switch(
        "enforce-consent",
        "off",
        N_("Consent is required"),
        N_("On: a customer who has not accepted the current consent text cannot use the account."),
    ),
    _switch(
        "consent-renewal",
        "off",
        N_("Consent is renewed"),
        N_("On: when the consent text has changed, who accepted an older version must accept the new one."),
    ),
    _document("consent-text", N_("Consent text"), N_("What customers accept. Each change is a new version, and every version is kept.")),
    _document(
        "notice-text",
        N_("Privacy notice"),
        N_("What customers are told about their data (KVKK art. 10). Each change is a new version, and every version is kept."),
    ),
    _choice("language", "tr", ("tr", "en"), N_("Language"), N_("Language of the interface and of customers without one.")),
    Setting("timezone", SettingKind.ZONE, "Europe/Istanbul", N_("Time zone"), N_("Where a day begins and ends.")),
    _choice(
        "regime",
        "kvkk",
        ("kvkk", "gdpr"),
        N_("Law that sets the deadline"),
        N_("kvkk: response-days from receipt, no extension. gdpr: one calendar month, two more at most."),
    ),
    _number(
        "response-days",
        "30",
        1,
        30,
        N_("Days to answer"),
        N_("Days from receipt under KVKK art. 13; the law allows 30 at most."),
    ),
    _number("near-days", "7", 0, 30, N_("Deadline is near"), N_("So many days before the deadline a request counts as near.")),
    _choice(
        "open-account-guard",
        "erase",
        ("off", "erase", "all"),
        N_("Guard for open accounts"),
        N_("Which resolutions are refused without --force while a service is active or an invoice unpaid."),
    ),
    _number("grace-days", "0", 0, 30, N_("Days of grace"), N_("A resolution before that needs --force; the customer can cancel.")),
    _switch("notify", "on", N_("Notify the customer"), N_("Send the customer the result unless told otherwise.")),
    _choice(
        "auto-resolve",
        "off",
        ("off", "as-requested"),
        N_("Resolve by itself"),
        N_("as-requested: `kvkk run` masks or erases as asked, past the grace, where no service is active and no invoice unpaid."),
    ),
    _switch(
        "second-person",
        "off",
        N_("Second person for an erase"),
        N_("On: a permanent erase is approved by somebody else than whoever carries it out. Switching it off takes two admins."),
    ),
    _number(
        "invoice-retention-years",
        "",
        0,
        30,
        N_("Years that issued invoices are held"),
        N_("VUK 253 names 5 years, TTK 82 names 10. Unset: customers with issued invoices cannot be masked or erased."),
        optional=True,
    ),
    _choice(
        "residue",
        "refuse",
        ("refuse", "report"),
        N_("When values of the customer would remain"),
        N_("refuse: the resolution is refused. report: it goes through and the certificate names them."),
    ),
    _choice(
        "scrub",
        "auto",
        ("auto", "now", "run", "off"),
        N_("Clean the database's files"),
        N_("now: after each command. run: by `kvkk run`. auto: now for SQLite below 500 MB, run above, off on servers (it locks tables)."),
    ),
    _number(
        "audit-retention-years",
        "3",
        3,
        30,
        N_("Years that records of the process are kept"),
        N_("After that the audit is closed and archived to a file, and closed requests go. The regulation (art. 7/3) asks for 3 at least."),
    ),
    _number(
        "report-months",
        "6",
        1,
        6,
        N_("Months between destruction reports"),
        N_("`kvkk run` writes one when it is due; the regulation (art. 11) asks for one in 6 months at least."),
    ),
    _number("blacklist-years", "3", 1, 30, N_("Years on the blacklist"), N_("After that an entry ends by itself.")),
    _words("blacklist-reason", N_("Purpose of the blacklist"), N_("Purpose that is recorded with each entry.")),
    _words("company-name", N_("Company"), N_("The data controller, as letters and certificates name it.")),
    _words("company-address", N_("Address of the company"), N_("For letters and certificates.")),
    _words("company-kep", N_("KEP address of the company"), N_("Registered electronic mail, for letters."), SettingKind.EMAIL),
    _words("company-mersis", N_("MERSIS number of the company"), N_("For letters and certificates."), SettingKind.MERSIS),
    _words("company-email", N_("E-mail of the company"), N_("Where customers write about their data."), SettingKind.EMAIL),
    _words(
        "panel-url",
        N_("Address of the customer panel"),
        N_("Links in messages begin with it. Unset: no links can be sent."),
        SettingKind.URL,
    ),
    _words(
        "panel-logo",
        N_("Logo on the customer panel"),
        N_("A PNG, JPEG, WebP or SVG file of at most 256 KB on the panel's machine. Unset: the company's name."),
        SettingKind.PATH,
    ),
    _words(
        "panel-colour",
        N_("Colour of the customer panel"),
        N_("Of buttons and links; made lighter or darker where it could not be read. Unset: a quiet blue."),
        SettingKind.COLOUR,
    ),
    _words("smtp-host", N_("Mail server"), N_("Unset: messages wait in the outbox."), SettingKind.HOST),
    _number("smtp-port", "", 1, 65535, N_("Port of the mail server"), N_("Unset: 587, with tls 465, with off 25."), optional=True),
    _choice(
        "smtp-tls",
        "starttls",
        ("starttls", "tls", "off"),
        N_("Encryption on the way to the mail server"),
        N_("off: only for a mail server on this machine or behind a tunnel; then no login but on this machine."),
    ),
    _words("smtp-user", N_("Login at the mail server"), N_("Unset: no login.")),
    _words(
        "smtp-password-file",
        N_("File with the password for the mail server"),
        N_("Its first line is the password; not every user may read it."),
        SettingKind.PATH,
    ),
    _words(
        "mail-from", N_("Sender of messages"), N_("Address that messages come from; undeliverable ones return to it."), SettingKind.EMAIL
    ),
    _words(
        "staff-mail",
        N_("Address of staff"),
        N_("Who hears of new requests, of near deadlines and of missed ones. Unset: nobody is told."),
        SettingKind.EMAIL,
    ),
    _number(
        "unknown-resend-minutes",
        "60",
        5,
        10080,
        N_("Minutes until an uncertain message is sent again"),
        N_("Nobody knows whether it arrived; it is sent again under the same Message-ID."),
    ),
    _switch("bell", "on", N_("Bell"), N_("On: the console rings the terminal's bell when a request arrives.")),
)

BY_KEY: dict[str, Setting] = {setting.key: setting for setting in SETTINGS}


def setting(key: str) -> Setting:
    """The setting of that name. Raises NotFound `unknown-setting` with the nearest name."""
    try:
        return BY_KEY[key]
    except KeyError:
        from difflib import get_close_matches

        # Always one name: a guess that is far off still shows what the names look like.
        near = get_close_matches(key.lower().replace("_", "-"), BY_KEY, 1, 0.0)[0]
        raise NotFound("unknown-setting", key=key[:64], nearest=near) from None


def parse(key: str, text: str) -> str:
    """Canonical text of what a person typed. Raises NotFound `unknown-setting`, UsageError `bad-setting-value`, `bad-setting-text`."""
    found = setting(key)
    text = text.strip()
    if found.optional and text.casefold() in _UNSET:
        return ""
    canonical = PARSERS[found.kind](found, text)
    if canonical is None and found.kind is SettingKind.TEXT:
        raise UsageError("bad-setting-text", key=key, most=TEXT_MOST)
    if canonical is None:
        raise UsageError("bad-setting-value", key=key, allowed=found.allowed)
    return canonical


def value(key: str, text: str) -> Value:
    """Typed form of a canonical text. Raises as `parse`: a row edited by hand is no excuse."""
    found = setting(key)
    canonical = parse(key, text)
    if found.optional and not canonical:
        return None
    if found.kind is SettingKind.SWITCH:
        return canonical == "on"
    return int(canonical) if found.kind is SettingKind.NUMBER else canonical


def default(key: str) -> Value:
    """Typed default of a setting."""
    return value(key, setting(key).default)
