"""Tables of every format and fault an office publishes: the content decides, and what changed is named."""

import gzip
import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from spiders.base import tables
from spiders.base.tables import Columns, table_rows
from spiders.reading import BadAnswer, Issue, Rejected

CID = Columns(
    names={"code": ("HS6-SH6",), "firm": ("COMPANY-ENTREPRISE",), "city": ("CITY-VILLE",), "year": ("DATA_YEAR-ANNÉE_DES_DONNÉES",)},
    required=("firm",),
    ignored=("PAYS",),
)
HEADER = "HS6-SH6,COMPANY-ENTREPRISE,CITY-VILLE,PAYS,DATA_YEAR-ANNÉE_DES_DONNÉES"
ROW = {"code": "090421", "firm": "Aliments Montréal (sample) Ltée", "city": "Laval", "year": "2024"}
TEXT = f"{HEADER}\r\n090421,Aliments Montréal (sample) Ltée,Laval,Inde,2024\r\n"


def workbook(rows, *, above=(), sheets=("Data",)):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name in sheets:
            sheet = book.add_worksheet(name)
            for at, row in enumerate([*above, *rows] if name == sheets[-1] else [["notes only"]]):
                sheet.write_row(at, 0, row)
    return out.getvalue()


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, body in files.items():
            packed.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        b"Major importers\r\n\r\n" + TEXT.encode(),
        gzip.compress(TEXT.encode()),
        zipped(**{"data.csv": TEXT.encode()}),
        workbook([HEADER.split(","), ["090421", "Aliments Montréal (sample) Ltée", "Laval", "Inde", 2024]]),
        workbook(
            [HEADER.split(","), ["090421", "Aliments Montréal (sample) Ltée", "Laval", "Inde", 2024.0]],
            above=[["Titre"]],
            sheets=("Read me", "CITY"),
        ),
    ],
    ids=["utf-8", "bom", "cp1252", "utf-16", "semicolon", "tab", "title above", "gzip", "zip", "xlsx", "xlsx second sheet"],
)
def test_one_table_in_many_formats(body):
    assert list(table_rows(body, CID)) == [ROW]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty file"),
        (b"\xef\xbb\xbf\r\n", "empty file"),
        (b"<!DOCTYPE html><p>Error", "html or xml instead of a table"),
        (b'{"error": 1}', "json instead of a table"),
        (b"%PDF-1.7", "pdf instead of a table"),
        (b"PK\x03\x04 not really", "broken zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "broken workbook"),
        (gzip.compress(TEXT.encode() * 50)[:-40], "broken packed file"),
        (zipped(a="x", b="y"), "unexpected files in zip"),
        (b"A,B,C\r\n1,2,3\r\n", "missing column"),
    ],
)
def test_what_is_no_table_says_what_it_is(body, reason):
    with pytest.raises(BadAnswer) as raised:
        list(table_rows(body, CID))
    assert raised.value.reason == reason


def test_a_missing_required_column_is_named_beside_what_was_found():
    with pytest.raises(BadAnswer, match=r"COMPANY-ENTREPRISE; the first row is HS6-SH6 \| ENTITE"):
        list(table_rows(b"HS6-SH6,ENTITE\r\n1,2\r\n", CID))


def test_new_and_missing_headers_are_issues_and_the_rows_are_read():
    read = list(table_rows(b"HS6-SH6,company entreprise,CITY-VILLE,REGION\n1,A,B,C\n", CID))
    assert Issue("new_header", "REGION") in read
    assert Issue("missing_header", "DATA_YEAR-ANNÉE_DES_DONNÉES") in read
    assert read[-1] == {"code": "1", "firm": "A", "city": "B", "year": ""}


def test_a_row_with_more_cells_than_headings_is_rejected_and_the_next_one_read():
    read = list(table_rows((TEXT + "1,A,B,C,2024,oops\r\n,,,,\r\n2,B,C,D,2024\r\n").encode(), CID))
    assert isinstance(read[1], Rejected)
    assert read[2]["firm"] == "B"
    assert len(read) == 3


CUT = Issue("partial_answer", "the file breaks off within line 3, which is not read", broken=True)


@pytest.mark.parametrize(
    ("rest", "read"),
    [
        ("2,Firma (sample),Laval,Inde,2024\r\n", 2),
        ("2,Firma (sample),Laval,Inde,2024\r", 2),
        ('2,"5"" jar, 2 kg (sample)",Laval,Inde,2024\r\n', 2),
        ('2,5" jar (sample),Laval,Inde,2024\r\n', 2),
        ("2,Firma (sample),Laval,Inde,2024", CUT),
        ("2,Fir", CUT),
        ('2,"Firma, (sam', CUT),
        ('2,"Firma (sample)\r\n', CUT),
    ],
)
def test_text_that_breaks_off_gives_its_whole_rows_and_says_so(rest, read):
    got = list(table_rows((TEXT + rest).encode(), CID))
    assert (got[-1] if isinstance(read, Issue) else len(got)) == read
    assert got[0] == ROW


def test_a_list_typed_by_hand_may_end_without_a_line_end():
    columns = Columns(names=CID.names, required=("firm",), ignored=CID.ignored, ends_line=False)
    assert list(table_rows(TEXT.rstrip().encode(), columns)) == [ROW]
    assert list(table_rows(gzip.compress(TEXT.rstrip().encode()), CID)) == [ROW]


def test_a_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(tables, "MAX_UNPACKED", 1000)
    for body in (gzip.compress(TEXT.encode() * 100), zipped(**{"a.csv": TEXT * 100})):
        with pytest.raises(BadAnswer, match="too large"):
            list(table_rows(body, CID))


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["C"]), max_size=20), min_size=2, max_size=2), max_size=8))
def test_any_cells_come_back_as_they_were(rows):
    import csv

    out = io.StringIO()
    csv.writer(out).writerows([["firm", "city"], *rows])
    columns = Columns(names={"firm": ("firm",), "city": ("city",)}, required=("firm", "city"))
    read = list(table_rows(out.getvalue().encode(), columns))
    cleaned = [[tables.clean(cell, 2000) for cell in row] for row in rows]
    body = [row for row in cleaned if any(row)]
    assert len(read) == len(body)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_rows_or_a_bad_answer(body):
    try:
        list(table_rows(body, CID))
    except BadAnswer:
        return
