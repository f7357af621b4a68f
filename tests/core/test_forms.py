"""How values read in each language."""

from __future__ import annotations

import pytest

from core import Forms


@pytest.mark.parametrize(
    ("count", "english", "turkish"),
    [(None, "–", "–"), (0, "0 B", "0 B"), (1023, "1023 B", "1023 B"), (16_100, "15.7 KB", "15,7 KB"), (3 << 30, "3.0 GB", "3,0 GB")],
)
def test_a_size_has_the_decimal_sign_of_its_language(count: int | None, english: str, turkish: str) -> None:
    assert Forms("en").size(count) == english
    assert Forms("tr").size(count) == turkish
