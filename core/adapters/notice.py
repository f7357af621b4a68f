"""From what is sealed with a waiting message to the words of its template's fields, in Turkish or English.

Promises: the sentences are those of the printed letter; every value is one visible line (the reason of staff keeps its lines),
so that nothing in it can pass for another line of the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from core.adapters import letter as letters
from core.adapters import papers
from core.locale import N_, Translator, translator
from core.model.certificate import Controller
from core.model.letter import Answer, Letter
from core.model.notices import Event
from core.model.records import Channel, HoldLine, Kind, Regime
from core.visible import safe, safe_lines

KINDS = {Kind.ANONYMISE: N_("anonymisation of the data"), Kind.ERASE: N_("erasure of the data")}
NO_COMPANY = N_("(setting company-name)")
"""Stands in previews where nobody has said who the company is."""
ANSWERS = {
    "received": Answer.RECEIVED,
    "rejected": Answer.REJECTED,
    "extended": Answer.EXTENDED,
    "cancelled": Answer.CANCELLED,
}
Facts = Mapping[str, Any]


def values(event: Event, facts: Facts, language: str, controller: Controller, zone: tzinfo) -> dict[str, str]:
    """Field -> words, for every field of the event."""
    _ = translator(language)
    said = _of_company(controller, _) | _of_person(facts, _)
    if "number" in event.fields:
        told = _letter(event.name, facts, controller)
        said |= _of_request(told, language, _) | ({} if event.staff else _of_answer(told, language, _))
    if facts.get("at"):
        said["at"] = papers.moment(datetime.fromisoformat(facts["at"]), language, zone)
    said |= {name: str(facts[name]) for name in ("link", "minutes") if name in facts}
    return {name: said.get(name, "") for name in event.fields}


def _of_company(controller: Controller, _: Translator) -> dict[str, str]:
    lines = [safe(controller.address)] if controller.address else []
    lines += [
        f"{_(papers.CONTROLLER_LABELS[part])}: {safe(text)}" for part in ("kep", "email") if (text := getattr(controller, part)) is not None
    ]
    return {"company": safe(controller.name or ""), "contact": "\n".join(lines)}


def _of_person(facts: Facts, _: Translator) -> dict[str, str]:
    return {"name": safe(facts.get("name") or "") or _("Sir or Madam")}


def _of_request(told: Letter, language: str, _: Translator) -> dict[str, str]:
    return {
        "number": str(told.number),
        "kind": _(KINDS[told.asked]),
        "received_on": papers.day(told.received_on, language),
        "due_on": papers.day(told.due_on, language),
        "decided_on": papers.day(told.decided_on, language) if told.decided_on else "",
    }


def _of_answer(told: Letter, language: str, _: Translator) -> dict[str, str]:
    less = f"{_(letters.LESS)} " if told.is_less else ""
    reason = safe_lines((told.reason or "").replace("\r\n", "\n")).strip()
    by_phone = told.answer is Answer.RECEIVED and told.channel is Channel.PHONE and told.regime is Regime.KVKK
    return {
        "done": _done(told, language, _),
        "reason": f"{less}{_(letters.REASON).format(reason=reason)}" if reason else less.strip(),
        "holds": "\n\n".join(_listed(told, language, _)),
        "blacklist": _(letters.BLACKLIST) if told.blacklisted else "",
        "complaint": _(letters.COMPLAINT[told.regime]) if told.answer.is_final else "",
        "confirmation": _(letters.WRITTEN) if by_phone else "",
    }


def _done(told: Letter, language: str, _: Translator) -> str:
    if not told.answer.is_done:
        return ""
    excepted = told.answer is Answer.ERASE and told.holds
    text = letters.ERASED_EXCEPT if excepted else letters.TOLD[told.answer]
    return _(text).format(decided=papers.day(told.decided_on or told.dated, language))


def _listed(told: Letter, language: str, _: Translator) -> list[str]:
    """What a law holds, and what stays for good: a sentence and a line each."""
    parts = ((letters.HOLDS, letters.held(told, _, language)), (letters.KEPT, letters.kept(told, _)))
    return ["\n".join([_(head), *(f"- {safe(line, 1000)}" for line in lines)]) for head, lines in parts if lines]


def _letter(event: str, facts: Facts, controller: Controller) -> Letter:
    received = _day(facts.get("received_on")) or date.min
    decided = _day(facts.get("decided_on"))
    return Letter(
        answer=ANSWERS.get(event) or Answer(facts.get("outcome") or Answer.RECEIVED),
        controller=controller,
        number=int(facts.get("number") or 0),
        asked=Kind(facts["kind"]),
        regime=Regime(facts.get("regime") or Regime.KVKK),
        channel=Channel(facts.get("channel") or Channel.OTHER),
        received_on=received,
        due_on=_day(facts.get("due_on")) or received,
        dated=decided or received,
        decided_on=decided,
        reason=facts.get("reason"),
        holds=tuple(HoldLine(table, rows, because, _day(until)) for table, rows, because, until in facts.get("holds") or ()),
        blacklisted=bool(facts.get("blacklisted")),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def sample(event: Event, language: str, today: date) -> dict[str, Any]:
    """What a made-up request would say, for previews: a person who does not exist, and every field filled."""
    _ = translator(language)
    facts: dict[str, Any] = {"name": "Ayşe Yılmaz", "number": 12}
    facts |= {"kind": Kind.ERASE.value, "outcome": Answer.ERASE.value, "blacklisted": True}
    facts |= {"received_on": (today - timedelta(days=9)).isoformat(), "due_on": (today + timedelta(days=21)).isoformat()}
    facts |= {"decided_on": today.isoformat(), "at": f"{today.isoformat()}T09:00:00+00:00"}
    facts |= {"reason": _("The identity could not be verified."), "channel": Channel.PHONE.value}
    facts |= {"holds": [["invoices", 3, "VUK 253, TTK 82", date(today.year + 6, 1, 1).isoformat()]]}
    facts |= {"link": "https://www.example.com/kvkk/0123abcd", "minutes": 30}
    if event.name == "resolved":
        facts["reason"] = None
    return facts
