"""The one way onto the screen for text of others: lines of pieces, made safe here and drawn as they are, never as markup.

Pure. A `Piece` holds one line of safe text and the name of a style; whatever a customer typed becomes one through `piece`.
Widths are cells of a terminal. A style is the name of a component class of the stylesheet (`lines--NAME`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from core import safe, safe_lines

STYLES = ("text", "label", "title", "dim", "bad", "near", "good", "key", "rule", "head")
"""Every style there is; the stylesheet gives each its look, and each is told by more than its colour where it matters."""
GAP = 2
SIGNED = ("✗ ", "✓ ", "⚠ ", "– ")
"""How a paragraph may begin whose further lines stand behind its sign."""
LONGEST = 4000


class Piece(NamedTuple):
    """A stretch of one line. Made by `piece`; its text holds no control character."""

    text: str
    style: str = "text"


Line = tuple[Piece, ...]


def piece(value: object, style: str = "text", limit: int = LONGEST) -> Piece:
    """Any value as a safe piece of one line."""
    return Piece(safe(value, limit), style)


def fit(value: object, width: int, *, right: bool = False) -> str:
    """Safe text of exactly `width` cells: cut with … or padded."""
    if width <= 0:
        return ""
    text = safe(value, max(width * 2, 8))
    wide = cell_len(text)
    if wide > width:
        return set_cell_size(text, width - 1).rstrip() + "…"
    return text.rjust(len(text) + width - wide) if right else text.ljust(len(text) + width - wide)


def exactly(value: object, width: int, *, right: bool = False) -> str:
    """`fit`, padded again after the cut: a wide letter at the edge leaves one cell free."""
    text = fit(value, width, right=right)
    return text + " " * (width - cell_len(text))


def wrap(value: object, width: int) -> list[str]:
    """Safe text in lines of at most `width` cells, broken at blanks, in the middle of a word only where it must be."""
    lines = [""]
    for word in _words(safe(value, LONGEST), max(width, 1)):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _words(text: str, width: int) -> Iterator[str]:
    for word in text.split(" "):
        rest = word
        while cell_len(rest) > width:
            head = set_cell_size(rest, width).rstrip(" ")
            yield head
            rest = rest[len(head) :] if head else ""
        if rest or not word:
            yield rest


class Lines:
    """Builds a document for a width: titles, fields with hanging values, tables, paragraphs."""

    def __init__(self, width: int) -> None:
        self.width = max(width, 20)
        self.lines: list[Line] = []

    def blank(self) -> None:
        """An empty line, never two in a row."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def add(self, *pieces: Piece) -> None:
        """One line of pieces."""
        self.lines.append(pieces)

    def title(self, text: object) -> None:
        """A title with a rule that fills the line."""
        self.blank()
        shown = fit(text, min(cell_len(safe(text)), self.width - 4))
        rest = self.width - cell_len(shown) - 1
        self.add(Piece(shown, "title"), Piece(" " + "─" * (rest), "rule"))

    def text(self, value: object, style: str = "text", indent: int = 0) -> None:
        """A paragraph; what begins with a sign hangs behind it."""
        told = str(value)
        sign = told[:2] if told[:2] in SIGNED else ""
        before = " " * indent + sign
        for line in wrap(told.removeprefix(sign), self.width - len(before)):
            self.add(Piece(before + line, style))
            before = " " * len(before)

    def fields(self, pairs: Sequence[tuple[str, object] | tuple[str, object, str]]) -> None:
        """Label and value, the value wrapped beside the label; an optional third is the style of the value."""
        wide = min(max((cell_len(safe(pair[0])) for pair in pairs), default=0), self.width // 2)
        for pair in pairs:
            style = pair[2] if len(pair) > 2 else "text"
            label = exactly(pair[0], wide)
            for line in wrap(pair[1], self.width - wide - GAP):
                self.add(Piece(label + " " * GAP, "label"), Piece(line, str(style)))
                label = " " * wide

    def table(self, titles: Sequence[str], rows: Sequence[Sequence[object | Piece]], right: Iterable[int] = ()) -> None:
        """A table; the widest columns give way until it fits, the last one is wrapped."""
        cells = [[one if isinstance(one, Piece) else piece(one) for one in row] for row in rows]
        widths = _widths([[piece(title) for title in titles], *cells], self.width)
        rights = set(right)
        self.add(*self._row([Piece(safe(title), "head") for title in titles], widths, rights))
        for row in cells:
            last = wrap(row[-1].text, widths[-1])
            first = [*row[:-1], Piece(last[0], row[-1].style)]
            self.add(*self._row(first, widths, rights))
            indent = " " * (sum(widths[:-1]) + GAP * (len(widths) - 1))
            for line in last[1:]:
                self.add(Piece(indent + line, row[-1].style))

    def document(self, text: str) -> None:
        """A text of ours with its line breaks; longer lines are wrapped, indented as they began."""
        for line in safe_lines(text).split("\n"):
            indent = len(line) - len(line.lstrip(" "))
            for part in wrap(line.strip(), self.width - indent) if line.strip() else [""]:
                self.add(Piece(" " * indent + part))

    def _row(self, cells: Sequence[Piece], widths: Sequence[int], rights: set[int]) -> Iterator[Piece]:
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            gap = " " * GAP if index < len(widths) - 1 else ""
            yield Piece(exactly(cell.text, width, right=index in rights) + gap, cell.style)


def _widths(rows: Sequence[Sequence[Piece]], total: int) -> list[int]:
    """Width of each column: what it needs, the widest shortened until all fit."""
    widths = [max(cell_len(row[i].text) for row in rows) for i in range(len(rows[0]))]
    room = total - GAP * (len(widths) - 1)
    while sum(widths) > room and max(widths) > 6:
        widths[widths.index(max(widths))] -= 1
    return widths
