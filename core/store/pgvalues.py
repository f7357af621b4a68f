"""Values of PostgreSQL that Python has no type for, read as the text in which the server writes them.

`infinity`, years before 1 and after 9999, 24 o'clock: the driver refuses them, and one such cell would keep a customer from being
exported, masked or erased. An interval with months is text too: the driver would count thirty days for each. Numbers inside documents
keep their digits (`core.model.exactjson`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg.abc import AdaptContext, Buffer

TYPES = ("date", "time", "timetz", "timestamp", "timestamptz", "interval")
MONTHS = re.compile(rb"\b(year|mon)")


def register(raw: Any, _record: Any = None) -> None:
    """Teach a new connection of psycopg to read them."""
    for name in TYPES:
        raw.adapters.register_loader(name, _loader(raw, name))


def _loader(raw: Any, name: str) -> type[Any]:
    """The driver's own way to read the type, and the text where it has none. Its classes in C cannot be inherited from."""
    from psycopg import DataError
    from psycopg.adapt import Loader
    from psycopg.pq import Format

    own = raw.adapters.get_loader(raw.adapters.types[name].oid, Format.TEXT)

    class TextWhereNothingFits(Loader):
        def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self._own = own(oid, context)

        def load(self, data: Buffer) -> Any:
            if name != "interval" or not MONTHS.search(data):
                try:
                    return self._own.load(data)
                except DataError:
                    pass
            return bytes(data).decode()

    return TextWhereNothingFits
