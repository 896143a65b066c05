"""BPS (Statistics Indonesia): what Indonesia exports under its own eight-digit codes, to whom, and how much of it through Belawan."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from urllib.parse import parse_qs, urlsplit

from scrapy.http import Request

from market_db.products import ProductType
from market_db.seen import Observation, TradeFlow
from market_db.values.places import iso3, read_country
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, json_object, missing_in, number_in, text_in
from spiders.base.tariffs import products_of
from spiders.keys import PLACEHOLDER, keyless
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

DATA = "https://webapi.bps.go.id/v1/api/dataexim/"
YEARS = 5
EXPORTS, MONTHLY, YEARLY, FULL_CODE = 1, 1, 2, 2
MOST_CODES = 20
"""Codes of one request."""
HOME_PORT = "BELAWAN"
"""The port of Medan."""
SHAPE: Shape = {
    **dict.fromkeys(("value", "netweight"), (int, float)),
    **dict.fromkeys(("kodehs", "pod", "ctr", "tahun", "bulan"), str),
}
NEEDED = ("value", "netweight", "kodehs", "pod", "ctr", "tahun")
_CODE, _MONTH = re.compile(r"\[(\d{8})\]"), re.compile(r"\[(0[1-9]|1[0-2])\]")


@cache
def national_codes() -> Mapping[str, list[str]]:
    """HS6 -> eight-digit codes to ask for, from bps_exim.toml."""
    found: Mapping[str, list[str]] = tomllib.loads(files("spiders.trade_data").joinpath("bps_exim.toml").read_text("utf-8"))["codes"]
    return found


class BpsExim(JsonApiSpider):
    """One request per HS6 code and year, all its eight-digit codes at once; this year and the last also by month."""

    name = "bps_exim"
    about = Source(
        title="BPS: Indonesia's exports by port and destination",
        publisher="Badan Pusat Statistik",
        home="https://webapi.bps.go.id/",
        licence="BPS terms: source named",
        attribution="Sumber: Badan Pusat Statistik (BPS)",
        terms_url="https://webapi.bps.go.id/developer/",
        terms_read=None,
        basis="source named, registered key",
        hosts=("webapi.bps.go.id",),
        countries=("ID",),
        every=timedelta(days=14),
        expect=Expect(least=5, most=50_000),
        pace=Pace(delay=2.0, max_requests=60),
        api=True,
        key_env="BPS_API_KEY",
        note="Free key from webapi.bps.go.id/developer. Two months behind, USD, FOB. Shape known from one documented row only.",
    )

    def first_requests(self) -> Iterator[Request]:
        """Five full years by year, and the months of this year and the last."""
        year = self.as_of.year
        for codes in (national_codes().get(hs6, []) for hs6 in dict.fromkeys(hs for product in self.products for hs in product.hs)):
            if codes:
                spans = [(YEARLY, one) for one in range(year - 1, year - 1 - YEARS, -1)] + [(MONTHLY, year), (MONTHLY, year - 1)]
                yield from (self.ask(exports_url(codes, one, period)) for period, one in spans)

    def read(self, answer: Answer) -> Reading:
        """Trade flows and what went through Belawan."""
        return read_exports(answer, self.products, self.as_of)


def exports_url(codes: Sequence[str], year: int, period: int) -> str:
    """Exports of some codes in one year; the semicolon between codes must arrive as it is."""
    asked = f"sumber={EXPORTS}&periode={period}&kodehs={';'.join(codes[:MOST_CODES])}&jenishs={FULL_CODE}&tahun={year}"
    return f"{DATA}?{asked}&key={PLACEHOLDER}"


@dataclass(frozen=True, slots=True)
class Shipment:
    """One readable row."""

    code: str
    period: str
    country: str
    """ISO 3166-1 alpha-2."""
    port: str
    usd: float
    net_kg: float | None


def read_exports(answer: Answer, products: Sequence[ProductType], as_of: date) -> Reading:
    """One TradeFlow per code, destination and period (ports added up), and an Observation of what left through Belawan.

    `data-availability` is not believed: the documentation's own sample says "not-available" beside data. Raises BadAnswer as `json_object`,
    "error in answer" (sent with status 200), "unexpected shape".
    """
    rows = rows_of(json_object(answer))
    yield from missing_in(rows, NEEDED)
    watch, kept, unknown = ShapeWatch(SHAPE), list[Shipment](), set[str]()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.url).query).items()}
    for row in rows:
        if isinstance(row, dict):
            yield from watch.look(row)
        read = shipment(row, asked, as_of)
        if isinstance(read, Shipment):
            kept.append(read)
            continue
        yield read
        if read.reason == "unknown area":
            unknown.add(read.example)
    yield from (Issue("unmapped_value", f"country {name}") for name in sorted(unknown))
    yield from _added_up(kept, products, keyless(answer.url))


def rows_of(found: Json) -> list[object]:
    """The rows, plain or behind an object about pages. Raises BadAnswer."""
    if str(found.get("status", "")).upper() != "OK":
        words = next((text for name in ("message", "error", "status") if (text := text_in(found, name, 300))), "no status")
        raise BadAnswer("error in answer", words)
    if "data" not in found:
        raise BadAnswer("unexpected shape", f"no data; fields: {sorted(found)[:10]}")
    data = found["data"]
    if data in (None, "", []):
        return []
    if not isinstance(data, list):
        raise BadAnswer("unexpected shape", f"data is {type(data).__name__}; fields: {sorted(found)[:10]}")
    if len(data) == 2 and isinstance(data[0], dict) and "page" in data[0] and isinstance(data[1], list):
        if data[0].get("pages") not in (None, 0, 1):
            raise BadAnswer("row cap reached", f"page 1 of {str(data[0]['pages'])[:10]}: sums over it would be wrong, ask fewer codes")
        return data[1]
    return data


def shipment(row: object, asked: Mapping[str, str], as_of: date) -> Shipment | Rejected:
    """One row, or why not."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    code, year = _CODE.match(text_in(row, "kodehs", 200) or ""), text_in(row, "tahun", 6) or ""
    month, wanted = _MONTH.match(text_in(row, "bulan", 30) or ""), asked.get("kodehs", "").split(";")
    if code is None or len(year) != 4 or not year.isdigit():
        return Rejected("no code or year", f"{text_in(row, 'kodehs', 40)} {year}")
    if (wanted != [""] and code[1] not in wanted) or year != asked.get("tahun", year):
        return Rejected("not what was asked", f"{code[1]} {year}")
    if asked.get("periode") == str(MONTHLY) and month is None:
        return Rejected("bad month", f"{code[1]} {year} {text_in(row, 'bulan', 20)}")
    period = f"{year}-{month[1]}" if month and asked.get("periode") != str(YEARLY) else year
    if period >= as_of.isoformat()[: len(period)]:
        return Rejected("not over yet", f"{code[1]} {period}")
    name = text_in(row, "ctr", 100) or ""
    country, usd, kg = read_country(name), number_in(row, "value"), number_in(row, "netweight")
    if country is None:
        return Rejected("unknown area", name)
    if usd is None or usd < 0:
        return Rejected("no value", f"{code[1]} {period} {country}")
    return Shipment(code[1], period, country, text_in(row, "pod", 100) or "", usd, kg if kg is not None and kg > 0 else None)


def _added_up(rows: Sequence[Shipment], products: Sequence[ProductType], url: str) -> Iterator[TradeFlow | Observation]:
    """Ports added up; Belawan's part by itself."""
    sums: dict[tuple[str, str, str], list[Shipment]] = defaultdict(list)
    for row in rows:
        sums[row.country, row.code, row.period].append(row)
    for (country, code, period), parts in sums.items():
        yield _flow(country, code, period, parts, url)
        home = [part.usd for part in parts if part.port.upper() == HOME_PORT]
        for product in products_of(code, products) if home else ():
            key = "|".join(part for part in ("belawan", country, code, period, product) if part)
            yield Observation(
                key=key,
                url=url,
                metric="idn_export_belawan_usd",
                period=period,
                value=sum(home),
                unit="USD",
                country=country,
                product=product,
            )


def _flow(country: str, code: str, period: str, parts: Sequence[Shipment], url: str) -> TradeFlow:
    weights = [part.net_kg for part in parts if part.net_kg is not None]
    whole = len(weights) == len(parts)
    return TradeFlow(
        key=f"IDN|{iso3(country)}|export|{code}|{period}",
        url=url,
        reporter="IDN",
        partner=iso3(country) or country,
        flow="export",
        hs_code=code,
        period=period,
        value=sum(part.usd for part in parts),
        currency="USD",
        valuation="FOB",
        net_kg=sum(weights) if whole else None,
        net_kg_estimated=False if whole else None,
    )
