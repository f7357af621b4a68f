"""A line to type in that cannot be made to hold control characters, not even by pasting."""

from __future__ import annotations

from textual.widgets import Input

LONGEST = 500


class Entry(Input):
    """One line of text."""

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None, longest: int = LONGEST) -> None:
        super().__init__(value, placeholder=placeholder, id=id, max_length=longest, compact=True, select_on_focus=False)

    def validate_value(self, value: str) -> str:
        """Printable characters only; anything else becomes a blank."""
        return value if value.isprintable() else "".join(char if char.isprintable() else " " for char in value)
