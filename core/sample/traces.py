"""What a company writes down about its customers day by day: tickets, sign-ins, mails, messages, notes, activity."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from core.sample import people, words
from core.sample.billing import former_email
from core.sample.cases import BLOCKED, ERASED, MASKED
from core.sample.fill import Scene, hexes, spoken
from core.sample.people import Person

SETTLED = frozenset((*ERASED, *MASKED, *BLOCKED))
"""Customers whose request is resolved: nobody writes about them any more."""


QUIET = 200
"""Days: nothing is written down of settled customers since then, which is longer than their oldest request."""


def _back(scene: Scene, rng: Random, days: int, who: Person | None = None) -> datetime:
    """A moment of the last days, not before the customer came and not after the request was resolved."""
    least = QUIET if who and who.id in SETTLED else 1
    most = least + days if who is None else min(least + days, (scene.today - who.created_at.date()).days - 1)
    return people.moment(rng, scene.today - timedelta(days=rng.randint(least, most)))


def ip_of(who: Person, rng: Random) -> str:
    """One of the documentation networks; a customer keeps near one address."""
    if rng.random() < 0.1:
        return f"2001:db8:{who.id:x}::{rng.randint(1, 65535):x}"
    return f"{('192.0.2', '198.51.100', '203.0.113')[who.id % 3]}.{(who.id * 7 + rng.randint(0, 2)) % 254 + 1}"


def tickets(scene: Scene) -> None:
    rng = scene.rng("tickets")
    for who in scene.everybody:
        for _ in range(rng.choices((0, 1, 2, 3), (4, 4, 2, 1))[0]):
            _ticket(scene, who, rng)
    first, second = (scene.everybody[number - 1] for number in people.SUPERSTRING)
    ticket = scene.ledger.add(
        "tickets", second.id, customer_id=second.id, assigned_to=1, subject="Kardeşimin hesabı", status="closed",
        opened_at=_back(scene, rng, 60, second),
    )  # fmt: skip
    text = f"Kardeşim {first.name} ({first.email}) için de aynı paketi istiyoruz."
    _reply(scene, second, ticket, second.name, text, _back(scene, rng, 50, second), rng)


def _ticket(scene: Scene, who: Person, rng: Random) -> None:
    opened = _back(scene, rng, 500, who)
    ticket = scene.ledger.add(
        "tickets",
        who.id,
        customer_id=who.id,
        assigned_to=rng.choice((None, 1, 2, 6, 7)),
        subject=rng.choice(words.SUBJECTS),
        status=rng.choice(("open", "closed", "closed")),
        opened_at=opened,
    )
    for number in range(rng.randint(1, 4)):
        by_customer = number % 2 == 0
        text = rng.choice(words.ASKED if by_customer else words.ANSWERED).format_map(spoken(who))
        author = who.name if by_customer else rng.choice(words.STAFF)[0]
        opened += timedelta(minutes=rng.randint(20, 900))
        _reply(scene, who, ticket, author, text, min(opened, _latest(scene)), rng)


def _latest(scene: Scene) -> datetime:
    return datetime.combine(scene.today, datetime.min.time())


def _reply(scene: Scene, who: Person, ticket: int, author: str, text: str, at: datetime, rng: Random) -> None:
    by_customer = author == who.name
    scene.ledger.add(
        "ticket_replies",
        who.id,
        ticket_id=ticket,
        author_type="customer" if by_customer else "staff",
        author_name=author,
        message=text,
        ip=ip_of(who, rng) if by_customer else None,
        created_at=at,
    )


def sign_ins(scene: Scene) -> None:
    rng = scene.rng("sign-ins")
    for who in scene.everybody:
        for _ in range(rng.randint(0, 9)):
            scene.ledger.add(
                "signin_log",
                who.id,
                customer_id=who.id,
                user_name=rng.choice((who.user_name, who.email, people.upper(who.email))),
                ip=ip_of(who, rng),
                user_agent=rng.choice(words.BROWSERS),
                success=rng.random() < 0.9,
                at=_back(scene, rng, 180, who),
            )
        _ways_in(scene, who, rng)


def _ways_in(scene: Scene, who: Person, rng: Random) -> None:
    """What lets somebody in without the password, or gives a new one."""
    if rng.random() < 0.45:
        scene.ledger.add(
            "sessions", who.id, id=hexes(rng, 48), customer_id=who.id, ip=ip_of(who, rng),
            user_agent=rng.choice(words.BROWSERS), last_seen_at=_back(scene, rng, 20, who),
        )  # fmt: skip
    if rng.random() < 0.15:
        scene.ledger.add(
            "api_tokens", who.id, customer_id=who.id, label=f"{who.site} yedek", token_hash=hexes(rng, 64),
            last_used_at=_back(scene, rng, 40, who) if rng.random() < 0.8 else None,
        )  # fmt: skip
    if rng.random() < 0.1:
        scene.ledger.add("password_resets", who.id, email=who.email, token_hash=hexes(rng, 64), requested_at=_back(scene, rng, 5, who))


def messages(scene: Scene) -> None:
    """Mails know the customer by address only, in the case in which it was typed; the SMS log keeps the phone as a number."""
    rng = scene.rng("messages")
    for who in scene.everybody:
        for _ in range(rng.randint(1, 6)):
            then = _back(scene, rng, 400, who)
            _mail(scene, who, rng.choices((who.email, people.upper(who.email)), (9, 1))[0], then, rng)
        for _ in range(rng.choices((0, 1, 2), (5, 4, 2))[0]):
            scene.ledger.add(
                "sms_log", who.id, customer_id=who.id, phone=int("90" + who.phone), body=rng.choice(words.TEXTS),
                sent_at=_back(scene, rng, 300, who),
            )  # fmt: skip
    moved = scene.everybody[people.FORMER_EMAIL - 1]
    _mail(scene, moved, former_email(moved), people.moment(rng, scene.today - timedelta(days=200)), rng)


def _mail(scene: Scene, who: Person, recipient: str, at: datetime, rng: Random) -> None:
    subject = rng.choice(words.MAILS)
    scene.ledger.add(
        "mail_log",
        who.id,
        recipient=recipient,
        subject=f"{subject}, {who.first}" if rng.random() < 0.3 else subject,
        status=rng.choices(("sent", "bounced"), (19, 1))[0],
        sent_at=at,
    )


def notes(scene: Scene) -> None:
    """Notes hang on a type and a number: the same number means a customer here and a product there."""
    rng = scene.rng("notes")
    for who in scene.everybody:
        for _ in range(rng.choices((0, 1, 2), (5, 4, 1))[0]):
            _note(scene, who, "customer", who.id, rng.choice(words.NOTES).format_map(spoken(who)), rng)
    for number in range(1, len(words.PRODUCTS) + 1):
        _note(scene, None, "product", number, "Fiyatı gözden geçirilecek.", rng)
    for who in scene.everybody[99:300:20]:
        if who.id not in SETTLED:
            said = f"Bu paketi {who.name} ({people.phone_local(who.phone)}) de sordu."
            _note(scene, None, "product", rng.randint(1, len(words.PRODUCTS)), said, rng)


def _note(scene: Scene, owner: Person | None, about: str, number: int, text: str, rng: Random) -> None:
    scene.ledger.add(
        "notes",
        *(() if owner is None else (owner.id,)),
        about_type=about,
        about_id=number,
        author=rng.choice(words.STAFF)[0],
        text=text,
        written_at=_back(scene, rng, 700, owner),
    )


def meta(scene: Scene) -> None:
    rng = scene.rng("meta")
    for who in scene.everybody:
        pairs = {
            "billing_phone": people.phone_local(who.phone),
            "billing_email": who.email,
            "whatsapp": people.phone_e164(who.phone),
            "nickname": who.first,
            "last_comment": rng.choice(words.NOTES).format_map(spoken(who)),
            "locale": who.language,
            "newsletter": rng.choice(("yes", "no")),
        }
        for key, value in pairs.items():
            if rng.random() < 0.35:
                scene.ledger.add("customer_meta", who.id, customer_id=who.id, meta_key=key, meta_value=value)


def activity(scene: Scene) -> None:
    """Rows of nobody whose text names customers, in every spelling."""
    rng = scene.rng("activity")
    open_ones = [who for who in scene.everybody if who.id not in SETTLED and who.id != people.HOSTILE]
    always = [scene.everybody[number - 1] for number in (people.IREM, people.SEVEN, *people.SUPERSTRING, people.FORMER_EMAIL)]
    for who in [*always, *always, *rng.sample(open_ones, 70)]:
        _happened(scene, rng.choice(words.HAPPENED).format_map(spoken(who)), rng)
    for _ in range(40):
        _happened(scene, rng.choice(words.IDLE), rng)


def _happened(scene: Scene, text: str, rng: Random) -> None:
    scene.ledger.add("activity_log", at=_back(scene, rng, 365), actor=rng.choice(("sistem", "destek", "cron")), text=text)
