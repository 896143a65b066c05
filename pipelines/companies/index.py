"""All parties by their keys, in memory: who could be whose double, and how many different names stand behind a phone or a domain."""

import math
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Protocol

from pipelines.companies.cores import portions, shared_out
from pipelines.companies.faces import generic_words
from pipelines.companies.keys import CAPS, ENOUGH, STRONG, Key, keys_of, kind_of
from pipelines.companies.looks import Look

BEFORE = 2000
"""Names that are thought to be known before the first is read, so that rarity has a meaning in a small market, too."""
GENERIC_BEFORE = 40
"""In how many of them a word of the trade or a place stands."""
MANY = 99
"""What an over-full key counts as."""
ASKED = frozenset({"phone", "domain", "address", "joined"})
"""Kinds of key of which features ask who is behind them."""
PORTION = 20_000
"""Looks that are put under keys at a time."""
_Coded = tuple["array[int]", "array[int]"]


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
    """Looks numbered by their place, with the keys that two or more of them share; arrays of numbers, because objects would be too many."""

    def __init__(self, looks: Sequence[Look]) -> None:
        self.looks = looks
        self.words: Counter[str] = Counter(word for look in looks for word in set(look.words))
        self.weight: Callable[[str], float] = cache(self._weight)
        self._behind: dict[tuple[Key, str], int] = {}
        self._members, self._starts = array("I"), array("I", [0])
        self._asked: dict[int, int] = {}
        self._crowded: set[int] = set()
        self._weak_from = 0
        for kind, buckets in zip(CAPS, shared_out(_buckets_of, self._coded(), list(CAPS), size=len(looks)), strict=True):
            self._add(kind, *buckets)
        self._keys, self._keys_from = _turned(self._members, self._starts, len(looks))

    def _coded(self) -> "dict[str, _Coded]":
        """Kind of key -> hashes of the keys of all looks, and whose they are."""
        found = {kind: (array("q"), array("I")) for kind in CAPS}
        for part in shared_out(_codes_of, self, portions(len(self.looks), PORTION), size=len(self.looks)):
            for (codes, numbers), more in zip(found.values(), part.values(), strict=True):
                codes.extend(more[0])
                numbers.extend(more[1])
        return found

    def _add(self, kind: str, codes: "array[int]", ends: "array[int]", members: "array[int]", crowded: set[int]) -> None:
        first, base = len(self._starts) - 1, len(self._members)
        if kind in ASKED:
            self._asked.update(zip(codes, range(first, first + len(codes)), strict=True))
            self._crowded |= crowded
        self._weak_from += len(codes) * (kind in STRONG)
        self._starts.extend(base + end for end in ends)
        self._members.extend(members)

    def _weight(self, word: str) -> float:
        return rarity(self.words[word], len(self.looks), generic=word in generic_words())

    def _bucket(self, at: int) -> "array[int]":
        return self._members[self._starts[at] : self._starts[at + 1]]

    def crowded(self, key: Key) -> bool:
        """See `Counts`; asked of the kinds in ASKED."""
        return hash(key) in self._crowded

    def behind(self, key: Key, what: str) -> int:
        """See `Counts`; asked of the kinds in ASKED."""
        found = self._behind.get((key, what))
        if found is None:
            found = self._behind[key, what] = self._count(hash(key), what)
        return found

    def _count(self, code: int, what: str) -> int:
        if code in self._crowded:
            return MANY
        at = self._asked.get(code)
        return 1 if at is None else distinct((self.looks[number] for number in self._bucket(at)), what)

    def keys(self, look: Look) -> list[Key]:
        """Keys of a look."""
        return keys_of(look, self.words.__getitem__)

    def partners(self, number: int) -> list[int]:
        """Later looks with which enough keys are shared that are not over-full, in their order."""
        found: dict[int, float] = {}
        starts, members = self._starts, self._members
        for at in self._keys[self._keys_from[number] : self._keys_from[number + 1]]:
            start, end = starts[at], starts[at + 1]
            share = 1.0 if at < self._weak_from else 1.0 / (end - start - 1)
            for other in members[bisect_right(members, number, start, end) : end]:
                found[other] = found.get(other, 0.0) + share
        return sorted([other for other, shares in found.items() if shares >= ENOUGH])


def distinct(looks: Iterable[Look], what: str) -> int:
    """Different known values of one attribute, at least 1."""
    return max(1, len({value for look in looks if (value := getattr(look, what))}))


def _codes_of(index: Index, numbers: Iterable[int]) -> "dict[str, _Coded]":
    """As `_coded`, of some looks. Hashes are those of this process: forked ones have the same."""
    found: dict[str, _Coded] = {kind: (array("q"), array("I")) for kind in CAPS}
    for number in numbers:
        for key in index.keys(index.looks[number]):
            codes, whose = found[kind_of(key)]
            codes.append(hash(key))
            whose.append(number)
    return found


def _buckets_of(coded: "Mapping[str, _Coded]", kind: str) -> "tuple[array[int], array[int], array[int], set[int]]":
    """Keys of one kind that two or more looks have: hashes, where the looks of each end, the looks; and the keys that are over-full."""
    codes, numbers = coded[kind]
    counts, cap = Counter(codes), CAPS[kind]
    shared = array("q", [code for code, count in counts.items() if 1 < count <= cap])
    ends = array("I", accumulate(counts[code] for code in shared))
    free = {code: end - counts[code] for code, end in zip(shared, ends, strict=True)}
    members = array("I", bytes(4 * (ends[-1] if ends else 0)))
    for code, number in zip(codes, numbers, strict=True):
        at = free.get(code)
        if at is not None:
            members[at] = number
            free[code] = at + 1
    return shared, ends, members, {code for code, count in counts.items() if count > cap}


def _turned(members: "array[int]", starts: "array[int]", size: int) -> "tuple[array[int], array[int]]":
    """For each look the keys it is under, one after the other, and where those of each begin."""
    held = Counter(members)
    begins = array("I", accumulate((held[number] for number in range(size)), initial=0))
    free, keys = begins[:], array("I", bytes(4 * len(members)))
    for at in range(len(starts) - 1):
        for number in members[starts[at] : starts[at + 1]]:
            keys[free[number]] = at
            free[number] += 1
    return keys, begins
