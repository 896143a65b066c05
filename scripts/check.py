"""`tembus check`: asks a source one to three times and says whether it still answers as its reader expects; nothing is stored but that."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from market_db.codec import from_row
from market_db.home import CONFIG_NAME, Home, open_home
from market_db.rows import read_rows
from market_db.runs import Run, SourceCheck, SourceIssue
from market_db.schema import open_market
from market_db.store import save_check
from scripts.crawl import all_sources, crawl, needs_contact
from scripts.nothing_to_crawl import NoNetwork, NothingToCrawl
from spiders.source import Source

REQUESTS = 3
SECONDS = 120
TERMS_DAYS = 365
"""Terms read longer ago than this should be read again."""
CHANGED = frozenset(
    (
        *("new_field", "wrong_type", "new_header", "missing_header", "missing_field", "unmapped_value", "bad_answer", "unexpected_shape"),
        *("missing_type", "missing_file", "datasets_changed", "wrong_place"),
    )
)
"""Kinds of issues that say the source is no longer what the reader was written for."""
STATES = ("ok", "changed", "empty", "blocked", "robots", "no_key", "terms", "off", "no_network", "failed")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a short crawl left behind."""

    run: Run
    issues: Sequence[SourceIssue]


def check(home: Home, names: Sequence[str]) -> Iterator[SourceCheck]:
    """One result a source, kept in market.db; a source that may not be asked is not asked."""
    known = all_sources(home)
    for name in names:
        about = known[name][1]
        found = _unasked(name, about) or _asked(home, name, about)
        if home.market.exists():
            _keep(home, found)
        yield found


def _unasked(name: str, about: Source) -> SourceCheck | None:
    """The result for a source that is off or has no key."""
    if about.terms_read is None:
        return _result(name, about, "terms")
    if not about.enabled:
        return _result(name, about, "off", about.note)
    if about.key_env and not about.key(os.environ):
        return _result(name, about, "no_key", about.key_env)
    return None


def _asked(home: Home, name: str, about: Source) -> SourceCheck:
    """The result of a crawl of a few requests in a home that is thrown away. Raises NothingToCrawl without a contact address."""
    needs_contact(home)
    try:
        with spare_home(home) as spare:
            crawl(spare, [name], max_requests=REQUESTS, max_seconds=SECONDS)
            return judged(name, about, looked(spare, name))
    except NoNetwork:
        return _result(name, about, "no_network")
    except NothingToCrawl as error:
        return _result(name, about, "failed", str(error))


@contextmanager
def spare_home(home: Home) -> Iterator[Home]:
    """A home with the same configuration, sites and do-not-contact list, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="tembus-check-") as folder:
        root = Path(folder)
        for name in (CONFIG_NAME, "desk.db", "desk.db-wal"):
            if (home.root / name).exists():
                shutil.copy2(home.root / name, root / name)
        if home.sites.is_dir():
            shutil.copytree(home.sites, root / home.sites.name)
        spare = open_home(root, {})
        spare.make()
        yield spare


def looked(spare: Home, name: str) -> Looked:
    """Run and issues of the short crawl."""
    db = open_market(spare)
    try:
        run = next(from_row(Run, row) for row in read_rows(db, "select * from runs where source=? order by started desc", (name,)))
        issues = [from_row(SourceIssue, row) for row in read_rows(db, "select * from issues where source=?", (name,))]
        return Looked(run, issues)
    finally:
        db.close()


def judged(name: str, about: Source, found: Looked) -> SourceCheck:
    """State in one word, with what a person should look at."""
    run, odd = found.run, [f"{issue.kind}: {issue.detail}" for issue in found.issues if issue.kind in CHANGED]
    if run.verdict in ("blocked", "robots"):
        state, detail = run.verdict, run.why
    elif odd:
        state, detail = "changed", "; ".join(odd[:10])
    elif not run.answers or (run.failed and not run.scraped):
        state, detail = "failed", run.why
    elif run.scraped:
        state, detail = "ok", ""
    else:
        state, detail = ("failed", run.why) if run.verdict in ("aborted", "not_run") else ("empty", run.why)
    return _result(name, about, state, detail, run)


def _result(name: str, about: Source, state: str, detail: str = "", run: Run | None = None) -> SourceCheck:
    now = datetime.now(UTC)
    return SourceCheck(
        source=name,
        state=state,
        detail=detail[:1_000],
        records=run.scraped if run else None,
        requests=run.requests if run else 0,
        terms_days=(now.date() - about.terms_read).days if isinstance(about.terms_read, date) else None,
        checked_at=now.isoformat(timespec="seconds"),
    )


def _keep(home: Home, found: SourceCheck) -> None:
    db = open_market(home)
    save_check(db, found)
    db.close()
