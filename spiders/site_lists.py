"""Bulk lists of sites (sites.csv): one line a shop, family "auto" until somebody probed it; every mistake names file, row and column."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spiders.site_checks import BadSite

COLUMNS = (
    "url",
    "country",
    "currency",
    "lang",
    "role",
    "family",
    "basis",
    "terms_url",
    "tos_checked",
    "enabled",
    "id",
    "seller",
    "tos_note",
)
"""In the order people write them; only `url` has to be there."""
DELIMITERS = ",;\t"
"""Spreadsheets write the semicolon where the comma is the decimal sign."""
YES_NO = {"true": True, "false": False, "": False}
MAX_LIST = 20_000_000
_NO_ID = re.compile(r"[^a-z0-9]+")


def list_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, row as in TOML) of each line; an empty cell is a key that is not there. Raises BadSite."""
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    columns: tuple[str, ...] = ()
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            place = f"{path.name}: row {reader.line_num}"
            if columns:
                yield place, _row(place, columns, cells)
            else:
                columns = _header(place, cells)
    except csv.Error as error:
        raise BadSite(f"{path.name}: row {reader.line_num}: not readable as CSV: {error}") from error


def _text(path: Path) -> str:
    body = path.read_bytes()
    if len(body) > MAX_LIST or b"\0" in body:
        raise BadSite(f'{path.name}: not a CSV file in UTF-8; save it as "CSV UTF-8"')
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise BadSite(f'{path.name}: row {line}: not UTF-8; save it as "CSV UTF-8"') from error


def _delimiter(text: str) -> str:
    """The sign that the header line has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _header(place: str, cells: list[str]) -> tuple[str, ...]:
    names = tuple(cell.strip().lower() for cell in cells)
    for number, name in enumerate(names, 1):
        if name not in COLUMNS:
            raise BadSite(f"{place}: column {number} ({name or 'no name'}): unknown; known are {', '.join(COLUMNS)}")
        if name in names[: number - 1]:
            raise BadSite(f"{place}: column {number} ({name}): there twice")
    if "url" not in names:
        raise BadSite(f"{place}: url: column missing")
    return names


def _row(place: str, columns: tuple[str, ...], cells: list[str]) -> dict[str, Any]:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        raise BadSite(f"{place}: {len(cells)} cells where the header has {len(columns)}; put texts with commas in quotes")
    given = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()}
    row: dict[str, Any] = {"family": "auto", **given}
    if "url" in given:
        row.setdefault("id", site_id(given["url"]))
    if "tos_checked" in given:
        row["tos_checked"] = _day(place, given["tos_checked"])
    if "enabled" in given:
        row["enabled"] = _flag(place, given["enabled"])
    return row


def _day(place: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadSite(f"{place}: tos_checked: a date as 2026-11-20 expected, not {text!r}") from None


def _flag(place: str, text: str) -> bool:
    if text.lower() not in YES_NO:
        raise BadSite(f"{place}: enabled: true or false expected, not {text!r}")
    return YES_NO[text.lower()]


def site_id(url: str) -> str:
    """Id of a site that has no other: its host with hyphens ("www.toko.example" -> toko-example)."""
    try:
        host = (urlsplit(url).hostname or "").encode("idna").decode()
    except ValueError:
        host = ""
    return _NO_ID.sub("-", host.removeprefix("www.")).strip("-")[:60]
