"""Eurostat Comext: what each EU country imports under a code, month by month and year by year, from everywhere and from every origin."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request

from market_db.seen import TradeFlow
from market_db.values.places import iso3
from spiders.base.json_api import Json, JsonApiSpider, json_object
from spiders.base.json_stat import Cell, cells_of
from spiders.base.tariffs import EU_MEMBERS
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

DATA = "https://ec.europa.eu/eurostat/api/comext/dissemination/statistics/1.0/data/DS-045409"
VALUE, QUANTITY = "VALUE_IN_EUROS", "QUANTITY_IN_100KG"
KG = 100.0
"""The quantity is in hundreds of kilograms, and nothing in the answer says so but its name."""
YEARS, MONTHS = 6, 24
LAG = timedelta(days=120)
"""A year is asked once all member states have reported it: months arrive six to eight weeks late, some later."""
MAX_ANSWER = 40 * 1024 * 1024
DIMENSIONS = ("freq", "reporter", "partner", "product", "flow", "indicators", "time")

WORLD, INDONESIA = "WORLD", "ID"
OWN_CODES = {"EL": "GRC", "XK": "XKX", "XS": "SRB"}
"""Comext's alpha codes that are not ISO: Greece (written GR or EL), Kosovo, Serbia."""
PARTS = {"XI": "Northern Ireland", "XU": "Great Britain", "XC": "Ceuta", "XL": "Melilla"}
"""Parts of a country beside the country itself: adding them to it would count twice, and alone they are no country."""
ESTIMATED = frozenset("es")
"""Status flags of estimates; "p" (provisional) is what was reported so far."""


class EurostatComext(JsonApiSpider):
    """Two requests per code, years and months, each for all reporters at once: far below the five million cells allowed."""

    name = "eurostat_comext"
    handle_httpstatus_list = [400, 413]  # noqa: RUF012 - both say in JSON what was wrong with the question
    about = Source(
        title="Eurostat Comext: imports of EU countries",
        publisher="Eurostat",
        home="https://ec.europa.eu/eurostat/",
        licence="Eurostat: reuse with the source named (Decision 2011/833/EU)",
        attribution="Source: Eurostat (Comext DS-045409)",
        terms_url="https://ec.europa.eu/eurostat/web/main/help/copyright-notice",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("ec.europa.eu",),
        countries=EU_MEMBERS,
        every=timedelta(days=7),
        expect=Expect(least=100, most=200_000),
        pace=Pace(delay=2.0, max_requests=100, max_bytes=500_000_000, max_items=200_000),
        api=True,
        api_robots="documented dissemination API for programs, without key",
        note="Six to eight weeks behind, EUR, CIF at the border of the reporting country. Shape unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """Six full years and 24 months before this one: CN8 codes by year from every origin, all else from the world and Indonesia."""
        hs6 = dict.fromkeys(code for product in self.products for code in product.hs)
        cn8 = dict.fromkeys(code for product in self.products for code in product.cn)
        year, month = (self.as_of - LAG).year - 1, self.as_of.year * 12 + self.as_of.month - 2
        for code in (*hs6, *cn8):
            yield self._ask(imports_url(code, "A", str(year - YEARS + 1), str(year), () if code in cn8 else (WORLD, INDONESIA)))
            yield self._ask(imports_url(code, "M", _month(month - MONTHS + 1), _month(month), (WORLD, INDONESIA)))

    def _ask(self, url: str) -> Request:
        return self.ask(url, meta={"download_maxsize": MAX_ANSWER})

    def read(self, answer: Answer) -> Reading:
        """Trade flows."""
        return read_imports(answer)


def _month(months: int) -> str:
    return f"{months // 12}-{months % 12 + 1:02d}"


def imports_url(code: str, freq: str, since: str, until: str, partners: tuple[str, ...] = ()) -> str:
    """Imports of all reporters from the partners (none named = all of them); `since` and `until` are YYYY or YYYY-MM."""
    asked = [("format", "JSON"), ("lang", "EN"), ("freq", freq), ("product", code), ("flow", "1")]
    asked += [("partner", partner) for partner in partners]
    asked += [("indicators", VALUE), ("indicators", QUANTITY), ("sinceTimePeriod", since), ("untilTimePeriod", until)]
    return f"{DATA}?{urlencode(asked)}"


def read_imports(answer: Answer) -> Reading:
    """One TradeFlow per reporter, partner, code and period that has a value.

    Raises BadAnswer as `json_object` and `cells_of`, and: "extraction too big" (413), "asynchronous answer" (a 200 that only promises the
    data for later), "error in answer", "unexpected shape" where a dimension is missing.
    """
    found = checked(answer)
    asked = parse_qs(urlsplit(answer.url).query)
    rows: dict[tuple[str, str, str, str], dict[str, Cell]] = defaultdict(dict)
    for cell in cells_of(found):
        codes = cell.codes
        if not _was_asked(codes, asked):
            yield Rejected("not what was asked", f"{codes['product'][:12]} {codes['time'][:7]} {codes['flow'][:4]}")
        else:
            rows[codes["reporter"], codes["partner"], codes["product"], codes["time"]][codes["indicators"]] = cell
    unknown = set[str]()
    for (reporter, partner, product, period), cells in rows.items():
        read = flow((reporter, partner, product, period), cells, answer.url)
        yield read
        if isinstance(read, Rejected) and read.reason == "unknown area":
            unknown.add(read.example)
    yield from (Issue("unmapped_value", f"area {code}") for code in sorted(unknown))


def checked(answer: Answer) -> Json:
    """The dataset, when the answer is one."""
    try:
        found = json_object(answer)
    except BadAnswer as bad:
        if bad.reason == "refused query" and "EXTRACTION_TOO_BIG" in bad.detail:
            raise BadAnswer("extraction too big", "ask fewer periods at once: " + bad.detail[:300]) from bad
        raise
    if found.get("warning"):
        raise BadAnswer("asynchronous answer", f"the data are promised for later, ask fewer periods at once: {str(found['warning'])[:300]}")
    if found.get("error"):
        raise BadAnswer("error in answer", str(found["error"])[:400])
    there = found.get("id")
    missing = [name for name in DIMENSIONS if isinstance(there, list) and name not in there]
    if missing:
        raise BadAnswer("unexpected shape", f"no dimension {', '.join(missing)}; there are {str(there)[:200]}")
    return found


def _was_asked(codes: Mapping[str, str], asked: Mapping[str, list[str]]) -> bool:
    """Whether a cell fits the query; an address without query asks for everything."""
    since, until = (asked.get(name, [""])[0] for name in ("sinceTimePeriod", "untilTimePeriod"))
    fits = all(codes[name] in asked[name] for name in ("product", "flow", "freq", "partner") if name in asked)
    return fits and codes["time"] >= since and (not until or codes["time"] <= until)


def area(code: str) -> str | Rejected:
    """ISO 3166-1 alpha-3 of a Comext area code (WLD for the world), or why it is no country."""
    if code == WORLD:
        return "WLD"
    if code in PARTS:
        return Rejected("part of a country", code)
    if len(code) != 2 or code.startswith("Q") or code == "EU":
        # EU27_2020, EXT_EU27_2020, INT_EU27_2020 ...; QP to QZ are stores, provisions, secret and unknown
        return Rejected("group of countries", code[:20])
    return OWN_CODES.get(code) or iso3(code) or Rejected("unknown area", code[:20])


def flow(key: tuple[str, str, str, str], cells: dict[str, Cell], url: str) -> TradeFlow | Rejected:
    """Value and quantity of one reporter, partner, code and period as a flow, or why not."""
    (reporter, partner, product, period), value = key, cells.get(VALUE)
    at, origin = area(reporter), area(partner)
    for found in (at, origin):
        if isinstance(found, Rejected):
            return found
    if at == origin:
        return Rejected("trade with itself", f"{reporter} {period}")
    if value is None or value.value is None:
        return Rejected("confidential" if value and value.status == "c" else "no value", f"{reporter} {partner} {product} {period}"[:100])
    if value.value < 0:
        return Rejected("negative value", f"{reporter} {partner} {period}")
    kg, kg_estimated = weight_of(cells.get(QUANTITY))
    return TradeFlow(
        key=f"{at}|{origin}|import|{product}|{period}",
        url=url,
        reporter=str(at),
        partner=str(origin),
        flow="import",
        hs_code=product,
        period=period,
        value=value.value,
        currency="EUR",
        valuation="CIF",
        net_kg=kg,
        net_kg_estimated=kg_estimated,
        quality="estimated" if value.status and ESTIMATED & set(value.status) else "reported",
    )


def weight_of(cell: Cell | None) -> tuple[float | None, bool | None]:
    """Net kg from hundreds of kg, and whether it was estimated; 0 beside a value means that nobody weighed."""
    if cell is None or cell.value is None or cell.value <= 0:
        return None, None
    return cell.value * KG, bool(cell.status and ESTIMATED & set(cell.status))
