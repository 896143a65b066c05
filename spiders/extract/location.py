"""The country of a page: stated, by domain, by address, by phone prefix, by currency; unknown rather than guessed."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from market_db.values.names import legal_form
from market_db.values.phones import read_phone
from market_db.values.places import country_in_address, country_of_domain, read_country
from spiders.extract.document import Document
from spiders.extract.nodes import Node, nodes_of, text_of
from spiders.extract.phones_shown import NANP

_US_STATES = frozenset(
    [
        "AL",
        "AK",
        "AZ",
        "AR",
        "CA",
        "CO",
        "CT",
        "DE",
        "FL",
        "GA",
        "HI",
        "ID",
        "IL",
        "IN",
        "IA",
        "KS",
        "KY",
        "LA",
        "ME",
        "MD",
        "MA",
        "MI",
        "MN",
        "MS",
        "MO",
        "MT",
        "NE",
        "NV",
        "NH",
        "NJ",
        "NM",
        "NY",
        "NC",
        "ND",
        "OH",
        "OK",
        "OR",
        "PA",
        "RI",
        "SC",
        "SD",
        "TN",
        "TX",
        "UT",
        "VT",
        "VA",
        "WA",
        "WV",
        "WI",
        "WY",
        "DC",
    ]
)
_US_ADDRESS = re.compile(r"[\s,.]([A-Z]{2})\.?,?\s+\d{5}(?:-\d{4})?(?!\d)")
_UK_POSTCODE = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}(?:[,.]? (?:UK|GB|England|Scotland|Wales|United Kingdom|Great Britain))?\.?$"
)
_CA_POSTCODE = re.compile(r"\b(?:AB|BC|MB|NB|NL|NS|ON|PE|QC|SK)\b[\s,]+[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d\b")
_ADDRESS_LINE = re.compile(r"\d{3,6}|p\.?\s?o\.?\s?box|street|strasse|straße|road|avenue|via |rue |calle ", re.IGNORECASE)
_REGION = re.compile(r"^[a-z]{2,3}[-_](?:[a-z]{4}[-_])?([a-z]{2})\b", re.IGNORECASE)
_ENGLISH = (" the ", " and ", " of ", " to ", " your ", " for ", " with ", " us ")
ONE_COUNTRY = {
    "GBP": "GB",
    "PLN": "PL",
    "CZK": "CZ",
    "HUF": "HU",
    "RON": "RO",
    "BGN": "BG",
    "SEK": "SE",
    "DKK": "DK",
    "NOK": "NO",
    "ISK": "IS",
    "RUB": "RU",
    "UAH": "UA",
    "KZT": "KZ",
    "BYN": "BY",
    "TRY": "TR",
    "ILS": "IL",
    "AED": "AE",
    "SAR": "SA",
    "QAR": "QA",
    "KWD": "KW",
    "BHD": "BH",
    "OMR": "OM",
    "EGP": "EG",
    "JOD": "JO",
    "INR": "IN",
    "PKR": "PK",
    "BDT": "BD",
    "LKR": "LK",
    "THB": "TH",
    "VND": "VN",
    "IDR": "ID",
    "MYR": "MY",
    "SGD": "SG",
    "PHP": "PH",
    "HKD": "HK",
    "TWD": "TW",
    "KRW": "KR",
    "JPY": "JP",
    "CNY": "CN",
    "BRL": "BR",
    "MXN": "MX",
    "ARS": "AR",
    "CLP": "CL",
    "COP": "CO",
    "PEN": "PE",
    "UYU": "UY",
    "ZAR": "ZA",
    "NGN": "NG",
    "KES": "KE",
    "GHS": "GH",
    "CAD": "CA",
    "NZD": "NZ",
}
"""Currencies that only one country's shops ask; USD, EUR, AUD and CHF are asked elsewhere too."""


def page_country(
    doc: Document, *, address: Iterable[str] = (), phones: Iterable[str] = (), currency: str | None = None
) -> tuple[str | None, str | None]:
    """ISO2 and what decided it: stated, tld, address, phone, currency, language; weakest last."""
    for basis, found in _clues(doc, address, phones, currency):
        if found:
            return found, basis
    return None, None


def _clues(doc: Document, address: Iterable[str], phones: Iterable[str], currency: str | None) -> Iterator[tuple[str, str | None]]:
    yield "tld", country_of_domain(doc.host) if doc.host else None
    yield "stated", _stated(doc)
    yield "address", _of_address([*address]) or _of_address(doc.lines[-80:]) or _of_address(doc.lines)
    yield "phone", _of_phones(phones)
    yield "currency", ONE_COUNTRY.get(currency or "")
    yield "language", _of_language(doc)
    if english(doc) and (currency == "USD" or any(NANP.search(text) for text in phones)):
        yield "phone", "US"


def english(doc: Document) -> bool:
    """Whether the page is in English as far as it says."""
    if doc.declared_language:
        return doc.declared_language.lower().startswith("en")
    text = " ".join(doc.lines[:300])[:8_000].lower()
    return sum(map(str.isascii, text)) > 0.98 * len(text) and sum(map(text.count, _ENGLISH)) >= 3


def addresses(nodes: Iterable[Node]) -> Iterator[Node]:
    """Postal addresses of organisations."""
    for node in nodes:
        yield from nodes_of(node.get("address"))
        for place in nodes_of(node.get("location")):
            yield from nodes_of(place.get("address"))


def _stated(doc: Document) -> str | None:
    found = Counter(
        country
        for graph in (doc.jsonld, doc.microdata)
        for address in addresses(graph.roots[:200])
        if (country := read_country(text_of(address.get("addresscountry")) or ""))
    )
    return found.most_common(1)[0][0] if found else None


def _of_address(lines: Sequence[str]) -> str | None:
    """Country that address lines show by their form or their end; the commonest where several do."""
    found = Counter(country for line in lines if (country := _of_line(line[-200:])))
    return found.most_common(1)[0][0] if found else None


@lru_cache(maxsize=8_192)
def _of_line(text: str) -> str | None:
    """Remembered: a page is asked several times, and its header and footer lines are those of the next page."""
    match = _US_ADDRESS.search(text)
    if match and match.group(1) in _US_STATES:
        return "US"
    if _CA_POSTCODE.search(text):
        return "CA"
    if len(text) < 120 and _UK_POSTCODE.search(text):
        return "GB"
    addressed = len(text) < 160 and (_ADDRESS_LINE.search(text) or legal_form(text.split(",", maxsplit=1)[0]))
    return country_in_address([text]) if addressed else None


def _of_phones(phones: Iterable[str]) -> str | None:
    """Country of the numbers printed with their country code."""
    read = [read_phone(text) for text in phones]
    found = Counter(phone.country for phone in read if phone and phone.country)
    return found.most_common(1)[0][0] if found else None


def _of_language(doc: Document) -> str | None:
    """Region of "en-US"; what software prints by default (en-US) proves little and comes late."""
    match = _REGION.match(doc.declared_language or "")
    return read_country(match.group(1).upper()) if match else None
