"""US Census Bureau: what the United States import under a code, by month and origin, months before the world's statistics have it."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request

from market_db.seen import TradeFlow
from market_db.values.places import iso3
from spiders.base.json_api import JsonApiSpider, clean_text
from spiders.keys import PLACEHOLDER, keyless
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected, load_json
from spiders.source import Expect, Pace, Source

DATA = "https://api.census.gov/data/timeseries/intltrade/imports/hs"
YEARS = 6
MOST = 1e13
MONTH_CIF, MONTH_CUSTOMS, YEAR_CIF, YEAR_CUSTOMS = "GEN_CIF_MO", "GEN_VAL_MO", "GEN_CIF_YR", "GEN_VAL_YR"
ASKED = ("CTY_CODE", "CTY_NAME", "I_COMMODITY", MONTH_CIF, MONTH_CUSTOMS, YEAR_CIF, YEAR_CUSTOMS)
ADDED = ("COMM_LVL", "I_COMMODITY", "time")
"""Columns that the service adds because they stand in the query; I_COMMODITY comes twice."""
TOTAL = "-"
"""Country code of the row of all countries."""


class UsCensus(JsonApiSpider):
    """One request per HS6 code for the months of this year and the last, and one for December of each year before."""

    name = "us_census"
    about = Source(
        title="US imports (Census Bureau)",
        publisher="US Census Bureau",
        home="https://www.census.gov/foreign-trade/",
        licence="public domain (US government work)",
        attribution="This product uses the Census Bureau Data API but is not endorsed or certified by the Census Bureau.",
        terms_url="https://www.census.gov/data/developers/about/terms-of-service.html",
        terms_read=None,
        basis="open licence",
        hosts=("api.census.gov",),
        countries=("US",),
        every=timedelta(days=14),
        expect=Expect(least=50, most=50_000),
        pace=Pace(delay=2.0, max_requests=60),
        api=True,
        key_env="CENSUS_API_KEY",
        empty_statuses=(204,),
        note="Free key from api.census.gov/data/key_signup.html. Five weeks behind, USD, CIF. Shape unverified until the first live check.",
    )
    handle_httpstatus_list = [204, 400]  # noqa: RUF012 - no content; what was wrong with the question

    def first_requests(self) -> Iterator[Request]:
        """Whole years through December's year-to-date figures; months up to the last that is over."""
        for hs6 in dict.fromkeys(code for product in self.products for code in product.hs):
            for year in range(self.as_of.year - 2, self.as_of.year - 1 - YEARS, -1):
                yield self.ask(imports_url(hs6, f"{year}-12"))
            yield self.ask(imports_url(hs6, f"from {self.as_of.year - 1}-01 to {last_month(self.as_of)}"))

    def read(self, answer: Answer) -> Reading:
        """Trade flows."""
        return read_imports(answer)


def last_month(as_of: date) -> str:
    """The last month that is over, YYYY-MM: the current one is never asked."""
    return (as_of.replace(day=1) - timedelta(days=1)).isoformat()[:7]


def imports_url(hs6: str, time: str) -> str:
    """General imports of one code from every country and from all of them together."""
    asked = {"get": ",".join(ASKED), "COMM_LVL": "HS6", "I_COMMODITY": hs6, "time": time}
    return f"{DATA}?{urlencode(asked, safe=',')}&key={PLACEHOLDER}"


def read_imports(answer: Answer) -> Reading:
    """Flows by month and country, of December also those of the whole year; the row of all countries is the world's.

    Raises BadAnswer as `rows_of`.
    """
    if answer.status == 204:
        return
    header, rows = rows_of(answer)
    yield from (Issue("new_field", name) for name in header if name not in {*ASKED, *ADDED})
    asked, unknown = parse_qs(urlsplit(answer.url).query), set[str]()
    for row in rows:
        if not isinstance(row, list) or len(row) != len(header):
            yield Rejected("ragged row", f"{len(row) if isinstance(row, list) else type(row).__name__} of {len(header)}")
            continue
        for read in flows_of(dict(zip(header, row, strict=True)), asked, keyless(answer.url)):
            yield read
            if isinstance(read, Rejected) and read.reason == "unknown area":
                unknown.add(read.example)
    yield from (Issue("unmapped_value", f"country {code}") for code in sorted(unknown))


def rows_of(answer: Answer) -> tuple[list[str], list[object]]:
    """Header and rows.

    Raises BadAnswer: "key refused" (an HTML page with status 200), "refused query" with the source's words, "missing column" (names them),
    "unexpected shape", and as `load_json`.
    """
    start = answer.body[:2_000].lower()
    if b"invalid key" in start or b"missing key" in start:
        raise BadAnswer("key refused", "the Census Bureau does not know the key in CENSUS_API_KEY: ask for one, or confirm it by its mail")
    if answer.status >= 400:
        raise BadAnswer("refused query", answer.body[:400].decode("utf-8", "replace"))
    found = load_json(answer)
    head = found[0] if isinstance(found, list) and found else None
    if not isinstance(found, list) or not isinstance(head, list) or not all(isinstance(name, str) for name in head):
        raise BadAnswer("unexpected shape", f"{type(found).__name__} without a header row")
    header = [clean_text(name, 60) or "?" for name in head]
    missing = [name for name in ("CTY_CODE", "I_COMMODITY", MONTH_CIF, MONTH_CUSTOMS, "time") if name not in header]
    if missing:
        raise BadAnswer("missing column", f"{', '.join(missing)}; there are: {', '.join(header)}"[:400])
    return header, found[1:]


def flows_of(row: Mapping[str, object], asked: Mapping[str, list[str]], url: str) -> Iterator[TradeFlow | Rejected]:
    """Flows of one row, or why there is none."""
    code, month = (clean_text(row.get(name), 12) or "" for name in ("I_COMMODITY", "time"))
    where = f"{clean_text(row.get('CTY_CODE'), 8)} {month}"
    if code not in asked.get("I_COMMODITY", [code]) or not _in_time(month, asked.get("time", [""])[0]):
        yield Rejected("not what was asked", f"{code} {where}")
        return
    partner = area(clean_text(row.get("CTY_CODE"), 8) or "")
    if isinstance(partner, Rejected):
        yield partner
        return
    yield _flow(row, (MONTH_CIF, MONTH_CUSTOMS), (partner, code, month), url)
    if month.endswith("-12") and YEAR_CIF in row:
        yield _flow(row, (YEAR_CIF, YEAR_CUSTOMS), (partner, code, month[:4]), url)


def _in_time(month: str, asked: str) -> bool:
    """Whether YYYY-MM is a month of what was asked: one month, or "from ... to ..."."""
    parts = asked.split()
    since, until = (parts[1], parts[3]) if len(parts) == 4 else (asked or "0", asked or "9")
    return len(month) == 7 and month[4] == "-" and since <= month <= until


@cache
def _countries() -> Mapping[str, str]:
    """Schedule C code -> ISO alpha-2, or "-" for a part of a country."""
    lines = files("spiders.trade_data").joinpath("us_census_countries.csv").read_text("utf-8").splitlines()
    return {row["code"]: row["alpha2"] for row in csv.DictReader(line for line in lines if not line.startswith("#"))}


def area(code: str) -> str | Rejected:
    """ISO 3166-1 alpha-3 of a Schedule C code (WLD for all countries), or why it is no country."""
    if code == TOTAL:
        return "WLD"
    if code.endswith("X") or code.startswith("00"):
        return Rejected("group of countries", code)  # 1 and three X: North America; 0003: the European Union
    alpha2 = _countries().get(code, "")
    if alpha2 == "-":
        return Rejected("part of a country", code)
    return iso3(alpha2) or Rejected("unknown area", code)


def _flow(row: Mapping[str, object], names: tuple[str, str], about: tuple[str, str, str], url: str) -> TradeFlow | Rejected:
    """One figure: CIF where it is there, else the customs value, which leaves out freight (FOB)."""
    (partner, code, period), (cif, customs) = about, (value_of(row.get(name)) for name in names)
    value = cif if cif is not None else customs
    if value is None:
        return Rejected("no value", f"{partner} {code} {period}")
    return TradeFlow(
        key=f"USA|{partner}|import|{code}|{period}",
        url=url,
        reporter="USA",
        partner=partner,
        flow="import",
        hs_code=code,
        period=period,
        value=value,
        currency="USD",
        valuation="CIF" if cif is not None else "FOB",
    )


def value_of(printed: object) -> float | None:
    """Whole dollars, printed as text; None for anything else."""
    text = clean_text(printed, 20) if isinstance(printed, str | int) else None
    return float(text) if text and text.isascii() and text.isdigit() and float(text) <= MOST else None
