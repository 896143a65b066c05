"""Tables as offices publish them: the content decides the format, and a changed header is named, whatever the file is called."""

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from typing import BinaryIO, Literal

from python_calamine import CalamineError, CalamineWorkbook

from market_db.values.text import clean, plain
from spiders.reading import BadAnswer, Issue, Rejected

Cells = list[str]
Lines = Iterator[Cells | Issue]
"""Rows of cleaned cells; at the end what is wrong with the whole."""
Row = Mapping[str, str]
"""Field -> cleaned text; "" where the cell is empty or the (optional) column is missing."""
Format = Literal["text", "workbook", "zip", "gzip"]

MAX_CELL = 2_000
MAX_UNPACKED = 1_000_000_000
"""Bytes a packed file may grow to; more is refused as a bomb."""
HEADER_WITHIN = 30
"""Title lines may stand above the header; it must be among this many first rows."""
DELIMITERS = ",;\t|"
NOT_TABLES = (
    (b"%PDF", "pdf instead of a table"),
    (b"{", "json instead of a table"),
    (b"[{", "json instead of a table"),
    (b"<", "html or xml instead of a table"),
)
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
csv.field_size_limit(10_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What a reader wants of a table: its own field names, and how publishers have headed them so far."""

    names: Mapping[str, Sequence[str]]
    """Field -> accepted headings; case, accents and punctuation do not matter."""
    required: Sequence[str] = ()
    """Fields without which a row says nothing."""
    ignored: Sequence[str] = ()
    """Headings that are known and not read, so that they are not reported as new."""
    watch: bool = True
    """Whether headings nobody knows are reported; off where a file has many more than are read. Missing ones are reported always."""
    ends_line: bool = True
    """Whether the publisher ends the last line too: text that breaks off within a line is cut then, and its last row is not taken."""
    by_heading: Mapping[str, str] = field(init=False, repr=False)
    """Folded heading -> field."""

    def __post_init__(self) -> None:
        """Fold the headings once."""
        folded = {fold_heading(name): key for key, names in self.names.items() for name in (*names, key)}
        object.__setattr__(self, "by_heading", folded)


def fold_heading(text: str) -> str:
    """A heading for comparison: letters and digits of any script, without accents and case."""
    return re.sub(r"[\W_]+", " ", plain(text)).strip()


def table_rows(
    source: bytes | BinaryIO, columns: Columns, *, sheet: str | None = None, member: str | None = None, charset: str | None = None
) -> Iterator[Row | Rejected | Issue]:
    """Rows of a CSV, TSV, XLSX, XLSB, XLS or ODS file, also packed by gzip or alone in a zip.

    `member` is a part of the name wanted in a zip with several files, `sheet` the worksheet (default: the first that has the header),
    `charset` overrules the guess (UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252).
    Gives each row that has a cell, Rejected("ragged row") where cells stand beyond the header, and Issues `new_header`, `missing_header`,
    and `partial_answer` where text ends within a line or a quoted cell (a packed file says itself whether it is whole).
    Raises BadAnswer: empty file, something that is no table, no header row, a required column missing (the message names those found).
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    tables = _tables(file, sheet, member, Text(charset, columns.ends_line))
    yield from _rows_under_header(tables, columns)


def _rows_under_header(tables: Iterator[Lines], columns: Columns) -> Iterator[Row | Rejected | Issue]:
    """Rows of the first table that has the wanted header."""
    best: list[str] = []
    for rows in tables:
        top = list(islice(rows, HEADER_WITHIN))
        titles = [[] if isinstance(row, Issue) else row for row in top]
        at = _header_at(titles, columns)
        if at is None:
            best = best or next((row for row in titles if any(row)), [])
            continue
        places, issues = _places(titles[at], columns)
        yield from issues
        for cells in chain(top[at + 1 :], rows):
            yield from [cells] if isinstance(cells, Issue) else _row(cells, places, len(titles[at]))
        return
    wanted = ", ".join(columns.names[name][0] for name in columns.required)
    raise BadAnswer("missing column", f"wanted {wanted}; the first row is {' | '.join(best)[:300] or 'empty'}")


def _header_at(top: list[list[str]], columns: Columns) -> int | None:
    """Index of the first row with every required heading."""
    for at, cells in enumerate(top):
        known = {columns.by_heading.get(fold_heading(cell)) for cell in cells if cell}
        if known - {None} and known.issuperset(columns.required):
            return at
    return None


def _places(header: list[str], columns: Columns) -> tuple[dict[str, int | None], list[Issue]]:
    """Field -> column number (None = the header lacks it), and what is odd about the header."""
    places: dict[str, int | None] = {}
    issues: list[Issue] = []
    ignored = {fold_heading(name) for name in columns.ignored}
    for at, cell in enumerate(header):
        folded = fold_heading(cell)
        known = columns.by_heading.get(folded)
        if known is not None:
            places.setdefault(known, at)
        elif columns.watch and folded and folded not in ignored:
            issues.append(Issue("new_header", cell[:80]))
    issues += [Issue("missing_header", columns.names[name][0]) for name in columns.names if name not in places]
    places = dict.fromkeys(columns.names) | places
    return places, issues


def _row(cells: Cells, places: Mapping[str, int | None], width: int) -> Iterator[Row | Rejected]:
    if not any(cells):
        return
    if any(cells[width:]):
        yield Rejected("ragged row", f"{len(cells)} cells under {width} headings")
        return
    yield {name: cells[at] if at is not None and at < len(cells) else "" for name, at in places.items()}


@dataclass(frozen=True, slots=True)
class Text:
    """How delimited text is read."""

    charset: str | None
    ends_line: bool


def _tables(file: BinaryIO, sheet: str | None, member: str | None, how: Text) -> Iterator[Lines]:
    """Tables of a file, each as rows of cleaned cells."""
    start = file.read(4096)
    file.seek(0)
    if not start.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise BadAnswer("empty file", "nothing but white space" if start else "0 bytes")
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield from _of_zip(file, sheet, member, Text(how.charset, ends_line=False))
    elif start.startswith(OLD_WORKBOOK):
        yield from _of_workbook(file, sheet)
    elif start.startswith(b"\x1f\x8b"):
        yield _of_text(io.BufferedReader(_Capped(gzip.GzipFile(fileobj=file))), Text(how.charset, ends_line=False))
    else:
        yield _of_text(file, how)


def _of_zip(file: BinaryIO, sheet: str | None, member: str | None, how: Text) -> Iterator[Lines]:
    """A workbook, or the one file (of the wanted name) in an archive."""
    try:
        packed = zipfile.ZipFile(file)
        names = [entry.filename for entry in packed.infolist() if not entry.is_dir()]
        unpacked = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise BadAnswer("broken zip", str(error)[:200]) from error
    if unpacked > MAX_UNPACKED:
        raise BadAnswer("too large", f"{unpacked} bytes when unpacked")
    if any(name.startswith("xl/workbook.") or name == "content.xml" for name in names):
        file.seek(0)
        yield from _of_workbook(file, sheet)
        return
    wanted = [name for name in names if member is None or member.lower() in name.lower()]
    if len(wanted) != 1:
        raise BadAnswer("unexpected files in zip", ", ".join(names)[:300] or "none")
    try:
        inner = packed.open(wanted[0])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise BadAnswer("broken zip", str(error)[:200]) from error
    with inner:
        yield _of_text(io.BufferedReader(_Capped(inner)), how)


def _of_workbook(file: BinaryIO, sheet: str | None) -> Iterator[Lines]:
    """Each sheet, or the wanted one; Excel and OpenDocument alike."""
    try:
        book = CalamineWorkbook.from_filelike(file)
        if sheet is not None and sheet not in book.sheet_names:
            raise BadAnswer("missing sheet", f"wanted {sheet}; there are {', '.join(book.sheet_names)[:300]}")
        for name in [sheet] if sheet is not None else book.sheet_names:
            yield ([_cell(value) for value in row] for row in book.get_sheet_by_name(name).iter_rows())
    except CalamineError as error:
        raise BadAnswer("broken workbook", f"{type(error).__name__}: {error}"[:200]) from error


def _cell(value: object) -> str:
    """A worksheet's cell as a person reads it: whole numbers without ".0", dates as ISO 8601."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return clean(str(value), MAX_CELL)


def _of_text(file: BinaryIO, how: Text) -> Lines:
    """Rows of delimited text; the delimiter is the one that splits the first lines most evenly."""
    head = file.peek(65_536)[:65_536] if isinstance(file, io.BufferedReader) else file.read(65_536)
    if not isinstance(file, io.BufferedReader):
        file.seek(0)
    first = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    for sign, reason in NOT_TABLES:
        if first.startswith(sign):
            raise BadAnswer(reason, first[:80].decode("utf-8", "replace"))
    used = how.charset or _charset(head)
    text = io.TextIOWrapper(file, encoding=used, errors="replace", newline="")
    try:
        yield from _delimited(text, _delimiter(head.decode(used, "replace")), how)
    finally:
        text.detach()


def _delimited(text: Iterable[str], delimiter: str, how: Text) -> Lines:
    """Rows of cells; a last row that breaks off is an Issue instead. Raises BadAnswer: broken table."""
    lines, last = _Lines(text), list[str]()
    reader = csv.reader(lines, delimiter=delimiter, strict=False)
    try:
        for cells in reader:
            if last:
                yield [clean(cell, MAX_CELL) for cell in last]
            last = cells
    except csv.Error as error:
        raise BadAnswer("broken table", f"line {reader.line_num}: {error}") from error
    inside_quotes = bool(last) and last[-1].endswith("\n")
    if how.ends_line and (inside_quotes or not lines.last.endswith(("\n", "\r"))):
        yield Issue("partial_answer", f"the file breaks off within line {reader.line_num}, which is not read", broken=True)
    elif last:
        yield [clean(cell, MAX_CELL) for cell in last]


class _Lines:
    """Lines of a text; the last one says whether the text ends where a line does."""

    def __init__(self, text: Iterable[str]) -> None:
        self.text, self.last = iter(text), ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.last = next(self.text)
        return self.last


def _charset(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        head[: -4 if len(head) > 1000 else len(head)].decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8-sig" if error.reason == "unexpected end of data" else "cp1252"
    return "utf-8-sig"


def _delimiter(text: str) -> str:
    """The sign that stands equally often, and most often, in the first lines."""
    lines = [line for line in text.splitlines()[:20] if line.strip()][:10]
    counts = {sign: [line.count(sign) for line in lines] for sign in DELIMITERS}
    return max(DELIMITERS, key=lambda sign: (min(counts[sign], default=0), max(counts[sign], default=0)))


class _Capped(io.RawIOBase):
    """Reads a packed stream and stops where it grows beyond what is sensible."""

    def __init__(self, inner: object) -> None:
        self.inner: BinaryIO = inner  # type: ignore[assignment]
        self.read_so_far = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer. Raises BadAnswer: too large, broken file."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            found = self.inner.read(len(view))
        except (OSError, EOFError, zipfile.BadZipFile, ValueError) as error:
            raise BadAnswer("broken packed file", str(error)[:200]) from error
        self.read_so_far += len(found)
        if self.read_so_far > MAX_UNPACKED:
            raise BadAnswer("too large", f"more than {MAX_UNPACKED} bytes when unpacked")
        view[: len(found)] = found
        return len(found)
