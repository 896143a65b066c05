"""Pages as records: the same address with ".json" behind its path tells programs what the page tells people."""

import json

import pytest
from starlette.testclient import TestClient

from market_db.web import back_office, desk_routes
from market_db.web.app import PAGES
from scripts.serve import workspace

WITHOUT = {"/masuk", "/sandi", "/", "/pembeli/{lead}/bukti/{number:row}", "/pembeli/{lead}/jangan-hubungi", "/jangan-hubungi", "/bantuan"}
"""Pages that show no records: the start is the list, the others are text or a question; the operator's and the advisors' have their own tests."""


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url="http://127.0.0.1:8350", raise_server_exceptions=False)


@pytest.fixture
def lead(client):
    return client.get("/pembeli.json").json()["leads"][0]["lead_id"]


@pytest.mark.parametrize("path", sorted(set(PAGES) - WITHOUT - set(back_office.PAGES) - set(desk_routes.PAGES)))
def test_every_page_links_its_records(client, lead, path):
    path = path.format(lead=lead, product="sambal", country="GB")
    page, answer = client.get(path), client.get(path + ".json")
    assert page.status_code == answer.status_code == 200
    assert f'href="{path}.json"' in page.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["as_of"].startswith("2026-")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_records_follow_the_filters_of_the_address(client):
    page = client.get("/pembeli?country=GB&has=email").text
    assert 'href="/pembeli.json?country=GB&amp;has=email"' in page
    answer = client.get("/pembeli.json?country=GB&has=email").json()
    assert (answer["total"], [lead["country"] for lead in answer["leads"]]) == (1, ["GB"])
    assert answer["counts"]["country"]["GB"] == 1


def test_a_buyer_has_its_evidence_and_unknown_is_null(client, lead):
    buyer = client.get(f"/pembeli/{lead}.json").json()
    assert buyer["evidence"][0]["url"].startswith("https://r.example/")
    assert buyer["lead"]["owner"] is None


@pytest.mark.parametrize("path", ["/pembeli/none.json", "/pasar/sambal/ZZ.json", "/jangan-hubungi.json", "/x.json"])
def test_what_is_not_there_is_told_as_records_too(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert json.loads(answer.text)["what_to_do"]


def test_who_asked_to_be_left_alone_is_in_no_records(client, seeded, lead, records):
    name = client.get(f"/pembeli/{lead}.json").json()["lead"]["company"]
    client.post(
        f"/pembeli/{lead}/jangan-hubungi", data={"what": "0", "reason": "asked", "sure": "1"}, headers={"Origin": "http://127.0.0.1:8350"}
    )
    for path in ("/pembeli.json", "/pasar/sambal/GB.json"):
        assert name not in client.get(path).text
    assert client.get(f"/pembeli/{lead}.json").status_code == 404
