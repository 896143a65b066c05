"""`tembus import`: an advisor's own list goes through the same steps as a crawl; every row not taken is reported with its reason."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from market_db.desk.store import suppressed
from market_db.exports.text import csv_text
from market_db.home import Home
from market_db.runs import Rejection as RejectionCount
from market_db.runs import Run, SourceIssue
from market_db.schema import open_market
from market_db.seen import Evidence, Seen
from market_db.store import Saved, save_issues, save_rejections, save_run, save_seen, save_sources
from pipelines.chosen import chosen_products
from pipelines.context import Context, DropCount, SourceHint
from pipelines.rejections import Rejection
from pipelines.steps import run_steps
from scripts.crawl import new_run_id, source_cards
from spiders.by_hand import Left, Preset, Taken, read_list
from spiders.reading import Issue

BATCH = 500
CHUNK = 1024 * 1024
SHOWN = 5


@dataclass(slots=True)
class Import:
    """What becomes of a file: first as a preview, then stored."""

    preset: Preset
    file: Path
    kept: list[Seen] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    """What was taken out of rows that are kept, e.g. personal_email."""
    saved: Saved | None = None
    report: Path | None = None

    @property
    def rows(self) -> int:
        """Rows read: kept and left add up to it."""
        return len(self.kept) + len(self.left)

    @property
    def unread(self) -> list[str]:
        """Headings of the file that the preset does not know."""
        return [issue.detail for issue in self.issues if issue.kind == "new_header"]

    @property
    def lacking(self) -> list[str]:
        """Headings the file does not have."""
        return [issue.detail for issue in self.issues if issue.kind == "missing_header"]


def preview(home: Home, file: Path, preset: Preset, *, country: str | None = None, sheet: str | None = None) -> Import:
    """Read the whole file through all steps; nothing is stored. Raises BadAnswer (the file is no such list), OSError."""
    found, drops = Import(preset, file), DropCount()
    at = Evidence(
        source=preset.source,
        url=f"file:{file.name}",
        fetched_at=min(datetime.fromtimestamp(file.stat().st_mtime, UTC), datetime.now(UTC)),
        content_hash=digest_of(file),
    )
    context = Context(
        as_of=date.today(),  # noqa: DTZ011 - the advisor's own day
        products=chosen_products(home.config.products),
        suppressed=suppressed(home),
        hints={preset.source: SourceHint(country=country)},
        dropped=drops,
    )
    with file.open("rb") as stream:
        for row in read_list(stream, preset, name=file.name, country=country, sheet=sheet):
            if isinstance(row, Issue):
                found.issues.append(row)
            elif isinstance(row, Left):
                found.left.append(row)
            else:
                _step(row, at, context, found)
    found.dropped = Counter({what: n for (_, what), n in drops.counts.items()})
    return found


def _step(row: Taken, at: Evidence, context: Context, found: Import) -> None:
    """One record through the steps, or its row among those left."""
    stamped = replace(row.record, source=at.source, evidence=at)
    try:
        found.kept.append(run_steps(stamped, context))
    except Rejection as refused:
        found.left.append(Left(row.number, refused.reason))


def digest_of(file: Path) -> str:
    """SHA-256 of the file, hex."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def store(home: Home, found: Import) -> Import:
    """Store what the preview kept, with a run of its own, and write the report of rows not taken.

    Raises MarketError, OSError.
    """
    home.make()
    now = datetime.now(UTC)
    at, run_id, source = now.isoformat(timespec="seconds"), new_run_id(now), found.preset.source
    db = open_market(home)
    try:
        save_sources(db, source_cards(home))
        total = Saved()
        for start in range(0, len(found.kept), BATCH):
            part = save_seen(db, found.kept[start : start + BATCH], run_id=run_id, now=now)
            total = Saved(total.new + part.new, total.changed + part.changed, total.unchanged + part.unchanged)
        run = Run(
            run_id=run_id,
            source=source,
            mode="import",
            started=at,
            ended=at,
            verdict="ok" if found.kept else "broken",
            why="" if found.kept else "no row was taken",
            scraped=found.rows,
            stored_new=total.new,
            stored_changed=total.changed,
            unchanged=total.unchanged,
            rejected=len(found.left),
            issues=len(found.issues),
        )
        save_run(db, run)
        save_rejections(db, _counts(run, found))
        save_issues(
            db, (SourceIssue(run_id=run_id, source=source, kind=i.kind, detail=i.detail, url=found.file.name) for i in found.issues)
        )
    finally:
        db.close()
    found.saved, found.report = total, write_report(home, found, run_id) if found.left else None
    return found


def _counts(run: Run, found: Import) -> Iterator[RejectionCount]:
    for reason, count in Counter(left.reason for left in found.left).items():
        yield RejectionCount(run_id=run.run_id, source=run.source, reason=reason, count=count)


def write_report(home: Home, found: Import, run_id: str) -> Path:
    """CSV of row number and reason; what stood in the row stays in the advisor's own file."""
    path = home.exports / f"import-{run_id}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("file", "row", "reason"))
        writer.writerows((csv_text(found.file.name), left.number, csv_text(left.reason)) for left in sorted(found.left, key=_row))
    path.chmod(0o600)
    return path


def _row(left: Left) -> int:
    return left.number
