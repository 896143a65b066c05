"""Product sources from a handed-in recording to the market: goods, shops, shelf prices, shares and interest."""

from datetime import UTC, date, datetime

from market_db.home import open_home
from pipelines.refresh import refresh
from scripts.crawl import crawl
from tests.spiders.test_trade_replay import recorded, rows

CASES = (
    "open_food_facts/countries",
    "open_food_facts/count",
    "open_food_facts/count_halal",
    "open_food_facts/products",
    "open_prices/prices",
    "wikipedia_views/item",
    "wikipedia_views/months",
    "world_bank_data/population",
    "fda_refusals/lines",
    "rasff/notifications",
)


def test_a_recording_of_product_sources_reaches_the_market(tmp_path):
    home = open_home(tmp_path / "home", {})
    home.make()
    runs = {run.source: run for run in crawl(home, replay=[recorded(tmp_path / "products.warc.gz", CASES)], as_of=date(2026, 11, 26))}
    assert set(runs) - {"archive"} == {case.partition("/")[0] for case in CASES}
    assert all(run.adds_up for run in runs.values())
    assert {name: run.verdict for name, run in runs.items() if run.verdict not in ("ok", "thin")} == {}
    assert rows(home, "select source from parties") == []
    shops = {(row["source"], row["name"]) for row in rows(home, "select source, name from parties_share_alike")}
    assert ("open_food_facts", "Supermarkt Zon (contoh)") in shops
    assert ("open_prices", "Toko Nusantara (contoh)") in shops
    refresh(home, now=datetime(2026, 11, 26, tzinfo=UTC))
    signals = {
        (row["country"], row["metric"]): round(row["value"], 5)
        for row in rows(home, "select * from demand_current where product='sambal' and country='NL'")
    }
    assert signals["NL", "assortment_share"] == round(212 / 31_402, 5)
    assert signals["NL", "halal_label_share"] == 0.0
    assert signals["NL", "wiki_views"] == 0.0
    assert signals["NL", "wiki_views_per_m"] == 0.0
    (market,) = rows(home, "select shelf_price_usd_kg, shelf_prices, buyers from markets where product='sambal' and country='NL'")
    assert market["shelf_prices"] == 1
    assert 7 < market["shelf_price_usd_kg"] < 12
    assert market["buyers"] >= 2
    refused = {(row["source"], row["country"], row["product"]) for row in rows(home, "select source, country, product from refusals")}
    assert refused == {("fda_refusals", "US", "sambal"), ("rasff", "NL", "sambal"), ("rasff", None, "sambal")}
    companies = rows(home, "select name, licences_share_alike from companies")
    assert companies
    assert all(row["licences_share_alike"] for row in companies)
