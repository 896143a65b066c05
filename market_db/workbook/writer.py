"""A shortlist as an Excel workbook that a small firm can work with: who, why, proof, contact, and room for the follow-up.

Written row by row in constant memory (100,000 leads: see `tests/bench/bench_workbook.py`), whole or not at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.workbook import Workbook

from market_db.derived import Market
from market_db.exports.lead_row import LeadRow
from market_db.exports.lists import replacing
from market_db.exports.text import cell_text
from market_db.runs import Run, SourceCard
from market_db.workbook import sheets
from market_db.workbook.pen import make_styles
from market_db.workbook.room import About, Room
from market_db.workbook.shortlist import write_shortlist
from market_db.workbook.words import MARK, Language, words_of

__all__ = ["About", "write_workbook"]

# The constructor's own guesses at what a text might be are how scraped text turns into formulas.
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(
    path: Path,
    rows: Iterable[LeadRow],
    *,
    language: Language,
    markets: Iterable[Market],
    sources: Iterable[SourceCard],
    runs: Mapping[str, Run],
    about: About,
) -> int:
    """Write the workbook and return the number of leads in it.

    `markets` may hold more countries than the list: only those of the list are shown, and a country of the list without
    a market is shown with "no data". `runs` is the latest run by name of source. Raises ExportFailed or its DiskFull;
    then what stood at `path` is untouched.
    """
    words = words_of(language)
    with replacing(path) as draft, _open(draft) as book:
        # What a list must say of itself when it comes back: properties survive Excel and LibreOffice, and nobody edits them by accident
        book.set_custom_property(MARK, f"{_utc(about.created):%Y-%m-%dT%H:%M:%S+00:00} {about.shortlist}".strip(), "text")
        book.set_properties(_properties(about, words.say("notes", "title", products=", ".join(about.product_names.values()))))
        room = Room(book=book, styles=make_styles(book, language), words=words, product_names=about.product_names)
        counts = write_shortlist(room, rows, about)
        sheets.write_markets(room, markets, counts, sources := tuple(sources))
        sheets.write_method(room, about, counts, sources, runs)
        sheets.write_glossary(room)
        sheets.write_lists(room)
    return counts.rows


def _properties(about: About, title: str) -> dict[str, object]:
    return {"title": cell_text(title, 250), "author": "Tembus", "created": _utc(about.created)}


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@contextmanager
def _open(draft: Path) -> Iterator[Workbook]:
    """A workbook that is closed, as XlsxWriter's own is not, when the block fails; FileCreateError becomes the OSError inside."""
    book = Workbook(str(draft), {**_OPTIONS, "tmpdir": str(draft.parent)})
    book.use_zip64()
    try:
        yield book
        book.close()
    except FileCreateError as error:
        raise (error.args[0] if error.args and isinstance(error.args[0], OSError) else OSError(str(error))) from error
    finally:
        for sheet in book.worksheets():
            with suppress(OSError):
                sheet.row_data_fh.close()
