"""A shortlist as a file: Excel, CSV, JSON or PDF, in the home's exports and in the log of who took what along."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlite_utils

from market_db.desk.entered import Shortlist
from market_db.desk.shortlist_rows import Line, Listed
from market_db.desk.shortlists import exporter
from market_db.exports.lead_row import LeadRow
from market_db.exports.lists import ExportFailed, export_path, replacing, write_csv, write_json
from market_db.exports.log import log_export
from market_db.exports.shortlist_pdf import Block, Sheet, Text, contact_lines, shortlist_pdf
from market_db.exports.text import web_link
from market_db.home import Home
from market_db.products import load_products
from market_db.queries import as_of, is_sample, latest_runs, markets, meta, sources
from market_db.saying import Words
from market_db.workbook.words import words_of

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
}
FONTS = "fonts"
"""Folder of the home whose fonts are used first, for scripts the machine has none for."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What a writer needs."""

    home: Home
    db: sqlite_utils.Database
    one: Shortlist
    found: Listed
    words: Words
    now: datetime

    @property
    def about(self) -> str:
        """The list in words: its name, exporter, campaign and owner."""
        card = exporter(self.home, self.one.exporter) if self.one.exporter else None
        said = [
            ("name", self.one.name),
            ("exporter", card.name if card else ""),
            ("campaign", self.one.campaign),
            ("owner", self.one.owner),
        ]
        return " · ".join(f"{self.words.say(f'shortlist.{key}')}: {value}" for key, value in said if value)


def write_list(home: Home, db: sqlite_utils.Database, one: Shortlist, found: Listed, suffix: str, *, words: Words, by: str) -> Path:
    """Write the list and put a line into the log; without that line nothing leaves. Raises ExportFailed."""
    job = _Job(home, db, one, found, words, datetime.now(UTC))
    home.make()
    path = export_path(home.exports, f"{one.name} {job.now.date().isoformat()}", f".{suffix}")
    _WRITERS[suffix](path, job)
    try:
        log_export(home, path.name, by=by, what=job.about, rows=len(found.lines), now=job.now)
    except ExportFailed:
        path.unlink(missing_ok=True)
        raise
    return path


def _workbook(path: Path, job: _Job) -> None:
    from market_db.workbook.writer import About, write_workbook

    rows = job.found.rows
    names = {key: product.names[job.words.language] for key, product in load_products().items()}
    held = {row.product for row in rows}
    write_workbook(
        path,
        rows,
        language=job.words.language,
        markets=markets(job.db),
        sources=sources(job.db),
        runs=latest_runs(job.db),
        about=About(
            created=job.words.here(job.now),
            filter_words=job.about,
            total=len(rows),
            shown=len(rows),
            product_names={key: name for key, name in names.items() if key in held} or names,
            snapshot_at=job.words.here(datetime.fromisoformat(as_of(meta(job.db)))),
            shortlist=job.one.id,
        ),
    )


def _csv(path: Path, job: _Job) -> None:
    write_csv(path, job.found.rows, job.words.language)


def _json(path: Path, job: _Job) -> None:
    write_json(path, job.found.rows)


def _pdf(path: Path, job: _Job) -> None:
    with replacing(path) as draft:
        draft.write_bytes(shortlist_pdf(_sheet(job), job.now))


_WRITERS: dict[str, Callable[[Path, _Job], None]] = {"xlsx": _workbook, "csv": _csv, "json": _json, "pdf": _pdf}


def _sheet(job: _Job) -> Sheet:
    words, one = job.words, job.one
    count = words.count("shortlist.n_buyers", len(job.found.lines))
    read = words.say("site.as_of", when=words.moment(as_of(meta(job.db))))
    sample = (words.say("site.sample"),) if is_sample(job.db) else ()
    licences = dict.fromkeys(line for row in job.found.rows for line in (*row.licences, *row.attributions))
    rules = words_of(words.language).lines("rules")
    return Sheet(
        language=words.language,
        title=one.name,
        subtitle=(*sample, job.about.partition(" · ")[2] or count, f"{count} · {words.day(job.now.date())} · {read}"),
        blocks=tuple(_block(line, words) for line in job.found.lines),
        foot=(*rules, " · ".join(licences)),
        latin=words.say("shortlist.latin"),
        page=words.say("shortlist.pdf_page"),
        fonts=job.home.root / FONTS,
    )


def _block(line: Line, words: Words) -> Block:
    row = line.row
    place = ", ".join(part for part in (words.country(row.country), row.city) if part)
    return Block(
        title=f"{row.rank}. {row.company}",
        lines=(
            Text(f"{place} · {words.role(row.role)} · {words.say('shortlist.score')} {words.score(row.score)} ({row.grade})"),
            *contact_lines(row.website, row.email, row.phone),
            Text(row.why(words.language)),
        ),
        dim=tuple(_dim(line, words)),
    )


def _dim(line: Line, words: Words) -> Iterator[Text]:
    """Where it stands, and the proof."""
    row, stands = line.row, line.standing
    if status := _status(row, words):
        yield Text(status)
    if stands.due:
        yield Text(f"{words.say('shortlist.due')}: {words.day(stands.due)}")
    if row.note:
        yield Text(f"{words.say('shortlist.note')}: {row.note}")
    if row.evidence_url:
        seen = words.say("find.seen", day=words.day(row.last_seen))
        yield Text(
            f"{words.say('shortlist.proof')}: {words.source(row.evidence_title or '')} {row.evidence_url} · {seen}",
            web_link(row.evidence_url),
        )


def _status(row: LeadRow, words: Words) -> str:
    if not row.status:
        return ""
    parts = [words.say(f"statuses.{row.status}"), words.day(row.contacted_on) if row.contacted_on else "", row.owner or ""]
    return f"{words.say('shortlist.status')}: {' · '.join(part for part in parts if part)}"
