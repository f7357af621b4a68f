"""The certificate: canonical JSON, XML valid for two validators, text in two languages, and no more than is true."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xmlschema
from lxml import etree

from core.adapters import papers
from core.adapters.certificate import NAMESPACE, residue_result, to_xml
from core.adapters.certificate_text import to_text
from core.model.certificate import Addendum, Certificate, Controller, Grade, Level, LevelStatus, Subject, Title, Waiver
from core.model.records import Channel, HoldLine, Kind, Regime, ResidueLine, Resolution, TableCount

NS = {"c": NAMESPACE}
ISTANBUL = ZoneInfo("Europe/Istanbul")
LEVELS = (
    Level("A", LevelStatus.NOT_DONE, "measured-after-commit"),
    Level("B", LevelStatus.NOT_DONE, "scrub-pending"),
    Level("C", LevelStatus.OUTSIDE, "outside-sqlite"),
)


def certificate(**changes: Any) -> Certificate:
    facts: dict[str, Any] = {
        "number": 7,
        "kind": Kind.ERASE,
        "regime": Regime.KVKK,
        "received_on": date(2026, 11, 1),
        "decided_at": datetime(2026, 11, 23, 18, 5, tzinfo=UTC),
        "actor": "ayse@desk.example",
        "resolution": Resolution(erase=True, blacklist=True),
        "grade": Grade.DELETED_EXCEPT_HOLDS,
        "levels": LEVELS,
        "map_name": "sample",
        "map_sha256": "ab" * 32,
        "product": "kvkk-desk 0.1.0",
        "engine": "sqlite",
        "checkpoint": "kvkk:0f0f:41:" + "cd" * 32,
        "controller": Controller(name="Örnek Barındırma A.Ş.", address="Şişli, İstanbul", kep="ornek@hs01.kep.example"),
        "approved_by": "mehmet@desk.example",
        "tables": (
            TableCount("customers", deleted=1),
            TableCount("invoices", deleted=2, held=3, because=("VUK 253 / TTK 82",)),
            TableCount("addresses", shared=1, because=("used by another customer",)),
            TableCount("notes", cells_redacted=4),
            TableCount("signin_log", kept=5, because=("5651",)),
        ),
        "holds": (
            HoldLine("invoices", 3, "VUK 253 / TTK 82", date(2037, 1, 1)),
            HoldLine("signin_log", 5, "5651", None),
        ),
        "residue": (
            ResidueLine("tickets", "subject", "email", 2, "residue"),
            ResidueLine("invoices", "tax_no", "tax_id", 3, "hold"),
        ),
        "waived": Waiver("admin@desk.example", "legacy-archive"),
        "blacklisted": ("email", "phone"),
        "left_out": ("tax_id",),
        "outside": ("Delete the customer in the newsletter tool.",),
        "channel": Channel.KEP,
        "verified": "zaman damgası <ve> imza\x07",
    }
    return Certificate(**facts | changes)


ACCESS = certificate(
    kind=Kind.ANONYMISE,
    resolution=Resolution(),
    grade=Grade.ACCESS_BLOCKED,
    tables=(TableCount("customers", blocked=1), TableCount("sessions", deleted=2)),
    **dict.fromkeys(("holds", "residue", "blacklisted", "left_out", "outside"), ()),
    waived=None,
    approved_by=None,
    controller=Controller(),
    channel=None,
    verified=None,
)
MASK = replace(
    ACCESS, resolution=Resolution(mask=True), grade=Grade.MASKED, regime=Regime.GDPR, tables=(TableCount("customers", masked=1),)
)
ERASE = replace(ACCESS, resolution=Resolution(erase=True), grade=Grade.DELETED, tables=(TableCount("customers", deleted=1),))
ALL = {"access": ACCESS, "mask": MASK, "erase": ERASE, "holds": certificate()}
ADDENDA = (
    Addendum(
        number=7,
        at=datetime(2026, 11, 23, 18, 6, tzinfo=UTC),
        actor="ayse@desk.example",
        about=Subject.REREAD,
        levels=(Level("A", LevelStatus.DONE, "read-again", hits=0),),
    ),
    Addendum(
        number=7,
        at=datetime(2026, 11, 24, 1, 0, tzinfo=UTC),
        actor="root@desk.example",
        about=Subject.SCRUB,
        levels=(Level("B", LevelStatus.FOUND, "files-searched", hits=1, files=2, bytes=4096),),
    ),
    Addendum(
        number=7,
        at=datetime(2037, 1, 1, 1, 0, tzinfo=UTC),
        actor="root@desk.example",
        about=Subject.HOLD,
        tables=(TableCount("invoices", deleted=3),),
        holds=(HoldLine("invoices", 3, "VUK 253 / TTK 82", date(2037, 1, 1)),),
    ),
)


@cache
def _schemas() -> tuple[etree.XMLSchema, xmlschema.XMLSchema10]:
    text = files("core.adapters").joinpath("certificate.xsd").read_text(encoding="utf-8")
    return etree.XMLSchema(etree.fromstring(text.encode())), xmlschema.XMLSchema10(text)


def valid(content: bytes) -> Any:
    root = etree.fromstring(content)
    _schemas()[0].assertValid(root)
    _schemas()[1].validate(io.BytesIO(content))
    return root


@pytest.mark.parametrize("which", ALL)
def test_json_is_canonical_and_comes_back_whole(which: str) -> None:
    one = ALL[which]
    text = one.to_json()
    assert Certificate.from_json(text) == one
    assert Certificate.from_json(text).to_json() == text
    assert text.isascii()


def test_it_says_how_the_request_came_in_and_how_the_identity_was_verified() -> None:
    """A paper of a version that did not know says nothing; its stored text can still be read."""
    one = certificate()
    root = valid(to_xml(one, (), "tr"))
    assert (root.find("{*}channel").get("code"), root.find("{*}channel").text) == ("kep", "kayıtlı elektronik posta (KEP)")
    assert root.find("{*}verified").text.startswith("zaman damgası <ve> imza")
    for language, said in (("tr", "Kimlik doğrulaması:"), ("en", "Identity verified by:")):
        text = to_text(one, (), language, ISTANBUL)
        assert said in text
        assert "zaman damgası" in text
        assert "\x07" not in text
    assert "nothing was noted" in to_text(replace(one, verified=None), (), "en", ISTANBUL)
    assert "signed in to the customer panel" in to_text(replace(one, channel=Channel.PANEL, verified=None), (), "en", ISTANBUL)
    assert valid(to_xml(ACCESS, (), "en")).find("{*}channel") is None
    assert "Identity verified" not in to_text(ACCESS, (), "en", ISTANBUL)
    old = {key: value for key, value in json.loads(ACCESS.to_json()).items() if key not in ("channel", "verified")}
    assert Certificate.from_json(json.dumps(old)) == ACCESS


@pytest.mark.parametrize("one", ADDENDA, ids=lambda one: one.about)
def test_addenda_come_back_whole(one: Addendum) -> None:
    assert Addendum.from_json(one.to_json()) == one


def test_another_document_is_not_taken_for_a_certificate() -> None:
    with pytest.raises(ValueError, match="no certificate of format 1"):
        Certificate.from_json(ADDENDA[0].to_json())
    with pytest.raises(ValueError, match="no addendum"):
        Addendum.from_json(ACCESS.to_json())
    with pytest.raises(ValueError, match="format 1"):
        Certificate.from_json(ACCESS.to_json().replace('"format":1', '"format":2'))


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("which", ALL)
def test_xml_is_valid_in_both_languages(which: str, language: str) -> None:
    root = valid(to_xml(ALL[which], ADDENDA, language))
    assert root.get("language") == language
    assert len(root.findall("c:addendum", NS)) == 3


def test_codes_and_numbers_do_not_depend_on_the_language() -> None:
    def bones(language: str) -> list[tuple[str, dict[str, str]]]:
        root = valid(to_xml(ALL["holds"], ADDENDA, language))
        return [(str(e.tag), dict(e.attrib)) for e in root.iter() if e is not root]

    assert bones("tr") == bones("en")


def test_xml_says_what_the_document_says() -> None:
    root = valid(to_xml(ALL["holds"], (), "en"))
    invoices = root.find("c:tables/c:table[@name='invoices']", NS)
    assert (invoices.get("deleted"), invoices.get("held")) == ("2", "3")
    assert invoices.find("c:because", NS).text == "VUK 253 / TTK 82"
    assert root.find("c:tables", NS).get("redactedCells") == "4"
    assert [hold.get("release") for hold in root.findall("c:holds/c:hold", NS)] == ["2037-01-01", None]
    assert root.find("c:residue/c:result", NS).get("code") == "waived"
    assert root.find("c:residue", NS).get("waivedBy") == "admin@desk.example"
    assert root.find("c:decision", NS).get("approvedBy") == "mehmet@desk.example"
    assert [level.get("status") for level in root.findall("c:levels/c:level", NS)] == ["not-done", "not-done", "outside"]
    assert root.find("c:checkpoint", NS).text.startswith("kvkk:0f0f:41:")


def test_a_map_that_says_what_xml_cannot_hold_still_gives_a_certificate() -> None:
    hostile = replace(MASK, map_name="a\x1b[31m", outside=("step\0\ud800\nnext", "\u202eevil"), tables=(TableCount("t\x01", masked=1),))
    root = valid(to_xml(hostile, (), "en"))
    assert root.find("c:map", NS).get("name") == "a‹U+001B›[31m"
    text = to_text(hostile, (), "en", ISTANBUL)
    assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("which", ALL)
def test_text_fits_a_page_and_speaks_one_language(which: str, language: str) -> None:
    text = to_text(ALL[which], ADDENDA, language, ISTANBUL)
    lines = text.splitlines()
    assert max(len(line) for line in lines if line != ALL[which].checkpoint) <= papers.WIDTH
    assert ALL[which].checkpoint in lines
    assert all(line == line.rstrip() for line in lines)
    assert ("November 2026" in text) == (language == "en")
    assert ("Kasım 2026" in text) == (language == "tr")
    assert "{" not in text


def test_the_title_is_destruction_only_when_something_was_destroyed() -> None:
    assert {which: one.title for which, one in ALL.items()} == {
        "access": Title.ACTION,
        "mask": Title.DESTRUCTION,
        "erase": Title.DESTRUCTION,
        "holds": Title.DESTRUCTION,
    }


def test_the_text_tells_counts_holds_residue_levels_and_proof() -> None:
    text = to_text(certificate(), ADDENDA, "en", ISTANBUL)
    flat = " ".join(text.split())
    for told in (
        "deleted except holds",
        "invoices: 3 rows until 1 January 2037 (VUK 253 / TTK 82)",
        "signin_log: 5 rows, for good (5651)",
        "blanked: 4",
        "tickets.subject: e-mail, 2 cells, remains",
        "Accepted by admin@desk.example (reason code: legacy-archive)",
        "fingerprints kept of: e-mail, phone number",
        "another customer has the same value: tax id",
        "Delete the customer in the newsletter tool.",
        "not done. It is measured after the commit",
        "23 November 2026 21:05:00 (UTC+03:00)",
        "kvkk:0f0f:41:",
        "Places found: 1. Files: 2, bytes: 4096.",
    ):
        assert told in flat, told
    assert "irrecoverable" not in flat


def test_masked_is_called_pseudonymous() -> None:
    assert "masked (pseudonymous while rows remain linked)" in to_text(MASK, (), "en", ISTANBUL)
    assert "anonymous data" not in to_text(MASK, (), "en", ISTANBUL)


def test_the_residue_result_is_no_better_than_the_search() -> None:
    remains = replace(MASK, residue=(ResidueLine("t", "c", "email", 1, "residue"),))
    explained = replace(MASK, residue=(ResidueLine("t", "c", "email", 1, "other-customer"),))
    results = [residue_result(one) for one in (ACCESS, MASK, explained, remains, certificate())]
    assert results == ["not-searched", "none", "none", "remains", "waived"]


@pytest.mark.parametrize(
    "changes",
    [
        {"grade": Grade.DELETED},
        {"levels": LEVELS[::-1]},
        {"decided_at": datetime(2026, 11, 23)},
        {"holds": (), "tables": ()},
    ],
)
def test_a_certificate_that_contradicts_itself_cannot_be_built(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        certificate(**changes)


@pytest.mark.parametrize(
    "level",
    [
        ("D", LevelStatus.DONE, "read-again"),
        ("C", LevelStatus.DONE, "read-again"),
        ("A", LevelStatus.OUTSIDE, "read-again"),
        ("A", LevelStatus.DONE, "read-again", 2),
        ("B", LevelStatus.FOUND, "files-searched", 0),
    ],
)
def test_a_level_claims_only_what_was_measured(level: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="level"):
        Level(*level)
