"""HMRC Overseas Trade Statistics: what the United Kingdom imports under a code, month by month and origin by origin."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote, unquote, urlsplit

from scrapy.http import Request

from market_db.seen import TradeFlow
from market_db.values.places import iso3
from spiders.base.json_api import (
    Json,
    JsonApiSpider,
    Shape,
    ShapeWatch,
    json_object,
    missing_in,
    number_in,
    object_in,
    rows_in,
    text_in,
    whole_in,
)
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

SERVICE = "https://api.uktradeinfo.com/"
LOOK_BACK_MONTHS = 36
MONTHS_ASKED = 3
"""Months of one request: small enough that its rows (one for each origin and port) stay on one page of 30,000."""
ROW_CAP = 30_000
"""Rows of a page of the service."""
MAX_ANSWER = 60 * 1024 * 1024
IMPORTS = (1, 3)
"""FlowTypeId of imports from the EU and from elsewhere; 2 and 4 are exports."""
HIDDEN, NO_ORIGIN, NO_WEIGHT = (1,), (2, 3), (3, 4, 5)
"""SuppressionIndex: nothing published; origin hidden; weight hidden (uktradeinfo.com, list of suppressions)."""
OWN_CODES = {"XK": "XKX", "XS": "SRB"}
"""HMRC's own alpha codes of countries; ISO has none for Kosovo, and XS is Serbia in older months."""

COUNTRY: Shape = {
    **dict.fromkeys(("CountryId", "CountryCodeNumeric", "RegionId"), (int, str)),
    **dict.fromkeys(("CountryCodeAlpha", "CountryName", "Area1", "Area1a", "Area2", "Area2a", "Area3", "Area3a"), str),
    **dict.fromkeys(("Area4", "Area4a", "Area5", "Area5a"), str),
}
OTS_SHAPE: Shape = {
    **dict.fromkeys(("MonthId", "FlowTypeId", "SuppressionIndex", "CommodityId", "CommoditySitcId", "CountryId", "PortId"), int),
    **dict.fromkeys(("Value", "NetMass", "SuppUnit"), (int, float)),
    "Country": COUNTRY,
}
NEEDED = ("MonthId", "FlowTypeId", "SuppressionIndex", "CommodityId", "CountryId", "Value", "NetMass", "Country")
_MONTHS = re.compile(r"MonthId ge (\d{6}) and MonthId le (\d{6})")
_HS6 = re.compile(r"Hs6Code eq '(\d{6})'")


class HmrcOts(JsonApiSpider):
    """One request per HS6 code and quarter of a year; rows of ports are added up here."""

    name = "hmrc_ots"
    about = Source(
        title="UK overseas trade statistics (HMRC)",
        publisher="HM Revenue & Customs",
        home="https://www.uktradeinfo.com/",
        licence="Open Government Licence v3.0",
        attribution="Contains HMRC data, (c) Crown copyright, licensed under the Open Government Licence v3.0",
        terms_url="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("api.uktradeinfo.com",),
        countries=("GB",),
        every=timedelta(days=7),
        expect=Expect(least=100, most=100_000),
        pace=Pace(delay=2.0, max_requests=200),  # 60 requests a minute are allowed
        api=True,
        api_robots="documented public API, 60 calls a minute; its front door answers 403 at random, to robots.txt too",
        retry_403=5,
        note="Monthly, six weeks behind, GBP, CIF; months are revised for over a year. Shape unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """Every HS6 code of the product types, the last 36 months before this one, three months at a time."""
        for hs6 in dict.fromkeys(code for product in self.products for code in product.hs):
            for since, until in spans(self.as_of):
                yield self.ask(imports_url(hs6, since, until), meta={"download_maxsize": MAX_ANSWER})

    def read(self, answer: Answer) -> Reading:
        """Trade flows of CN8 codes and of the HS6 code above them."""
        return read_ots(answer)


def spans(as_of: date) -> Iterator[tuple[int, int]]:
    """First and last MonthId of each request, newest first; the current month is not over and never asked."""
    last = as_of.year * 12 + as_of.month - 2
    for end in range(last, last - LOOK_BACK_MONTHS, -MONTHS_ASKED):
        yield _month_id(end - MONTHS_ASKED + 1), _month_id(end)


def _month_id(months: int) -> int:
    return months // 12 * 100 + months % 12 + 1


def imports_url(hs6: str, since: int, until: int) -> str:
    """Imports of every CN8 code under an HS6 code by month, origin and port, in HMRC's OData."""
    flows = " or ".join(f"FlowTypeId eq {flow}" for flow in IMPORTS)
    wanted = f"MonthId ge {since} and MonthId le {until} and ({flows}) and Commodity/Hs6Code eq '{hs6}'"
    return f"{SERVICE}OTS?$filter={quote(wanted, safe='()/')}&$expand=Country"


@dataclass(frozen=True, slots=True)
class OtsRow:
    """One readable row."""

    cn8: str
    period: str
    origin: str | None
    """ISO 3166-1 alpha-3; None = hidden by suppression or no country."""
    gbp: float | None
    """None = suppressed: then no sum over it is whole."""
    net_kg: float | None
    """None = not published."""


def read_ots(answer: Answer) -> Reading:
    """Flows by CN8 code, month and origin, the world row of each code and month, and the same of the whole HS6 code.

    HMRC prints no totals: world rows and HS6 rows are sums of everything in the answer, marked `derived`. That is why an answer that goes
    on with another page is refused. Raises BadAnswer as `json_object`, "another query", "unexpected shape" without `value`, "row cap
    reached" for a page that is not the last.
    """
    if not urlsplit(answer.url).path.startswith("/OTS"):
        raise BadAnswer("another query", "importers of the same service: uk_trade_info reads them")
    found = json_object(answer)
    if "value" not in found:
        raise BadAnswer("unexpected shape", f"no value; fields: {sorted(found)[:10]}")
    if found.get("@odata.nextLink"):
        raise BadAnswer(
            "row cap reached", "the answer goes on with another page, and sums over half of it would be wrong: ask fewer months"
        )
    rows = rows_in(found, "value")
    if len(rows) >= ROW_CAP:
        raise BadAnswer("row cap reached", f"{len(rows)} rows, as many as one page holds, and no next page is named: ask fewer months")
    yield from missing_in(rows, NEEDED)
    address, watch, kept = unquote(answer.url), ShapeWatch(OTS_SHAPE), list[OtsRow]()
    for row in rows:
        if isinstance(row, dict):
            yield from watch.look(row)
        read = ots_row(row, _MONTHS.search(address), _HS6.search(address))
        if isinstance(read, OtsRow):
            kept.append(read)
        if isinstance(read, Rejected) or read.gbp is None:
            yield read if isinstance(read, Rejected) else Rejected("suppressed", f"{read.cn8} {read.period}")
    yield from _flows(kept, answer.url)


def ots_row(row: object, months: re.Match[str] | None, hs6: re.Match[str] | None) -> OtsRow | Rejected:
    """One row, or why not."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    month, commodity, suppressed = (whole_in(row, name) for name in ("MonthId", "CommodityId", "SuppressionIndex"))
    if month is None or not 190001 <= month <= 299912 or not 1 <= month % 100 <= 12:
        return Rejected("bad month", f"MonthId {str(month)[:20]}")
    if commodity is None or not 0 < commodity < 10**8:
        return Rejected("no CN8 code", f"CommodityId {str(commodity)[:20]}")  # below 0: estimates that belong to no code
    if whole_in(row, "FlowTypeId") not in IMPORTS or not _asked(month, f"{commodity:08d}", months, hs6):
        return Rejected("not what was asked", f"{commodity:08d} {month}")
    return _row(row, f"{commodity:08d}", f"{month // 100}-{month % 100:02d}", suppressed or 0)


def _asked(month: int, cn8: str, months: re.Match[str] | None, hs6: re.Match[str] | None) -> bool:
    """Whether the query in the address asked for such a row; an address without query asks for all."""
    return (months is None or int(months[1]) <= month <= int(months[2])) and (hs6 is None or cn8.startswith(hs6[1]))


def _row(row: Json, cn8: str, period: str, suppressed: int) -> OtsRow | Rejected:
    value = number_in(row, "Value")
    if suppressed in HIDDEN:
        return OtsRow(cn8, period, None, None, None)
    if value is None or value < 0:
        return Rejected("no value" if value is None else "negative value", f"{cn8} {period}")
    origin = None if suppressed in NO_ORIGIN else country_of(row)
    if origin is None and suppressed not in NO_ORIGIN and suppressed in NO_WEIGHT:
        return Rejected("total of a suppressed code", f"{cn8} {period}")  # its value stands in the rows by origin
    if origin == "GBR":
        return Rejected("trade with itself", f"{cn8} {period}")
    weight = number_in(row, "NetMass")
    return OtsRow(cn8, period, origin, value, weight if weight is not None and weight >= 0 and suppressed not in NO_WEIGHT else None)


def country_of(row: Json) -> str | None:
    """ISO alpha-3 of a row's origin; None for stores, provisions, secret and unknown countries (HMRC's codes with Q and X)."""
    alpha = text_in(object_in(row, "Country"), "CountryCodeAlpha", 4) or ""
    return OWN_CODES.get(alpha) or iso3(alpha)


def _flows(rows: list[OtsRow], url: str) -> Iterator[TradeFlow | Issue]:
    """Ports added up, then origins and codes; no total and no HS6 sum where a part of it is suppressed."""
    sums: dict[tuple[str, str, str], list[OtsRow]] = defaultdict(list)
    torn = {(code, row.period) for row in rows if row.gbp is None for code in (row.cn8, row.cn8[:6])}
    shown = [row for row in rows if row.gbp is not None]
    for row in shown:
        for code in (row.cn8, row.cn8[:6]):
            for partner in ("WLD", row.origin):
                if partner and ((code, row.period) not in torn or (partner != "WLD" and len(code) == 8)):
                    sums[code, row.period, partner].append(row)
    for (code, period, partner), parts in sums.items():
        yield flow_of(code, period, partner, parts, url)
    if unnamed := sum(row.origin is None for row in shown):
        yield Issue("origin_unknown", f"{unnamed} rows name no country; they count in the total only")


def flow_of(code: str, period: str, partner: str, parts: list[OtsRow], url: str) -> TradeFlow:
    """Sum of the parts; the weight only where all of them have one."""
    weights = [part.net_kg for part in parts if part.net_kg is not None]
    whole = len(weights) == len(parts) and sum(weights) > 0  # a consignment below half a kg weighs 0 in HMRC's whole kg
    return TradeFlow(
        key=f"GBR|{partner}|import|{code}|{period}",
        url=url,
        reporter="GBR",
        partner=partner,
        flow="import",
        hs_code=code,
        period=period,
        value=sum(part.gbp or 0.0 for part in parts),
        currency="GBP",
        valuation="CIF",
        net_kg=sum(weights) if whole else None,
        net_kg_estimated=False if whole else None,
        quality="derived" if partner == "WLD" or len(code) == 6 else "reported",
    )
