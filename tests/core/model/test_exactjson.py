"""Numbers of a document keep their digits when it is handed out, and when one of its leaves is masked."""

from __future__ import annotations

import json

import pytest

from core.adapters.cells import spell
from core.model import exactjson, masking
from core.model.datamap import ColumnRule
from core.model.kinds import Mask

AMOUNTS = '{"total": 100.10, "rate": 1E-7, "long": 12345678901234567890.123456789, "many": [0.1, -0.0, 3], "note": "ş"}'


def test_what_is_read_is_written_again_digit_by_digit() -> None:
    assert exactjson.dumps(exactjson.loads(AMOUNTS), ensure_ascii=False) == AMOUNTS


def test_it_reads_and_writes_the_same_documents_as_the_standard_library() -> None:
    tree = json.loads(AMOUNTS)
    assert exactjson.loads(AMOUNTS) == tree
    assert exactjson.dumps(tree) == json.dumps(tree)
    with pytest.raises(TypeError):
        exactjson.dumps({"bytes": b""})


def test_a_masked_document_keeps_its_amounts() -> None:
    rule = ColumnRule("profile", "json", paths=((("phone",), "phone"),))
    masked = masking.document('{"phone": "+905321234567", "balance": 12345678901234567.80}', rule, ())
    assert masked == '{"phone": "*****", "balance": 12345678901234567.80}'


def test_a_document_of_the_database_is_exported_with_its_amounts() -> None:
    assert spell(exactjson.loads(AMOUNTS)) == ("json", AMOUNTS)
    assert spell(exactjson.loads("1.10")) == ("double", "1.10")
    assert spell(exactjson.document('"1.10"')) == ("json", '"1.10"')


@pytest.mark.parametrize("paths", [((("phone",), "phone"),), ()])
def test_a_document_in_bytes_stays_one(paths: tuple[tuple[tuple[str, ...], str], ...]) -> None:
    rule = ColumnRule("profile", "json", paths=paths)
    assert masking.document('{"phone": "0532", "n": "ş"}'.encode(), rule, ()) == (
        '{"phone": "*****", "n": "ş"}'.encode() if paths else '{"phone": "0532", "n": "ş"}'.encode()
    )
    assert masking.document(b"\xff no document", rule, ()) == b"\xff no document"


@pytest.mark.parametrize("mask", [Mask.JSON, Mask.REDACT])
def test_a_document_that_is_one_text_stays_a_document(mask: Mask) -> None:
    rule = ColumnRule("profile", "json")
    assert masking.row_value(mask, exactjson.document('"metin"'), rule, ()) == '"metin"'
    assert masking.whole(exactjson.document('"metin"'), rule, None) == '"*****"'
