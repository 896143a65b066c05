"""Companies that are no leads, as staff see them: who, why, with which proof, and how many for each reason."""

import csv
import io
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from market_db.derived import NotLead
from market_db.publish import publish
from market_db.rebuild import save_not_leads
from market_db.schema import open_market
from market_db.turned_down import REASONS
from scripts.serve import workspace

HOSTILE = '"><script>alert(1)</script>=cmd|'


def line(company, reason, product="sambal", evidence=()):
    said = f"{reason} {HOSTILE}"
    return NotLead(
        company_id=company, product=product, reason=reason, text_id=f"Kata: {said}", text_en=f"Words: {said}", evidence_ids=evidence,
        last_seen="2026-11-25T01:30:00+00:00",
    )  # fmt: skip


@pytest.fixture
def client(seeded, records):
    with closing(open_market(seeded)) as db:
        (evidence,) = db.conn.execute("select id from evidence where url = 'https://r.example/a'").fetchone()
        every = [
            line("ca", "only_sells", evidence=(evidence,)),
            line("cb", "no_product"),
            line("cc", "judged", ""),
            line("cd", "carries", ""),
        ]
        save_not_leads(db, every)
    publish(seeded, now=records.NOW)
    return TestClient(workspace(seeded), base_url="http://127.0.0.1:8350", raise_server_exceptions=False)


@pytest.mark.parametrize(("language", "told"), [("id", "hanya menjual (pesaing)"), ("en", "only sells (a competitor)")])
def test_each_has_its_reason_in_words_its_proof_and_its_day(client, language, told):
    page = client.get(f"/ditolak?lang={language}").text
    assert told in page
    assert {"id": "Kata: only_sells", "en": "Words: only_sells"}[language] in page
    assert 'href="https://r.example/a"' in page
    assert {"id": "4 perusahaan tidak dijadikan", "en": "4 companies were not made"}[language] in page
    assert "<script>" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize(
    ("query", "found", "counts"),
    [
        ("", ["cc", "cd", "ca", "cb"], 4),
        ("?reason=carries", ["cd"], 4),
        ("?reason=king", ["cc", "cd", "ca", "cb"], 4),
        ("?country=GB", ["ca"], 1),
        ("?country=GB&reason=carries", [], 1),
        ("?product=sambal", ["ca", "cb"], 2),
        ("?product=gold", ["cc", "cd", "ca", "cb"], 4),
        ("?q=nusantara", ["ca"], 1),
        ("?q=%25%27+or+1%3D1+--", [], 0),
        ("?q=%00%E2%80%AE", ["cc", "cd", "ca", "cb"], 4),
        ("?page=2", [], 4),
        ("?page=x", ["cc", "cd", "ca", "cb"], 4),
        ("?page=99999999999999999999", ["cc", "cd", "ca", "cb"], 4),
    ],
)
def test_filters_narrow_it_and_the_counts_say_what_other_reasons_hold(client, query, found, counts):
    answer = client.get("/ditolak.json" + query)
    assert answer.status_code == 200
    assert [one["company_id"] for one in answer.json()["companies"]] == found
    assert sum(answer.json()["counts"].values()) == counts
    assert client.get("/ditolak" + query).status_code == 200


def test_the_page_links_its_other_forms_and_the_list_links_it(client):
    page = client.get("/ditolak?country=GB").text
    assert 'href="/ditolak.json?country=GB"' in page
    assert 'href="/ditolak.csv?country=GB"' in page
    assert 'href="/ditolak?country=GB&amp;reason=only_sells"' in page
    assert 'href="/ditolak?q=nus&amp;country=GB"' in client.get("/pembeli?country=GB&q=nus").text
    assert 'href="/ditolak"' in client.get("/pembeli?country=GB&country=NL").text


def test_the_table_is_safe_to_open(client):
    rows = list(csv.reader(io.StringIO(client.get("/ditolak.csv?lang=en").content.decode("utf-8-sig"))))
    assert rows[0] == ["Company", "Country", "Town", "Product", "Reason", "In words", "Evidence", "Last seen", "ID"]
    assert len(rows) == 5
    assert {row[8] for row in rows[1:]} == {"ca", "cb", "cc", "cd"}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_nobody_turned_down_is_said(seeded):
    client = TestClient(workspace(seeded), base_url="http://127.0.0.1:8350")
    assert "Tidak ada perusahaan yang ditolak." in client.get("/ditolak").text


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_reason_has_words(client, language):
    from market_db.saying import words_from
    from market_db.web.site import FOLDER

    words = words_from(FOLDER / "locale", language)
    assert all(words.has(f"refused.{reason}") for reason in REASONS)


def test_who_asked_to_be_left_alone_is_not_there(client):
    lead = client.get("/pembeli.json?q=nusantara").json()["leads"][0]
    form = {"what": "0", "reason": "telepon", "sure": "1"}
    sent = client.post(f"/pembeli/{lead['lead_id']}/jangan-hubungi", data=form, headers={"origin": "http://127.0.0.1:8350"}, follow_redirects=False)  # fmt: skip
    assert sent.status_code == 303
    assert lead["company"] not in client.get("/ditolak.csv").text


def test_a_text_is_found_whatever_its_letters(client):
    found = {text: [one["company_id"] for one in client.get("/ditolak.json", params={"q": text}).json()["companies"]] for text in ("東京", "LEBENSMITTEL", "Ｎusantara")}  # fmt: skip
    assert found == {"東京": ["cc"], "LEBENSMITTEL": ["cd"], "Ｎusantara": ["ca"]}
