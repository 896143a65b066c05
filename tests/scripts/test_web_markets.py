"""Markets as a browser gets them: unknown is never nought, and every figure has its source."""

import pytest
from starlette.testclient import TestClient

from market_db.runs import Run
from market_db.web.markets import asked_sources
from scripts.serve import workspace


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url="http://127.0.0.1:8350", raise_server_exceptions=False)


def test_a_table_of_markets_with_gaps_that_are_no_nought(client):
    page = client.get("/pasar?lang=en").text
    assert "2 markets" in page
    assert "$520M (2025)" in page
    row = page.split('href="/pasar/sambal/NL"')[-1].split("</tr>")[0]
    assert row.count("–") >= 4


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_market_joins_figures_buyers_and_sources(client, language):
    page = client.get(f"/pasar/sambal/GB?lang={language}").text
    assert "Nusantara Foods Ltd (contoh)" in page
    assert "Register of firms" in page
    assert "OGL v3" in page
    assert "210390" in page


def test_a_market_without_figures_says_no_data(client):
    assert client.get("/pasar/sambal/NL?lang=en").text.count("no data") >= 4


@pytest.mark.parametrize("path", ["/pasar/sambal/ZZ", "/pasar/x/GB", "/pasar/%27/GB", "/pasar/sambal/%3Cscript%3E"])
def test_no_such_market(client, path):
    page = client.get(path)
    assert page.status_code == 404
    assert "<script" not in page.text


@pytest.mark.parametrize("product", ["<script>", "' or 1=1", "\u202e"])
def test_an_unknown_product_shows_the_first(client, product):
    page = client.get("/pasar", params={"product": product})
    assert page.status_code == 200
    assert "<script" not in page.text


def test_read_refused_never_asked_and_off_are_four_things(records):
    verdicts = {"a": "ok", "b": "blocked", "c": "robots", "d": "broken", "e": "not_run"}
    cards = [records.card(name, countries=("GB",)) for name in (*verdicts, "f")] + [records.card("g", countries=("GB",), enabled=False)]
    runs: dict[str, Run] = {name: records.run_of(name, verdict) for name, verdict in verdicts.items()}
    told = {one.card.name: one.state for one in asked_sources(cards, runs, "GB")}
    assert told == {"a": "read", "b": "blocked", "c": "blocked", "d": "broken", "e": "not_run", "f": "not_run", "g": "off"}
    assert asked_sources(cards, runs, "NL") == []


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_market_tells_prices_rules_and_what_is_missing(client, language):
    page = client.get(f"/pasar/sambal/GB?lang={language}").text
    for key in ("price", "rules", "missing"):
        assert f'id="{key}"' in page
    answer = client.get(f"/pasar/sambal/GB/ringkasan.pdf?lang={language}")
    assert (answer.status_code, answer.headers["content-type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert [one["key"] for one in client.get("/pasar/sambal/GB.json").json()["known"]][-1] == "missing"


@pytest.mark.parametrize("path", ["/pasar/sambal/ZZ/ringkasan.pdf", "/pasar/x/GB/ringkasan.pdf"])
def test_no_brief_of_no_market(client, path):
    assert client.get(path).status_code == 404
