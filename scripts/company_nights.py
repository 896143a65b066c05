"""Listings fed to identity night after night, as the nightly refresh does it, to measure what that costs and changes."""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from market_db.identity_store import IdentityStore
from market_db.sqlite import sqlite3
from pipelines.companies.cores import SHARED_FROM
from pipelines.companies.looks import Look
from pipelines.companies.nightly import Memory
from pipelines.companies.resolve import stop_for
from scripts.company_rows import Labelled


class Clusters:
    """Which cluster each look is in, on disk: a night must not need those it does not touch."""

    def __init__(self, path: Path) -> None:
        self.conn = sqlite3.connect(path)
        self.conn.execute("create table if not exists clusters (look integer primary key, cluster integer)")
        self.conn.execute("create index if not exists clusters_cluster on clusters (cluster)")

    def beside(self, looks: Collection[int]) -> set[int]:
        """Looks in the same clusters as these."""
        sql = "select look from clusters where cluster = (select cluster from clusters where look = ?)"
        return {other for look in looks for (other,) in self.conn.execute(sql, (look,))}

    def put(self, clusters: Iterable[Sequence[int]]) -> None:
        """Clusters as they stand now; each is called by its first look."""
        rows = ((look, cluster[0]) for cluster in clusters for look in cluster)
        self.conn.executemany("insert or replace into clusters values (?, ?)", rows)
        self.conn.commit()

    def all(self) -> dict[int, list[int]]:
        """Cluster -> its looks."""
        found: dict[int, list[int]] = {}
        for look, cluster in self.conn.execute("select look, cluster from clusters order by look"):
            found.setdefault(cluster, []).append(look)
        return found


def night_by_night(listings: Labelled, size: int, nights: int | None = None) -> list[list[int]]:
    """Clusters after all nights, in the order of `day`; what each night costs goes to stderr.

    With `nights` the first night brings everything but the last so many times `size`.
    """
    order = sorted(range(len(listings.looks)), key=lambda at: (listings.days[at], at))
    first = size if nights is None else max(0, len(order) - nights * size)
    with tempfile.TemporaryDirectory() as folder:
        for start, end in _nights(len(order), first, size):
            _apart(Path(folder), {f"{at:09}": listings.looks[at] for at in order[start:end]}, fresh=len(order) >= SHARED_FROM)
        return _as_listings(Path(folder))


def _nights(count: int, first: int, size: int) -> Iterable[tuple[int, int]]:
    edges = [0, *range(first or size, count, size), count]
    return [(start, end) for start, end in pairwise(edges) if start < end]


def _apart(folder: Path, looks: Mapping[str, Look], *, fresh: bool) -> None:
    """One night, in a fresh process where it should show how much memory it needs by itself."""
    if not fresh:
        _night(folder, looks)
        return
    process = multiprocessing.get_context("spawn").Process(target=_night, args=(folder, looks))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"a night of {len(looks)} listings ended with code {process.exitcode}: see above")


def _night(folder: Path, looks: Mapping[str, Look]) -> None:
    """One night: compare the new, then cluster them with the clusters they touch."""
    began, cpu = time.monotonic(), _cpu()
    store, clusters = IdentityStore(folder / "identity.db"), Clusters(folder / "clusters.db")
    memory = Memory(store)
    new, _ = memory.change((), looks)
    memory.score(new)
    nodes = new | store.partners(new, min(0.0, stop_for(memory.size)))
    clusters.put(memory.cluster(nodes | clusters.beside(nodes)).clusters)
    store.keep("measuring")
    store.close()
    spent, largest = _cpu() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    where = f"{len(looks)} listings into {memory.size - len(new)} looks"
    sys.stderr.write(f"{where}: {spent:.2f} s of CPU, {time.monotonic() - began:.2f} s, {largest:.0f} MB\n")


def _cpu() -> float:
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def _as_listings(folder: Path) -> list[list[int]]:
    store, clusters = IdentityStore(folder / "identity.db"), Clusters(folder / "clusters.db").all()
    of: dict[int, list[int]] = {}
    for look, party in store.parties_of([look for looks in clusters.values() for look in looks]):
        of.setdefault(look, []).append(int(party))
    store.close()
    return [[number for look in looks for number in of[look]] for looks in clusters.values()]
