"""The requests of the sample, told as cases: who asks for what, how old it is, how the account stands, what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.records import Channel, Kind, Regime, State
from core.sample import people

ANON, ERASE = Kind.ANONYMISE, Kind.ERASE
OPEN_SERVICE = "open-account"
ERASED = (201, 202, 203)
MASKED = (211, 212, 213)
BLOCKED = (221, 222)


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `age` and `took` are days: since receipt, and from receipt to the decision."""

    customer: int
    kind: Kind
    channel: Channel
    age: int
    state: State = State.PENDING
    outcome: str | None = None
    took: int = 0
    active: int = 0
    """Services that run (active or suspended)."""
    unpaid: int = 0
    """Invoices that are not paid."""
    regime: Regime = Regime.KVKK
    verified_by: str | None = None
    note: str | None = None
    reason: str | None = None
    last_error: str | None = None
    extended: bool = False
    """GDPR: two months more, told within the first."""


GDPR = Regime.GDPR
PANEL, MAIL, LETTER, HERE, KEP, SIGNED, PHONE = (
    Channel.PANEL, Channel.REGISTERED_EMAIL, Channel.LETTER, Channel.IN_PERSON, Channel.KEP, Channel.E_SIGNATURE, Channel.PHONE,
)  # fmt: skip
DONE, NO, OFF = State.RESOLVED, State.REJECTED, State.CANCELLED
SEEN = "nüfus cüzdanı görüldü"
STAMP = "KEP başlığı"
LAWSUIT = "Devam eden dava nedeniyle veriler saklanıyor; Kurula şikâyet hakkınız vardır."
NOT_HIM = "Kimlik doğrulanamadı; Kurula şikâyet hakkınız vardır."

CASES = (
    Case(201, ERASE, LETTER, 190, DONE, "erase", 12),
    Case(221, ANON, PANEL, 176, DONE, "access", 3),
    Case(92, ANON, MAIL, 160, NO, took=20, active=1, reason=NOT_HIM),
    Case(211, ANON, PANEL, 151, DONE, "mask", 9),
    Case(102, ERASE, KEP, 140, OFF, took=4, active=2, verified_by=STAMP),
    Case(202, ERASE, HERE, 118, DONE, "erase", 25, reason="Açık hesap kapatıldı"),
    Case(people.SEVEN, ANON, PANEL, 101, OFF, took=1),
    Case(212, ANON, PANEL, 96, DONE, "mask", 14, regime=GDPR),
    Case(116, ERASE, SIGNED, 84, NO, took=28, active=1, unpaid=1, reason=LAWSUIT),
    Case(222, ANON, LETTER, 77, DONE, "access", 5, active=1),
    Case(203, ERASE, PANEL, 71, DONE, "erase", 30),
    Case(130, ANON, PHONE, 66, OFF, took=9, active=1),
    Case(213, ANON, MAIL, 58, DONE, "mask", 2),
    Case(141, ERASE, PANEL, 49, NO, took=29, unpaid=2, reason=LAWSUIT),
    Case(150, ERASE, LETTER, 41, active=2, unpaid=1, verified_by="imza sirküleri", last_error=OPEN_SERVICE),
    Case(52, ANON, PANEL, 36),
    Case(163, ERASE, MAIL, 34, unpaid=1, regime=GDPR, extended=True, note="Arşiv taraması sürüyor"),
    Case(people.HOUSEHOLD[0], ERASE, PANEL, 29),
    Case(people.NAMESAKES[0], ANON, KEP, 27, active=1, verified_by=STAMP),
    Case(170, ERASE, HERE, 25, State.APPROVED, verified_by=SEEN),
    Case(people.SUPERSTRING[0], ANON, PANEL, 21, active=1),
    Case(178, ANON, PHONE, 18, unpaid=1, note="Telefonla geldi: yazılı teyit istendi"),
    Case(183, ERASE, PANEL, 15, active=3),
    Case(people.ONE_PHONE[0], ANON, MAIL, 12, unpaid=2),
    Case(people.SEVEN, ERASE, PANEL, 9),
    Case(people.REFERRED[61], ERASE, PANEL, 7, regime=GDPR),
    Case(190, ERASE, PANEL, 6, OFF, took=1, active=2),
    Case(people.IREM, ANON, PANEL, 3, active=2, unpaid=1),
    Case(people.FORMER_EMAIL, ERASE, SIGNED, 2, verified_by="e-imza doğrulandı"),
    Case(240, ANON, PANEL, 1, active=1),
    Case(people.HOSTILE, ANON, PANEL, 0),
)


def standing(customer: int) -> tuple[int, int] | None:
    """(running services, unpaid invoices) that the customer's newest request asks for; None: as chance has it."""
    asked = [case for case in CASES if case.customer == customer]
    return (asked[-1].active, asked[-1].unpaid) if asked else None
