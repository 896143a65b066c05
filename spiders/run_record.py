"""The run row of each source: counts that must add up, and a verdict that never trusts an exit code."""

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from market_db.home import open_home
from market_db.runs import ASKS_AGAIN, Rejection, Run, SourceIssue
from market_db.schema import open_market
from market_db.sqlite import sqlite3
from market_db.store import recounted, save_issues, save_rejections, save_run
from market_db.values.text import clean
from spiders.base.spider import TembusSpider
from spiders.source import Expect, Source

THIN_SHARE = 0.5
"""Below this share of the usual (median of the last ok runs) a run is thin."""
HISTORY = 7
COVERAGE_DROP = 0.5
"""A field that falls below this share of its usual coverage makes a run thin; rare fields are not judged."""
COVERAGE_LEAST = 0.4
DETAIL = 300
"""Characters of what stopped a run that its reason holds, so that the end of the sentence, what happens next, is never cut off."""
BAD_PAGES = 0.2
"""Above this share of a site's pages that could not be read its run is broken."""

logger = logging.getLogger(__name__)

STOPS: Mapping[str, tuple[str, str]] = {
    "blocked": ("blocked", "the source said no ({detail}); it is left alone for the night, read its terms before the next"),
    "rate_limited": ("blocked", f"the source asked to slow down and did not clear ({{detail}}); {ASKS_AGAIN}"),
    "needs_key": ("not_run", "the source wants a key ({detail}): set {key_env}"),
    "robots": ("robots", "robots.txt refuses ({detail}); ask the publisher or switch the source off"),
    "robots_unreachable": ("robots", f"robots.txt could not be read ({{detail}}), so nothing was fetched; {ASKS_AGAIN}"),
    "crawl_delay_absurd": ("robots", "robots.txt asks for a delay above 60 seconds ({detail}); the source is skipped"),
    "trap": ("stopped", "addresses of one shape did not end ({detail}); narrow the site's filter"),
    "too_many_failures": ("broken", "ten answers in a row failed ({detail}); see whether the source moved"),
    "bad_certificate": ("broken", "its TLS certificate is not valid ({detail}); nothing is read from it until that is mended"),
    "not_ready": ("not_run", "nobody has read its terms yet ({detail}): `tembus sources` shows the passport"),
}
"""Stop reason of `manners/outcomes.py` -> verdict and sentence; budgets are matched by their prefix."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What earlier ok runs of a source were like."""

    kept: float | None = None
    """Records that were stored or known already."""
    coverage: Mapping[str, float] | None = None
    """kind.field -> share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What a run met beside what it counts."""

    broken: Sequence[str] = ()
    """What makes it broken, worst first."""
    faults: Sequence[str] = ()
    """Those of them that are our own."""
    pages: int = 0
    """Pages of a declared site that were read."""
    robots_refused: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    """Reason -> records refused."""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    """Why the fence held addresses back -> how many."""


def kept_of(run: Run) -> int:
    """Records of a run that the market holds."""
    return run.stored_new + run.stored_changed + run.unchanged


def judge(run: Run, about: Source, stop: tuple[str, str] | None, met: Met, usual: Usual) -> tuple[str, str]:
    """Verdict and sentence of a finished run; the first rule that holds decides."""
    unreachable = stop is not None and stop[0] == "robots_unreachable"
    moved = bool(met.elsewhere) and not met.pages and not run.scraped and (unreachable or not met.robots_refused)
    if stop and stop[0] in STOPS and not moved:
        verdict, sentence = STOPS[stop[0]]
        return verdict, sentence.format(detail=(stop[1] or stop[0])[:DETAIL], key_env=about.key_env or "its key")
    unasked = None if run.scraped or met.pages else _judge_unasked(run, met, moved=moved)
    if unasked:
        return unasked
    if met.faults:
        return _broke_off(met)
    if met.broken:
        return "broken", f"answers could not be read: {met.broken[0]}"[:400]
    if run.scraped < about.expect.least:
        led = f"; not asked: {_listed(met.elsewhere)}" if met.elsewhere else ""
        return "broken", f"{run.scraped} records, at least {about.expect.least} are expected; earlier records are kept{led}"
    if not run.adds_up:
        return "broken", "records read and records stored, unchanged or rejected do not add up: see the log"
    if run.scraped and not kept_of(run):
        return _judge_all_refused(run, met, usual)
    if stop:
        return "stopped", f"the run's limit was reached ({stop[0].replace('_', ' ')} {stop[1]}); what was read is kept".replace("  ", " ")
    return _judge_size(run, about, usual)


def _broke_off(met: Met) -> tuple[str, str]:
    """A fault of ours, before anything that is said of the source."""
    return "broken", f"the fault is ours: {met.faults[0]}; what was stored before is kept"[:400]


def _judge_unasked(run: Run, met: Met, *, moved: bool) -> tuple[str, str] | None:
    """Why nothing but perhaps sitemaps came."""
    if met.faults:
        return _broke_off(met)
    if moved:
        return "broken", f"every address led out of its passport ({_listed(met.elsewhere)}): if it moved, correct url or hosts of its row"
    if met.robots_refused:
        return "robots", f"robots.txt refused all {met.robots_refused} addresses; ask the publisher or narrow the site's row"
    if run.answers == 0 and run.mode == "live" and not run.not_modified:
        return "not_run", f"no answer came back ({run.failed} failed); is the network up, did the source move?"
    return None


def _judge_all_refused(run: Run, met: Met, usual: Usual) -> tuple[str, str]:
    """Answers came, and nothing of them was good: broken, unless we merely do not look for what the source has."""
    why = f"all {run.scraped} records were refused: {_listed(met.refused)}"
    if set(met.refused) <= OUR_CHOICE and not usual.kept:
        return "thin", f"{why}; it has nothing of what is looked for, or its address filter is too wide"
    return "broken", f"{why}; earlier records are kept, `tembus runs show {run.run_id}` has examples"


OUR_CHOICE = frozenset({"OtherProduct", "Suppressed"})
"""Reasons that say nothing against a source."""


def _listed(counts: Mapping[str, int]) -> str:
    """The commonest three with their numbers."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {number}" for name, number in ranked[:3]) or "no reason was counted"


def _judge_size(run: Run, about: Source, usual: Usual) -> tuple[str, str]:
    """Thin, or ok with what an operator should look at."""
    if usual.kept and kept_of(run) < usual.kept * THIN_SHARE:
        return "thin", f"{kept_of(run)} records where {usual.kept:.0f} are usual; nothing is aged out"
    kinds = {name.partition(".")[0] for name in usual.coverage or {}} - {name.partition(".")[0] for name in run.coverage}
    if kinds:
        return "thin", f"no {', no '.join(sorted(kinds))} came where they are usual; known ones are kept, look at the page"
    lost = sorted(name for name, share in (usual.coverage or {}).items() if share >= COVERAGE_LEAST and _fell(run, name, share))
    if lost:
        return "thin", f"fields went missing: {', '.join(lost[:5])}; known values are kept, look at the page"
    if run.scraped > about.expect.most:
        return "ok", f"{run.scraped} records, more than the {about.expect.most} expected: raise the expectation or look"
    return "ok", ""


def _fell(run: Run, name: str, share: float) -> bool:
    """Whether a field nearly vanished."""
    return name in run.coverage and run.coverage[name] < share * COVERAGE_DROP


class RunRecord:
    """Scrapy extension: one row per source at the start, counts and verdict at the end."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.home = open_home(Path(crawler.settings["TEMBUS_HOME"]))
        self.runs: dict[str, Run] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunRecord":
        """Listen to start and end."""
        record = cls(crawler)
        crawler.signals.connect(record.opened, signal=signals.spider_opened)
        crawler.signals.connect(record.closed, signal=signals.spider_closed)
        crawler.signals.connect(record.erred, signal=signals.spider_error)
        return record

    def erred(self, failure: Any, response: Response | None, spider: TembusSpider) -> None:
        """An exception in our own code, on the account of the source whose answer met it."""
        request = getattr(response, "request", None)
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"tembus/{spider.source_of(request) if request else spider.name}/exceptions")

    def opened(self, spider: TembusSpider) -> None:
        """Rows with verdict running: a process that dies leaves them for the next to call aborted."""
        db = open_market(self.home)
        for name in [spider.name] if spider.open_ended else spider.passports():
            self.runs[name] = self._begun(name, spider)
            save_run(db, self.runs[name])
        db.close()

    def _begun(self, name: str, spider: TembusSpider) -> Run:
        settings = self.crawler.settings
        day = spider.as_of.isoformat()
        return Run(run_id=settings["TEMBUS_RUN_ID"], source=name, mode=settings["TEMBUS_MODE"], started=_now(), as_of=day)

    def closed(self, spider: TembusSpider, reason: str) -> None:
        """Count, judge and store."""
        if spider.open_ended:
            met = {name for name, _ in spider.counts}
            self.runs |= {name: self._begun(name, spider) for name in spider.passports() if name in met and name not in self.runs}
        db = open_market(self.home)
        for name, about in spider.passports().items():
            if name in self.runs:
                self._guarded(db, name, replace(about, expect=Expect(least=0)) if spider.open_ended else about, spider, reason)
        db.close()

    def _guarded(self, db: Any, name: str, about: Source, spider: TembusSpider, reason: str) -> None:
        """Close one source; whatever happens to its record, the others are closed too."""
        try:
            self._close(db, name, about, spider, reason)
        except Exception as error:
            logger.exception("the run of %s could not be recorded", name)
            why = f"its run could not be recorded ({type(error).__name__}), see the log; what was stored is kept"
            with suppress(sqlite3.Error):  # then the process that started us closes it
                save_run(db, replace(recounted(db, self.runs[name]), verdict="broken", why=why, ended=_now()))

    def _close(self, db: Any, name: str, about: Source, spider: TembusSpider, reason: str) -> None:
        """Give one source its counts and verdict, its refusals and its oddities."""
        stats = self.crawler.stats.get_stats() if self.crawler.stats else {}
        run = replace(count(self.runs[name], stats, spider), ended=_now())
        usual = Usual() if spider.open_ended else usual_of(db, run)
        rejections = list(rejections_of(run, stats, spider))
        met = Met(
            broken=broken_of(name, stats, spider),
            faults=faults_of(name, stats),
            pages=spider.counts[name, "pages:read"] + spider.counts[name, "pages:bad"],
            robots_refused=int(stats.get(f"tembus/{name}/robots_refused", 0)),
            refused={rejection.reason: rejection.count for rejection in rejections},
            elsewhere=_counted(f"tembus/{name}/fence/", stats),
        )
        verdict, why = judge(run, about, stop_of(name, stats, reason), met, usual)
        save_run(db, replace(run, verdict=verdict, why=clean(why, 500)))
        save_rejections(db, rejections)
        save_issues(db, [*issues_of(run, spider), *fence_issues(run, met)])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def count(run: Run, stats: Mapping[str, Any], spider: TembusSpider) -> Run:
    """The run with its counts, from Scrapy's stats and the spider's own."""
    of = _stat_of(run.source, stats)
    refused_rows = sum(n for (name, kind), n in spider.counts.items() if name == run.source and kind != "items" and ":" not in kind)
    dropped = sum(_rejected(run.source, stats).values())
    items = spider.counts[run.source, "items"]
    stored = {name: of(name) for name in ("stored_new", "stored_changed", "unchanged")}
    return replace(
        run,
        requests=of("requests"),
        answers=of("responses"),
        received_bytes=of("bytes"),
        not_modified=of("not_modified"),
        failed=of("failed"),
        scraped=items + refused_rows,
        rejected=dropped + refused_rows,
        issues=sum(n for (name, kind), n in spider.counts.items() if name == run.source and kind.startswith("issue:")),
        adds_up=items == dropped + sum(stored.values()),
        coverage=coverage_of(run.source, stats),
        countries=tuple(sorted(country for source, country in spider.countries_read if source == run.source)),
        **stored,
    )


def _stat_of(source: str, stats: Mapping[str, Any]) -> Any:
    """Reader of a source's counters; absent is 0."""
    return lambda name: int(stats.get(f"tembus/{source}/{name}", 0))


def _rejected(source: str, stats: Mapping[str, Any]) -> dict[str, int]:
    """Reason -> records the pipeline refused."""
    return _counted(f"tembus/{source}/rejected/", stats)


def _counted(prefix: str, stats: Mapping[str, Any]) -> dict[str, int]:
    """What was counted under a prefix."""
    return {key.removeprefix(prefix): int(value) for key, value in stats.items() if key.startswith(prefix)}


def coverage_of(source: str, stats: Mapping[str, Any]) -> dict[str, float]:
    """kind.field -> share of the kind's records that had it."""
    prefix = f"tembus/{source}/field/"
    counts = {key.removeprefix(prefix): int(value) for key, value in stats.items() if key.startswith(prefix)}
    totals = {name.partition(".")[0]: n for name, n in counts.items() if name.endswith(".*")}
    return {
        name: round(n / totals[name.partition(".")[0]], 4)
        for name, n in sorted(counts.items())
        if not name.endswith(".*") and totals.get(name.partition(".")[0])
    }


def stop_of(source: str, stats: Mapping[str, Any], reason: str) -> tuple[str, str] | None:
    """Why a source's run ended early: its own stop, a fault of ours, or the limit of the whole crawl."""
    stop = stats.get(f"tembus/{source}/stop")
    if stop:
        return str(stop), str(stats.get(f"tembus/{source}/stop_detail", ""))
    if reason.startswith("closespider_") or reason in ("shutdown", "memusage_exceeded"):
        return reason.removeprefix("closespider_"), ""
    return None


def faults_of(source: str, stats: Mapping[str, Any]) -> list[str]:
    """Faults of ours: what could not be kept, and exceptions.

    Exceptions count for the source whose answer met them; those of no answer (in `start`) count for all.
    """
    fatal = [str(stats["tembus/fatal"])] if "tembus/fatal" in stats else []
    mine = int(stats.get(f"tembus/{source}/exceptions", 0))
    found = int(stats.get("spider_exceptions/count", 0)) or sum(int(v) for k, v in stats.items() if k.startswith("spider_exceptions/"))
    nobodys = found - sum(int(v) for k, v in stats.items() if k.startswith("tembus/") and k.endswith("/exceptions"))
    errors = mine + max(0, nobodys)
    return [*fatal, *([f"{errors} exceptions in our own code, see the log"] if errors else [])]


def broken_of(source: str, stats: Mapping[str, Any], spider: TembusSpider) -> list[str]:
    """What makes the run broken: faults of ours first, then answers that could not be read."""
    said = (f"{issue.kind}: {issue.detail}" for name, issue, _ in spider.issues if name == source and issue.broken)
    return [*faults_of(source, stats), *said, *_bad_pages(source, spider)]


def _bad_pages(source: str, spider: TembusSpider) -> list[str]:
    """A page that could not be read is an oddity; a good part of all of them is a broken run."""
    bad, good = spider.counts[source, "pages:bad"], spider.counts[source, "pages:read"]
    if bad <= (bad + good) * BAD_PAGES:
        return []
    first = next((issue.detail for name, issue, _ in spider.issues if name == source and issue.kind == "bad_answer"), "")
    return [f"{bad} of {bad + good} pages, the first: {first}"]


def rejections_of(run: Run, stats: Mapping[str, Any], spider: TembusSpider) -> Iterator[Rejection]:
    """Reasons of the pipeline and of the readers, as text that every table takes."""
    reasons: Counter[str] = Counter()
    examples: dict[str, str] = {}
    refused = [*_rejected(run.source, stats).items()]
    refused += [(kind, n) for (name, kind), n in spider.counts.items() if name == run.source and kind != "items" and ":" not in kind]
    for reason, n in refused:
        plain = clean(reason, 100)
        reasons[plain] += n
        example = clean(str(stats.get(f"tembus/{run.source}/rejected_example/{reason}", "")), 200)
        examples[plain] = examples.get(plain) or example
    for reason, n in reasons.items():
        yield Rejection(run_id=run.run_id, source=run.source, reason=reason, count=n, example=examples[reason])


def issues_of(run: Run, spider: TembusSpider) -> Iterator[SourceIssue]:
    """One row per kind and detail, with its count and first address."""
    counted: Counter[tuple[str, str]] = Counter()
    urls: dict[tuple[str, str], str] = {}
    for name, issue, url in spider.issues:
        if name == run.source:
            key = (clean(issue.kind, 100), clean(issue.detail, 500))
            counted[key] += 1
            urls.setdefault(key, clean(url, 2_000))
    for (kind, detail), n in counted.items():
        yield SourceIssue(run_id=run.run_id, source=run.source, kind=kind, detail=detail, url=urls[kind, detail], count=n)


def fence_issues(run: Run, met: Met) -> Iterator[SourceIssue]:
    """Addresses that were not asked because they led out of the passport: a site that moved shows here first."""
    for why, n in met.elsewhere.items():
        detail = f"not asked: {clean(why, 300)}; if the site moved there, correct url or hosts of its row"
        yield SourceIssue(run_id=run.run_id, source=run.source, kind="led_elsewhere", detail=detail, count=n)


def usual_of(db: Any, run: Run) -> Usual:
    """Median size, and coverage of what most of them had, of the last ok runs that kept anything; of the same mode, no replayed file."""
    sql = (
        "select stored_new + stored_changed + unchanged, coverage from runs where source=? and run_id<>? and mode=?"
        " and verdict='ok' and stored_new + stored_changed + unchanged > 0 order by started desc limit ?"
    )
    rows = db.conn.execute(sql, (run.source, run.run_id, run.mode, HISTORY)).fetchall()
    if not rows:
        return Usual()
    shares: dict[str, list[float]] = {}
    for _, coverage in rows:
        for name, share in json.loads(coverage or "{}").items():
            shares.setdefault(name, []).append(share)
    usual = {name: median(values) for name, values in shares.items() if len(values) * 2 > len(rows)}
    return Usual(median(n for n, _ in rows), usual)
