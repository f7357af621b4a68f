"""Who came back with a restored backup: what the tombstones of a key say about the customer who has it now. Pure.

A key alone proves nothing, since the last one is given anew. It is the same account when it was made at the same moment, and
the same person when an e-mail, a phone or an id matches too, bound to that moment. Then the strongest deed counts that was
not taken back since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.model.tombstone import CLOSING, KINDS, Deed, Tombstone


class Doubt(StrEnum):
    """Why somebody who has the key of a tombstone is listed and not acted on."""

    ANEW = "anew"
    """The account was made at another moment: the key was given anew."""
    CHANGED = "changed"
    """The account is the same, and nothing that identifies a person matches."""
    UNDATED = "undated"
    """Values match, and nobody knows when the account was made: the person may have come back of their own will."""
    UNPROVEN = "unproven"
    """Neither a moment nor a value tells."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done again, or why not."""

    stone: Tombstone
    """The deed that counts."""
    matched: tuple[str, ...] = ()
    """Kinds of the values that match."""
    doubt: Doubt | None = None


def verdict(stones: Sequence[Tombstone], created: str | None, proofs: Mapping[str, str]) -> Verdict | None:
    """Judge the customer who has this key. `created` is the token of the account's moment, `proofs` token → kind of value.

    None: nothing is to be done (access was given back).
    """
    about = [one for one in stones if (one.created is not None and one.created == created) or not proofs.keys().isdisjoint(one.proofs)]
    stone = _in_force(about or stones)
    if stone is None:
        return None
    matched = tuple(sorted({proofs[token] for one in about for token in one.proofs if token in proofs}, key=KINDS.index))
    return Verdict(stone, matched, _doubt(stones, about, created, matched))


def _doubt(stones: Sequence[Tombstone], about: Sequence[Tombstone], created: str | None, matched: tuple[str, ...]) -> Doubt | None:
    if matched:
        return None if created is not None else Doubt.UNDATED
    if about:
        return Doubt.CHANGED
    return Doubt.ANEW if created is not None and any(one.created for one in stones) else Doubt.UNPROVEN


def _in_force(stones: Sequence[Tombstone]) -> Tombstone | None:
    """The strongest deed, the latest of equals; a block that was lifted later counts no more."""
    opened = max((one.at for one in stones if one.deed is Deed.OPENED), default=None)
    live = [one for one in stones if one.deed.closes and not (one.deed is Deed.ACCESS and opened is not None and opened >= one.at)]
    return max(live, key=lambda one: (CLOSING.index(one.deed), one.at), default=None)
