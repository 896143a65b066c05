"""The workbook comes back: what an advisor filled in, by lead id, and every odd row named instead of guessed."""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from market_db.exports.text import cell_text
from market_db.values.dates import read_date
from market_db.workbook.problem import Problem
from market_db.workbook.words import LANGUAGES, MARK, words_of

FILLED = ("status", "contacted_on", "owner", "note", "verdict")
"""Columns an advisor may fill."""
MOST_UNPACKED = 1_500_000_000
"""Bytes the parts of the file may have together; a bomb claims far more."""
MOST_STRINGS = 300_000_000
"""Bytes of the table of texts, the one part that is held in memory; some three times what 100,000 leads take."""
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
"""Begin of a compound file: an old .xls, or a workbook that is encrypted (MS-OFFCRYPTO)."""
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
HEAD_BYTES = 1_048_576
CHOSEN = {"status": "statuses", "verdict": "verdict_choices"}
"""Column with a drop-down -> group of its words."""
_MOST_COLUMNS, _HEADER_ROWS, _MOST_ROWS = 100, 20, 1_048_576
_YEARS = range(2000, 2100)
MOST_DAY = 30
"""Letters of a day that somebody typed; what is longer is a sentence."""
# What openpyxl raises on files that are not what their name says.
_UNREADABLE = (
    InvalidFileException,
    BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    SyntaxError,
    EOFError,
    OSError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledRow:
    """A lead as it came back; None = left empty."""

    row: int
    """Row of the sheet, from 1."""
    lead_id: str
    status: str | None
    """Key as in `entered.FollowUp.status`."""
    contacted_on: date | None
    owner: str | None
    note: str | None
    verdict: str | None = None
    """Key as in `entered.Decision.kind`."""
    company: str | None = None
    """Name as it stands there; it is never taken over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """A workbook as read: a row with a bad cell is in `rows` without that cell, and the cell is in `problems`."""

    rows: tuple[FilledRow, ...]
    problems: tuple[Problem, ...]
    columns: frozenset[str] = frozenset()
    """Which of `FILLED` and `company` it has: what is missing was not emptied."""
    made_at: datetime | None = None
    """When it was made; None = it does not say."""
    shortlist: str | None = None
    """Id of the shortlist it was made of."""


_Values = Mapping[str, object]


def read_back(path: Path) -> ReadBack:
    """Rows by lead id with status, date, owner and note; columns may have been moved, sorted or written in either language.

    Never raises for the contents of a file: what cannot be read is a problem. OSError only where the file cannot be opened.
    """
    if not path.stat().st_size:
        return refused("empty")
    try:
        if kind := _not_ours(path):
            return refused(kind)
        with warnings.catch_warnings():
            # openpyxl warns of every part it does not keep when it saves; nothing is saved here.
            warnings.simplefilter("ignore", UserWarning)
            return _read(path)
    except _UNREADABLE as error:
        return refused("not_a_workbook", str(error))


def _not_ours(path: Path) -> str:
    """Why a file is not even opened; empty = open it."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if head.startswith(COMPOUND):
        return "locked" if ENCRYPTED in head else "old_format"
    with ZipFile(path) as parts:
        sizes = {part.filename.casefold(): part.file_size for part in parts.infolist()}
        if any(part.flag_bits & 1 for part in parts.infolist()):
            return "locked"
    strings = max((size for name, size in sizes.items() if name.endswith("sharedstrings.xml")), default=0)
    return "too_big" if sum(sizes.values()) > MOST_UNPACKED or strings > MOST_STRINGS else ""


def refused(kind: str, value: str = "") -> ReadBack:
    """A file of which nothing was read, and why."""
    return ReadBack(rows=(), problems=(Problem(kind=kind, value=cell_text(value, 200)),))


def _read(path: Path) -> ReadBack:
    book = load_workbook(path, read_only=True, keep_links=False, keep_vba=False)
    try:
        made_at, shortlist = _mark(book)
        for sheet in book.worksheets:
            # The size a sheet claims can be that of all of Excel; its rows tell the truth.
            sheet.reset_dimensions()
            lines = enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True), 1)
            places = _find_header(islice(lines, _HEADER_ROWS))
            if places:
                filled = ((number, {key: _at(line, at) for key, at in places.items()}) for number, line in islice(lines, _MOST_ROWS))
                return replace(_collect(filled), columns=frozenset(places) - {"lead_id"}, made_at=made_at, shortlist=shortlist)
    finally:
        book.close()
    return refused("not_ours")


def _mark(book: Workbook) -> tuple[datetime | None, str | None]:
    """When it was made and of which shortlist, as `write_workbook` put it down; a date of the future is none."""
    found = next((prop.value for prop in book.custom_doc_props.props if prop.name == MARK), None)
    when, _, shortlist = str(found or "")[:100].partition(" ")
    try:
        made = datetime.fromisoformat(when)
    except ValueError:
        return None, None
    known = made.tzinfo is not None and made <= datetime.now(UTC) + timedelta(minutes=5)
    return (made if known else None), (shortlist if shortlist.isalnum() else None)


def _find_header(lines: Iterable[tuple[int, Sequence[object]]]) -> dict[str, int] | None:
    for _, line in lines:
        labels = [_text(value) for value in line]
        places = {key: labels.index(label) for key, label in _labels() if label in labels}
        if {"lead_id", "status"} <= places.keys():
            return places
    return None


@cache
def _labels() -> tuple[tuple[str, str], ...]:
    return tuple((key, words_of(language).say("columns", key)) for key in ("lead_id", "company", *FILLED) for language in LANGUAGES)


@cache
def _choices(group: str) -> Mapping[str, str]:
    """A choice of a drop-down in words, casefolded, and the key itself -> key."""
    tables = [words_of(language).table[group] for language in LANGUAGES]
    return {name.casefold(): key for table in tables for key, label in table.items() for name in (key, label)}


def _at(line: Sequence[object], place: int) -> object:
    return line[place] if place < len(line) else None


def _text(value: object) -> str:
    return "" if value is None else cell_text(unescape(value) if isinstance(value, str) else str(value)).strip()


def _collect(lines: Iterable[tuple[int, _Values]]) -> ReadBack:
    rows: dict[str, FilledRow] = {}
    problems: list[Problem] = []
    for number, values in lines:
        lead_id = _text(values["lead_id"])
        if not lead_id:
            if any(_text(values.get(key)) for key in FILLED):
                problems.append(Problem(kind="no_lead", row=number))
        elif lead_id in rows:
            problems.append(Problem(kind="twice", row=number, column="lead_id", value=lead_id[:200]))
        else:
            found = list(_odd(number, values))
            problems.extend(found)
            rows[lead_id] = _row(number, lead_id, values, {problem.column for problem in found})
    return ReadBack(rows=tuple(rows.values()), problems=tuple(problems))


def _odd(number: int, values: _Values) -> Iterator[Problem]:
    """Cells of a row that cannot be taken over."""
    for key in FILLED:
        value, shown = values.get(key), _text(values.get(key))
        if key in ("contacted_on", *CHOSEN) and shown.startswith("="):
            yield Problem(kind="formula", row=number, column=key, value=shown[:200])
        elif key in CHOSEN and shown and shown.casefold() not in _choices(CHOSEN[key]):
            yield Problem(kind=key, row=number, column=key, value=shown[:200])
        elif key == "contacted_on" and shown and _day(value) is None:
            yield Problem(kind="date", row=number, column=key, value=shown[:200])


def _row(number: int, lead_id: str, values: _Values, odd: set[str]) -> FilledRow:
    good = {key: value for key, value in values.items() if key not in odd}
    return FilledRow(
        row=number,
        lead_id=lead_id,
        status=_choices("statuses").get(_text(good.get("status")).casefold()),
        contacted_on=_day(good.get("contacted_on")),
        owner=_text(good.get("owner")) or None,
        note=_text(good.get("note")) or None,
        verdict=_choices("verdict_choices").get(_text(good.get("verdict")).casefold()),
        company=_text(good.get("company"))[:500] or None,
    )


def _day(value: object) -> date | None:
    """A day from a date cell, a serial number of Excel or a text that leaves no doubt (20 November 2026, 20/11/2026); 8/11/2026 does."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = from_excel(value)
        elif isinstance(value, str):
            text = _text(value)
            value = date.fromisoformat(read_date(text) or "" if len(text) <= MOST_DAY else "")
    except (ValueError, OverflowError):
        return None
    day = value.date() if isinstance(value, datetime) else value
    return day if isinstance(day, date) and day.year in _YEARS else None
