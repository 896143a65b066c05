"""All parties by their keys, in memory: who could be whose double, and how many different names stand behind a phone or a domain."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Protocol

from pipelines.companies.faces import generic_words
from pipelines.companies.keys import CAPS, Key, keys_of, kind_of
from pipelines.companies.looks import Look

BEFORE = 2000
"""Names that are thought to be known before the first is read, so that rarity has a meaning in a small market, too."""
GENERIC_BEFORE = 40
"""In how many of them a word of the trade or a place stands."""
MANY = 99
"""What an over-full key counts as."""


class Counts(Protocol):
    """What features ask of the data."""

    def weight(self, word: str) -> float:
        """Rarity of a word: the natural logarithm of (names / names with it)."""
        ...

    def crowded(self, key: Key) -> bool:
        """Whether more share a key than its cap."""
        ...

    def behind(self, key: Key, what: str) -> int:
        """How many different values of `what` (flat, city, country) stand behind a key; MANY where it is over-full."""
        ...


def rarity(count: int, names: int, *, generic: bool) -> float:
    """Natural logarithm of one over the share of names in which a word stands."""
    return math.log((names + BEFORE) / (count + (GENERIC_BEFORE if generic else 0) + 0.5))


class Index:
    """Looks numbered by their place, with the keys that two or more of them share."""

    def __init__(self, looks: Sequence[Look]) -> None:
        self.looks = looks
        self.words: Counter[str] = Counter(word for look in looks for word in set(look.words))
        self.weight: Callable[[str], float] = cache(self._weight)
        self._behind: dict[tuple[Key, str], int] = {}
        self.by_key = _shared(looks, self.words)

    def _weight(self, word: str) -> float:
        return rarity(self.words[word], len(self.looks), generic=word in generic_words())

    def crowded(self, key: Key) -> bool:
        """See `Counts`."""
        return len(self.by_key.get(key, ())) > CAPS[kind_of(key)]

    def behind(self, key: Key, what: str) -> int:
        """See `Counts`."""
        found = self._behind.get((key, what))
        if found is None:
            found = self._behind[key, what] = self._count(key, what)
        return found

    def _count(self, key: Key, what: str) -> int:
        bucket = self.by_key.get(key)
        if bucket is None:
            return 1
        return distinct((self.looks[number] for number in bucket), what) if len(bucket) <= CAPS[kind_of(key)] else MANY

    def keys(self, look: Look) -> list[Key]:
        """Keys of a look."""
        return keys_of(look, self.words.__getitem__)

    def partners(self, number: int) -> set[int]:
        """Later looks that share a key which is not over-full."""
        found: set[int] = set()
        for key in self.keys(self.looks[number]):
            bucket = self.by_key.get(key)
            if bucket is not None and len(bucket) <= CAPS[kind_of(key)]:
                found.update(other for other in bucket if other > number)
        return found


def distinct(looks: Iterable[Look], what: str) -> int:
    """Different known values of one attribute, at least 1."""
    return max(1, len({value for look in looks if (value := getattr(look, what))}))


def _shared(looks: Sequence[Look], words: Mapping[str, int]) -> "dict[Key, array[int]]":
    """Key -> numbers of the looks that have it, where two or more have it; at most one more than the cap of its kind is kept."""
    once: dict[Key, int] = {}
    more: dict[Key, array[int]] = defaultdict(lambda: array("L"))
    for number, look in enumerate(looks):
        for key in keys_of(look, words.__getitem__):
            first = once.setdefault(key, number)
            if first == number:
                continue
            bucket = more[key]
            if not bucket:
                bucket.append(first)
            if len(bucket) <= CAPS[kind_of(key)]:
                bucket.append(number)
    return dict(more)
