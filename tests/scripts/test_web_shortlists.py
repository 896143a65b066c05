"""Shortlists and exporters as a browser gets them: made, filled, ordered, followed up, taken along, gone when somebody asks."""

import json
import re
from io import BytesIO

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from market_db.derived import lead_id
from market_db.desk.entered import Shortlist
from market_db.desk.shortlists import entries, exporters, save_shortlist, shortlists
from market_db.desk.store import do_not_contact, latest_follow_ups
from scripts.serve import workspace

HERE = "http://127.0.0.1:8350"
FROM_US = {"origin": HERE}
A, B, C, D = (lead_id(f"c{key}", "sambal") for key in "abcd")
CARD = {
    "name": "CV Sambal Ibu (contoh)", "town": "Medan", "capacity_kg_month": "2.000", "minimum_order_kg": "200", "version": "0",
    "offer0_product": "sambal", "offer0_name": "Sambal bajak 200 g", "offer0_pack_grams": "200", "offer0_fob_usd_kg": "4,50",
    "language": ["id", "en"], "certificate": ["halal", "id-ske"], "other_certificates": "HACCP, ISO 22000",
}  # fmt: skip
AT = "2026-11-25T02:00:00+00:00"


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url=HERE, raise_server_exceptions=False)


def post(client, path, form=None, *, headers=FROM_US, **more):
    return client.post(path, data={**(form or {}), **more}, headers=headers, follow_redirects=False)


def made(client, *leads, name="Sambal ke Eropa"):
    done = post(client, "/daftar/tambah", {"lead": list(leads), "list": "new", "name": name})
    assert done.status_code == 303, done.text
    return done.headers["location"].split("?")[0]


def order(client, path):
    return [one["lead"]["lead_id"] for one in client.get(path + ".json").json()["buyers"]]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("path", ["/daftar", "/eksportir", "/eksportir/baru", "/kembali"])
def test_empty_pages_say_what_to_do_next(client, path, language):
    page = client.get(f"{path}?lang={language}")
    assert page.status_code == 200
    assert "<h1>" in page.text


def test_several_buyers_are_put_on_a_new_list_from_the_page_of_all(client, seeded):
    page = client.get("/").text
    assert f'form="tambah" name="lead" value="{A}"' in page
    path = made(client, A, B, B, "nobody")
    shown = client.get(path + "?said=added&n=2&old=1")
    assert "2 pembeli ditambahkan. 1 sudah ada di daftar ini." in shown.text
    assert "Nusantara Foods Ltd (contoh)" in shown.text
    assert order(client, path) == [A, B]
    again = post(client, "/daftar/tambah", {"lead": [B, C], "list": path.rpartition("/")[2]})
    assert again.headers["location"] == f"{path}?said=added&n=1&old=1"
    assert order(client, path) == [A, B, C]


def test_a_whole_view_is_put_on_a_list(client):
    done = post(client, "/daftar/tambah", {"all": "1", "list": "new", "name": "Semua", "has": "email"})
    assert order(client, done.headers["location"].split("?")[0]) == [A, B]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"lead": [A], "list": "new", "name": " "}, 400),
        ({"list": "new", "name": "x"}, 400),
        ({"lead": ["nobody"], "list": "new", "name": "x"}, 400),
        ({"lead": [A], "list": "../x"}, 400),
    ],
)
def test_what_cannot_be_added_is_said_in_a_sentence(client, seeded, form, status):
    done = post(client, "/daftar/tambah", form)
    assert done.status_code == status
    assert 'role="alert"' in done.text
    assert shortlists(seeded) == []


def test_order_without_dragging(client):
    path = made(client, A, B, C)
    for move, expected in (
        ({"lead": C, "move": "up"}, [A, C, B]),
        ({"lead": A, "move": "down"}, [C, A, B]),
        ({"lead": C, "move": "up"}, [C, A, B]),
        ({"lead": B, "place": "1"}, [B, C, A]),
        ({"lead": B, "place": "99"}, [C, A, B]),
    ):
        assert post(client, f"{path}/urut", move).status_code == 303
        assert order(client, path) == expected
    assert post(client, f"{path}/urut", {"lead": B, "place": "x"}).status_code == 400
    assert post(client, f"{path}/urut", {"lead": D, "move": "up"}).status_code == 404


def test_follow_up_within_a_list(client, seeded):
    path = made(client, A, B)
    done = post(
        client,
        f"{path}/langkah",
        {
            "lead": A,
            "status": "contacted",
            "contacted_on": "8/11/2026",
            "due": "2026-12-01",
            "owner": "Tim (contoh)",
            "note": "Kirim <b>sampel</b>",
        },
    )
    assert done.status_code == 303
    page = client.get(path).text
    for text in ("8 Nov 2026", "1 Des 2026", "Tim (contoh)", "Kirim &lt;b&gt;sampel&lt;/b&gt;", "Sudah dihubungi"):
        assert text in page
    step = latest_follow_ups(seeded)[A]
    assert (step.shortlist, step.contacted_on, step.due, step.owner) == (
        path.rpartition("/")[2],
        "2026-11-08",
        "2026-12-01",
        "Tim (contoh)",
    )
    other = made(client, A, name="Lain")
    shown = client.get(other).text
    assert "Juga di daftar “Sambal ke Eropa”: Sudah dihubungi" in shown
    assert "Belum ditindaklanjuti" in shown
    assert client.get(f"{path}?status=contacted").text.count('class="card step"') == 1


@pytest.mark.parametrize("day", ["31/2/2026", "besok", "2026-13-01", "1/1/1900", "1//2", "٣/٤/٥٠٠٠٠"])
def test_days_nobody_can_read_are_told(client, seeded, day):
    path = made(client, A)
    done = post(client, f"{path}/langkah", {"lead": A, "status": "contacted", "due": day})
    assert done.status_code == 400
    assert "8/11/2026" in done.text
    assert latest_follow_ups(seeded) == {}


def test_a_change_by_somebody_else_is_not_written_over(client, seeded):
    from market_db.desk.entered import FollowUp
    from market_db.desk.store import add_follow_up

    path = made(client, A)
    key = path.rpartition("/")[2]
    add_follow_up(
        seeded, FollowUp(lead_id=A, status="deal", entered_at="2026-11-26T05:00:00+00:00", entered_by="Sari (contoh)", shortlist=key)
    )
    done = post(client, f"{path}/langkah", {"lead": A, "status": "new", "seen": "2026-11-26T04:00:00+00:00"})
    assert done.status_code == 409
    assert "Sari (contoh)" in done.text
    assert latest_follow_ups(seeded)[A].status == "deal"
    assert post(client, f"{path}/langkah", {"lead": A, "status": "new", "seen": "2026-11-26T06:00:00+00:00"}).status_code == 303


def test_taken_off_renamed_closed_and_removed(client, seeded):
    path = made(client, A, B)
    key = path.rpartition("/")[2]
    assert post(client, f"{path}/keluarkan", {"lead": A}).status_code == 303
    assert post(client, f"{path}/keluarkan", {"lead": A}).status_code == 404
    assert order(client, path) == [B]
    post(client, path, {"name": "Nama baru", "campaign": "SIAL", "owner": "Dewi (contoh)", "closed": "1"})
    (kept,) = shortlists(seeded)
    assert (kept.name, kept.campaign, kept.owner, kept.closed) == ("Nama baru", "SIAL", "Dewi (contoh)", True)
    assert f'value="{key}"' not in client.get("/").text
    assert post(client, f"{path}/hapus", {"sure": "0"}).status_code == 400
    assert post(client, f"{path}/hapus", {"sure": "1"}).headers["location"] == "/daftar?said=dropped"
    assert shortlists(seeded) == []
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(("suffix", "begins"), [("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("json", b"["), ("pdf", b"%PDF")])
def test_a_list_goes_into_a_file_and_the_log(client, seeded, suffix, begins):
    path = made(client, B, A)
    done = post(client, f"{path}/ekspor", {"format": suffix})
    assert done.status_code == 200, done.text
    assert done.content.startswith(begins)
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w.%-]+", done.headers["content-disposition"])
    line = json.loads((seeded.logs / "exports.jsonl").read_text("utf-8").splitlines()[-1])
    assert (line["rows"], line["format"]) == (2, suffix)
    assert "Sambal ke Eropa" in line["filter"]
    if suffix == "xlsx":
        sheet = load_workbook(BytesIO(done.content)).worksheets[0]
        assert [row[0].value for row in sheet.iter_rows(min_row=2, max_row=3)] == [1, 2]
        assert sheet["B2"].value.startswith("Toko")


def test_a_printed_list_of_the_sample_says_that_it_is_one(client, seeded, monkeypatch):
    printed = []
    monkeypatch.setattr("market_db.exports.shortlist_files.shortlist_pdf", lambda sheet, _now: printed.append(sheet) or b"%PDF-")
    path = made(client, A)
    post(client, f"{path}/ekspor", {"format": "pdf"})
    monkeypatch.setattr("market_db.exports.shortlist_files.is_sample", lambda _db: True)
    post(client, f"{path}/ekspor", {"format": "pdf"})
    assert [any("CONTOH" in line or "SAMPLE" in line for line in sheet.subtitle) for sheet in printed] == [False, True]


def test_who_asks_to_be_left_alone_vanishes_from_every_list_and_file(client, seeded, records):
    path = made(client, A, B)
    do_not_contact(seeded, "domain", "a.example", by="x", reason="y", now=records.NOW)
    assert order(client, path) == [B]
    for address in (path, path + ".json", path + ".csv", "/", f"/pembeli/{A}", f"/pembeli/{A}/kartu.vcf"):
        assert "Nusantara" not in client.get(address).text
    for suffix in ("csv", "json", "pdf", "xlsx"):
        assert b"Nusantara" not in post(client, f"{path}/ekspor", {"format": suffix}).content
    assert post(client, "/daftar/tambah", {"lead": [A], "list": "new", "name": "x"}).status_code == 400


def test_forgetting_through_the_page_empties_every_corner(client, seeded):
    path = made(client, A, B)
    assert post(client, f"/pembeli/{A}/jangan-hubungi", what="0", reason="lewat telepon", sure="1").status_code == 303
    assert order(client, path) == [B]
    page = client.get(path).text
    assert "Nusantara" not in page
    assert "tidak ada di data" not in page
    assert all("Nusantara" not in entry.company for entry in entries(seeded, path.rpartition("/")[2]))


def test_a_buyer_s_page_shows_its_lists_and_its_card(client):
    path = made(client, B)
    page = client.get(f"/pembeli/{B}").text
    assert f'href="{path}#p-{B}"' in page
    card = client.get(f"/pembeli/{B}/kartu.vcf")
    assert card.headers["content-type"].startswith("text/vcard")
    lines = card.text.split("\r\n")
    assert lines[0] == "BEGIN:VCARD"
    assert "EMAIL;TYPE=work:info@b.example" in lines
    assert all(len(line.encode()) <= 75 for line in lines)


@pytest.mark.parametrize("what", ["", "/urut", "/keluarkan", "/langkah", "/hapus", "/ekspor"])
def test_forms_of_other_pages_change_nothing(client, seeded, what):
    path = made(client, A)
    done = post(
        client,
        path + what,
        {"lead": A, "status": "deal", "sure": "1", "move": "down", "format": "csv"},
        headers={"origin": "https://evil.example"},
    )
    assert done.status_code == 403
    assert order(client, path) == [A]
    assert latest_follow_ups(seeded) == {}


@pytest.mark.parametrize("key", ["x", "%00", "..%2f..%2fetc", "'or 1=1--", "\u202e", "9" * 300])
def test_no_such_list_exporter_or_workbook(client, key):
    for place in ("/daftar/", "/eksportir/", "/kembali/"):
        page = client.get(place + key)
        assert page.status_code == 404, place
        assert "<h1>" in page.text


def test_an_exporter_is_kept_shown_and_changed(client, seeded):
    done = post(client, "/eksportir/baru", CARD)
    assert done.status_code == 303, done.text
    (card,) = exporters(seeded)
    assert (card.capacity_kg_month, card.minimum_order_kg, card.offers[0].fob_usd_kg) == (2000.0, 200.0, 4.5)
    assert card.certificates == ("halal", "id-ske", "haccp", "iso 22000")
    page = client.get(f"/eksportir/{card.id}").text
    assert 'value="4,5"' in page
    assert "CV Sambal Ibu (contoh)" in client.get("/eksportir").text
    assert "CV Sambal Ibu (contoh)" in client.get("/eksportir.csv").text
    changed = post(client, f"/eksportir/{card.id}", {**CARD, "name": "CV Baru (contoh)", "version": "1"})
    assert changed.status_code == 303
    stale = post(client, f"/eksportir/{card.id}", {**CARD, "name": "CV Lama (contoh)", "version": "1"})
    assert stale.status_code == 409
    assert "CV Lama (contoh)" in stale.text
    assert exporters(seeded)[0].name == "CV Baru (contoh)"
    assert post(client, f"/eksportir/{card.id}/arsipkan", {"sure": "1"}).status_code == 303
    assert exporters(seeded) == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "Isi nama usahanya"),
        ("minimum_order_kg", "banyak", "bukan angka"),
        ("minimum_order_kg", "-5", "bukan angka"),
        ("minimum_order_kg", "1e9", "bukan angka"),
        ("capacity_kg_month", "9" * 400, "bukan angka"),
        ("offer0_pack_grams", "0", "bukan angka"),
        ("offer0_product", "kursi", "Pilih jenis produk"),
        ("offer0_name", "", "Isi nama produknya"),
        ("minimum_order_kg", "<script>alert(1)</script>", "bukan angka"),
    ],
)
def test_what_is_wrong_in_a_form_is_named_beside_its_field(client, seeded, field, value, said):
    done = post(client, "/eksportir/baru", {**CARD, field: value})
    assert done.status_code == 400
    assert said in done.text
    assert "<script" not in done.text
    assert f'id="salah-{field}"' in done.text
    assert exporters(seeded) == []


def test_buyers_for_an_exporter_with_reasons(client, seeded):
    post(client, "/eksportir/baru", CARD)
    (card,) = exporters(seeded)
    page = client.get(f"/eksportir/{card.id}/pembeli").text
    assert "Nusantara Foods Ltd (contoh)" in page
    for text in (
        "bahasa yang sama: Inggris",
        "Pesanan minimum: Anda minta sedikitnya 200 kg",
        "terlihat padanya: kode CN8 21039090 hot-sauce",
    ):
        assert text in page
    one = client.get(f"/eksportir/{card.id}/pembeli?country=GB")
    assert "Tawaran ini di Inggris Raya" in one.text or "Tawaran ini di" in one.text
    table = client.get(f"/eksportir/{card.id}/pembeli.csv")
    assert table.text.startswith("\ufeffPerusahaan")
    assert client.get(f"/eksportir/{card.id}/pembeli?offer=99&country=XX&page=abc").status_code == 200
    records = client.get(f"/eksportir/{card.id}/pembeli.json").json()
    assert records["buyers"][0]["said"]["fits"]


@pytest.mark.parametrize("query", ["?page=abc", "?page=-1", "?page=99999999999", "?status=x&status=y", "?said=<script>", "?n=x&said=added"])
def test_odd_addresses_are_answered(client, query):
    path = made(client, A)
    page = client.get(path + query)
    assert page.status_code == 200
    assert "<script" not in page.text


def test_readers_see_lists_and_change_nothing(seeded, client):
    from types import SimpleNamespace

    from market_db.web.access import User

    path = made(client, A)
    access = SimpleNamespace(login=False, user_of=lambda _: User("tamu", "reader"), refuses=lambda _: "", now=lambda: None)
    reader = TestClient(workspace(seeded, access), base_url=HERE)
    for address in ("/daftar", path, "/eksportir", "/kembali", "/"):
        page = reader.get(address)
        assert page.status_code == 200
        assert 'method="post"' not in page.text
    assert post(reader, f"{path}/keluarkan", {"lead": A}).status_code == 403
    assert reader.get(f"/pembeli/{A}/kartu.vcf").status_code == 403


def test_a_list_with_an_odd_name_gives_a_safe_file(client, seeded):
    save_shortlist(
        seeded, Shortlist(id="aa", name='=../../x"\r\n<b>', exporter=None, campaign="", owner="x", entered_at=AT, entered_by="x")
    )
    post(client, "/daftar/tambah", {"lead": [A], "list": "aa"})
    done = post(client, "/daftar/aa/ekspor", {"format": "csv"})
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w.%-]+", done.headers["content-disposition"])
    assert all(file.parent == seeded.exports for file in seeded.exports.rglob("*"))
    assert "<b>" not in client.get("/daftar").text
