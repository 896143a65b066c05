"""Whatever a site printed arrives in the workbook as text: never a formula, never a bad link, never a broken file."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from market_db.exports.lead_row import LeadRow
from market_db.exports.text import CELL_LIMIT, LINK_LIMIT, cell_text, cut, mail_link, web_link
from market_db.workbook import pen as workbook_pen
from market_db.workbook import shortlist as workbook_shortlist
from market_db.workbook.pen import lines_of
from market_db.workbook.writer import About, write_workbook

PLAIN = LeadRow(
    rank=1, lead_id="1", company_id="c", company="Contoh", country="NL", city=None, role="importer", score=50.0, grade="B",
    why_id="a", why_en="b", products=(), product="sambal", website=None, email=None, phone=None, evidence_url=None, evidence_title=None,
    sources=(), n_sources=1, last_seen=None, first_seen=None, new=False,
)  # fmt: skip
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


def write(path, rows, total=1):
    about = About(created=datetime(2026, 11, 25, tzinfo=UTC), filter_words="", total=total, shown=total, product_names={})
    written = write_workbook(path, rows, language="en", markets=(), sources=(), runs={}, about=about)
    return written, load_workbook(path)


def company_of(path, text):
    return write(path, [replace(PLAIN, company=text)])[1].worksheets[0]["B2"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('=HYPERLINK("http://evil.example","x")', '=HYPERLINK("http://evil.example","x")'),
        ("{=1+1}", "{=1+1}"),
        ("+cmd|' /C calc'!A0", "+cmd|' /C calc'!A0"),
        ("@SUM(1)", "@SUM(1)"),
        ("\t=1+1", "=1+1"),
        ("http://evil.example", "http://evil.example"),
        ("internal:Sheet2!A1", "internal:Sheet2!A1"),
        ("external:\\\\evil\\share", "external:\\\\evil\\share"),
        ("0031", "0031"),
        ("1e5", "1e5"),
        ("a\x0bb\x00c\x1b", "a\nbc"),
        ("a\ud800b", "ab"),
        ("\ufeffa\u202eb\u200bc", "abc"),
        ("_x0041_", "_x0041_"),
        ("<r><t>x</t></r>", " <r><t>x</t></r>"),
        ("<r></row></sheetData></r>", " <r></row></sheetData></r>"),
        ("]]>&amp;<script>", "]]>&amp;<script>"),
        ("\ufffe\uffff", None),
        ("", None),
        ("Ünïcødé 東京 🌶", "Ünïcødé 東京 🌶"),
    ],
)
def test_text_stays_text(tmp_path, text, shown):
    cell = company_of(tmp_path / "x.xlsx", text)
    assert (cell.value if cell.value is None else unescape(cell.value)) == shown
    assert cell.hyperlink is None
    assert cell.data_type in ("s", "inlineStr", "n" if shown is None else "s")


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ANY_TEXT, min_size=6, max_size=6))
def test_any_text_in_any_column_is_written_and_read_back(tmp_path, texts):
    name, product, url, title, mail, note = texts
    row = replace(
        PLAIN, company=name, city=name, why_en=note, products=(product, name), website=url, email=mail, phone=mail, evidence_url=url,
        evidence_title=title, status=note, owner=name, note=note, sources=(title,), attributions=(note,), role=title, country=mail,
    )  # fmt: skip
    sheet = write(tmp_path / "x.xlsx", [row])[1].worksheets[0]
    assert unescape(sheet["B2"].value or "") == cell_text(name)
    assert unescape(sheet["R2"].value or "") == cell_text(note)
    assert all(cell.data_type != "f" for line in sheet.rows for cell in line)


@given(ANY_TEXT, st.integers(2, 50))
def test_cleaned_text_can_be_written_anywhere(text, limit):
    shown = cell_text(text, limit)
    assert len(shown.encode("utf-16-le")) <= limit * 2
    assert not any(ord(char) < 32 and char != "\n" for char in shown)


def test_a_long_text_is_cut_with_a_sign(tmp_path):
    value = company_of(tmp_path / "x.xlsx", "x" * 40_000).value
    assert (len(value), value[-2:]) == (CELL_LIMIT, "x…")


def test_excel_counts_utf16_units(tmp_path):
    value = company_of(tmp_path / "x.xlsx", "🌶" * 20_000).value
    assert len(value.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert value == "🌶" * 16_383 + "…"


@pytest.mark.parametrize(
    ("text", "limit", "shown"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("🌶🌶", 4, "🌶🌶"), ("🌶🌶", 3, "🌶…"), ("🌶🌶", 2, "…")]
)
def test_cut(text, limit, shown):
    assert cut(text, limit) == shown


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.example/b?c=d&e=%20#f", "https://a.example/b?c=d&e=%20#f"),
        ("HTTP://A.example", "HTTP://A.example"),
        ("https://toko.example/saus-é", "https://toko.example/saus-%C3%A9"),
        ('https://a.example/"><x', "https://a.example/%22%3E%3Cx"),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)//http://", None),
        ("data:text/html,x", None),
        ("ftp://a.example", None),
        ("file:///etc/passwd", None),
        ("\\\\evil\\share", None),
        ("//evil.example/share", None),
        ("http:\\\\evil\\share", None),
        ("external:http://a.example", None),
        ("https://bank.example@evil.example/", None),
        ("https://", None),
        ("https://[::1", None),
        ("https://a.example:99999/", None),
        ("https://a.example/a b", None),
        ("https://a.example/\x00", None),
        ("https://a.example/\ud800", None),
        ("https://a.example/" + "x" * LINK_LIMIT, None),
        ("https://a.example/" + "é" * 500, None),
        ("", None),
        (None, None),
    ],
)
def test_only_plain_web_addresses_become_links(url, link):
    assert web_link(url) == link


@pytest.mark.parametrize(
    ("mail", "link"),
    [
        ("info@a.example", "mailto:info@a.example"),
        ("a+b%c@a.example", "mailto:a%2Bb%25c@a.example"),
        ("info@a.example?bcc=x@evil.example", None),
        ("info@a.example,x@evil.example", None),
        ("mailto:info@a.example", None),
        ("info", None),
        (None, None),
    ],
)
def test_only_one_plain_mailbox_becomes_a_link(mail, link):
    assert mail_link(mail) == link


@pytest.mark.parametrize("url", ["javascript:alert(1)", "\\\\evil\\share", "https://a.example/" + "x" * 3_000])
def test_a_bad_address_is_shown_as_text(tmp_path, url):
    sheet = write(tmp_path / "x.xlsx", [replace(PLAIN, website=url, evidence_url=url, evidence_title="Bukti")])[1].worksheets[0]
    assert (sheet["I2"].value, sheet["I2"].hyperlink) == (url, None)
    assert (sheet["L2"].value, sheet["L2"].hyperlink) == (f"Bukti {url}", None)


def test_links_beyond_what_excel_keeps_become_text_with_a_note(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_pen, "MOST_LINKS", 3)
    rows = [
        replace(PLAIN, website=f"https://a{n}.example/", evidence_url=f"https://e{n}.example/x", evidence_title="Bukti") for n in range(3)
    ]
    book = write(tmp_path / "x.xlsx", rows)[1]
    sheet = book.worksheets[0]
    assert [bool(sheet[at].hyperlink) for at in ("I2", "L2", "I3", "L3", "I4", "L4")] == [True] * 3 + [False] * 3
    assert (sheet["L3"].value, sheet["I4"].value) == ("Bukti https://e1.example/x", "https://a2.example/")
    said = "3 links are written as text because Excel accepts only 65,530 links a sheet; copy the address into a browser."
    assert sheet["B6"].value == said
    assert said in [row[1].value for row in book.worksheets[2].rows]


def test_rows_beyond_what_excel_keeps_are_counted_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_shortlist, "MOST_ROWS", 2)
    written, book = write(tmp_path / "x.xlsx", [PLAIN] * 5, total=5)
    assert written == 2
    assert book.worksheets[0]["B5"].value == "Showing the first 2 of 5 buyers. Narrow the filter to see the others."


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [("", 10, 1), ("x" * 10, 10, 1), ("x" * 11, 10, 2), ("a\nb", 10, 2), ("東" * 6, 10, 2), ("x" * 9_999, 10, 14)],
)
def test_lines_of_a_wrapped_cell(text, width, lines):
    assert lines_of(text, width) == lines
