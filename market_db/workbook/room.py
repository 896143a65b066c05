"""What every sheet of the workbook shares: what the list is about, its styles and words, its counts, its printed page."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from market_db.exports.lead_row import LeadRow
from market_db.exports.text import cell_text, cut
from market_db.workbook.pen import MOST_LINKS, Cell, Link, Pen
from market_db.workbook.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a reader must know of a list to judge it."""

    created: datetime
    """When the file was made; a zone, where it has one, is shown."""
    filter_words: str
    """The filter in words, in the language of the workbook; empty = none."""
    total: int
    """Leads that match the filter."""
    shown: int
    """Leads handed over; the sheet states what was really written."""
    product_names: Mapping[str, str] = field(default_factory=dict)
    """Key of a product type -> its name in the language of the workbook."""
    snapshot_at: datetime | None = None
    """When the data behind the list was published."""
    shortlist: str = ""
    """Id of the shortlist it was made of; empty = a view of all buyers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What every sheet needs."""

    book: Workbook
    styles: Mapping[str, Format]
    words: Words
    product_names: Mapping[str, str]

    def pen(self, sheet: str) -> Pen:
        """A new sheet, named in the language of the workbook."""
        return Pen(self.book.add_worksheet(self.words.say("sheets", sheet)), self.styles)

    def product(self, key: str) -> str:
        """Name of a product type; its key where the caller gave none."""
        return self.product_names.get(key, key)


@dataclass(slots=True)
class Counts:
    """What went by while the shortlist was streamed."""

    rows: int = 0
    links_as_text: int = 0
    markets: dict[tuple[str, str], None] = field(default_factory=dict)
    """(country, product) in the order of the list."""
    sources: Counter[str] = field(default_factory=Counter)
    """Title of a source -> rows."""
    attributions: dict[str, None] = field(default_factory=dict)

    def take(self, row: LeadRow) -> None:
        """Count one lead."""
        self.rows += 1
        self.sources.update(set(row.sources))
        self.attributions.update(dict.fromkeys(row.attributions))
        if row.country:
            self.markets.setdefault((row.country, row.product))


def styled(value: Cell, style: str) -> tuple[Cell, str]:
    """The cell with its style: an address that may not become a link must not look like one."""
    return (value, "text") if style == "link" and not isinstance(value, Link) else (value, style)


def links_cut(words: Words, counts: Counts) -> str:
    """How many links became text, and why."""
    return words.say("notes", "links_cut", count=words.number(counts.links_as_text), most=words.number(MOST_LINKS))


def rows_of(words: Words, counts: Counts, about: About) -> str:
    """What was really written, of what matches: "43 of 120 buyers"."""
    return words.say("method", "rows_of", shown=words.number(counts.rows), total=words.number(max(about.total, counts.rows)))


def dress(sheet: Worksheet, words: Words, left: str, right: str = "", repeat: int | None = 0) -> None:
    """A4 landscape, one page wide, header row on every page, who and when above, page number below."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.hide_gridlines(2)
    if repeat is not None:
        sheet.repeat_rows(repeat)
    sheet.set_header(f"&L{_in_header(left, 150)}&R{_in_header(right, 40)}")
    sheet.set_footer(f"&LTembus&R{words.say('notes', 'page')}")


def _in_header(text: str, limit: int) -> str:
    """Text for a print header: "&" starts a code there and is written twice; all parts together may have 255 characters."""
    shown = " ".join(cell_text(text).split())
    return cut(shown, limit if shown.count("&") * 2 < limit // 2 else limit // 2).replace("&", "&&")
