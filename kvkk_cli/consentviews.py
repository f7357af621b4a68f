"""How consent looks to people: one customer's words, the list of all, the versions of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kvkk_cli.forms import NONE, consent, day, moment, named
from kvkk_cli.output import Cell
from kvkk_cli.words import _

if TYPE_CHECKING:
    from core import ConsentDetail, ConsentEntry, ConsentPage, ConsentText
    from kvkk_cli.output import Output

STYLES = {"given": "green", "outdated": "yellow", "withdrawn": "", "none": "dim"}


def detail(out: Output, seen: ConsentDetail, zone: str) -> None:
    """What counts now, and the history."""
    read = seen.notice
    out.fields(
        (
            (_("Consent"), consent(seen.row, zone)),
            (_("Version in force"), str(seen.current_version)),
            (_("Notice read"), _("{at}, version {version}").format(at=moment(read.at, zone), version=read.version) if read else NONE),
        )
    )
    if seen.history:
        out.heading(_("History"))
        out.table(
            (_("When"), _("What"), _("Version"), _("Channel"), _("Received"), _("Identity verified"), _("By")),
            [
                (
                    moment(one.at, zone),
                    named("word", _word(one)),
                    str(one.version),
                    named("channel", one.channel),
                    day(one.received_on),
                    one.verified_by or NONE,
                    one.recorded_by,
                )
                for one in seen.history
            ],
            headed=True,
        )


def _word(one: ConsentEntry) -> str:
    return "notice.read" if one.kind == "notice" else "consent.give" if one.given else "consent.withdraw"


def page(out: Output, seen: ConsentPage, zone: str) -> None:
    """A page of customers."""
    out.table(
        (_("Customer"), _("Name"), _("Consent"), _("Version"), _("When"), _("Channel")),
        [
            (
                row.customer,
                row.customer_name,
                Cell(named("consent", row.state), STYLES[row.state]),
                str(row.version or NONE),
                moment(row.at, zone),
                named("channel", row.channel),
            )
            for row in seen.rows
        ],
        [
            (row.customer, row.customer_name, row.state, str(row.version or ""), row.at.isoformat() if row.at else "", row.channel or "")
            for row in seen.rows
        ],
    )
    if not seen.rows:
        out.say(_("No customer was found."))
    if seen.cursor:
        out.say(_("More: add --after {cursor}").format(cursor=seen.cursor))


def about(found: ConsentText, zone: str) -> str:
    """One line about a text."""
    said = _("Version {version}, {language}, SHA-256 {sha256}").format(
        version=found.version, language=named("language", found.language), sha256=found.sha256
    )
    return f"{said}; {_state(found)}; {_made(found, zone)}"


def versions(out: Output, found: Sequence[ConsentText], zone: str) -> None:
    """Every version in every language."""
    out.table(
        (_("Version"), _("Language"), _("State"), _("Made"), _("Characters"), "SHA-256"),
        [
            (str(one.version), named("language", one.language), _state(one), _made(one, zone), str(len(one.text)), one.sha256)
            for one in found
        ],
        [
            (
                str(one.version),
                one.language,
                "current" if one.current else "old",
                one.made_at.isoformat() if one.made_at else "",
                str(len(one.text)),
                one.sha256,
                one.made_by or "",
            )
            for one in found
        ],
        cell=80,
    )


def _state(one: ConsentText) -> str:
    return _("in force") if one.current else _("replaced")


def _made(one: ConsentText, zone: str) -> str:
    origin = _("built-in text") if one.built_in else _("own text")
    return f"{origin}, {moment(one.made_at, zone)}, {one.made_by}" if one.made_by else origin
