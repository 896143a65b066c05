"""`tembus return`: row by row what a filled workbook changes, once, with what is left in words and in the exit code."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from openpyxl import load_workbook

from market_db.derived import lead_id
from market_db.desk.entered import FollowUp
from market_db.desk.returned import all_returned
from market_db.desk.shortlists import follow_ups
from market_db.desk.store import add_follow_up, decisions, latest_follow_ups

A, B, C = (lead_id(f"c{key}", "sambal") for key in "abc")
STATUS, DAY, OWNER, NOTE, VERDICT, LEAD = "O", "P", "Q", "R", "S", "T"


@pytest.fixture
def book(seeded, tembus):
    """A workbook of the command's own, and a way to fill it in."""
    assert tembus("export", "--output", "kembali").code == 0
    path = seeded.exports / "kembali.xlsx"
    place = {row[0].value: row[0].row for row in load_workbook(path).worksheets[0][f"{LEAD}2:{LEAD}5"]}

    def fill(**cells):
        filled = load_workbook(path)
        for name, value in cells.items():
            column, lead = name.split("_")
            filled.worksheets[0][f"{column}{place[{'a': A, 'b': B, 'c': C}[lead]]}"] = value
        filled.save(path)
        return path

    return fill


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("id", ("akan berubah", "Status tindak lanjut: kosong → Sampel dikirim", "Catatan: kosong → Suka pedas", "2 baris diubah.")),
        ("en", ("would change", "empty → Sample sent", "empty → Suka pedas", "2 rows changed.")),
    ],
)
def test_rows_are_told_and_taken_over_once(seeded, book, tembus, language, told):
    path = book(O_a="Sampel dikirim", P_a=date(2026, 11, 20), R_a="Suka pedas", S_b="Bukan pembeli")
    done = tembus("return", path, "--yes", "--lang", language)
    assert done.code == 0
    assert all(text in done.out + done.err for text in told)
    step = latest_follow_ups(seeded)[A]
    assert (step.status, step.contacted_on, step.note) == ("sample_sent", "2026-11-20", "Suka pedas")
    assert {one.kind for one in decisions(seeded)} == {"not_a_buyer"}
    again = tembus("return", path, "--yes", "--lang", language)
    assert again.code == 0
    assert len(follow_ups(seeded)) == len(latest_follow_ups(seeded))
    assert len(all_returned(seeded)) == 1
    assert {"id": "Tidak ada yang perlu diambil", "en": "nothing to take over"}[language] in again.err


def test_a_preview_and_a_missing_yes_store_nothing(seeded, book, tembus):
    path = book(O_a="Sampel dikirim")
    assert tembus("return", path, "--preview").code == 0
    assert tembus("return", path).code == 2
    assert follow_ups(seeded) == []
    assert all_returned(seeded) == []


def colleague(home, lead, note):
    at = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="seconds")
    add_follow_up(home, FollowUp(lead_id=lead, status="replied", entered_at=at, entered_by="dewi", note=note))


def test_what_a_colleague_changed_meanwhile_stays_unless_it_is_said_otherwise(seeded, book, tembus):
    path = book(O_a="Sampel dikirim", R_b="baru")
    colleague(seeded, A, "sudah dibalas")
    done = tembus("return", path, "--yes", "--lang", "en")
    assert done.code == 3
    assert "(dewi entered this" in done.out
    assert "One row or cell was not taken over" in done.err
    assert latest_follow_ups(seeded)[A].status == "replied"
    assert latest_follow_ups(seeded)[B].note == "baru"
    assert tembus("return", path, "--yes", "--conflicts").code == 0
    assert latest_follow_ups(seeded)[A].status == "sample_sent"


def test_unknown_ids_edited_names_and_bad_cells_are_told(seeded, book, tembus):
    path = book(O_a="Terserah", B_b="Nama lain", R_b="x", T_c="0" * 20, R_c="hilang")
    done = tembus("return", path, "--yes")
    assert done.code == 3
    assert "1 tidak dikenal" in done.out
    assert "Nama di berkas: Nama lain" in done.out
    assert "Terserah" in done.out
    assert "hilang" not in {step.note for step in follow_ups(seeded)}
    assert latest_follow_ups(seeded)[B].note == "x"


def test_machines_get_every_row(book, tembus):
    path = book(O_a="Sampel dikirim", T_c="0" * 20)
    done = tembus("return", path, "--yes", "--json")
    assert done.code == 3
    rows = {row["lead_id"]: row for row in json.loads(done.out)["rows"]}
    assert (rows[A]["kind"], rows[A]["taken"]) == ("change", True)
    assert rows[A]["cells"] == [{"column": "status", "now": None, "new": "sample_sent", "by": None, "at": None}]
    assert (rows["0" * 20]["kind"], rows["0" * 20]["taken"]) == ("unknown", False)
    assert rows[B]["kind"] == "same"


@pytest.mark.parametrize("body", [b"", b"<html>", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600])
def test_a_file_that_is_none_is_one_sentence(seeded, tembus, tmp_path, body):
    (tmp_path / "x.xlsx").write_bytes(body)
    done = tembus("return", tmp_path / "x.xlsx", "--yes")
    assert (done.code, done.out) == (1, "")
    assert len(done.err.splitlines()) == 1
    assert "Traceback" not in done.err
    assert all_returned(seeded) == []


def test_no_such_file_is_a_wrong_use(tembus):
    assert tembus("return", "nothing.xlsx").code == 2
