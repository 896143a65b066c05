"""The one way a value gets into a worksheet cell: typed, checked, and counted where Excel has a limit."""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from market_db.exports.text import cell_text
from market_db.workbook.words import Language

MOST_LINKS = 65_530
"""Links Excel keeps in one worksheet; it empties the cells beyond."""

_LINE_POINTS, _MOST_LINES = 13.5, 14
_BOLD = ("strong", "header")

_INK, _PAPER, _RULE, _FILL, _FADED = "#1F2933", "#FFFFFF", "#D5DCE3", "#FFF9E5", "#7B8794"
_CELL: Mapping[str, Any] = {
    "font_name": "Calibri",
    "font_size": 10,
    "font_color": _INK,
    "valign": "top",
    "bottom": 1,
    "bottom_color": _RULE,
}
# Room between a number and the text to its right.
_NUMBER: Mapping[str, Any] = {**_CELL, "align": "right", "indent": 1}
_TEXT: Mapping[str, Any] = {**_CELL, "text_wrap": True}
# The month's name in the language of the file, whatever the language of the reader's Excel (LCIDs of MS-LCID).
_DATE_FORMAT: Mapping[Language, str] = {"id": "[$-421]d mmm yyyy", "en": "[$-809]d mmm yyyy"}
_ENTRY: Mapping[str, Any] = {"bg_color": _FILL}

STYLES: Mapping[str, Mapping[str, Any]] = {
    "text": _TEXT,
    "strong": {**_TEXT, "bold": True},
    "link": {**_TEXT, "font_color": "#0B5CAD", "underline": 1},
    "count": {**_NUMBER, "num_format": "#,##0"},
    "whole": {**_NUMBER, "num_format": "0"},
    "score": {**_CELL, "num_format": "0", "bold": True, "align": "center"},
    "money": {**_NUMBER, "num_format": "#,##0"},
    "price": {**_NUMBER, "num_format": "#,##0.00"},
    "percent": {**_NUMBER, "num_format": "0.0%"},
    "date": {**_CELL, "align": "left"},
    "faded": {**_NUMBER, "font_color": _FADED, "italic": True},
    "entry": {**_TEXT, **_ENTRY},
    "entry_date": {**_CELL, **_ENTRY, "align": "left"},
    "header": {
        **_TEXT,
        "bold": True,
        "font_color": _PAPER,
        "bg_color": "#1F5A5E",
        "valign": "vcenter",
        "border": 1,
        "border_color": "#3C7478",
    },
    "heading": {"font_name": "Calibri", "font_size": 12, "bold": True, "font_color": "#1F5A5E", "valign": "vcenter"},
    "note": {"font_name": "Calibri", "font_size": 10, "italic": True, "font_color": "#7A4B00"},
    "wrapped_note": {"font_name": "Calibri", "font_size": 10, "font_color": _INK, "text_wrap": True, "valign": "top"},
    "wrapped_number": {"font_name": "Calibri", "font_size": 10, "font_color": _INK, "valign": "top", "align": "right"},
    "key": {"font_name": "Calibri", "font_size": 10, "bold": True, "font_color": _INK, "valign": "top"},
}


@dataclass(frozen=True, slots=True)
class Link:
    """An address that was checked (`web_link`, `mail_link`) with the text to show, and the text to show where links ran out."""

    target: str
    text: str
    plain: str


Cell = str | float | date | Link | None


def make_styles(book: Workbook, language: Language) -> dict[str, Format]:
    """The formats of a workbook by name of style."""
    dated = {name: {**style, "num_format": _DATE_FORMAT[language]} if "date" in name else style for name, style in STYLES.items()}
    return {name: book.add_format(dict(style)) for name, style in dated.items()}


def lines_of(text: str, width: float) -> int:
    """Lines a text takes in a wrapped cell `width` characters wide, at most 14; East Asian characters count twice."""
    if text.isascii() and len(text) <= width and "\n" not in text:
        return 1
    lines = 0
    for line in text[:4_000].splitlines():
        wide = len(line) if line.isascii() else sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)
        lines += max(1, math.ceil(wide / width))
    return min(max(lines, 1), _MOST_LINES)


class Pen:
    """Writes one worksheet from top to bottom: constant-memory mode forgets a row as soon as the next begins."""

    def __init__(self, sheet: Worksheet, styles: Mapping[str, Format]) -> None:
        self.sheet = sheet
        self.styles = styles
        self.row = 0
        """Next row to write, from 0."""
        self.widths: tuple[float, ...] = ()
        self.links = 0
        self.links_as_text = 0

    def set_columns(self, widths: Sequence[float], hidden: int | None = None) -> None:
        """Widths in characters; `hidden` is the index of a column to hide."""
        self.widths = tuple(widths)
        for index, width in enumerate(widths):
            self.sheet.set_column(index, index, width, None, {"hidden": index == hidden})

    def write(self, cells: Sequence[tuple[Cell, str]], least: float = 0) -> None:
        """One row of values with the name of their style, at least `least` points high; moves on to the next row."""
        self.sheet.set_row(self.row, max(least, self._height(cells)))
        for column, (value, style) in enumerate(cells):
            self._put(column, value, self.styles[style])
        self.row += 1

    def _height(self, cells: Sequence[tuple[Cell, str]]) -> float:
        # LibreOffice and phones show one line of a wrapped cell unless the file gives the height.
        lines = 1
        for (value, style), width in zip(cells, self.widths, strict=False):
            text = value.text if isinstance(value, Link) else value
            if isinstance(text, str) and STYLES[style].get("text_wrap"):
                lines = max(lines, lines_of(text, width * (1.0 if style in _BOLD else 1.1)))
        return lines * _LINE_POINTS + 2.5

    def skip(self, rows: int = 1) -> None:
        """Leave rows empty."""
        self.row += rows

    def _put(self, column: int, value: Cell, style: Format) -> None:
        if isinstance(value, Link):
            self._link(column, value, style)
        elif isinstance(value, str):
            self._text(column, value, style)
        elif isinstance(value, date):
            self._date(column, value, style)
        elif value is None or not math.isfinite(value):
            self.sheet.write_blank(self.row, column, None, style)
        else:
            self.sheet.write_number(self.row, column, value, style)

    def _text(self, column: int, text: str, style: Format) -> None:
        shown = cell_text(text)
        if shown:
            self.sheet.write_string(self.row, column, shown, style)
        else:
            self.sheet.write_blank(self.row, column, None, style)

    def _date(self, column: int, day: date, style: Format) -> None:
        # Excel's calendar begins in 1900 and knows no zones: earlier days are text, a moment becomes its day.
        if day.year < 1900:
            self._text(column, day.isoformat(), style)
            return
        self.sheet.write_datetime(self.row, column, datetime(day.year, day.month, day.day), style)  # noqa: DTZ001 (Excel has no zones)

    def _link(self, column: int, link: Link, style: Format) -> None:
        if self.links >= MOST_LINKS:
            self.links_as_text += 1
            self._text(column, link.plain, self.styles["text"])
            return
        self.links += 1
        self.sheet.write_url(self.row, column, link.target, style, cell_text(link.text) or link.target)
