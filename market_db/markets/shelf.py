"""Shelf prices of a product in a country, per kilogram: what shops ask, with odd ones marked and never dropped."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import sqlite_utils

from market_db.rows import read_rows
from market_db.values.moments import local_day

LARGE_GRAMS = 2_000.0
"""From here a pack is for kitchens: cheaper per kg, and not what stands on a shelf."""
FAR = 3.0
"""A price further than so many robust standard deviations of ln price from the median is marked, ..."""
LEAST_FACTOR = 2.5
"""... and only when it is at least so many times above or below it: shelves differ."""
MOST_FACTOR = 3.0
"""Beyond so many times the median either way it is marked however far shelves differ."""
LEAST_PRICES = 5
"""Prices from which one can be called odd."""
MAD_TO_SD = 1.4826
"""Median absolute deviation to standard deviation of a normal distribution."""
SELECT = (
    "select name, url, source, evidence_id, price, list_price, currency, price_usd_kg, net_grams, net_millilitres, rate_date,"
    " last_seen, product, country from listings"
    " where product is not null and country is not null and price_usd_kg > 0"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfPrice:
    """One offer."""

    name: str
    url: str
    source: str
    evidence_id: str
    seen: str
    """YYYY-MM-DD."""
    usd_kg: float
    """Without discount; per litre where only a volume is known."""
    price: float | None
    currency: str | None
    grams: float | None
    """Net content; millilitres where only a volume is known."""
    by_litre: bool = False
    """Sold by volume: compared with its like only."""
    discounted: bool = False
    odd: str | None = None
    """large_pack or far_off: shown, and left out of the median."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All offers of a product in a country, cheapest first."""

    prices: tuple[ShelfPrice, ...]

    @property
    def plain(self) -> tuple[ShelfPrice, ...]:
        """Those that are not odd."""
        return tuple(price for price in self.prices if price.odd is None)

    @property
    def median(self) -> float | None:
        """USD per kg; None where every offer is odd or there is none."""
        return median(price.usd_kg for price in self.plain) if self.plain else None

    def quartiles(self) -> tuple[float, float] | None:
        """25th and 75th percentile, USD per kg."""
        values = sorted(price.usd_kg for price in self.plain)
        return (_at(values, 0.25), _at(values, 0.75)) if values else None

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources behind it."""
        return tuple(sorted({price.source for price in self.plain}))

    @property
    def period(self) -> str:
        """First and last day the offers were seen."""
        days = sorted(price.seen for price in self.plain)
        return "" if not days else days[0] if days[0] == days[-1] else f"{days[0]} - {days[-1]}"


def shelves(
    db: sqlite_utils.Database, product: str | None = None, country: str | None = None, *, zone: str = "UTC"
) -> dict[tuple[str, str], Shelf]:
    """(product, country) -> shelf, of all or of one product or country; days in a time zone (IANA name)."""
    wanted = [(name, value) for name, value in (("product", product), ("country", country)) if value]
    where = "".join(f" and {name}=?" for name, _ in wanted)
    found: dict[tuple[str, str], list[ShelfPrice]] = defaultdict(list)
    for row in read_rows(db, f"{SELECT}{where} order by id", tuple(value for _, value in wanted)):
        found[row["product"], row["country"]].append(_price(row, zone))
    return {key: shelf_of(prices) for key, prices in sorted(found.items())}


def _price(row: Mapping[str, object], zone: str) -> ShelfPrice:
    price, before = row["price"], row["list_price"]
    off = isinstance(price, float) and isinstance(before, float) and 0 < price < before
    per_kg = float(str(row["price_usd_kg"]))
    grams = row["net_grams"] or row["net_millilitres"]
    return ShelfPrice(
        name=str(row["name"]),
        url=str(row["url"]),
        source=str(row["source"]),
        evidence_id=str(row["evidence_id"] or ""),
        seen=local_day(str(row["last_seen"]), zone),
        usd_kg=per_kg * float(str(before)) / float(str(price)) if off else per_kg,
        price=float(str(price)) if price is not None else None,
        currency=str(row["currency"]) if row["currency"] else None,
        grams=float(str(grams)) if grams else None,
        by_litre=not row["net_grams"] and bool(row["net_millilitres"]),
        discounted=off,
    )


def shelf_of(prices: Iterable[ShelfPrice]) -> Shelf:
    """The shelf with odd offers marked, whatever order they come in."""
    sized = [replace(price, odd="large_pack" if (price.grams or 0) >= LARGE_GRAMS else None) for price in prices]
    bounds = {unit: _bounds([price.usd_kg for price in sized if price.odd is None and price.by_litre is unit]) for unit in (False, True)}
    marked = [_marked(price, bounds[price.by_litre]) for price in sized]
    return Shelf(tuple(sorted(marked, key=lambda price: (price.usd_kg, price.url, price.name))))


def _bounds(values: Sequence[float]) -> tuple[float, float] | None:
    """Lowest and highest price that is not odd; None where there are too few to tell."""
    if len(values) < LEAST_PRICES:
        return None
    logs = [math.log(value) for value in values]
    middle = median(logs)
    usual = FAR * MAD_TO_SD * median(abs(value - middle) for value in logs)
    spread = min(max(usual, math.log(LEAST_FACTOR)), math.log(MOST_FACTOR))
    if all(abs(value - middle) > spread for value in logs):
        spread = usual  # two kinds of goods with nothing between: neither is the odd one
    return math.exp(middle - spread), math.exp(middle + spread)


def _marked(price: ShelfPrice, bounds: tuple[float, float] | None) -> ShelfPrice:
    return replace(price, odd="far_off") if price.odd is None and _outside(price.usd_kg, bounds) else price


def _outside(value: float, bounds: tuple[float, float] | None) -> bool:
    return bounds is not None and not bounds[0] <= value <= bounds[1]


def _at(ordered: Sequence[float], share: float) -> float:
    """Percentile, linear between neighbours."""
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
