"""The catalogue is searched as gettext would read it."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from core.locale import CATALOGUES, DOMAIN
from core.locale.catalogue import Catalogue

FILE = CATALOGUES / "tr" / "LC_MESSAGES" / f"{DOMAIN}.mo"


def test_every_sentence_is_what_gettext_says() -> None:
    ours, theirs = Catalogue(FILE), gettext.translation(DOMAIN, CATALOGUES, languages=["tr"])
    known = [msgid for msgid in theirs._catalog if isinstance(msgid, str) and msgid]  # type: ignore[attr-defined]
    assert len(known) > 2000
    assert {msgid: ours.gettext(msgid) for msgid in known} == {msgid: theirs.gettext(msgid) for msgid in known}


@pytest.mark.parametrize("msgid", ["no such sentence", "\0", "ZZZ", "ğ"])
def test_a_sentence_that_is_not_there_stays_as_it_is(msgid: str) -> None:
    assert Catalogue(FILE).gettext(msgid) == msgid


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 40])
def test_what_is_no_catalogue_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.mo"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="no catalogue"):
        Catalogue(file)
