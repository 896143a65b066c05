"""A filled workbook on its way back through the pages: shown first, taken over once, conflicts decided by a person, hostile files in words."""

import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from threading import Barrier

import pytest
from openpyxl import Workbook, load_workbook
from starlette.testclient import TestClient

from market_db.derived import lead_id
from market_db.desk.entered import FollowUp
from market_db.desk.returned import all_returned, returned
from market_db.desk.shortlists import follow_ups
from market_db.desk.store import add_follow_up, decisions, do_not_contact, latest_follow_ups
from market_db.desk.taking import take
from market_db.schema import open_published
from market_db.web import upload
from scripts.serve import workspace

HERE = "http://127.0.0.1:8350"
FROM_US = {"origin": HERE}
A, B, C = (lead_id(f"c{key}", "sambal") for key in "abc")
STATUS, DAY, OWNER, NOTE, VERDICT, LEAD = "O", "P", "Q", "R", "S", "T"


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url=HERE, raise_server_exceptions=False)


def post(client, path, form=None, headers=FROM_US):
    return client.post(path, data=form or {"go": "1"}, headers=headers, follow_redirects=False)


def send(client, body, name="daftar.xlsx", **more):
    return client.post("/kembali", files={"workbook": (name, body)}, headers=FROM_US, follow_redirects=False, **more)


@pytest.fixture
def listed(client):
    """A list with three buyers, and its workbook as bytes."""
    done = post(client, "/daftar/tambah", {"lead": [A, B, C], "list": "new", "name": "Sambal"})
    path = done.headers["location"].split("?")[0]
    return path, post(client, f"{path}/ekspor", {"format": "xlsx"}).content


def filled(body, **cells):
    book = load_workbook(BytesIO(body))
    for place, value in cells.items():
        book.worksheets[0][place] = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def brought(client, body):
    done = send(client, body)
    assert done.status_code == 303, done.text
    return done.headers["location"]


def later(minutes=5):
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat(timespec="seconds")


def test_filled_shown_taken_over_and_twice_is_harmless(client, seeded, listed):
    path, body = listed
    back = filled(body, O2="Sudah dihubungi", P2=date(2026, 11, 20), R2="Minta harga <b>FOB</b>", Q3="Tim", S3="Bukan pembeli")
    where = brought(client, back)
    page = client.get(where).text
    assert "2 baris akan berubah" in page
    assert "Minta harga &lt;b&gt;FOB&lt;/b&gt;" in page
    assert follow_ups(seeded) == []
    assert decisions(seeded) == []
    assert post(client, where).headers["location"] == where
    step = latest_follow_ups(seeded)[A]
    assert (step.status, step.contacted_on, step.note, step.shortlist) == (
        "contacted",
        "2026-11-20",
        "Minta harga <b>FOB</b>",
        path.rpartition("/")[2],
    )
    assert [one.kind for one in decisions(seeded)] == ["not_a_buyer"]
    assert "2 baris diubah" in client.get(where).text
    post(client, where)
    assert "Tidak ada yang perlu diambil" in client.get(brought(client, back)).text
    assert len(follow_ups(seeded)) == 2
    assert client.get(path).text.count("Sudah dihubungi") >= 1


def test_the_same_rows_taken_over_by_many_at_once_are_entered_once(client, seeded, listed):
    body = filled(listed[1], R2="Minta harga", R3="Kirim sampel", S3="Bukan pembeli")
    places = [brought(client, body).rpartition("/")[2] for _ in range(8)]
    start = Barrier(len(places))

    def confirm(key):
        one, rows = returned(seeded, key)
        with closing(open_published(seeded, any_thread=True)) as db:
            start.wait()
            return take(seeded, db, one, rows, by="sari", at=datetime.now(UTC).isoformat(timespec="seconds"))

    with ThreadPoolExecutor(len(places)) as threads:
        done = list(threads.map(confirm, places))
    assert sorted(map(len, done)) == [0] * 7 + [2]
    assert len(follow_ups(seeded)) == 2
    assert len(decisions(seeded)) == 1


def test_an_untouched_workbook_changes_nothing(client, seeded, listed):
    page = client.get(brought(client, listed[1])).text
    assert "Tidak ada yang perlu diambil" in page
    assert follow_ups(seeded) == []


def test_what_a_colleague_entered_meanwhile_stays_unless_decided(client, seeded, listed):
    path, body = listed
    key = path.rpartition("/")[2]
    add_follow_up(seeded, FollowUp(lead_id=A, status="deal", entered_at=later(), entered_by="Sari (contoh)", note="jadi", shortlist=key))
    back = filled(body, O2="Tidak berminat", O3="Sudah dihubungi")
    where = brought(client, back)
    page = client.get(where).text
    assert "1 baris bentrok" in page
    assert "Sari (contoh)" in page
    post(client, where)
    assert latest_follow_ups(seeded)[A].status == "deal"
    assert latest_follow_ups(seeded)[B].status == "contacted"
    assert "tidak diambil dan tetap tersimpan" in client.get(where).text
    again = brought(client, back)
    post(client, again, {"take": "2"})
    step = latest_follow_ups(seeded)[A]
    assert (step.status, step.note) == ("no_interest", "jadi")


def test_a_colleague_s_cell_that_the_workbook_did_not_touch_is_no_conflict(client, seeded, listed):
    path, body = listed
    add_follow_up(
        seeded, FollowUp(lead_id=A, status="deal", entered_at=later(), entered_by="Sari (contoh)", shortlist=path.rpartition("/")[2])
    )
    where = brought(client, filled(body, R2="catatan saya"))
    assert "bentrok</h2>" not in client.get(where).text
    post(client, where)
    step = latest_follow_ups(seeded)[A]
    assert (step.status, step.note) == ("deal", "catatan saya")


def test_without_its_mark_every_difference_is_for_a_person(client, seeded, listed):
    body = listed[1]
    add_follow_up(seeded, FollowUp(lead_id=A, status="deal", entered_at="2026-11-20T00:00:00+00:00", entered_by="Sari (contoh)", note="x"))
    book = load_workbook(BytesIO(body))
    del book.custom_doc_props["Tembus"]
    book.worksheets[0]["O2"], book.worksheets[0]["O3"] = "Baru", "Sudah dihubungi"
    out = BytesIO()
    book.save(out)
    page = client.get(brought(client, out.getvalue())).text
    assert "waktu unduhnya tidak diketahui" in page
    assert "1 baris bentrok" in page
    assert "1 baris akan berubah" in page


def test_unknown_ids_and_edited_names_are_told_row_by_row(client, seeded, listed):
    where = brought(client, filled(listed[1], T2="0" * 20, O2="Baru", B3="Nama lain", O3="Baru", O4="mungkin", P4="kemarin"))
    page = client.get(where).text
    assert "1 baris tidak dikenal" in page
    assert "1 nama diubah di berkas Excel" in page
    assert "Nama lain" in page
    assert "Baris 4: status “mungkin” tidak dikenal" in page
    assert "2 isian tidak terbaca" in page
    post(client, where)
    assert set(latest_follow_ups(seeded)) == {B}
    assert client.get(where + ".json").json()["workbook"]["taken_at"]


def test_a_buyer_taken_off_meanwhile_still_gets_its_follow_up(client, seeded, listed):
    path, body = listed
    post(client, f"{path}/keluarkan", {"lead": A})
    where = brought(client, filled(body, O2="Sudah dihubungi"))
    assert "sudah dikeluarkan dari daftar" in client.get(where).text
    post(client, where)
    assert latest_follow_ups(seeded)[A].status == "contacted"


def test_who_asked_to_be_left_alone_does_not_come_back(client, seeded, listed, records):
    body = filled(listed[1], O2="Sudah dihubungi", R2="tulis ke info@a.example")
    do_not_contact(seeded, "domain", "a.example", by="x", reason="y", now=records.NOW)
    where = brought(client, body)
    page = client.get(where).text
    assert "1 baris tidak dikenal" in page
    assert "Nusantara" not in page
    post(client, where)
    assert follow_ups(seeded) == []


def test_an_emptied_note_is_emptied_and_kept_in_the_history(client, seeded, listed):
    path, _ = listed
    post(client, f"{path}/langkah", {"lead": A, "status": "contacted", "note": "lama"})
    body = post(client, f"{path}/ekspor", {"format": "xlsx"}).content
    where = brought(client, filled(body, R2=None))
    post(client, where)
    assert latest_follow_ups(seeded)[A].note == ""
    assert [step.note for step in follow_ups(seeded)] == ["lama", ""]
    assert "lama" in client.get(f"/pembeli/{A}").text


def test_a_view_of_all_buyers_comes_back_in_general(client, seeded):
    body = post(client, "/ekspor", {"format": "xlsx", "country": "GB"}).content
    post(client, brought(client, filled(body, O2="Sudah membalas")))
    step = latest_follow_ups(seeded)[A]
    assert (step.status, step.shortlist) == ("replied", None)


def test_thrown_away_changes_nothing(client, seeded, listed):
    where = brought(client, filled(listed[1], O2="Sudah dihubungi"))
    assert post(client, f"{where}/buang").headers["location"] == "/kembali?said=gone"
    assert client.get(where).status_code == 404
    assert follow_ups(seeded) == []
    assert all_returned(seeded) == []


def zipped(**parts):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for name, text in parts.items():
            box.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return out.getvalue()


def bombed(body, mega=400):
    """A good workbook whose table of texts unpacks to hundreds of megabytes."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != "xl/sharedStrings.xml":
                new.writestr(part.filename, old.read(part))
        with new.open("xl/sharedStrings.xml", "w") as stream:
            for _ in range(mega):
                stream.write(b"<si><t>" + b"A" * (1024 * 1024) + b"</t></si>")
    return out.getvalue()


def plain_book():
    out = BytesIO()
    Workbook().save(out)
    return out.getvalue()


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n > 1 else chr(0)};".replace(chr(0), "") * 10}">' for n in range(1, 12))
    + "]><a>&a11;</a>"
)
XXE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
HOSTILE = {
    "empty": (b"", "kosong (0 byte)"),
    "text": (b"Nama;Harga\r\n", "bukan daftar Excel"),
    "half a zip": (b"PK\x03\x04" + bytes(200), "bukan daftar Excel"),
    "a program": (b"MZ" + bytes(5_000), "bukan daftar Excel"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(900), "bukan daftar Excel"),
    "html": (b"<html><script>alert(1)</script>", "bukan daftar Excel"),
    "old Excel": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2_000), "format"),
    "a password": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "kata sandi"),
    "somebody else's": (plain_book(), "ID prospek"),
    "entities": (zipped(xl__workbook_dot_xml=ENTITIES, **{"[Content_Types].xml": ENTITIES}), "bukan daftar Excel"),
    "outside files": (zipped(xl__workbook_dot_xml=XXE, **{"[Content_Types].xml": XXE}), "bukan daftar Excel"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_answered_in_words(client, seeded, kind):
    body, said = HOSTILE[kind]
    done = send(client, body, name="<b>../../x.xlsx")
    assert done.status_code == 400, done.text
    assert said in done.text
    assert 'role="alert"' in done.text
    assert "Traceback" not in done.text
    assert "root:" not in done.text
    assert all_returned(seeded) == []


def test_a_zip_bomb_is_refused_by_its_size(client, seeded, listed):
    done = send(client, bombed(listed[1]))
    assert done.status_code == 400
    assert "terlalu besar" in done.text


def test_macros_and_outside_links_are_passed_over_and_the_rest_is_read(client, seeded, listed):
    body = filled(listed[1], O2="Sudah dihubungi")
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 Shell calc")
        new.writestr("xl/externalLinks/externalLink1.xml", XXE)
    assert "1 baris akan berubah" in client.get(brought(client, out.getvalue())).text


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil.example")',
        "+cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "'; drop table follow_ups;--",
        "\u202egpj.exe",
    ],
)
def test_what_is_written_into_cells_stays_text(client, seeded, listed, text):
    path, body = listed
    book = load_workbook(BytesIO(body))
    for place in (f"{NOTE}2", f"{OWNER}2"):
        book.worksheets[0][place].value = text
        book.worksheets[0][place].data_type = "s"
    out = BytesIO()
    book.save(out)
    where = brought(client, out.getvalue())
    for address in (where, path, f"/pembeli/{A}"):
        assert "<script" not in client.get(address).text
        assert 'href="javascript' not in client.get(address).text
        post(client, where)
    csv = post(client, f"{path}/ekspor", {"format": "csv"}).content.decode("utf-8-sig")
    assert ",=" not in csv
    assert ",+" not in csv
    cell = load_workbook(BytesIO(post(client, f"{path}/ekspor", {"format": "xlsx"}).content)).worksheets[0][f"{NOTE}2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert post(client, f"{path}/ekspor", {"format": "pdf"}).content.startswith(b"%PDF")


def test_a_file_too_large_is_refused_without_being_kept(client, seeded, monkeypatch):
    monkeypatch.setattr(upload, "MOST_UPLOAD", 100_000)
    done = send(client, bytes(3_000_000))
    assert done.status_code == 413
    assert "Berkas terlalu besar" in done.text


def test_a_file_that_takes_too_long_is_stopped(client, seeded, listed, monkeypatch):
    from market_db.web.upload import read_apart
    from market_db.workbook import apart as workbook_apart

    monkeypatch.setattr(upload, "read_apart", lambda path: read_apart(path, seconds=0.01))
    assert workbook_apart.SECONDS > 10
    done = send(client, listed[1])
    assert done.status_code == 400
    assert "terlalu lama" in done.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"workbook=x", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"--x\r\n\r\n", "multipart/form-data"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="workbook"\r\n\r\ntext\r\n--x--\r\n', "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data; boundary=x"),
        (b"\x00" * 500, "multipart/form-data; boundary=x"),
    ],
)
def test_forms_that_are_none_of_ours_are_refused_in_words(client, body, kind):
    done = client.post("/kembali", content=body, headers={**FROM_US, "content-type": kind})
    assert done.status_code == 400
    assert 'role="alert"' in done.text


def test_a_file_of_another_page_is_not_even_read(client, seeded, listed):
    done = client.post("/kembali", files={"workbook": ("x.xlsx", listed[1])}, headers={"origin": "https://evil.example"})
    assert done.status_code == 403
    assert all_returned(seeded) == []


def test_two_rows_that_were_merged_meanwhile_count_once(client, seeded, listed):
    import sqlite_utils

    db = sqlite_utils.Database(seeded.published)
    with db.conn:
        db.conn.execute("insert into lead_aliases values (?, ?)", (B, A))
    db.close()
    where = brought(client, filled(listed[1], O2="Sudah dihubungi", O3="Tidak berminat"))
    page = client.get(where).text
    assert "perusahaan yang sama dengan baris 2" in page
    assert "1 baris akan berubah" in page
    post(client, where)
    assert [(step.lead_id, step.status) for step in follow_ups(seeded)] == [(A, "contacted")]
