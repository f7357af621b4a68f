"""Where the state of services and of invoices seems to stand, and which words the schema itself lists for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from core.model.draftwords import spelled, stem
from core.model.records.drafts import DraftSection, DraftTable
from core.model.schema import Column, Family, Schema, TableShape

_STATE = re.compile(r"(?:^|_)(?:[a-z]*status|durum[a-z]*|state)$")
_AMOUNT = re.compile(r"(?:^|_)(?:total|genel_?toplam|toplam|tutar|amount|grand_?total)(?:_|$)")
_ISSUED = re.compile(r"(?:^|_)(?:issued?(?:_?(?:on|at|date))?|date|invoice_?date|fatura_?tarihi|tarih|duzenleme_?tarihi)$")
_TITLE = re.compile(r"^(?:domain|title|name|service_?name|alan_?adi|hizmet_?adi|product|plan)$")
_CURRENCY = re.compile(r"(?:^|_)(?:currency|currency_?code|para_?birimi|doviz)$")
ACTIVE = ("active", "suspended", "aktif", "askida", "running", "open", "acik", "enabled", "trial", "live")
UNPAID = ("unpaid", "overdue", "open", "pending", "due", "odenmedi", "gecikmis", "acik", "bekliyor", "partially_paid", "sent")


def section(
    tables: Mapping[str, DraftTable],
    schema: Schema,
    words: tuple[str, ...],
    counting: tuple[str, ...],
    roles_of: Callable[[TableShape], Iterable[tuple[str, str]]],
) -> DraftSection | None:
    """The linked table that is called so, and the words of its state, if it has one."""
    called = sorted((n for n, t in tables.items() if t.link in ("up", "down") and stem(n).endswith(words)), key=lambda n: len(stem(n)))
    for name in called:
        shape, judged = schema.tables[name], {c.name for c in tables[name].columns if not c.open}
        plain = {c.name for c in tables[name].columns if c.not_personal}
        states = [c for c in shape.columns if c.name in plain and _STATE.search(spelled(c.name))]
        if states:
            listed = _choices(states[0], shape)
            counted = tuple(value for value in listed if spelled(value) in counting)
            kept = tuple((role, column) for role, column in roles_of(shape) if column in judged)
            return DraftSection(name, states[0].name, counted or counting[:2], bool(counted), kept)
    return None


def _choices(column: Column, shape: TableShape) -> tuple[str, ...]:
    """The words that the schema itself allows: of an ENUM, or of a CHECK that names this column alone."""
    if column.choices:
        return column.choices
    texts = [c.text for c in shape.checks if re.search(rf"(?<!\w){re.escape(column.name)}(?!\w)", c.text, re.IGNORECASE)]
    return tuple(re.findall(r"'((?:[^']|'')*)'", texts[0])) if len(texts) == 1 else ()


def service_roles(shape: TableShape) -> Iterable[tuple[str, str]]:
    yield from (("title", c.name) for c in [c for c in shape.columns if _TITLE.search(spelled(c.name))][:1])


def invoice_roles(shape: TableShape) -> Iterable[tuple[str, str]]:
    money = (Family.DECIMAL, Family.FLOAT, Family.INTEGER)
    yield from (("amount", c.name) for c in [c for c in shape.columns if c.family in money and _AMOUNT.search(spelled(c.name))][:1])
    yield from (("currency", c.name) for c in [c for c in shape.columns if _CURRENCY.search(spelled(c.name))][:1])
    days = (Family.DATE, Family.DATETIME)
    yield from (("issued", c.name) for c in [c for c in shape.columns if c.family in days and _ISSUED.search(spelled(c.name))][:1])
