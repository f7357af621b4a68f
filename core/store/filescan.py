"""Looks for values of a person in the raw bytes of files: what stands in a page that no query reads any more.

A value is looked for as UTF-8, as UTF-16 in both orders, and, where it is a number, as the integers in which engines keep
numbers. There are no boundaries: columns stand side by side in a record without anything between them. So a
value that legitimately remains somewhere must be left out by the caller.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

BLOCK = 8 << 20
"""Bytes read at a time."""
FEW = 24
"""Patterns up to which one search for each is faster than one search for all."""
LEAST_BYTES = 6
"""A shorter pattern is found by chance in any large file: it would prove nothing."""
WIDTHS = (6, 8)
"""Bytes of integers; four and fewer stand in a large file by chance."""
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was looked through, and how often something was found."""

    files: int = 0
    size: int = 0
    """Bytes."""
    hits: Mapping[bytes, int] = field(default_factory=dict)
    """Pattern → how often it stands there; of two patterns at one place the shorter one is told."""

    def __add__(self, other: Scanned) -> Scanned:
        return Scanned(self.files + other.files, self.size + other.size, Counter(self.hits) + Counter(other.hits))


def patterns(values: Iterable[str]) -> tuple[bytes, ...]:
    """The byte patterns of texts; those that are too short to prove anything are left out."""
    found: dict[bytes, None] = {}
    for value in values:
        for encoding in ENCODINGS:
            found[value.encode(encoding, "surrogatepass")] = None
        found.update(dict.fromkeys(_integers(value)))
    return tuple(pattern for pattern in found if len(pattern) >= LEAST_BYTES)


def _integers(value: str) -> Iterator[bytes]:
    if value.isascii() and value.isdigit() and len(value) <= 18:
        number = int(value)
        for width in WIDTHS:
            if number < (sign := 1 << (8 * width - 1)):
                yield number.to_bytes(width, "big")  # SQLite
                yield (number | sign).to_bytes(width, "big")  # InnoDB
        yield number.to_bytes(8, "little")  # PostgreSQL


def scan(files: Iterable[Path], wanted: Sequence[bytes]) -> Scanned:
    """Read the files that are there from end to end. Raises OSError where one cannot be read."""
    found = Scanned()
    for file in files:
        try:
            with file.open("rb", buffering=0) as opened:
                found += count(_blocks(opened), wanted)
        except FileNotFoundError:
            continue
    return found


def _blocks(opened: BinaryIO) -> Iterator[bytes]:
    while block := opened.read(BLOCK):
        yield block


def count(blocks: Iterable[bytes], wanted: Sequence[bytes]) -> Scanned:
    """The blocks of one file in their order; what stands across two of them is found too, and once."""
    longest = max(map(len, wanted), default=1)
    find = _each(wanted) if len(wanted) <= FEW else _any(together(tuple(wanted)))
    size, hits, tail = 0, Counter[bytes](), b""
    for block in blocks:
        size += len(block)
        text = tail + block
        # what ends within the tail was counted with the block before
        hits.update(pattern for end, pattern in find(text) if end > len(tail))
        tail = text[max(0, len(text) - longest + 1) :]
    return Scanned(1, size, hits)


Finder = Callable[[bytes], Iterator[tuple[int, bytes]]]
"""Text → (end, pattern) of every place."""


def _each(wanted: Sequence[bytes]) -> Finder:
    def find(text: bytes) -> Iterator[tuple[int, bytes]]:
        for pattern in wanted:
            at = text.find(pattern)
            while at >= 0:
                yield at + len(pattern), pattern
                at = text.find(pattern, at + 1)

    return find


def _any(expression: re.Pattern[bytes]) -> Finder:
    return lambda text: ((found.end(), found.group()) for found in expression.finditer(text))


def together(wanted: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """One expression that finds any of them, its beginnings shared: a plain list of thousands is tried one by one at each byte."""
    return re.compile(_shared(sorted(set(wanted))), re.DOTALL)


def _shared(words: Sequence[bytes]) -> bytes:
    """Words in order; a word that begins with another one is found with it."""
    groups: list[list[bytes]] = []
    for word in words:
        if groups and groups[-1][0][:1] == word[:1]:
            groups[-1].append(word)
        else:
            groups.append([word])
    return b"(?:" + b"|".join(_group(group) for group in groups) + b")"


def _group(words: Sequence[bytes]) -> bytes:
    """Words in order that begin alike."""
    common = next((i for i, (a, b) in enumerate(zip(words[0], words[-1], strict=False)) if a != b), len(words[0]))
    head = re.escape(words[0][:common])
    return head if common == len(words[0]) else head + _shared([word[common:] for word in words])
