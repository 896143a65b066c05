"""Names of clusters: ids that outlive merges, splits and rebuilds."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from market_db.company_history import Merge
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
    reserved: Collection[str] = (),
    seen: Mapping[str, str] | None = None,
    merges: Iterable[Merge] = (),
) -> Named:
    """Stable ids: the part with most old members keeps the id (ties: lowest id, then lowest party).

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
    ranked = sorted((-count, name, at) for at, vote in enumerate(votes) for name, count in vote.items())
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


def _brought_back(
    groups: Sequence[tuple[str, ...]],
    votes: Sequence[Counter[str]],
    old: Mapping[str, str],
    merges: Iterable[Merge],
    reserved: Collection[str],
) -> dict[int, str]:
    """Groups that are companies of before a merge: most of what the old one had, more than its heir had, and apart from the heir."""
    given: dict[int, str] = {}
    for merge in sorted(merges, key=lambda one: (len(one.parties), one.old_id)):
        if merge.old_id in reserved or merge.old_id in given.values():
            continue
        parts = [at for at, vote in enumerate(votes) if at not in given and vote]
        ranked = sorted((-len(merge.parties.intersection(groups[at])), at) for at in parts)
        if not ranked or ranked[0][0] == 0:
            continue
        at = ranked[0][1]
        left = {name for other, vote in enumerate(votes) if other != at and other not in given for name in vote}
        heirs = {old[party] for party in merge.parties.intersection(groups[at]) if party in old}
        if heirs & left and -ranked[0][0] > len(merge.natives.intersection(groups[at])):
            given[at] = merge.old_id
    return given


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
