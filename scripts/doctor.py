"""`tembus doctor`: looks at everything that can stop a night, and says what to do about it."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile

from market_db.history import history, newest_runs
from market_db.home import CONFIG_NAME, BadConfig, Home
from market_db.products import BadProduct, load_products
from market_db.queries import as_of, meta
from market_db.schema import MarketError, has_desk, has_market, open_published, sqlite_is_safe
from market_db.sqlite import read_only, sqlite3
from scripts.backup import KINDS, BackupFailed, backups, fault_of
from scripts.journal import entries, time_of, zone_of
from scripts.report import is_good, last_report
from scripts.translated import error_in
from scripts.words import Words

GOOD, WARN, FAIL = "ok", "warn", "fail"
LEAST_PYTHON = (3, 11)
FREE_FAIL, FREE_WARN = 200, 2_000
"""MB."""
TERMS_DAYS = 365
STALE = timedelta(hours=50)
"""Two nights and a little: a snapshot or backup older than that missed one."""
BUILT = date(2026, 11, 1)
"""No clock that is right shows an earlier day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's."""

    check: str
    """python, sqlite, disk ..."""
    status: str
    """ok, warn, fail."""
    word: str
    """Key of the sentence in `words/*.toml`, group `doctor`."""
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, words: Words) -> str:
        """What was found, and what to do where something is to be done."""
        return words.say(f"doctor.{self.word}", **{name: _told(value, words) for name, value in self.values.items()})


def _told(value: object, words: Words) -> object:
    """Moments in the home's zone and numbers as the language writes them; what an error says in the language."""
    if isinstance(value, datetime):
        return words.moment(value)
    if isinstance(value, date):
        return words.day(value)
    return words.number(value) if isinstance(value, int) else error_in(str(value), words.language)


def finding(check: str, status: str, word: str, **values: object) -> Finding:
    """A finding."""
    return Finding(check=check, status=status, word=word, values=values)


def program(_home: Home, _now: datetime) -> Iterator[Finding]:
    """Python and SQLite."""
    fine = sys.version_info[:2] >= LEAST_PYTHON
    yield finding("python", GOOD if fine else FAIL, "python" if fine else "python_old", version=platform.python_version())
    safe = sqlite_is_safe()
    yield finding("sqlite", GOOD if safe else WARN, "sqlite" if safe else "sqlite_old", version=sqlite3.sqlite_version)


def disk(home: Home, _now: datetime) -> Iterator[Finding]:
    """Room and rights."""
    place = next(path for path in (home.root, *home.root.parents) if path.exists())
    free = shutil.disk_usage(place).free // 2**20
    status = FAIL if free < FREE_FAIL else WARN if free < FREE_WARN else GOOD
    yield finding("disk", status, "disk" if status == GOOD else "disk_low", mb=free, path=place)
    folders = [path for path in (home.root, home.archive, home.exports, home.backups, home.logs) if path.exists()]
    shut = [found for found in map(_shut, folders) if found]
    yield from shut or [finding("rights", GOOD, "rights")]


def _shut(folder: Path) -> Finding | None:
    """A folder that cannot be written."""
    try:
        with TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return finding("rights", FAIL, "rights_none", path=folder, why=error.strerror or error)


def clock(home: Home, now: datetime) -> Iterator[Finding]:
    """Clock, zone, and the time of the night."""
    try:
        zone, at = zone_of(home.config), time_of(home.config)
    except BadConfig as error:
        yield finding("clock", FAIL, "config_bad", why=error)
        return
    ahead = [entry.at for entry in entries(home) if entry.at > (now + timedelta(hours=1)).isoformat()]
    newest = _newest_day(home)
    if now.date() < BUILT or ahead:
        yield finding("clock", WARN, "clock_wrong", now=now)
    elif newest > (now + timedelta(days=1)).date().isoformat():
        yield finding("clock", WARN, "clock_ahead", now=now, at=date.fromisoformat(newest))
    else:
        yield finding("clock", GOOD, "clock", now=now, zone=zone, at=f"{at:%H:%M}")


NEWEST = """
select max(day) from (select max(substr(started, 1, 10)) as day from runs union all select max(substr(started, 1, 10)) from refreshes
  union all select max(substr(last_seen, 1, 10)) from companies)
"""


def _newest_day(home: Home) -> str:
    """The last day that market.db speaks of; empty where it cannot be asked, which `databases` says."""
    if not home.market.exists():
        return ""
    try:
        with closing(read_only(home.market)) as conn:
            return str(conn.execute(NEWEST).fetchone()[0] or "")
    except sqlite3.DatabaseError:
        return ""


def config(home: Home, _now: datetime) -> Iterator[Finding]:
    """What the operator set."""
    exists = (home.root / CONFIG_NAME).exists()
    yield finding("config", GOOD if exists else WARN, "config" if exists else "config_none", path=home.root / CONFIG_NAME)
    contact = home.config.contact
    yield finding("contact", GOOD if contact else FAIL, "contact" if contact else "contact_none", contact=contact)
    try:
        known = load_products()
    except BadProduct as error:
        yield finding("products", FAIL, "config_bad", why=error)
        return
    strange = [key for key in home.config.products if key not in known]
    status = FAIL if strange or not home.config.products else GOOD
    word = "products" if status == GOOD else "products_bad"
    yield finding("products", status, word, names=", ".join(home.config.products), bad=", ".join(strange) or "-", known=", ".join(known))


def databases(home: Home, _now: datetime) -> Iterator[Finding]:
    """Each database as SQLite judges it; damaged ones name the way back."""
    for path in (home.market, home.desk, home.published):
        lost = _lost(home, path)
        if lost:
            yield finding("database", FAIL, "database_lost", name=path.name, why=lost)
            continue
        if not path.exists():
            yield finding("database", WARN if path == home.market else GOOD, "database_none", name=path.name)
            continue
        try:
            why = fault_of(path, quick=True)
        except OSError as error:
            yield finding("database", FAIL, "database_unread", name=path.name, why=error.strerror or error)
            continue
        except BackupFailed as error:
            yield finding("database", FAIL, "database_held", name=path.name, why=error.__cause__)
            continue
        bad = "published_bad" if path == home.published else "database_bad" if backups(home, path.stem) else "database_bad_alone"
        yield finding("database", FAIL if why else GOOD, bad if why else "database", name=path.name, why=why or "")


def _lost(home: Home, path: Path) -> str:
    """What says that a missing or empty database was there before; empty = nothing does."""
    known = {home.market: has_market, home.desk: has_desk}
    try:
        if path in known:
            known[path](home)
    except MarketError as error:
        return str(error)
    return ""


def nights(home: Home, now: datetime) -> Iterator[Finding]:
    """The last night."""
    last = last_report(home)
    if last is None:
        yield finding("night", WARN, "night_none")
        return
    at, outcome = last
    fine = outcome == "ok" and now - at < STALE
    yield finding("night", GOOD if fine else WARN, "night" if fine else f"night_{'old' if now - at >= STALE else outcome}", **_age(at, now))


def snapshot(home: Home, now: datetime) -> Iterator[Finding]:
    """How old the data are that people see."""
    try:
        with closing(open_published(home)) as db:
            at = datetime.fromisoformat(as_of(meta(db)))
    except (MarketError, sqlite3.DatabaseError, KeyError, ValueError):
        yield finding("snapshot", WARN, "snapshot_none")
        return
    old = now - at >= STALE
    yield finding("snapshot", WARN if old else GOOD, "snapshot_old" if old else "snapshot", **_age(at, now))


def copies(home: Home, now: datetime) -> Iterator[Finding]:
    """How old the backups are, for each database there is."""
    for kind in KINDS:
        made = [copy.made for copy in backups(home, kind)]
        if made:
            old = now - made[0] >= STALE
            yield finding("backup", WARN if old else GOOD, "backup_old" if old else "backup", kind=kind, **_age(made[0], now))
        elif (home.root / f"{kind}.db").exists():
            yield finding("backup", WARN, "backup_none", kind=kind)


def _age(at: datetime, now: datetime) -> dict[str, object]:
    """Whole days and hours, never below nothing."""
    gone = max(now - at, timedelta(0))
    return {"days": gone.days, "hours": gone.seconds // 3600, "at": at}


def sources(home: Home, now: datetime) -> Iterator[Finding]:
    """Sources without a key, with terms read long ago, and names in the configuration that are none."""
    from scripts.crawl import source_cards
    from spiders.site import BadSite

    try:
        cards = [card for card in source_cards(home) if not card.name.startswith("import:")]
    except BadSite as error:
        yield finding("sources", FAIL, "config_bad", why=error)
        return
    enabled = [card for card in cards if card.enabled]
    yield finding("sources", GOOD if enabled else FAIL, "sources" if enabled else "sources_none", on=len(enabled), all=len(cards))
    for name in sorted(set(home.config.sources) - {card.name for card in cards}):
        yield finding("sources", FAIL, "source_unknown", name=name)
    for card in enabled:
        if card.key_env and not os.environ.get(card.key_env):
            yield finding("keys", WARN, "key_none", name=card.name, variable=card.key_env)
        if card.terms_read and now.date() - date.fromisoformat(card.terms_read) > timedelta(days=TERMS_DAYS):
            yield finding("terms", WARN, "terms_old", name=card.name, day=date.fromisoformat(card.terms_read), url=card.terms_url)
    yield from failing(home, {card.name for card in enabled if not card.key_env or os.environ.get(card.key_env)})


def failing(home: Home, names: Collection[str]) -> Iterator[Finding]:
    """Sources whose last run was no good, also where the last night had nothing to do and was fine."""
    if not home.market.exists():
        return
    try:
        with history(home) as db:
            newest = newest_runs(db) if db else {}
    except sqlite3.DatabaseError:
        return  # `databases` says so
    bad = sorted(name for name, run in newest.items() if name in names and run.verdict != "running" and not is_good(run))
    if bad:
        yield finding("sources", WARN, "sources_failing", n=len(bad), names=", ".join(bad))


CHECKS: tuple[Callable[[Home, datetime], Iterator[Finding]], ...] = (
    program,
    disk,
    clock,
    config,
    databases,
    nights,
    snapshot,
    copies,
    sources,
)


def examine(home: Home, *, now: datetime, bad_config: str | None = None) -> list[Finding]:
    """Every finding, in the order an operator would act on them; `bad_config` is why the configuration could not be read."""
    found = [finding("config", FAIL, "config_bad", why=bad_config)] if bad_config else []
    for check in CHECKS:
        if bad_config and check in (config, clock, sources):
            continue
        with suppress(MarketError):  # a damaged or lost database: `databases` says which, and the way back
            found.extend(check(home, now))
    return found


def verdict(found: list[Finding]) -> int:
    """Exit code: 5 where something failed, else 0."""
    return 5 if any(item.status == FAIL for item in found) else 0
