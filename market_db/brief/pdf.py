"""The brief as a PDF of one A4 page, drawn with the fonts every reader has: the same bytes on every machine, nothing to install."""

from collections.abc import Sequence
from datetime import datetime

from anyascii import anyascii
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from market_db.brief import Brief, Chart, Label, Line, Rect, Section, Tile

MARGIN, WIDTH = 11.0, 188.0
"""Millimetres; A4 is 210 wide."""
SIZES = (8.2, 7.6, 7.0, 6.4, 6.0)
"""Letters of the text in points: the largest with which everything fits on one page is taken."""
GREY, BLACK = (82, 96, 109), (28, 39, 51)
LEADING = 0.46
"""Millimetres of line height a point."""
CHART_LETTER = 5.4
GAP = 5.0


def to_pdf(brief: Brief, created: datetime) -> bytes:
    """The page. Letters outside Western European ones are written in Latin ones: the HTML page has them as they are."""
    for size in SIZES:
        pdf = _draw(brief, created, size)
        if pdf.page == 1:
            break
    return bytes(pdf.output())


def shown(text: str) -> str:
    """A text in letters that the built-in fonts have (Windows-1252 without its own signs, that is Latin-1)."""
    return "".join(char if ord(char) < 256 else anyascii(char) for char in text)


def in_other_letters(brief: Brief) -> bool:
    """Whether a word of the page is printed in other letters than it has; signs that are only drawn plainer do not count."""
    texts = [brief.title, brief.subtitle, *(line.text for section in brief.sections for line in section.lines)]
    texts += [text for tile in brief.tiles for text in (tile.label, tile.value, tile.note)]
    texts += [mark.text for chart in brief.charts for mark in chart.marks if isinstance(mark, Label)]
    return any(ord(char) >= 256 and char.isalpha() for text in texts for char in text)


def _draw(brief: Brief, created: datetime, size: float) -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_creation_date(created)
    pdf.set_title(shown(brief.title))
    pdf.set_lang(brief.language)
    pdf.set_margins(MARGIN, MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    pdf.add_page()
    _text(pdf, brief.title, 15, bold=True)
    _text(pdf, brief.subtitle, size, grey=True)
    _tiles(pdf, brief.tiles, size)
    _charts(pdf, brief.charts, size)
    for section in brief.sections:
        _section(pdf, section, size)
    pdf.ln(1.5)
    for line in (*brief.foot, *([brief.latin] if brief.latin and in_other_letters(brief) else ())):
        _text(pdf, line, size - 1.2, grey=True)
    return pdf


def _font(pdf: FPDF, size: float, *, bold: bool = False, grey: bool = False) -> None:
    pdf.set_font("Helvetica", "B" if bold else "", size)
    pdf.set_text_color(*(GREY if grey else BLACK))


def _text(pdf: FPDF, text: str, size: float, *, bold: bool = False, grey: bool = False, url: str = "") -> None:
    """A paragraph over the whole width."""
    _font(pdf, size, bold=bold, grey=grey)
    pdf.multi_cell(WIDTH, size * LEADING, shown(text), link=url, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _tiles(pdf: FPDF, tiles: Sequence[Tile], size: float) -> None:
    """Side by side, of one height."""
    if not tiles:
        return
    top, wide = pdf.get_y() + 1.5, (WIDTH - 2 * (len(tiles) - 1)) / len(tiles)
    ends = []
    for at, tile in enumerate(tiles):
        left = MARGIN + at * (wide + 2)
        y = top + 1.2
        for text, points, bold in ((tile.label, size - 0.8, False), (tile.value, size + 3.5, True), (tile.note, size - 1.6, False)):
            _font(pdf, points, bold=bold, grey=not bold)
            pdf.set_xy(left + 1.2, y)
            pdf.multi_cell(wide - 2.4, points * LEADING, shown(text), align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
            y = pdf.get_y()
        ends.append(y)
    pdf.set_draw_color(201, 216, 228)
    for at in range(len(tiles)):
        pdf.rect(MARGIN + at * (wide + 2), top, wide, max(ends) + 1.2 - top)
    pdf.set_xy(MARGIN, max(ends) + 3)


def _charts(pdf: FPDF, charts: Sequence[Chart], size: float) -> None:
    """Side by side; each is scaled to its share of the width."""
    if not charts:
        return
    top, wide = pdf.get_y(), (WIDTH - GAP * (len(charts) - 1)) / len(charts)
    ends = []
    for at, chart in enumerate(charts):
        left = MARGIN + at * (wide + GAP)
        _font(pdf, size, bold=True)
        pdf.set_xy(left, top)
        pdf.multi_cell(wide, size * LEADING, shown(chart.title), align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
        start = pdf.get_y() + 0.5
        for mark in chart.marks:
            _mark(pdf, mark, left, start, wide / 100)
        _font(pdf, size - 1.8, grey=True)
        pdf.set_xy(left, start + chart.height * wide / 100)
        pdf.multi_cell(wide, (size - 1.8) * LEADING, shown(chart.source), align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
        ends.append(pdf.get_y())
    pdf.set_xy(MARGIN, max(ends) + 0.5)


def _mark(pdf: FPDF, mark: Rect | Label, left: float, top: float, scale: float) -> None:
    if isinstance(mark, Rect):
        red, green, blue = (int(mark.colour[at : at + 2], 16) for at in (1, 3, 5))
        pdf.set_fill_color(red, green, blue)
        pdf.rect(left + mark.x * scale, top + mark.y * scale, mark.width * scale, mark.height * scale, style="F")
        return
    _font(pdf, CHART_LETTER, bold=mark.strong)
    text = shown(mark.text)
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor] * pdf.get_string_width(text)
    pdf.text(left + mark.x * scale - shift, top + mark.y * scale, text)


def _section(pdf: FPDF, section: Section, size: float) -> None:
    """A heading over a thin rule, then the lines; a heading is never left alone at the end of a page."""
    pdf.ln(1.2)
    _font(pdf, size + 0.8, bold=True)
    pdf.multi_cell(WIDTH, (size + 0.8) * LEADING, shown(section.title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_draw_color(201, 216, 228)
    pdf.line(MARGIN, pdf.get_y() + 0.3, MARGIN + WIDTH, pdf.get_y() + 0.3)
    pdf.ln(0.9)
    for line in section.lines:
        _line(pdf, line, size)


def _line(pdf: FPDF, line: Line, size: float) -> None:
    said = f"{line.text} {line.url}" if line.url else line.text
    _text(pdf, f"- {said}", size, url=line.url)
