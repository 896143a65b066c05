"""From matches to companies: a guarded union that no chain can lead across a conflict, and ids that outlive a rebuild."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, count

from market_db.derived import Match
from market_db.entered import Decision
from market_db.seen import record_id
from pipelines.companies.faces import Face


@dataclass(slots=True)
class _Cluster:
    """Members and what they say for certain."""

    members: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    numbers: dict[str, set[str]] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    """Parties that people said are somebody else."""

    def contradicts(self, other: "_Cluster") -> bool:
        """Whether the two cannot be one company."""
        if self.countries and other.countries and not self.countries & other.countries:
            return True
        if self.members & other.apart or other.members & self.apart:
            return True
        return any(self.numbers[name].isdisjoint(other.numbers[name]) for name in self.numbers.keys() & other.numbers.keys())

    def take(self, other: "_Cluster") -> None:
        """Everything of the other."""
        self.members |= other.members
        self.countries |= other.countries
        self.apart |= other.apart
        for name, values in other.numbers.items():
            self.numbers.setdefault(name, set()).update(values)


def cluster(faces: Mapping[str, Face], matches: Iterable[Match], decisions: Iterable[Decision]) -> list[tuple[str, ...]]:
    """Parties of each company, sorted; deterministic whatever the order of the input.

    People come first: "not the same" is never undone, "the same" overrules every conflict but that.
    """
    found = {party: _alone(party, face) for party, face in faces.items()}
    ordered = sorted(decisions, key=lambda d: (d.kind, d.party_a, d.party_b or ""))
    for decision in ordered:
        if decision.kind == "not_same" and decision.party_a in found and decision.party_b in found:
            found[decision.party_a].apart.add(decision.party_b or "")
            found[decision.party_b or ""].apart.add(decision.party_a)
    for decision in ordered:
        if decision.kind == "same" and decision.party_b:
            _join(found, decision.party_a, decision.party_b, by_people=True)
    for match in sorted(matches, key=lambda m: (-m.score, m.party_a, m.party_b)):
        _join(found, match.party_a, match.party_b)
    unique = {id(group): group for group in found.values()}
    return sorted(tuple(sorted(group.members)) for group in unique.values())


def _alone(party: str, face: Face) -> _Cluster:
    countries = {face.country} if face.country else set()
    return _Cluster({party}, countries, {name: {number} for name, number in face.registry.items()})


def _join(found: dict[str, _Cluster], a: str, b: str, *, by_people: bool = False) -> None:
    """Unite the clusters of two parties unless they contradict each other."""
    left, right = found.get(a), found.get(b)
    if left is None or right is None or left is right:
        return
    forbidden = bool(left.members & right.apart or right.members & left.apart) if by_people else left.contradicts(right)
    if forbidden:
        return
    if len(left.members) < len(right.members):
        left, right = right, left
    left.take(right)
    for member in right.members:
        found[member] = left


@dataclass(frozen=True, slots=True)
class Named:
    """Clusters with their ids, and what became of ids that are no more."""

    members: Mapping[str, tuple[str, ...]]
    """Company id -> party ids."""
    merged: Mapping[str, str]
    """Old id -> the id that took most of its members."""
    gone: frozenset[str]
    """Old ids none of whose parties is left."""


def name_clusters(
    clusters: Iterable[tuple[str, ...]],
    old: Mapping[str, str],
    reserved: Collection[str] = (),
    seen: Mapping[str, str] | None = None,
) -> Named:
    """Stable ids: the part with most old members keeps the id (ties: lowest id, then lowest party).

    `old` is party id -> company id for every party the clusters could have held before, also for parties that are gone;
    `reserved` are further ids in use, which no new company may take. `seen` is party id -> day first seen: a new id comes from the
    party that was seen first, so that a market built in one go has the ids that night after night gave (where no two companies were
    merged on the way), whatever came first within a night.
    """
    groups = sorted(clusters)
    votes = [Counter(old[party] for party in group if party in old) for group in groups]
    ranked = sorted((-count, name, at) for at, vote in enumerate(votes) for name, count in vote.items())
    given: dict[int, str] = {}
    kept: set[str] = set()
    for _, name, at in ranked:
        if at not in given and name not in kept:
            given[at] = name
            kept.add(name)
    taken = {*old.values(), *reserved}
    for at, group in enumerate(groups):
        if at not in given:
            given[at] = _fresh_id(group, taken, seen or {})
            taken.add(given[at])
    return _with_fates({given[at]: group for at, group in enumerate(groups)}, old)


def _fresh_id(group: tuple[str, ...], taken: set[str], seen: Mapping[str, str]) -> str:
    """Id of a new company: from the party that was seen first (ties: smallest id) and whose id is still free."""
    first = sorted(group, key=lambda party: (seen.get(party, ""), party))
    names = ("c" + record_id("company", party) for party in first)
    later = ("c" + record_id("company", first[0], str(again)) for again in count(1))
    return next(name for name in chain(names, later) if name not in taken)


def _with_fates(members: dict[str, tuple[str, ...]], old: Mapping[str, str]) -> Named:
    now = {party: name for name, group in members.items() for party in group}
    heirs: dict[str, Counter[str]] = defaultdict(Counter)
    for party, name in old.items():
        if name not in members and party in now:
            heirs[name][now[party]] += 1
    merged = {name: min(count, key=lambda heir: (-count[heir], heir)) for name, count in heirs.items()}
    gone = frozenset(name for name in old.values() if name not in members and name not in merged)
    return Named(members, merged, gone)
