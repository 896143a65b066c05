"""Names of clusters: ids that outlive merges, splits and rebuilds."""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from market_db.companies.history import Merge
from market_db.seen import record_id


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
    reserved: Container[str] = (),
    seen: Mapping[str, str] | None = None,
    merges: Iterable[Merge] = (),
) -> Named:
    """Stable ids: the part with most old members keeps the id; ties: the id no other part could keep, then lowest id, lowest party.

    `old` is party id -> company id for every party the clusters could have held before, also for parties that are gone;
    `reserved` are further ids in use, which no new company may take. `seen` is party id -> day first seen: a new id comes from the
    party that was seen first, so that a market built in one go has the ids that night after night gave (where no two companies were
    merged on the way), whatever came first within a night. `merges` are companies that others took over: what comes apart as it was
    gets the id it had.
    """
    groups = sorted(clusters)
    votes = [Counter(old[party] for party in group if party in old) for group in groups]
    given = _brought_back(groups, votes, old, merges, reserved)
    kept = set(given.values())
    spread = Counter(name for vote in votes for name in vote)
    ranked = sorted((-count, spread[name], name, at) for at, vote in enumerate(votes) for name, count in vote.items())
    for _, _, name, at in ranked:
        if at not in given and name not in kept:
            given[at] = name
            kept.add(name)
    taken = set(old.values())
    for at, group in enumerate(groups):
        if at not in given:
            given[at] = _fresh_id(group, lambda name: name in taken or name in reserved, seen or {})
            taken.add(given[at])
    return _with_fates({given[at]: group for at, group in enumerate(groups)}, old)


def _brought_back(
    groups: Sequence[tuple[str, ...]],
    votes: Sequence[Counter[str]],
    old: Mapping[str, str],
    merges: Iterable[Merge],
    reserved: Container[str],
) -> dict[int, str]:
    """Groups that are companies of before a merge: most of what the old one had, more than its heir had, and apart from the heir."""
    given: dict[int, str] = {}
    for merge in sorted(merges, key=lambda one: (len(one.parties), one.old_id, one.heir)):
        if merge.old_id in given.values() or (merge.old_id in reserved and not merge.moved):
            continue
        at = _home(merge, groups, votes, old, given)
        if at is not None:
            given[at] = merge.old_id
    return given


def _home(
    merge: Merge, groups: Sequence[tuple[str, ...]], votes: Sequence[Counter[str]], old: Mapping[str, str], given: Mapping[int, str]
) -> int | None:
    """The group that is the old company of a merge, or what moved out of it come home; None = there is none."""
    parts = [at for at, vote in enumerate(votes) if at not in given and vote]
    count, at = max(((len(merge.parties.intersection(groups[at])), -at) for at in parts), default=(0, 0))
    if not count:
        return None
    group, left = groups[-at], {name for other in parts if other != -at for name in votes[other]}
    heirs = {old[party] for party in merge.parties.intersection(group) if party in old}
    if merge.moved:
        natives = sum(old.get(party) == merge.heir and party not in merge.parties for party in group)
        best = max(vote[merge.old_id] for vote in votes)
        at_home = merge.heir in heirs and 0 < votes[-at][merge.old_id] == best
        return -at if at_home and merge.heir in left and count > natives else None
    return -at if heirs & left and count > len(merge.natives.intersection(group)) else None


def _fresh_id(group: tuple[str, ...], taken: Callable[[str], bool], seen: Mapping[str, str]) -> str:
    """Id of a new company: from the party that was seen first (ties: smallest id) and whose id is still free."""
    first = sorted(group, key=lambda party: (seen.get(party, ""), party))
    names = ("c" + record_id("company", party) for party in first)
    later = ("c" + record_id("company", first[0], str(again)) for again in count(1))
    return next(name for name in chain(names, later) if not taken(name))


def _with_fates(members: dict[str, tuple[str, ...]], old: Mapping[str, str]) -> Named:
    now = {party: name for name, group in members.items() for party in group}
    heirs: dict[str, Counter[str]] = defaultdict(Counter)
    for party, name in old.items():
        if name not in members and party in now:
            heirs[name][now[party]] += 1
    merged = {name: min(count, key=lambda heir: (-count[heir], heir)) for name, count in heirs.items()}
    gone = frozenset(name for name in old.values() if name not in members and name not in merged)
    return Named(members, merged, gone)
