"""UN Comtrade: what every country imports under an HS code and in all, how much of it is Indonesian, and whom large importers buy from."""

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pycountry
from scrapy.http import Request

from market_db.seen import ALL_GOODS, TradeFlow
from market_db.values.places import iso3
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, json_object, number_in, rows_in, text_in, whole_in
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

PREVIEW = "https://comtradeapi.un.org/public/v1/preview/C/A/HS"
YEARS = 6
ROW_CAP = 500
"""The keyless preview cuts silently here; an answer this long cannot be trusted to be whole."""
WORLD, INDONESIA = 0, 360
TOTAL_YEARS = 2
"""Years for which imports of all goods are asked: in autumn only half of the countries have reported the newest."""
REPORTED = timedelta(days=300)
"""After so many days most large importers have reported a year: the one whose suppliers are asked for."""

TOTALS = {"partner2Code": 0, "motCode": 0, "customsCode": "C00"}
"""Values that mark a total; without them one total comes in 32 rows, by customs procedure and transport."""
NO_MODE_OF_SUPPLY = (None, "", "0", 0)
ASKED = ("period", "cmdCode", "flowCode", "partnerCode", "reporterCode")
"""Parameters that a row must agree with."""
FLOWS = {"M": "import", "X": "export", "RM": "re_import", "RX": "re_export"}

SHAPE: Shape = {
    **dict.fromkeys(("refPeriodId", "refYear", "refMonth", "reporterCode", "partnerCode", "partner2Code", "motCode", "aggrLevel"), int),
    **dict.fromkeys(("typeCode", "freqCode", "period", "reporterISO", "reporterDesc", "flowCode", "flowDesc", "partnerISO"), str),
    **dict.fromkeys(("partnerDesc", "partner2ISO", "partner2Desc", "classificationCode", "classificationSearchCode"), str),
    **dict.fromkeys(("cmdCode", "cmdDesc", "customsCode", "customsDesc", "mosCode", "motDesc", "qtyUnitAbbr", "altQtyUnitAbbr"), str),
    **dict.fromkeys(("isOriginalClassification", "isLeaf", "isQtyEstimated", "isAltQtyEstimated", "isNetWgtEstimated"), bool),
    **dict.fromkeys(("isGrossWgtEstimated", "isReported", "isAggregate"), bool),
    **dict.fromkeys(("qty", "altQty", "netWgt", "grossWgt", "cifvalue", "fobvalue", "primaryValue"), (int, float)),
    **dict.fromkeys(("qtyUnitCode", "altQtyUnitCode", "legacyEstimationFlag"), int),
}


class UnComtrade(JsonApiSpider):
    """Two requests per HS6 code and year (from the world, from Indonesia), four for all goods, one per code and large importer."""

    name = "un_comtrade"
    about = Source(
        title="UN Comtrade: annual imports",
        publisher="United Nations Statistics Division",
        home="https://comtradeplus.un.org/",
        licence="UN Comtrade: local use, no re-dissemination of raw rows",
        attribution="Derived from UN Comtrade, United Nations Statistics Division",
        terms_url="https://comtradeplus.un.org/",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("comtradeapi.un.org",),
        every=timedelta(days=7),
        expect=Expect(least=100, most=20_000),
        pace=Pace(delay=2.0, max_requests=400),  # one call a second is allowed; at exactly that pace half are refused
        api=True,
        api_robots="documented keyless preview API for programs, one call a second",
        note="Annual, 6 to 18 months behind. Only derived figures may be shown or exported, never the rows.",
    )

    def __init__(self, *args: Any, suppliers_of: str | Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = suppliers_of.split(",") if isinstance(suppliers_of, str) else suppliers_of
        chosen = tuple(code.strip().upper() for code in given if code.strip())
        self.suppliers_of = {code: area_code(code) for code in chosen or large_importers()}

    def first_requests(self) -> Iterator[Request]:
        """Every HS6 code of the product types, the last six full years, partners World and Indonesia; then all goods, then suppliers.

        `suppliers_of=("NL",)`, on the command line `suppliers_of=NL,DE`, asks the suppliers of other countries than un_comtrade.toml names.
        """
        codes = tuple(dict.fromkeys(code for product in self.products for code in product.hs))
        last = self.as_of.year - 1
        for hs6 in codes:
            yield from self._by_year(hs6, range(last, last - YEARS, -1))
        if codes:
            yield from self._by_year(ALL_GOODS, range(last, last - TOTAL_YEARS, -1))
        for hs6 in codes:
            for reporter in self.suppliers_of.values():
                yield self.ask(imports_url(hs6, (self.as_of - REPORTED).year - 1, None, reporter=reporter))

    def _by_year(self, code: str, years: Iterable[int]) -> Iterator[Request]:
        for year in years:
            for partner in (WORLD, INDONESIA):
                yield self.ask(imports_url(code, year, partner))

    def read(self, answer: Answer) -> Reading:
        """Trade flows."""
        return read_flows(answer)


def imports_url(code: str, year: int, partner: int | None, *, reporter: int | None = None) -> str:
    """Imports from one partner (None = each of them) by one reporter (None = all): exactly the total rows."""
    asked = {
        "period": year,
        "cmdCode": code,
        "flowCode": "M",
        "reporterCode": reporter,
        "partnerCode": partner,
        **TOTALS,
        "breakdownMode": "classic",
        "includeDesc": "true",
    }
    return f"{PREVIEW}?{urlencode({name: value for name, value in asked.items() if value is not None})}"


@cache
def large_importers() -> tuple[str, ...]:
    """ISO 3166-1 alpha-2 of the countries whose suppliers are asked for, from un_comtrade.toml."""
    found = tomllib.loads(files("spiders.trade_data").joinpath("un_comtrade.toml").read_text("utf-8"))
    return tuple(found["suppliers_of"])


def area_code(country: str) -> int:
    """Comtrade's code of a country. Raises ValueError for what is no ISO 3166-1 alpha-2 code."""
    alpha3 = iso3(country)
    own = next((code for code, (kind, name) in _odd_areas().items() if kind == "country" and name == alpha3), None)
    known = pycountry.countries.get(alpha_3=alpha3) if alpha3 else None
    if known is None:
        raise ValueError(f"suppliers_of: {country!r} is no ISO 3166-1 alpha-2 code")
    return int(known.numeric) if own is None else own


def read_flows(answer: Answer) -> Reading:
    """One TradeFlow per reporter; a year not published yet is an empty answer and gives nothing.

    Raises BadAnswer as `json_object`, and: "error in answer", "row cap reached" (no row is kept then), "unexpected shape".
    """
    found = json_object(answer)
    rows = checked_rows(found)
    if whole_in(found, "count") != len(rows):
        yield Issue("partial_answer", f"count says {str(found.get('count'))[:20]}, {len(rows)} rows came", broken=True)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.url).query).items()}
    watch, taken = ShapeWatch(SHAPE), dict[str, float | None]()
    for row in rows:
        if isinstance(row, dict):
            yield from watch.look(row)
        read = flow(row, asked, answer.url)
        if isinstance(read, TradeFlow) and read.key in taken:
            yield Rejected("duplicate", read.key)
            if taken[read.key] != read.value:
                yield Issue("two_values", f"{read.key}: {taken[read.key]} and {read.value}; the first was kept")
            continue
        yield from _with_issue(read)
        if isinstance(read, TradeFlow):
            taken[read.key] = read.value


def checked_rows(found: Json) -> list[object]:
    """The rows, when the envelope says they are all there is."""
    if found.get("error"):
        raise BadAnswer("error in answer", str(found["error"])[:300])
    if "data" not in found:
        raise BadAnswer("unexpected shape", f"no data; fields: {sorted(found)[:10]}")
    rows = rows_in(found, "data")
    if len(rows) >= ROW_CAP:
        raise BadAnswer("row cap reached", f"{len(rows)} rows, cut without notice at {ROW_CAP}")
    return rows


def _with_issue(read: TradeFlow | Rejected) -> Iterator[TradeFlow | Rejected | Issue]:
    yield read
    if isinstance(read, Rejected) and read.reason == "unknown area":
        yield Issue("unmapped_value", f"area {read.example}")
    if isinstance(read, Rejected) and read.reason == "not what was asked":
        yield Issue("not_asked", read.example)


def flow(row: object, asked: dict[str, str], url: str) -> TradeFlow | Rejected:
    """One row, or why not: only totals of what was asked, between two countries of today, with a value."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    if any(row.get(name) != total for name, total in TOTALS.items()) or row.get("mosCode") not in NO_MODE_OF_SUPPLY:
        return Rejected("other breakdown", f"{text_in(row, 'customsCode', 10)} {whole_in(row, 'motCode')}")
    if any(name in asked and str(row.get(name)) not in asked[name].split(",") for name in ASKED):
        got = (text_in(row, name, 10) or str(whole_in(row, name)) for name in ("reporterCode", "partnerCode", "period", "cmdCode"))
        return Rejected("not what was asked", f"reporter {' '.join(got)}")
    reporter, partner = whole_in(row, "reporterCode"), whole_in(row, "partnerCode")
    reporter_iso, partner_iso = area(reporter), "WLD" if partner == WORLD else area(partner)
    for code, iso in ((reporter, reporter_iso), (partner, partner_iso)):
        if isinstance(iso, Rejected):
            return Rejected(iso.reason, f"{code} {text_in(row, 'reporterDesc', 60) or ''}".strip())
    if reporter == partner:
        return Rejected("trade with itself", f"{reporter}")
    if partner in (WORLD, INDONESIA) and asked.get("flowCode") == "M" and "reporterCode" in asked and "partnerCode" not in asked:
        return Rejected("asked by year", f"{reporter_iso} {partner_iso}")  # one row, one answer: else its evidence changes every night
    return _trade_flow(row, str(reporter_iso), str(partner_iso), url)


@cache
def _odd_areas() -> dict[int, tuple[str, str]]:
    """Area code -> (kind, alpha-3) of the codes that are not ISO numeric, from comtrade_areas.csv."""
    lines = files("spiders.trade_data").joinpath("comtrade_areas.csv").read_text("utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {int(row["code"]): (row["kind"], row["alpha3"]) for row in rows}


def area(code: int | None) -> str | Rejected:
    """ISO 3166-1 alpha-3 of a Comtrade area code, or why it is no country."""
    if code is None or not 0 <= code <= 999:
        return Rejected("unknown area")
    kind, alpha3 = _odd_areas().get(code, ("", ""))
    if kind:
        return alpha3 if kind == "country" else Rejected("group of countries" if kind == "group" else "former country")
    country = pycountry.countries.get(numeric=f"{code:03d}")
    return str(country.alpha_3) if country else Rejected("unknown area")


def _trade_flow(row: Json, reporter: str, partner: str, url: str) -> TradeFlow | Rejected:
    code, period, flow_name = text_in(row, "cmdCode", 10), text_in(row, "period", 7), FLOWS.get(str(row.get("flowCode")))
    if not (code and (code.isdigit() or code == ALL_GOODS) and period and period.isdigit() and flow_name):
        return Rejected("no code, period or flow", f"{code} {period}")
    value, valuation = value_of(row)
    if value is None:
        return Rejected("no value", f"{reporter} {period}")
    if value < 0:
        return Rejected("negative value", f"{reporter} {period}")
    weight, estimated = weight_of(row)
    return TradeFlow(
        key=f"{reporter}|{partner}|{flow_name}|{code}|{period}",
        url=url,
        reporter=reporter,
        partner=partner,
        flow=flow_name,
        hs_code=code,
        period=period,
        hs_edition=text_in(row, "classificationCode", 5),
        value=value,
        currency="USD",
        valuation=valuation,
        net_kg=weight,
        net_kg_estimated=estimated,
    )


def value_of(row: Json) -> tuple[float | None, str | None]:
    """USD and what it includes: most report imports CIF; where only a FOB value stands (Canada, Mexico), it is FOB."""
    primary, cif, fob = (number_in(row, name) for name in ("primaryValue", "cifvalue", "fobvalue"))
    value = next((figure for figure in (primary, cif, fob) if figure is not None), None)
    if value is None:
        return None, None
    return value, next((name for name, figure in (("CIF", cif), ("FOB", fob)) if figure == value), None)


def weight_of(row: Json) -> tuple[float | None, bool | None]:
    """Net kg and whether it was estimated; Comtrade prints 0 where no weight was reported."""
    weight = number_in(row, "netWgt")
    if weight is None or weight <= 0:
        return None, None
    estimated = row.get("isNetWgtEstimated")
    return weight, estimated if isinstance(estimated, bool) else None


def identical_years(flows: Iterable[TradeFlow]) -> Iterator[Issue]:
    """An issue for each pair of consecutive years with the very same value: a copied year, seen in published trade data.

    Works across answers: give it the flows of a whole run.
    """
    series: dict[tuple[str, str, str, str], dict[int, TradeFlow]] = defaultdict(dict)
    for one in flows:
        if len(one.period) == 4 and one.period.isdigit():
            series[one.reporter, one.partner, one.flow, one.hs_code][int(one.period)] = one
    for (reporter, partner, name, code), years in sorted(series.items()):
        for before, after in pairwise(sorted(years)):
            earlier, later = years[before], years[after]
            if after == before + 1 and earlier.value and (earlier.value, earlier.net_kg) == (later.value, later.net_kg):
                yield Issue(
                    "identical_years", f"{reporter} {name} {code} from {partner}: {before} and {after} are both {later.value:.0f} USD"
                )
