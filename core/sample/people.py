"""Customers who cannot exist, made from a seed.

Why nobody real is hit, value by value:

- E-mail and web addresses end in names that RFC 2606 reserves (`example.com`, `example.org`, `.example`, `.test`).
- Phones are `+90 512 …`: the range of pagers, which no operator gives to subscribers of mobile phones (theirs are 50x, 53x to
  55x, 516, 561). `phonenumbers` calls them valid (type: pager).
- National identity numbers have a valid checksum and lie in the block 1000002xx to 1000005xx, at the bottom of the numbers, of
  which one alone is known to be given (10000000146, to M. K. Atatürk). No list of unissued numbers is published.
- Tax numbers have a valid checksum and begin with 0000, below the lowest issued (001…).
- IBANs have a valid checksum and the bank code 99999, which no bank has.
- IP addresses are of the documentation ranges (RFC 5737, RFC 3849).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from core.sample import words

PEOPLE = 300
ASCII = str.maketrans("çğıöşüâÇĞİÖŞÜ", "cgiosuaCGIOSU")
UPPER = str.maketrans({"i": "İ", "ı": "I"})
LOWER = str.maketrans({"İ": "i", "I": "ı"})


@dataclass(frozen=True, slots=True)
class Person:
    """One customer as the rest of the sample refers to them."""

    id: int
    first: str
    last: str
    company: str | None
    email: str
    phone: str
    """Ten digits without prefix: 512…"""
    identity_no: str | None
    tax_office: str | None
    tax_no: str | None
    user_name: str
    site: str
    """Their domain, also the host of a company's e-mail."""
    birth_date: date
    language: str
    created_at: datetime

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


KNOWN = 77
"""Can sign in to the panel, by the password `ornek-parola`; nobody else's password is known."""
KNOWN_HASH = "$2y$12$kvkkDemoSaltkvkkDemoSuslRTxtpiUHZ2HWsh2p7wMZ2ySgFw2MG"
IREM, SEVEN, SEVENTY = 1, 7, 70
NAMESAKES = (12, 112)
SUPERSTRING = (20, 21)
"""ali@kaynak.example and veli.ali@kaynak.example."""
HOUSEHOLD = (30, 31)
"""Two customers who share one address row."""
ONE_PHONE = (40, 41)
"""Two customers with the same phone."""
CONTACT_EMAIL = (44, 45)
"""A contact of the second has the e-mail of the first."""
REFERRED = {61: 60, 62: 60, 63: 63, 64: 63}
"""customer → who referred them; 63 points at itself."""
FORMER_EMAIL = 66
"""Old invoices and mails carry an e-mail that the master row no longer has."""
HOSTILE = PEOPLE
"""Markup, escape sequences and a line break in the name."""

SPECIAL: dict[int, dict[str, Any]] = {
    IREM: {"first": "İrem", "last": "Işık", "email": "irem.isik@posta.example"},
    SEVEN: {"first": "Şükrü", "last": "Ağaoğlu", "email": "sukru.agaoglu@example.com"},
    NAMESAKES[0]: {"first": "Mehmet", "last": "Yılmaz", "email": "mehmet.yilmaz@example.com"},
    NAMESAKES[1]: {"first": "Mehmet", "last": "Yılmaz", "email": "mehmet.yilmaz.112@example.org"},
    SUPERSTRING[0]: {"first": "Ali", "last": "Kaynak", "email": "ali@kaynak.example"},
    SUPERSTRING[1]: {"first": "Veli Ali", "last": "Kaynak", "email": "veli.ali@kaynak.example"},
    HOUSEHOLD[0]: {"first": "Çiğdem", "last": "Gündoğdu", "email": "cigdem.gundogdu@posta.example"},
    HOUSEHOLD[1]: {"first": "Oğuz", "last": "Gündoğdu", "email": "oguz.gundogdu@posta.example"},
    ONE_PHONE[0]: {"first": "Işıl", "last": "İnanç", "email": "isil.inanc@example.org", "phone": "5120001257"},
    ONE_PHONE[1]: {"first": "Iraz", "last": "İnanç", "email": "iraz.inanc@example.org", "phone": "5120001257"},
    HOSTILE: {
        "first": "[/bold]\x1b[31mAli\nSTATUS: ERASED OK",
        "last": "\x1b]0;title\x07[@click=app.quit]=1+1",
        "email": "dusmanca@isim.example",
        "user_name": "dusmanca0001",
        "site": "isim.example",
    },
}
"""What is fixed of the special cases; the rest of them is drawn like everybody's."""


def tckn(stem: int) -> str:
    """An identity number: nine digits and their two check digits."""
    digits = [int(d) for d in f"{stem:09d}"]
    tenth = (7 * sum(digits[0::2]) - sum(digits[1::2])) % 10
    return f"{stem:09d}{tenth}{(sum(digits) + tenth) % 10}"


def vkn(stem: int) -> str:
    """A tax number: nine digits and their check digit."""
    total = 0
    for place, digit in enumerate(f"{stem:09d}", start=1):
        shifted = (int(digit) + 10 - place) % 10
        total += shifted if shifted == 9 else shifted * 2 ** (10 - place) % 9
    return f"{stem:09d}{(10 - total % 10) % 10}"


def iban(account: int) -> str:
    """A Turkish IBAN of a bank that does not exist."""
    body = f"999990{account:016d}"
    return f"TR{98 - int(body + '292700') % 97:02d}{body}"


def phone_e164(digits: str) -> str:
    return "+90" + digits


def phone_local(digits: str) -> str:
    """0512 000 12 34"""
    return f"0{digits[:3]} {digits[3:6]} {digits[6:8]} {digits[8:]}"


def plain(text: str) -> str:
    """Without Turkish letters."""
    return text.translate(ASCII)


def upper(text: str) -> str:
    """Upper case as a Turkish keyboard writes it: i → İ, ı → I."""
    return text.translate(UPPER).upper()


def lower(text: str) -> str:
    """Lower case as a Turkish keyboard writes it: İ → i, I → ı."""
    return text.translate(LOWER).lower()


def slug(text: str) -> str:
    """Small ASCII letters only, for addresses and user names."""
    return "".join(sign for sign in plain(text).lower() if sign.isalpha())


def people(seed: int, today: date) -> tuple[Person, ...]:
    """Everybody, in the order of their key."""
    rng = Random(f"{seed}/people")  # noqa: S311 - must repeat; keeps no secret
    taken = {(fixed["first"], fixed["last"]) for fixed in SPECIAL.values()}
    names = [(first, last) for first in words.GIVEN for last in words.FAMILY if (first, last) not in taken]
    drawn = iter(rng.sample(names, PEOPLE))
    return tuple(_person(number, next(drawn), rng, today) for number in range(1, PEOPLE + 1))


def _person(number: int, drawn: tuple[str, str], rng: Random, today: date) -> Person:
    """One of many, or one of the special cases, for whom chance decides less."""
    fixed = SPECIAL.get(number, {})
    first, last = (fixed["first"], fixed["last"]) if fixed else drawn
    trading = rng.random() < 0.3 and not fixed
    site = fixed.get("site") or f"{slug(last)}-{slug(first)}{number}.{rng.choice(('example', 'test'))}"
    domain = site if trading else rng.choice(words.MAIL_DOMAINS)
    local = f"{slug(first)}.{slug(last)}{number if rng.random() < 0.4 else ''}"
    return Person(
        id=number,
        first=first,
        last=last,
        company=f"{last} {rng.choice(words.TRADES)} {rng.choice(words.FORMS)}" if trading else None,
        email=fixed.get("email") or f"{local}@{domain}",
        phone=fixed.get("phone") or f"512000{number * 31 + 17:04d}",
        identity_no=tckn(100_000_200 + number) if not trading or rng.random() < 0.5 else None,
        tax_office=rng.choice(words.TAX_OFFICES) if trading else None,
        tax_no=vkn(10_000 + number * 7) if trading else None,
        user_name=fixed.get("user_name") or f"{slug(first)[:8]}{number * 7919 % 10000:04d}",
        site=site,
        birth_date=date(rng.randint(1950, 2004), rng.randint(1, 12), rng.randint(1, 28)),
        language="en" if rng.random() < 0.08 and not fixed else "tr",
        created_at=moment(rng, today - timedelta(days=rng.randint(220, 2300))),
    )


def moment(rng: Random, day: date) -> datetime:
    """A second of the working day."""
    return datetime.combine(day, time(rng.randint(8, 21), rng.randint(0, 59), rng.randint(0, 59)))
