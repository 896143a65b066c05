"""Scored pairs by the million: three arrays, because a tuple and a number for each would take ten times the memory."""

from array import array
from collections.abc import Iterable, Iterator, Mapping

Edge = tuple[int, int, float]
"""Numbers of two parties, the smaller first, and the log-odds that they are one company."""


class Edges:
    """Pairs with their log-odds, in the order in which they came."""

    __slots__ = ("first", "odds", "second")

    def __init__(self, edges: Iterable[Edge] = ()) -> None:
        self.first, self.second, self.odds = array("I"), array("I"), array("d")
        for edge in edges:
            self.add(*edge)

    def add(self, a: int, b: int, odds: float) -> None:
        """One more pair, the smaller number first."""
        self.first.append(a)
        self.second.append(b)
        self.odds.append(odds)

    def extend(self, others: "Edges") -> None:
        """All pairs of others."""
        self.first.extend(others.first)
        self.second.extend(others.second)
        self.odds.extend(others.odds)

    def __len__(self) -> int:
        return len(self.odds)

    def __iter__(self) -> Iterator[Edge]:
        return zip(self.first, self.second, self.odds, strict=True)


def edges_of(odds: Mapping[tuple[int, int], float]) -> Edges:
    """The pairs of a mapping."""
    return Edges((a, b, value) for (a, b), value in odds.items())
