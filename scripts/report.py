"""What a night has to tell: counts by source against their usual, leads, failures, disk, next run; as text and as JSON."""

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from market_db.home import Home
from market_db.runs import COUNTED, Run
from scripts.screen import jsonable, plain
from scripts.why import why_of
from scripts.words import Words

if TYPE_CHECKING:
    from scripts.crawl import Progress

USUAL_RUNS = 10
OUTCOMES = {0: "ok", 1: "failed", 3: "partly", 4: "running", 5: "config"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source of the night."""

    source: str
    verdict: str
    scraped: int
    usual: float | None
    """Median of its earlier good runs; None = none yet."""
    new: int = 0
    changed: int = 0
    rejected: int = 0
    why: str = ""
    good: bool = True
    """Whether its answers can be used, or nothing was to be asked."""

    @property
    def counted(self) -> bool:
        """As of a run: whether its counts say something."""
        return self.scraped > 0 or self.verdict in COUNTED


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """One night."""

    night: str
    """Date it was due."""
    started: str
    ended: str
    code: int
    """Exit code."""
    sources: tuple[SourceLine, ...] = ()
    aborted: int = 0
    """Runs of a dead process found and marked."""
    ahead: int = 0
    """Runs dated into the future: a clock is or was wrong."""
    not_due: int = 0
    failing: Mapping[str, str] = field(default_factory=dict)
    """Source that was not due -> why its last run was no good: a night with nothing to do must not look as if all were well."""
    leads: int | None = None
    """Leads in the snapshot; None = nothing was published."""
    leads_new: int | None = None
    companies_new: int | None = None
    companies_changed: int | None = None
    companies_gone: int | None = None
    suspicious: int = 0
    """Companies that are suspiciously large, or grew so."""
    contradictions: int = 0
    """Decisions of people that cannot all be true."""
    turned_down: int | None = None
    """Companies that are no leads, each with its reason."""
    backups: tuple[str, ...] = ()
    purged_files: int = 0
    purged_contacts: int = 0
    problems: Mapping[str, str] = field(default_factory=dict)
    """Step -> what went wrong in it."""
    log: str = ""
    """Where the tracebacks of failed steps lie."""
    free_mb: int | None = None
    next_run: str = ""

    @property
    def outcome(self) -> str:
        """ok, failed, partly, config."""
        return OUTCOMES.get(self.code, "failed")


def is_good(run: Run) -> bool:
    """Whether a run brought what it should; one stopped before its first answer hung."""
    return run.verdict in ("ok", "thin") or (run.verdict == "stopped" and run.answers > 0)


def source_lines(runs: Iterable[Run], history: Mapping[str, Sequence[Run]], keyless: Collection[str] = ()) -> tuple[SourceLine, ...]:
    """Tonight's runs beside the median of each source's earlier good ones; `keyless` could not run, and need not have."""
    return tuple(
        SourceLine(
            source=run.source,
            verdict=run.verdict,
            scraped=run.scraped,
            usual=_usual(history.get(run.source, ()), run.run_id),
            new=run.stored_new,
            changed=run.stored_changed,
            rejected=run.rejected,
            why=run.why,
            good=is_good(run) or run.source in keyless,
        )
        for run in runs
    )


def _usual(runs: Sequence[Run], tonight: str) -> float | None:
    counts = [run.scraped for run in runs if is_good(run) and run.mode == "live" and run.run_id != tonight]
    return median(counts[:USUAL_RUNS]) if counts else None


def crawl_progress(words: Words, say: Callable[[str], None]) -> "Progress":
    """What a crawl says while it goes on, in the person's language; what came of it is told at the end, once."""

    def tell(key: str, /, **values: str) -> None:
        say(words.say(f"crawl.{key}", **values))

    return tell


def headline(report: NightReport, words: Words) -> str:
    """The night in one line."""
    asked = [line for line in report.sources if line.verdict != "not_run" or not line.good]
    return words.say(
        f"report.{report.outcome}",
        night=words.day(report.night),
        read=_read(asked, words),
        leads=words.number(report.leads),
    )


def _read(asked: Sequence[SourceLine], words: Words) -> str:
    """How many sources were good; none to read is not none good."""
    if not asked:
        return words.say("report.none_read")
    return words.say("report.read", good=words.number(sum(line.good for line in asked)), total=words.number(len(asked)))


def as_text(report: NightReport, words: Words) -> str:
    """The whole report; one line where all went well and nothing else is to be said."""
    parts = [headline(report, words)]
    parts += [f"  {_line(line, words)}" for line in report.sources]
    if report.leads is not None:
        parts.append(words.say("report.leads", leads=words.number(report.leads), new=words.number(report.leads_new)))
    if report.companies_new is not None:
        counts = {name: words.number(getattr(report, f"companies_{name}")) for name in ("new", "changed", "gone")}
        parts.append(words.say("report.companies", **counts))
    parts += [words.count(f"report.{name}", n) for name in ("suspicious", "contradictions") if (n := getattr(report, name))]
    if report.turned_down:
        parts.append(words.count("report.turned_down", report.turned_down))
    parts += [words.say("report.problem", step=words.say(f"steps.{step}"), why=plain(why, 500)) for step, why in report.problems.items()]
    parts += list(_footer(report, words))
    return "\n".join(parts) + "\n"


def _line(line: SourceLine, words: Words) -> str:
    usual = words.say("report.usual", n=words.number(line.usual)) if line.usual is not None else words.say("report.first_time")
    counts = words.say("report.counts", scraped=words.number(line.scraped), new=words.number(line.new), usual=usual)
    asked = counts if line.counted else ""  # nobody answered: a 0 would say that nothing was found
    verdict = words.say(f"verdicts.{line.verdict}")
    return " · ".join(
        part for part in (f"{line.source}: {verdict}", asked, plain(why_of(line.why, words), 300) if not line.good else "") if part
    )


def _footer(report: NightReport, words: Words) -> Iterable[str]:
    if report.aborted:
        yield words.count("report.aborted", report.aborted)
    if report.ahead:
        yield words.count("report.ahead", report.ahead)
    if report.not_due:
        yield words.count("report.not_due", report.not_due)
    if report.failing:
        names = ", ".join(f"{source} ({words.say(f'verdicts.{verdict}')})" for source, verdict in report.failing.items())
        yield words.count("report.failing", len(report.failing), names=names)
    yield words.count("report.backups", len(report.backups))
    if report.purged_files:
        yield words.count("report.purged", report.purged_files)
    if report.purged_contacts:
        yield words.count("report.purged_contacts", report.purged_contacts)
    if report.log:
        yield words.say("report.log", path=report.log)
    if report.free_mb is not None:
        yield words.say("report.disk", mb=words.number(report.free_mb))
    yield words.say("report.next", when=words.moment(report.next_run))


def as_json(report: NightReport) -> str:
    """The report for machines."""
    return json.dumps({**jsonable(report), "outcome": report.outcome}, ensure_ascii=False, indent=1) + "\n"


def save_report(home: Home, report: NightReport, words: Words) -> Path:
    """Write logs/report-<night>.txt and .json, each whole or not at all; returns the first. Raises OSError."""
    home.make()
    for suffix, text in ((".json", as_json(report)), (".txt", as_text(report, words))):
        target = home.logs / f"report-{report.night}{suffix}"
        with NamedTemporaryFile("w", encoding="utf-8", dir=home.logs, delete=False) as stream:
            stream.write(text)
        os.replace(stream.name, target)  # noqa: PTH105 - a name, not a path
    return target


def last_report(home: Home) -> tuple[datetime, str] | None:
    """When the newest report was written, and its outcome."""
    found = sorted(home.logs.glob("report-*.json")) if home.logs.is_dir() else []
    try:
        data = json.loads(found[-1].read_text("utf-8"))
        return datetime.fromisoformat(data["ended"]), str(data["outcome"])
    except (IndexError, OSError, ValueError, KeyError, TypeError):
        return None
