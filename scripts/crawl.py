"""Starts one process per source with a time limit, and reads back what the runs say of themselves."""

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from market_db.codec import from_row
from market_db.desk.store import approvals, suppressed
from market_db.home import CONFIG_NAME, Home
from market_db.rows import read_rows
from market_db.runs import Run, SourceCard
from market_db.schema import open_market
from market_db.store import recounted, save_run, save_sources
from pipelines.chosen import chosen_products
from scripts.nothing_to_crawl import NoNetwork, NothingToCrawl, switched_off, unknown
from spiders.by_hand import Preset, load_presets
from spiders.site import BadSite, Site, load_sites, passport, plain_host
from spiders.source import Source

GRACE_SECONDS = 60
"""Beyond a source's own limit, for its process to finish the batch."""
STOP_SECONDS = 7
STOP_AT_ONCE_SECONDS = 2
NET_TIMEOUT = 4.0
NO_KEY = "no key"
"""How the reason of a run begins that needs a key nobody has set: not run, and no failure."""


class Progress(Protocol):
    """Told what a crawl does: the key of a sentence of `crawl` in the words, and what stands in it."""

    def __call__(self, key: str, /, **values: str) -> None:
        """Say it."""


def _silent(_key: str, /, **_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one crawl process is told."""

    home: str
    run_id: str
    spider: str
    mode: str
    sites: tuple[str, ...] = ()
    replay: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    as_of: str | None = None
    max_requests: int | None = None
    max_seconds: int | None = None
    options: Mapping[str, list[str]] | None = None
    """More arguments of the spider, e.g. countries."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A process to start and the sources it covers."""

    spider: str
    sources: Mapping[str, Source]


def new_run_id(now: datetime) -> str:
    """UTC second and a random tail: ids sort by time."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def all_sources(home: Home, *, sample: bool = False) -> dict[str, tuple[str, Source]]:
    """Source name -> (spider name, passport): sources in Python, then declared sites; sample sites only in the sample."""
    from spiders.catalogue import load_spiders

    decided = approvals(home)
    found = {name: (name, spider.about.decided(decided.get(name))) for name, spider in load_spiders().items()}
    for site in declared_sites(home):
        if site.sample is sample or not site.sample:
            found[f"{site.family}:{site.id}"] = (site.family, passport(site))
    return found


def declared_sites(home: Home) -> list[Site]:
    """The shipped sites and the installation's own, as people decided on them; an own row replaces a shipped one of the same id."""
    decided = approvals(home)
    rows = {**load_sites(), **(load_sites(home.sites) if home.sites.is_dir() else {})}
    _check_apart(rows.values(), home.sites)
    return [site.decided(decided.get(site.source)) for site in rows.values()]


def _check_apart(sites: Iterable[Site], folder: Path) -> None:
    """Raise BadSite where an own row stands for the same place as a shipped one under another id: one of them would never be asked."""
    seen: dict[tuple[str, str, str], Site] = {}
    for site in sites:
        other = seen.setdefault((site.family, plain_host(site), site.place), site)
        if other is not site:
            raise BadSite(f"{folder}: {site.id}: url: the shipped row {other.id} is the same place: call yours {other.id} to replace it")


def source_cards(home: Home, *, sample: bool = False) -> list[SourceCard]:
    """Every source as the register shows it; `home` says which are switched on for the night."""
    chosen = home.config.sources
    crawled = [card(name, about, name in chosen if chosen else True) for name, (_, about) in all_sources(home, sample=sample).items()]
    return [*crawled, *(by_hand(preset) for preset in load_presets().values())]


def by_hand(preset: Preset) -> SourceCard:
    """What is not crawled, as the register shows it: its rows come from files of advisors."""
    title = preset.titles["en"]
    return SourceCard(
        name=preset.source,
        title=title,
        publisher=title,
        home=preset.home,
        licence="unknown",
        attribution=f"{title}, list handed in by an advisor",
        terms_url=preset.home,
        terms_read=None,
        basis="not crawled",
        countries=(),
        roles=(),
        every_hours=0,
        share_alike=False,
        enabled=False,
        key_env=None,
        note=preset.why["en"],
    )


def card(name: str, about: Source, chosen: bool) -> SourceCard:
    """The passport in plain words."""
    return SourceCard(
        name=name,
        title=about.title,
        publisher=about.publisher,
        home=about.home,
        licence=about.licence,
        attribution=about.attribution,
        terms_url=about.terms_url,
        terms_read=about.terms_read.isoformat() if about.terms_read else None,
        basis=about.basis,
        countries=about.countries,
        roles=about.roles,
        every_hours=about.every.total_seconds() / 3600,
        share_alike=about.share_alike,
        enabled=about.ready and chosen,
        key_env=about.key_env,
        note=about.note,
    )


def plan(names: Sequence[str] | None, home: Home, *, sample: bool = False) -> list[Planned]:
    """Processes for the named sources (a family's name means all its sites), or for all that are enabled.

    Raises NothingToCrawl (UnknownSource and NotCrawled among them).
    """
    known = all_sources(home, sample=sample)
    wanted = _named(names, known) if names else _enabled(known, home)
    spiders: dict[str, dict[str, Source]] = {}
    listed = suppressed(home)
    for name in wanted:
        spider, about = known[name]
        if any(listed.covers("domain", host.partition(":")[0]) for host in about.hosts):
            continue  # its domain asked to be left alone
        if not about.ready and names:
            raise switched_off(name, about)
        spiders.setdefault(spider, {})[name] = about
    if not spiders:
        raise NothingToCrawl.of("none_enabled")
    return [Planned(spider, sources) for spider, sources in spiders.items()]


def _named(names: Sequence[str], known: Mapping[str, tuple[str, Source]]) -> list[str]:
    """Sources by name or by family."""
    found: list[str] = []
    for name in names:
        matches = [name] if name in known else [full for full, (spider, _) in known.items() if spider == name]
        if not matches:
            raise unknown(name, known)
        found.extend(matches)
    return found


def _enabled(known: Mapping[str, tuple[str, Source]], home: Home) -> list[str]:
    chosen = home.config.sources
    return [name for name, (_, about) in known.items() if about.ready and (not chosen or name in chosen)]


def crawl(
    home: Home,
    names: Sequence[str] | None = None,
    *,
    replay: Sequence[Path] = (),
    mode: str = "live",
    products: Sequence[str] | None = None,
    max_requests: int | None = None,
    max_seconds: int | None = None,
    as_of: date | None = None,
    options: Mapping[str, Mapping[str, list[str]]] | None = None,
    progress: Progress | None = None,
) -> list[Run]:
    """Crawl or replay, one process a source; returns the runs as stored.

    `replay` without names reads the files through every reader that knows their hosts. `options` are more arguments by spider.
    Raises NothingToCrawl (UnknownSource, NoNetwork among them), BadProduct, and NotAWarc where a recording holds no answer, before anything
    is created.
    """
    chosen_products(products or home.config.products)  # a mistake in one is told once, not by each source that died of it
    planned = [Planned("archive", {})] if replay and not names else plan(names, home, sample=mode == "sample")
    tell = progress or _silent
    if replay and as_of is None:
        as_of = _recorded_day(replay)
    run_id = new_run_id(datetime.now(UTC))
    if mode == "live" and not replay:
        planned = list(_runnable(planned, home, tell, run_id=run_id))
    _register(home, mode)
    base = Job(
        home=str(home.root),
        run_id=run_id,
        spider="",
        mode="replay" if replay and mode == "live" else mode,
        replay=tuple(str(path.absolute()) for path in replay),
        products=tuple(products or home.config.products),
        as_of=as_of.isoformat() if as_of else None,
        max_requests=max_requests,
        max_seconds=max_seconds,
    )
    for item in planned:
        tell("reading", source=item.spider)
        job = replace(base, spider=item.spider, sites=tuple(item.sources), options=(options or {}).get(item.spider))
        _run_process(home, job, item)
    return _runs(home, run_id)


def _recorded_day(replay: Sequence[Path]) -> date:
    """The day a recording took for today, never a later one than ours. Raises NotAWarc where no file of it holds an answer."""
    from spiders.archive_errors import NotAWarc
    from spiders.warc_answers import as_of_of

    faults = []
    for paths in (replay, *([path] for path in replay)):
        try:
            return min(as_of_of(paths), date.today())  # noqa: DTZ011 - the operator's own day
        except NotAWarc as error:
            faults.append(error)  # the run itself says so of the file, and reads the others
    raise faults[0]


def _runnable(planned: Iterable[Planned], home: Home, tell: Progress, *, run_id: str) -> Iterator[Planned]:
    """Sources that have their key, if any can be reached at all; those without one are recorded as not run."""
    planned = list(planned)
    hosts = [host for item in planned for about in item.sources.values() for host in about.hosts]
    needs_contact(home)
    if not any(host in home.config.allow_private for host in hosts) and not reachable(hosts):
        raise NoNetwork("no network: none of the sources answers; nothing was asked and nothing was stored")
    for item in planned:
        missing = {name: about for name, about in item.sources.items() if about.key_env and not about.key(os.environ)}
        for name, about in missing.items():
            tell("lacks", source=name, key=str(about.key_env))
            _not_run(home, name, f"{NO_KEY}: set {about.key_env}", run_id)
        if rest := {name: about for name, about in item.sources.items() if name not in missing}:
            yield Planned(item.spider, rest)


def needs_contact(home: Home) -> None:
    """Raise NothingToCrawl where sites would not learn where to complain: nobody is asked then."""
    if not home.config.contact:
        raise NothingToCrawl.of("no_contact", file=str(home.root / CONFIG_NAME))


def reachable(hosts: Iterable[str]) -> bool:
    """Whether any of the hosts accepts a connection; asks at most five."""
    for host in [h for h in dict.fromkeys(hosts) if "*" not in h][:5]:
        name, _, port = host.partition(":")
        try:
            with socket.create_connection((name, int(port or 443)), timeout=NET_TIMEOUT):
                return True
        except (OSError, ValueError):
            continue
    return False


def _not_run(home: Home, source: str, why: str, run_id: str) -> None:
    """A run row that says it did not happen."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    db = open_market(home)
    save_run(db, Run(run_id=run_id, source=source, mode="live", started=at, ended=at, verdict="not_run", why=why))
    db.close()


def _register(home: Home, mode: str) -> None:
    """The register of sources, as the program knows it now."""
    db = open_market(home)
    save_sources(db, source_cards(home, sample=mode == "sample"))
    db.close()


def _run_process(home: Home, job: Job, item: Planned) -> None:
    """One crawl process, ended at its time limit: first asked to finish its batch, then killed.

    It stands in a session of its own, so that Ctrl-C reaches it once, through us; its standard input stays open as long as we live.
    """
    limit = job.max_seconds or sum(about.pace.max_seconds for about in item.sources.values()) or 3_600
    log = home.logs / f"{job.run_id}-{job.spider}.log"
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.crawl_one"],
            stdin=subprocess.PIPE,
            stdout=stream,
            stderr=stream,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
        try:
            _tell_job(process, job)
            process.wait(timeout=limit + GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            _end(process)
            _close_run(home, job, item, "stopped", f"the time limit of {limit} seconds was reached; what was stored is kept")
        except BaseException:
            _end(process)
            _close_run(home, job, item, "aborted", "it was stopped from outside; what was stored is kept, the next night runs it again")
            raise
        finally:
            with suppress(BrokenPipeError):
                process.communicate()
    if process.returncode != 0:
        _close_run(home, job, item, "broken", f"the crawl process ended with code {process.returncode}; see {log.name}")
    else:
        _close_run(home, job, item, "aborted", f"the crawl process ended without closing its run; what was stored is kept, see {log.name}")


def _tell_job(process: subprocess.Popen[bytes], job: Job) -> None:
    """Hand the job over; a process that died at once is judged by its exit code."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(_plain(job)).encode() + b"\n")
        process.stdin.flush()


def _plain(job: Job) -> dict[str, object]:
    return {name: getattr(job, name) for name in Job.__dataclass_fields__}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask, wait, ask for an end at once, then kill."""
    for seconds in (STOP_SECONDS, STOP_AT_ONCE_SECONDS):
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return
    process.kill()
    process.wait()


def _close_run(home: Home, job: Job, item: Planned, verdict: str, why: str) -> None:
    """Give the process's runs their verdict and what they stored, where it could not do so itself."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    db = open_market(home)
    known = {run.source: run for run in _stored(db, job.run_id)}
    for name in item.sources or known or (job.spider,):
        run = known.get(name) or Run(run_id=job.run_id, source=name, mode=job.mode, started=at)
        if run.verdict == "running":
            save_run(db, replace(recounted(db, run), verdict=verdict, why=why, ended=at))
    db.close()


def _stored(db: object, run_id: str) -> list[Run]:
    return [from_row(Run, row) for row in read_rows(db, "select * from runs where run_id=? order by source", (run_id,))]  # type: ignore[arg-type]


def _runs(home: Home, run_id: str) -> list[Run]:
    """Runs of this call."""
    with closing(open_market(home)) as db:
        return _stored(db, run_id)
