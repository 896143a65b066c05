"""European Central Bank: daily reference rates of the euro, so that amounts are changed at the rate of their own time."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from scrapy.http import Request

from market_db.seen import Observation
from spiders.base.spider import TembusSpider
from spiders.base.tables import Columns, table_rows
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

HISTORY = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
KEPT = timedelta(days=400)
"""Days before the newest rate that are kept; the history before comes with the program."""
CURRENCIES = (
    *("USD", "JPY", "CZK", "DKK", "GBP", "HUF", "PLN", "RON", "SEK", "CHF", "ISK", "NOK", "TRY", "AUD", "BRL", "CAD", "CNY"),
    *("HKD", "IDR", "ILS", "INR", "KRW", "MXN", "MYR", "NZD", "PHP", "SGD", "THB", "ZAR"),
)
ENDED = ("BGN", "CYP", "EEK", "HRK", "LTL", "LVL", "MTL", "ROL", "SIT", "SKK", "RUB", "TRL")
"""Columns that the file still has for currencies that joined the euro or are no longer quoted."""
COLUMNS = Columns(names={"Date": ("Date",), **{code: (code,) for code in CURRENCIES}}, required=("Date", "USD"), ignored=ENDED)
NO_RATE = ("", "N/A", "-")


class EcbRates(TembusSpider):
    """One zip with one CSV: a row a day, newest first, units of each currency for one euro."""

    name = "ecb_rates"
    about = Source(
        title="ECB euro reference rates",
        publisher="European Central Bank",
        home="https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html",
        licence="ECB: free reuse with the source named",
        attribution="Source: European Central Bank, euro foreign exchange reference rates",
        terms_url="https://www.ecb.europa.eu/services/using-our-site/disclaimer/html/index.en.html",
        terms_read=None,
        basis="open licence",
        hosts=("www.ecb.europa.eu",),
        every=timedelta(days=7),
        expect=Expect(least=1_000, most=20_000),
        pace=Pace(max_requests=5),
        note="Published on working days, for information only. Until it is approved the rates shipped with the program are used.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The whole history, whatever the products are: 700 kB."""
        if self.products:
            yield self.ask(HISTORY)

    def read(self, answer: Answer) -> Reading:
        """Observations."""
        return read_rates(answer)


def read_rates(answer: Answer) -> Reading:
    """One Observation per day and currency, of the 400 days up to the newest; older days are counted and left out.

    Raises BadAnswer as `table_rows`, and "no rates" where no day could be read.
    """
    newest: date | None = None
    for row in table_rows(answer.body, COLUMNS):
        if isinstance(row, Issue | Rejected):
            yield row
            continue
        day = day_of(row["Date"])
        if day is None:
            yield Rejected("unreadable date", row["Date"][:40])
            continue
        newest = max(newest or day, day)
        if day < newest - KEPT:
            yield Rejected("older than wanted", row["Date"])
        else:
            yield from rates_of(row, day, answer.url)
    if newest is None:
        raise BadAnswer("no rates", "no row has a readable date")


def day_of(text: str) -> date | None:
    """The day of a row, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def rates_of(row: Mapping[str, str], day: date, url: str) -> Iterator[Observation | Rejected]:
    """Rates of one day; a currency without one that day (N/A) is no record."""
    for code in CURRENCIES:
        text = row.get(code, "")
        if text in NO_RATE:
            continue
        rate = rate_of(text)
        if rate is None:
            yield Rejected("unreadable rate", f"{code} {day} {text[:20]}")
            continue
        key = f"fx_per_eur|{code}|{day}"
        yield Observation(key=key, url=url, metric="fx_per_eur", period=day.isoformat(), value=rate, unit=f"{code}/EUR")


def rate_of(text: str) -> float | None:
    """A rate as printed, with a point; None for anything that cannot be one."""
    try:
        rate = float(text)
    except ValueError:
        return None
    return rate if 1e-6 < rate < 1e9 else None
