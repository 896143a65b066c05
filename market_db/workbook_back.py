"""The workbook comes back: what an advisor filled in, by lead id, and every odd row named instead of guessed."""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from market_db.export_text import cell_text
from market_db.workbook_words import LANGUAGES, Language, words_of

FILLED = ("status", "contacted_on", "owner", "note")
"""Columns an advisor may fill."""
MOST_UNPACKED = 1_500_000_000
"""Bytes the parts of the file may have together; a bomb claims far more."""
_MOST_COLUMNS, _HEADER_ROWS, _MOST_ROWS = 100, 20, 1_048_576
_YEARS = range(2000, 2100)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that was not taken over."""

    kind: str
    """no_lead, twice, status, date, formula: one cell or row; not_a_workbook, not_ours, too_big: the whole file."""
    row: int = 0
    column: str = ""
    """Key of the column."""
    value: str = ""
    """What stood there, at most 200 characters."""

    def say(self, language: Language) -> str:
        """The problem for people, in `id` or `en`."""
        words = words_of(language)
        column = words.label("columns", self.column) if self.column else ""
        return words.say("read_back", self.kind, row=self.row, column=column, value=self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """A workbook as read: a row with a bad cell is in `rows` without that cell, and the cell is in `problems`."""

    rows: tuple[FilledRow, ...]
    problems: tuple[Problem, ...]


_Values = Mapping[str, object]


def read_back(path: Path) -> ReadBack:
    """Rows by lead id with status, date, owner and note; columns may have been moved, sorted or written in either language.

    Never raises for the contents of a file: what cannot be read is a problem. OSError only where the file cannot be opened.
    """
    path.stat()
    try:
        with ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                return _refused("too_big")
        with warnings.catch_warnings():
            # openpyxl warns of every part it does not keep when it saves; nothing is saved here.
            warnings.simplefilter("ignore", UserWarning)
            return _read(path)
    except _UNREADABLE as error:
        return _refused("not_a_workbook", str(error))


def _refused(kind: str, value: str = "") -> ReadBack:
    return ReadBack(rows=(), problems=(Problem(kind=kind, value=cell_text(value, 200)),))


def _read(path: Path) -> ReadBack:
    book = load_workbook(path, read_only=True)
    try:
        for sheet in book.worksheets:
            # The size a sheet claims can be that of all of Excel; its rows tell the truth.
            sheet.reset_dimensions()
            lines = enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True), 1)
            places = _find_header(islice(lines, _HEADER_ROWS))
            if places:
                return _collect((number, {key: _at(line, at) for key, at in places.items()}) for number, line in islice(lines, _MOST_ROWS))
    finally:
        book.close()
    return _refused("not_ours")


def _find_header(lines: Iterable[tuple[int, Sequence[object]]]) -> dict[str, int] | None:
    for _, line in lines:
        labels = [_text(value) for value in line]
        places = {key: labels.index(label) for key, label in _labels() if label in labels}
        if {"lead_id", "status"} <= places.keys():
            return places
    return None


@cache
def _labels() -> tuple[tuple[str, str], ...]:
    return tuple((key, words_of(language).say("columns", key)) for key in ("lead_id", *FILLED) for language in LANGUAGES)


@cache
def _statuses() -> Mapping[str, str]:
    """Status in words, casefolded, and the key itself -> key."""
    tables = [words_of(language).table["statuses"] for language in LANGUAGES]
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
        if key in ("status", "contacted_on") and shown.startswith("="):
            yield Problem(kind="formula", row=number, column=key, value=shown[:200])
        elif key == "status" and shown and shown.casefold() not in _statuses():
            yield Problem(kind="status", row=number, column=key, value=shown[:200])
        elif key == "contacted_on" and shown and _day(value) is None:
            yield Problem(kind="date", row=number, column=key, value=shown[:200])


def _row(number: int, lead_id: str, values: _Values, odd: set[str]) -> FilledRow:
    good = {key: value for key, value in values.items() if key not in odd}
    return FilledRow(
        row=number,
        lead_id=lead_id,
        status=_statuses().get(_text(good.get("status")).casefold()),
        contacted_on=_day(good.get("contacted_on")),
        owner=_text(good.get("owner")) or None,
        note=_text(good.get("note")) or None,
    )


def _day(value: object) -> date | None:
    """A day from a date cell, a serial number of Excel or ISO text; any other text is ambiguous (8/11 or 11/8) and refused."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = from_excel(value)
        elif isinstance(value, str):
            value = date.fromisoformat(_text(value))
    except (ValueError, OverflowError):
        return None
    day = value.date() if isinstance(value, datetime) else value
    return day if isinstance(day, date) and day.year in _YEARS else None
