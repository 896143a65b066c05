"""One crawl process: reads its job from a line of standard input and runs one spider to the end, or to the end of who started it."""

import json
import os
import shutil
import signal
import sys
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any, TextIO, cast

from scrapy.crawler import AsyncCrawlerProcess

from market_db.companies.known import companies_to_check
from market_db.home import Home, open_home
from market_db.products import load_products
from market_db.schema import open_market
from scripts.crawl import Job, all_sources, declared_sites
from spiders.base.spider import TembusSpider
from spiders.catalogue import load_families, load_spiders
from spiders.keys import Censored
from spiders.settings import crawl_settings, user_agent
from spiders.site import Site

ORPHAN_SECONDS = 8.0


def main() -> int:
    """Run the job; the verdict is in the run row, the exit code only says whether the process itself worked."""
    data: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.stdout, sys.stderr = hide_keys(sys.stdout), hide_keys(sys.stderr)
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    job = Job(**values)
    home = open_home(Path(job.home))
    queue = fresh_queue(home, job)
    process = AsyncCrawlerProcess(settings_of(job, home) | {"JOBDIR": str(queue)})
    crawl = process.crawl(spider_class(job.spider), **arguments(job, home))
    process.start()
    shutil.rmtree(queue, ignore_errors=True)
    return 1 if crawl.cancelled() or crawl.exception() else 0


def hide_keys(stream: TextIO) -> TextIO:
    """The stream without the keys of sources: it ends in a log file."""
    keys = {about.key(os.environ) for about in (spider.about for spider in load_spiders().values())} - {None}
    return cast("TextIO", Censored(stream, tuple(str(key) for key in keys)))


def fresh_queue(home: Home, job: Job) -> Path:
    """Where this run's waiting requests lie: on disk a request takes a twentieth of its memory. Never taken up again after a crash."""
    folder = home.root / "queue"
    shutil.rmtree(folder, ignore_errors=True)
    return folder / f"{job.run_id}-{job.spider}"


def end_with_parent() -> None:
    """Standard input ends when the process that started us dies: it held the lock, so nothing may be written for long after."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_SECONDS)
    os._exit(1)


def settings_of(job: Job, home: Home) -> dict[str, Any]:
    """Scrapy's settings for this job."""
    more: dict[str, Any] = {
        "USER_AGENT": user_agent(home.config.contact),
        "TEMBUS_HOME": job.home,
        "TEMBUS_ARCHIVE": str(home.archive),
        "TEMBUS_RUN_ID": job.run_id,
        "TEMBUS_MODE": job.mode,
        "TEMBUS_REPLAY": list(job.replay),
        "TEMBUS_PRODUCTS": list(job.products),
        "TEMBUS_AS_OF": as_of(job).isoformat(),
        "TEMBUS_ALLOW_PRIVATE": list(home.config.allow_private),
        "TEMBUS_CONTACT": home.config.contact,
        "TEMBUS_HINTS": {f"{site.family}:{site.id}": hint_of(site) for site in sites_of(job, home)},
    }
    limits = {"CLOSESPIDER_PAGECOUNT": job.max_requests, "CLOSESPIDER_TIMEOUT": job.max_seconds}
    return crawl_settings({**more, **{name: value for name, value in limits.items() if value}})


def as_of(job: Job) -> date:
    """The day the run's periods start from: as told, else the recording's, else today here."""
    if job.as_of:
        return date.fromisoformat(job.as_of)
    if job.replay:
        from spiders.archive import as_of_of

        return min(as_of_of([Path(path) for path in job.replay]), date.today())  # noqa: DTZ011 - a recording may state any day
    return date.today()  # noqa: DTZ011 - the operator's own day decides what is due


def spider_class(name: str) -> type[TembusSpider]:
    """A source in Python, or a family."""
    return load_families().get(name) or load_spiders()[name]


def arguments(job: Job, home: Home) -> dict[str, Any]:
    """What the spider is made with."""
    known = load_products()
    given: dict[str, Any] = {"products": [known[key] for key in job.products], "as_of": as_of(job), **(job.options or {})}
    if job.spider == "archive":
        return {**given, "readers": readers(given, home), "replay": [Path(path) for path in job.replay]}
    sites = sites_of(job, home)
    if sites:
        return {**given, "sites": sites}
    known_sources = all_sources(home)
    if job.spider in known_sources:
        given["passport"] = known_sources[job.spider][1]
    return {**given, **companies(job, home)}


def companies(job: Job, home: Home) -> dict[str, Any]:
    """The firms that a source is asked about, where it is one of those."""
    most = getattr(spider_class(job.spider), "most_questions", 0)
    if not most:
        return {}
    db = open_market(home)
    try:
        return {"companies": companies_to_check(db, job.spider, as_of(job), most)}
    finally:
        db.close()


def readers(given: dict[str, Any], home: Home) -> list[TembusSpider]:
    """Every source that may be in a file handed in: those in Python, and the families with all declared sites, on or off."""
    known = {"products": given["products"], "as_of": given["as_of"]}
    sites = declared_sites(home)
    families: list[TembusSpider] = []
    for name, family in load_families().items():
        own = [site for site in sites if site.family == name]
        if own:
            families.append(family(sites=own, **known))
    return [*(spider(**known) for spider in load_spiders().values()), *families]


def hint_of(site: Site) -> dict[str, str | None]:
    """What a person declared about a site, for the steps that judge its records."""
    return {"country": site.country, "currency": site.currency, "language": site.lang, "role": site.role}


def sites_of(job: Job, home: Home) -> list[Site]:
    """Declared sites of a family job; a file handed in may hold pages of any."""
    return [site for site in declared_sites(home) if job.spider == "archive" or site.source in job.sites]


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    sys.exit(main())
