"""From a downloaded list to the market page: why goods were turned back, in which years, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from market_db.markets.refusals import refused_for
from market_db.publish import publish
from market_db.schema import open_market, open_published
from market_db.seen import Observation, TradeFlow
from market_db.store import save_seen
from pipelines.refresh import refresh
from spiders.evidence import ArchivedAt, stamp

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
HEAD = '"Date of Case",Reference,"Notification From","Country Origin",Product,"Product Category","Hazard Substance","Hazard Category"\n'
GROUP = '"Soups, broths, sauces and condiments"'
ROWS = (
    f'"Oct 2, 2024","2024.7001",Netherlands,Thailand,"Chilli sauce (contoh)",{GROUP},"Sulphite - additive",x\n'
    f'"Feb 2, 2024","2024.1001",Netherlands,"Belgium; Indonesia","Sambal (contoh)",{GROUP},"Sulphite - additive",x\n'
    f'"Feb 2, 2023","2023.1001","Netherlands (NL)",Indonesia,"Sambal (contoh)",{GROUP},"",\n'
    f'"Feb 3, 2023","2023.1002",Netherlands,Italy,"Mayonnaise (contoh)",{GROUP},"Salmonella - pathogenic micro-organisms",x\n'
    f'"Feb 4, 2023","2023.1003",France,Italy,"Chilli sauce (contoh)",{GROUP},"Salmonella",x\n'
    '"Feb 5, 2023","2023.1004",Netherlands,Italy,"Cheese (contoh)","Milk and milk products","Listeria",x\n'
)


@pytest.fixture
def market(home, tembus, tmp_path):
    """The Netherlands with imports, a population, visits, a catalogue, and a list of notifications brought by hand."""
    file = tmp_path / "rasff.csv"
    file.write_text(HEAD + ROWS, "utf-8")
    assert tembus("import", file, "--preset", "rasff", "--yes").code == 0
    url = "https://x.example/"
    flow = TradeFlow(
        key="f", url=url, reporter="NLD", partner="WLD", flow="import", hs_code="210390", period="2025", value=9e6, currency="USD"
    )
    numbers = (
        ("pop", "2025", 18e6, None),
        ("wiki_views", "2026-10", 900.0, "sambal"),
        ("catalogue_products", "2026-11", 30_000.0, None),
        ("assortment_products", "2026-11", 300.0, "sambal"),
        ("assortment_halal_products", "2026-11", 0.0, "sambal"),
    )
    seen = [
        Observation(key=metric, url=url, metric=metric, period=period, value=value, unit="", country="NL", product=product)
        for metric, period, value, product in numbers
    ]
    at = ArchivedAt(None, None, "ab" * 32, NOW, url)
    db = open_market(home)
    save_seen(db, [stamp(one, "x", at) for one in (flow, *seen)], run_id="r", now=NOW)
    db.close()
    refresh(replace(home, config=replace(home.config, products=("sambal",))), now=NOW)
    publish(home, now=NOW)
    return home


def test_reasons_are_counted_by_year(market):
    db = open_published(market)
    found = [(one.named, one.reason, dict(one.years), one.from_indonesia) for one in refused_for(db, "sambal", "NL")]
    db.close()
    assert found == [
        (True, "Sulphite - additive", {"2024": 2}, 1),
        (True, None, {"2023": 1}, 1),
        (False, "Salmonella - pathogenic micro-organisms", {"2023": 1}, 0),
    ]


def test_the_market_page_shows_them_in_both_languages(market, tembus):
    english = " ".join(tembus("markets", "--country", "NL", "--lang", "en").out.split())
    assert "Turned back or notified here: 3 name this product, 1 other goods of its group" in english
    assert "Sulphite - additive: 2024 (2×) · 1 from Indonesia" in english
    assert "no reason named: 2023 · 1 from Indonesia" in english
    assert "Salmonella - pathogenic micro-organisms: 2023 · other goods of the group" in english
    assert "not part of the index" in english
    indonesian = " ".join(tembus("markets", "--country", "NL").out.split())
    assert "Ditolak atau dilaporkan di sini: 3 menyebut produk ini, 1 barang lain sekelompok" in indonesian
    assert "alasan tidak disebut: 2023 · 1 dari Indonesia" in indonesian


def test_the_market_page_shows_interest_and_assortment(market, tembus):
    english = " ".join(tembus("markets", "--country", "NL", "--lang", "en").out.split())
    assert "Wikipedia visits per million people: 50" in english
    assert "(2026-10)" in english
    assert "Share of products on sale there: 1.0% (2026-11)" in english
    assert "… labelled halal: 0.0% (2026-11)" in english
    assert "Kunjungan Wikipedia per sejuta penduduk: 50" in " ".join(tembus("markets", "--country", "NL").out.split())
