"""Listings fed to identity night after night, as the nightly refresh does it, to measure what that costs and changes."""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from market_db.companies.identity_store import IdentityStore
from market_db.sqlite import sqlite3
from pipelines.companies.looks import Look
from pipelines.companies.nightly import Memory
from pipelines.companies.resolve import stop_for
from scripts.evaluation.company_rows import Labelled
from scripts.evaluation.measuring import peak_mb


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


@dataclass(frozen=True, slots=True)
class Cost:
    """What one night took, in a process that did nothing else."""

    listings: int
    """How many were new."""
    looks: int
    """How many different ones were known before."""
    cpu: float
    """Seconds, without what starting Python and reading the modules takes."""
    seconds: float
    max_rss_mb: float
    """Largest memory of the process, modules and the new listings included."""

    def __str__(self) -> str:
        """A line for people."""
        took = f"{self.cpu:.2f} s of CPU, {self.seconds:.2f} s, {self.max_rss_mb:.0f} MB"
        return f"{self.listings} listings into {self.looks} looks: {took}"


def night_by_night(listings: Labelled, size: int, nights: int | None = None) -> tuple[list[list[int]], list[Cost]]:
    """Clusters after all nights, in the order of `day`, and what each night cost, which goes to stderr as well.

    With `nights` the first night brings everything but the last so many times `size`. Each runs in a process of its own, as it does
    in use: the one that has read the file holds all of it, and would hide what a night needs.
    """
    order = sorted(range(len(listings.looks)), key=lambda at: (listings.days[at], at))
    first = size if nights is None else max(0, len(order) - nights * size)
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory() as folder:
        for start, end in _nights(len(order), first, size):
            costs.append(_apart(Path(folder), {f"{at:09}": listings.looks[at] for at in order[start:end]}))
            sys.stderr.write(f"{costs[-1]}\n")
        return _as_listings(Path(folder)), costs


def _nights(count: int, first: int, size: int) -> Iterable[tuple[int, int]]:
    edges = [0, *range(first or size, count, size), count]
    return [(start, end) for start, end in pairwise(edges) if start < end]


def _apart(folder: Path, looks: Mapping[str, Look]) -> Cost:
    """One night in a fresh process; one that dies raises BrokenProcessPool."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_night, folder, looks).result()


def _night(folder: Path, looks: Mapping[str, Look]) -> Cost:
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
    spent = round(_cpu() - cpu, 2)
    return Cost(len(looks), memory.size - len(new), spent, round(time.monotonic() - began, 2), peak_mb())


def _cpu() -> float:
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def _as_listings(folder: Path) -> list[list[int]]:
    store, clusters = IdentityStore(folder / "identity.db"), Clusters(folder / "clusters.db").all()
    of: dict[int, list[int]] = {}
    for look, party in store.parties_of([look for looks in clusters.values() for look in looks]):
        of.setdefault(look, []).append(int(party))
    store.close()
    return [[number for look in looks for number in of[look]] for looks in clusters.values()]
