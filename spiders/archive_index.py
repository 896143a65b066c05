"""Where each archived answer lies: one SQLite table, derived from the WARC files and rebuilt from them when lost."""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from market_db.sqlite import sqlite3
from spiders.archive_errors import ArchiveBroken
from spiders.warc_reading import Record

INDEX_NAME = "index.db"
BATCH = 256
"""Rows held back until they are committed together, behind an fsync of the WARC file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer in the index; the fields are the columns."""

    fingerprint: str
    """Of the request, hex, as Scrapy computes it (method, canonical URL, body); "" = not known."""
    source: str
    url: str
    method: str
    time: str
    """ISO 8601 UTC with microseconds."""
    status: int
    digest: str
    """SHA-256 of the body, hex; of other tools' files whatever they state, e.g. "sha1:...". "" = none."""
    file: str
    offset: int
    length: int
    etag: str | None = None
    last_modified: str | None = None
    run_id: str = ""
    kind: str = "response"
    """response, revisit or resource."""
    record_id: str = ""
    refers_to: str | None = None
    """File that holds the body of a revisit; purge keeps it as long as the revisit stays."""
    state: str = ""
    """"" as received, "redacted" or "tombstone"."""


COLUMNS = tuple(field.name for field in fields(Row))
SCHEMA = f"""
create table if not exists answers ({", ".join(f"{name} integer" if name in {"status", "offset", "length"} else name for name in COLUMNS)},
  primary key (file, offset)) without rowid;
create index if not exists by_fingerprint on answers(fingerprint, time);
create index if not exists by_digest on answers(digest);
create index if not exists by_record on answers(record_id);
create index if not exists by_url on answers(url, time);
"""
INSERT = f"insert or replace into answers ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our own names
SELECT = f"select {', '.join(COLUMNS)} from answers "  # noqa: S608 - our own names


class ArchiveIndex:
    """The index of one archive folder, or a private temporary one (`path=None`) that spills to disk as it grows.

    Rows wait in memory and are committed in batches, so that processes writing side by side hardly ever meet.
    `before_commit` is called first: the WARC file has to be on the disk before its rows are.
    """

    def __init__(self, path: Path | None, before_commit: Callable[[], None] = lambda: None) -> None:
        self.path = path
        self.before_commit = before_commit
        self.waiting: list[Row] = []
        try:
            self.db = sqlite3.connect(str(path) if path else "", isolation_level=None, timeout=30)
            self.db.execute("pragma busy_timeout = 30000")
            self.db.execute("pragma journal_mode = wal")
            self.db.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise ArchiveBroken(f"the archive's index cannot be opened ({error}); it can be rebuilt from the WARC files") from error

    def add(self, row: Row) -> None:
        """Keep a row; every BATCH rows are committed. Raises ArchiveBroken."""
        self.waiting.append(row)
        if len(self.waiting) >= BATCH:
            self.commit()

    def commit(self) -> None:
        """Write the waiting rows in one transaction."""
        if not self.waiting:
            return
        self.before_commit()
        self.change(INSERT, [astuple(row) for row in self.waiting])
        self.waiting.clear()

    def change(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """One statement for many rows in a transaction of its own. Raises ArchiveBroken, having changed nothing."""
        try:
            self.db.execute("begin immediate")
            self.db.executemany(sql, rows)
            self.db.execute("commit")
        except sqlite3.Error as error:
            if self.db.in_transaction:
                self.db.execute("rollback")
            raise ArchiveBroken(f"the archive's index cannot be written: {error}") from error

    def rows(self, where: str, values: tuple[Any, ...] = ()) -> list[Row]:
        """Committed rows for an SQL tail."""
        return [row_of(found) for found in self.db.execute(SELECT + where, values)]

    def one(self, where: str, values: tuple[Any, ...]) -> Row | None:
        """First committed row, or None."""
        found = self.db.execute(f"{SELECT}{where} limit 1", values).fetchone()
        return row_of(found) if found else None

    def full_answer(self, url: str, digest: str, since: datetime) -> Row | None:
        """The newest whole answer with this body, not older than `since` and not redacted; waiting rows included."""
        stamp = since.isoformat()
        for row in reversed(self.waiting):
            if row.digest == digest and row.url == url and row.kind == "response":
                return row
        return self.one(
            "where digest = ? and url = ? and kind = 'response' and state = '' and time >= ? order by time desc", (digest, url, stamp)
        )

    def validated(self, fingerprint: str, source: str) -> Row | None:
        """The newest 200 answer to a question of one source, None where it carries no validator."""
        row = self.one("where fingerprint = ? and source = ? and status = 200 and state = '' order by time desc", (fingerprint, source))
        return row if row and (row.etag or row.last_modified) else None

    def original(self, revisit: Record) -> Row | None:
        """The record that holds the body of a revisit."""
        head = revisit.headers
        digest, refers = digest_key(head.get("warc-payload-digest", "")), head.get("warc-refers-to", "")
        url = head.get("warc-refers-to-target-uri", revisit.url)
        waiting = (row for row in self.waiting if row.kind != "revisit" and refers and row.record_id == refers)
        return (
            next(waiting, None)
            or (self.one("where record_id = ? and kind <> 'revisit'", (refers,)) if refers else None)
            or (self.one("where digest = ? and kind <> 'revisit' order by url <> ?, time", (digest, url)) if digest else None)
            or self.one("where url = ? and time = ? and kind <> 'revisit'", (url, head.get("warc-refers-to-date", "?")))
        )

    def close(self) -> None:
        """Commit what waits and close."""
        try:
            self.commit()
        finally:
            self.db.close()


def row_of(values: tuple[Any, ...]) -> Row:
    """A row as selected by SELECT."""
    return Row(**dict(zip(COLUMNS, values, strict=True)))


def digest_key(label: str) -> str:
    """Compare form of a WARC digest label: SHA-256 as hex in whatever base it was written, others as they are."""
    algorithm, _, value = label.strip().partition(":")
    if algorithm.lower().replace("-", "") != "sha256":
        return label.strip()
    if len(value) == 64:
        return value.lower()
    try:
        return base64.b32decode(value.upper() + "=" * (-len(value) % 8)).hex()
    except binascii.Error:
        return label.strip()
