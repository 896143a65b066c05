"""A shortlist on paper (A4): each buyer with why, proof, contacts and where it stands, and whose list it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from market_db.exports.pdf_letters import Letters, letters_for
from market_db.exports.text import cell_text, mail_link, short_address, web_link

MARGIN, WIDTH = 14.0, 182.0
"""Millimetres; A4 is 210 wide."""
GREY, BLACK, GREEN = (82, 96, 109), (28, 39, 51), (11, 93, 78)
LEADING = 0.46
"""Millimetres of line height a point."""
SIZE = 9.0
MOST_LETTERS = 1_200
"""Of one text; a page is for reading."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line, with a link where it has one."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One buyer: its name, its lines, and what was noted."""

    title: str
    lines: tuple[Text, ...]
    dim: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The whole paper, in words."""

    language: str
    title: str
    subtitle: tuple[str, ...]
    blocks: tuple[Block, ...]
    foot: tuple[str, ...] = ()
    latin: str = ""
    """Said at the end where names had to be written in Latin letters."""
    page: str = "{page} / {pages}"
    fonts: Path | None = field(default=None)
    """Folder with fonts of the home."""


class _Paper(FPDF):
    """A4 with the number of the page below."""

    family = "Helvetica"
    numbered = ""

    def footer(self) -> None:
        """Title and page number."""
        self.set_y(-11)
        self.set_font(self.family, "", 7)
        self.set_text_color(*GREY)
        self.cell(0, 4, self.numbered.replace("{page}", str(self.page_no())).replace("{pages}", "{nb}"), align="R")


def shortlist_pdf(sheet: Sheet, created: datetime) -> bytes:
    """The paper. Links lead to http, https and mailto only; nothing in it can run."""
    letters = letters_for(_texts(sheet), sheet.fonts)
    pdf = _Paper(format="A4")
    pdf.set_creation_date(created)
    pdf.set_lang(sheet.language)
    pdf.set_margins(MARGIN, MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    pdf.family = letters.put_into(pdf)
    pdf.numbered = letters.shown(f"{_cut(sheet.title)} · {sheet.page}")
    pdf.set_title(letters.shown(_cut(sheet.title)))
    pdf.add_page()
    _draw(pdf, sheet, letters)
    return bytes(pdf.output())


def _draw(pdf: _Paper, sheet: Sheet, letters: Letters) -> None:
    _write(pdf, letters, Text(sheet.title), 16, BLACK)
    for line in sheet.subtitle:
        _write(pdf, letters, Text(line), SIZE, GREY)
    for block in sheet.blocks:
        _block(pdf, block, letters)
    pdf.ln(3)
    for line in sheet.foot:
        _write(pdf, letters, Text(line), SIZE - 2, GREY)
    if letters.changed and sheet.latin:
        _write(pdf, letters, Text(sheet.latin), SIZE - 2, GREY)


def _block(pdf: _Paper, block: Block, letters: Letters) -> None:
    """One buyer under a thin rule; its name is never left alone at the end of a page."""
    if pdf.get_y() > pdf.h - MARGIN - 40:
        pdf.add_page()
    pdf.ln(2)
    pdf.set_draw_color(201, 216, 228)
    pdf.line(MARGIN, pdf.get_y(), MARGIN + WIDTH, pdf.get_y())
    pdf.ln(1.2)
    _write(pdf, letters, Text(block.title), SIZE + 2, GREEN)
    for line in block.lines:
        _write(pdf, letters, line, SIZE, BLACK)
    for line in block.dim:
        _write(pdf, letters, line, SIZE - 1, GREY)


def _write(pdf: _Paper, letters: Letters, line: Text, size: float, colour: tuple[int, int, int]) -> None:
    pdf.set_font(pdf.family, "", size)
    pdf.set_text_color(*colour)
    text = letters.shown(_cut(line.text))
    pdf.multi_cell(WIDTH, size * LEADING, text, link=line.url or "", align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _cut(text: str) -> str:
    return cell_text(text, MOST_LETTERS)


def _texts(sheet: Sheet) -> Iterator[str]:
    yield from (sheet.title, *sheet.subtitle, *sheet.foot, sheet.page)
    for block in sheet.blocks:
        yield from (block.title, *(line.text for line in (*block.lines, *block.dim)))


def contact_lines(website: str | None, email: str | None, phone: str | None) -> Sequence[Text]:
    """Contacts of a buyer, each with a link where it is a plain one."""
    found = [Text(short_address(website), web_link(website))] if website else []
    found += [Text(email, mail_link(email))] if email else []
    return [*found, *([Text(phone)] if phone else [])]
