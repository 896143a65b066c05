"""Trade flows to demand signals: every trap of trade statistics is met here, and what was odd is said."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from market_db.derived import DemandSignal
from market_db.products import ProductType
from market_db.seen import TradeFlow
from market_db.values.money import SHIPPED, Rates, to_usd
from market_db.values.places import iso2
from pipelines.doubts import DOUBTFUL, DOUBTFUL_WEIGHT, far_off

CODES = Path(__file__).with_name("demand_codes.toml")
REPORTED_BY = 4
"""Month of the year in which the months of the year before are all published."""
_PERIOD = re.compile(r"[12][0-9]{3}(?:-(?:0[1-9]|1[0-2]))?")
UNITS = {"import_value_usd": "USD", "import_net_kg": "kg", "unit_value_usd_kg": "USD/kg", "idn_share": "0..1", "supplier_hhi": "0..1"}
WORLD, INDONESIA = "WLD", "IDN"
YEAR = 4
"""Characters of a period that is a year."""
TOP_PARTNERS = 10
"""Origins kept per country, code and period, Indonesia always besides: enough to name the competitors."""
COVERED = 0.95
"""Share of the world row that partners must explain before a missing partner means zero."""
DOUBLED = 1.02
"""Partners above the world row by more than this: parts and sums were added up."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something about the figures that a person should know."""

    kind: str
    """doubled, copied_year, thousandfold, thousandfold_weight, self_trade, unknown_reporter, no_rate, negative_value, incomplete_year,
    mixed_valuation, free_on_board."""
    detail: str
    source: str = ""
    """Who showed it; empty = see the detail."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Signals with what was odd about them."""

    signals: tuple[DemandSignal, ...]
    oddities: tuple[Oddity, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Import:
    """One import figure in USD; known by identity, which costs nothing to hash."""

    source: str
    reporter: str
    hs_code: str
    period: str
    partner: str
    usd: float
    net_kg: float | None
    quality: str
    evidence_id: str
    retrieved: str
    valuation: str | None = None
    """CIF or FOB."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """All imports of a country in a code and period, as one source shows them."""

    world: _Import
    partners: tuple[_Import, ...]
    """Single origins, largest first, without self-trade."""


@cache
def _codes(group: str) -> tuple[str, ...]:
    return tuple(tomllib.loads(CODES.read_text("utf-8"))[group])


def is_aggregate(code: str) -> bool:
    """Whether a partner or reporter code stands for a group of countries or for nobody in particular."""
    return code in _codes("aggregates")


def source_rank(source: str) -> tuple[int, str]:
    """Order of sources that show the same country (demand_codes.toml); unknown ones stand after the known, by name."""
    order = _codes("sources")
    return (order.index(source) if source in order else len(order), source)


def demand_of(flows: Iterable[tuple[TradeFlow, str]], products: Sequence[ProductType], *, today: date, rates: Rates = SHIPPED) -> Demand:
    """Signals of every product from trade flows with their evidence ids; flows of other codes are passed over.

    Only imports count: re-imports are part of imports already, exports are somebody else's imports at another value (FOB).
    A value that is missing makes no signal; a reported 0 makes a signal of 0.
    """
    wanted = {code for product in products for code in (*product.hs, *product.hs_near, *product.cn)}
    odd: list[Oddity] = []
    imports = [found for flow, evidence in flows if flow.hs_code in wanted for found in _imports(flow, evidence, today, odd, rates)]
    cells = _whole_years([cell for group in _grouped(imports).values() for cell in _cells(group, odd)], odd, today)
    doubts = {**dict.fromkeys(_copied_years(cells, odd), "estimated"), **doubtful_years([cell.world for cell in cells], odd)}
    by_code: dict[str, list[_Cell]] = defaultdict(list)
    for cell in cells:
        by_code[cell.world.hs_code].append(cell)
    signals = tuple(signal for product in products for cell in _about(product, by_code) for signal in _signals(product, cell, doubts))
    return Demand(signals, tuple(dict.fromkeys(odd)))


def _about(product: ProductType, by_code: Mapping[str, Sequence[_Cell]]) -> Iterator[_Cell]:
    """Cells of a product's codes, the main ones first."""
    return (cell for code in dict.fromkeys((*product.hs, *product.hs_near, *product.cn)) for cell in by_code.get(code, ()))


def _imports(flow: TradeFlow, evidence_id: str, today: date, odd: list[Oddity], rates: Rates) -> Iterator[_Import]:
    """The flow as an import in USD, or nothing."""
    if flow.flow != "import" or flow.value is None:
        return
    wrong = _wrong(flow, usd := in_usd(flow, rates))
    if wrong is not None or usd is None:
        odd.extend([wrong] if wrong else [])
        return
    partner = WORLD if flow.partner in _codes("world") else flow.partner
    retrieved = flow.evidence.fetched_at.date() if flow.evidence else today
    kg = flow.net_kg if flow.net_kg and flow.net_kg > 0 and flow.net_kg_estimated is not True else None
    if flow.valuation == "FOB":
        odd.append(Oddity("free_on_board", f"{flow.source} {flow.reporter}: freight is left out, 5 to 10 % below others", flow.source))
    about = (flow.source, flow.reporter, flow.hs_code, flow.period)
    yield _Import(*about, partner, usd, kg, flow.quality, evidence_id, retrieved.isoformat(), flow.valuation)


def _wrong(flow: TradeFlow, usd: float | None) -> Oddity | None:
    """Why a figure is about nobody, or no figure at all."""
    if flow.reporter in _codes("aggregates") or iso2(flow.reporter) is None:
        return Oddity("unknown_reporter", flow.reporter, flow.source)
    if flow.value is not None and flow.value < 0:
        return Oddity("negative_value", f"{flow.reporter} {flow.hs_code} {flow.period} {flow.partner}: {flow.value:.0f}", flow.source)
    return Oddity("no_rate", f"{flow.currency} {flow.period}", flow.source) if usd is None else None


def in_usd(flow: TradeFlow, rates: Rates = SHIPPED) -> float | None:
    """Value in USD at the rate of the period's middle; None without a currency or rate."""
    if flow.value is None or flow.currency is None:
        return None
    if flow.currency == "USD":
        return flow.value
    year, _, month = flow.period.partition("-")
    if not _PERIOD.fullmatch(flow.period):
        return None
    usd = to_usd(flow.value, flow.currency, date(int(year), int(month), 15) if month else date(int(year), 7, 1), rates)
    return usd.value if usd else None


def _grouped(imports: Iterable[_Import]) -> dict[tuple[str, str, str, str], list[_Import]]:
    groups: dict[tuple[str, str, str, str], list[_Import]] = defaultdict(list)
    for found in imports:
        groups[found.source, found.reporter, found.hs_code, found.period].append(found)
    return dict(sorted(groups.items()))


def _cells(group: Sequence[_Import], odd: list[Oddity]) -> Iterator[_Cell]:
    """World row and partners; the world row wins over the sum, which stands in only where there is none."""
    world = next((found for found in group if found.partner == WORLD), None)
    partners = [found for found in group if found.partner not in _codes("aggregates") and found.partner != found.reporter]
    if any(found.partner == found.reporter for found in group):
        odd.append(Oddity("self_trade", f"{group[0].reporter} {group[0].hs_code} {group[0].period}"))
    partners.sort(key=lambda found: (-found.usd, found.partner))
    total = sum(found.usd for found in partners)
    if world and partners and total > world.usd * DOUBLED:
        odd.append(Oddity("doubled", f"{world.reporter} {world.hs_code} {world.period}: partners {total:.0f} above world {world.usd:.0f}"))
    if world or partners:
        yield _Cell(world or _summed(partners), tuple(partners))


def _summed(parts: Sequence[_Import], period: str | None = None) -> _Import:
    """The sum of parts as one derived figure; weight only where every part has one."""
    first, weights = parts[0], [part.net_kg for part in parts if part.net_kg is not None]
    return _Import(
        source=first.source,
        reporter=first.reporter,
        hs_code=first.hs_code,
        period=period or first.period,
        partner=WORLD if period is None else first.partner,
        usd=sum(part.usd for part in parts),
        net_kg=sum(weights) if len(weights) == len(parts) else None,
        quality="derived",
        evidence_id=first.evidence_id,
        retrieved=max(part.retrieved for part in parts),
        valuation=first.valuation,
    )


def _whole_years(cells: Sequence[_Cell], odd: list[Oddity], today: date) -> list[_Cell]:
    """The cells, and a derived year where a source has all twelve months and no annual figure; a year still under way is not odd."""
    running = str(today.year if today.month > REPORTED_BY else today.year - 1)
    annual = {(c.world.source, c.world.reporter, c.world.hs_code, c.world.period) for c in cells if len(c.world.period) == 4}
    months: dict[tuple[str, str, str, str], list[_Cell]] = defaultdict(list)
    for cell in cells:
        if len(cell.world.period) == 7:
            months[cell.world.source, cell.world.reporter, cell.world.hs_code, cell.world.period[:4]].append(cell)
    years = []
    for key, parts in sorted(months.items()):
        if key in annual:
            continue
        if len({cell.world.valuation for cell in parts}) > 1:
            odd.append(Oddity("mixed_valuation", f"{key[1]} {key[2]} {key[3]}: months with and without freight make no year"))
        elif len(parts) == 12:
            years.append(_year(parts, key[3]))
        elif key[3] < running:
            odd.append(Oddity("incomplete_year", f"{key[1]} {key[2]} {key[3]}: {len(parts)} months"))
    return [*cells, *years]


def _year(parts: Sequence[_Cell], year: str) -> _Cell:
    partners: dict[str, list[_Import]] = defaultdict(list)
    for cell in parts:
        for found in cell.partners:
            partners[found.partner].append(found)
    summed = sorted((_summed(months, year) for months in partners.values()), key=lambda found: (-found.usd, found.partner))
    return _Cell(_summed([cell.world for cell in parts], year), tuple(summed))


def _copied_years(cells: Sequence[_Cell], odd: list[Oddity]) -> set[_Import]:
    """World rows of years whose value and weight repeat the year before to the last digit: copied, not traded."""
    before: dict[tuple[str, str, str, int], _Import] = {}
    for cell in cells:
        if len(cell.world.period) == 4 and cell.world.period.isdigit():
            before[cell.world.source, cell.world.reporter, cell.world.hs_code, int(cell.world.period)] = cell.world
    copied = set()
    for (source, reporter, code, year), world in before.items():
        last = before.get((source, reporter, code, year - 1))
        if last and world.usd > 0 and (last.usd, last.net_kg) == (world.usd, world.net_kg):
            copied.add(world)
            odd.append(Oddity("copied_year", f"{reporter} {code} {year} equals {year - 1}"))
    return copied


def doubtful_years(worlds: Iterable[_Import], odd: list[Oddity]) -> dict[_Import, str]:
    """Years whose value, or whose value per kg, stands some thousand times above or below the other years: units mixed up."""
    series: dict[tuple[str, str, str], list[_Import]] = defaultdict(list)
    for world in worlds:
        if len(world.period) == YEAR:
            series[world.source, world.reporter, world.hs_code].append(world)
    doubts: dict[_Import, str] = {}
    for years in series.values():
        per_kg = {world: world.usd / world.net_kg for world in years if world.net_kg and world.usd > 0}
        doubts |= dict.fromkeys(far_off(per_kg), DOUBTFUL_WEIGHT)
        doubts |= dict.fromkeys(far_off({world: world.usd for world in years}), DOUBTFUL)
    for world, doubt in doubts.items():
        kind = "thousandfold" if doubt == DOUBTFUL else "thousandfold_weight"
        odd.append(Oddity(kind, f"{world.reporter} {world.hs_code} {world.period}: {world.usd:.0f} USD, {world.net_kg} kg", world.source))
    return doubts


def _signals(product: ProductType, cell: _Cell, doubts: Mapping[_Import, str]) -> Iterator[DemandSignal]:
    """Value, weight, unit value and Indonesia's share of one cell, and the values of its largest origins; a doubt is a worse quality."""
    world = cell.world
    doubt = doubts.get(world)
    quality = world.quality if doubt in (None, DOUBTFUL_WEIGHT) else str(doubt)
    yield _signal(product, world, "import_value_usd", world.usd, quality)
    if world.net_kg is not None:
        heavy = DOUBTFUL if doubt == DOUBTFUL_WEIGHT else quality
        yield _signal(product, world, "import_net_kg", world.net_kg, heavy)
        if world.usd > 0:
            yield _signal(product, world, "unit_value_usd_kg", world.usd / world.net_kg, heavy)
    worked_out = DOUBTFUL if quality == DOUBTFUL else "derived"
    for metric, value in (("idn_share", _indonesia(cell)), ("supplier_hhi", _concentration(cell))):
        if value is not None:
            yield _signal(product, world, metric, value, worked_out)
    top = cell.partners[:TOP_PARTNERS]
    for found in (*top, *(p for p in cell.partners[TOP_PARTNERS:] if p.partner == INDONESIA)):
        yield _signal(product, found, "import_value_usd", found.usd, found.quality if quality == world.quality else quality)


def _indonesia(cell: _Cell) -> float | None:
    """Indonesia's share of imports; a missing row is zero only where the other rows explain the total."""
    if cell.world.usd <= 0:
        return None
    own = next((found.usd for found in cell.partners if found.partner == INDONESIA), None)
    if own is not None:
        return min(1.0, own / cell.world.usd)
    covered = sum(found.usd for found in cell.partners) / cell.world.usd
    return 0.0 if cell.world.quality != "derived" and covered >= COVERED else None


def _concentration(cell: _Cell) -> float | None:
    """Herfindahl-Hirschman index of origins, 0..1; None where origins do not explain the total."""
    total = sum(found.usd for found in cell.partners)
    if total <= 0 or total < COVERED * cell.world.usd:
        return None
    return sum((found.usd / total) ** 2 for found in cell.partners)


def _signal(product: ProductType, found: _Import, metric: str, value: float, quality: str) -> DemandSignal:
    return DemandSignal(
        country=iso2(found.reporter) or found.reporter,
        product=product.key,
        hs_code=found.hs_code,
        partner=found.partner,
        metric=metric,
        period=found.period,
        value=value,
        unit=UNITS[metric],
        quality=quality,
        source=found.source,
        evidence_id=found.evidence_id,
        retrieved=found.retrieved,
    )


def world_totals(signals: Iterable[DemandSignal]) -> dict[tuple[str, str, str], float]:
    """(product, HS code, year) -> imports of all reporting countries, USD; each country counts once, from its best source."""
    best: dict[tuple[str, str, str, str], DemandSignal] = {}
    for signal in signals:
        if signal.metric == "import_value_usd" and signal.partner == WORLD and len(signal.period) == 4:
            key = (signal.product, signal.hs_code or "", signal.period, signal.country)
            if key not in best or _standing(signal) < _standing(best[key]):
                best[key] = signal
    totals: dict[tuple[str, str, str], float] = defaultdict(float)
    for (product, code, period, _), signal in best.items():
        totals[product, code, period] += signal.value
    return dict(totals)


def _standing(signal: DemandSignal) -> tuple[bool, int, str]:
    """What makes one source's figure of a country and year better than another's; lower is better."""
    return (signal.quality not in ("reported", "derived"), *source_rank(signal.source))
