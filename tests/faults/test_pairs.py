"""Two members of staff at the same moment, every verb beside every other, on the same request, customer and database.

In ./check a few pairs; in ./check long all of them on each engine. Whatever comes out, nothing is half done: at most one final
decision, a certificate exactly where something was resolved, an unbroken chain, and whoever lost hears a known reason.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from core.config import Target
from core.desk import Desk
from core.model.records import Actor
from core.store import tables
from core.store.engine import parse_url

NUMBER, CUSTOMER = 23, "183"
FINAL = ("request.resolve", "request.cancel", "request.reject")
VERBS: dict[str, dict[str, Any]] = {
    "access": {"kind": "access", "number": NUMBER},
    "mask": {"kind": "mask", "number": NUMBER, "blacklist": True},
    "erase": {"kind": "erase", "number": NUMBER, "blacklist": True},
    "bulk": {"kind": "mask", "numbers": [NUMBER, 15]},
    "cancel": {"number": NUMBER},
    "reject": {"number": NUMBER},
    "approve": {"number": NUMBER},
    "add": {"customer": CUSTOMER},
    "consent": {"customer": CUSTOMER},
    "export": {"customer": CUSTOMER},
    "setting": {"key": "second-person", "value": "on"},
    "staff_add": {"account": "ayse"},
    "rotate": {"drop_old": False},
    "run": {},
    "deliver": {},
    "init": {},
}
WORKED_BY = {"access": "resolve", "mask": "resolve", "erase": "resolve"}
PAIRS = list(combinations_with_replacement(VERBS, 2))
SHORT = {("mask", "erase"), ("erase", "rotate"), ("bulk", "cancel"), ("erase", "export"), ("mask", "run")}
LOST = (3, 5, 6, 9)
"""Not allowed (staff closed the database meanwhile), conflict, guard (a second person is needed now), and on servers a lock
that was not given in time."""


def job(url: str, key: Path, verb: str, folder: Path, place: int) -> dict[str, Any]:
    args = dict(VERBS[verb])
    if verb == "export":
        args["file"] = str(folder / f"{place}.xml")
    return {"database": url, "key": str(key), "verb": WORKED_BY.get(verb, verb), "args": args, "account": ("ayse", "mehmet")[place]}


@pytest.mark.parametrize("pair", [pytest.param(pair, marks=() if pair in SHORT else pytest.mark.long, id="+".join(pair)) for pair in PAIRS])
def test_every_verb_beside_every_other(crew: Any, sample_url: str, tmp_path: Path, pair: tuple[str, str]) -> None:
    key = tmp_path / "kvkk.key"
    if "rotate" in pair:  # a key has to be in use
        first = {"kind": "mask", "number": 16, "blacklist": True}
        assert "value" in crew.one({"database": sample_url, "key": str(key), "verb": "resolve", "args": first})
    answers = crew.run(*(job(sample_url, key, verb, tmp_path, place) for place, verb in enumerate(pair)), together=True)
    for answer in answers:
        assert answer["signal"] is None
        assert "Traceback" not in answer["stderr"]
        assert "value" in answer or answer["error"]["exit"] in LOST, answer
    assert any("value" in answer for answer in answers) or pair == ("add", "add"), answers  # one is open already
    whole(sample_url, key)


def whole(url: str, key: Path) -> None:
    engine = create_engine(parse_url(url))
    with engine.connect() as conn:
        row = conn.execute(select(tables.requests).where(tables.requests.c.number == NUMBER)).one()
        said = list(conn.execute(select(tables.audit.c.verb).where(tables.audit.c.request == NUMBER)).scalars())
        papers = conn.execute(
            select(tables.certificates).where(tables.certificates.c.request == NUMBER, tables.certificates.c.part == 0)
        ).all()
        stones = conn.execute(select(tables.tombstones).where(tables.tombstones.c.request == NUMBER)).all()
    engine.dispose()
    final = [verb for verb in said if verb in FINAL]
    assert len(final) == int(row.state not in ("pending", "approved"))
    resolved = row.state == "resolved"
    assert (len(papers), len(stones)) == (int(resolved), int(resolved))
    with Desk(Target(url, "sample", key, "--db", "en"), actor=Actor("ayse", "desk.example")) as desk:
        desk.audit.verify(desk.actor, None)
