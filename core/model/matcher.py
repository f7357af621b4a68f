"""Many needles at once: the words, addresses and runs of digits of a text are looked up, so that a thousand cost what one costs.

The look-up yields candidates; the needle itself decides. A needle whose spelling is no plain word, address, number or IBAN is
tried one by one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from core.model.needle import BETWEEN, GAP, Needle
from core.model.spellings import views

_JOINED = re.escape(BETWEEN)
_WORD = re.compile(r"\w++(?:[.+\-@]\w++)*+")
_ADDRESS = re.compile(r"(?<!\w)(?<!\w[.+\-])(\w++(?:[.+\-]\w++)*+)(?=@(\w++(?:[.\-]\w++)*+))")
_DIGITS = re.compile(r"[0-9]+")
_IBAN = re.compile(rf"(?<![0-9a-z])[a-z]{GAP}[a-z]{GAP}[0-9]{GAP}[0-9]")
_NO_GAPS = {ord(character): None for character in BETWEEN}
_ZEROS = 4
_IBAN_HEAD = 4

Index = dict[str, list[int]]


class Matcher:
    """Needles indexed by what a text must hold to hold them."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        self.needles = tuple(needles)
        self._words: Index = defaultdict(list)
        self._mails: Index = defaultdict(list)
        self._numbers: Index = defaultdict(list)
        self._ibans: dict[str, Index] = {}
        self._others: list[int] = []
        for place, needle in enumerate(self.needles):
            self._add(place, needle)
        self._longest = max((len(digits) for digits in self._numbers), default=0) + _ZEROS
        self._chain = _chain(min((len(digits) for digits in self._numbers), default=1))
        self._iban_length = max((len(full) for index in self._ibans.values() for full in index), default=0)

    def hits(self, text: str) -> set[int]:
        """Positions of the needles that `found_in` finds in the text."""
        folded = views(text)
        return {place for place in self.possible(folded) if self._decides(self.needles[place], text, folded)}

    def possible(self, folded: tuple[str, ...]) -> set[int]:
        """A superset of the needles in a text, given its `views`; several cells, or rows of them, may be joined by NUL."""
        found = set(self._others)
        for view in folded:
            for index, keys in self._keys(view):
                for key in index.keys() & keys:
                    found.update(index[key])
        return found

    @staticmethod
    def _decides(needle: Needle, text: str, folded: tuple[str, ...]) -> bool:
        return needle.whole(text) if needle.common else needle.in_views(folded)

    def _add(self, place: int, needle: Needle) -> None:
        for spelling in needle.spellings:
            if spelling.loose and spelling.text.isdigit():
                for number in needle.integers:
                    self._numbers[str(number)].append(place)
            elif spelling.loose and _IBAN.match(spelling.text):
                self._ibans.setdefault(spelling.text[:_IBAN_HEAD], defaultdict(list))[spelling.text].append(place)
            elif _is_address(spelling.text):
                self._mails[spelling.text].append(place)
            elif "@" not in spelling.text and _WORD.fullmatch(first := spelling.text.partition(" ")[0]):
                self._words[first].append(place)
            else:
                self._others.append(place)

    def _keys(self, view: str) -> Iterator[tuple[Index, set[str]]]:
        if self._words:
            yield self._words, set(_WORD.findall(view))
        if self._mails and "@" in view:
            yield self._mails, set(_addresses(view))
        if self._numbers:
            yield self._numbers, set(_runs(self._chain.findall(view), self._longest))
        if self._ibans:
            yield from self._blocks(view)

    def _blocks(self, view: str) -> Iterator[tuple[Index, set[str]]]:
        for head in _IBAN.finditer(view):
            index = self._ibans.get(head[0].translate(_NO_GAPS))
            if index is not None:
                compact = view[head.start() : head.start() + self._iban_length * 5].translate(_NO_GAPS)
                yield index, {full for full in index if compact.startswith(full)}


def _is_address(text: str) -> bool:
    return "@" in text and next(_addresses(text), "") == text


def _addresses(view: str) -> Iterator[str]:
    for local, domain in _ADDRESS.findall(view):
        yield f"{local}@{domain}"
        if "-" in domain:
            for place, character in enumerate(domain):
                if character == "-":
                    yield f"{local}@{domain[:place]}"


def _chain(least: int) -> re.Pattern[str]:
    """Neighbouring groups of digits, so many digits at least: shorter ones (amounts, numbers of rows) can hold no number we look for."""
    return re.compile(rf"[0-9](?:[{_JOINED}]{{0,4}}+[0-9]){{{max(0, least - 1)},}}+")


def _runs(chains: Iterable[str], longest: int) -> Iterator[str]:
    """Every run of neighbouring groups of digits that is short enough to be one number, without leading zeros."""
    for chain in set(chains):
        groups = _DIGITS.findall(chain)
        for first in range(len(groups)):
            run = ""
            for group in groups[first:]:
                run += group
                if len(run) > longest:
                    break
                yield run.lstrip("0")
