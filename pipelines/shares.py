"""Shares worked out of what was observed: of a catalogue, of a shelf, per million people; too small a base gives none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from market_db.derived import DemandSignal
from market_db.reference import metric_unit


@dataclass(frozen=True, slots=True)
class _Share:
    """`metric` is `part` times `times` over `whole`."""

    metric: str
    part: str
    whole: str
    least: float
    """Of the whole."""
    same_source: bool = True
    times: float = 1.0


SHARES = (
    _Share("assortment_share", "assortment_products", "catalogue_products", 2_000),
    _Share("halal_label_share", "assortment_halal_products", "assortment_products", 10),
    _Share("wiki_views_per_m", "wiki_views", "pop", 1, same_source=False, times=1e6),
)
"""In Open Food Facts 22 of 223 countries had 2,000 products (2021): below that, and below ten of the type, a share is chance."""
LEAST = {"assortment_products": 10.0, "catalogue_products": 2_000.0}
"""What a country's catalogue must hold before any share of it is told."""


def shares_of(signals: Iterable[DemandSignal]) -> Iterator[DemandSignal]:
    """Shares as signals, with the evidence of the part and no better quality; `signals` hold one number a series (`observed_signals`)."""
    found = {(signal.country, signal.product, signal.source, signal.metric): signal for signal in signals}
    anyone = {(country, product, metric): signal for (country, product, _, metric), signal in sorted(found.items())}
    for (country, product, source, metric), part in sorted(found.items()):
        for share in SHARES:
            if share.part != metric or not _enough(found, country, product, source):
                continue
            whole = found.get((country, product, source, share.whole)) if share.same_source else anyone.get((country, product, share.whole))
            if whole is not None and whole.value >= share.least:
                value, unit = part.value * share.times / whole.value, metric_unit(share.metric) or ""
                quality = "derived" if part.quality == "reported" else part.quality
                yield replace(part, metric=share.metric, value=value, unit=unit, quality=quality)


def _enough(found: dict[tuple[str, str, str, str], DemandSignal], country: str, product: str, source: str) -> bool:
    """Whether what a catalogue must hold is there, where the source has a catalogue."""
    known = [(found.get((country, product, source, metric)), least) for metric, least in LEAST.items()]
    return all(signal is not None and signal.value >= least for signal, least in known) if any(signal for signal, _ in known) else True
