"""The ladder from a shelf price back to FOB Indonesia, as a range with every step named; where a step is unknown there is no result."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from market_db.derived import DemandSignal
from market_db.edited_toml import Table, read_table
from market_db.markets.shelf import Shelf

SHIPPED = Path(__file__).with_name("price_assumptions.toml")
LEAST_SHELF = 3
"""Shelf prices below which their median is chance."""
RANGES = ("retail_margin", "distribution_margin", "freight_usd_kg")
MOST = {"retail_margin": 0.9, "distribution_margin": 0.9, "freight_usd_kg": 50.0}
Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What stands between shelf and ship in one country."""

    as_of: date
    retail_margin: Range
    distribution_margin: Range
    freight_usd_kg: Range
    vat: float | None = None
    """Share of the price without tax; None = not known."""
    vat_url: str = ""
    vat_checked_on: date | None = None
    """None = nobody looked at the link yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung: the price per kg after it, and what was taken off."""

    key: str
    """shelf, tax, retail, distribution, duty, freight."""
    usd_kg: Range
    """Lowest and highest."""
    taken: Range | None = None
    """Shares, or USD per kg of freight; None on the first rung."""
    source: str = ""
    """assumptions, or the names of sources."""
    period: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """From shelf to FOB."""

    steps: tuple[Step, ...] = ()
    missing: tuple[str, ...] = ()
    """What is not known: shelf, vat, duty. With any of it there is no FOB."""
    unit_value: Step | None = None
    """Beside it: what imports cost per kg at the border, by the trade statistics."""

    @property
    def fob(self) -> Range | None:
        """USD per kg, lowest and highest; None where a piece is missing. A lowest below 0 means: not at these margins."""
        return None if self.missing or not self.steps else self.steps[-1].usd_kg


def load_assumptions(country: str, folder: Path | None = None) -> Assumptions:
    """Assumptions for a country; a home's own price_assumptions.toml changes the keys it names. Raises BadTable with file, line and key."""
    base = _shipped(country)
    own = folder / SHIPPED.name if folder else None
    return _read(read_table(own), country, base) if own is not None and own.exists() else base


@cache
def _shipped(country: str) -> Assumptions:
    return _read(read_table(SHIPPED), country, None)


def _read(table: Table, country: str, base: Assumptions | None) -> Assumptions:
    """The table for a country; what is said of a country stands before what is said of all."""
    table.only("as_of", "all", "country")
    everywhere = table.group("all")
    everywhere.only(*RANGES)
    for code in table.group("country").data:
        table.group("country").group(code).only(*RANGES, "vat", "url", "checked_on")
    own = table.group("country").group(country)
    day = table.day("as_of", needed=base is None)
    found = base or Assumptions(as_of=day or date.min, retail_margin=(0, 0), distribution_margin=(0, 0), freight_usd_kg=(0, 0))
    ranges = {name: _range(everywhere, name) for name in RANGES if base is None or name in everywhere.data}
    ranges |= {name: _range(own, name) for name in RANGES if name in own.data}
    found = replace(
        found,
        as_of=day or found.as_of,
        retail_margin=ranges.get("retail_margin", found.retail_margin),
        distribution_margin=ranges.get("distribution_margin", found.distribution_margin),
        freight_usd_kg=ranges.get("freight_usd_kg", found.freight_usd_kg),
    )
    if "vat" not in own.data:
        return found
    return replace(
        found,
        vat=own.number("vat", least=0, most=1),
        vat_url=own.words("url", default=""),
        vat_checked_on=own.day("checked_on"),
    )


def _range(table: Table, key: str) -> Range:
    """Two numbers, lowest first."""
    value = table.data.get(key)
    numbers = value if isinstance(value, list) and len(value) == 2 else []
    if not numbers or any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
        raise table.wrong(key, f"two numbers, lowest first, such as [0.25, 0.45] expected, not {value!r}")
    low, high = float(numbers[0]), float(numbers[1])
    if not 0 <= low <= high <= MOST[key]:
        raise table.wrong(key, f"two numbers from 0 to {MOST[key]:g}, lowest first, expected, not {value!r}")
    return low, high


def ladder_of(shelf: Shelf | None, signals: Iterable[DemandSignal], known: Assumptions) -> Ladder:
    """The ladder from the middle half of shelf prices down to FOB; the lowest FOB takes the lowest price and the highest margins."""
    signals = list(signals)
    duty = _duty(signals)
    missing = tuple(_missing(shelf, duty, known))
    border = _unit_value(signals)
    if missing or shelf is None or duty is None or known.vat is None or (quartiles := shelf.quartiles()) is None:
        return Ladder(missing=missing, unit_value=border)
    steps = [Step(key="shelf", usd_kg=quartiles, source=", ".join(shelf.sources), period=shelf.period)]
    day = known.as_of.isoformat()
    steps.append(_divided(steps[-1], "tax", known.vat, known.vat_url or "assumptions", str(known.vat_checked_on or "")))
    steps.append(_shared(steps[-1], "retail", known.retail_margin, day))
    steps.append(_shared(steps[-1], "distribution", known.distribution_margin, day))
    steps.append(_divided(steps[-1], "duty", duty.value / 100, duty.source, duty.period))
    (low, high), (least, most) = steps[-1].usd_kg, known.freight_usd_kg
    steps.append(Step(key="freight", usd_kg=(low - most, high - least), taken=(least, most), source="assumptions", period=day))
    return Ladder(steps=tuple(steps), unit_value=border)


def _missing(shelf: Shelf | None, duty: DemandSignal | None, known: Assumptions) -> Iterator[str]:
    if shelf is None or len(shelf.plain) < LEAST_SHELF:
        yield "shelf"
    if known.vat is None:
        yield "vat"
    if duty is None:
        yield "duty"


def _divided(before: Step, key: str, share: float, source: str, period: str) -> Step:
    """Without a tax that stands on top of the price."""
    low, high = before.usd_kg
    return Step(key=key, usd_kg=(low / (1 + share), high / (1 + share)), taken=(share, share), source=source, period=period)


def _shared(before: Step, key: str, margin: Range, day: str) -> Step:
    """Without a margin that is a share of the price."""
    (low, high), (least, most) = before.usd_kg, margin
    return Step(key=key, usd_kg=(low * (1 - most), high * (1 - least)), taken=margin, source="assumptions", period=day)


def _duty(signals: Iterable[DemandSignal]) -> DemandSignal | None:
    """The newest duty on Indonesian goods, else the general one."""
    found = {signal.metric: signal for signal in sorted(signals, key=lambda one: one.period)}
    return found.get("tariff_idn_pct") or found.get("tariff_mfn_pct")


def _unit_value(signals: Iterable[DemandSignal]) -> Step | None:
    """What a kilogram of imports cost in the newest year, CIF unless the source says otherwise."""
    years = [s for s in signals if s.metric == "unit_value_usd_kg" and s.partner == "WLD" and len(s.period) == 4 and s.hs_code]
    if not years:
        return None
    newest = max(years, key=lambda one: (one.period, -len(one.hs_code or ""), one.source))
    return Step(key="border", usd_kg=(newest.value, newest.value), source=newest.source, period=newest.period)
