"""What the map of markets can show, each country in its class: known figures in five, and apart from them nought and what is not known."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from market_db.derived import Market
from market_db.markets.coverage import TENDER_ROLE, Coverage
from market_db.saying import Words
from market_db.web.world_map import Mark

CLASSES = 5
LOOKED_FOR = {"buyers": "", "tenders": TENDER_ROLE}
"""Measures that count what sources found, with the role of what they look for (empty = any): nought is only said where one of them ran."""
FEW_VIEWS = 10
"""Views per million people below which one decimal says more than none."""
NOT_LOOKED = {"not_run": "not_run", "nobody": "nobody"}
READ: Mapping[str, Callable[[Market], float | None]] = {
    "index": lambda market: market.index,
    "import": lambda market: market.import_usd,
    "growth": lambda market: market.growth,
    "share": lambda market: market.idn_share,
    "unit_value": lambda market: market.unit_value_usd_kg,
    "shelf": lambda market: market.shelf_price_usd_kg,
    "interest": lambda market: next((part.value for part in market.parts if part.part == "interest"), None),
    "tenders": lambda market: float(market.tenders),
    "buyers": lambda market: float(market.buyers),
    "evidence": lambda market: market.evidence,
}
"""Measure -> its value; None = no data. Keys are those of the table's columns in the words."""
SAID: Mapping[str, Callable[[Words, float], str]] = {
    "index": lambda words, value: words.number(value),
    "import": lambda words, value: words.usd(value),
    "growth": lambda words, value: words.percent(value),
    "share": lambda words, value: words.percent(value),
    "unit_value": lambda words, value: words.usd(value),
    "shelf": lambda words, value: words.usd(value),
    "interest": lambda words, value: words.number(value, 0 if value >= FEW_VIEWS else 1),
    "tenders": lambda words, value: words.number(value),
    "buyers": lambda words, value: words.number(value),
    "evidence": lambda words, value: words.percent(value),
}


@dataclass(frozen=True, slots=True)
class Legend:
    """One class of colour and what it means."""

    look: str
    text: str
    countries: int


def told_of(measure: str, market: Market, words: Words) -> str | None:
    """A measure of a market in words; None = no data."""
    value = READ[measure](market)
    return None if value is None else SAID[measure](words, value)


def unlooked(found: Iterable[Market]) -> list[str]:
    """Why counts are missing among these markets: not_run, nobody."""
    states = {
        state
        for one in found
        for unknown, state in ((one.buyers_unknown, one.looked), (one.tenders_unknown, one.tenders_looked))
        if unknown
    }
    return sorted(states, reverse=True)


def marks_of(found: Sequence[Market], measure: str, words: Words, coverage: Coverage) -> tuple[dict[str, Mark], list[Legend]]:
    """Country -> its mark, and the legend: only classes that occur."""
    values = {market.country: READ[measure](market) for market in found}
    states = {code: _state(measure, code, value, coverage) for code, value in values.items()}
    known = {code: value for code, value in values.items() if value is not None and states[code] == "known"}
    looks = states | {code: _class_of(value, list(known.values())) for code, value in known.items()}
    marks = {market.country: _mark(market, looks[market.country], measure, values[market.country], words) for market in found}
    return marks, _legend(looks, values, measure, words)


def _state(measure: str, code: str, value: float | None, coverage: Coverage) -> str:
    """known, zero, no_data, not_run, nobody."""
    if value is None:
        return "no_data"
    if value != 0 or measure in ("index", "growth"):
        return "known"
    looked = coverage.looks_at(code, LOOKED_FOR[measure]).state if measure in LOOKED_FOR else "looked"
    return "zero" if looked == "looked" else looked


def _class_of(value: float, known: Sequence[float]) -> str:
    """A fifth of the countries in each class; equal values in the same."""
    below = sum(other < value for other in known)
    return f"l{min(below * CLASSES // max(len(known), 1) + 1, CLASSES)}"


def _mark(market: Market, look: str, measure: str, value: float | None, words: Words) -> Mark:
    told = SAID[measure](words, value) if value is not None and look not in NOT_LOOKED else words.say(f"map.{look}")
    year = f" ({market.import_year})" if measure == "import" and value is not None and market.import_year else ""
    url = f"/pasar/{quote(market.product, safe='')}/{quote(market.country, safe='')}"
    return Mark(look, f"{words.country(market.country)}: {told}{year}", url)


def _legend(looks: Mapping[str, str], values: Mapping[str, float | None], measure: str, words: Words) -> list[Legend]:
    order = [f"l{n}" for n in range(CLASSES, 0, -1)] + ["zero", "no_data", "not_run", "nobody"]
    members = {look: [code for code, found in looks.items() if found == look] for look in order}
    return [Legend(look, _told(look, [values[c] for c in codes], measure, words), len(codes)) for look, codes in members.items() if codes]


def _told(look: str, values: Iterable[float | None], measure: str, words: Words) -> str:
    """From the least to the most of a class, or why there is no figure."""
    if not look.startswith("l"):
        return words.say(f"map.{look}")
    known = [value for value in values if value is not None]
    least, most = SAID[measure](words, min(known)), SAID[measure](words, max(known))
    return least if least == most else f"{least} – {most}"
