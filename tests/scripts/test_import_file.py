"""`tembus import`: an advisor's own list, in any office format, taken once, with a reason for every row that is not."""

import csv
import io
from pathlib import Path

import pytest
import xlsxwriter

from market_db.products import load_products
from market_db.rows import read_rows
from market_db.schema import open_market
from spiders.by_hand import BadPreset, _preset, load_presets, role_of, search_links

HEAD = ["Nama Perusahaan", "Negara", "Kota", "Telepon", "E-mail", "Website", "Jenis", "Produk", "PIC", "Catatan"]
ROWS = [
    [
        "Toko Rasa (contoh) B.V.",
        "Belanda",
        "Rotterdam",
        "+31 10 4123456",
        "info@rasa.example",
        "www.rasa.example",
        "Importir",
        "sambal oelek",
        "Budi",
        "-",
    ],
    ["Nordic Spice (sample) AS", "Norway", "Oslo", "", "fornavn.etternavn@spice.example", "", "wholesaler", "hot sauce", "Navn", "-"],
    ["", "Norway", "Oslo", "", "", "", "", "", "", "-"],
    ["Office Chairs (sample) Ltd", "GB", "Leeds", "", "", "", "", "office chairs", "", "-"],
]


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "pameran 2026.xlsx"
    with xlsxwriter.Workbook(str(path)) as out:
        sheet = out.add_worksheet("Buyers")
        sheet.write(0, 0, "Daftar pembeli, pameran 2026")
        for at, row in enumerate([HEAD, *ROWS], 2):
            sheet.write_row(at, 0, row)
    return path


def table(home, sql):
    db = open_market(home)
    try:
        return [dict(row) for row in read_rows(db, sql)]
    finally:
        db.close()


def test_a_preview_shows_what_would_become_of_it_and_stores_nothing(home, tembus, book):
    out = tembus("import", book, "--preview", columns=100).out
    assert "4 baris: 2 akan diambil, 2 tidak." in out
    assert "Kolom yang tidak dibaca: Catatan" in out
    assert "Toko Rasa (contoh) B.V. · Belanda" in out
    assert "1 × produk lain" in out
    assert "1 × surel pribadi" in out
    assert not home.market.exists()


def test_a_list_is_stored_once_and_what_is_left_is_reported_by_row(home, tembus, book):
    done = tembus("import", book, "--yes", "--lang", "en")
    assert done.code == 0
    assert "Stored: 2 new, 0 changed, 0 known already." in done.err
    report = list(csv.reader(io.StringIO(Path(done.out.splitlines()[-1]).read_text("utf-8-sig"))))
    assert [row[1:] for row in report] == [["row", "reason"], ["3", "no company"], ["4", "OtherProduct"]]
    parties = table(home, "select name, country, role, source from parties order by name")
    assert [(row["name"], row["country"], row["role"]) for row in parties] == [
        ("Nordic Spice (sample) AS", "NO", "wholesaler"),
        ("Toko Rasa (contoh) B.V.", "NL", "importer"),
    ]
    assert {row["source"] for row in parties} == {"import:companies"}
    assert "fornavn.etternavn" not in str(table(home, "select * from parties")) + str(table(home, "select * from registrations"))
    (run,) = table(home, "select * from runs")
    assert (run["mode"], run["verdict"], run["scraped"], run["stored_new"], run["rejected"]) == ("import", "ok", 4, 2, 2)
    (evidence,) = table(home, "select * from evidence")
    assert evidence["url"] == "file:pameran 2026.xlsx"
    again = tembus("import", book, "--yes", "--lang", "en")
    assert "Stored: 0 new, 0 changed, 2 known already." in again.err
    assert "From a file" in tembus("sources", "import:companies", "--lang", "en").out


def test_requests_and_shipments_are_read_too(home, tembus, tmp_path):
    rfq = tmp_path / "rfq.csv"
    rfq.write_text(
        "Subject,Country,Quantity,Date Posted,Buyer Name,URL\nSambal oelek wanted,Netherlands,2 Twenty-Foot Container,2026-11-20,Nama,https://b.example/1\n",
        "utf-8",
    )
    assert tembus("import", rfq, "--preset", "go4worldbusiness", "--yes").code == 0
    (notice,) = table(home, "select * from notices")
    assert (notice["kind"], notice["country"], notice["published"], notice["quantity_text"]) == (
        "buy_lead",
        "NL",
        "2026-11-20",
        "2 Twenty-Foot Container",
    )
    assert "Nama" not in notice["title"]
    lading = tmp_path / "bl.csv"
    lading.write_text(
        "Consignee;Consignee Country;HS Code;Product Description;Arrival Date\nSpice Import (sample) LLC;US;2103.90;chili sauce;2026-10-05\n",
        "utf-8",
    )
    assert tembus("import", lading, "--preset", "shipments", "--yes").code == 0
    (firm,) = table(
        home, "select r.product_codes, r.periods, p.role, p.role_proof from registrations r join parties p on p.record_id = r.id"
    )
    assert firm["role"] == "importer"
    assert "chili sauce" in firm["role_proof"]
    assert "hs:210390" in firm["product_codes"]
    assert "2026-10" in firm["periods"]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("leer.csv", b"", ("Berkasnya kosong", "The file is empty")),
        ("seite.html", b"<html>login</html>", ("halaman web", "a web page")),
        ("lain.csv", b"A,B\n1,2\n", ("company; the first row is A | B", "choose another --preset")),
        ("rusak.xlsx", b"PK\x03\x04nothing", ("tidak terbaca", "cannot be read")),
    ],
)
def test_a_file_that_is_no_list_says_what_it_is(home, tembus, tmp_path, name, body, said):
    path = tmp_path / name
    path.write_bytes(body)
    for language, wanted in zip(("id", "en"), said, strict=True):
        found = tembus("--lang", language, "import", path, "--yes")
        assert found.code == 1
        assert wanted in found.err
        assert "crash" not in found.err  # the file's fault, not ours
    assert not home.market.exists()


def test_without_a_person_to_ask_only_yes_will_do(home, tembus, book):
    found = tembus("import", book)
    assert found.code == 2
    assert "--yes" in found.err


def test_a_suppressed_firm_is_not_taken(home, tembus, book):
    from datetime import UTC, datetime

    from market_db.desk.store import do_not_contact

    home.make()
    do_not_contact(home, "company", "Toko Rasa (contoh) B.V.", by="t", reason="asked", now=datetime.now(UTC))
    assert "1 × ada di daftar jangan-hubungi" in tembus("import", book, "--preview", columns=100).out


def test_boards_are_listed_with_why_they_are_not_crawled_and_ready_links(home, tembus):
    out = tembus("sources", columns=100).out
    assert "import:alibaba_rfq" in out
    assert "Tidak dirayapi: ketentuannya menolak perayapan" in out
    links = tembus("links", "--in", "en", "--in", "nl").out
    assert "searchText=chili%20sauce" in links
    assert "searchText=sambal%20saus" in links


def test_every_preset_is_whole():
    presets = load_presets()
    sambal = load_products()["sambal"]
    assert {"companies", "rfq", "shipments", "alibaba_rfq", "kompass"} <= set(presets)
    for preset in presets.values():
        assert preset.columns.required
        assert preset.titles["id"]
        assert preset.why["en"]
        links = list(search_links(preset, sambal, ("en",)))
        assert all(url.startswith("https://") and "{" not in url for _, url in links)
        assert bool(links) == bool(preset.home), "what stands on a site has a link to it"
        kept = {heading.lower() for names in preset.columns.names.values() for heading in names}
        assert not kept & {heading.lower() for heading in preset.dropped} - {"name", "buyer", "title"}


def test_a_broken_preset_is_named():
    with pytest.raises(BadPreset, match=r"presets.toml: x: why_id: missing"):
        _preset({"name": "x", "record": "notice", "title_id": "", "title_en": "", "required": [], "drop": [], "columns": {}}, {})


@pytest.mark.parametrize(("text", "role"), [("Importir", "importer"), ("WHOLESALER", "wholesaler"), ("buyer", None), ("", None)])
def test_a_role_is_read_in_both_languages(text, role):
    assert role_of(text) == role
