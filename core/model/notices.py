"""Templates of messages: which events there are, which fields each may name, and what a sound template is. Pure.

A template is a subject and a body with `$fields` from a fixed list, filled in one pass: what a value holds is never looked at
again. Refused before it is kept, with its line: a field that the event does not have, a lone `$`, what looks like a field of
another program, signs that cannot be seen, a subject that names the person, and a text that leaves out what the law wants told.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from core.errors import NotFound, Refused, UsageError
from core.locale import LANGUAGES, N_

SUBJECT_MOST = 150
BODY_MOST = 20_000
SUBJECT_FIELDS = ("number", "company")
"""No subject names a person: subjects are shown on locked screens and kept in logs of mail servers."""
SUBJECT_WORDS = {"en": "Subject:", "tr": "Konu:"}
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Categories of signs that a reader of the template would not see."""

FIELDS: dict[str, str] = {
    "name": N_("name of the customer"),
    "company": N_("setting company-name"),
    "contact": N_("address, KEP and e-mail of the company, one a line"),
    "number": N_("number of the request"),
    "kind": N_("what is asked for"),
    "received_on": N_("day of receipt"),
    "due_on": N_("last day for the answer"),
    "decided_on": N_("day of the decision"),
    "done": N_("what was done, in whole sentences"),
    "reason": N_("the reason, as a sentence; empty when there is none"),
    "holds": N_("records that stay, each with the law and the day until which; empty when nothing stays"),
    "blacklist": N_("what is kept on the blacklist; empty when nothing is"),
    "complaint": N_("the right to complain, as the law of the request names it"),
    "confirmation": N_("asks for the request in writing when it came by phone; else empty"),
    "at": N_("day and time"),
    "link": N_("the link; whoever has it can use it"),
    "minutes": N_("minutes for which the link can be used"),
}
"""Field -> what it says."""

EVERY = ("company", "contact")
CUSTOMER = ("name", *EVERY)
REQUEST = ("number", "kind", "received_on", "due_on")


@dataclass(frozen=True, slots=True)
class Event:
    """One event of which somebody is told."""

    name: str
    fields: tuple[str, ...]
    needed: tuple[str, ...] = ()
    """Fields that a body may not leave out: the law wants them told, or the message means nothing without them."""
    staff: bool = False
    """Told to `staff-mail`; its fields hold nothing of the customer."""


EVENTS: dict[str, Event] = {
    event.name: event
    for event in (
        Event("received", (*CUSTOMER, *REQUEST, "confirmation"), ("number", "due_on")),
        Event(
            "resolved",
            (*CUSTOMER, *REQUEST, "decided_on", "done", "reason", "holds", "blacklist", "complaint"),
            ("number", "done", "reason", "holds", "blacklist", "complaint"),
        ),
        Event("rejected", (*CUSTOMER, *REQUEST, "decided_on", "reason", "complaint"), ("number", "reason", "complaint")),
        Event("extended", (*CUSTOMER, *REQUEST, "reason"), ("number", "due_on", "reason")),
        Event("cancelled", (*CUSTOMER, *REQUEST, "decided_on", "reason"), ("number",)),
        Event("downloaded", (*CUSTOMER, "at"), ("at",)),
        Event("reset", (*CUSTOMER, "link", "minutes"), ("link",)),
        Event("signin", (*CUSTOMER, "link", "minutes"), ("link",)),
        Event("register", (*EVERY, "link", "minutes"), ("link",)),
        Event("new-request", (*EVERY, *REQUEST), ("number",), staff=True),
        Event("near", (*EVERY, *REQUEST), ("number",), staff=True),
        Event("overdue", (*EVERY, *REQUEST), ("number",), staff=True),
    )
}
"""Name -> event; `label("event", name, …)` says it to people."""


@dataclass(frozen=True, slots=True)
class Template:
    """Subject and body of one event in one language."""

    subject: str
    body: str

    def text(self, language: str) -> str:
        """As people edit it: the subject on the first line, then a blank line, then the body."""
        return f"{SUBJECT_WORDS[language]} {self.subject}\n\n{self.body}\n"


@dataclass(frozen=True, slots=True)
class Written:
    """A message in its words."""

    subject: str
    body: str


def event(name: str) -> Event:
    """The event of that name. Raises NotFound `template-not-found` with the nearest."""
    try:
        return EVENTS[name]
    except KeyError:
        raise NotFound("template-not-found", name=name[:64], nearest=get_close_matches(name, EVENTS, 1, 0.0)[0]) from None


def language(name: str) -> str:
    """`tr` or `en`. Raises UsageError `template-language`."""
    if name not in LANGUAGES:
        raise UsageError("template-language", allowed=LANGUAGES)
    return name


def read(of: Event, text: str) -> Template:
    """A sound template from what a person wrote. Raises UsageError `template-…` with the line."""
    if len(text) > BODY_MOST + SUBJECT_MOST + 100:
        raise UsageError("template-too-long", most=BODY_MOST)
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    word = next((word for word in SUBJECT_WORDS.values() if lines[0].casefold().startswith(word.casefold())), None)
    if word is None:
        raise UsageError("template-no-subject")
    _visible(lines)
    subject = lines[0][len(word) :].strip()
    first = 2 if len(lines) > 1 and not lines[1].strip() else 1
    template = Template(subject, "\n".join(line.rstrip() for line in lines[first:]).rstrip("\n"))
    check(of, template, first + 1)
    return template


def check(of: Event, template: Template, first: int = 3) -> None:
    """Raises UsageError `template-…`; `first` is the line of the text on which the body begins."""
    _subject(of, template.subject)
    if not template.body.strip():
        raise UsageError("template-empty")
    if len(template.body) > BODY_MOST:
        raise UsageError("template-too-long", most=BODY_MOST)
    named: set[str] = set()
    for number, line in enumerate(template.body.split("\n"), first):
        named.update(_fields(of.fields, line, number))
    for name in of.needed:
        if name not in named:
            raise UsageError("template-field-missing", name=f"${name}")


def _subject(of: Event, subject: str) -> None:
    if not subject:
        raise UsageError("template-no-subject")
    if len(subject) > SUBJECT_MOST:
        raise UsageError("template-subject-long", most=SUBJECT_MOST)
    if "=?" in subject:  # an encoded word: mail programs would read something else than what stands there
        raise UsageError("template-subject-unsafe")
    for name in _fields(of.fields, subject, 1):
        if name not in SUBJECT_FIELDS:
            allowed = tuple(f"${one}" for one in SUBJECT_FIELDS if one in of.fields)
            raise UsageError("template-subject-field", name=f"${name}", allowed=allowed)


def _visible(lines: list[str]) -> None:
    """Nothing that hides: control and format characters, private use, lone surrogates. A tab is a blank."""
    for number, line in enumerate(lines, 1):
        bad = next((sign for sign in line if sign != "\t" and unicodedata.category(sign) in HIDDEN), None)
        if bad is not None:
            raise UsageError("template-hidden-sign", line=number, sign=f"U+{ord(bad):04X}")


_FOREIGN = re.compile(r"\{\{|\}\}|\{%|%\}|\{\$|<\?|<%")


def _fields(known: tuple[str, ...], line: str, number: int) -> Iterator[str]:
    """Names of the fields of one line. Raises UsageError for what is none."""
    if _FOREIGN.search(line):
        raise UsageError("template-foreign", line=number)
    for found in string.Template.pattern.finditer(line):
        name = found["named"] or found["braced"]
        if found["invalid"] is not None:
            raise UsageError("template-lone-sign", line=number)
        if name is None:  # $$
            continue
        if name not in known:
            raise UsageError("template-unknown-field", line=number, name=f"${name[:64]}", allowed=tuple(f"${one}" for one in known))
        yield name


_GAPS = re.compile(r"\n{3,}")


def fill(template: Template, values: Mapping[str, str]) -> Written:
    """The message. Fields are put in once, as they are; where one is empty its paragraph leaves no gap.

    Raises Refused `mail-template` for a template that was changed behind our back and cannot be filled.
    """
    try:
        subject = string.Template(template.subject).substitute({name: values[name] for name in SUBJECT_FIELDS if name in values})
        body = string.Template(template.body).substitute(values)
    except (KeyError, ValueError):
        raise Refused("mail-template") from None
    return Written(" ".join(subject.split()), _GAPS.sub("\n\n", body).strip("\n") + "\n")
