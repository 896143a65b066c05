"""The index itself: indicators between goalposts, weighed by what they are worth as evidence, shrunk to the middle, and ranked."""

import random
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import mul

from pipelines.index_model import IndexModel, Part

MIDDLE = 50.0
"""What nobody knows counts as the middle; scores shrink towards it as evidence gets thin."""
WEIGHT_UNIT, GAIN_UNIT = 2**30, 2**25
"""Weights and gains as whole numbers, for ranks only."""
LAST = 255
LOW, HIGH = 0.05, 0.95
LEAST_COUNTRIES = 4
"""Countries a part needs before goalposts say anything."""
WATCHLIST = 0.5
"""Evidence below which a country is shown without a place: shrinkage would lift it above known bad ones."""
FRESH_YEARS = 1
"""Statistics of last year are as new as they get: this lag is free."""
DRAWS, SEED, SPREAD = 1_000, 7, 60.0
"""Weights are drawn from Dirichlet(60 w): a weight of .22 has a standard deviation of .053, one of .05 of .028."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One part of one country as its source shows it."""

    x: float
    """Higher = better."""
    quality: str = "reported"
    year: int | None = None
    """Of the figure; None = it does not age."""
    shown: float | None = None
    """The figure as people know it, in `unit`."""
    unit: str = ""
    period: str = ""
    source: str = ""
    evidence_id: str = ""


@dataclass(frozen=True, slots=True)
class Goalpost:
    """Between which values a part is worth 0 and 100, and how many countries that rests on."""

    low: float
    high: float
    countries: int


@dataclass(frozen=True, slots=True)
class Scored:
    """One part of one country: points = weight x evidence x score."""

    score: float
    """0..100."""
    weight: float
    evidence: float
    """0..1."""


@dataclass(frozen=True, slots=True)
class Rated:
    """One country."""

    mai: float
    raw: float
    evidence: float
    parts: Mapping[str, Scored]


def goalposts(countries: Iterable[Mapping[str, Indicator]]) -> dict[str, Goalpost]:
    """Part -> 5th and 95th percentile over the countries that have it; none where fewer than four have."""
    values: dict[str, list[float]] = {}
    for country in countries:
        for part, indicator in country.items():
            values.setdefault(part, []).append(indicator.x)
    return {
        part: Goalpost(percentile(found, LOW), percentile(found, HIGH), len(found))
        for part, found in sorted(values.items())
        if len(found) >= LEAST_COUNTRIES
    }


def percentile(values: Sequence[float], share: float) -> float:
    """Linear between neighbours (type 7)."""
    return _share_of(sorted(values), share)


def _share_of(ordered: Sequence[float], share: float) -> float:
    at = (len(ordered) - 1) * share
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def rate(indicators: Mapping[str, Indicator], posts: Mapping[str, Goalpost], model: IndexModel, year: int) -> Rated | None:
    """A country's index in `year`; None where none of its parts can be compared with others.

    MAI = evidence x raw + (1 - evidence) x 50, with raw the mean of the scores by weight x evidence.
    """
    shared = [part for part in model.parts if part.key in indicators and part.key in posts]
    parts = {part.key: _scored(indicators[part.key], posts[part.key], part, model, year) for part in shared}
    worth = sum(part.weight * part.evidence for part in parts.values())
    if worth <= 0:
        return None
    raw = sum(part.weight * part.evidence * part.score for part in parts.values()) / worth
    return Rated(worth * raw + (1 - worth) * MIDDLE, raw, worth, parts)


def _scored(indicator: Indicator, post: Goalpost, part: Part, model: IndexModel, year: int) -> Scored:
    return Scored(score_of(indicator.x, post), part.weight, evidence_of(indicator, part, model, year))


def score_of(x: float, post: Goalpost) -> float:
    """0..100 between the goalposts; the middle where they coincide."""
    if post.high <= post.low:
        return MIDDLE
    return 100 * min(1.0, max(0.0, (x - post.low) / (post.high - post.low)))


def evidence_of(indicator: Indicator, part: Part, model: IndexModel, year: int) -> float:
    """Availability (1) x quality x half for every half-life beyond the free year."""
    quality = model.quality.get(indicator.quality, min(model.quality.values()))
    if indicator.year is None or part.half_life is None:
        return quality
    return float(quality * 0.5 ** (max(0, year - indicator.year - FRESH_YEARS) / part.half_life))


def rank_ranges(rated: Mapping[str, Rated], model: IndexModel) -> dict[str, tuple[int, int]]:
    """Country -> the places it takes in 90 % of 1,000 seeded draws of the weights, among the given countries (255 at most).

    As MAI = 50 + sum of w e (s - 50), one dot product a country and draw is enough; of equals the first in the alphabet leads.
    """
    names = sorted(rated)
    columns = [_packed([_gain(rated[name].parts.get(part.key)) for name in names]) for part in model.parts]
    places = b"".join(_places(columns, len(names), _draws(tuple(part.weight for part in model.parts))))
    taken = (sorted(places[at :: len(names)]) for at in range(len(names)))
    return {name: (int(_share_of(found, LOW)), int(_share_of(found, HIGH))) for name, found in zip(names, taken, strict=True)}


def _packed(gains: Sequence[float]) -> int:
    """A part's gains of all countries in one integer, 64 bits each (gain + 50 in units of 2^-25): one product weighs them all.

    200 countries x 1,000 draws x 20 products are 44 million products otherwise, which is most of a night's work on markets.
    """
    return _slots([round((gain + MIDDLE) * GAIN_UNIT) for gain in gains])


def _slots(numbers: Sequence[int]) -> int:
    return int.from_bytes(struct.pack(f"<{len(numbers)}Q", *numbers), "little")


def _places(columns: Sequence[int], countries: int, draws: Iterable[Sequence[int]]) -> Iterator[bytes]:
    """Draw by draw the place of each country, a byte each.

    Weights add up to about 2^30 and gains stay below 2^32, so no sum leaves its 64 bits. Of the upper half, 22 bits are worth (steps of
    3e-5 points) and the lowest 8 name the country, the first in the alphabet highest: then numbers below 2^30 are all there is to
    sort, and what names the countries in order is turned into places by a table of 256.
    """
    kept = _slots([(2**24 - 1) << 40] * countries)
    named = _slots([(LAST - at) << 32 for at in range(countries)])
    numbers, ranks = f"<{'4xI' * countries}", bytes(range(1, countries + 1))
    for weights in draws:
        worth = sum(map(mul, weights, columns)) & kept | named
        ordered = sorted(struct.unpack(numbers, worth.to_bytes(8 * countries, "little")), reverse=True)
        table = bytes.maketrans(struct.pack(f"<{countries}I", *ordered)[::4], ranks)
        yield table[LAST - countries + 1 :][::-1]


def _gain(part: Scored | None) -> float:
    return part.evidence * (part.score - MIDDLE) if part else 0.0


@lru_cache(maxsize=8)
def _draws(weights: tuple[float, ...]) -> tuple[tuple[int, ...], ...]:
    """Weights in units of 2^-30; the same draws for every product: they depend on the weights only."""
    source, drawn = random.Random(SEED), []
    for _ in range(DRAWS):
        gammas = [source.gammavariate(weight * SPREAD, 1) if weight > 0 else 0.0 for weight in weights]
        total = sum(gammas)
        drawn.append(tuple(round(gamma / total * WEIGHT_UNIT) for gamma in gammas))
    return tuple(drawn)
