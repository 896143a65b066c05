"""The yearly figures that speak for a country: one source and one code, never mixed, never added up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from market_db.derived import DemandSignal
from market_db.products import ProductType
from pipelines.demand import source_rank

IMPORTS, UNIT_VALUE, SHARE, CONCENTRATION = "import_value_usd", "unit_value_usd_kg", "idn_share", "supplier_hhi"

LEFT_OUT = frozenset({"estimated", "doubtful"})
"""Copied years, and years a thousand times off: shown, and in no series."""


@dataclass(frozen=True, slots=True)
class Series:
    """Yearly figures of one country from one source and one code."""

    figures: Mapping[str, Mapping[int, DemandSignal]] = field(default_factory=dict)
    """Metric -> year -> figure, without years that were copied, estimated or doubtful."""
    source: str = ""

    def values(self, metric: str) -> dict[int, float]:
        """Year -> value."""
        return {year: signal.value for year, signal in self.figures.get(metric, {}).items()}

    def newest(self, metric: str, *, since: int) -> DemandSignal | None:
        """The newest figure that is not from before a year."""
        years = [year for year in self.figures.get(metric, {}) if year >= since]
        return self.figures[metric][max(years)] if years else None

    @property
    def year(self) -> int | None:
        """Newest year with imports."""
        return max(self.figures.get(IMPORTS, {}), default=None)

    @property
    def evidence(self) -> frozenset[str]:
        """Answers that show the newest year."""
        return frozenset(
            by_year[self.year].evidence_id
            for by_year in self.figures.values()
            if self.year is not None and self.year in by_year and by_year[self.year].evidence_id
        )


def series_of(product: ProductType, signals: Iterable[DemandSignal]) -> dict[str, Series]:
    """Country -> figures of its best source."""
    codes = (*product.hs[:1], *product.cn)
    grouped: dict[str, dict[tuple[str, str], list[DemandSignal]]] = defaultdict(lambda: defaultdict(list))
    for signal in signals:
        if signal.product == product.key and signal.partner == "WLD" and len(signal.period) == 4 and signal.hs_code in codes:
            grouped[signal.country][signal.source, signal.hs_code].append(signal)
    return {country: _best(by, codes) for country, by in grouped.items()}


def _best(by: Mapping[tuple[str, str], Sequence[DemandSignal]], codes: Sequence[str]) -> Series:
    """HS6 before finer codes, then the newest year, then most years, then the order of sources."""
    found = [(code, _one(source, group)) for (source, code), group in by.items()]
    found.sort(key=lambda one: (codes.index(one[0]), -(one[1].year or 0), -len(one[1].values(IMPORTS)), source_rank(one[1].source)))
    return _with_concentration([series for _, series in found])


def _with_concentration(found: Sequence[Series]) -> Series:
    """The first series; where it does not know its suppliers, with the concentration of the next one that does.

    Comtrade is asked for the world and Indonesia only; a share of suppliers is the same whoever counts them.
    """
    best = found[0]
    knows = next((series for series in found if series.figures.get(CONCENTRATION)), best)
    return best if knows is best else replace(best, figures={**best.figures, CONCENTRATION: knows.figures[CONCENTRATION]})


def _one(source: str, group: Sequence[DemandSignal]) -> Series:
    figures: dict[str, dict[int, DemandSignal]] = defaultdict(dict)
    for signal in group:
        if signal.quality not in LEFT_OUT and signal.period.isdigit() and signal.value >= 0:
            figures[signal.metric][int(signal.period)] = signal
    return Series(figures, source)
