"""What to ask people next, and what their answers change: the questions whose answer moves most, and weights refitted from all of them."""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipelines.companies.fitting import Steps, fit, gathered
from pipelines.companies.scorecard import Scorecard, probability

MIN_JUDGED = 50
"""Fewer answers leave the weights as they are."""
PULL = 30.0
"""Pairs that speak for the weights as they were."""
MAX_MOVED = 16
"""More records moved by one answer count as this many: large clusters must not take all questions."""


@dataclass(frozen=True, slots=True)
class Question:
    """Two parties a person should look at."""

    gain: float
    """Records that are expected to be put right by the answer."""
    pair: tuple[int, int]
    log_odds: float


def questions(
    odds: Mapping[tuple[int, int], float],
    clusters: Iterable[Sequence[int]],
    stop: float,
    asked: Collection[tuple[int, int]] = (),
    count: int = 20,
) -> list[Question]:
    """The pairs worth asking, best first; one a pair of clusters, so that a group is not asked about twice."""
    groups = list(clusters)
    of = {number: at for at, group in enumerate(groups) for number in group}
    best: dict[tuple[int, int], Question] = {}
    for pair, value in odds.items():
        if pair in asked:
            continue
        one, two = sorted((of[pair[0]], of[pair[1]]))
        moved = len(groups[one]) * len(groups[two]) if one != two else len(groups[one]) - 1
        chance = probability(value - stop)
        question = Question(chance * (1 - chance) * min(moved, MAX_MOVED), pair, value)
        if (one, two) not in best or question.gain > best[one, two].gain:
            best[one, two] = question
    return heapq.nsmallest(count, best.values(), key=lambda question: (-question.gain, question.pair))


def refit(card: Scorecard, judged: Sequence[tuple[Steps, bool]], *, version: str, pull: float = PULL, least: int = MIN_JUDGED) -> Scorecard:
    """The weights after people's answers; the same weights where there are fewer than `least`."""
    return fit(gathered(judged), version=version, start=card, pull=pull, rounds=20) if len(judged) >= least else card
