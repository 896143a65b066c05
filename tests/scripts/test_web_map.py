"""The map of markets: every country in its place and class, and what is not known is no nought."""

import re

import pytest
from starlette.testclient import TestClient

from market_db.derived import Market
from market_db.markets.coverage import Coverage
from market_db.saying import words_from
from market_db.web import measures
from market_db.web.site import FOLDER
from market_db.web.world_map import Mark, draw, projected, world
from scripts.serve import workspace

EN = words_from(FOLDER / "locale", "en")
NONE = dict.fromkeys(("import_usd", "import_year", "growth", "unit_value_usd_kg", "idn_share", "index"))


def market(code, **known):
    return Market(**{"product": "sambal", "country": code, **NONE, **known})


@pytest.fixture
def client(seeded):
    return TestClient(workspace(seeded), base_url="http://127.0.0.1:8350", raise_server_exceptions=False)


@pytest.mark.parametrize("code", ["SG", "HK", "BH", "MT", "MV", "MU"])
def test_small_countries_are_dots(code):
    assert code in world().dots


@pytest.mark.parametrize("code", ["ID", "NL", "US", "FR", "AE", "XK", "TW", "GB"])
def test_countries_have_outlines(code):
    assert world().shapes[code].startswith("M")


@pytest.mark.parametrize(
    ("code", "latitude", "longitude"), [("SG", 1.36, 103.82), ("MT", 35.92, 14.40), ("MU", -20.28, 57.57), ("WS", -13.75, -172.16)]
)
def test_points_fall_where_the_outlines_were_drawn(code, latitude, longitude):
    x, y = projected(latitude, longitude)
    assert world().dots[code] == pytest.approx((x, y), abs=1.0)


def test_a_map_escapes_what_it_says_and_links_only_what_has_a_page():
    drawn = str(draw({"NL": Mark("l1", '"><script>', "/pasar/sambal/NL"), "DE": Mark("zero", "Germany")}, 'a "map"', [(52, 5, "<b>")]))
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert drawn.count("<a ") == 1
    assert 'class="point"' in drawn


def test_classes_are_fifths_and_equal_values_stand_together(records):
    found = [market(code, index=float(value)) for code, value in zip(("NL", "DE", "GB", "FR", "JP"), (10, 20, 20, 40, 50), strict=True)]
    marks, legend = measures.marks_of(found, "index", EN, Coverage([], {}))
    assert [marks[code].look for code in ("NL", "DE", "GB", "FR", "JP")] == ["l1", "l2", "l2", "l4", "l5"]
    assert [(one.look, one.text, one.countries) for one in legend] == [("l5", "50", 1), ("l4", "40", 1), ("l2", "20", 2), ("l1", "10", 1)]


@pytest.mark.parametrize(
    ("verdict", "enabled", "look"), [("ok", True, "zero"), (None, True, "not_run"), ("blocked", True, "not_run"), (None, False, "nobody")]
)
def test_no_buyers_is_nought_only_where_somebody_looked(records, verdict, enabled, look):
    runs = {"a": records.run_of("a", verdict)} if verdict else {}
    coverage = Coverage([records.card("a", countries=("NL",), roles=("importer",), enabled=enabled)], runs)
    assert measures.marks_of([market("NL")], "buyers", EN, coverage)[0]["NL"].look == look


@pytest.mark.parametrize(("roles", "look"), [(("tender_authority",), "zero"), (("importer",), "nobody")])
def test_no_tenders_is_nought_only_where_a_source_of_tenders_looked(records, roles, look):
    coverage = Coverage([records.card("a", countries=("NL",), roles=roles)], {"a": records.run_of("a", "ok")})
    assert measures.marks_of([market("NL")], "tenders", EN, coverage)[0]["NL"].look == look


def test_no_figure_is_no_data_and_negative_growth_is_a_figure():
    marks, _ = measures.marks_of([market("NL"), market("DE", growth=-0.2), market("GB", growth=0.0)], "growth", EN, Coverage([], {}))
    assert {code: mark.look for code, mark in marks.items()} == {"NL": "no_data", "DE": "l1", "GB": "l3"}


@pytest.mark.parametrize("measure", measures.READ)
def test_each_measure_draws_the_page(client, measure):
    page = client.get(f"/pasar?ukur={measure}&lang=en").text
    assert '<svg class="map"' in page
    assert 'href="/pasar/sambal/GB"' in page
    assert re.search(r'class="legend"><li>', page)


@pytest.mark.parametrize("asked", ["nonsense", "<script>", ""])
def test_an_unknown_measure_is_the_index(client, asked):
    page = client.get("/pasar", params={"ukur": asked, "lang": "en"}).text
    assert "<strong>Index</strong>" in page
    assert "<script" not in page


def test_the_page_stays_small(client):
    import gzip

    assert len(gzip.compress(client.get("/pasar").content)) < 80_000
