"""A market with many series on a terminal: years stand apart from months, and the world and Indonesia before other origins."""

import io

from rich.console import Console

from market_db.derived import DemandSignal, Market
from scripts.show.markets import Beside, show_market
from scripts.words import words_in

MARKET = Market(
    product="sambal",
    country="NL",
    import_usd=1.0,
    import_year="2025",
    growth=None,
    unit_value_usd_kg=None,
    idn_share=None,
    index=None,
    index_parts={},
    buyers=0,
    buyers_with_contact=0,
    tenders=0,
    shelf_price_usd_kg=None,
    shelf_prices=0,
    sources=(),
    evidence_ids=(),
    demand_evidence=(),
)


def signal(period, value, partner="WLD", metric="import_value_usd", unit="USD"):
    return DemandSignal(
        country="NL",
        product="sambal",
        hs_code="210390",
        partner=partner,
        metric=metric,
        period=period,
        value=value,
        unit=unit,
        quality="reported",
        source="eurostat_comext",
        evidence_id="e",
        retrieved="2026-11-01",
    )


def shown(signals):
    out = io.StringIO()
    show_market(Console(file=out, width=200), MARKET, Beside(signals, [], []), words_in("en"))
    return out.getvalue()


def test_months_never_push_years_out_of_sight():
    months = [signal(f"2026-{month:02}", 1e6) for month in range(10, 0, -1)]
    text = shown([*months, signal("2025", 9e6), signal("2024", 8e6)])
    assert "2025: " in text
    assert text.index("2025: ") < text.index("2026-10: ")


def test_forty_origins_never_push_the_tariff_out_of_sight():
    origins = [signal("2025", 1e6, partner=f"{chr(65 + at // 26)}{chr(65 + at % 26)}Z") for at in range(40)]
    text = shown([*origins, signal("2025", 1e6), signal("2026", 6.0, partner="IDN", metric="tariff_idn_pct", unit="%")])
    assert "Tariff on Indonesian goods" in text
