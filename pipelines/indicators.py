"""From numbers about a country to the eleven indicators of the index, each with where it comes from; what is not known is left out."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from market_db.derived import DemandSignal
from market_db.reference import table
from pipelines.index_model import IndexModel
from pipelines.index_score import Indicator
from pipelines.market_series import CONCENTRATION, IMPORTS, SHARE, UNIT_VALUE, Series

GROWTH_YEARS, GROWTH_POINTS = 5, 3
"""Growth looks at the last five reported years and needs three."""
SIZE_YEARS = 3
MAX_AGE = 4
"""Years after which an import figure no longer tells the size of a market."""
EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""
CAPITALS_READ = "2026"
"""When the list of capitals was read."""
LEAST_USD = 1.0
"""Imports of nothing are the smallest market there is, not an unknown one: ln needs something above 0."""
Observed = Mapping[str, DemandSignal]


@dataclass(frozen=True, slots=True)
class About:
    """What is known of one country."""

    country: str
    series: Series = field(default_factory=Series)
    observed: Observed = field(default_factory=dict)
    """Metric -> newest number that is no import."""


def theil_sen(points: Mapping[int, float]) -> float | None:
    """Median slope of ln(value) a year over the last five reported years; None below three, or where a value is not above 0.

    0.05 means 5 % a year. Source: Theil-Sen estimator, robust against one odd year.
    """
    years = growth_years(points)
    if not years:
        return None
    slopes = [(math.log(points[b]) - math.log(points[a])) / (b - a) for at, a in enumerate(years) for b in years[at + 1 :]]
    return median(slopes)


def growth_years(points: Mapping[int, float]) -> list[int]:
    """The last five years with a value above 0, oldest first; none where there are fewer than three."""
    years = sorted(year for year, value in points.items() if value > 0)[-GROWTH_YEARS:]
    return years if len(years) >= GROWTH_POINTS else []


def newest_observed(signals: Iterable[DemandSignal]) -> dict[str, dict[str, DemandSignal]]:
    """Country -> metric -> newest number; of equally new ones the source first in the alphabet."""
    found: dict[str, dict[str, DemandSignal]] = {}
    for signal in signals:
        if signal.hs_code is None:
            metrics = found.setdefault(signal.country, {})
            known = metrics.get(signal.metric)
            if known is None or (signal.period, known.source) > (known.period, signal.source):
                metrics[signal.metric] = signal
    return found


def indicators_of(about: About, model: IndexModel, year: int) -> dict[str, Indicator]:
    """Part -> indicator; empty where the size of the market in the last four years is not known."""
    if about.series.year is None or about.series.year < year - MAX_AGE:
        return {}
    found = {part: read(about, model, year) for part, read in _READ.items()}
    return {part: indicator for part, indicator in found.items() if indicator is not None}


def _of(signal: DemandSignal | None, x: Callable[[float], float], **more: object) -> Indicator | None:
    """An indicator from one number; its year is that of the period."""
    if signal is None:
        return None
    about = {
        "quality": signal.quality,
        "year": int(signal.period[:4]) if signal.period[:4].isdigit() else None,
        "shown": signal.value,
        "unit": signal.unit,
        "period": signal.period,
        "source": signal.source,
        "evidence_id": signal.evidence_id,
    }
    return Indicator(x=x(signal.value), **{**about, **more})  # type: ignore[arg-type]


def _last_imports(about: About) -> Sequence[DemandSignal]:
    """Import figures of the last three reported years, oldest first."""
    years = about.series.figures.get(IMPORTS, {})
    return [years[year] for year in sorted(years)[-SIZE_YEARS:]]


def _size(about: About, _model: IndexModel, _year: int) -> Indicator | None:
    last = _last_imports(about)
    mean = fmean(signal.value for signal in last)
    span = f"{last[0].period}-{last[-1].period}" if len(last) > 1 else last[-1].period
    return _of(last[-1], lambda _: math.log(max(mean, LEAST_USD)), shown=mean, period=span)


def _growth(about: About, _model: IndexModel, _year: int) -> Indicator | None:
    values, last = about.series.values(IMPORTS), _last_imports(about)
    slope, years = theil_sen(values), growth_years(values)
    return None if slope is None else _of(last[-1], lambda _: slope, shown=slope, unit="ln/year", period=f"{years[0]}-{years[-1]}")


def _price(about: About, _model: IndexModel, year: int) -> Indicator | None:
    """Ln of the unit value: dividing by the world's median moves every country and both goalposts alike, and changes no score."""
    signal = about.series.newest(UNIT_VALUE, since=year - MAX_AGE)
    return _of(signal, math.log) if signal and signal.value > 0 else None


def _openness(about: About, _model: IndexModel, year: int) -> Indicator | None:
    return _of(about.series.newest(CONCENTRATION, since=year - MAX_AGE), lambda hhi: 1 - hhi, unit="HHI")


def _foothold(about: About, _model: IndexModel, year: int) -> Indicator | None:
    """Imports from Indonesia of the newest year in which its share is known; a share of 0 is known."""
    share = about.series.newest(SHARE, since=year - MAX_AGE)
    imports = about.series.figures.get(IMPORTS, {}).get(int(share.period)) if share else None
    if share is None or imports is None:
        return None
    usd = share.value * imports.value
    return _of(share, lambda _: math.log1p(usd / 1e6), shown=usd, unit="USD")


def _interest(about: About, _model: IndexModel, _year: int) -> Indicator | None:
    signal = about.observed.get("wiki_views_per_m")
    return _of(signal, lambda views: math.log(max(views, 0.1)))


def _assortment(about: About, _model: IndexModel, _year: int) -> Indicator | None:
    return _of(about.observed.get("assortment_share"), float)


def _tariff(about: About, _model: IndexModel, _year: int) -> Indicator | None:
    """Minus the duty on Indonesian goods; the general one, where only that is known, says as much as an estimate."""
    own, general = about.observed.get("tariff_idn_pct"), about.observed.get("tariff_mfn_pct")
    margin = about.observed.get("tariff_margin_pct")
    if own is not None:
        return _of(own, lambda rate: -rate + (margin.value if margin else 0.0))
    return _of(general, lambda rate: -rate, quality="estimated")


def _logistics(about: About, _model: IndexModel, _year: int) -> Indicator | None:
    return _of(about.observed.get("lpi"), float)


def _stability(about: About, _model: IndexModel, _year: int) -> Indicator | None:
    known = [signal for metric in ("wgi_rq", "wgi_pv") if (signal := about.observed.get(metric)) is not None]
    if not known:
        return None
    mean = fmean(signal.value for signal in known)
    return _of(min(known, key=lambda signal: signal.period), lambda _: mean, shown=mean)


def _distance(about: About, model: IndexModel, _year: int) -> Indicator | None:
    """Over the globe to the capital; positions do not age."""
    capital = table("capitals").get(about.country)
    if capital is None:
        return None
    km = great_circle_km(model.origin, (capital[0], capital[1]))
    return Indicator(x=-math.log(max(km, 1.0)), quality="derived", shown=km, unit="km", period=CAPITALS_READ, source="world_bank_data")


def great_circle_km(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Distance in km between two points in degrees (haversine)."""
    (lat, lon), (other, far) = (tuple(map(math.radians, point)) for point in (start, end))
    arc = math.sin((other - lat) / 2) ** 2 + math.cos(lat) * math.cos(other) * math.sin((far - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(arc))


_READ: dict[str, Callable[[About, IndexModel, int], Indicator | None]] = {
    "size": _size,
    "growth": _growth,
    "price": _price,
    "interest": _interest,
    "assortment": _assortment,
    "tariff": _tariff,
    "logistics": _logistics,
    "distance": _distance,
    "openness": _openness,
    "foothold": _foothold,
    "stability": _stability,
}


def untapped_usd(
    *, idn_world: float | None, world: float | None, imports: float | None, intensity: float | None, idn_here: float | None
) -> float | None:
    """What Indonesia could sell here beyond what it does: its share of the world's imports x imports here x trade intensity - sales here.

    `intensity` is (Indonesia's share in all imports here) / (its share in all imports of the world), kept between 0.2 and 5; None
    for any unknown input gives None: it is never guessed.
    """
    if idn_world is None or not world or imports is None or intensity is None or idn_here is None:
        return None
    return max(0.0, idn_world / world * imports * min(5.0, max(0.2, intensity)) - idn_here)


def parts_missing(found: Mapping[str, Indicator], model: IndexModel) -> Iterator[str]:
    """Parts of the model that nothing tells of a country."""
    return (part.key for part in model.parts if part.key not in found)
