"""One night: crawl what is due, refresh, publish, back up, clear out, report; every step may fail without taking the others along."""

import os
import shutil
import traceback
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from market_db.codec import from_row
from market_db.home import Home
from market_db.rows import read_rows
from market_db.runs import Run
from market_db.schema import has_market, open_market, open_published
from market_db.store import abort_running
from scripts import tell
from scripts.backup import back_up
from scripts.due import due_sources, is_ahead, newest
from scripts.failures import code_of, sentence
from scripts.journal import Entry, due_on, night_of, note
from scripts.lock import AlreadyRunning, one_writer
from scripts.report import NightReport, as_text, crawl_progress, is_good, save_report, source_lines
from scripts.stopping import Interrupted, stoppable
from scripts.words import Words

OK, FAILED, PARTLY, CONFIGURATION = 0, 1, 3, 5
HISTORY = 200
"""Earlier runs that are read for the usual counts."""


def utc_now() -> datetime:
    """The clock of the night."""
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Night:
    """What the steps of one night share."""

    home: Home
    words: Words
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    force: bool
    started: datetime
    name: str
    runs: list[Run] = field(default_factory=list)
    history: dict[str, list[Run]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[str, int] = field(default_factory=dict)
    """Counts that go into the report under their own names."""
    backups: tuple[str, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)
    log: str = ""
    unconfigured: bool = False
    unreachable: bool = False
    """Nothing could be asked at all: nothing is derived or published again, so that nothing looks fresh."""
    keyless: frozenset[str] = frozenset()
    """Sources without their key: that they did not run is no failure of the night."""
    failing: dict[str, str] = field(default_factory=dict)
    """Source that is not due -> why its last run was no good."""

    @property
    def unread(self) -> bool:
        """Whether it asked nobody: for want of a network, or because already the crawl could not begin."""
        return self.unreachable or ("crawl" in self.problems and not self.runs)


def crawl_due(night: Night) -> None:
    """Mark what died, work out what is due, and crawl it."""
    from scripts.crawl import crawl, source_cards
    from scripts.nothing_to_crawl import NothingToCrawl

    _abort(night)
    for run in _live_runs(night.home, "started desc, run_id desc"):
        if len(night.history[run.source]) < HISTORY:
            night.history[run.source].append(run)
    cards = [card for card in source_cards(night.home) if card.enabled]
    night.keyless = frozenset(card.name for card in cards if card.key_env and not os.environ.get(card.key_env))
    now = night.clock()
    night.facts["ahead"] = sum(is_ahead(run, now) for runs in night.history.values() for run in runs)
    latest = {} if night.force else {card.name: last for card in cards if (last := newest(night.history[card.name], card, now))}
    names = due_sources(cards, latest, now)
    night.facts["not_due"] = len(cards) - len(names)
    waiting = {card.name for card in cards} - {*names, *night.keyless}
    night.failing = {name: run.verdict for name, run in sorted(latest.items()) if name in waiting and not is_good(run)}
    if names:
        try:
            crawl(night.home, names, progress=crawl_progress(night.words, night.say))
        except NothingToCrawl as error:
            night.unconfigured = not night.home.config.contact
            night.unreachable = True
            night.problems["crawl"] = sentence(error, night.words)
        finally:
            _collect(night)


def _collect(night: Night) -> None:
    """Runs of this night, those that were not run for want of a key among them."""
    known = {run.run_id for runs in night.history.values() for run in runs}
    night.runs = [run for run in _live_runs(night.home, "source, started") if run.run_id not in known]


def _abort(night: Night) -> None:
    """Mark what died; a home in which nothing was read yet stays without a database."""
    night.facts["aborted"] = 0
    if has_market(night.home):
        with closing(open_market(night.home)) as db:
            night.facts["aborted"] = len(abort_running(db, night.clock()))


def _live_runs(home: Home, order: str) -> list[Run]:
    """Runs that asked somebody, in the order of these columns."""
    if not has_market(home):
        return []
    with closing(open_market(home)) as db:
        return [from_row(Run, row) for row in read_rows(db, f"select * from runs where mode='live' order by {order}")]  # noqa: S608 - our own columns


def refresh_all(night: Night) -> None:
    """Companies, demand, markets, leads."""
    from pipelines.refresh import refresh

    done = refresh(night.home, now=night.clock())
    names = ("companies_new", "companies_changed", "companies_gone", "suspicious", "contradictions", "turned_down")
    night.facts |= {name: getattr(done, name) for name in names}


def publish_all(night: Night) -> None:
    """The snapshot people query."""
    from market_db.publish import publish

    done = publish(night.home, now=night.clock())
    with closing(open_published(night.home)) as db:
        new = db.conn.execute("select count(*) from lead_rows where new_since = ?", (done.refresh_id,)).fetchone()[0]
    night.facts |= {"leads": done.leads, "leads_new": int(new)}


def copy_all(night: Night) -> None:
    """Backups, desk.db first."""
    night.backups = tuple(copy.path.name for copy in back_up(night.home, now=night.clock()))


def clear_out(night: Night) -> None:
    """Archive files, logs and contacts beyond the days they are kept."""
    from market_db.retention import purge_contacts
    from spiders.archive_forget import purge

    if has_market(night.home):
        with closing(open_market(night.home)) as db:
            oldest = night.clock().date() - timedelta(days=night.home.config.contact_retention_days)
            night.facts["purged_contacts"] = purge_contacts(db, oldest)

    before = night.clock().date() - timedelta(days=night.home.config.retention_days)
    night.facts["purged_files"] = purge(night.home.archive, before).files
    for path in (*night.home.logs.glob("*.log"), *night.home.logs.glob("report-*")):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC).date() < before:
            path.unlink(missing_ok=True)


IF_READ = frozenset({"refresh", "publish"})
"""Steps that a night which asked nobody leaves out."""
STEPS: tuple[tuple[str, Callable[[Night], None]], ...] = (
    ("crawl", crawl_due),
    ("refresh", refresh_all),
    ("publish", publish_all),
    ("backup", copy_all),
    ("purge", clear_out),
)


def nightly(
    home: Home,
    words: Words,
    *,
    force: bool = False,
    clock: Callable[[], datetime] = utc_now,
    say: Callable[[str], None] = lambda _: None,
) -> int:
    """Run one night and return its exit code: 0 ok, 1 failed, 3 partly or interrupted, 5 not configured.

    `force` crawls every enabled source, due or not. Raises AlreadyRunning after noting the skipped night, and BadConfig.
    """
    started = clock()
    night = Night(home=home, words=words, clock=clock, say=say, force=force, started=started, name=night_of(home.config, started))
    try:
        with one_writer(home, "nightly"), stoppable():
            return _guarded(night)
    except AlreadyRunning as busy:
        _note(night, "skipped", code=4, why=str(busy))
        raise


def _guarded(night: Night) -> int:
    """The steps and the report; an interrupted night is left open, so that the next start takes it up again."""
    _note(night, "begun")
    try:
        tell.ping(night.home.config, "start")
        for name, step in STEPS:
            if name in IF_READ and night.unread:
                continue
            night.say(night.words.say(f"steps.{name}"))
            _try(night, name, lambda step=step: step(night))  # type: ignore[misc]
        code = _code(night)
        _report(night, code, send=True)
    except Interrupted:
        _try(night, "crawl", lambda: _after_stop(night))
        _report(night, PARTLY, send=False)
        _note(night, "interrupted", code=PARTLY)
        return PARTLY
    _note(night, "ended", code=code)
    return code


def _after_stop(night: Night) -> None:
    """The crawl's process has ended: what it did not close itself is marked."""
    night.problems["night"] = night.words.say("night.interrupted")
    _abort(night)
    _collect(night)


def _try(night: Night, name: str, act: Callable[[], None]) -> None:
    """One step: whatever it raises becomes a line of the report, and of the log where nobody foresaw it."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - the night's one place that turns everything into an outcome
        if code_of(error) is not None:  # foreseen: its sentence is enough
            night.problems[name] = sentence(error, night.words)
            return
        night.problems[name] = night.words.say("night.bug", error=f"{type(error).__name__}: {error}")
        path = night.home.logs / f"nightly-{night.name}.log"
        with suppress(OSError), path.open("a", encoding="utf-8") as stream:
            stream.write(f"{night.clock().isoformat(timespec='seconds')} {name}\n{traceback.format_exc()}\n")
            night.log = str(path)


def _code(night: Night) -> int:
    """The night in one number."""
    bad = [run for run in night.runs if run.source not in night.keyless and not is_good(run)]
    if night.unconfigured:
        return CONFIGURATION
    nothing_good = bad and not any(is_good(run) for run in night.runs)
    if night.problems.keys() & {"crawl", "refresh", "publish"} or nothing_good:
        return FAILED
    return PARTLY if bad or night.problems else OK


def _report(night: Night, code: int, *, send: bool) -> None:
    """To the terminal, to files, and, unless the night was cut short, to whoever wants to be told."""
    report = _made(night, code)
    night.say(as_text(report, night.words))
    if send:
        for channel, why in tell.tell(night.home.config, report, night.words).items():
            night.say(night.words.say("night.not_told", channel=channel, why=why))
    with suppress(OSError):
        save_report(night.home, report, night.words)


def _made(night: Night, code: int) -> NightReport:
    ended = night.clock()
    following = datetime.fromisoformat(night.name).date() + timedelta(days=1)
    with suppress(OSError):
        night.facts["free_mb"] = shutil.disk_usage(night.home.root).free // 2**20
    return NightReport(
        night=night.name,
        started=night.started.isoformat(timespec="seconds"),
        ended=max(ended, night.started).isoformat(timespec="seconds"),
        code=code,
        sources=source_lines(night.runs, night.history, night.keyless),
        backups=night.backups,
        problems=night.problems,
        failing=night.failing,
        log=night.log,
        next_run=due_on(night.home.config, following).isoformat(timespec="seconds"),
        **night.facts,
    )


def _note(night: Night, what: str, *, code: int | None = None, why: str = "") -> None:
    """A line in the diary; without room for it the night goes on, and says so."""
    at = night.clock().isoformat(timespec="seconds")
    try:
        note(night.home, Entry(night=night.name, what=what, at=at, code=code, pid=os.getpid(), why=why))
    except OSError as error:
        night.problems["diary"] = sentence(error, night.words)
