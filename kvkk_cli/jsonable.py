"""Records as plain values for `--json`: dataclass fields in snake_case, dates ISO 8601, amounts as text (a float would round)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any


def jsonable(value: object) -> Any:
    """What `json.dumps` can write. Keys of a request stand as spec'd: flat, with `customer` as text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, date):  # datetime too
        return value.isoformat()
    if isinstance(value, (Decimal, PurePath)):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if isinstance(value, Mapping):
        return {str(key): jsonable(one) for key, one in value.items()}
    if isinstance(value, (tuple, list, set, frozenset)):
        return [jsonable(one) for one in value]
    raise TypeError(type(value).__name__)


def _fields(record: Any) -> dict[str, Any]:
    """Fields of a record. A detail's `row` is spread out, so that a request has the same keys in a list and alone."""
    out: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if field.name == "row" and dataclasses.is_dataclass(value):
            out |= jsonable(value)
        elif field.name in MAPPINGS:
            out[field.name] = {str(one[0]): jsonable(one[1]) for one in value}
        else:
            out[field.name] = jsonable(value)
    return out


MAPPINGS = frozenset({"unpaid_amounts", "facts"})
"""Fields that hold (name, value) pairs and are objects in JSON."""
