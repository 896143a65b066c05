"""Shortlists as files for people: Excel, CSV or JSON of the current view, with a line in the log of exports."""

import getpass
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import sqlite_utils

from market_db.access.audit import noted_from_terminal
from market_db.desk.store import latest_follow_ups
from market_db.exports.lead_row import LeadRow
from market_db.exports.lists import ExportFailed, export_path, write_csv, write_json
from market_db.exports.log import log_export
from market_db.forgetting.allowed import allowed_rows
from market_db.home import Home
from market_db.products import load_products
from market_db.queries import LeadQuery, as_of, find_leads, latest_runs, lead_rows, markets, meta, sources
from market_db.schema import MarketError, open_published
from market_db.sqlite import sqlite3
from scripts.words import Language, Words, words_in

FORMATS = ("xlsx", "csv", "json")
MOST_ROWS = 1_000_000
MOST_NAMED = 4
"""Values of a filter that the name of a file tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file that was written."""

    path: Path
    rows: int
    total: int
    """Leads that match; more than `rows` where a limit was given."""


def export_workbook(home: Home) -> Path:
    """The whole snapshot as a workbook in the home's language, under its usual name. Raises MarketError, ExportFailed."""
    language: Language = "en" if home.config.language == "en" else "id"
    return export_leads(home, LeadQuery(limit=MOST_ROWS), words=words_in(language, home.config.timezone), filter_words="").path


def export_leads(
    home: Home,
    query: LeadQuery,
    *,
    words: Words,
    filter_words: str,
    suffix: str = "xlsx",
    name: str | None = None,
    now: datetime | None = None,
) -> Exported:
    """Write what `query` finds into the home's exports, whatever `name` says; the log of exports gets who, when, filter and rows.

    Raises MarketError, BadQuestion, ExportFailed; a file that stood there before stays then.
    """
    now = now or datetime.now(UTC)
    home.make()
    with closing(open_published(home)) as db:
        total = find_leads(db, replace(query, limit=0, offset=0)).total
        path = export_path(home.exports, name or file_words(query, words, now), f".{suffix}")
        rows = shown_rows(home, db, query)
        written = _WRITERS[suffix](path, rows, db, words, (filter_words, total, now, query.products))
    try:
        log_export(home, path.name, by=who(), what=filter_words, rows=written, now=now)
    except ExportFailed:
        path.unlink(missing_ok=True)
        raise
    return Exported(path=path, rows=written, total=total)


def export_from_terminal(home: Home, query: LeadQuery, *, words: Words, suffix: str, name: str | None, new: bool) -> Exported:
    """As `export_leads`, by whoever sits at the keyboard: the audit gets a line too, without what was searched for.

    A file whose line cannot be written does not stay. Raises also MarketError.
    """
    from scripts.asking import in_words

    now = datetime.now(UTC)
    done = export_leads(home, query, words=words, filter_words=in_words(query, words, new=new), suffix=suffix, name=name, now=now)
    told = in_words(replace(query, text="…" if query.text else ""), words, new=new)
    try:
        noted_from_terminal(home, "export", now=now, about=f"{suffix} {words.number(done.rows)} {told}")
    except (MarketError, sqlite3.DatabaseError, OSError):
        done.path.unlink(missing_ok=True)
        raise
    return done


def shown_rows(home: Home, db: sqlite_utils.Database, query: LeadQuery) -> Iterator[LeadRow]:
    """Leads with their follow-up, numbered from 1."""
    rows = allowed_rows(home, lead_rows(db, query, latest_follow_ups(home)))
    yield from (replace(row, rank=rank) for rank, row in enumerate(rows, query.offset + 1))


def file_words(query: LeadQuery, words: Words, now: datetime) -> str:
    """A telling name: what, which product, which country, and the day."""
    chosen = (query.products, query.countries, query.roles, query.grades)
    parts = (words.say("export.file"), *("+".join(values[:MOST_NAMED]) for values in chosen), query.text, now.date().isoformat())
    return " ".join(part for part in parts if part)


_About = tuple[str, int, datetime, tuple[str, ...]]
"""Filter in words, leads found, moment, and the product types that were asked for."""


def _workbook(path: Path, rows: Iterator[LeadRow], db: sqlite_utils.Database, words: Words, about: _About) -> int:
    from market_db.workbook.writer import About, write_workbook

    text, total, now, asked = about
    names = {key: product.names[words.language] for key, product in load_products().items()}
    listed = set(asked) or {product for (product,) in db.conn.execute("select distinct product from lead_rows")}
    return write_workbook(
        path,
        rows,
        language=words.language,
        markets=markets(db),
        sources=sources(db),
        runs=latest_runs(db),
        about=About(
            created=words.here(now),
            filter_words=text,
            total=total,
            shown=total,
            product_names={key: name for key, name in names.items() if key in listed} or names,
            snapshot_at=words.here(datetime.fromisoformat(as_of(meta(db)))),
        ),
    )


def _csv(path: Path, rows: Iterator[LeadRow], _db: sqlite_utils.Database, words: Words, about: _About) -> int:
    return write_csv(path, rows, words.language, total=about[1])


def _json(path: Path, rows: Iterator[LeadRow], _db: sqlite_utils.Database, _words: Words, _about: _About) -> int:
    return write_json(path, rows)


_WRITERS = {"xlsx": _workbook, "csv": _csv, "json": _json}


def who() -> str:
    """Account name of the person at the keyboard."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"
