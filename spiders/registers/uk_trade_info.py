"""HMRC UK Trade Info: who imported which CN8 code into the United Kingdom, month by month."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import quote, urlsplit

from scrapy.http import Request, Response

from market_db.seen import Party, Registration
from market_db.values.names import looks_like_company
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, clean_text, json_object, rows_in, text_in, whole_in
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

SERVICE = "https://api.uktradeinfo.com/"
LOOK_BACK_MONTHS = 24
MAX_PAGES = 30
ROW_CAP = 30_000
"""Rows of a page of the service, in the answer and in a list within it; that many without a link to the next are cut off."""
MAX_ANSWER = 60 * 1024 * 1024
"""Bytes; 24 months of importers of one busy HS6 code pass the usual 10 MB, because each month repeats the trader."""
MAX_NAME = 300
MAX_TRADER_ID = 10**12

COMMODITY_SHAPE: Shape = {
    **dict.fromkeys(
        ("Cn8Code", "Hs2Code", "Hs4Code", "Hs6Code", "Hs2Description", "Hs4Description", "Hs6Description"),
        str,
    ),
    **dict.fromkeys(("SitcCommodityCode", "Cn8LongDescription", "Imports@odata.nextLink"), str),
    "CommodityId": int,
    "Imports": list,
}
IMPORT_SHAPE: Shape = {"TraderId": int, "CommodityId": int, "MonthId": int, "Trader": dict}
ADDRESS = ("Address1", "Address2", "Address3", "Address4", "Address5")
TRADER_SHAPE: Shape = {"TraderId": int, "CompanyName": str, "PostCode": str, **dict.fromkeys(ADDRESS, str)}


class UkTradeInfo(JsonApiSpider):
    """One request per HS6 code, with all importers of the last 24 months nested inside."""

    name = "uk_trade_info"
    about = Source(
        title="UK Trade Info: importers by commodity code",
        publisher="HM Revenue & Customs",
        home="https://www.uktradeinfo.com/",
        licence="Open Government Licence v3.0",
        attribution="Contains HMRC data, (c) Crown copyright, licensed under the Open Government Licence v3.0",
        terms_url="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("api.uktradeinfo.com",),
        countries=("GB",),
        roles=("importer",),
        personal_data="A few sole traders under their own names: marked as natural persons and refused by the privacy step.",
        every=timedelta(days=7),
        expect=Expect(least=10, most=60_000),
        pace=Pace(delay=1.2, max_requests=120),  # 60 requests a minute are allowed
        api=True,
        api_robots="documented public API, 60 calls a minute; its front door answers 403 at random, to robots.txt too",
        retry_403=5,
        note="Monthly, about six weeks behind. The front door answers 403 to about one call in three and clears on retry.",
    )

    def first_requests(self) -> Iterator[Request]:
        """One request per HS6 code of the product types."""
        since = month_id(self.as_of, LOOK_BACK_MONTHS)
        for hs6 in dict.fromkeys(code for product in self.products for code in product.hs):
            yield self.ask(importers_url(hs6, since), meta={"page": 1, "download_maxsize": MAX_ANSWER})

    def read(self, answer: Answer) -> Reading:
        """Registrations of importers."""
        return read_importers(answer)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """The next page, of commodities or of one commodity's importers; never on another host."""
        page = int(response.meta.get("page", 1))
        for link in next_links(json_object(answer_of(response))):
            if not link.startswith(SERVICE):
                self.note(self.name, Issue("foreign_link", link[:200], broken=True), response.url)
            elif page >= MAX_PAGES:
                self.note(self.name, Issue("partial_answer", f"stopped after {page} pages", broken=True), response.url)
            elif link != response.url:
                yield self.ask(link, meta={"page": page + 1, "download_maxsize": MAX_ANSWER})


def month_id(as_of: date, months_back: int) -> int:
    """HMRC's MonthId (YYYYMM) of the month so many months before."""
    months = as_of.year * 12 + as_of.month - 1 - months_back
    return months // 12 * 100 + months % 12 + 1


def importers_url(hs6: str, since: int) -> str:
    """Importers of every CN8 code under an HS6 code; the form of HMRC's own example query."""
    wanted = quote(f"Hs6Code eq '{hs6}'")
    nested = quote(f"Imports($filter=MonthId ge {since};$expand=Trader)", safe="()$;=")
    return f"{SERVICE}Commodity?$filter={wanted}&$expand={nested}"


def next_links(answer: Json) -> list[str]:
    """Paging links of the answer and of the lists nested in it."""
    places = [answer.get("@odata.nextLink")]
    places += [row.get("Imports@odata.nextLink") for row in rows_in(answer, "value") if isinstance(row, dict)]
    return [link for link in places if isinstance(link, str) and len(link) <= 4_000]


def read_importers(answer: Answer) -> Reading:
    """One Registration per trader and CN8 code, with the months in which HMRC lists it.

    Takes pages of commodities and pages of one commodity's imports. Raises BadAnswer as `json_object`, "unexpected shape" where
    there is no `value`, and "another query" for an archived answer of the service's trade statistics.
    """
    if urlsplit(answer.url).path.startswith("/OTS"):
        raise BadAnswer("another query", "trade statistics of the same service: hmrc_ots reads them")
    found = json_object(answer)
    if "value" not in found:
        raise BadAnswer("unexpected shape", f"no value; fields: {sorted(found)[:10]}")
    yield from cut_lists(found)
    months: dict[tuple[int, str], set[str]] = defaultdict(set)
    traders: dict[tuple[int, str], Json] = {}
    for row in _import_rows(rows_in(found, "value")):
        if isinstance(row, Issue | Rejected):
            yield row
        else:
            key, month, trader = row
            months[key].add(month)
            traders.setdefault(key, trader)
    rest = any(isinstance(row, dict) and "MonthId" in row for row in rows_in(found, "value"))
    for key, trader in traders.items():
        yield registration(key, trader, sorted(months[key]), answer.url, rest=rest)


def cut_lists(found: Json) -> Iterator[Issue]:
    """Broken issues for lists as long as a page that name no next one."""
    lists = [(found, "value", "@odata.nextLink")]
    lists += [(row, "Imports", "Imports@odata.nextLink") for row in rows_in(found, "value") if isinstance(row, dict)]
    for row, name, link in lists:
        held = row.get(name)
        if isinstance(held, list) and len(held) >= ROW_CAP and not row.get(link):
            yield Issue("partial_answer", f"{name}: {len(held)} rows are a full page, and no next page is named", broken=True)


ImportRow = tuple[tuple[int, str], str, Json]


def _import_rows(rows: list[object]) -> Iterator[ImportRow | Rejected | Issue]:
    """Readable import rows as ((trader id, CN8), month, trader), and what was odd about the others."""
    commodities, imports, traders = ShapeWatch(COMMODITY_SHAPE), ShapeWatch(IMPORT_SHAPE), ShapeWatch(TRADER_SHAPE)
    for row, is_import in _flattened(rows):
        if not isinstance(row, dict):
            yield Rejected("not an object")
        elif not is_import:
            yield from commodities.look(row)
        else:
            yield from imports.look(row)
            trader = row.get("Trader")
            if isinstance(trader, dict):
                yield from traders.look(trader)
            yield import_row(row)


def _flattened(rows: list[object]) -> Iterator[tuple[object, bool]]:
    """Each commodity, then its imports; True marks an import. A page of imports alone has no commodities."""
    for row in rows:
        is_import = isinstance(row, dict) and "MonthId" in row
        yield row, is_import
        if isinstance(row, dict) and isinstance(row.get("Imports"), list):
            yield from ((nested, True) for nested in row["Imports"])


def import_row(row: Json) -> ImportRow | Rejected:
    """One import row as ((trader id, CN8), YYYY-MM, trader), or why not; a rejection never shows a name."""
    trader_id, commodity, month = whole_in(row, "TraderId"), whole_in(row, "CommodityId"), whole_in(row, "MonthId")
    trader = row.get("Trader")
    if not isinstance(trader, dict):
        return Rejected("no trader", f"TraderId {trader_id}")
    if trader_id is None or not 0 < trader_id < MAX_TRADER_ID or commodity is None or not 0 < commodity < 10**8:
        return Rejected("no ids", f"TraderId {str(trader_id)[:20]}, CommodityId {str(commodity)[:20]}")
    if month is None or not 190001 <= month <= 299912 or not 1 <= month % 100 <= 12:
        return Rejected("bad month", f"MonthId {str(month)[:20]}")
    if (clean_text(trader.get("CompanyName"), MAX_NAME + 1) or "") == "":
        return Rejected("no name", f"TraderId {trader_id}")
    if len(str(trader["CompanyName"])) > MAX_NAME:
        return Rejected("name too long", f"TraderId {trader_id}")
    # CommodityId is the CN8 code as a number: 01012910 arrives as 1012910
    return (trader_id, f"{commodity:08d}"), f"{month // 100}-{month % 100:02d}", trader


def registration(key: tuple[int, str], trader: Json, months: list[str], url: str, *, rest: bool = False) -> Registration:
    """A trader under one CN8 code; names without a company marker are taken for people.

    `rest`: from a further page of one commodity's imports; its months stand in a record of their own, beside those of the first page.
    """
    trader_id, cn8 = key
    name = text_in(trader, "CompanyName", MAX_NAME) or ""
    lines = [line for line in (text_in(trader, field) for field in ADDRESS) if line]
    span = months[0] if len(months) == 1 else f"{len(months)} months, {months[0]} to {months[-1]}"
    party = Party(
        name=name,
        role="importer",
        role_proof=f"HMRC lists it as importer of CN8 {cn8} in {span}",
        country="GB",
        country_basis="register",
        address=", ".join(lines) or None,
        postcode=text_in(trader, "PostCode", 20),
        registry="gb-hmrc-trader",
        registry_id=str(trader_id),
        natural_person=not looks_like_company(name),
    )
    return Registration(
        key=f"{trader_id}:{cn8}:{months[0]}" if rest else f"{trader_id}:{cn8}",
        party=party,
        url=url,
        product_codes=(f"cn8:{cn8}",),
        periods=tuple(months),
    )
