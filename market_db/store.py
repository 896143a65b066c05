"""The only writes of seen data and of run records: whole transactions, and a missing value never erases a known one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

import sqlite_utils

from market_db import runs
from market_db.codec import Row, digest_of, from_row, to_row, values_of
from market_db.companies.party_rows import faded_row, merged_row
from market_db.markets.offers import keep_prices
from market_db.rows import batched, insert_sql, read_rows, write_rows
from market_db.schema import NOT_COLUMNS, PARTY_LEAVE, SEEN_TABLES, TRACK
from market_db.seen import SEEN_TYPES, Evidence, Listing, Notice, Party, Seen, kind_of, parties_of, record_id, seen_id

CHUNK = 500
"""Ids in one IN list."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a batch; the three add up to its length."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A record with its id and digest; rows are made only for what is written."""

    id: str
    digest: str
    """Of the record and of its parties, with a point between: most changes are prices and leave the parties alone."""
    record: Seen
    parties: tuple[Party, ...]
    evidence_id: str | None
    seen_at: str
    """When the answer that shows it arrived, at most now; for a replay that is long ago."""

    def row(self) -> Row:
        """The record's own table row."""
        return {"id": self.id, "source": self.record.source, **to_row(self.record, leave=NOT_COLUMNS), "digest": self.digest}

    def party_rows(self) -> list[Row]:
        """One row a party."""
        kind, source = kind_of(self.record), self.record.source
        head = {"record_kind": kind, "record_id": self.id, "source": source}
        return [{"id": party_id(self.id, kind, p), **head, **to_row(p, leave=PARTY_LEAVE)} for p in self.parties]


def party_id(record: str, kind: str, party: Party) -> str:
    """Id of a party: its record, and for notices, which name several, the name as printed."""
    return record_id("party", record, party.name if kind == "notice" else "")


def _prepare(record: Seen, now: str) -> _Prepared:
    """Id and digest of a record and its parties."""
    parties = _distinct(record)
    own = digest_of(values_of(record, leave=NOT_COLUMNS))
    named = digest_of(tuple(values_of(party, leave=PARTY_LEAVE) for party in parties)) if parties else ""
    seen = record.evidence
    evidence = _evidence_id(seen.source, seen.url, seen.content_hash) if seen else None
    return _Prepared(seen_id(record), f"{own}.{named}", record, parties, evidence, min(_moment(seen.fetched_at), now) if seen else now)


@lru_cache(maxsize=1_024)
def _moment(at: datetime) -> str:
    """UTC to the second, as everywhere in the tables."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


@lru_cache(maxsize=1_024)
def _evidence_id(source: str, url: str, content_hash: str) -> str:
    """`Evidence.id`, once for the many records of one answer."""
    return record_id("evidence", source, url, content_hash)


def _distinct(record: Seen) -> tuple[Party, ...]:
    """Parties of a record; of two with one name in a notice the first counts."""
    parties = parties_of(record)
    return tuple({party.name: party for party in reversed(parties)}.values()) if isinstance(record, Notice) else parties


def save_seen(db: sqlite_utils.Database, records: Sequence[Seen], *, run_id: str, now: datetime) -> Saved:
    """Store a batch in one transaction; the same record twice is stored once and counted as unchanged.

    Known values survive a record that lacks them; `changed_run` moves only when the source showed something else. A record counts
    as seen when its answer arrived (`now` only where it has no evidence): replaying an old archive makes nothing fresh.
    """
    total = Saved()
    with db.atomic():
        _save_evidence(db, records, run_id, _moment(now))
        for kind, table in SEEN_TABLES.items():
            batch = [record for record in records if isinstance(record, SEEN_TYPES[kind])]
            if batch:
                total = _add(total, _save_kind(db, table, batch, run_id, _moment(now)))
    return total


def _add(a: Saved, b: Saved) -> Saved:
    return Saved(a.new + b.new, a.changed + b.changed, a.unchanged + b.unchanged)


def _save_kind(db: sqlite_utils.Database, table: str, batch: Sequence[Seen], run_id: str, now: str) -> Saved:
    """Split one kind into new, changed and unchanged, and write each in its way; an older answer never overwrites a newer one."""
    prepared = {item.id: item for item in (_prepare(record, now) for record in batch)}
    stored = _stored(db, table, list(prepared))
    known = [(item, stored[item.id]) for item in prepared.values() if item.id in stored]
    new = [item for item in prepared.values() if item.id not in stored]
    changed = [item for item, before in known if before.digest != item.digest and before.is_before(item, now)]
    left = {item.id for item in changed}
    same = [item for item, _ in known if item.id not in left]
    _insert(db, table, new, run_id)
    _update(db, table, changed, run_id)
    marks = [{"at": item.seen_at, "run": run_id, "now": now, "evidence": item.evidence_id, "id": item.id} for item in same]
    db.conn.executemany(f'update "{table}" set {RE_SEEN} where id=:id', marks)
    _keep_parties(db, [(item, stored[item.id]) for item in changed if _parties_changed(stored[item.id].digest, item.digest)])
    _write_parties(db, [(item.record.source, row) for item in new for row in item.party_rows()])
    keep_prices(db, [(i.id, i.record, i.seen_at, i.evidence_id) for i in (*new, *changed) if isinstance(i.record, Listing)])
    return Saved(len(new), len(changed), len(batch) - len(new) - len(changed))


RE_SEEN = (
    "first_seen=min(first_seen, :at), last_seen=case when last_seen > :now then :at else max(last_seen, :at) end, last_run=:run,"
    " evidence_id=case when :at >= last_seen or last_seen > :now then coalesce(:evidence, evidence_id) else evidence_id end"
)
"""A day that has not come was written under a wrong clock: it gives way to any true one."""


def _parties_changed(before: str, now: str) -> bool:
    return before.partition(".")[2] != now.partition(".")[2]


@dataclass(frozen=True, slots=True)
class _Stored:
    """What is known of a record that is seen again."""

    digest: str
    last_seen: str
    evidence_id: str | None

    def is_before(self, item: _Prepared, now: str) -> bool:
        """Whether the answer is younger than what is stored; what a wrong clock dated into the future is older than anything."""
        return self.last_seen <= item.seen_at or self.last_seen > now


def _stored(db: sqlite_utils.Database, table: str, ids: list[str]) -> dict[str, _Stored]:
    """What is stored, by id."""
    found: dict[str, _Stored] = {}
    for part in batched(ids, CHUNK):
        marks = ",".join("?" * len(part))
        rows = db.conn.execute(f'select id, digest, last_seen, evidence_id from "{table}" where id in ({marks})', part)
        found.update((key, _Stored(digest, seen, evidence)) for key, digest, seen, evidence in rows)
    return found


def _insert(db: sqlite_utils.Database, table: str, items: Sequence[_Prepared], run_id: str) -> None:
    if not items:
        return
    names = [*items[0].row(), *(name for name in TRACK if name != "digest")]
    runs_of = (run_id, run_id, run_id)
    rows = [(*item.row().values(), item.evidence_id, item.seen_at, item.seen_at, *runs_of) for item in items]
    db.conn.executemany(insert_sql(table, names), rows)


def _update(db: sqlite_utils.Database, table: str, items: Sequence[_Prepared], run_id: str) -> None:
    """Overwrite what was shown; keep what this answer did not show."""
    if not items:
        return
    names = [name for name in items[0].row() if name not in ("id", "digest")]
    sets = ", ".join(f'"{name}"=coalesce(?, "{name}")' for name in names)
    tail = "digest=?, evidence_id=coalesce(?, evidence_id), last_seen=?, changed_run=?, last_run=?"
    rows = [(*_shown(item, names), item.digest, item.evidence_id, item.seen_at, run_id, run_id, item.id) for item in items]
    db.conn.executemany(f'update "{table}" set {sets}, {tail} where id=?', rows)


def _shown(item: _Prepared, names: Sequence[str]) -> tuple[object, ...]:
    row = item.row()
    return tuple(row[name] for name in names)


def _keep_parties(db: sqlite_utils.Database, items: Sequence[tuple[_Prepared, _Stored]]) -> None:
    """Parties of changed records as they are now, with what only earlier answers showed of them (`party_rows`).

    A record that names nobody any more keeps who it named; a notice that names others drops those it no longer names.
    """
    old = _parties_of(db, [item.id for item, _ in items])
    rows: list[tuple[str, Row]] = []
    for item, before in items:
        known = {row["id"]: row for row in old.get(item.id, [])}
        shown = item.party_rows()
        kept = [merged_row(known[row["id"]], row, before.last_seen, before.evidence_id) if row["id"] in known else row for row in shown]
        rows += [
            (item.record.source, row) for row in kept or [faded_row(row, before.last_seen, before.evidence_id) for row in known.values()]
        ]
    for table in ("parties", "parties_share_alike"):
        db.conn.executemany(f'delete from "{table}" where record_id=?', [(item.id,) for item, _ in items])
    _write_parties(db, rows)


def _parties_of(db: sqlite_utils.Database, records: list[str]) -> dict[str, list[Row]]:
    """Stored party rows by record."""
    found: dict[str, list[Row]] = {}
    for part in batched(records, CHUNK):
        marks = ",".join("?" * len(part))
        for row in read_rows(db, f"select * from all_parties where record_id in ({marks})", part):
            found.setdefault(row["record_id"], []).append(row)
    return found


def _write_parties(db: sqlite_utils.Database, rows: Sequence[tuple[str, Row]]) -> None:
    """Party rows of sources; share-alike ones have a table of their own."""
    share_alike = share_alike_sources(db) if rows else set()
    for table, wanted in (("parties", False), ("parties_share_alike", True)):
        part = [row for source, row in rows if (source in share_alike) is wanted]
        if part:
            db.conn.executemany(insert_sql(table, list(part[0]), replace=True), [tuple(row.values()) for row in part])


def share_alike_sources(db: sqlite_utils.Database) -> set[str]:
    """Names of the sources whose licence asks for tables of their own."""
    return {name for (name,) in db.conn.execute("select name from sources where share_alike=1")}


def _save_evidence(db: sqlite_utils.Database, records: Sequence[Seen], run_id: str, now: str) -> None:
    """One row an answer; a later recording of the same bytes moves the row to the newer archive file."""
    seen = {(e.source, e.url, e.content_hash): e for e in (record.evidence for record in records) if e}
    rows = {_evidence_id(*key): evidence for key, evidence in seen.items()}
    sql = (
        "insert into evidence (id, source, url, fetched_at, content_hash, archive_file, archive_offset, run_id) values (?,?,?,?,?,?,?,?)"
        " on conflict(id) do update set fetched_at=excluded.fetched_at, archive_file=excluded.archive_file,"
        " archive_offset=excluded.archive_offset, run_id=excluded.run_id where excluded.fetched_at > fetched_at or fetched_at > ?"
    )
    db.conn.executemany(sql, [(*_evidence_row(key, evidence, run_id, now), now) for key, evidence in rows.items()])


def _evidence_row(key: str, evidence: Evidence, run_id: str, now: str) -> tuple[object, ...]:
    at = min(_moment(evidence.fetched_at), now)
    return (key, evidence.source, evidence.url, at, evidence.content_hash, evidence.archive_file, evidence.archive_offset, run_id)


def save_sources(db: sqlite_utils.Database, cards: Iterable[runs.SourceCard]) -> None:
    """The register of sources as the program knows it now."""
    _replace(db, "sources", cards)


def save_run(db: sqlite_utils.Database, run: runs.Run) -> None:
    """A run as it stands; called at its start and at its end."""
    _replace(db, "runs", [run])


def save_check(db: sqlite_utils.Database, found: runs.SourceCheck) -> None:
    """What the newest check of a source found."""
    _replace(db, "source_checks", [found])


def save_rejections(db: sqlite_utils.Database, rejections: Iterable[runs.Rejection]) -> None:
    """Counts of refused records by reason."""
    _replace(db, "rejections", rejections)


def save_issues(db: sqlite_utils.Database, issues: Iterable[runs.SourceIssue]) -> None:
    """Oddities of sources."""
    _replace(db, "issues", issues)


def _replace(db: sqlite_utils.Database, table: str, records: Iterable[object]) -> None:
    with db.atomic():
        write_rows(db, table, map(to_row, records), replace=True)


def abort_running(db: sqlite_utils.Database, now: datetime) -> list[runs.Run]:
    """Mark runs whose process died as aborted; called under the lock, when nothing can be running. Returns them."""
    dead = [from_row(runs.Run, row) for row in read_rows(db, "select * from runs where verdict='running'")]
    with db.atomic():
        why = "the process ended before the run did; what was stored is kept, the next night runs it again"
        at = now.isoformat(timespec="seconds")
        for run in dead:
            save_run(db, replace(recounted(db, run), verdict="aborted", ended=at, why=why))
    return dead


def recounted(db: sqlite_utils.Database, run: runs.Run) -> runs.Run:
    """A run whose process could not count, with what the tables say it stored; what it refused is not known."""
    found = {"first_run": 0, "last_run": 0}
    for table, column in ((table, column) for table in SEEN_TABLES.values() for column in found):
        sql = f'select count(*) from "{table}" where source=? and "{column}"=?'
        found[column] += int(db.conn.execute(sql, (run.source, run.run_id)).fetchone()[0])
    new, seen = found["first_run"], found["last_run"]
    return replace(run, stored_new=new, unchanged=max(0, seen - new), scraped=max(new, seen))
