"""World Bank: how many people a market has, what they earn, how its ports work and how it is governed."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode, urlsplit

from scrapy.http import Request

from market_db.reference import metric_unit
from market_db.seen import Observation
from market_db.values.places import iso2
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, missing_in, number_in, object_in, text_in, whole_in
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected, load_json
from spiders.source import Expect, Pace, Source

API = "https://api.worldbank.org/v2/country/all/indicator/"
YEARS = 12
"""The logistics index is surveyed every two to five years: a shorter look back would find none."""
PER_PAGE = 20_000

NAMED: Shape = dict.fromkeys(("id", "value"), str)
SHAPE: Shape = {
    **dict.fromkeys(("countryiso3code", "date", "unit", "obs_status", "scale"), str),
    **dict.fromkeys(("indicator", "country"), NAMED),
    "value": (int, float),
    "decimal": int,
}
NEEDED = ("indicator", "country", "countryiso3code", "date", "value")


@cache
def indicators() -> Mapping[str, Mapping[str, Any]]:
    """Metric -> code, database and plausible range, from world_bank_data.toml."""
    return tomllib.loads(files("spiders.trade_data").joinpath("world_bank_data.toml").read_text("utf-8"))


class WorldBankData(JsonApiSpider):
    """One request per indicator, with all countries and the last twelve years."""

    name = "world_bank_data"
    about = Source(
        title="World Bank: population, income, logistics, governance",
        publisher="World Bank",
        home="https://data.worldbank.org/",
        licence="CC BY 4.0",
        attribution="World Bank, World Development Indicators and Worldwide Governance Indicators, CC BY 4.0",
        terms_url="https://www.worldbank.org/en/about/legal/terms-of-use-for-datasets",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("api.worldbank.org",),
        every=timedelta(days=30),
        expect=Expect(least=1_000, most=30_000),
        pace=Pace(delay=2.0, max_requests=30),
        api=True,
        api_robots="documented Indicators API for programs, without key",
        note="Yearly, one to two years behind. Shape unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """Every indicator, whatever the products are."""
        if self.products:
            for known in indicators().values():
                yield self.ask(indicator_url(known, self.as_of.year))

    def read(self, answer: Answer) -> Reading:
        """Observations."""
        return read_indicator(answer)


def indicator_url(known: Mapping[str, Any], year: int) -> str:
    """All countries and groups of an indicator, the last twelve years."""
    asked = {"format": "json", "date": f"{year - YEARS}:{year}", "per_page": PER_PAGE}
    if "database" in known:
        asked["source"] = known["database"]
    return f"{API}{known['code']}?{urlencode(asked)}"


def read_indicator(answer: Answer) -> Reading:
    """One Observation per country and year that has a value; groups of countries are counted and left out.

    Raises BadAnswer: as `load_json`, "error in answer" (a list of one element, sent with status 200), "unexpected shape", "refused query".
    """
    meta, rows = pages_of(answer)
    total, pages = whole_in(meta, "total"), whole_in(meta, "pages") or 0
    if pages > 1 or (total is not None and total != len(rows)):
        yield Issue("partial_answer", f"{len(rows)} of {total} rows on {pages} pages came", broken=True)
    yield from missing_in(rows, NEEDED)
    watch, asked = ShapeWatch(SHAPE), urlsplit(answer.url).path.rpartition("/")[2]
    for row in rows:
        if isinstance(row, dict):
            yield from watch.look(row)
        yield observation(row, asked, answer.url)


def pages_of(answer: Answer) -> tuple[Json, list[object]]:
    """What the answer says of its pages, and its rows (none where it says null)."""
    found = load_json(answer)
    if answer.status >= 400:
        raise BadAnswer("refused query", str(found)[:400])
    parts: list[object] = found if isinstance(found, list) else []
    head = parts[0] if parts else None
    if isinstance(head, dict) and (len(parts) == 1 or "message" in head):
        raise BadAnswer("error in answer", str(head.get("message", head))[:400])
    if len(parts) != 2 or not isinstance(head, dict) or not isinstance(parts[1], list | None):
        raise BadAnswer("unexpected shape", f"{type(found).__name__} of {len(parts)} instead of [pages, rows]")
    return head, parts[1] or []


def observation(row: object, asked: str, url: str) -> Observation | Rejected:
    """One row, or why not; `asked` is the indicator's code out of the address."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    code = text_in(object_in(row, "indicator"), "id", 40) or ""
    metric = next((metric for metric, known in indicators().items() if known["code"] == code), None)
    if metric is None or (asked and code != asked):
        return Rejected("not what was asked", code)
    alpha3, year = text_in(row, "countryiso3code", 4) or "", text_in(row, "date", 12) or ""
    country = iso2(alpha3)
    if country is None:
        return Rejected("group of countries", alpha3 or (text_in(object_in(row, "country"), "value", 60) or ""))
    if len(year) != 4 or not year.isascii() or not year.isdigit():
        return Rejected("bad year", f"{alpha3} {year}")
    value, known = number_in(row, "value"), indicators()[metric]
    if value is None:
        return Rejected("no value", f"{alpha3} {year}")
    if not known["least"] <= value <= known["most"]:
        return Rejected("implausible value", f"{alpha3} {year}: {value:g}")
    return Observation(
        key=f"{metric}|{country}|{year}", url=url, metric=metric, period=year, value=value, unit=metric_unit(metric) or "", country=country
    )
