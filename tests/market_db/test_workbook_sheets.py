"""The workbook as a firm opens it: every cell, read back with openpyxl, in both languages."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from openpyxl import load_workbook

from market_db.derived import Market
from market_db.exports.lead_row import LeadRow
from market_db.runs import Run, SourceCard
from market_db.workbook.writer import About, write_workbook

FIRST = LeadRow(
    rank=1,
    lead_id="00ab12",
    company_id="c1",
    company="Nusantara Foods Ltd (contoh)",
    country="HK",
    city="Kowloon",
    role="importer",
    score=81.8,
    grade="A",
    why_id="Peran terbukti (30/30); produk cocok (20/25)",
    why_en="Role proven (30/30); product fits (20/25)",
    products=("Sambal Oelek 375 g", "Chili sauce"),
    product="sambal",
    website="https://www.nusantara.example/",
    email="import@nusantara.example",
    phone="+447700900123",
    evidence_url="https://register.example/firm?id=7#top",
    evidence_title="Register entry 7",
    sources=("Register (contoh)", "OpenStreetMap"),
    n_sources=2,
    last_seen=date(2026, 11, 22),
    first_seen=date(2026, 3, 1),
    new=True,
    status="sample_sent",
    contacted_on=date(2026, 11, 8),
    owner="Tim Medan",
    note="Minta harga FOB.\nBalas bulan ini.",
    licences=("NLOD 2.0",),
    attributions=("Data: Register (contoh)", "© OpenStreetMap contributors"),
)
BARE = replace(
    FIRST,
    rank=2,
    lead_id="00ab13",
    company="Tanpa Data (contoh)",
    country="JP",
    city=None,
    role=None,
    score=12.0,
    products=(),
    website=None,
    email=None,
    phone=None,
    evidence_url=None,
    evidence_title=None,
    sources=("OpenStreetMap",),
    n_sources=1,
    last_seen=None,
    status=None,
    contacted_on=None,
    owner=None,
    note=None,
)
MARKETS = (
    Market(
        product="sambal",
        country="HK",
        import_usd=306_400_000.0,
        import_year="2025",
        growth=0.061,
        unit_value_usd_kg=2.84,
        idn_share=None,
        index=71.0,
        evidence=0.55,
        rank=3,
        buyers=12,
        buyers_with_contact=9,
        tenders=0,
        sources=("un_comtrade",),
        growth_years="2021-2025",
        unit_value_year="2024",
    ),
    Market(
        product="sambal",
        country="DE",
        watchlist=True,
        import_usd=1.0,
        import_year="2025",
        growth=None,
        unit_value_usd_kg=None,
        idn_share=None,
        index=None,
    ),
)


def card(name, title, **changes):
    values = {
        "name": name,
        "title": title,
        "publisher": "Badan (contoh)",
        "home": "https://x.example",
        "licence": "NLOD 2.0",
        "attribution": f"Data: {title}",
        "terms_url": f"https://{name}.example/terms",
        "terms_read": None,
        "basis": "open licence",
        "countries": (),
        "roles": (),
        "every_hours": 24.0,
        "share_alike": False,
        "enabled": True,
        "key_env": None,
        "note": "",
    }
    return SourceCard(**{**values, **changes})


CARDS = (card("un-comtrade", "UN Comtrade"), card("reg", "Register (contoh)"), card("rfq", "RFQ (contoh)", enabled=False))
RUNS = {
    "reg": Run(
        run_id="r", source="reg", mode="live", started="2026-11-24T18:00:00Z", ended="2026-11-24T18:20:00Z", verdict="blocked", scraped=7
    ),
}


def write(path, language, rows=(FIRST, BARE), total=120, **changes):
    about = About(
        created=datetime(2026, 11, 25, 11, 20, tzinfo=timezone(timedelta(hours=7), "WIB")),
        filter_words="negara: Hong Kong & Jepang",
        total=total,
        shown=2,
        product_names={"sambal": "sambal / saus cabai"},
        snapshot_at=datetime(2026, 11, 25, 3, 0, tzinfo=UTC),
    )
    given = {"language": language, "markets": MARKETS, "sources": CARDS, "runs": RUNS, "about": about, **changes}
    written = write_workbook(path, iter(rows), **given)
    return written, load_workbook(path)


def values(sheet, row):
    return [cell.value for cell in sheet[row]]


HEADERS = {
    "id": [
        "No.", "Perusahaan", "Negara", "Kota", "Jenis pembeli", "Skor", "Alasan skor", "Produk yang dicari", "Situs web", "E-mail bisnis",
        "Telepon", "Bukti", "Sumber", "Terakhir terlihat", "Status tindak lanjut", "Tanggal dihubungi", "PIC", "Catatan",
        "Koreksi", "ID prospek",
    ],
    "en": [
        "No.", "Company", "Country", "City", "Type of buyer", "Score", "Why this score", "Products sought", "Website", "Business e-mail",
        "Phone", "Evidence", "Sources", "Last seen", "Follow-up status", "Contacted on", "Owner", "Note",
        "Correction", "Lead ID",
    ],
}  # fmt: skip
SAID = {
    "id": ("Hong Kong", "Importir", "Peran terbukti (30/30); produk cocok (20/25)", "Sampel dikirim", "Jepang"),
    "en": ("Hong Kong", "Importer", "Role proven (30/30); product fits (20/25)", "Sample sent", "Japan"),
}


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_cell_of_the_list(tmp_path, language):
    written, book = write(tmp_path / "x.xlsx", language)
    sheet = book.worksheets[0]
    country, role, why, status, other = SAID[language]
    assert written == 2
    assert values(sheet, 1) == HEADERS[language]
    assert values(sheet, 2) == [
        1, "Nusantara Foods Ltd (contoh)", country, "Kowloon", role, 81, why, "Sambal Oelek 375 g; Chili sauce", "nusantara.example",
        "import@nusantara.example", "+447700900123", "Register entry 7", 2, datetime(2026, 11, 22), status, datetime(2026, 11, 8), "Tim Medan",
        "Minta harga FOB.\nBalas bulan ini.", None, "00ab12",
    ]  # fmt: skip
    assert values(sheet, 3)[2] == other
    assert values(sheet, 3)[3:5] == [None, None]
    assert values(sheet, 3)[7:12] == [None] * 5
    assert values(sheet, 3)[13:19] == [None] * 6


def test_links_go_where_they_say(tmp_path):
    sheet = write(tmp_path / "x.xlsx", "id")[1].worksheets[0]
    links = {cell.coordinate: (cell.hyperlink.target, cell.hyperlink.location) for cell in sheet[2] if cell.hyperlink}
    assert links == {
        "I2": ("https://www.nusantara.example/", None),
        "J2": ("mailto:import@nusantara.example", None),
        "L2": ("https://register.example/firm?id=7", "top"),
    }


@pytest.mark.parametrize(("language", "lists"), [("id", "Pilihan"), ("en", "Choices")])
def test_sheet_is_ready_to_work_with_and_to_print(tmp_path, language, lists):
    book = write(tmp_path / "x.xlsx", language)[1]
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:T3"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.print_area.endswith("$A$1:$I$3")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == ("landscape", 9, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.column_dimensions["T"].hidden
    assert not sheet.merged_cells.ranges
    assert sheet["N2"].number_format.endswith("d mmm yyyy")
    rules = {rule.type: rule for rule in sheet.data_validations.dataValidation}
    choices = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert choices == {"O2:O3": f"'{lists}'!$A$1:$A$7", "S2:S3": f"'{lists}'!$B$1:$B$3"}
    assert str(rules["date"].sqref) == "P2:P3"
    assert (rules["date"].formula1, rules["date"].formula2) == ("36526", "73050")
    hidden = book[lists]
    assert hidden.sheet_state == "hidden"
    assert [row[0].value for row in hidden.rows][5] == {"id": "Terjadi transaksi", "en": "Deal made"}[language]


def test_names_of_sheets(tmp_path):
    assert write(tmp_path / "i.xlsx", "id")[1].sheetnames == ["Daftar pembeli", "Pasar", "Sumber & metode", "Kamus", "Pilihan"]
    assert write(tmp_path / "e.xlsx", "en")[1].sheetnames == ["Buyers", "Markets", "Sources & method", "Glossary", "Choices"]


def test_markets_are_those_of_the_list_and_never_zero_for_unknown(tmp_path):
    sheet = write(tmp_path / "x.xlsx", "id")[1]["Pasar"]
    nothing = "tidak ada data"
    assert values(sheet, 2) == [
        "Hong Kong", "sambal / saus cabai", 306_400_000, 2025, 0.061, "2021-2025", 2.84, 2024, nothing, nothing, nothing, 0, 71, 0.55, 3, 12, 9, 0, "un_comtrade",
    ]  # fmt: skip
    assert values(sheet, 3) == ["Jepang", "sambal / saus cabai", *[nothing] * 16, None]
    assert "Jerman" not in [row[0].value for row in sheet.rows]
    assert values(sheet, 5)[0].startswith("“tidak ada data” berarti")


@pytest.mark.parametrize(("looked", "said"), [("nobody", 2), ("not_run", 0), ("looked", 0)])
def test_no_buyers_where_nobody_looks_is_no_nought(tmp_path, monkeypatch, looked, said):
    nobody = replace(MARKETS[0], buyers=0, buyers_with_contact=0, looked=looked)
    monkeypatch.setitem(globals(), "MARKETS", (nobody, *MARKETS[1:]))
    row = values(write(tmp_path / "x.xlsx", "id")[1]["Pasar"], 2)
    assert row.count("tidak ada sumber yang mencari di sini") == said
    assert row.count(0) == (4 if looked == "looked" else 2)  # shelf prices and tenders are counted either way


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        ("id", {"Dibuat": "25 Nov 2026 11:20 WIB", "Data per": "25 Nov 2026 03:00 UTC", "Baris": "2 dari 12.000 pembeli"}),
        ("en", {"Created": "25 Nov 2026 11:20 WIB", "Data as of": "25 Nov 2026 03:00 UTC", "Rows": "2 of 12,000 buyers"}),
    ],
)
def test_method_states_what_the_list_is(tmp_path, language, facts):
    book = write(tmp_path / "x.xlsx", language, total=12_000)[1]
    told = {row[0].value: row[1].value for row in book.worksheets[2].rows}
    assert facts.items() <= told.items()
    assert "negara: Hong Kong & Jepang" in told.values()
    note = [row[1].value for row in book.worksheets[0].rows][-1]
    assert {"id": "2 pertama dari 12.000", "en": "first 2 of 12,000"}[language] in note


@pytest.mark.parametrize(("language", "said"), [("id", "CONTOH"), ("en", "SAMPLE")])
def test_a_list_of_the_sample_says_so(tmp_path, language, said):
    sample = {name: replace(run, mode="sample") for name, run in RUNS.items()}
    for runs, there in ((RUNS, False), (sample, True)):
        method = write(tmp_path / "x.xlsx", language, runs=runs)[1].worksheets[2]
        assert (said in {row[0].value for row in method.rows}) is there


def test_sources_of_the_list_come_first_with_verdicts_in_words(tmp_path):
    sheet = write(tmp_path / "x.xlsx", "id")[1]["Sumber & metode"]
    rows = [[cell.value for cell in row] for row in sheet.rows]
    start = next(i for i, row in enumerate(rows) if row[1] == "Atribusi")
    day = datetime(2026, 11, 25)  # 18:20 UTC is the next day where the list is written
    assert rows[start + 1] == [
        "Register (contoh)", "Data: Register (contoh)", "NLOD 2.0", "Badan (contoh)", day, "diblokir oleh situs", 7, 1, "reg.example/terms",
    ]  # fmt: skip
    assert [row[5] for row in rows[start + 2 : start + 4]] == ["belum dijalankan (dimatikan)", "belum dijalankan"]
    assert [row[1] for row in rows[start + 4 :] if row[1]] == ["© OpenStreetMap contributors"]


def test_glossary_speaks_both_languages(tmp_path):
    sheet = write(tmp_path / "x.xlsx", "en")[1]["Glossary"]
    terms = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    assert {"HS", "MOQ", "FOB", "CIF", "RFQ", "CN8", "CPV", "E.164"} <= terms.keys()
    assert terms["MOQ"][1].value == "Minimum order quantity"
    assert all(row[2].value and row[3].value for row in terms.values())


def test_an_empty_list_says_what_to_do(tmp_path):
    written, book = write(tmp_path / "x.xlsx", "id", rows=(), total=0)
    assert written == 0
    told = [cell.value for row in book.worksheets[0].iter_rows(min_row=2) for cell in row if cell.value]
    assert told == ["Tidak ada pembeli pada saringan ini. Longgarkan saringan (negara, jenis pembeli, umur bukti), lalu ekspor lagi."]


def test_same_input_gives_same_cells_and_the_given_date(tmp_path):
    book = write(tmp_path / "x.xlsx", "id")[1]
    assert book.properties.created == datetime(2026, 11, 25, 4, 20)
    assert book.properties.title == "Calon pembeli: sambal / saus cabai"


def test_an_unknown_language_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="'fr'"):
        write(tmp_path / "x.xlsx", "fr")
    assert list(tmp_path.iterdir()) == []


def test_long_reasons_get_the_height_they_need(tmp_path):
    sheet = write(tmp_path / "x.xlsx", "id", rows=(replace(FIRST, why_id="kata " * 60), BARE))[1].worksheets[0]
    assert sheet.row_dimensions[2].height > 3 * 13.5
    assert sheet.row_dimensions[3].height < 2 * 13.5


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_is_no_number_is_blank(tmp_path, score):
    assert write(tmp_path / "x.xlsx", "id", rows=(replace(FIRST, score=score),))[1].worksheets[0]["F2"].value is None


def test_moments_become_days_and_days_before_excel_become_text(tmp_path):
    odd = replace(FIRST, last_seen=datetime(2026, 11, 22, 23, 0, tzinfo=UTC), contacted_on=date(1899, 5, 1))
    sheet = write(tmp_path / "x.xlsx", "id", rows=(odd,))[1].worksheets[0]
    assert sheet["N2"].value == datetime(2026, 11, 22)
    assert sheet["P2"].value == "1899-05-01"


def test_what_printed_headers_treat_as_codes_is_doubled(tmp_path):
    names = {"sambal": "A&B " * 100}
    about = About(created=datetime(2026, 11, 25, tzinfo=UTC), filter_words="", total=1, shown=1, product_names=names)
    sheet = write(tmp_path / "x.xlsx", "en", about=about)[1].worksheets[0]
    assert "A&B" in sheet.oddHeader.left.text.replace("&&", "&")
    assert len(sheet.oddHeader.left.text) + len(sheet.oddHeader.right.text) < 255
