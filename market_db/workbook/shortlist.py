"""The first sheet of the workbook: one lead a row, with its proof, its contacts and room for the follow-up."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from math import isfinite

from xlsxwriter.worksheet import Worksheet

from market_db.exports.lead_row import LeadRow
from market_db.exports.text import mail_link, short_address, web_link
from market_db.proof_words import goods_in
from market_db.workbook.pen import Cell, Link, Pen
from market_db.workbook.room import About, Counts, Room, dress, links_cut, rows_of, styled
from market_db.workbook.words import Words

MOST_ROWS = 1_000_000
"""Leads in one workbook: Excel takes 1,048,576 rows a sheet."""
PRINTED_COLUMNS = 9
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the shortlist."""

    key: str
    width: float
    style: str
    value: Callable[[LeadRow, Words], Cell]


def _site(row: LeadRow, _: Words) -> Cell:
    target = web_link(row.website)
    return Link(target, short_address(target), target) if target else row.website


def _mail(row: LeadRow, _: Words) -> Cell:
    target = mail_link(row.email)
    return Link(target, row.email, row.email) if target and row.email else row.email


def _evidence(row: LeadRow, words: Words) -> Cell:
    title, target = words.source(row.evidence_title or ""), web_link(row.evidence_url)
    plain = f"{title} {row.evidence_url or ''}".strip()
    return Link(target, title or short_address(target), plain) if target else plain or None


def whole_points(score: float) -> float:
    """As on the pages, never rounded up: 69.8 would read as a grade that it has not."""
    return float(int(score)) if isfinite(score) else score


SHORTLIST: tuple[Column, ...] = (
    Column("rank", 5, "count", lambda row, _: row.rank),
    Column("company", 34, "strong", lambda row, _: row.company),
    Column("country", 15, "text", lambda row, words: words.country(row.country)),
    Column("city", 15, "text", lambda row, _: row.city),
    Column("role", 15, "text", lambda row, words: words.role(row.role)),
    Column("score", 9, "score", lambda row, _: whole_points(row.score)),
    Column("why", 56, "text", lambda row, words: row.why(words.language)),
    Column("products", 34, "text", lambda row, words: "; ".join(goods_in(one, words.language) for one in row.products)),
    Column("website", 26, "link", _site),
    Column("email", 30, "link", _mail),
    Column("phone", 18, "text", lambda row, _: row.phone),
    Column("evidence", 40, "link", _evidence),
    Column("n_sources", 9, "count", lambda row, _: row.n_sources),
    Column("last_seen", 13, "date", lambda row, _: row.last_seen),
    Column("status", 19, "entry", lambda row, words: words.label("statuses", row.status)),
    Column("contacted_on", 14, "entry_date", lambda row, _: row.contacted_on),
    Column("owner", 16, "entry", lambda row, _: row.owner),
    Column("note", 44, "entry", lambda row, _: row.note),
    Column("verdict", 18, "entry", lambda _row, _words: None),
    Column("lead_id", 22, "text", lambda row, _: row.lead_id),
)
_AT = {column.key: index for index, column in enumerate(SHORTLIST)}


def write_shortlist(room: Room, rows: Iterable[LeadRow], about: About) -> Counts:
    """The list itself: header in row 1, a lead a row, lead id in the last, hidden column; then what is not shown, in words."""
    pen, words, counts = room.pen("shortlist"), room.words, Counts()
    pen.set_columns([column.width for column in SHORTLIST], hidden=_AT["lead_id"])
    pen.write([(words.say("columns", column.key), "header") for column in SHORTLIST], least=32)
    for row in islice(rows, MOST_ROWS):
        pen.write([styled(column.value(row, words), column.style) for column in SHORTLIST])
        counts.take(row)
    last = max(pen.row - 1, 1)
    counts.links_as_text = pen.links_as_text
    _write_notes(pen, words, counts, about)
    _dress_shortlist(room, pen.sheet, last, counts, about)
    return counts


def _write_notes(pen: Pen, words: Words, counts: Counts, about: About) -> None:
    notes = []
    if not counts.rows:
        notes.append(words.say("notes", "no_rows"))
    elif about.total > counts.rows:
        notes.append(words.say("notes", "first_of", shown=words.number(counts.rows), total=words.number(about.total)))
    if counts.links_as_text:
        notes.append(links_cut(words, counts))
    pen.skip()
    for note in notes:
        pen.write([(None, "note"), (note, "note")])


def _dress_shortlist(room: Room, sheet: Worksheet, last: int, counts: Counts, about: About) -> None:
    words = room.words
    title = words.say("notes", "title", products=", ".join(room.product_names.values()))
    dress(sheet, words, f"{title} · {rows_of(words, counts, about)}", words.day(about.created))
    sheet.freeze_panes(1, _AT["company"] + 1)
    sheet.autofilter(0, 0, last, len(SHORTLIST) - 1)
    sheet.print_area(0, 0, last, PRINTED_COLUMNS - 1)
    sheet.ignore_errors({"number_stored_as_text": f"B2:T{last + 1}"})
    bar = {
        "type": "data_bar",
        "bar_color": "#9FD3C7",
        "min_type": "num",
        "max_type": "num",
        "min_value": 0,
        "max_value": 100,
    }
    sheet.conditional_format(1, _AT["score"], last, _AT["score"], bar)
    _check_entries(sheet, words, last)


def _check_entries(sheet: Worksheet, words: Words, last: int) -> None:
    """Drop-downs, taken from the hidden sheet (a list inside the rule may have 255 characters only), and real dates."""
    for key, group, letter in (("status", "statuses", "A"), ("verdict", "verdict_choices", "B")):
        choices = f"='{words.say('sheets', 'lists')}'!${letter}$1:${letter}${len(words.lines(group))}"
        title, error = words.say("validation", f"{key}_title"), words.say("validation", f"{key}_error")
        rule = {"validate": "list", "source": choices, "error_title": title, "error_message": error}
        sheet.data_validation(1, _AT[key], last, _AT[key], rule)
    title, error = words.say("validation", "date_title"), words.say("validation", "date_error")
    days = {"validate": "date", "criteria": "between", "minimum": _FIRST_DAY, "maximum": _LAST_DAY}
    sheet.data_validation(1, _AT["contacted_on"], last, _AT["contacted_on"], {**days, "error_title": title, "error_message": error})
