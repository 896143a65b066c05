"""Weights from pairs whose truth is known: logistic regression over the steps, pulled towards the weights that stood before."""

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.companies.features import FEATURES
from pipelines.companies.scorecard import Scorecard

Steps = tuple[int, ...]
RATE = 0.3
EAGER, CAREFUL = 1e-3, 10.0
"""Squared slopes a weight is thought to have met before the first pair: nothing, or much."""


@dataclass(frozen=True, slots=True)
class Known:
    """Pairs with equal steps, and how many of them are one company."""

    steps: Steps
    same: float
    other: float


def gathered(pairs: Iterable[tuple[Steps, bool]]) -> list[Known]:
    """Pairs by equal steps."""
    counts: dict[Steps, Counter[bool]] = {}
    for steps, same in pairs:
        counts.setdefault(steps, Counter())[same] += 1
    return [Known(steps, count[True], count[False]) for steps, count in counts.items()]


def fit(known: Sequence[Known], *, version: str, start: Scorecard | None = None, pull: float = 1.0, rounds: int = 12) -> Scorecard:
    """Weights by AdaGrad; `pull` is the strength of the tie to `start` (or to 0), in pairs. Deterministic.

    From a start the first steps are small: a few hundred judgements correct weights, they do not make them.
    """
    learner = _Learner(start, tie=pull / (sum(pair.same + pair.other for pair in known) or 1))
    chance, order = random.Random(7), list(known)
    for _ in range(rounds):
        chance.shuffle(order)
        for pair in order:
            learner.learn(pair)
    return Scorecard(
        version,
        round(learner.bias, 3),
        {name: tuple(round(value, 3) for value in row) for name, row in zip(FEATURES, learner.weights, strict=True)},
    )


class _Learner:
    """Weights on their way, with the sum of the squared slopes that each has met."""

    def __init__(self, start: Scorecard | None, tie: float) -> None:
        self.before = [list(row) for row in start.rows()] if start else [[0.0] * size for size in FEATURES.values()]
        self.weights = [row[:] for row in self.before]
        self.met = CAREFUL if start else EAGER
        self.squares = [[self.met] * len(row) for row in self.before]
        self.bias = start.bias if start else -2.0
        self.tie = tie

    def learn(self, pair: Known) -> None:
        """Move the weights of a pair's steps against its error."""
        size = pair.same + pair.other
        odds = self.bias + sum(row[step] for row, step in zip(self.weights, pair.steps, strict=True))
        wrong = size / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - pair.same
        self.met += wrong * wrong
        self.bias -= RATE * wrong / math.sqrt(self.met)
        for row, old, square, step in zip(self.weights, self.before, self.squares, pair.steps, strict=True):
            slope = wrong + self.tie * size * (row[step] - old[step])
            square[step] += slope * slope
            row[step] -= RATE * slope / math.sqrt(square[step])
