"""A buyer's page, what people enter there, and files to take along, as a browser gets them."""

import json
import re
from contextlib import closing
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from market_db.derived import lead_id
from market_db.desk.store import decisions, do_not_contact, latest_follow_ups, suppressed
from market_db.publish import open_published
from market_db.queries import lead_detail
from market_db.saying import words_from
from market_db.web.access import User, utc_now
from market_db.web.app import MOST_FORM, make_app
from market_db.web.looks import licence, pack
from market_db.web.one_or_two import apart, records_of
from market_db.web.services import ArchivedText, CannotDo, Services
from market_db.web.site import FOLDER
from scripts import serve
from scripts.serve import workspace

HERE = "http://127.0.0.1:8350"
FROM_US = {"origin": HERE}
A, B = lead_id("ca", "sambal"), lead_id("cb", "sambal")


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url=HERE, raise_server_exceptions=False)


def post(client, path, *, headers=FROM_US, **form):
    return client.post(path, data=form, headers=headers, follow_redirects=False)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("key", "abcd")
def test_a_buyer_shows_score_contacts_fields_and_evidence(client, key, language):
    page = client.get(f"/pembeli/{lead_id(f'c{key}', 'sambal')}?lang={language}")
    assert page.status_code == 200
    assert "https://r.example/" + key in page.text
    assert "OGL v3" in page.text
    assert 'id="bukti-1"' in page.text
    assert 'href="#bukti-1"' in page.text
    assert "\x1b" not in page.text


def test_a_pack_that_was_read_from_the_name_is_no_gap():
    words = words_from(FOLDER / "locale", "id", "Asia/Jakarta")
    sizes = {
        (370.0, None): "370 g",
        (1500.0, None): "1,5 kg",
        (None, 730.0): "730 ml",
        (2000.0, None): "2 kg",
        (None, None): "tidak ada data",
    }
    for (grams, millilitres), told in sizes.items():
        assert pack(SimpleNamespace(pack_text=None, net_grams=grams, net_millilitres=millilitres), words) == told
    assert pack(SimpleNamespace(pack_text="6 x 200 g", net_grams=1200.0, net_millilitres=None), words) == "6 x 200 g"


@pytest.mark.parametrize(("language", "told"), [("id", "lisensi tidak disebut"), ("en", "licence not stated")])
def test_an_unknown_licence_is_told_in_the_reader_s_words(language, told):
    words = words_from(FOLDER / "locale", language, "Asia/Jakarta")
    assert (licence("unknown", words), licence("ODbL 1.0", words)) == (told, "ODbL 1.0")
    assert licence("unknown", words, after=True) in told.split(" ", 1)


def test_contacts_can_be_clicked(client):
    page = client.get(f"/pembeli/{B}").text
    assert 'href="mailto:info@b.example"' in page
    assert re.search(r'href="tel:\+44\d+"', page)
    assert 'href="https://b.example" rel="noopener noreferrer nofollow"' in page


@pytest.mark.parametrize("lead", ["0" * 20, "x", "%00", "' or 1=1--", "\u202e"])
def test_no_such_buyer(client, lead):
    page = client.get(f"/pembeli/{lead}")
    assert page.status_code == 404
    assert "<h1>" in page.text


def test_status_and_note_are_kept_and_shown(client, seeded):
    done = post(client, f"/pembeli/{A}/tindak-lanjut", status="contacted", note='Telepon <b>"ok"</b>\nkirim sampel')
    assert done.status_code == 303
    assert done.headers["location"] == f"/pembeli/{A}?said=saved#tindak-lanjut"
    step = latest_follow_ups(seeded)[A]
    assert (step.status, step.note) == ("contacted", 'Telepon <b>"ok"</b>\nkirim sampel')
    page = client.get(f"/pembeli/{A}?said=saved").text
    assert "Tersimpan." in page
    assert "<b>&#34;" not in page
    assert "&lt;b&gt;" in page
    assert "Sudah dihubungi" in client.get("/").text


def test_judgements_are_kept_for_every_party(client, seeded):
    assert post(client, f"/pembeli/{A}/koreksi", kind="not_a_buyer", note="toko bunga").status_code == 303
    assert post(client, f"/pembeli/{A}/koreksi", kind="wrong_country").status_code == 303
    kept = decisions(seeded)
    assert [one.kind for one in kept] == ["not_a_buyer", "wrong_country"]
    assert kept[0].note == "toko bunga"
    assert "Bukan pembeli" in client.get(f"/pembeli/{A}").text


@pytest.mark.parametrize("text", ["{lead}", "http://127.0.0.1:8350/pembeli/{lead}?said=saved#bukti-1", " {LEAD} "])
def test_another_buyer_is_said_to_be_the_same_firm_by_its_address(client, seeded, text):
    wish = text.format(lead=B, LEAD=B.upper())
    assert post(client, f"/pembeli/{A}/koreksi", kind="same_as", other=wish).status_code == 303
    (kept,) = decisions(seeded)
    with closing(open_published(seeded)) as db:
        own, other = (lead_detail(db, lead).company.member_ids for lead in (A, B))
    assert kept.kind == "same"
    assert kept.party_a in own
    assert kept.party_b in other


@pytest.mark.parametrize("other", ["", A, "0" * 20, "Toko Sari (contoh)", "' or 1=1--", "<script>", "f" * 400])
def test_nobody_else_is_no_same_firm_and_the_answer_says_what_to_do(client, seeded, other):
    answer = post(client, f"/pembeli/{A}/koreksi", kind="same_as", other=other)
    assert answer.status_code == 400
    assert "Belum ada yang disimpan" in answer.text
    assert decisions(seeded) == []


def test_who_asked_to_be_left_alone_is_nobody_to_be_the_same_as(client, seeded, records):
    do_not_contact(seeded, "domain", "b.example", by="x", reason="y", now=records.NOW)
    assert post(client, f"/pembeli/{A}/koreksi", kind="same_as", other=B).status_code == 400


def mention(number, source, name):
    return SimpleNamespace(party_id=f"p{number}", source=source, name=name, country="NL", city=None, evidence_id=f"e{number}")


def test_records_of_one_source_and_name_are_taken_out_together():
    detail = SimpleNamespace(
        mentions=[mention(1, "map", "Toko A (contoh)"), mention(2, "shop", "TOKO A (contoh)"), mention(3, "shop", "Toko A (contoh)")]
    )
    assert [(one.party, one.source, one.parties) for one in records_of(detail, {"map": "Peta"})] == [
        ("p1", "Peta", ("p1",)),
        ("p2", "shop", ("p2", "p3")),
    ]
    assert apart(detail, "p2") == [("p2", "p1"), ("p3", "p1")]
    assert apart(detail, "p3") == apart(detail, "x") == []
    detail.mentions = detail.mentions[1:]
    assert records_of(detail, {}) == []


@pytest.mark.parametrize("form", [{"kind": "king"}, {}, {"kind": "same", "other": "x"}, {"kind": "same"}])
def test_judgements_about_nobody_are_refused(client, seeded, form):
    assert post(client, f"/pembeli/{A}/koreksi", **form).status_code == 400
    assert decisions(seeded) == []


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": HERE + ".evil.example"},
    {"origin": "file://127.0.0.1:8350"},
    {"origin": "http://127.0.0.1:9999"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "none"},
    {},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("what", ["tindak-lanjut", "koreksi", "jangan-hubungi"])
def test_forms_of_other_pages_change_nothing(client, seeded, headers, what):
    done = post(client, f"/pembeli/{A}/{what}", headers=headers, status="deal", kind="not_a_buyer", what="0", reason="x", sure="1")
    assert done.status_code == 403
    assert latest_follow_ups(seeded) == {}
    assert decisions(seeded) == []
    assert not suppressed(seeded)


def test_the_browser_s_word_for_our_own_page_is_enough(client):
    assert post(client, f"/pembeli/{A}/tindak-lanjut", headers={"sec-fetch-site": "same-origin"}, status="new").status_code == 303


def test_forms_that_are_too_large_or_none_are_refused(client, seeded):
    path = f"/pembeli/{A}/tindak-lanjut"
    assert post(client, path, status="new", note="x" * MOST_FORM).status_code == 413
    assert client.post(path, json={"status": "new"}, headers=FROM_US).status_code == 400
    many = "&".join(f"a{n}=1" for n in range(100))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post(path, content=many, headers={**FROM_US, **kind}).status_code == 400
    assert client.post(path, content=b"status=\xff", headers={**FROM_US, **kind}).status_code == 400
    assert post(client, path, status="king").status_code == 400
    assert latest_follow_ups(seeded) == {}


def test_do_not_contact_asks_first_and_then_takes_it_out_everywhere(client, seeded):
    asked = client.get(f"/pembeli/{B}/jangan-hubungi")
    assert asked.status_code == 200
    assert not suppressed(seeded)
    for missing in ({"what": "0", "reason": "x"}, {"what": "0", "sure": "1"}, {"what": "99", "reason": "x", "sure": "1"}):
        assert post(client, f"/pembeli/{B}/jangan-hubungi", **missing).status_code == 400
    assert not suppressed(seeded)
    done = post(client, f"/pembeli/{B}/jangan-hubungi", what="0", reason="lewat telepon", sure="1")
    assert done.headers["location"] == "/jangan-hubungi?said=done"
    assert "Sudah dihapus" in client.get("/jangan-hubungi?said=done").text
    assert "Sudah dihapus" not in client.get("/jangan-hubungi").text  # whoever comes by has removed nobody
    assert client.get(f"/pembeli/{B}").status_code == 404
    assert "Sambal[/]" not in client.get("/").text


def test_a_reason_that_names_them_is_refused_with_a_sentence(client, seeded):
    done = post(client, f"/pembeli/{B}/jangan-hubungi", what="1", reason="info@b.example asked", sure="1")
    assert done.status_code == 409
    assert 'role="alert"' in done.text
    assert not suppressed(seeded)


def test_who_is_on_the_list_is_not_shown_even_by_an_old_snapshot(client, seeded, records):
    from market_db.desk.store import do_not_contact

    do_not_contact(seeded, "email", "info@b.example", by="x", reason="y", now=records.NOW)
    assert "info@b.example" not in client.get(f"/pembeli/{B}").text
    do_not_contact(seeded, "domain", "a.example", by="x", reason="y", now=records.NOW)
    assert client.get(f"/pembeli/{A}").status_code == 404


@pytest.mark.parametrize(("kind", "begins"), [("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("json", b"[")])
def test_the_view_goes_into_a_file_and_the_log(client, seeded, kind, begins):
    done = post(client, "/ekspor", format=kind, country="NL", q="toko")
    assert done.status_code == 200
    assert done.content.startswith(begins)
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w.%-]+", done.headers["content-disposition"])
    line = json.loads((seeded.logs / "exports.jsonl").read_text("utf-8").splitlines()[-1])
    assert line["rows"] == 1
    assert line["format"] == kind


@pytest.mark.parametrize("text", ["../../etc/passwd", 'x"; filename="a.exe', "a\r\nSet-Cookie: b=c", "\u202egpj.exe"])
def test_names_of_exports_cannot_leave_the_folder_or_the_header(client, seeded, text):
    done = post(client, "/ekspor", format="csv", q=text)
    assert done.status_code == 200
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w.%-]+", done.headers["content-disposition"])
    assert "set-cookie" not in done.headers
    assert all(path.parent == seeded.exports for path in seeded.exports.rglob("*"))


def test_unknown_formats_are_refused(client):
    assert post(client, "/ekspor", format="exe").status_code == 400
    assert client.get("/ekspor").status_code == 405


def other_site(seeded, *, role="operator", archived=None):
    def nothing(*_):
        raise CannotDo("tidak sekarang")

    access = SimpleNamespace(user_of=lambda _: User("tamu", role), refuses=lambda _: "", now=utc_now, login=False)
    services = Services(archived=archived or nothing, forget=nothing, export=nothing)
    return TestClient(make_app(seeded, services, access), base_url=HERE)


def test_readers_see_no_forms_and_change_nothing(seeded):
    client = other_site(seeded, role="reader")
    assert "<textarea" not in client.get(f"/pembeli/{A}").text
    assert 'action="/ekspor"' not in client.get("/").text
    for path in (f"/pembeli/{A}/tindak-lanjut", f"/pembeli/{A}/koreksi", f"/pembeli/{A}/jangan-hubungi", "/ekspor"):
        assert post(client, path, status="deal", kind="not_a_buyer", format="csv").status_code == 403
    assert latest_follow_ups(seeded) == {}


def test_an_archived_page_is_text_in_which_nothing_runs(seeded, records):
    text = "<script>alert(1)</script></pre><img src=x onerror=alert(1)>"
    page = other_site(seeded, archived=lambda *_: ArchivedText(text, records.NOW, True)).get(f"/pembeli/{A}/bukti/1").text
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_without_a_copy_it_says_so(client):
    page = client.get(f"/pembeli/{A}/bukti/1")
    assert page.status_code == 404
    assert "tanpa salinan" in page.text
    assert client.get(f"/pembeli/{A}/bukti/99").status_code == 404


def test_what_cannot_be_done_now_is_one_sentence(client, seeded):
    with serve.one_writer(seeded, "crawl"):
        done = post(client, f"/pembeli/{B}/jangan-hubungi", what="0", reason="lewat telepon", sure="1")
    assert done.status_code == 409
    assert "crawl" in done.text
    assert not suppressed(seeded)
