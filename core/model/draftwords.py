"""What the name and the type of a column say about it: the words of Turkish and English schemas, folded.

A guess, never knowledge: no value of any row is looked at. What no word recognises stays open, and so does what may be special
personal data; a wrong "not personal" would leave a person's data where nobody looks for them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from core.locale import N_
from core.model.folding import fold
from core.model.schema import Column, Family

KEYS = N_("keys")
AMOUNTS = N_("amounts and counts: the books must still add up")
DATES = N_("dates and times of what happened")
STATES = N_("a state, or a choice of a few")
FLAGS = N_("yes or no")
NUMBERS = N_("a running number")

UNKNOWN = N_("nothing in its name and type says what it holds")
SPECIAL = N_("may be special personal data (health, belief, sex …)")
DOCUMENT = N_("a document: say which paths hold what (kind json, paths)")

CUSTOMERS = ("customer", "client", "member", "subscriber", "musteri", "cari", "uye", "abone", "guest", "patient", "hasta", "donor")
ACCOUNTS = ("user", "account", "kullanici", "hesap", "person", "people", "kisi")
STAFF = ("staff", "employee", "admin", "agent", "personel", "calisan", "operator", "yonetici", "representative", "temsilci", "seller")
OTHER_FIRMS = ("supplier", "vendor", "tedarikci", "partner", "dealer", "bayi")
STRANGERS = (*STAFF, *OTHER_FIRMS)
"""People who are no customers: their rows are never found by a customer's address."""
_WAYS_IN = re.compile(r"(?:^|_)(?:sessions?|tokens?|resets?|otps?|remembers?|oturum(?:lar)?)(?:_|$)|(?:session|token|passwordreset)s?$")
_CATALOGUE = re.compile(
    r"(?:product|urun|plan|package|paket|currency|country|ulke|language|category|kategori|type|setting|ayar|config|configuration|migration|"
    r"genre|track|album|artist|playlist|server|translation|permission|role|template)$"
)

_PREFIX = re.compile(r"^(?:(?:tbl|tb|t|wp|wc|oc|ps|mdl|jos|xf|crm|erp|app|dbo|sys)_){1,2}|^tbl(?=[a-z]{3})")
"""What well-known systems put before the names of all their tables."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def spelled(name: str) -> str:
    """A name in small ASCII letters, its words apart: `MüşteriAdı`, `MUSTERI_ADI` → `musteri_adi`; digits are left out."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if unicodedata.category(c) != "Mn")
    return "_".join(part for part in re.split(r"[^a-z]+", fold(_CAMEL.sub("_", plain))) if part)


def stem(table: str) -> str:
    """What a table is called in one word, in the singular: `tblInvoiceItems` → `invoiceitem`, `faturalar` → `fatura`."""
    word = _PREFIX.sub("", spelled(table)).replace("_", "")
    for end, put in (("ies", "y"), ("sses", "ss"), ("lari", ""), ("leri", ""), ("lar", ""), ("ler", ""), ("s", "")):
        if word.endswith(end) and len(word) > len(end) + 2 and not word.endswith("ss"):
            return word.removesuffix(end) + put
    return word


def named(table: str, words: tuple[str, ...]) -> bool:
    """Whether the name of a table holds one of these words."""
    whole = stem(table)
    return any(word in whole for word in words)


def lets_in(table: str) -> bool:
    """Whether rows of a table seem to let somebody in: they go, or the company's system would act on them."""
    return _WAYS_IN.search(spelled(table)) is not None


def catalogue(table: str) -> bool:
    """Whether a table seems to hold what a company sells, or its own settings."""
    return _CATALOGUE.search(stem(table)) is not None


def _words(*patterns: str) -> re.Pattern[str]:
    """Patterns with blanks between them; each is one word or several of a name."""
    return re.compile(rf"(?:^|_)(?:{'|'.join(' '.join(patterns).split())})(?:_|$)")


_TEXTS = frozenset({Family.TEXT, Family.OTHER})
_NUMBERS = frozenset({Family.TEXT, Family.OTHER, Family.INTEGER, Family.DECIMAL})
_IPS = frozenset({Family.TEXT, Family.OTHER, Family.INTEGER, Family.BINARY})
_SECRETS = frozenset({Family.TEXT, Family.OTHER, Family.BINARY, Family.UUID})
_THINGS = (
    "product|plan|package|item|bank|host|server|event|module|gateway|group|category|role|tag|template|queue|job|type|service|field|urun"
)

_ENDS_IN_TEXT = re.compile(
    r"(?:^|_)(?:subject|konu|body|message|mesaj[a-z]*|text|metin|content|icerik|notes?|notlar|notu|not|aciklama[a-z]*|comments?|yorum[a-z]*|"
    r"description|title|baslik|remarks?|feedback|bio|memo|label|answer)$"
)

RULES: tuple[tuple[str, frozenset[Family], re.Pattern[str]], ...] = (
    ("", _TEXTS, _words(rf"(?:{_THINGS})_?(?:name|adi|ad)")),
    (
        "other",
        _TEXTS,
        _words(
            "(?:tax|vergi)_?(?:office|daire|dairesi) mac_?addr[a-z]* hesap_?no account_?(?:no|num[a-z]*) plaka",
            "license_?plate bank_?acc[a-z]* device_?(?:id|name)",
        ),
    ),
    ("user_agent", _TEXTS, _words("user_?agent browser tarayici")),
    ("user_name", _TEXTS, _words("[a-z]*user_?name login login_?name kullanici_?(?:adi|ad|kodu) nick[a-z]* screen_?name [a-z]+_user")),
    (
        "secret",
        _SECRETS,
        _words(
            "[a-z]*(?:password|passwd|parola|sifre|token)[a-z]* pass pwd pin cvv cvc otp salt secret hash",
            "(?:api|private|reset)_?key pwreset[a-z]* session_?(?:id|key) security_?q?_?an?s[a-z]*",
            "securityq[a-z]* auth_?(?:data|code|key) totp credentials? csrf",
        ),
    ),
    (
        "national_id",
        _NUMBERS,
        _words(
            "tckn tc tc_?(?:no|id) t?c?_?kimlik(?:_?(?:no|num[a-z]*))? identity(?:_?(?:no|number|id))? ssn",
            "national_?(?:id|no|number|identity[a-z]*) passport[a-z]* pasaport[a-z]* citizen_?id",
        ),
    ),
    ("tax_id", _NUMBERS, _words("tax_?(?:id|no|num|number) vkn vergi_?(?:no|kimlik_?no|num[a-z]*) vat_?(?:id|no|number)")),
    ("iban", _TEXTS, _words("iban(?:_?no)?")),
    ("card", _NUMBERS, _words("(?:card|cc|kart)_?(?:num[a-z]*|no|last[a-z]*|holder|sahibi)")),
    (
        "file_path",
        _TEXTS,
        _words("(?:file|dosya)(?:_?(?:name|path|adi|yolu))? path attachments? avatar photo foto[a-z]* picture image", "resim"),
    ),
    ("free_text", _TEXTS, _ENDS_IN_TEXT),
    ("email", _TEXTS, _words("[a-z]*e_?mails? e_?posta(?:si)? mail mail_?(?:address|adresi)")),
    (
        "phone",
        _NUMBERS,
        _words(
            "[a-z]*phone(?:_?(?:no|num[a-z]*))? tel tel_?no telefon[a-z]* gsm(?:_?no)? cep cep_?tel[a-z]* mobile",
            "fax faks msisdn whatsapp telephone",
        ),
    ),
    ("city", _TEXTS, _words("birth_?place dogum_?yeri")),
    ("birth_date", frozenset({Family.DATE, Family.DATETIME, Family.TEXT}), _words("birth[a-z]* dob bday dogum dogum_?[a-z]+")),
    ("ip", _IPS, _words("ip ip_?addr[a-z]* ip_?adresi ipv remote_?(?:addr|ip) lastip")),
    ("company", _TEXTS, _words("company[a-z]* firma[a-z]* sirket[a-z]* unvan[a-z]* organi[sz]ation[a-z]* business_?name legal_?name")),
    ("url", _TEXTS, _words("[a-z]*url web web_?site domain domain_?name alan_?adi homepage")),
    ("postcode", _TEXTS, _words("post_?code postal_?code zip zip_?code posta_?kodu")),
    ("address", _TEXTS, _words("address[a-z]* adres[a-z]* addr street sokak cadde mahalle ilce district line bina")),
    ("city", _TEXTS, _words("city town il sehir[a-z]* province county")),
    (
        "name",
        _TEXTS,
        _words(
            "[a-z]*(?:first|last|full|sur|middle)_?name name names ad adi adlari soy_?ad[a-z]* ad_?soyad[a-z]*", "isim ismi author yazar"
        ),
    ),
)
"""Kind, what types may hold it, words; the first that fits counts. An empty kind: a name of a thing, which nobody can judge from here."""

_SPECIAL = _words(
    "health saglik blood kan religion din dini mezhep race irk ethnic[a-z]* union sendika sex gender",
    "cinsiyet[a-z]* disab[a-z]+ engelli?[a-z]* diagnos[a-z]* teshis tani allerg[a-z]* alerji",
    "criminal[a-z]* sabika[a-z]* politic[a-z]* biometric[a-z]* pregnan[a-z]* hamile",
)
_PLACES = _words("lat lng lon latitude longitude enlem boylam salary maas income gelir weight height kilo boy")
_EVENTS = _words("death[a-z]* olum[a-z]* wedding marriage evlilik visit[a-z]*")
_KEY = re.compile(r"(?:^|_)[a-z]*(?:id|uuid|guid)$")
_THEIRS = _words("facebook google twitter telegram apple device social external oauth")
_FLAG = _words("is has [a-z]*enabled active aktif [a-z]*verified [a-z]*opt_?(?:in|out) success auto_?renew default", "[a-z]*exempt")
_AMOUNT = _words(
    "[a-z]*amount[a-z]* sub_?total total price quantity qty adet count tutar[a-z]* toplam fiyat[a-z]*",
    "miktar balance bakiye tax kdv rate credit points? puan sort[a-z]* sira position size bytes duration",
    "days attempts hits views stock stok discount fees? units? version",
)
_STATE = _words(
    "[a-z]*status durum[a-z]* state [a-z]*type tur turu tip tipi kind role rol [a-z]*method yontem[a-z]*",
    "level priority urgency category kategori mode purpose source kaynak [a-z]*gateway module currency",
    "para_?birimi doviz language lang dil locale country country_?code ulke timezone department",
    "[a-z]*cycle period",
)
_DATE = re.compile(
    r"(?:^|_)(?:(?!candidate|mandate)[a-z]*date|tarih[a-z]*|created|updated|deleted|at|on|timestamp|date[a-z]*|zaman[a-z]*)$"
)
_NUMBER = re.compile(r"^(?:number|no|num|numara|(?:invoice|order|fatura|siparis|bill|belge)_?(?:no|num|number|numarasi))$")
LANGUAGE = _words("language lang dil locale")
CREATED = _words(
    "created created_?(?:at|on|date) date_?created registered registered_?(?:at|on) registration_?date",
    "kayit_?tarihi olusturma_?tarihi uyelik_?tarihi signup_?date",
)
CONTEXT_STATE = _words("state")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column seems to be: a kind, or a reason why it is not personal; neither where it stays open, and `why`."""

    kind: str = ""
    reason: str = ""
    why: str = ""


def judge(table: str, column: Column, siblings: frozenset[str]) -> Guess:
    """`siblings`: kinds that other columns of the table have for certain words; they tell what a `state` is."""
    word = spelled(column.name)
    if _SPECIAL.search(word):
        return Guess(why=SPECIAL)
    if column.family is Family.JSON:
        return Guess(why=DOCUMENT)
    if kind := _kind(table, column, word, siblings):
        return Guess(kind) if kind != "?" else Guess(why=UNKNOWN)
    reason = _reason(table, column, word)
    return Guess(reason=reason) if reason else Guess(why=UNKNOWN)


def _kind(table: str, column: Column, word: str, siblings: frozenset[str]) -> str:
    """A kind; `?` for the name of a thing, and empty when no word is known."""
    if column.family in _TEXTS and not _DATE.search(word):
        if named(table, ("mail", "posta")) and re.fullmatch(r"to|recipients?|alici|sender|gonderen|from|cc|bcc", word):
            return "email"
        if word == "name" and named(table, ("domain",)):
            return "url"
        if lets_in(table) and re.fullmatch(r"id|key|code", word):
            return "secret"
        if CONTEXT_STATE.search(word) and siblings & {"city", "postcode", "address"}:
            return "city"
        if _STATE.search(word) and re.search(r"(?:type|tipi|turu|status|durumu|country|ulke)$", word):
            return ""
    for kind, families, pattern in RULES:
        dated = _DATE.search(word) and kind != "birth_date"
        counted = column.family is Family.INTEGER and word.endswith("_id") and kind not in ("national_id", "tax_id")
        if column.family in families and not dated and not counted and pattern.search(word):
            return kind or "?"
    return ""


def _reason(table: str, column: Column, word: str) -> str:
    """Why the column is not personal; empty when nobody can say."""
    family = column.family
    if _THEIRS.search(word) or _PLACES.search(word):
        return ""
    if family is Family.BOOLEAN or (family is Family.INTEGER and _FLAG.search(word)):
        return FLAGS
    if family in (Family.DATE, Family.DATETIME, Family.TIME):
        return "" if _EVENTS.search(word) else DATES
    if family is Family.ENUM:
        return STATES
    if family in (Family.INTEGER, Family.UUID) and _KEY.search(word):
        return KEYS
    if family in (Family.DECIMAL, Family.FLOAT) or (family is Family.INTEGER and _AMOUNT.search(word)):
        return AMOUNTS
    if family in (Family.TEXT, Family.INTEGER) and _STATE.search(word):
        return STATES
    if family is Family.TEXT and _DATE.search(word):
        return DATES
    if _NUMBER.search(word) and named(table, ("invoice", "fatura", "order", "siparis", "bill")):
        return NUMBERS
    return ""
