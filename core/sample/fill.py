"""Master data of the sample company: products, staff, customers, contacts, addresses, services, domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from core.sample import people, words
from core.sample.cases import standing
from core.sample.ledger import Ledger
from core.sample.people import Person


@dataclass(frozen=True, slots=True)
class Scene:
    """What every part of the sample is made from."""

    ledger: Ledger
    everybody: Sequence[Person]
    seed: int
    today: date

    def rng(self, part: str) -> Random:
        """Chance of one part alone: a change in one part leaves the others as they are."""
        return Random(f"{self.seed}/{part}")  # noqa: S311 - must repeat; keeps no secret


def hexes(rng: Random, count: int) -> str:
    """Random hex digits that depend on the seed: tokens, hashes, message ids."""
    return f"{rng.getrandbits(count * 4):0{count}x}"


def products_and_staff(scene: Scene) -> None:
    for code, title, price in words.PRODUCTS:
        scene.ledger.add("products", code=code, title=title, price=Decimal(price), currency="TRY")
    for number, (name, department) in enumerate(words.STAFF, start=1):
        scene.ledger.add(
            "staff_members",
            full_name=name,
            email=f"{people.plain(name).lower().replace(' ', '.')}@firma.example",
            extension=str(100 + number),
            department=department,
            hired_on=scene.today - timedelta(days=400 * number),
        )


def customers(scene: Scene) -> None:
    rng = scene.rng("customers")
    for who in scene.everybody:
        scene.ledger.add(
            "customers",
            who.id,
            id=who.id,
            first_name=who.first,
            last_name=who.last,
            company=who.company,
            email=who.email,
            phone=_as_typed(who.phone, rng),
            identity_no=who.identity_no,
            tax_office=who.tax_office,
            tax_no=who.tax_no,
            user_name=who.user_name,
            password_hash=_password(who, "$2y$12$" + hexes(rng, 53)),
            remember_token=hexes(rng, 60) if rng.random() < 0.3 else None,
            birth_date=None if who.company else who.birth_date,
            language=who.language,
            status="closed" if rng.random() < 0.05 and standing(who.id) is None else "active",
            preferences=_preferences(who, rng),
            notes=_words_about(who, rng) if rng.random() < 0.25 else None,
            referred_by=people.REFERRED.get(who.id),
            created_at=who.created_at,
        )


def _password(who: Person, nobodys: str) -> str:
    """A hash that no password fits, but for the one customer with whom the panel can be tried out."""
    return people.KNOWN_HASH if who.id == people.KNOWN else nobodys


def _as_typed(digits: str, rng: Random) -> str:
    """A phone in one of the spellings that people use."""
    return rng.choices(
        (people.phone_e164(digits), people.phone_local(digits), f"+90 {digits[:3]} {digits[3:]}", f"0{digits}"), (6, 2, 1, 1)
    )[0]


def _preferences(who: Person, rng: Random) -> dict[str, object] | None:
    """A JSON document with personal values at known paths, and now and then inside a text."""
    if rng.random() < 0.35:
        return None
    return {
        "theme": rng.choice(("light", "dark")),
        "newsletter": rng.random() < 0.5,
        "contact": {"email": who.email, "phone": people.phone_e164(who.phone)},
        "addresses": [{"label": "fatura", "line": f"{rng.choice(words.STREETS)} Sokak No: {rng.randint(100, 999)}"}],
        "signature": f"{who.name} <{who.email}>" if rng.random() < 0.3 else "",
    }


def spoken(who: Person) -> dict[str, str]:
    """The customer's values in the spellings that free text has."""
    return {
        "name": who.name,
        "name_upper": people.upper(who.name),
        "name_ascii": people.plain(who.name),
        "email": who.email,
        "email_upper": people.upper(who.email),
        "phone": people.phone_e164(who.phone),
        "phone_local": people.phone_local(who.phone),
        "domain": who.site,
    }


def _words_about(who: Person, rng: Random) -> str:
    return rng.choice(words.NOTES).format_map(spoken(who))


def contacts(scene: Scene) -> None:
    rng = scene.rng("contacts")
    for who in scene.everybody:
        for number in range(rng.choices((0, 1, 2), (5, 4, 1))[0]):
            first, last = rng.choice(words.GIVEN), rng.choice(words.FAMILY)
            scene.ledger.add(
                "contacts",
                who.id,
                customer_id=who.id,
                full_name=f"{first} {last}",
                role=rng.choice(("teknik", "muhasebe", "yetkili")),
                email=f"{people.plain(first).lower()}{who.id}{number}@{rng.choice(words.MAIL_DOMAINS)}",
                phone=people.phone_e164(f"512100{who.id * 3 + number:04d}"),
            )
    lender, borrower = (scene.everybody[number - 1] for number in people.CONTACT_EMAIL)
    scene.ledger.add(
        "contacts", borrower.id, customer_id=borrower.id, full_name=lender.name, role="muhasebe", email=lender.email, phone=None
    )


def addresses(scene: Scene) -> None:
    rng = scene.rng("addresses")
    first, second = people.HOUSEHOLD
    for who in scene.everybody:
        if who.id == second:
            continue
        owners = (first, second) if who.id == first else (who.id,)
        for number in range(1 if len(owners) > 1 else rng.choices((0, 1, 2), (1, 8, 2))[0]):
            _address(scene, owners, "ev" if number else "fatura", rng)


def _address(scene: Scene, owners: tuple[int, ...], purpose: str, rng: Random) -> None:
    city, plate = rng.choice(words.CITIES)
    district = rng.choice(words.DISTRICTS)
    number = scene.ledger.add(
        "addresses",
        *owners,
        label=purpose,
        line=f"{district} Mah. {rng.choice(words.STREETS)} Sok. No: {rng.randint(100, 999)}/{rng.randint(1, 40)}",
        district=district,
        city=city,
        postcode=f"{plate}9{rng.randint(0, 99):02d}",
        country="TR",
    )
    for owner in owners:
        scene.ledger.add("customer_addresses", owner, customer_id=owner, address_id=number, purpose=purpose)


def services(scene: Scene) -> None:
    rng = scene.rng("services")
    for who in scene.everybody:
        wanted = standing(who.id)
        active = rng.choices((0, 1, 2, 3), (2, 6, 2, 1))[0] if wanted is None else wanted[0]
        running = ["active"] * active
        if active > 1 and rng.random() < 0.3:
            running[-1] = "suspended"
        for status in running + [rng.choice(("cancelled", "terminated")) for _ in range(rng.choice((0, 0, 1, 1, 2)))]:
            _service(scene, who, status, rng)


def _service(scene: Scene, who: Person, status: str, rng: Random) -> None:
    started = scene.today - timedelta(days=rng.randint(40, 200))
    over = status in ("cancelled", "terminated")
    scene.ledger.add(
        "services",
        who.id,
        customer_id=who.id,
        product_id=rng.randint(1, len(words.PRODUCTS)),
        domain=f"{rng.choice(('www', 'mail', 'panel', 'dev'))}.{who.site}",
        panel_user=f"u{who.id}{rng.choice('abcdefgh')}",
        status=status,
        started_on=started,
        ends_on=scene.today - timedelta(days=rng.randint(1, 30)) if over else started + timedelta(days=365),
    )


def domains(scene: Scene) -> None:
    rng = scene.rng("domains")
    for who in scene.everybody:
        for name in (who.site, f"yeni-{who.site}")[: rng.choices((0, 1, 2), (2, 6, 2))[0]]:
            since = who.created_at.date()
            scene.ledger.add(
                "domains",
                who.id,
                customer_id=who.id,
                name=name,
                registrant_name=who.company or who.name,
                registrant_email=who.email,
                registered_on=since,
                expires_on=scene.today + timedelta(days=rng.randint(-20, 340)),
                auto_renew=rng.random() < 0.6,
            )
