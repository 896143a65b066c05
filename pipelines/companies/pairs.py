"""Which mentions are worth comparing: those that share a strong key which few different names share."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipelines.companies.faces import Face, Key

MAX_NAMES = 5
"""More different names behind one key: a call centre, an agent, a marketplace, a building - no identity."""
MAX_BUCKET = 60
"""Faces of one key compared each with each; beyond it each is compared with the first and with its neighbour only."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A key two faces share, and how rare it is."""

    kind: str
    value: str
    names: int
    """Different names that use it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two candidates with everything they share; `a` sorts before `b`."""

    a: int
    b: int
    shared: tuple[Shared, ...]


class KeyIndex:
    """Faces by key. Faces are numbered by their place in `faces`."""

    def __init__(self, faces: Iterable[Face]) -> None:
        self.faces = tuple(faces)
        self.by_key: dict[Key, list[int]] = defaultdict(list)
        self._names: dict[Key, int] = {}
        for number, face in enumerate(self.faces):
            for key in face.keys:
                self.by_key[key].append(number)

    def names(self, key: Key) -> int:
        """Different names behind a key; mentions without a name count as one together."""
        if key not in self._names:
            self._names[key] = len({self.faces[number].core for number in self.by_key[key]})
        return self._names[key]

    def towns(self, key: Key) -> int:
        """Different towns behind a key."""
        return len({self.faces[number].city for number in self.by_key[key]} - {""})

    def neighbours(self, start: Collection[int]) -> set[int]:
        """Everything reachable over shared keys from `start`: what a change there can alter.

        A key that too many names share ties nobody; it carries on only where `start` itself made it common.
        """
        seen, frontier = set(start), list(start)
        done: set[Key] = set()
        while frontier:
            for key in self.faces[frontier.pop()].keys:
                if key in done:
                    continue
                done.add(key)
                if self._carries(key, start):
                    fresh = [other for other in self.by_key[key] if other not in seen]
                    seen.update(fresh)
                    frontier.extend(fresh)
        return seen

    def _carries(self, key: Key, start: Collection[int]) -> bool:
        if self.names(key) <= MAX_NAMES:
            return True
        return len({self.faces[number].core for number in self.by_key[key] if number not in start}) <= MAX_NAMES


def candidate_pairs(index: KeyIndex, within: Collection[int] | None = None) -> Iterator[Pair]:
    """Pairs that share at least one rare key, each once, in a fixed order; `within` limits them to some faces."""
    shared: dict[tuple[int, int], list[Shared]] = defaultdict(list)
    keys = index.by_key if within is None else {key for number in within for key in index.faces[number].keys}
    for key in sorted(keys):
        bucket = [number for number in index.by_key[key] if within is None or number in within]
        if len(bucket) < 2:
            continue
        names = index.names(key)
        if names > MAX_NAMES:
            continue
        for pair in _in_bucket(bucket):
            shared[pair].append(Shared(key[0], key[1], names))
    for a, b in sorted(shared):
        yield Pair(a, b, tuple(shared[a, b]))


def _in_bucket(bucket: list[int]) -> Iterator[tuple[int, int]]:
    """Each with each, or a chain around the first where the bucket is large."""
    if len(bucket) <= MAX_BUCKET:
        yield from ((a, b) for at, a in enumerate(bucket) for b in bucket[at + 1 :])
        return
    for at in range(1, len(bucket)):
        yield (bucket[0], bucket[at])
        if at > 1:
            yield (bucket[at - 1], bucket[at])


def group_by_face(faces: Mapping[str, Face], apart: Collection[str]) -> dict[Face | tuple[Face, str], tuple[str, ...]]:
    """Party ids by equal face, sorted; parties people judged stand alone, so that a judgement can part equal faces."""
    groups: dict[Face | tuple[Face, str], list[str]] = defaultdict(list)
    for party in sorted(faces):
        face = faces[party]
        groups[(face, party) if party in apart else face].append(party)
    return {face: tuple(parties) for face, parties in groups.items()}
