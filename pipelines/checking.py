"""The first step: is there enough of a record to be one? Cheap, and before anything is parsed."""

import math
from datetime import date

from market_db.seen import ALL_GOODS, Listing, Notice, Observation, Party, Place, Refusal, Registration, Seen, TradeFlow
from market_db.values.names import is_placeholder
from market_db.values.text import clean
from pipelines.context import Context
from pipelines.demand import is_aggregate
from pipelines.rejections import Aggregate, BadUrl, FutureDate, ImplausibleNumber, Inactive, NoKey, NoName, NotACompany

URL_LIMIT = 2_083
"""Scrapy's URLLENGTH_LIMIT, and what browsers open."""
NAME_LIMIT = 500
ENDED = frozenset({"bankrupt", "dissolving", "dissolved"})
"""Values of `Registration.status` of firms that buy no more."""
MOST = 1e15
"""USD or kg above it is a parsing accident: the world's yearly trade is 2.5e13 USD."""


def own_files(source: str) -> tuple[str, ...]:
    """Beginnings of addresses that are no web page: rows of a list that a person handed in."""
    return ("file:",) if source.startswith("import:") else ()


def check(record: Seen, context: Context) -> Seen:
    """The record as it came, or a Rejection."""
    if not record.source or not record.key.strip() or not _printable(record.key):
        raise NoKey(record.url)
    if (
        not record.url.startswith(("http://", "https://", *own_files(record.source)))
        or len(record.url) > URL_LIMIT
        or not _printable(record.url)
    ):
        raise BadUrl(record.url)
    match record:
        case Listing(name=name) | Notice(title=name):
            _check_name(name, record.url)
        case Registration(party=party, status=status):
            _check_firm(party, record.url)
            if status in ENDED:
                raise Inactive(f"{party.registry or record.source}: {status}")
        case Place(party=party):
            _check_firm(party, record.url)
        case TradeFlow():
            _check_flow(record, context.as_of)
        case Observation(value=value, period=period):
            _check_numbers(record.url, value, least=-MOST)
            _check_period(period, context.as_of)
        case Refusal(date=day):
            _check_period(day or "", context.as_of)
    return record


def _printable(text: str) -> bool:
    """Whether a database takes it: no lone surrogate, no NUL."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _check_name(name: str, example: str) -> None:
    if is_placeholder(clean(name, NAME_LIMIT)):
        raise NoName(example)


def _check_firm(party: Party, example: str) -> None:
    _check_name(party.name, example)
    if not any(char.isalpha() for char in party.name[:NAME_LIMIT]):
        raise NotACompany(example)


def _check_flow(flow: TradeFlow, as_of: date) -> None:
    if is_aggregate(flow.reporter):
        raise Aggregate(flow.reporter)
    if not flow.hs_code.isdecimal() and flow.hs_code != ALL_GOODS:
        raise NoKey(f"HS code {flow.hs_code!r}")
    _check_numbers(flow.key, flow.value, flow.net_kg)
    _check_period(flow.period, as_of)


def _check_numbers(example: str, *numbers: float | None, least: float = 0.0) -> None:
    if any(n is not None and not (math.isfinite(n) and least <= n <= MOST) for n in numbers):
        raise ImplausibleNumber(example)


def _check_period(period: str, as_of: date) -> None:
    """YYYY, YYYY-MM and YYYY-MM-DD compare with the same part of the day of the run."""
    if period[:10] > as_of.isoformat()[: len(period[:10])]:
        raise FutureDate(period)
