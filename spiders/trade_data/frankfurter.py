"""Frankfurter: rates of central banks for currencies that the European Central Bank does not quote, such as dong, taka and naira."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from scrapy.http import Request

from market_db.reference import table
from market_db.seen import Observation
from market_db.values.currencies import currency_codes
from spiders.base.json_api import JsonApiSpider, Shape, ShapeWatch, missing_in, number_in, text_in
from spiders.reading import Answer, BadAnswer, Reading, Rejected, load_json
from spiders.source import Expect, Pace, Source
from spiders.trade_data.ecb_rates import CURRENCIES, day_of

RATES = "https://api.frankfurter.dev/v2/rates"
BASE = "USD"
DAYS = 30
SHAPE: Shape = {"date": str, "base": str, "quote": str, "rate": (int, float), "providers": list}
NEEDED = ("date", "base", "quote", "rate")


class Frankfurter(JsonApiSpider):
    """One request: all currencies of the last thirty days, in units for one US dollar."""

    name = "frankfurter"
    handle_httpstatus_list = [400, 404, 422]  # noqa: RUF012 - all say in JSON what was wrong with the question
    about = Source(
        title="Frankfurter: rates of central banks",
        publisher="Frankfurter",
        home="https://frankfurter.dev/",
        licence="unknown",
        attribution="Exchange rates of central banks through frankfurter.dev",
        terms_url="https://frankfurter.dev/",
        terms_read=None,
        basis="open licence",
        hosts=("api.frankfurter.dev",),
        every=timedelta(days=7),
        expect=Expect(least=100, most=20_000),
        pace=Pace(delay=2.0, max_requests=5),
        api=True,
        note="Blended from several central banks; each bank has terms of its own. Shape unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The days before this one, whatever the products are."""
        if self.products:
            asked = {"from": self.as_of - timedelta(days=DAYS), "to": self.as_of - timedelta(days=1), "base": BASE}
            yield self.ask(f"{RATES}?{urlencode(asked)}")

    def read(self, answer: Answer) -> Reading:
        """Observations."""
        return read_rates(answer)


def read_rates(answer: Answer) -> Reading:
    """One Observation per day and currency; what the ECB quotes or a peg fixes is counted and left out.

    Raises BadAnswer: as `load_json`, "refused query" with the source's words, "unexpected shape".
    """
    found = load_json(answer)
    if answer.status >= 400 or (isinstance(found, dict) and "message" in found):
        raise BadAnswer("refused query", str(found)[:400])
    if not isinstance(found, list):
        raise BadAnswer("unexpected shape", f"{type(found).__name__} instead of a list of rates")
    if not found:
        raise BadAnswer("no rates", "an empty list, where every working day has rates")
    yield from missing_in(found, NEEDED)
    watch, taken = ShapeWatch(SHAPE), set[str]()
    for row in found:
        if isinstance(row, dict):
            yield from watch.look(row)
        read = rate(row, answer.url)
        if isinstance(read, Observation) and read.key in taken:
            read = Rejected("duplicate", read.key)
        if isinstance(read, Observation):
            taken.add(read.key)
        yield read


def rate(row: object, url: str) -> Observation | Rejected:
    """One row, or why not."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    quote, day, value = text_in(row, "quote", 5) or "", text_in(row, "date", 10) or "", number_in(row, "rate")
    if row.get("base") != BASE:
        return Rejected("not what was asked", f"base {text_in(row, 'base', 10)}")
    if quote not in currency_codes():
        return Rejected("unknown currency", quote)
    if quote in (*CURRENCIES, "EUR") or quote in table("pegs"):
        return Rejected("better known elsewhere", quote)  # by the ECB, or by the law that fixed it
    if day_of(day) is None:
        return Rejected("unreadable date", day)
    if value is None or not 1e-6 < value < 1e9:
        return Rejected("unreadable rate", f"{quote} {day}")
    return Observation(key=f"fx_per_usd|{quote}|{day}", url=url, metric="fx_per_usd", period=day, value=value, unit=f"{quote}/{BASE}")
