"""Listings fed to identity night after night, as the nightly refresh does it, to measure what that costs and changes."""

import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from market_db.identity_store import IdentityStore
from pipelines.companies.nightly import Memory
from pipelines.companies.resolve import stop_for
from scripts.company_rows import Labelled

Clusters = dict[int, list[int]]
"""Look -> the looks of its cluster."""


def night_by_night(listings: Labelled, size: int) -> list[list[int]]:
    """Clusters after all nights, in the order of `day`; the CPU time of each night goes to stderr."""
    order = sorted(range(len(listings.looks)), key=lambda at: (listings.days[at], at))
    with tempfile.TemporaryDirectory() as folder:
        store = IdentityStore(Path(folder) / "identity.db")
        clusters: Clusters = {}
        for start in range(0, len(order), size):
            began = time.process_time()
            _night(store, listings, order[start : start + size], clusters)
            sys.stderr.write(f"{start}: {len(order[start : start + size])} listings, {time.process_time() - began:.2f} s of CPU\n")
        found = _as_listings(store, clusters)
        store.close()
    return found


def _night(store: IdentityStore, listings: Labelled, numbers: Iterable[int], clusters: Clusters) -> None:
    """One night: compare the new, then cluster them with the clusters they touch."""
    memory = Memory(store)
    new, _ = memory.change((), {f"{number:09}": listings.looks[number] for number in numbers})
    memory.score(new)
    nodes = new | store.partners(new, min(0.0, stop_for(memory.size)))
    nodes = nodes.union(*(clusters.get(look, ()) for look in nodes))
    for cluster in memory.cluster(nodes).clusters:
        clusters.update(dict.fromkeys(cluster, cluster))
    store.keep("measuring")


def _as_listings(store: IdentityStore, clusters: Clusters) -> list[list[int]]:
    of: dict[int, list[int]] = {}
    for look, party in store.parties_of(list(clusters)):
        of.setdefault(look, []).append(int(party))
    unique = {id(cluster): cluster for cluster in clusters.values()}
    return [[number for look in cluster for number in of[look]] for cluster in unique.values()]
