"""A stylesheet that is parsed once: Textual asks for it anew with every theme and mode, three times before the first frame."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet


class CalmStylesheet(Stylesheet):
    """Parsed anew when the colours have changed; a source that was added is parsed by itself."""

    _moved = False

    def set_variables(self, variables: dict[str, str]) -> None:
        if variables != self._variables:
            super().set_variables(variables)
            self._moved = True

    def reparse(self) -> None:
        if self._moved:
            super().reparse()
            self._moved = False
        elif self._require_parse:
            self.parse()
