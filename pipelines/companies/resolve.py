"""Many looks at once to clusters: re-posted ones collapsed, pairs scored, average link in each component."""

import math
import multiprocessing
import os
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.companies.average_link import CLIP, Conflict, average_link, components
from pipelines.companies.caution import cautious, is_common
from pipelines.companies.features import steps_of
from pipelines.companies.index import Counts, Index
from pipelines.companies.looks import PREMISES_REGISTRIES, Look
from pipelines.companies.scorecard import Scorecard, scorecard

SHARED_FROM = 50_000
"""Looks from which on more than one process scores."""
PARTS = 8
"""Portions a process: small ones end together."""
Scored = tuple["array[int]", "array[int]", "array[float]"]
"""First and second numbers of pairs, and their log-odds."""
KEEP = -3.0
"""Log-odds below which a pair is not remembered: it counts as never compared."""


def stop_for(size: int) -> float:
    """Log-odds an average must be above to join, by the number of parties: the same odds are right less often in a large database.

    Measured on generated listings: -1 is best at 20,000, 0 at 100,000, and so on by the logarithm.
    """
    return max(-1.0, RISE * math.log10(max(size, 1) / 100_000) + AT_100K)


AT_100K = 0.0
RISE = 1.3
"""Log-odds a tenfold."""


def conflict(a: Look, b: Look) -> bool:
    """Whether two parties cannot be one company: different countries, or different numbers of one register of firms."""
    if a.country and b.country and a.country != b.country:
        return True
    if not a.registry or not b.registry:
        return False
    numbers = dict(b.registry)
    return any(numbers.get(register, number) != number for register, number in a.registry if register not in PREMISES_REGISTRIES)


class Scorer:
    """Log-odds of pairs; equal steps are added up once."""

    def __init__(self, counts: Counts, card: Scorecard | None = None) -> None:
        self.counts = counts
        self.card = card or scorecard()
        self._rows = self.card.rows()
        self._known: dict[tuple[int, ...], float] = {}

    def __call__(self, a: Look, b: Look) -> float:
        """Natural logarithm of the odds that two parties are one company."""
        steps = steps_of(a, b, self.counts)
        odds = self._known.get(steps)
        if odds is None:
            odds = self.card.bias
            for row, step in zip(self._rows, steps, strict=True):
                odds += row[step]
            self._known[steps] = odds
        return cautious(odds, a, b, steps)


def pairs_of(index: Index, numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Candidates that do not contradict each other, the smaller number first."""
    looks = index.looks
    for number in numbers:
        look = looks[number]
        for other in index.partners(number):
            if not conflict(look, looks[other]):
                yield number, other


@dataclass(frozen=True, slots=True)
class Resolved:
    """Clusters of numbers, and the odds they come from."""

    clusters: list[list[int]]
    odds: dict[tuple[int, int], float]


def resolve(looks: Sequence[Look], *, card: Scorecard | None = None, stop: float | None = None) -> Resolved:
    """Clusters of all looks, sorted, each number in one of them."""
    kept, twins = collapse(looks)
    index = Index([looks[number] for number in kept])
    odds = _odds(index, card or scorecard())
    groups = cluster_all(len(kept), odds, stop_for(len(looks)) if stop is None else stop, contradict=conflict_between(index.looks))
    return Resolved(sorted(sorted(n for at in group for n in twins[kept[at]]) for group in groups), odds)


def _odds(index: Index, card: Scorecard) -> dict[tuple[int, int], float]:
    """Pairs that are not hopeless; many looks are shared out to a process a core."""
    size, cores = len(index.looks), os.cpu_count() or 1
    if size < SHARED_FROM or cores < 2 or "fork" not in multiprocessing.get_all_start_methods():
        parts = [_score_part(index, card, range(size))]
    else:
        _shared.update(index=index, card=card)
        with multiprocessing.get_context("fork").Pool(cores) as pool:
            parts = pool.map(_score_shared, [range(at, size, cores * PARTS) for at in range(cores * PARTS)], chunksize=1)
        _shared.clear()
    return {(a, b): odds for part in parts for a, b, odds in zip(*part, strict=True)}


_shared: dict[str, Any] = {}
"""What forked processes find when they start: nothing has to be sent to them."""


def _score_shared(numbers: range) -> Scored:
    return _score_part(_shared["index"], _shared["card"], numbers)


def _score_part(index: Index, card: Scorecard, numbers: Iterable[int]) -> Scored:
    scorer, looks = Scorer(index, card), index.looks
    one, two, odds = array("L"), array("L"), array("d")
    for a, b in pairs_of(index, numbers):
        found = scorer(looks[a], looks[b])
        if found >= KEEP:
            one.append(a)
            two.append(b)
            odds.append(found)
    return one, two, odds


def collapse(looks: Sequence[Look]) -> tuple[list[int], dict[int, list[int]]]:
    """First of each run of equal looks of one source, and everything it stands for; without a name or contact nobody is equal."""
    first: dict[Look, int] = {}
    twins: dict[int, list[int]] = defaultdict(list)
    for number, look in enumerate(looks):
        twins[first.setdefault(look, number) if telling(look) else number].append(number)
    return list(twins), twins


def telling(look: Look) -> bool:
    """Whether equal looks of one source are one listing posted again."""
    if not look.words or not look.source:
        return False
    if look.phones or look.address or look.domain or look.registry:
        return True
    return bool(look.city) and not (len(look.words) == 1 and is_common(look.words[0], look.country))


def conflict_between(looks: Sequence[Look]) -> Conflict:
    """Whether any two parties of two groups contradict each other."""
    return lambda one, two: any(conflict(looks[a], looks[b]) for a in one for b in two)


def cluster_all(
    size: int,
    odds: Mapping[tuple[int, int], float],
    stop: float,
    *,
    contradict: Conflict,
    together: Iterable[tuple[int, int]] = (),
    apart: Collection[tuple[int, int]] = (),
) -> list[list[int]]:
    """Average link in each component; whoever has no edge stands alone. `together`, `apart`: what people said."""
    found: list[list[int]] = []
    same = sorted(together)
    groups = components({**odds, **dict.fromkeys(same, CLIP)}, min(0.0, stop))
    of = {number: at for at, group in enumerate(groups) for number in group}
    inside: list[dict[tuple[int, int], float]] = [{} for _ in groups]
    for (a, b), value in odds.items():
        if a in of and of[a] == of.get(b):
            inside[of[a]][a, b] = value
    called: list[list[tuple[int, int]]] = [[] for _ in groups]
    for pair in same:
        called[of[pair[0]]].append(pair)
    for group, edges, pairs in zip(groups, inside, called, strict=True):
        found += average_link(group, edges, stop, conflict=contradict, together=pairs, apart=apart)
    return found + [[number] for number in range(size) if number not in of]
