"""Invoices with lines and payments: issued ones carry a number, drafts carry none."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from core.sample import people, words
from core.sample.cases import MASKED, standing
from core.sample.fill import Scene
from core.sample.people import Person


def invoices(scene: Scene) -> None:
    rng = scene.rng("invoices")
    for who in scene.everybody:
        address = _address_of(scene, who)
        for status in _states(who, rng):
            _invoice(scene, who, status, address, rng)


def _states(who: Person, rng: Random) -> list[str]:
    """What the customer's invoices are: paid ones, some unpaid, now and then a draft."""
    wanted = standing(who.id)
    unpaid = rng.choices((0, 1, 2), (7, 2, 1))[0] if wanted is None else wanted[1]
    paid = rng.choices((1, 2, 3, 4), (2, 3, 2, 1))[0]
    draft = 1 if who.id == people.SEVEN or (rng.random() < 0.15 and who.id not in MASKED) else 0
    return ["paid"] * paid + [rng.choice(("unpaid", "overdue")) for _ in range(unpaid)] + ["draft"] * draft


def _invoice(scene: Scene, who: Person, status: str, address: str | None, rng: Random) -> None:
    issued = _issued(status, who, scene.today, rng)
    lines = [(rng.randrange(len(words.PRODUCTS)), rng.randint(1, 12)) for _ in range(rng.choices((1, 2, 3), (5, 3, 1))[0])]
    amounts = [Decimal(words.PRODUCTS[product][2]) * count for product, count in lines]
    currency = "EUR" if who.language == "en" else "TRY"
    rows = len(scene.ledger.rows["invoices"])
    number = scene.ledger.add(
        "invoices",
        who.id,
        customer_id=who.id,
        number=f"HF{rows + 1:08d}" if issued else None,
        status=status,
        issued_on=issued,
        due_on=issued + timedelta(days=14) if issued else None,
        billing_name=who.company or who.name,
        billing_address=address,
        tax_office=who.tax_office,
        tax_no=who.tax_no or who.identity_no,
        billing_email=_email_then(who, issued, scene.today),
        billing_phone=people.phone_e164(who.phone),
        total=sum(amounts, Decimal(0)),
        currency=currency,
    )
    for (product, count), amount in zip(lines, amounts, strict=True):
        scene.ledger.add(
            "invoice_lines",
            who.id,
            invoice_id=number,
            product_id=product + 1,
            description=f"{words.PRODUCTS[product][1]} ({who.site})",
            quantity=count,
            amount=amount,
        )
    if status == "paid" and issued:
        _payments(scene, who, number, issued, sum(amounts, Decimal(0)), currency, rng)


def _issued(status: str, who: Person, today: date, rng: Random) -> date | None:
    if status == "draft":
        return None
    if status == "unpaid":
        return today - timedelta(days=rng.randint(1, 12))
    if status == "overdue":
        return today - timedelta(days=rng.randint(20, 80))
    span = (today - who.created_at.date()).days
    return today - timedelta(days=rng.randint(15, max(16, span)))


def _email_then(who: Person, issued: date | None, today: date) -> str:
    """The e-mail of that time: one customer had another one until half a year ago."""
    if who.id == people.FORMER_EMAIL and issued and (today - issued).days > 100:
        return former_email(who)
    return who.email


def former_email(who: Person) -> str:
    """The address that the master row no longer has."""
    return f"eski.adres{who.id}@example.org"


def _payments(scene: Scene, who: Person, invoice: int, issued: date, total: Decimal, currency: str, rng: Random) -> None:
    """One payment, or two halves."""
    parts = [total] if rng.random() < 0.85 else [first := (total / 2).quantize(Decimal("0.01")), total - first]
    for amount in parts:
        card = rng.random() < 0.5
        scene.ledger.add(
            "payments",
            who.id,
            invoice_id=invoice,
            paid_on=min(issued + timedelta(days=rng.randint(0, 13)), scene.today - timedelta(days=1)),
            method="card" if card else "transfer",
            payer_name=who.company or who.name,
            iban=None if card else people.iban(who.id),
            card_last4=f"{who.id * 37 % 10000:04d}" if card else None,
            amount=amount,
            currency=currency,
        )


def _address_of(scene: Scene, who: Person) -> str | None:
    row = next(scene.ledger.of(who.id, "addresses"), None)
    return None if row is None else f"{row.values['line']}, {row.values['postcode']} {row.values['city']}"
