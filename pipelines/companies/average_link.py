"""From scored pairs to clusters: the two groups that agree best on average are joined first, never across a conflict."""

import heapq
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

MISSING = -3.0
"""Log-odds of a pair that was never compared: most such pairs are two companies."""
CLIP = 6.0
"""No single pair counts for more, or chains would hang on one number."""

Edges = Mapping[tuple[int, int], float]
"""Numbers of two parties, the smaller first -> log-odds that they are one company."""
Conflict = Callable[[Collection[int], Collection[int]], bool]
"""Whether two groups contain parties that cannot be one company."""
Harder = Callable[[Collection[int], Collection[int]], float]
"""Log-odds by which the average of two groups must be further above the stop than that of others."""


def joined(size: int, edges: Iterable[tuple[int, int, float]], low: float) -> "array[int]":
    """For each of `size` numbers the smallest number of its group: of what hangs together over edges above `low`."""
    parent = array("I", range(size))
    for a, b, odds in edges:
        if odds > low:
            one, two = _root(parent, a), _root(parent, b)
            if one < two:
                parent[two] = one
            else:
                parent[one] = two
    for number in range(size):
        parent[number] = parent[parent[number]]  # the smaller ones are done: each points to its root
    return parent


def _root(parent: "array[int]", number: int) -> int:
    while (above := parent[number]) != number:
        parent[number] = parent[above]
        number = above
    return number


class _Groups:
    """Groups that are being joined, with the sums of log-odds between them."""

    def __init__(self, members: Iterable[int], edges: Edges) -> None:
        self.members: dict[int, list[int]] = {number: [number] for number in members}
        self.sums: dict[int, dict[int, tuple[float, int]]] = defaultdict(dict)
        self.heap: list[tuple[float, int, int]] = []
        for (a, b), odds in edges.items():
            clipped = max(-CLIP, min(CLIP, odds))
            self.sums[a][b] = self.sums[b][a] = (clipped, 1)
            self.heap.append((-clipped, a, b))
        heapq.heapify(self.heap)
        self.next = max(self.members, default=0) + 1

    def holding(self, number: int) -> int:
        """Group of a party."""
        return next(group for group, members in self.members.items() if number in members)

    def average(self, a: int, b: int) -> float:
        """Mean log-odds between two groups."""
        total, count = self.sums[a].get(b, (0.0, 0))
        pairs = len(self.members[a]) * len(self.members[b])
        return (total + MISSING * (pairs - count)) / pairs

    def join(self, a: int, b: int) -> None:
        """Make one group of two, under a new number."""
        new, self.next = self.next, self.next + 1
        self.members[new] = self.members.pop(a) + self.members.pop(b)
        near: dict[int, tuple[float, int]] = {}
        for other, (total, count) in [*self.sums.pop(a, {}).items(), *self.sums.pop(b, {}).items()]:
            if other in self.members:
                before = near.get(other, (0.0, 0))
                near[other] = (before[0] + total, before[1] + count)
        self.sums[new] = near
        for other, value in near.items():
            theirs = self.sums[other]
            theirs.pop(a, None)
            theirs.pop(b, None)
            theirs[new] = value
            heapq.heappush(self.heap, (-self.average(other, new), other, new))


def average_link(
    members: Iterable[int],
    edges: Edges,
    stop: float,
    *,
    conflict: Conflict | None = None,
    harder: Harder | None = None,
    together: Iterable[tuple[int, int]] = (),
    apart: Collection[tuple[int, int]] = (),
) -> list[list[int]]:
    """Clusters of one component: joined from the best average down to `stop`; groups in conflict stay apart. Sorted.

    `together` are joined before anything else, whatever they contradict; `apart` (the smaller number first) are never in one cluster.
    """
    groups = _Groups(members, edges)

    def told_apart(a: int, b: int) -> bool:
        return bool(apart) and any((min(x, y), max(x, y)) in apart for x in groups.members[a] for y in groups.members[b])

    def may_join(a: int, b: int) -> bool:
        return not told_apart(a, b) and not (conflict and conflict(groups.members[a], groups.members[b]))

    def enough(a: int, b: int, odds: float) -> bool:
        return not harder or odds > stop + harder(groups.members[a], groups.members[b])

    for one, two in sorted(together):
        a, b = groups.holding(one), groups.holding(two)
        if a != b and not told_apart(a, b):
            groups.join(a, b)
    while groups.heap:
        odds, a, b = heapq.heappop(groups.heap)
        if -odds <= stop:
            break
        if a in groups.members and b in groups.members and enough(a, b, -odds) and may_join(a, b):
            groups.join(a, b)
    return sorted(sorted(group) for group in groups.members.values())
