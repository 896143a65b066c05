"""Where free text stands in market.db, and how what somebody asked to be forgotten is cut out of it."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import sqlite_utils

from market_db.forgetting.silence import Silence

RECORD_TEXTS: Mapping[str, tuple[str, ...]] = {
    "listings": ("key", "name", "description", "brand", "category", "relevance_why", "url"),
    "notices": ("key", "title", "description", "relevance_why", "url"),
    "registrations": ("key", "activity_text", "relevance_why", "url"),
    "places": ("key", "brand", "shop_type", "tags", "relevance_why", "url"),
    "refusals": ("key", "reason", "origin_text", "product_text", "category", "relevance_why", "url"),
}
"""Seen records with the texts a source printed."""
OTHER_TEXTS: Mapping[str, tuple[str, ...]] = {
    "parties": ("address", "role_proof"),
    "parties_share_alike": ("address", "role_proof"),
    "rejections": ("example",),
    "issues": ("detail", "url"),
    "runs": ("why",),
    "evidence": ("url",),
    "companies": ("address",),
    "matches": ("reasons", "reasons_id"),
    "review_questions": ("reasons", "reasons_id"),
    "leads": ("product_proofs", "reasons"),
    "not_leads": ("text_id", "text_en"),
}
NOTES: Mapping[str, tuple[str, ...]] = {
    "decisions": ("note",),
    "follow_ups": ("note", "owner"),
    "do_not_contact": ("reason",),
    "shortlists": ("name", "campaign"),
    "shortlist_entries": ("company", "website"),
    "exporters": ("note",),
    "returned_workbooks": ("file_name", "problems"),
    "returned_rows": ("company", "owner", "note"),
}
"""What people wrote into desk.db; it may quote a contact."""
NAMES: Mapping[str, tuple[str, ...]] = {
    "parties": ("name", "city", "region", "country_text"),
    "parties_share_alike": ("name", "city", "region", "country_text"),
    "companies": ("name", "names", "city"),
}
"""Names of firms and towns: only contacts are cut out of them, because they may hold or be the words of the firm that asked."""


def cut_texts(db: sqlite_utils.Database, silence: Silence, mark: str) -> int:
    """Put a mark in place of what `silence` finds, in every free text; returns how many fields changed.

    Records that changed count as changed in the run `mark`, so that the next refresh builds on what is left.
    """
    changed = sum(_cut(db, table, columns, silence, {"changed_run": mark}) for table, columns in RECORD_TEXTS.items())
    changed += sum(_cut(db, table, columns, silence, {}) for table, columns in OTHER_TEXTS.items())
    return changed + sum(_cut(db, table, columns, silence, {}, names=False) for table, columns in NAMES.items())


def cut_notes(db: sqlite_utils.Database, silence: Silence) -> int:
    """As `cut_texts`, in the notes people wrote; returns how many changed."""
    here = set(db.table_names())
    changed = sum(_cut(db, table, columns, silence, {}) for table, columns in NOTES.items() if table in here)
    return changed + (_drop_searches(db, silence) if "saved_searches" in here else 0)


def _drop_searches(db: sqlite_utils.Database, silence: Silence) -> int:
    """Kept searches that look for whoever was forgotten, or are called so: there is nobody to find any more. Returns how many went."""
    kept = db.conn.execute("select id, name, address from saved_searches").fetchall()
    gone = [(key,) for key, name, address in kept if any(silence(text) != text for text in (name, *dict(parse_qsl(address)).values()))]
    db.conn.executemany("delete from saved_searches where id=?", gone)
    return len(gone)


def _cut(
    db: sqlite_utils.Database,
    table: str,
    columns: tuple[str, ...],
    silence: Silence,
    also: Mapping[str, str],
    *,
    names: bool = True,
) -> int:
    """One table's texts; every row is looked at, and only what changed is kept in memory."""
    here = db[table].columns_dict
    columns = tuple(column for column in columns if column in here)  # a backup may be older than a column
    country = '"country"' if "country" in here else "null"
    wanted = ", ".join(f'"{column}"' for column in columns)
    found: list[tuple[int, dict[str, str]]] = []
    if not columns:
        return 0
    for row, place, *texts in db.conn.execute(f'select rowid, {country}, {wanted} from "{table}"'):
        cut = partial(silence.cut, country=place, names=names)
        if changes := dict(_changes(zip(columns, texts, strict=True), cut)):
            found.append((row, changes))
    for row, changes in found:
        sets = ", ".join(f'"{column}"=?' for column in (*changes, *also))
        db.conn.execute(f'update or replace "{table}" set {sets} where rowid=?', (*changes.values(), *also.values(), row))
    return sum(len(changes) for _, changes in found)


def _changes(texts: Iterator[tuple[str, Any]], cut: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """(column, new text) of what changed."""
    for column, text in texts:
        if isinstance(text, str) and text and (new := _cut_one(text, cut)) != text:
            yield column, new


def _cut_one(text: str, cut: Callable[[str], str]) -> str:
    """A text, or the texts within a JSON list or object."""
    if text[0] not in "[{":
        return cut(text)
    try:
        held = json.loads(text)
    except ValueError:
        return cut(text)
    new = _cut_within(held, cut)
    return text if new == held else json.dumps(new, ensure_ascii=False)


def _cut_within(held: Any, cut: Callable[[str], str]) -> Any:
    if isinstance(held, str):
        return cut(held)
    if isinstance(held, list):
        return [_cut_within(item, cut) for item in held]
    return {key: _cut_within(value, cut) for key, value in held.items()} if isinstance(held, dict) else held
