"""Every code has words, the words ask only for facts that are given, and the Turkish catalogue is whole."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from core.locale.texts import TEXTS, Text
from core.model import lifecycle
from core.store import faults
from kvkk_cli.texts import TEXTS as CLI_TEXTS

ROOT = Path(__file__).parents[3]
CATALOGUE = ROOT / "core/locale/tr/LC_MESSAGES/kvkk.po"
ERRORS = {
    "UsageError",
    "MapError",
    "KeyFileError",
    "NotAllowed",
    "NotFound",
    "Conflict",
    "Refused",
    "PartlyDone",
    "ChainBroken",
    "Unavailable",
    "OutcomeUnknown",
    "StillPending",
    "KvkkError",
}
PROBLEMS = {"add", "complain", "_complain"}
MARKS = {"N_", "_", "_say"}
SAME_IN_TURKISH = {"IBAN", "GDPR", "KEP", "No"}


def modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def calls(*rooms: str) -> Iterator[tuple[str, str, ast.Call]]:
    """(place, name of what is called, the call)"""
    for path, tree in modules(*rooms):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                yield f"{path}:{node.lineno}", name, node


def constants(node: ast.expr) -> list[str]:
    """Texts that an argument can be: a literal, or both branches of a conditional."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return constants(node.body) + constants(node.orelse)
    return []


def raised(*rooms: str) -> Iterator[tuple[str, str, set[str]]]:
    """(place, code, facts) of every error, finding and map problem whose code stands in the source."""
    for place, name, node in calls(*rooms):
        if name in ERRORS and node.args:
            facts = {k.arg for k in node.keywords if k.arg} | ({"count"} if name == "MapError" else set())
            yield from ((place, code, facts) for code in constants(node.args[0]))
        elif name == "Finding" and node.args:
            pairs = node.args[2].elts if len(node.args) > 2 and isinstance(node.args[2], ast.Tuple) else []
            facts = {c for pair in pairs if isinstance(pair, ast.Tuple) for c in constants(pair.elts[0])}
            yield from ((place, code, facts) for code in constants(node.args[0]))
        elif name in PROBLEMS and len(node.args) > 1:
            facts = {k.arg for k in node.keywords if k.arg}
            starred = any(k.arg is None for k in node.keywords)
            codes = [c for c in constants(node.args[1]) if c.startswith(("map-", "mask-", "drift-"))]
            yield from ((place, code, fields(TEXTS[code].what) if starred else facts) for code in codes)


def fields(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name}


@pytest.mark.parametrize("room", ["core", "kvkk_cli"])
def test_every_code_has_words_that_ask_only_for_its_facts(room: str) -> None:
    known = TEXTS if room == "core" else TEXTS | CLI_TEXTS
    wrong = []
    for place, code, facts in raised(room):
        if code not in known:
            wrong.append(f"{place}: {code} {facts} has no wording")
        elif asked := (fields(known[code].what) | fields(known[code].next)) - facts:
            wrong.append(f"{place}: {code} is asked for {asked}")
    assert not wrong, "\n".join(wrong)


def test_every_failure_of_a_driver_has_words() -> None:
    codes = {*faults.SQLITE.values(), *faults.POSTGRESQL.values(), *faults.MARIADB.values(), faults.INTEGRITY, "database-error"}
    assert codes <= TEXTS.keys()
    assert all(fields(TEXTS[code].what) <= {"kind"} for code in codes)


def test_every_move_that_is_not_allowed_has_words() -> None:
    tree = ast.parse(Path(lifecycle.__file__).read_text(encoding="utf-8"))
    functions = [f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name in ("why_not", "_against_extension")]
    codes = {
        code
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and node.value is not None
        for code in constants(node.value)
    }
    assert codes
    assert codes <= TEXTS.keys()
    assert all(fields(TEXTS[code].what) <= {"number"} for code in codes - {"already-decided"})


def test_no_wording_stands_in_both_tables() -> None:
    assert not TEXTS.keys() & CLI_TEXTS.keys()


@pytest.mark.parametrize(("code", "text"), [*TEXTS.items(), *CLI_TEXTS.items()])
def test_a_wording_is_whole_sentences(code: str, text: Text) -> None:
    for sentence in filter(None, (text.what, text.next)):
        assert sentence == sentence.strip(), code
        assert sentence[-1] in ".?…", code
    assert "{" not in text.next.format_map(dict.fromkeys(fields(text.next), "x")), code


def message_ids() -> set[str]:
    """Every text that is marked for the catalogue, by syntax: also those that stand inside an f-string."""
    found: set[str] = set()
    for _place, name, node in calls("core", "kvkk_cli", "kvkk_tui", "kvkk_panel"):
        if name in MARKS and node.args:
            found.update(constants(node.args[0]))
    for page in sorted((ROOT / "kvkk_panel/templates").glob("*.html")):
        texts = list(babel_extract(page.open("rb"), ("_",), (), {}))
        found.update(text for _line, _name, text, _comments in texts if isinstance(text, str))
    return found


def turkish() -> dict[str, str]:
    with CATALOGUE.open("rb") as opened:
        return {message.id: message.string for message in read_po(opened, abort_invalid=True) if message.id}


def test_turkish_is_whole() -> None:
    said = turkish()
    missing = sorted(text for text in message_ids() if not said.get(text))
    assert not missing


def test_turkish_says_nothing_that_nobody_asks() -> None:
    stale = sorted(turkish().keys() - message_ids())
    assert not stale


def test_turkish_uses_the_same_facts() -> None:
    for english, turk in turkish().items():
        assert fields(english) == fields(turk), english


def test_turkish_is_turkish() -> None:
    same = {english for english, turk in turkish().items() if english == turk and english.upper() != english.lower()}
    assert {text for text in same if any(char.isalpha() for char in text)} <= SAME_IN_TURKISH | {
        text for text in same if (not fields(text) and len(text) < 4) or "SHA" in text
    }


def test_turkish_uses_the_words_of_the_reference() -> None:
    said = turkish()
    expected = {
        "Requesting customer": "Talep Eden Müşteri",
        "Request date": "Talep Tarihi",
        "Request type": "Talep Türü",
        "Service status": "Hizmet Durumu",
        "Invoice status": "Fatura Durumu",
        "Process status": "İşlem Durumu",
        "Consent is required": "Yetkilendirme Zorunluluğu",
        "Consent": "Yetkilendirme Onayı",
        "Notify the customer": "Bildirim Gönder",
    }
    assert {text: said[text] for text in expected} == expected
