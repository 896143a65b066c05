"""A real answer with all reporters against the World, from the reader to rated markets: the totals that stand in it, and nobody lost."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from market_db.products import ProductType
from market_db.seen import Evidence, TradeFlow
from pipelines.attractiveness import rated_markets
from pipelines.demand import demand_of
from spiders.reading import Answer
from spiders.trade_data.un_comtrade import read_flows

FUELS = ProductType(key="fuels", names={"id": "B", "en": "F"}, terms={}, hs=("27",))


@pytest.fixture(scope="module")
def tape():
    for folder in Path(__file__).resolve().parents:
        found = folder / "shared/corpus/demand/comtrade/xippios_recorded/get/world_27_2023_imports.json"
        if found.exists():
            return json.loads(found.read_text("utf-8"))
    pytest.skip("the corpus of recorded answers is not beside this checkout")
    return None


def test_all_reporters_against_the_world(tape):
    answer = Answer(body=tape["response"]["body"].encode(), url=tape["request"]["url"], status=tape["response"]["status"])
    flows = [read for read in read_flows(answer) if isinstance(read, TradeFlow)]
    rows = json.loads(tape["response"]["body"])["data"]
    assert len(flows) == len(rows) == 167
    seen = Evidence(source="un_comtrade", url="https://u.example/", fetched_at=datetime(2026, 10, 1, tzinfo=UTC), content_hash="0")
    stamped = [(replace(flow, source="un_comtrade", evidence=seen), "e") for flow in flows]
    found = demand_of(stamped, [FUELS], today=date(2026, 11, 26))
    imports = {signal.country: signal.value for signal in found.signals if signal.metric == "import_value_usd"}
    assert imports["CN"] == pytest.approx(515.9e9, rel=1e-3)
    assert imports["US"] == pytest.approx(266.6e9, rel=1e-3)
    assert sum(imports.values()) == pytest.approx(sum(row["primaryValue"] for row in rows))
    built = rated_markets(FUELS, found.signals, {}, year=2026)
    assert len(built.markets) == 167
    assert built.posts["size"].countries == 167
    sizes = {market.country: market.parts[0].score for market in built.markets}
    assert sizes["CN"] == 100.0
    assert all(market.watchlist and market.rank is None for market in built.markets)  # nothing but size and distance is known
