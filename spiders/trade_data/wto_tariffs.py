"""WTO time series: general and lowest preferential duties as members notify them, beside what TRAINS says."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request

from market_db.products import ProductType
from market_db.seen import Observation
from spiders.base.json_api import JsonApiSpider, Shape, ShapeWatch, json_object, missing_in, number_in, rows_in, text_in, whole_in
from spiders.base.tariffs import INDONESIAN, MFN, MOST, Rate, countries_of, tariffs
from spiders.keys import PLACEHOLDER
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

DATA = "https://api.wto.org/timeseries/v1/data"
YEARS = 5
MOST_ROWS = 20_000
INDONESIA = "360"
INDICATORS = {"HS_A_0010": MFN, "HS_P_0070": INDONESIAN}
"""Simple average of MFN ad valorem duties; lowest preferential duty for a partner (HS6)."""

_TEXTS = ("IndicatorCategoryCode", "IndicatorCategory", "IndicatorCode", "Indicator", "ReportingEconomyCode", "ReportingEconomy")
_MORE = ("PartnerEconomyCode", "PartnerEconomy", "ProductOrSectorClassificationCode", "ProductOrSectorClassification")
_REST = ("ProductOrSectorCode", "ProductOrSector", "PeriodCode", "Period", "FrequencyCode", "Frequency", "UnitCode", "Unit")
SHAPE: Shape = {
    **dict.fromkeys((*_TEXTS, *_MORE, *_REST, "ValueFlagCode", "ValueFlag", "TextValue"), str),
    "Year": int,
    "Value": (int, float),
}
NEEDED = ("IndicatorCode", "ReportingEconomyCode", "ProductOrSectorCode", "Year", "Value")


class WtoTariffs(JsonApiSpider):
    """One request per HS6 code and indicator, all reporters and the last five years."""

    name = "wto_tariffs"
    handle_httpstatus_list = [204, 400]  # noqa: RUF012 - 204 says that nothing is there
    about = Source(
        title="WTO: applied tariffs",
        publisher="World Trade Organization",
        home="https://apiportal.wto.org/",
        licence="WTO: use with the source named",
        attribution="Source: World Trade Organization, WTO Stats",
        terms_url="https://www.wto.org/english/tratop_e/tariffs_e/tariff_data_e.htm",
        terms_read=None,
        basis="source named",
        hosts=("api.wto.org",),
        every=timedelta(days=30),
        expect=Expect(least=50, most=20_000),
        pace=Pace(delay=2.0, max_requests=50),  # one call a second is allowed
        api=True,
        key_env="WTO_API_KEY",
        empty_statuses=(204,),
        note="Free key from apiportal.wto.org. Yearly. Shape unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """Every HS6 code of the product types, both indicators."""
        for hs6 in dict.fromkeys(code for product in self.products for code in product.hs):
            for indicator in INDICATORS:
                yield self.ask(rates_url(indicator, hs6, self.as_of.year), headers={"Ocp-Apim-Subscription-Key": PLACEHOLDER})

    def read(self, answer: Answer) -> Reading:
        """Observations."""
        return read_rates(answer, self.products)


def rates_url(indicator: str, hs6: str, year: int) -> str:
    """All reporters on one code, the last five years before this one; preferences for Indonesia only."""
    asked = {"i": indicator, "r": "all", "pc": hs6, "ps": f"{year - YEARS}-{year - 1}", "fmt": "json", "mode": "full", "lang": 1}
    if INDICATORS[indicator] == INDONESIAN:
        asked["p"] = INDONESIA
    return f"{DATA}?{urlencode({**asked, 'off': 0, 'max': MOST_ROWS})}"


def read_rates(answer: Answer, products: Sequence[ProductType]) -> Reading:
    """Observations tariff_mfn_pct and tariff_idn_pct; of the EU one per member.

    Raises BadAnswer as `json_object`, "error in answer", "row cap reached", "unexpected shape" where there is no `Dataset`.
    """
    if answer.status == 204:
        return
    found = json_object(answer)
    if "message" in found:
        raise BadAnswer("error in answer", str(found["message"])[:300])
    if "Dataset" not in found:
        raise BadAnswer("unexpected shape", f"no Dataset; fields: {sorted(found)[:10]}")
    rows = rows_in(found, "Dataset")
    if len(rows) >= MOST_ROWS:
        raise BadAnswer("row cap reached", f"{len(rows)} rows, as many as were asked for: ask fewer years")
    yield from missing_in(rows, NEEDED)
    watch, unknown = ShapeWatch(SHAPE), set[str]()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.url).query).items()}
    for row in rows:
        if isinstance(row, dict):
            yield from watch.look(row)
        read = list(observations(row, asked, products, answer.url))
        yield from read
        unknown |= {one.example for one in read if isinstance(one, Rejected) and one.reason == "unknown area"}
    yield from (Issue("unmapped_value", f"reporter {code}") for code in sorted(unknown))


def observations(row: object, asked: dict[str, str], products: Sequence[ProductType], url: str) -> Iterator[Observation | Rejected]:
    """One row as observations, or why not."""
    if not isinstance(row, dict):
        yield Rejected("not an object")
        return
    code, reporter = text_in(row, "ProductOrSectorCode", 12) or "", text_in(row, "ReportingEconomyCode", 8) or ""
    metric, year = INDICATORS.get(text_in(row, "IndicatorCode", 20) or ""), whole_in(row, "Year")
    if metric is None or code != asked.get("pc", code) or text_in(row, "IndicatorCode", 20) != asked.get("i", row.get("IndicatorCode")):
        yield Rejected("not what was asked", f"{reporter} {code}")
    elif metric == INDONESIAN and (text_in(row, "PartnerEconomyCode", 8) or "") != INDONESIA:
        yield Rejected("other partner", f"{reporter} {text_in(row, 'PartnerEconomyCode', 8)}")
    elif year is None or not 1990 <= year <= 2100 or not code.isdigit():
        yield Rejected("bad year or code", f"{reporter} {code} {year}"[:60])
    elif (rate := number_in(row, "Value")) is None or not 0 <= rate <= MOST:
        yield Rejected("no rate", f"{reporter} {code} {year}")
    elif not (countries := countries_of(reporter)):
        yield Rejected("unknown area", reporter)
    else:
        yield from tariffs(Rate(metric, code, str(year), rate), countries, products, url)
