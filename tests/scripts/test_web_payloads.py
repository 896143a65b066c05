"""Whatever a source printed as the name of a firm: nothing of it runs, links or breaks on a page, in a workbook, CSV, vCard or PDF."""

import csv
import io
from pathlib import Path

import pytest
import sqlite_utils
from lxml import html
from openpyxl import load_workbook
from starlette.testclient import TestClient

from market_db import web
from market_db.derived import lead_id
from market_db.desk.shortlists import exporters
from market_db.saying import words_from
from scripts.serve import workspace

LOCALE = Path(web.__file__).parent / "locale"
HERE = "http://127.0.0.1:8350"
FROM_US = {"origin": HERE}
A = lead_id("ca", "sambal")
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1+1",
    "javascript:alert(1)",
    "../../etc/passwd",
    "CON",
    "'; drop table shortlists;--",
    '" OR NEAR(a b) *',
    "a\r\nSet-Cookie: x=y",
    "BEGIN:VCARD\r\nEMAIL:evil@evil.example",
    "\u202egpj.exe",
    "x" * 5_000,
    "",
]
EXPORTER = {"version": "0", "offer0_product": "sambal", "minimum_order_kg": "200"}


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url=HERE, raise_server_exceptions=False)


def post(client, path, form):
    return client.post(path, data=form, headers=FROM_US, follow_redirects=False)


def rename(home, name):
    db = sqlite_utils.Database(home.published)
    with db.conn:
        db.conn.execute("update lead_rows set company=?, city=?, website=? where lead_id=?", (name, name, name, A))
        db.conn.execute("update companies set name=?, city=? where id='ca'", (name, name))
    db.close()


def inert(page):
    tree = html.fromstring(page.text)
    assert tree.xpath("//script | //img | //iframe | //object | //svg[@onload]") == []
    assert [name for one in tree.xpath("//*[@*]") for name in one.attrib if name.startswith("on")] == []
    for address in tree.xpath("//@href | //@src | //@action"):
        assert not address.strip().casefold().startswith(("javascript:", "data:", "file:")), address
    assert "x=y" not in page.headers.get("set-cookie", "")


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_name_does_nothing_anywhere(client, seeded, name):
    rename(seeded, name)
    listed = post(client, "/daftar/tambah", {"lead": [A], "list": "new", "name": name or "x", "campaign": name, "owner": name})
    assert listed.status_code == 303
    path = listed.headers["location"].split("?")[0]
    post(client, f"{path}/langkah", {"lead": A, "status": "contacted", "note": name, "owner": name})
    made = post(
        client,
        "/eksportir/baru",
        {**EXPORTER, "name": name or "x", "town": name, "offer0_name": name or "x", "note": name, "other_certificates": name},
    )
    assert made.status_code == 303
    (card,) = exporters(seeded)
    places = ("/", "/daftar", path, f"/pembeli/{A}", "/eksportir", f"/eksportir/{card.id}", f"/eksportir/{card.id}/pembeli", "/kembali")
    for place in places:
        page = client.get(place)
        assert page.status_code == 200, place
        inert(page)
    for place in ("/daftar.csv", path + ".csv", "/eksportir.csv", f"/eksportir/{card.id}/pembeli.csv"):
        cells_are_text(client.get(place).content)
    cells_are_text(post(client, f"{path}/ekspor", {"format": "csv"}).content)
    sheet = load_workbook(io.BytesIO(post(client, f"{path}/ekspor", {"format": "xlsx"}).content)).worksheets[0]
    assert all(cell.data_type != "f" for line in sheet.rows for cell in line)
    assert all(
        (cell.hyperlink.target or "https:").startswith(("https:", "http:", "mailto:"))
        for line in sheet.rows
        for cell in line
        if cell.hyperlink
    )
    told = client.get(f"/pembeli/{A}/kartu.vcf")
    assert told.status_code == 200
    assert "\nEMAIL:evil" not in told.text
    assert told.text.count("\nBEGIN:VCARD") == 0
    body = post(client, f"{path}/ekspor", {"format": "pdf"}).content
    assert body.startswith(b"%PDF")
    assert b"/JavaScript" not in body
    assert all(file.parent == seeded.exports for file in seeded.exports.rglob("*"))


def cells_are_text(body):
    for line in csv.reader(io.StringIO(body.decode("utf-8-sig"))):
        for cell in line:
            assert not cell.lstrip().startswith(("=", "@", "+", "-")) or cell == "–", cell


@pytest.mark.parametrize("text", PAYLOADS)
def test_an_address_does_nothing(client, text):
    for name in ("status", "page", "said", "offer", "country", "exporter", "lang"):
        for place in ("/daftar", "/eksportir", "/kembali"):
            page = client.get(place, params={name: text})
            assert page.status_code == 200
            inert(page)


def test_a_workbook_tells_the_time_of_the_home(client, seeded):
    listed = post(client, "/daftar/tambah", {"lead": [A], "list": "new", "name": "x"})
    path = listed.headers["location"].split("?")[0]
    method = load_workbook(io.BytesIO(post(client, f"{path}/ekspor", {"format": "xlsx"}).content)).worksheets[2]
    told = {line[0].value: line[1].value for line in method.rows}
    assert told["Data per"] == words_from(LOCALE, "id", seeded.config.timezone).moment(meta_of(seeded)) + " WIB"
    assert told["Dibuat"].endswith(" WIB")


def meta_of(home):
    return sqlite_utils.Database(home.published).execute("select value from meta where key='published_at'").fetchone()[0]
