"""CSV, JSON and file names: right values back, nothing a spreadsheet would run, nothing outside the folder."""

import csv
import io
import json
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_db.exports.lead_row import LeadRow
from market_db.exports.lists import CSV_COLUMNS, csv_text, export_path, safe_name, write_csv, write_json
from market_db.workbook.words import words_of

ROW = LeadRow(
    rank=1, lead_id="00ab", company_id="0031", company="Nusantara Foods (contoh)", country="NL", city="Rotterdam", role="importer", score=81.4,
    grade="A", why_id="Peran terbukti", why_en="Role proven", products=("Sambal", "Chili, hot"), product="sambal",
    website="https://n.example/", email="info@n.example", phone="+447700900123", evidence_url="https://r.example/7", evidence_title="Entry 7",
    sources=("Register", "OSM"), n_sources=2, last_seen=date(2026, 11, 22), first_seen=date(2026, 3, 1), new=True, status="contacted",
    contacted_on=date(2026, 11, 8), owner="Tim", note="Balas;\n=1+1", licences=("ODbL 1.0",), attributions=("© OpenStreetMap contributors",),
)  # fmt: skip
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=100)


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_csv_holds_every_field_with_its_licence(tmp_path):
    path = tmp_path / "x.csv"
    assert write_csv(path, [ROW], "id") == 1
    head, row = read(path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfNo.,Perusahaan,Negara,")
    assert dict(zip(head, row, strict=True)) == {
        "No.": "1", "Perusahaan": "Nusantara Foods (contoh)", "Negara": "Belanda", "Kode negara": "NL", "Kota": "Rotterdam",
        "Jenis pembeli": "Importir", "Skor": "81.4", "Peringkat": "A", "Alasan skor": "Peran terbukti", "Produk yang dicari": "Sambal; Chili, hot",
        "Jenis produk": "sambal", "Situs web": "https://n.example/", "E-mail bisnis": "info@n.example", "Telepon": "'+447700900123",
        "Alamat bukti": "https://r.example/7", "Judul bukti": "Entry 7", "Sumber": "2", "Nama sumber": "Register; OSM",
        "Pertama terlihat": "2026-03-01", "Terakhir terlihat": "2026-11-22", "Baru": "ya", "Status tindak lanjut": "Sudah dihubungi",
        "Tanggal dihubungi": "2026-11-08", "PIC": "Tim", "Catatan": "Balas; '=1+1", "Lisensi": "ODbL 1.0",
        "Atribusi": "© OpenStreetMap contributors", "ID prospek": "00ab", "ID perusahaan": "0031",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "told"), [("id", "tanda di peta: shop=deli; kode CN8 21039090"), ("en", "map tags: shop=deli; code CN8 21039090")]
)
def test_csv_names_codes_and_map_tags_as_such(tmp_path, language, told):
    path = tmp_path / "x.csv"
    write_csv(path, [replace(ROW, products=("shop=deli shop=deli", "cn8:21039090"))], language)
    assert told in read(path)[1]


def test_every_field_of_a_lead_is_in_the_csv():
    columns = {key for key, _ in CSV_COLUMNS}
    assert {field.name for field in fields(LeadRow)} - {"why_id", "why_en"} == columns - {"why", "country_code"}


def test_csv_says_when_it_is_not_all(tmp_path):
    path = tmp_path / "x.csv"
    assert write_csv(path, [ROW] * 3, "en", total=50_000) == 3
    assert read(path)[-1] == ["Showing the first 3 of 50,000 buyers. Narrow the filter to see the others."]
    write_csv(path, [ROW] * 3, "en", total=3)
    assert len(read(path)) == 4


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('=HYPERLINK("http://evil.example")', '\'=HYPERLINK("http://evil.example")'),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        ("\tx", "'x"),
        ("\x00=1", "'=1"),
        ("\u200b=1", "'=1"),
        ("  =1", "'=1"),
        ('"=1', "'\"=1"),
        ("＝1", "'＝1"),
        ("a;=1", "a;'=1"),
        ('a; "=1', "a; \"'=1"),
        ("a\n=1", "a =1"),
        ("+62 61 4567", "'+62 61 4567"),
        ("Saus Sambal - pedas", "Saus Sambal - pedas"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_csv_text_is_no_formula(text, shown):
    assert csv_text(text) == shown


@given(ANY_TEXT, ANY_TEXT)
def test_no_text_starts_a_formula_with_any_separator(first, second):
    line = csv_text(f"{first};{second}")
    for cell in line.split(";"):
        assert not cell.lstrip(' "').startswith(("=", "+", "-", "@", "\t", "\r"))
    assert "\n" not in line
    line.encode("utf-8")


@given(ANY_TEXT)
def test_json_takes_any_text(text):
    out = io.StringIO()
    assert write_json(out, [replace(ROW, company=text, note=text)]) == 1
    assert len(json.loads(out.getvalue())) == 1
    out.getvalue().encode("utf-8")


def test_json_is_one_array_with_the_fields_as_they_are(tmp_path):
    path = tmp_path / "x.json"
    bare = replace(ROW, rank=2, score=float("nan"), last_seen=None, phone=None, company="</script><b>")
    assert write_json(path, [ROW, bare]) == 2
    first, second = json.loads(path.read_text("utf-8"))
    assert list(first) == [field.name for field in fields(LeadRow)]
    assert (first["phone"], first["products"], first["last_seen"]) == ("+447700900123", ["Sambal", "Chili, hot"], "2026-11-22")
    assert (first["new"], first["score"], first["note"]) == (True, 81.4, "Balas;\n=1+1")
    assert (second["score"], second["last_seen"], second["phone"], second["company"]) == (None, None, None, "</script><b>")
    assert "<" not in path.read_text("utf-8")


def test_json_of_nothing_is_an_empty_array():
    out = io.StringIO()
    assert write_json(out, []) == 0
    assert json.loads(out.getvalue()) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sambal Belanda", "Sambal-Belanda.xlsx"),
        ("sambal.xlsx", "sambal.xlsx"),
        ("../../x", "x.xlsx"),
        ("/etc/passwd", "etc-passwd.xlsx"),
        ("..\\..\\x", "x.xlsx"),
        ("C:\\x", "C-x.xlsx"),
        ("a/b:c*d?e|f<g>h\"i'j", "a-b-c-d-e-f-g-h-i-j.xlsx"),
        ("CON", "tembus-CON.xlsx"),
        ("con.xlsx", "tembus-con.xlsx"),
        ("LPT1", "tembus-LPT1.xlsx"),
        ("COM¹", "tembus-COM1.xlsx"),
        ("CONIN$", "tembus-CONIN.xlsx"),
        ("CONTOH", "CONTOH.xlsx"),
        ("", "tembus.xlsx"),
        ("...", "tembus.xlsx"),
        ("🌶🌶", "tembus.xlsx"),
        ("🌶 pedas", "pedas.xlsx"),
        ("-rf", "rf.xlsx"),
        (".hidden", "hidden.xlsx"),
        ("a\x00b\nc", "ab-c.xlsx"),
        ("a\u202egnp.exe", "agnp-exe.xlsx"),
        ("東京", "東京.xlsx"),
        ("ขายดี", "ขายดี.xlsx"),
        ("x" * 300, "x" * 108 + ".xlsx"),
        ("東" * 300, "東" * 36 + ".xlsx"),
    ],
)
def test_names_are_safe(text, name):
    assert safe_name(text, ".xlsx") == name


@given(ANY_TEXT, st.sampled_from([".xlsx", ".csv", ".json"]))
def test_any_name_is_one_short_part_of_a_path(text, suffix):
    name = safe_name(text, suffix)
    assert len(name.encode("utf-8")) <= 120
    assert Path(name).name == name
    assert name.endswith(suffix)
    assert not set(name) & set('/\\:*?"<>|\x00')
    assert export_path(Path("exports"), text, suffix).parent == Path("exports")


@pytest.mark.parametrize("suffix", ["", "xlsx", "./x", ".x/../y", ".toolong", ".XLSX"])
def test_a_suffix_is_ours(suffix):
    with pytest.raises(ValueError, match="suffix"):
        safe_name("x", suffix)


def test_labels_of_the_csv_are_each_once():
    for language in ("id", "en"):
        labels = [words_of(language).say("columns", key) for key, _ in CSV_COLUMNS]
        assert len(set(labels)) == len(labels)
