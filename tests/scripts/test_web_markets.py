"""Markets as a browser gets them: unknown is never nought, and every figure has its source."""

import csv
import re
from io import StringIO

import pytest
import sqlite_utils
from starlette.testclient import TestClient

from market_db.derived import DemandSignal, IndexPart, Market
from market_db.products import load_products
from market_db.reference import table
from market_db.requirements import requirements_of
from market_db.runs import Run
from market_db.saying import words_from
from market_db.web.looks import link
from market_db.web.markets import asked_sources, series_of, unit_key, unit_of, value_of
from market_db.web.measures import told_of, unlooked
from market_db.web.site import FOLDER
from scripts.serve import workspace


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url="http://127.0.0.1:8350", raise_server_exceptions=False)


def test_a_table_of_markets_with_gaps_that_are_no_nought(client):
    page = client.get("/pasar?lang=en").text
    assert "2 markets" in page
    assert re.search(r"\$520M</span> <span[^>]*>\(2025\)", page)
    row = page.split('href="/pasar/sambal/NL"')[-1].split("</tr>")[0]
    assert row.count("–") >= 4


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_market_joins_figures_buyers_and_sources(client, language):
    page = client.get(f"/pasar/sambal/GB?lang={language}").text
    assert "Nusantara Foods Ltd (contoh)" in page
    assert "Register of firms" in page
    assert "OGL v3" in page
    assert "210390" in page


@pytest.mark.parametrize("language", ["id", "en"])
def test_markets_and_figures_as_a_table_for_a_spreadsheet(client, language):
    assert 'href="/pasar.csv' in client.get(f"/pasar?lang={language}").text
    head, *rows = list(csv.reader(StringIO(client.get(f"/pasar.csv?product=sambal&lang={language}").content.decode("utf-8-sig"))))
    assert len(set(head)) == len(head)
    by_code = {row[1]: dict(zip(head, row, strict=True)) for row in rows}
    gb, nl = by_code["GB"].values(), by_code["NL"].values()
    assert "520000000" in gb
    assert list(nl).count("") >= 4  # what nobody measured is empty, never 0
    assert f'href="/pasar/sambal/GB.csv?lang={language}"' in client.get(f"/pasar/sambal/GB?lang={language}").text
    figures = client.get(f"/pasar/sambal/GB.csv?lang={language}")
    assert figures.headers["content-type"] == "text/csv; charset=utf-8"
    assert "210390" in figures.text
    assert "OGL v3" in figures.text
    assert client.get("/pasar/sambal/ZZ.csv").status_code == 404


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
    world = [records.card("w", countries=()), records.card("x", countries=(), enabled=False), records.card("a", countries=())]
    assert [(one.card.name, one.state) for one in asked_sources(world, runs, "NL")] == [("a", "read"), ("w", "not_run")]


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_market_tells_prices_rules_and_what_is_missing(client, language):
    page = client.get(f"/pasar/sambal/GB?lang={language}").text
    for key in ("price", "rules", "missing"):
        assert f'id="{key}"' in page
    answer = client.get(f"/pasar/sambal/GB/ringkasan.pdf?lang={language}")
    assert (answer.status_code, answer.headers["content-type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert [one["key"] for one in client.get("/pasar/sambal/GB.json").json()["known"]][-1] == "missing"


@pytest.mark.parametrize(("language", "more"), [("id", r"dan \d+ lagi"), ("en", r"and \d+ more")])
def test_a_page_has_room_for_what_one_sheet_of_paper_has_not(client, language, more):
    page = client.get(f"/pasar/sambal/NL?lang={language}").text
    assert 'id="attractive"' in page
    assert re.search(more, page) is None
    known = {one["key"]: one["lines"] for one in client.get("/pasar/sambal/NL.json").json()["known"]}
    asked = requirements_of(load_products()["sambal"], "NL")
    assert len([line for line in known["rules"] if line["url"]]) == len(asked) > 12


@pytest.mark.parametrize("path", ["/pasar/sambal/ZZ/ringkasan.pdf", "/pasar/x/GB/ringkasan.pdf"])
def test_no_brief_of_no_market(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/pasar", "/pasar/sambal/GB"])
def test_the_sample_says_on_each_page_that_it_is_none_of_the_real_world(client, seeded, path):
    assert "SAMPLE:" not in client.get(f"{path}?lang=en").text
    db = sqlite_utils.Database(seeded.published)
    with db.conn:
        db.conn.execute("update runs set mode='sample'")
    db.close()
    client = TestClient(workspace(seeded), base_url="http://127.0.0.1:8350")
    assert "SAMPLE: the firms do not exist" in client.get(f"{path}?lang=en").text
    assert "CONTOH: perusahaannya tidak ada" in client.get(f"{path}?lang=id").text


def flow(period, value, partner, **more):
    known = {
        "product": "sambal",
        "metric": "import_value_usd",
        "country": "NL",
        "hs_code": "210390",
        "unit": "USD",
        "source": "un_comtrade",
    }
    return DemandSignal(
        **{
            **known,
            "partner": partner,
            "period": period,
            "value": value,
            "quality": "reported",
            "evidence_id": "e",
            "retrieved": "2026-11-25",
            **more,
        }
    )


def test_origins_of_one_period_stand_in_one_table_the_largest_first():
    signals = [
        flow("2025", 5e6, "BEL"),
        flow("2025", 9e6, "CHN"),
        flow("2025", 2e6, "WLD"),
        flow("2025", 1.0, "IDN"),
        flow("2024", 1.0, "IDN"),
    ]
    words = words_from(FOLDER / "locale", "en", "Asia/Jakarta")
    world, by_origin, indonesia = series_of(signals, words)
    assert by_origin.down
    assert [origin for origin, _ in by_origin.values] == ["China", "Belgium"]
    assert "by country of origin · 2025" in by_origin.about
    assert not world.down
    assert "world" in world.about
    assert [period for period, _ in indonesia.values] == ["2025", "2024"]


def test_units_are_words_and_a_share_has_none():
    both = [words_from(FOLDER / "locale", language, "Asia/Jakarta") for language in ("id", "en")]
    assert [unit_of("times", words) for words in both] == ["kali", "times"]
    assert unit_of("0..1", both[0]) == ""
    weights = [flow("2025", kg, "WLD", unit="kg") for kg in (163_300_000.0, 950.0)]
    assert [value_of(one, both[0]) for one in weights] == ["163.300 t", "950 kg"]
    units = {entry["unit"] for entry in table("metrics").values()} - {"0..1", "%", "USD", "kg"}
    assert [unit for unit in units if not both[0].has(unit_key(unit))] == []


def test_what_is_cut_off_ends_in_dots():
    address = "https://www.ministry.example/food/guidance/registration-of-facilities"
    assert ">ministry.example/food/guidance…</a>" in link(address, None, 31)
    assert ">ministry.example</a>" in link("https://www.ministry.example/", None, 16)


@pytest.mark.parametrize(("value", "told"), [(3.25, "3,2"), (1234.0, "1.234"), (0.0, "0,0"), (None, None)])
def test_interest_is_a_measure_of_its_own_and_unknown_interest_is_not_nought(value, told):
    words = words_from(FOLDER / "locale", "id", "Asia/Jakarta")
    part = IndexPart(
        part="interest", score=1, weight=0.1, evidence=1, points=1, value=value, unit="", period="2026", quality="derived", source="w"
    )
    market = Market(product="sambal", country="NL", import_usd=None, import_year=None, growth=None, unit_value_usd_kg=None,
                    idn_share=None, index=None, evidence=0.62, parts=() if value is None else (part,), looked="looked", tenders_looked="not_run")  # fmt: skip
    assert told_of("interest", market, words) == told
    assert told_of("evidence", market, words) == "62,0%"
    assert unlooked([market]) == ["not_run"]
