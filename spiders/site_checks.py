"""What may stand in a row of a declared site: one check a key, shared by TOML rows and bulk lists."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from market_db.reference import role_keys


class BadSite(ValueError):
    """Raised by `load_sites`; the message names file, row and key, and says what is expected there."""


FAMILIES = ("shopify", "woo", "magento", "structured", "search", "directory", "auto")
ROLES = ("retailer", "wholesaler", "marketplace")
RECORDS = ("company", "rfq")
"""What the entries of a directory are: firms, or requests to buy."""
LEAST_DELAY = 2.0
"""Seconds between two pages of a site, whatever its row says."""
FIRM_FIELDS = (
    "name", "address", "city", "region", "postcode", "country", "phone", "fax", "email", "website", "products", "activity", "business_type",
)  # fmt: skip
REQUEST_FIELDS = ("title", "description", "quantity", "country", "posted", "deadline", "buyer", "id")
"""What a row may say of a card or page by a selector; without one the labels of `extract/labels.toml` are read."""
Check = Callable[[object], str | None]
"""Gives what is expected, or None where the value is that."""


def _matches(pattern: str, what: str) -> Check:
    regex = re.compile(pattern)
    return lambda value: None if isinstance(value, str) and regex.fullmatch(value) else what


def _is(kind: type, what: str) -> Check:
    return lambda value: None if type(value) is kind else what


def _one_of(*words: str) -> Check:
    return lambda value: None if value in words else f"one of {', '.join(words)}"


def _number(least: float, most: float) -> Check:
    return lambda v: (
        None if isinstance(v, int | float) and not isinstance(v, bool) and least <= v <= most else f"a number from {least} to {most}"
    )


def _pages(value: object) -> str | None:
    return None if type(value) is int and 0 <= value <= 1_000 else "a whole number from 0 to 1000"


def _template(value: object) -> str | None:
    what = "an address with {q} where the words go, as https://toko.example/search?q={q}&page={page}"
    return None if _URL(value) is None and "{q}" in str(value) else what


def _starts(value: object) -> str | None:
    what = "a list of addresses, with {q} for the words, {category} and {page} where they go"
    return None if isinstance(value, list) and value and all(_URL(text) is None for text in value) else what


def _selector(*, elements: bool = False) -> Check:
    """A selector as "css:.name::text" or "label:Phone"; the parser is loaded only where a row has one."""

    def check(value: object) -> str | None:
        if not isinstance(value, str) or not value:
            return "css:SELECTOR or label:WORDS"
        from spiders.extract.selectors import fault_of

        return fault_of(value, elements=elements)

    return check


def _texts(value: object) -> str | None:
    return None if isinstance(value, list) and all(isinstance(text, str) and text for text in value) else "a list of texts"


_TEXT = _is(str, "a text")
_FLAG = _is(bool, "true or false")
_URL = _matches(r"https?://[^\s/]+(?:/\S*)?", "an address with http:// or https://")
CHECKS: Mapping[str, Check] = {
    "id": _matches(r"[a-z0-9][a-z0-9-]{1,60}", "lower-case letters, digits and -"),
    "url": _URL,
    "family": _one_of(*FAMILIES),
    "seller": _TEXT,
    "country": _matches(r"[A-Z]{2}", "ISO 3166-1 alpha-2"),
    "currency": _matches(r"[A-Z]{3}", "ISO 4217"),
    "lang": _matches(r"[a-z]{2}", "ISO 639-1"),
    "role": _one_of(*ROLES),
    "basis": _TEXT,
    "terms_url": _URL,
    "tos_checked": _is(date, "a date without quotes, as 2026-11-20"),
    "tos_note": _TEXT,
    "enabled": _FLAG,
    "sample": _FLAG,
    "charset": _TEXT,
    "hosts": _texts,
    "every_days": _number(1, 365),
    "limits.delay_s": _number(LEAST_DELAY, 3_600),
    "limits.max_requests": _number(1, 5_000),
    "search.url": _template,
    "search.first_page": _pages,
    "search.max_pages": _pages,
    "search.keywords": _texts,
    "magento.store": _matches(r"[\w-]{1,60}", "a store view code as en_SA"),
    "magento.suffix": _matches(r"[\w./-]{0,20}", "what product addresses end in, as .html"),
    "shopify.path": _matches(r"(?:/[\w%-]+)+", "a path as /en or /collections/sauces"),
    "sitemap.url": _URL,
    "sitemap.include": _texts,
    "sitemap.exclude": _texts,
    "directory.record": _one_of(*RECORDS),
    "directory.start": _starts,
    "directory.categories": _texts,
    "directory.details": _FLAG,
    "directory.kind": _one_of("rfq", "buy_lead"),
    "directory.role": _one_of(*role_keys()),
    "directory.proof": _TEXT,
    "directory.drop": _texts,
    "rfq.drop": _texts,
    **{f"{table}.{place}": _selector(elements=True) for table in ("listing", "rfq") for place in ("item", "link", "next")},
    **{f"{table}.{name}": _selector() for table in ("listing", "detail") for name in FIRM_FIELDS},
    **{f"{table}.{name}": _selector() for table in ("listing", "rfq", "detail") for name in REQUEST_FIELDS},
    "detail.price": _TEXT,
    "detail.brand": _TEXT,
    "detail.seller": _TEXT,
}
"""Key -> check that gives what is expected there, or None where the value is that."""
FIELDS = {
    "limits.delay_s": "delay_s",
    "limits.max_requests": "max_requests",
    "shopify.path": "path",
    "magento.store": "store",
    "magento.suffix": "suffix",
    "sitemap.url": "sitemap",
    "search.url": "search",
    "directory.role": "list_role",
    "rfq.drop": "drop",
}
"""Key of a row -> field of `Site`, where the key's last word is not its name."""
MAPS = ("detail", "listing", "rfq")
"""Tables that stay tables in `Site`."""
TABLES = frozenset(key.split(".")[0] for key in CHECKS if "." in key)
