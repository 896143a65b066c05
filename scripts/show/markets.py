"""Markets on a terminal: demand and known buyers by country; what nobody measured reads "no data", never 0."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rich.console import Console
from rich.table import Table
from rich.text import Text

from market_db.derived import DemandSignal, Market
from market_db.markets.notices import NoticeFacts
from market_db.markets.refusals import RefusedFor
from market_db.reference import metric_label
from market_db.values.places import iso2
from scripts.asking import product_names
from scripts.screen import bar, is_wide, line, plain
from scripts.show.notices import show_open, today
from scripts.show.refusals import show_refused
from scripts.words import Words

GAP = "–"
WATCH = "○"
MOST_SERIES, MOST_PERIODS = 30, 8
FIRST = ("WLD", "IDN")
"""Origins whose series are shown first: there may be dozens of others."""
YEAR = 4
"""Characters of a period that is a year."""


def show_markets(console: Console, markets: list[Market], words: Words) -> None:
    """A table a product, best market first."""
    line(console, words.count("markets.found", len(markets)), "bold")
    if not markets:
        line(console, words.say("markets.none"))
        return
    names = product_names(words)
    for product in dict.fromkeys(market.product for market in markets):
        line(console)
        line(console, names.get(product, product), "bold")
        _table(console, [market for market in markets if market.product == product], words)
    if any(market.watchlist for market in markets):
        line(console, words.say("markets.watch"), "dim")
    if any(market.buyers_unknown for market in markets):
        line(console, words.say("markets.nobody_means"), "dim")
    line(console, words.say("markets.legend", gap=GAP, no_data=words.no_data), "dim")
    line(console, words.say("markets.next"), "dim")


def _table(console: Console, markets: Iterable[Market], words: Words) -> None:
    wide = is_wide(console)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(words.say("markets.col_country"), no_wrap=True, overflow="ellipsis")
    table.add_column(words.say("markets.col_index"), no_wrap=True)
    table.add_column(words.say("markets.col_import"), justify="right", no_wrap=True)
    table.add_column(words.say("markets.col_growth"), justify="right", no_wrap=True)
    table.add_column(words.say("markets.col_share"), justify="right", no_wrap=True)
    table.add_column(words.say("markets.col_buyers"), justify="right", no_wrap=True)
    if wide:
        table.add_column(words.say("markets.col_place"), justify="right", no_wrap=True)
        table.add_column(words.say("markets.col_evidence"), justify="right", no_wrap=True)
        table.add_column(words.say("markets.col_contact"), justify="right", no_wrap=True)
        table.add_column(words.say("markets.col_tenders"), justify="right", no_wrap=True)
        table.add_column(words.say("markets.col_shelf"), justify="right", no_wrap=True)
    for market in markets:
        table.add_row(*_cells(market, words, wide=wide))
    console.print(table)


def _cells(market: Market, words: Words, *, wide: bool) -> list[str | Text]:
    index = GAP if market.index is None else f"{bar(market.index, width=5)} {market.index:3.0f}"
    year = f" ({plain(market.import_year, 7)})" if market.import_year else ""
    cells: list[str | Text] = [
        Text(words.country(market.country)),
        index,
        GAP if market.import_usd is None else words.usd(market.import_usd) + year,
        GAP if market.growth is None else words.percent(market.growth),
        GAP if market.idn_share is None else words.percent(market.idn_share),
        words.say(f"markets.{market.looked}") if market.buyers_unknown else words.number(market.buyers),
    ]
    if wide:
        price = GAP if market.shelf_price_usd_kg is None else words.usd(market.shelf_price_usd_kg)
        place = GAP if market.rank is None else f"{market.rank} ({market.rank_low}-{market.rank_high})"
        evidence = GAP if market.evidence is None else f"{market.evidence * 100:.0f}%"
        cells += [WATCH if market.watchlist else place, evidence]
        contact = GAP if market.buyers_unknown else words.number(market.buyers_with_contact)
        cells += [contact, GAP if market.tenders_unknown else words.number(market.tenders), price]
    return cells


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the figures of a market."""

    signals: list[DemandSignal]
    notices: list[NoticeFacts]
    refused: list[RefusedFor]


OBSERVED = {"wiki_views_per_m": "interest", "assortment_share": "assortment", "halal_label_share": "halal"}
"""Metric -> sentence of the figures that are shown only where somebody measured them."""


def show_market(console: Console, market: Market, beside: Beside, words: Words) -> None:
    """One market in full: each figure in words, open tenders and refusals, then the numbers it rests on with unit, period and source."""
    names = product_names(words)
    line(console, f"{words.country(market.country)} · {names.get(market.product, market.product)}", "bold")
    index = words.no_data if market.index is None else f"{bar(market.index)} {words.number(market.index)} / 100"
    facts = {
        "index": index,
        "import": words.usd(market.import_usd) + _year(market.import_year),
        "growth": words.percent(market.growth) + _year(market.growth_years),
        "unit_value": words.usd(market.unit_value_usd_kg) + _year(market.unit_value_year),
        "share": words.percent(market.idn_share) + _year(market.share_year),
        "shelf": words.usd(market.shelf_price_usd_kg)
        + (words.say("markets.of_prices", n=market.shelf_prices) if market.shelf_prices else ""),
        **_buyers(market, words),
        **_tenders(market, len(beside.notices), words),
        **_observed(beside.signals, words),
    }
    for name, value in facts.items():
        line(console, f"{words.say(f'markets.{name}')}: {value}", indent=2)
    show_open(console, beside.notices, words, today())
    show_refused(console, beside.refused, words)
    for part, points in market.index_parts.items():
        line(console, f"{_part(part, words)}: {words.number(points, 1)}", "dim", indent=4)
    _signals(console, beside.signals, words)


def _year(period: str | None) -> str:
    return f" ({plain(period, 16)})" if period else ""


def _buyers(market: Market, words: Words) -> dict[str, str]:
    """How many, or why nobody can tell."""
    if market.buyers_unknown:
        return {"buyers": words.say("markets.nobody_looks" if market.looked == "nobody" else "markets.nobody_ran")}
    return {"buyers": words.number(market.buyers), "contact": words.number(market.buyers_with_contact)}


def _tenders(market: Market, still_open: int, words: Words) -> dict[str, str]:
    """How many, or why nobody can tell."""
    if market.tenders_unknown:
        return {"tenders": words.say("markets.no_tender_source" if market.tenders_looked == "nobody" else "markets.tenders_not_run")}
    return {"tenders": words.number(market.tenders), "open_tenders": words.number(still_open)}


def _observed(signals: Iterable[DemandSignal], words: Words) -> dict[str, str]:
    """The newest of each measured figure, with its period; of two sources the first by name."""
    found: dict[str, DemandSignal] = {}
    for signal in sorted(signals, key=lambda one: (one.source, one.period)):
        known = found.get(signal.metric)
        if signal.metric in OBSERVED and (known is None or known.period < signal.period):
            found[signal.metric] = signal
    return {OBSERVED[name]: f"{_value(found[name], words)} ({plain(found[name].period, 10)})" for name in OBSERVED if name in found}


def _part(part: str, words: Words) -> str:
    return words.say(f"index_parts.{part}") if words.has(f"index_parts.{part}") else part.replace("_", " ")


def _signals(console: Console, signals: list[DemandSignal], words: Words) -> None:
    """One paragraph a series, newest period first; the world and Indonesia before other origins, years before months."""
    line(console)
    line(console, words.say("markets.signals", n=words.number(len(signals))), "bold")
    series: dict[tuple[str | int | None, ...], list[DemandSignal]] = {}
    for signal in signals:
        about = (signal.metric, signal.hs_code, signal.partner, signal.quality, signal.source, len(signal.period))
        series.setdefault(about, []).append(signal)
    order = sorted(series.values(), key=lambda found: (found[0].partner not in FIRST, len(found[0].period) != YEAR))
    for found in order[:MOST_SERIES]:
        line(console, _about(found[0], words), indent=2, hang=2)
        values = " · ".join(f"{plain(one.period, 10)}: {_value(one, words)}{_revised(one, words)}" for one in found[:MOST_PERIODS])
        line(console, values, "dim", indent=4)
    if len(series) > MOST_SERIES:
        line(console, words.say("markets.more_signals", n=words.number(len(series) - MOST_SERIES)), "dim")


def _about(signal: DemandSignal, words: Words) -> str:
    """What a series counts, from where, how sure, and whose number it is."""
    partner = words.say("markets.world") if signal.partner == "WLD" else words.country(iso2(signal.partner) or signal.partner)
    code = f"HS {signal.hs_code}" if signal.hs_code else ""
    said = (metric_label(signal.metric, words.language), code, partner, _quality(signal.quality, words), plain(signal.source))
    return " · ".join(part for part in said if part)


def _value(signal: DemandSignal, words: Words) -> str:
    if signal.unit == "USD":
        return words.usd(signal.value)
    if signal.unit == "0..1":
        return words.percent(signal.value)
    return f"{words.number(signal.value, 0 if abs(signal.value) >= 100 else 2)} {plain(signal.unit, 30)}"


def _revised(signal: DemandSignal, words: Words) -> str:
    if signal.revised_from is None:
        return ""
    before = _value(replace(signal, value=signal.revised_from), words)
    return words.say("market.revised", value=before, day=words.day(signal.revised_on))


def _quality(quality: str, words: Words) -> str:
    return words.say(f"qualities.{quality}") if words.has(f"qualities.{quality}") else quality
