"""A filled workbook comes back whole, and every odd row is named."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from market_db.exports.lead_row import LeadRow
from market_db.exports.text import cell_text
from market_db.workbook import reader as workbook_back
from market_db.workbook.reader import FilledRow, Problem, read_back
from market_db.workbook.writer import About, write_workbook

LEAD = LeadRow(
    rank=1, lead_id="00ab", company_id="c", company="Contoh", country="NL", city=None, role="importer", score=50.0, grade="B",
    why_id="a", why_en="b", products=(), product="sambal", website=None, email=None, phone=None, evidence_url=None, evidence_title=None,
    sources=(), n_sources=1, last_seen=None, first_seen=None, new=False, status="replied", contacted_on=date(2026, 11, 8), owner="Tim",
    note="=Minta sampel\nBalas _x0041_",
)  # fmt: skip
HEAD = ["Lead ID", "Note", "Follow-up status", "Contacted on", "Owner"]


def write(path, rows, language="id", total=0):
    about = About(created=datetime(2026, 11, 25, tzinfo=UTC), filter_words="", total=total, shown=1)
    write_workbook(path, rows, language=language, markets=(), sources=(), runs={}, about=about)
    return path


def made(path, *lines, head=HEAD):
    book = Workbook()
    for line in (head, *lines):
        book.active.append(line)
    book.save(path)
    return path


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_was_written_comes_back(tmp_path, language):
    bare = replace(LEAD, lead_id="00ac", status=None, contacted_on=None, owner=None, note=None)
    back = read_back(write(tmp_path / "x.xlsx", [LEAD, bare], language, total=9))
    assert back.problems == ()
    assert back.rows == (
        FilledRow(
            row=2, lead_id="00ab", status="replied", contacted_on=date(2026, 11, 8), owner="Tim", note="=Minta sampel\nBalas _x0041_",
            company="Contoh",
        ),
        FilledRow(row=3, lead_id="00ac", status=None, contacted_on=None, owner=None, note=None, company="Contoh"),
    )  # fmt: skip
    assert back.columns == {"company", "status", "contacted_on", "owner", "note", "verdict"}
    assert (back.made_at, back.shortlist) == (datetime(2026, 11, 25, tzinfo=UTC), None)


def test_what_a_person_changed_in_excel_comes_back(tmp_path):
    path = write(tmp_path / "x.xlsx", [LEAD])
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet["O2"], sheet["P2"], sheet["Q2"], sheet["R2"] = "Sampel dikirim", date(2026, 12, 1), "Orang lain", None
    sheet["S2"], sheet["B2"] = "Not a BUYER", "Contoh Baru"
    sheet.insert_rows(1)
    book.save(path)
    back = read_back(path)
    assert back.rows == (
        FilledRow(
            row=3, lead_id="00ab", status="sample_sent", contacted_on=date(2026, 12, 1), owner="Orang lain", note=None,
            verdict="not_a_buyer", company="Contoh Baru",
        ),
    )  # fmt: skip
    assert back.made_at == datetime(2026, 11, 25, tzinfo=UTC)  # kept by whoever saves the file again


def test_a_workbook_names_its_shortlist(tmp_path):
    about = About(created=datetime(2026, 11, 25, 8, 30, tzinfo=UTC), filter_words="", total=1, shown=1, shortlist="0a1b2c")
    write_workbook(tmp_path / "x.xlsx", [LEAD], language="id", markets=(), sources=(), runs={}, about=about)
    back = read_back(tmp_path / "x.xlsx")
    assert (back.made_at, back.shortlist) == (about.created, "0a1b2c")


@pytest.mark.parametrize("mark", ["", "x", "2026-11-25", "2999-01-01T00:00:00+00:00 ab", "2026-11-25T00:00:00 ab", "\x00", "a" * 5_000])
def test_a_mark_somebody_changed_says_nothing(tmp_path, mark):
    from openpyxl.packaging.custom import StringProperty

    book = load_workbook(write(tmp_path / "x.xlsx", [LEAD]))
    del book.custom_doc_props["Tembus"]
    book.custom_doc_props.append(StringProperty(name="Tembus", value=mark.replace("\x00", "?")))
    book.save(tmp_path / "y.xlsx")
    back = read_back(tmp_path / "y.xlsx")
    assert back.made_at is None
    assert len(back.rows) == 1


@pytest.mark.parametrize(("tail", "kind"), [("", "old_format"), ("EncryptedPackage", "locked")])
def test_old_and_locked_files_are_told_apart(tmp_path, tail, kind):
    path = tmp_path / "x.xlsx"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + tail.encode("utf-16-le"))
    (problem,) = read_back(path).problems
    assert problem.kind == kind
    assert ".xls" in problem.say("id") or "sandi" in problem.say("id")


def test_columns_may_be_moved_and_languages_mixed(tmp_path):
    back = read_back(made(tmp_path / "x.xlsx", ["a1", "catatan", "sudah DIHUBUNGI", "2026-12-01", 7], ["a2", None, "deal", 46357, None]))
    assert back.problems == ()
    assert [(row.lead_id, row.status, row.contacted_on, row.owner) for row in back.rows] == [
        ("a1", "contacted", date(2026, 12, 1), "7"),
        ("a2", "deal", date(2026, 12, 1), None),
    ]


@pytest.mark.parametrize(
    "typed",
    ["20 November 2026", "20 nov 2026", "Jumat, 20 November 2026", "20/11/2026", "20-11-2026", "20.11.2026", "2026-11-20", "Nov 20, 2026"],
)
def test_a_day_that_somebody_typed_is_read_where_it_leaves_no_doubt(tmp_path, typed):
    back = read_back(made(tmp_path / "x.xlsx", ["a1", None, None, typed, None]))
    assert (back.problems, [row.contacted_on for row in back.rows]) == ((), [date(2026, 11, 20)])


@pytest.mark.parametrize(
    ("line", "problem", "kept"),
    [
        (["a", "n", "mungkin", None, None], Problem(kind="status", row=2, column="status", value="mungkin"), 1),
        (["a", "n", None, "8/11/2026", None], Problem(kind="date", row=2, column="contacted_on", value="8/11/2026"), 1),
        (["a", "n", None, "20 Nov", None], Problem(kind="date", row=2, column="contacted_on", value="20 Nov"), 1),
        (["a", "n", None, "besok", None], Problem(kind="date", row=2, column="contacted_on", value="besok"), 1),
        (["a", "n", None, date(1926, 1, 1), None], Problem(kind="date", row=2, column="contacted_on", value="1926-01-01 00:00:00"), 1),
        (["a", "n", None, 1e12, None], Problem(kind="date", row=2, column="contacted_on", value="1000000000000"), 1),
        (["a", "n", "=A1", None, None], Problem(kind="formula", row=2, column="status", value="=A1"), 1),
        ([None, "n", None, None, None], Problem(kind="no_lead", row=2), 0),
        ([None, None, None, None, None], None, 0),
    ],
)
def test_odd_cells_are_named_and_not_taken(tmp_path, line, problem, kept):
    back = read_back(made(tmp_path / "x.xlsx", line))
    assert back.problems == ((problem,) if problem else ())
    assert len(back.rows) == kept
    if kept:
        assert (back.rows[0].note, back.rows[0].status, back.rows[0].contacted_on) == ("n", None, None)
    for found in back.problems:
        assert "2" in found.say("id")
        assert "2" in found.say("en")


def test_a_lead_that_stands_twice_is_read_once(tmp_path):
    back = read_back(made(tmp_path / "x.xlsx", ["a", "first", "deal"], ["a", "second", "new"]))
    assert [(row.note, row.status) for row in back.rows] == [("first", "deal")]
    assert back.problems == (Problem(kind="twice", row=3, column="lead_id", value="a"),)
    assert back.problems[0].say("id") == "Baris 3: ID prospek a sudah ada di baris lain; baris ini tidak dibaca."


def test_a_workbook_of_somebody_else_is_refused_in_words(tmp_path):
    (problem,) = read_back(made(tmp_path / "x.xlsx", [1, 2], head=["Name", "Price"])).problems
    assert problem.kind == "not_ours"
    assert "ID prospek" in problem.say("id")


@pytest.mark.parametrize("body", [b"PK\x03\x04", b"Name,Price\r\n", b"PK\x05\x06" + bytes(18), bytes(range(256)) * 40])
def test_a_file_that_is_no_workbook_is_a_problem_not_a_crash(tmp_path, body):
    path = tmp_path / "x.xlsx"
    path.write_bytes(body)
    assert [problem.kind for problem in read_back(path).problems] == ["not_a_workbook"]


def test_an_empty_file_is_named(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"")
    assert [problem.kind for problem in read_back(tmp_path / "x.xlsx").problems] == ["empty"]


def test_a_cut_workbook_is_a_problem_not_a_crash(tmp_path):
    path = write(tmp_path / "x.xlsx", [LEAD])
    path.write_bytes(path.read_bytes()[:-500])
    assert [problem.kind for problem in read_back(path).problems] == ["not_a_workbook"]


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_back, "MOST_UNPACKED", 1_000)
    assert [problem.kind for problem in read_back(write(tmp_path / "x.xlsx", [LEAD])).problems] == ["too_big"]


def test_a_missing_file_is_an_error_of_the_caller(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_back(tmp_path / "none.xlsx")


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(note=st.text(st.characters(exclude_categories=()), max_size=100), owner=st.text(max_size=40))
def test_any_note_survives_the_round_trip(tmp_path, note, owner):
    (row,) = read_back(write(tmp_path / "x.xlsx", [replace(LEAD, note=note, owner=owner)])).rows
    assert (row.note or "") == cell_text(note).strip()
    assert (row.owner or "") == cell_text(owner).strip()
