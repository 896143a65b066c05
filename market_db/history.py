"""What runs did, read beside the night that writes: runs, what was refused and odd in them, and which fields went missing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from statistics import median

import sqlite_utils

from market_db.codec import from_row
from market_db.home import Home
from market_db.opening import BUSY_MS
from market_db.queries import issues, rejections
from market_db.rows import read_rows
from market_db.runs import Rejection, Run, SourceCheck, SourceIssue
from market_db.sqlite import sqlite3

DROP, LEAST, SEVERAL = 0.5, 0.4, 7
"""A field that falls below this share of its usual one went missing; rarer fields are not judged; runs that make "usual".

The same as `spiders/run_record.py` judges by.
"""


@contextmanager
def history(home: Home) -> Iterator[sqlite_utils.Database | None]:
    """Where runs are written, read-only; the snapshot where there is no market.db, None where there is neither."""
    path = next((path for path in (home.market, home.published) if path.exists()), None)
    if path is None:
        yield None
        return
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as conn:
        conn.execute(f"pragma busy_timeout={BUSY_MS}").fetchall()
        yield sqlite_utils.Database(conn)


def newest_runs(db: sqlite_utils.Database) -> dict[str, Run]:
    """Newest run by source: a live one where there is any, else a replay or the sample."""
    rows = read_rows(db, "select * from runs order by mode = 'live', started, run_id")
    return {row["source"]: from_row(Run, row) for row in rows}


def runs_page(db: sqlite_utils.Database, *, source: str = "", verdict: str = "", limit: int, offset: int) -> tuple[list[Run], int]:
    """Runs, newest first, and how many there are; of one source or verdict, or all."""
    where, params = "where (?='' or source=?) and (?='' or verdict=?)", (source, source, verdict, verdict)
    total = db.conn.execute(f"select count(*) from runs {where}", params).fetchone()[0]
    sql = f"select * from runs {where} order by started desc, source limit ? offset ?"
    return [from_row(Run, row) for row in read_rows(db, sql, (*params, limit, offset))], int(total)


def verdict_counts(db: sqlite_utils.Database, source: str = "") -> dict[str, int]:
    """Verdict -> number of runs."""
    return dict(
        db.conn.execute("select verdict, count(*) from runs where (?='' or source=?) group by verdict", (source, source)).fetchall()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetail:
    """One run with what it refused and what was odd."""

    run: Run
    rejections: tuple[Rejection, ...]
    issues: tuple[SourceIssue, ...]
    drift: tuple["Drift", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How often a field was there, beside how often it usually is."""

    field: str
    """kind.field."""
    now: float | None
    """Share of the records, 0..1; None = no such record came."""
    usual: float | None
    """Median of the last good runs; None = no earlier good run had it."""

    @property
    def fell(self) -> bool:
        """Whether it nearly vanished."""
        return self.usual is not None and self.usual >= LEAST and (self.now or 0.0) < self.usual * DROP


def run_detail(db: sqlite_utils.Database, run_id: str, source: str) -> RunDetail | None:
    """One run of one source."""
    for row in read_rows(db, "select * from runs where run_id=? and source=?", (run_id, source)):
        run = from_row(Run, row)
        return RunDetail(
            run=run,
            rejections=tuple(item for item in rejections(db, run_id) if item.source == source),
            issues=tuple(item for item in issues(db, run_id) if item.source == source),
            drift=tuple(drift(run, earlier_good(db, run))),
        )
    return None


def earlier_good(db: sqlite_utils.Database, run: Run) -> list[Run]:
    """Good runs of the same source and mode before it, newest first."""
    sql = "select * from runs where source=? and mode=? and verdict='ok' and scraped > 0 and started < ? order by started desc limit ?"
    return [from_row(Run, row) for row in read_rows(db, sql, (run.source, run.mode, run.started, SEVERAL))]


def drift(run: Run, earlier: Sequence[Run]) -> Iterator[Drift]:
    """Fields of a run beside their usual share, those that fell first."""
    usual = {name: median(one.coverage[name] for one in earlier if name in one.coverage) for one in earlier for name in one.coverage}
    asked = run.scraped > 0
    found = [Drift(field=name, now=run.coverage.get(name), usual=usual.get(name)) for name in {**run.coverage, **usual}] if asked else []
    yield from sorted(found, key=lambda one: (not one.fell, one.field))


@dataclass(frozen=True, slots=True, kw_only=True)
class OddKind:
    """One kind of oddity in the newest run of each source that has it."""

    kind: str
    count: int
    issues: tuple[SourceIssue, ...]
    """Most frequent first."""

    @property
    def sources(self) -> list[str]:
        """Those that have it."""
        return list(dict.fromkeys(issue.source for issue in self.issues))


def odd_kinds(db: sqlite_utils.Database, newest: Mapping[str, Run]) -> list[OddKind]:
    """Oddities of the newest runs by kind, the commonest first: what an older run met is over, or still shows in a newer one."""
    found: dict[str, list[SourceIssue]] = {}
    for source, run in newest.items():
        sql = "select * from issues where run_id=? and source=? order by count desc, detail"
        for row in read_rows(db, sql, (run.run_id, source)):
            found.setdefault(row["kind"], []).append(from_row(SourceIssue, row))
    kinds = [
        OddKind(kind=kind, count=sum(issue.count for issue in odd), issues=tuple(sorted(odd, key=lambda issue: -issue.count)))
        for kind, odd in found.items()
    ]
    return sorted(kinds, key=lambda one: (-len(one.sources), -one.count, one.kind))


def last_check(db: sqlite_utils.Database, source: str) -> SourceCheck | None:
    """What the last check of a source found; None where it was never checked, also in a home of an earlier program."""
    if not db.table("source_checks").exists():
        return None
    return next((from_row(SourceCheck, row) for row in read_rows(db, "select * from source_checks where source=?", (source,))), None)
