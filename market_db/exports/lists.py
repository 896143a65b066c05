"""Lists as files: CSV that spreadsheets cannot be tricked with, JSON, safe names, and a write that happens whole or not at all.

ExportFailed: raised by every writer here and by `write_workbook` when the file could not be made
└── DiskFull: because there was no room
"""

import csv
import errno
import json
import math
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from market_db.exports.lead_row import LeadRow
from market_db.exports.text import cell_text, csv_text
from market_db.proof_words import goods_in
from market_db.workbook.words import Language, Words, words_of

NAME_LIMIT = 120
"""Most UTF-8 bytes of a file name: file systems take 255, e-mail programs and zip tools often less."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|conin|conout|clock|com[0-9]|lpt[0-9])")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")

Value = str | int | float | bool | date | tuple[str, ...] | None


class ExportFailed(Exception):
    """A file could not be written; what stood at its place before is untouched."""

    word = "not_written"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(words_of("en").say("errors", self.word, path=path, reason=reason))
        self.path = path
        self.reason = reason

    def message(self, language: Language) -> str:
        """The error for people, in `id` or `en`."""
        return words_of(language).say("errors", self.word, path=self.path, reason=self.reason)


class DiskFull(ExportFailed):
    """Raised when disk, quota or file-size limit ended the writing."""

    word = "disk_full"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a draft beside `path` that takes its place when the block ends well; otherwise nothing of it remains.

    The draft lies in a folder of its own on the same disk, which also takes the writer's temporary files. Only its owner may read it:
    it names firms and how to reach them.
    Raises ExportFailed for every OSError of the block.
    """
    try:
        with TemporaryDirectory(prefix=".tembus-", dir=path.parent) as folder:
            draft = Path(folder) / "draft"
            yield draft
            draft.chmod(0o600)
            _to_disk(draft)
            draft.replace(path)
            _to_disk(path.parent)
    except OSError as error:
        kind = DiskFull if error.errno in _NO_ROOM else ExportFailed
        raise kind(path, error.strerror or str(error)) from error


def _to_disk(path: Path) -> None:
    # Without it a power cut after the rename leaves the new name on an empty file.
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def safe_name(text: str, suffix: str) -> str:
    """A file name for any text: letters, digits, "-" and "_" of any script, at most 120 bytes, no device of Windows, never a path.

    `suffix` is ours (".xlsx"); ValueError for one that is not a dot and up to five letters or digits.
    """
    if not _SUFFIX.fullmatch(suffix):
        raise ValueError(f"not a file suffix: {suffix!r}")
    shown = unicodedata.normalize("NFKC", cell_text(text[:1_000]))
    shown = shown[: -len(suffix)] if shown.lower().endswith(suffix) else shown
    kept = "".join(char if unicodedata.category(char)[0] in "LNM" or char == "_" else "-" for char in shown)
    name = _cut_bytes(re.sub("-{2,}", "-", kept).strip("-_"), NAME_LIMIT - len(suffix) - len("tembus-"))
    if not name or _DEVICES.fullmatch(name):
        name = f"tembus-{name}".strip("-")
    return name + suffix


def _cut_bytes(text: str, limit: int) -> str:
    return text.encode("utf-8", "ignore")[:limit].decode("utf-8", "ignore").strip("-_")


def export_path(folder: Path, text: str, suffix: str) -> Path:
    """Where an export named `text` goes: directly inside `folder`, whatever the text says."""
    path = folder / safe_name(text, suffix)
    assert path.parent == folder, "safe_name let a separator through"
    return path


_Column = tuple[str, Callable[[LeadRow, Words], Value]]
CSV_COLUMNS: tuple[_Column, ...] = (
    ("rank", lambda row, _: row.rank),
    ("company", lambda row, _: row.company),
    ("country", lambda row, words: words.country(row.country)),
    ("country_code", lambda row, _: row.country),
    ("city", lambda row, _: row.city),
    ("role", lambda row, words: words.role(row.role)),
    ("score", lambda row, _: row.score),
    ("grade", lambda row, _: row.grade),
    ("why", lambda row, words: row.why(words.language)),
    ("products", lambda row, words: tuple(goods_in(one, words.language) for one in row.products)),
    ("product", lambda row, _: row.product),
    ("website", lambda row, _: row.website),
    ("email", lambda row, _: row.email),
    ("phone", lambda row, _: row.phone),
    ("evidence_url", lambda row, _: row.evidence_url),
    ("evidence_title", lambda row, words: words.source(row.evidence_title) if row.evidence_title else None),
    ("n_sources", lambda row, _: row.n_sources),
    ("sources", lambda row, words: tuple(words.source(title) for title in row.sources)),
    ("first_seen", lambda row, _: row.first_seen),
    ("last_seen", lambda row, _: row.last_seen),
    ("new", lambda row, words: words.say("notes", "yes" if row.new else "no")),
    ("status", lambda row, words: words.label("statuses", row.status)),
    ("contacted_on", lambda row, _: row.contacted_on),
    ("owner", lambda row, _: row.owner),
    ("note", lambda row, _: row.note),
    ("licences", lambda row, _: row.licences),
    ("attributions", lambda row, _: row.attributions),
    ("lead_id", lambda row, _: row.lead_id),
    ("company_id", lambda row, _: row.company_id),
)


def write_csv(path: Path, rows: Iterable[LeadRow], language: Language, *, total: int | None = None) -> int:
    """Write all rows as CSV (RFC 4180, comma, UTF-8 with BOM so that Excel reads it) and return their number.

    Every text is made formula-safe, see `csv_text`; phone numbers read "'+62...". Dates are ISO 8601, numbers have a point.
    Where `total` says that the list holds more, a last line tells so ("first 2,000 of 50,000"). Raises ExportFailed.
    """
    words = words_of(language)
    written = 0
    with replacing(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([words.say("columns", key) for key, _ in CSV_COLUMNS])
        for row in rows:
            out.writerow([_csv_value(value(row, words)) for _, value in CSV_COLUMNS])
            written += 1
        if total is not None and total > written:
            out.writerow([words.say("notes", "first_of", shown=words.number(written), total=words.number(total))])
    return written


def _csv_value(value: Value) -> str:
    if isinstance(value, tuple):
        return csv_text("; ".join(value))
    if isinstance(value, str):
        return csv_text(value)
    if isinstance(value, date):
        return iso_day(value)
    return "" if value is None or not math.isfinite(value) else f"{value:.10g}"


def iso_day(day: date) -> str:
    """YYYY-MM-DD of a date or a datetime."""
    return f"{day.year:04}-{day.month:02}-{day.day:02}"


def write_json(target: Path | TextIO, rows: Iterable[LeadRow]) -> int:
    """Write one JSON array, an object a line, keys as the fields of `LeadRow`; returns the number of rows.

    Values are as stored (no `'` before signs), without control characters; dates are YYYY-MM-DD, unknown is null.
    "<" is escaped, so that the text may stand inside a page. A path is replaced whole or not at all (ExportFailed).
    """
    if not isinstance(target, Path):
        return _write_json(target, rows)
    with replacing(target) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
        return _write_json(file, rows)


def _write_json(file: TextIO, rows: Iterable[LeadRow]) -> int:
    written = 0
    file.write("[")
    for row in rows:
        plain = {field.name: _json_value(getattr(row, field.name)) for field in fields(row)}
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
        file.write((",\n" if written else "\n") + text)
        written += 1
    file.write("\n]\n" if written else "]\n")
    return written


def _json_value(value: Value) -> object:
    if isinstance(value, str):
        return cell_text(value)
    if isinstance(value, tuple):
        return [cell_text(item) for item in value]
    if isinstance(value, date):
        return iso_day(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value
