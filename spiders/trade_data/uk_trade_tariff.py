"""UK Trade Tariff: what the United Kingdom takes on each ten-digit code today, in general and from Indonesian goods."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scrapy.http import Request, Response

from market_db.products import ProductType
from spiders.base.json_api import Json, JsonApiSpider, json_object, missing_in, object_in, rows_in, text_in
from spiders.base.spider import answer_of
from spiders.base.tariffs import INDONESIAN, MFN, Rate, tariffs
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected, day_of
from spiders.source import Expect, Pace, Source

API = "https://www.trade-tariff.service.gov.uk/uk/api/v2"
MAX_CODES = 40
"""Ten-digit codes asked below one heading."""
INDONESIA = "ID"
THIRD_COUNTRY, PREFERENCE = frozenset({"103"}), frozenset({"142"})
"""Measure types: third country duty, tariff preference. Quotas (143), suspensions (112, 115) and the rest hold for some only."""
DUTIES = frozenset({"103", "105", "106", "112", "115", "142", "143", "145"})
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,4})?) ?%")


class UkTradeTariff(JsonApiSpider):
    """The heading of each code first, then its declarable ten-digit codes that begin with a CN8 code of the product."""

    name = "uk_trade_tariff"
    handle_httpstatus_list = [400, 404]  # noqa: RUF012 - a code that ended is 404
    about = Source(
        title="UK Trade Tariff",
        publisher="HM Revenue & Customs",
        home="https://www.gov.uk/trade-tariff",
        licence="Open Government Licence v3.0",
        attribution="Contains public sector information licensed under the Open Government Licence v3.0 (UK Trade Tariff)",
        terms_url="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        terms_read=None,
        basis="open licence",
        hosts=("www.trade-tariff.service.gov.uk",),
        countries=("GB",),
        every=timedelta(days=7),
        expect=Expect(least=1, most=500),
        pace=Pace(delay=2.0, max_requests=150),
        api=True,
        empty_statuses=(404,),
        note="Great Britain; Northern Ireland follows the EU. Keyless at a lower limit. Headings unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The headings of the product types' CN8 codes."""
        for heading in dict.fromkeys(code[:4] for product in self.products for code in product.cn):
            yield self.ask(f"{API}/headings/{heading}", meta={"heading": heading})

    def next_requests(self, response: Response) -> Iterator[Request]:
        """Declarable codes of a heading."""
        if "heading" not in response.meta:
            return
        wanted = tuple(code for product in self.products for code in product.cn)
        codes = list(declarable(json_object(answer_of(response)), wanted))
        if len(codes) > MAX_CODES:
            self.note(self.name, Issue("partial_answer", f"{len(codes)} codes, {MAX_CODES} are asked", broken=True), response.url)
        yield from (self.ask(f"{API}/commodities/{code}") for code in codes[:MAX_CODES])

    def read(self, answer: Answer) -> Reading:
        """Observations."""
        return read_commodity(answer, self.products, self.as_of)


def declarable(found: Json, wanted: Sequence[str]) -> Iterator[str]:
    """Ten-digit codes of a heading that goods are declared under and that begin with one of the CN8 codes."""
    for one in rows_in(found, "included"):
        attributes = object_in(one, "attributes") if isinstance(one, dict) and one.get("type") == "commodity" else {}
        code = text_in(attributes, "goods_nomenclature_item_id", 12) or ""
        leaf = attributes.get("declarable", attributes.get("leaf")) is True and text_in(attributes, "producline_suffix", 4) in ("80", None)
        if leaf and len(code) == 10 and code.isdigit() and code.startswith(tuple(wanted)):
            yield code


@dataclass(frozen=True, slots=True)
class Measure:
    """One duty on a code."""

    kind: str
    """Measure type."""
    base: str
    """Duty as printed, e.g. "7.70 %"."""
    holds: bool
    """Whether it is in force on the day, for imports."""
    reaches: bool
    """Whether goods from Indonesia fall under it."""


def read_commodity(answer: Answer, products: Sequence[ProductType], as_of: date) -> Reading:
    """tariff_mfn_pct and, where a preference reaches Indonesia, tariff_idn_pct of one ten-digit code; of a heading nothing.

    The year is that of the answer's own date. Raises BadAnswer as `json_object`, "error in answer", "unexpected shape".
    """
    if answer.status == 404:
        return
    found = json_object(answer)
    if found.get("errors"):
        raise BadAnswer("error in answer", str(found["errors"])[:400])
    data = object_in(found, "data")
    if data.get("type") == "heading":
        return
    code = text_in(object_in(data, "attributes"), "goods_nomenclature_item_id", 12) or ""
    if data.get("type") != "commodity" or not code.isdigit():
        there = sorted(object_in(data, "attributes")) or sorted(data)
        words = f"no commodity with data.attributes.goods_nomenclature_item_id; type {str(data.get('type'))[:40]}, fields: {there}"
        raise BadAnswer("unexpected shape", words[:400])
    yield from parts_missing(found)
    day = day_of(answer, as_of)
    rates: dict[str, list[float]] = {MFN: [], INDONESIAN: []}
    for measure in measures(found, day):
        metric = MFN if measure.kind in THIRD_COUNTRY else INDONESIAN if measure.kind in PREFERENCE and measure.reaches else ""
        rate = _PERCENT.fullmatch(measure.base)
        if not metric or not measure.holds or rate is None:
            yield Rejected(_why_not(measure, metric), f"{code} {measure.kind} {measure.base}"[:100])
        else:
            rates[metric].append(float(rate[1]))
    for metric, known in rates.items():
        if known:
            yield from tariffs(Rate(metric, code, str(day.year), min(known)), ("GB",), products, answer.url)
    if not rates[MFN]:
        yield Issue("no_duty", f"{code}: no third country duty in per cent")


def _why_not(measure: Measure, metric: str) -> str:
    if not metric:
        return "duty for others"
    return "no ad valorem duty" if measure.holds else "not in force"


def measures(found: Json, day: date) -> Iterator[Measure]:
    """Duties of a JSON:API commodity; measures that are no duties (VAT, licences, controls) are passed over."""
    held = {(one.get("type"), one.get("id")): one for one in rows_in(found, "included") if isinstance(one, dict) and _hashable(one)}
    for one in held.values():
        kind = _related(one, "measure_type").get("id") if one.get("type") == "measure" else None
        if not isinstance(kind, str) or kind not in DUTIES:
            continue
        attributes = object_in(one, "attributes")
        duty = held.get(("duty_expression", text_in(_related(one, "duty_expression"), "id")), {})
        since, until = (text_in(attributes, name, 30) or "" for name in ("effective_start_date", "effective_end_date"))
        today = day.isoformat()
        holds = attributes.get("import") is not False and since[:10] <= today and (not until or today <= until[:10])
        base = text_in(object_in(duty, "attributes"), "base", 100) or ""
        yield Measure(kind, base, holds, reaches_indonesia(one, held))


def parts_missing(found: Json) -> Iterator[Issue]:
    """Broken issues `missing_field` for parts that no measure has: without them a duty would be read as another, or as none."""
    if "included" not in found:
        yield Issue("missing_field", f"included; there are: {sorted(found)}"[:500], broken=True)
    included = [one for one in rows_in(found, "included") if isinstance(one, dict)]
    measures = [one for one in included if one.get("type") == "measure"]
    if included and not measures:
        yield Issue("missing_field", "no type says measure", broken=True)
    yield from missing_in(included, ("id", "attributes", "relationships"))
    related = ("measure_type", "duty_expression", "geographical_area", "excluded_countries")
    yield from missing_in([object_in(one, "relationships") for one in measures], related)
    yield from missing_in([object_in(one, "attributes") for one in measures], ("effective_start_date", "effective_end_date"))
    yield from missing_in([object_in(one, "attributes") for one in included if one.get("type") == "duty_expression"], ("base",))


def _hashable(one: Json) -> bool:
    return isinstance(one.get("type"), str) and isinstance(one.get("id"), str)


def _related(one: Json, name: str) -> Json:
    return object_in(object_in(object_in(one, "relationships"), name), "data")


def _ids(one: Json, name: str) -> set[str]:
    rows = rows_in(object_in(object_in(one, "relationships"), name), "data")
    return {str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row}


def reaches_indonesia(measure: Json, held: Mapping[tuple[object, object], Json]) -> bool:
    """Whether Indonesia is the area of a measure or in its group of countries, and not left out."""
    area = text_in(_related(measure, "geographical_area"), "id")
    members = _ids(held.get(("geographical_area", area), {}), "children_geographical_areas")
    return (area == INDONESIA or INDONESIA in members) and INDONESIA not in _ids(measure, "excluded_countries")
