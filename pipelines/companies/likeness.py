"""How alike two names and two addresses are: what they share weighed by how rare it is, and how much of their own is left over."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from pipelines.companies.profiles import Profile, Tokens, letters_alike, tokens_of

ALMOST = 0.8
"""What a word counts that agrees but for one letter, or is cut off."""
MIN_ALIKE = 4
"""Letters from which on a word may be misspelt."""
MIN_CUT = 2
"""Letters that must stand of a word that was cut off."""
Weight = Callable[[str], float]


class NameLikeness(NamedTuple):
    """What two names have in common; weights are natural logarithms of rarity."""

    shared: float
    """Weight of the words in common."""
    of_less: float
    """Share of the lighter name that the other has, 0..1."""
    of_more: float
    """Share of the heavier name that the other has, 0..1."""
    less_left: float
    """Weight of the rarest word that only one side has, of the side where it is less; 0 = none."""
    more_left: float
    """The same of the other side."""
    letters: float
    """Likeness letter by letter, 0..1."""
    cut: bool
    """One name, without spaces, begins the other."""


def compare_names(a: Profile, b: Profile, weight: Weight) -> NameLikeness:
    """Likeness of two names; the town of either is no word that is left over."""
    if a.words == b.words:
        shared = less = more = a.total
        less_left = more_left = 0.0
    else:
        both = a.words & b.words
        rest_a, rest_b = a.words - both, b.words - both
        shared = sum(map(weight, both))
        less, more = (a.total, b.total) if a.total <= b.total else (b.total, a.total)
        if rest_a and rest_b:
            almost, rest_a, rest_b = _almost(rest_a, rest_b, weight)
            shared += almost
        less_left, more_left = _left(rest_a, rest_b, (a.look.city, b.look.city), weight)
    one, two = a.look.flat, b.look.flat
    same = one == two
    return NameLikeness(
        shared,
        min(1.0, shared / less) if less else 0.0,
        min(1.0, shared / more) if more else 0.0,
        less_left,
        more_left,
        1.0 if same else letters_alike(a, b),
        (same and len(one) >= 3) or _begins(one, two),
    )


def _almost(rest_a: frozenset[str], rest_b: frozenset[str], weight: Weight) -> tuple[float, frozenset[str], frozenset[str]]:
    """Weight of words that are nearly the same, and what is left of either side without them."""
    near = [(word, other) for word in rest_a for other in rest_b if (word[0] == other[0] or word[-1] == other[-1]) and nearly(word, other)]
    if not near:
        return 0.0, rest_a, rest_b
    found = 0.0
    for word, other in sorted(near, key=sorted):
        if word in rest_a and other in rest_b:
            found += ALMOST * min(weight(word), weight(other))
            rest_a, rest_b = rest_a - {word}, rest_b - {other}
    return found, rest_a, rest_b


def _left(rest_a: frozenset[str], rest_b: frozenset[str], towns: tuple[str, str], weight: Weight) -> tuple[float, float]:
    one = max([weight(word) for word in rest_a if word not in towns], default=0.0)
    two = max([weight(word) for word in rest_b if word not in towns], default=0.0)
    return (one, two) if one <= two else (two, one)


def _begins(a: str, b: str) -> bool:
    return len(a) >= 3 and b.startswith(a) if len(a) <= len(b) else len(b) >= 3 and a.startswith(b)


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


def addresses_alike(a: str, b: str) -> float:
    """Share of the tokens of two addresses in common, 0..1; different house numbers make them at most half alike."""
    return 1.0 if a == b else streets_alike(tokens_of(a), tokens_of(b))


def streets_alike(a: Tokens, b: Tokens) -> float:
    """As `addresses_alike`, of what `tokens_of` gave."""
    (mine, numbers), (yours, others) = a, b
    alike = 2 * len(mine & yours) / (len(mine) + len(yours))
    return min(alike, 0.5) if numbers and others and numbers.isdisjoint(others) else alike
