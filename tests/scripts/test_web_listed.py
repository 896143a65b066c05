"""Whoever asked to be left alone is not shown where another's page, copy or note still names them."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
import sqlite_utils
from openpyxl import load_workbook
from starlette.testclient import TestClient

from market_db.codec import to_row
from market_db.derived import Match, lead_id
from market_db.desk.entered import Decision, FollowUp
from market_db.desk.returned import returned
from market_db.desk.shortlists import follow_ups
from market_db.desk.store import add_decision, add_follow_up, decisions, do_not_contact, latest_follow_ups
from market_db.rows import write_rows
from scripts.serve import workspace
from scripts.show.archived import shown_text

HERE = "http://127.0.0.1:8350"
FROM_US = {"origin": HERE}
A, B = lead_id("ca", "sambal"), lead_id("cb", "sambal")
NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
PAGE = b"""<html><p>Toko Lain (contoh), info@lain.example</p><p>Leave Us Alone B.V. (contoh) &middot; Info@alone.example, +31 20 123 4567,
www.alone.example/contact</p></html>"""


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url=HERE, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("kind", "value", "gone"),
    [
        ("email", "info@alone.example", "info@alone.example"),
        ("phone", "+31 20 123 4567", "123 4567"),
        ("domain", "alone.example", "alone.example"),
        ("company", "Leave Us Alone B.V. (contoh)", "leave us alone"),
    ],
)
def test_the_copy_of_a_page_names_nobody_who_asked(home, kind, value, gone):
    """The next night archives a page again that names many firms: it is evidence for the others."""
    assert gone in shown_text(home, PAGE, "text/html").casefold()
    do_not_contact(home, kind, value, by="-", reason="-", now=NOW)
    shown = shown_text(home, PAGE, "text/html")
    assert gone not in shown.casefold()
    assert "Toko Lain (contoh), info@lain.example" in shown


def test_nobody_who_asked_is_offered_as_perhaps_the_same(client, seeded, records):
    db = sqlite_utils.Database(seeded.published)
    name = db.execute("select name from companies where id='cc'").fetchone()[0]
    (one, other) = (
        db.execute("select party_id from company_members where company_id=? limit 1", (key,)).fetchone()[0] for key in ("ca", "cc")
    )
    with db.conn:
        write_rows(db, "matches", [to_row(Match(party_a=one, party_b=other, score=0.5, reasons=("same town",)))])
    db.close()
    assert name in client.get(f"/pembeli/{A}").text
    do_not_contact(seeded, "company", name, by="-", reason="-", now=records.NOW)
    assert name not in client.get(f"/pembeli/{A}").text
    refused = client.post(f"/pembeli/{A}/koreksi", data={"kind": "not_same", "other": other}, headers=FROM_US)
    assert refused.status_code == 400


NOTE = "info@alone.example lewat telepon +31 20 123 4567; Alone minta tidak dihubungi"
KEPT = "[removed] lewat telepon [removed]; Alone minta tidak dihubungi"


def test_a_contact_is_not_noted_again(client, seeded, records):
    at = records.NOW.isoformat()
    for kind, value in (("domain", "alone.example"), ("phone", "+31 20 123 4567")):
        do_not_contact(seeded, kind, value, by="-", reason="-", now=records.NOW)
    add_follow_up(seeded, FollowUp(lead_id="x", status="contacted", entered_at=at, entered_by="sari", note=NOTE))
    add_decision(seeded, Decision(kind="not_a_buyer", party_a="p", party_b=None, entered_at=at, entered_by="sari", note=NOTE))
    assert latest_follow_ups(seeded)["x"].note == KEPT
    assert [one.note for one in decisions(seeded)] == [KEPT]
    made = client.post("/daftar/tambah", data={"lead": [B], "list": "new", "name": "Sambal"}, headers=FROM_US, follow_redirects=False)
    path = made.headers["location"].split("?")[0]
    book = client.post(f"{path}/ekspor", data={"format": "xlsx"}, headers=FROM_US).content
    client.post(f"{path}/langkah", data={"lead": B, "status": "contacted", "note": NOTE}, headers=FROM_US)
    assert follow_ups(seeded)[-1].note == KEPT
    sheet = load_workbook(BytesIO(book))
    sheet.worksheets[0]["R2"] = f"dari Excel: {NOTE}"
    sheet.save(back := BytesIO())
    brought = client.post("/kembali", files={"workbook": ("x.xlsx", back.getvalue())}, headers=FROM_US, follow_redirects=False)
    assert [row.note for row in returned(seeded, brought.headers["location"].rpartition("/")[2])[1]] == [f"dari Excel: {KEPT}"]
