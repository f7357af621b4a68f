"""Stored passwords: published vectors of every hash that is read, what is not read, what is written, and hostile passwords."""

from __future__ import annotations

import pytest

from core.model import passwords
from core.model.passwords import Unfit, read, scheme_for, unfit, written

ARGON2 = "reference implementation of Argon2, test.c (version 0x13)"
PHP = "PHP manual, password_verify() and crypt()"
DREPPER = "U. Drepper, Unix crypt using SHA-256 and SHA-512"
PHPASS = "Openwall phpass 0.3, test.php; John the Ripper"
GO = "GehirnInc/crypt after P.-H. Kamp"
LONG = "a very much longer text to encrypt.  This one even stretches over morethan one line."
VECTORS = (
    (ARGON2, "password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
    (ARGON2, "password", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"),
    (PHP, "rasmuslerdorf", "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq"),
    (PHP, "rasmuslerdorf", "$2a$07$rasmuslerd............nIdrcHdxcUxWomQX9j6kvERCFjTg7Ra"),
    (PHP, "rasmuslerdorf", "$1$rasmusle$rISCgZzpwk3UhDidwXvin0"),
    (GO, "abcdefghijk", "$1$$pL/BYSxMXs.jVuSV1lynn1"),
    (GO, "this is a password longer than 16 characters", "$1$oKnN0HHt$KtM1JhHfFNyQOq5OgbGo.1"),
    (DREPPER, "Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    (DREPPER, "Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"),
    (DREPPER, LONG, "$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1"),
    (DREPPER, "a short string", "$5$rounds=123456$asaltof16chars..$gP3VQ/6X7UUEW3HkBn2w1/Ptq2jxPyzV/cZKmF/wJvD"),
    (DREPPER, "Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"),
    (
        DREPPER,
        "Hello world!",
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
    ),
    (PHPASS, "test12345", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"),
    (PHPASS, "test1", "$H$9aaaaaSXBjgypwqm.JsMssPLiS8YQ00"),
    (PHPASS, "JohnRipper", "$P$B12345678L6Lpt4BxNotVIMILOa9u81"),
    (PHPASS, "compL3X!", "$P$FiS0N5L672xzQx1rt1vgdJQRYKnQM9/"),
    ("RFC 1321", "abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("FIPS 180", "abc", "A9993E364706816ABA3E25717850C26C9CD0D89D"),
    ("FIPS 180", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
)
SALT = bytes(range(16))


@pytest.mark.parametrize(("source", "password", "stored"), VECTORS, ids=[f"{v[2][:16]}…" for v in VECTORS])
def test_published_hashes_are_read(source: str, password: str, stored: str) -> None:
    found = read(stored)
    assert found is not None, source
    assert found.fits(password)
    assert not found.fits(password + "x")
    assert not found.fits(password[:-1])
    assert not found.fits("")


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "",
        "!",
        "*****",
        7,
        b"$1$rasmusle$rISCgZzpwk3UhDidwXvin0",
        "sifre",  # plain text
        "rl.3StKT.4T8M",  # DES
        "$2x$07$rasmuslerd............nIdrcHdxcUxWomQX9j6kvERCFjTg7Ra",
        "$2y$31$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq",  # weeks
        "$2y$03$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq",
        "$argon2d$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=16$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=16777216,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",  # 16 GiB
        "$argon2id$v=19$m=65536,t=9999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=4,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ12$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",  # no length that base64 has
        "$5$rounds=999999999$salt$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "$5$rounds=10$salt$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "$6$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "$P$zIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0",
        "900150983cd24fb0d6963f7d28e17f7",
        "900150983cd24fb0d6963f7d28e17f72\n",
    ],
)
def test_what_is_no_hash_unsafe_or_too_dear_is_not_read(stored: object) -> None:
    assert read(stored) is None


@pytest.mark.parametrize("scheme", ["argon2id", "bcrypt"])
@pytest.mark.parametrize("password", ["Şifre-ıİ 12", "parola parola", "x" * 72, "🔑🔑🔑🔑"])
def test_what_is_written_is_read(scheme: str, password: str) -> None:
    stored = written(scheme, password, SALT)
    assert len(stored) == {"argon2id": passwords.ARGON2_ROOM, "bcrypt": passwords.BCRYPT_ROOM}[scheme]
    found = read(stored)
    assert found is not None
    assert found.fits(password)
    assert not found.fits(password.upper() + ".")
    assert found.outdated == (scheme == "bcrypt")


def test_the_salt_of_bcrypt_is_written_as_crypt_does() -> None:
    """Whoever writes the last of its characters otherwise is not read by PHP."""
    import bcrypt

    for salt in (SALT, bytes(16), b"\xff" * 16):
        setting = written("bcrypt", "parola12", salt)[:29].encode()
        assert bcrypt.hashpw(b"parola12", setting)[:29] == setting


@pytest.mark.parametrize("stored", [VECTORS[i][2] for i in (0, 2, 4, 7, 11, 13, 17)], ids=lambda stored: stored[:9])
@pytest.mark.parametrize("password", ["\0", "abc\0", "\ud800", "x" * 10_000_000, "\u0301" * 5000, "😀" * 1000])
def test_hostile_passwords_fit_nothing_and_cost_no_more(stored: str, password: str) -> None:
    found = read(stored)
    assert found is not None
    assert not found.fits(password)


def test_bcrypt_looks_at_72_bytes_as_php_does() -> None:
    found = read(written("bcrypt", "x" * 72, SALT))
    assert found is not None
    assert found.fits("x" * 72 + "anything")


def test_a_salt_with_loose_bits_fits_nothing_as_in_crypt() -> None:
    """The work is done all the same: its time tells nothing."""
    stored = "$2y$04$" + "a" * 22 + "a" * 31
    found = read(stored)
    assert found is not None
    assert not found.fits("parola")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("1234567", Unfit.SHORT),
        ("12345678", None),
        ("x" * 1024, None),
        ("x" * 1025, Unfit.LONG),
        ("ş" * 513, Unfit.LONG),
        ("x" * 10_000_000, Unfit.LONG),
        ("parola" + "\0" + "123", Unfit.UNREADABLE),
        ("parola12\udcff", Unfit.UNREADABLE),
    ],
)
def test_a_new_password_has_to_be_one(password: str, why: Unfit | None) -> None:
    assert unfit(password) is why


def test_the_column_decides_what_is_written() -> None:
    assert [scheme_for(room) for room in (None, 255, 97, 96, 60, 59, 32)] == ["argon2id"] * 3 + ["bcrypt"] * 2 + [None] * 2


def test_a_hash_never_shows_itself() -> None:
    found = read(VECTORS[0][2])
    assert "c29t" not in repr(found)
