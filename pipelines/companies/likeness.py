"""How alike two names and two addresses are: what they share weighed by how rare it is, and how much of their own is left over."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from pipelines.companies.looks import Look

ALMOST = 0.8
"""What a word counts that agrees but for one letter, or is cut off."""
MIN_ALIKE = 4
"""Letters from which on a word may be misspelt."""
MIN_CUT = 2
"""Letters that must stand of a word that was cut off."""
Weight = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class NameLikeness:
    """What two names have in common; weights are natural logarithms of rarity."""

    shared: float
    """Weight of the words in common."""
    of_less: float
    """Share of the lighter name that the other has, 0..1."""
    of_more: float
    """Share of the heavier name that the other has, 0..1."""
    left: tuple[float, float]
    """Weight of the rarest word that only one side has: the lesser and the greater; 0 = none."""
    letters: float
    """Likeness letter by letter, 0..1."""
    cut: bool
    """One name, without spaces, begins the other."""


def compare_names(a: Look, b: Look, weight: Weight, *, idle: frozenset[str] = frozenset()) -> NameLikeness:
    """Likeness of two names; `idle` are words that tell nothing here (the town of either)."""
    mine, yours = set(a.words), set(b.words)
    both = mine & yours
    shared = sum(map(weight, both))
    rest_a, rest_b = mine - both, yours - both
    total_a, total_b = shared + sum(map(weight, rest_a)), shared + sum(map(weight, rest_b))
    if rest_a and rest_b:
        shared += _almost(rest_a, rest_b, weight)
    less, more = sorted((total_a, total_b))
    return NameLikeness(
        shared=shared,
        of_less=min(1.0, shared / less) if less else 0.0,
        of_more=min(1.0, shared / more) if more else 0.0,
        left=_left(rest_a - idle, rest_b - idle, weight),
        letters=1.0 if a.flat == b.flat else letters_alike(a.flat, b.flat),
        cut=_begins(a.flat, b.flat),
    )


def _almost(rest_a: set[str], rest_b: set[str], weight: Weight) -> float:
    """Weight of words that are nearly the same; both are taken out of what is left."""
    found = 0.0
    for word in sorted(rest_a):
        for other in sorted(rest_b):
            if nearly(word, other):
                found += ALMOST * min(weight(word), weight(other))
                rest_a.discard(word)
                rest_b.discard(other)
                break
    return found


def _left(rest_a: set[str], rest_b: set[str], weight: Weight) -> tuple[float, float]:
    one, two = max(map(weight, rest_a), default=0.0), max(map(weight, rest_b), default=0.0)
    return (one, two) if one <= two else (two, one)


def _begins(a: str, b: str) -> bool:
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    return len(short) >= 3 and long.startswith(short)


@lru_cache(maxsize=50_000)
def nearly(a: str, b: str) -> bool:
    """Whether two different words are one letter apart (changed, left out, doubled, swapped), or one is the start of the other."""
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if _has_digit(short) and _has_digit(long):
        return False
    if len(short) >= MIN_CUT and long.startswith(short):
        return not _has_digit(long)
    if len(short) < MIN_ALIKE or len(long) - len(short) > 1:
        return False
    at = next((at for at, char in enumerate(short) if char != long[at]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1]
    return short[at + 1 :] == long[at + 1 :] or (swapped and short[at + 2 :] == long[at + 2 :])


def _has_digit(word: str) -> bool:
    """Numbers in names tell firms apart: "Dock 14" is not "Dock 144"."""
    return not word.isalpha() and any(map(str.isdigit, word))


@lru_cache(maxsize=20_000)
def _threes(text: str) -> frozenset[str]:
    framed = f"^{text}$"
    return frozenset(framed[at : at + 3] for at in range(len(framed) - 2))


def letters_alike(a: str, b: str) -> float:
    """Share of three-letter pieces that two texts have in common, 0..1."""
    mine, yours = _threes(a), _threes(b)
    return 2 * len(mine & yours) / (len(mine) + len(yours)) if mine and yours else 0.0


def addresses_alike(a: str, b: str) -> float:
    """Share of the tokens of two addresses in common, 0..1; different house numbers make them at most half alike."""
    if a == b:
        return 1.0
    mine, yours = set(a.split()), set(b.split())
    alike = 2 * len(mine & yours) / (len(mine) + len(yours))
    numbers, others = {x for x in mine if x.isdigit()}, {x for x in yours if x.isdigit()}
    return min(alike, 0.5) if numbers and others and not numbers & others else alike
