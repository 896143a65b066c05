"""The run row of each source: counts that must add up, and a verdict that never trusts an exit code."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

from market_db.home import open_home
from market_db.runs import Rejection, Run, SourceIssue
from market_db.schema import open_market
from market_db.store import save_issues, save_rejections, save_run
from spiders.base.spider import TembusSpider
from spiders.source import Expect, Source

THIN_SHARE = 0.5
"""Below this share of the usual (median of the last ok runs) a run is thin."""
HISTORY = 7
COVERAGE_DROP = 0.5
"""A field that falls below this share of its usual coverage makes a run thin; rare fields are not judged."""
COVERAGE_LEAST = 0.4

STOPS: Mapping[str, tuple[str, str]] = {
    "blocked": ("blocked", "the source said no ({detail}); it is left alone for the night, read its terms before the next"),
    "rate_limited": ("blocked", "the source asked to slow down and did not clear ({detail}); the next night asks again"),
    "needs_key": ("not_run", "the source wants a key ({detail}): set {key_env}"),
    "robots": ("robots", "robots.txt refuses ({detail}); ask the publisher or switch the source off"),
    "robots_unreachable": ("robots", "robots.txt could not be read ({detail}), so nothing was fetched; the next night asks again"),
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

    scraped: float | None = None
    coverage: Mapping[str, float] | None = None


def judge(
    run: Run, about: Source, stop: tuple[str, str] | None, broken: Sequence[str], usual: Usual, *, robots_refused: int = 0
) -> tuple[str, str]:
    """Verdict and sentence of a finished run; the first rule that holds decides."""
    if stop and stop[0] in STOPS:
        verdict, sentence = STOPS[stop[0]]
        return verdict, sentence.format(detail=stop[1] or stop[0], key_env=about.key_env or "its key")
    if run.answers == 0 and robots_refused:
        return "robots", f"robots.txt refused all {robots_refused} addresses; ask the publisher or narrow the site's row"
    if run.answers == 0 and run.mode == "live" and not run.not_modified:
        return "not_run", f"no answer came back ({run.failed} failed); is the network up, did the source move?"
    if broken:
        return "broken", f"answers could not be read: {broken[0]}"[:400]
    if run.scraped < about.expect.least:
        return "broken", f"{run.scraped} records, at least {about.expect.least} are expected; earlier records are kept"
    if not run.adds_up:
        return "broken", "records read and records stored, unchanged or rejected do not add up: see the log"
    if stop:
        return "stopped", f"the run's limit was reached ({stop[0].replace('_', ' ')} {stop[1]}); what was read is kept".replace("  ", " ")
    return _judge_size(run, about, usual)


def _judge_size(run: Run, about: Source, usual: Usual) -> tuple[str, str]:
    """Thin, or ok with what an operator should look at."""
    if usual.scraped and run.scraped < usual.scraped * THIN_SHARE:
        return "thin", f"{run.scraped} records where {usual.scraped:.0f} are usual; nothing is aged out"
    lost = sorted(name for name, share in (usual.coverage or {}).items() if share >= COVERAGE_LEAST and _fell(run, name, share))
    if lost:
        return "thin", f"fields went missing: {', '.join(lost[:5])}; known values are kept, look at the page"
    if run.scraped > about.expect.most:
        return "ok", f"{run.scraped} records, more than the {about.expect.most} expected: raise the expectation or look"
    return "ok", ""


def _fell(run: Run, name: str, share: float) -> bool:
    """Whether a field nearly vanished; a kind that was not seen at all is not judged by its fields."""
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
        return record

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
        stats = self.crawler.stats.get_stats() if self.crawler.stats else {}
        db = open_market(self.home)
        for name, about in spider.passports().items():
            if name in self.runs:
                stop = stop_of(name, stats, reason)
                self._close(db, name, replace(about, expect=Expect(least=0)) if spider.open_ended else about, spider, stop)
        save_issues(db, issues_of(self.runs, spider))
        db.close()

    def _close(self, db: Any, name: str, about: Source, spider: TembusSpider, stop: tuple[str, str] | None) -> None:
        """Give one source its counts and verdict."""
        stats = self.crawler.stats.get_stats() if self.crawler.stats else {}
        run = replace(count(self.runs[name], stats, spider), ended=_now())
        broken, usual = broken_of(name, stats, spider), Usual() if spider.open_ended else usual_of(db, name, run.run_id)
        refused = int(stats.get(f"tembus/{name}/robots_refused", 0))
        verdict, why = judge(run, about, stop, broken, usual, robots_refused=refused)
        save_run(db, replace(run, verdict=verdict, why=why))
        save_rejections(db, rejections_of(run, stats, spider))


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
        **stored,
    )


def _stat_of(source: str, stats: Mapping[str, Any]) -> Any:
    """Reader of a source's counters; absent is 0."""
    return lambda name: int(stats.get(f"tembus/{source}/{name}", 0))


def _rejected(source: str, stats: Mapping[str, Any]) -> dict[str, int]:
    """Reason -> records the pipeline refused."""
    prefix = f"tembus/{source}/rejected/"
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


def broken_of(source: str, stats: Mapping[str, Any], spider: TembusSpider) -> list[str]:
    """What makes the run broken: a fault of ours first, then answers that could not be read."""
    fatal = [str(stats["tembus/fatal"])] if "tembus/fatal" in stats else []
    errors = int(stats.get("spider_exceptions/count", 0)) or sum(int(v) for k, v in stats.items() if k.startswith("spider_exceptions/"))
    ours = [f"{errors} exceptions in our own code, see the log"] if errors else []
    return [*fatal, *(f"{issue.kind}: {issue.detail}" for name, issue, _ in spider.issues if name == source and issue.broken), *ours]


def rejections_of(run: Run, stats: Mapping[str, Any], spider: TembusSpider) -> Iterator[Rejection]:
    """Reasons of the pipeline and of the readers."""
    reasons = Counter(_rejected(run.source, stats))
    for (name, kind), n in spider.counts.items():
        if name == run.source and kind != "items" and ":" not in kind:
            reasons[kind] += n
    for reason, n in reasons.items():
        example = str(stats.get(f"tembus/{run.source}/rejected_example/{reason}", ""))
        yield Rejection(run_id=run.run_id, source=run.source, reason=reason, count=n, example=example[:200])


def issues_of(runs: Mapping[str, Run], spider: TembusSpider) -> Iterator[SourceIssue]:
    """One row per source, kind and detail, with its count and first address."""
    counted = Counter((name, issue.kind, issue.detail[:500]) for name, issue, _ in spider.issues)
    urls = {(name, issue.kind, issue.detail[:500]): url for name, issue, url in reversed(spider.issues)}
    for (name, kind, detail), n in counted.items():
        if name in runs:
            yield SourceIssue(run_id=runs[name].run_id, source=name, kind=kind, detail=detail, url=urls[name, kind, detail], count=n)


def usual_of(db: Any, source: str, run_id: str) -> Usual:
    """Median size and coverage of the last ok runs."""
    import json

    sql = "select scraped, coverage from runs where source=? and run_id<>? and verdict='ok' order by started desc limit ?"
    rows = db.conn.execute(sql, (source, run_id, HISTORY)).fetchall()
    if not rows:
        return Usual()
    shares: dict[str, list[float]] = {}
    for _, coverage in rows:
        for name, share in json.loads(coverage or "{}").items():
            shares.setdefault(name, []).append(share)
    return Usual(median(n for n, _ in rows), {name: median(values) for name, values in shares.items()})
