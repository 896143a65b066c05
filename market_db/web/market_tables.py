"""Tables of the markets' pages as CSV: one row a market, or one row a figure of a country; empty = nobody knows, a word = nobody looked."""

from collections.abc import Iterable, Mapping

from starlette.responses import Response

from market_db.derived import DemandSignal, Market
from market_db.reference import metric_label
from market_db.runs import SourceCard
from market_db.saying import Words
from market_db.values.places import iso2
from market_db.web import measures
from market_db.web.as_csv import Value, csv_answer

MARKET_HEAD = (
    *("country", "code", "index", "rank", "evidence", "import", "import_year", "growth", "growth_years", "share", "share_year"),
    *("unit_value", "unit_value_year", "shelf", "shelf_prices", "interest", "tenders", "buyers", "with_contacts", "made_of"),
)
FIGURE_HEAD = ("figure", "hs", "origin", "period", "value", "unit", "quality", "by", "licence")


def markets_csv(shown: Iterable[Market], cards: Mapping[str, SourceCard], words: Words) -> Response:
    """The table under the map, shares as 0..1 and money in US dollars."""
    return csv_answer([words.say(f"market_csv.{key}") for key in MARKET_HEAD], (_market(one, cards, words) for one in shown))


def _market(one: Market, cards: Mapping[str, SourceCard], words: Words) -> list[Value]:
    known = (
        one.index,
        one.rank,
        one.evidence,
        one.import_usd,
        one.import_year,
        one.growth,
        one.growth_years,
        one.idn_share,
        one.share_year,
    )
    prices = (one.unit_value_usd_kg, one.unit_value_year, one.shelf_price_usd_kg, one.shelf_prices, measures.READ["interest"](one))
    buyers: tuple[Value, Value] = (
        _counted(one.buyers, one.looked, words, unknown=one.buyers_unknown),
        None if one.buyers_unknown else one.buyers_with_contact,
    )
    tenders = _counted(one.tenders, one.tenders_looked, words, unknown=one.tenders_unknown)
    names = "; ".join(words.source(cards[name].title) if name in cards else words.source(name) for name in one.sources)
    return [words.country(one.country), one.country, *known, *prices, tenders, *buyers, names]


def _counted(n: int, looked: str, words: Words, *, unknown: bool) -> Value:
    """A number, or why nobody knows one: nought is only said where somebody looked."""
    return words.say(f"market.short_{looked}") if unknown else n


def figures_csv(signals: Iterable[DemandSignal], cards: Mapping[str, SourceCard], words: Words) -> Response:
    """Every figure of a country as its source gives it, with unit, period, source and licence."""
    return csv_answer([words.say(f"market_csv.{key}") for key in FIGURE_HEAD], (_figure(one, cards, words) for one in signals))


def _figure(one: DemandSignal, cards: Mapping[str, SourceCard], words: Words) -> list[Value]:
    card = cards.get(one.source)
    origin = words.say("market.world") if one.partner == "WLD" else words.country(iso2(one.partner) or one.partner)
    quality = words.say(f"qualities.{one.quality}") if words.has(f"qualities.{one.quality}") else one.quality
    source, licence = words.source(card.title if card else one.source), card.licence if card else None
    return [metric_label(one.metric, words.language), one.hs_code, origin, one.period, one.value, one.unit, quality, source, licence]
