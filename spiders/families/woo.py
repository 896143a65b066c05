"""WooCommerce shops: the public Store API, by keyword, a page of 100 at a time.

Format: WooCommerce Store API, resources/products (prices in minor units as strings) and its pagination headers.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy.http import Request

from market_db.seen import Listing
from spiders.base.catalogue_spider import PAGE_SIZE, Catalogue, CatalogueSpider, Row, read_rows, shown
from spiders.base.json_api import Shape, clean_text
from spiders.base.sites_spider import family_passport
from spiders.extract.exact import minor_units
from spiders.extract.json_in_page import json_within
from spiders.extract.text import MAX_NAME, fragment_text
from spiders.reading import Answer, BadAnswer, Read, Reading, Rejected
from spiders.site import Site, seller_of
from spiders.source import Source

ROUTES = ("/wp-json/wc/store/v1/products", "/wp-json/wc/store/products")
"""Today's route, and the one without version of older releases."""
MOST_DECIMALS = 6
TEXTS, LISTS, FLAGS, NUMBERS, OBJECTS = (str,), (list,), (bool,), (int, str, float), (dict, list)
SHAPE: Shape = {
    **dict.fromkeys(["name", "slug", "type", "permalink", "sku", "summary", "short_description", "description", "price_html"], TEXTS),
    **dict.fromkeys(["categories", "tags", "brands", "attributes", "variations", "images", "grouped_products"], LISTS),
    **dict.fromkeys(["on_sale", "is_in_stock", "is_on_backorder", "is_purchasable", "is_password_protected", "has_options"], FLAGS),
    **dict.fromkeys(["sold_individually"], FLAGS),
    **dict.fromkeys(["id", "parent", "average_rating", "review_count", "low_stock_remaining", "quantity_limit"], NUMBERS),
    **dict.fromkeys(["prices", "add_to_cart", "extensions", "stock_availability", "quantity_limits", "dimensions"], OBJECTS),
    **dict.fromkeys(["variation", "weight", "formatted_weight", "formatted_dimensions", "_links"], object),
}
STOCK = (("is_on_backorder", "BackOrder"), ("is_in_stock", "InStock"))


class WooSpider(CatalogueSpider):
    """Every declared WooCommerce shop; the answer has price and currency, the row market, language and seller."""

    name = "woo"
    about: ClassVar[Source] = family_passport("WooCommerce shops")
    handle_httpstatus_list: ClassVar[list[int]] = [400, 404, 410]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.routes: dict[str, int] = dict.fromkeys(self.sites, 0)

    def page_request(self, site: Site, keyword: str, page: int) -> Iterator[Request]:
        """One page of results, on the route that the shop has."""
        url = products_url(site, keyword, page, ROUTES[self.routes[site.source]])
        http = {"headers": {"Accept": "application/json"}, "errback": self.lost}
        yield from self.fresh(site, url, http=http, step="catalogue", keyword=keyword, page=page)

    def otherwise(self, site: Site, step: str) -> Iterator[Request]:
        """The old route, then the sitemap."""
        if step == "catalogue" and self.routes[site.source] + 1 < len(ROUTES):
            self.routes[site.source] += 1
            yield from self.entry(site)
        else:
            yield from super().otherwise(site, step)

    def read_page(self, answer: Answer, site: Site) -> Catalogue:
        """One page of products. Raises BadAnswer as `product_rows`."""
        rows = product_rows(answer)
        total, pages = _header(answer, "x-wp-total"), _header(answer, "x-wp-totalpages")
        return Catalogue(reading=tuple(read_products(rows, site)), rows=len(rows), total=total, pages=pages)

    def read(self, answer: Answer) -> Reading:
        """Records of a page of the Store API, or of a product page."""
        site = self.site_of(answer.url)
        if site is not None and "/wc/store/" in answer.url:
            yield from read_products(product_rows(answer), site)
        else:
            yield from super().read(answer)


def products_url(site: Site, keyword: str, page: int, route: str = ROUTES[0]) -> str:
    """Address of one page of products; without keyword of all."""
    asked: dict[str, str | int] = {"search": keyword} if keyword else {}
    return f"{site.url.rstrip('/')}{route}?{urlencode(asked | {'per_page': PAGE_SIZE, 'page': page})}"


def product_rows(answer: Answer) -> list[Any]:
    """Products of one page.

    Raises BadAnswer: closed (no Store API there, or not for us), refused query (an error of WordPress, also with status 200), what
    `json_within` raises, unexpected shape.
    """
    if answer.status != 200:
        raise BadAnswer("closed", f"status {answer.status}, {_error_of(answer)}")
    value = json_within(answer)
    if isinstance(value, dict) and "code" in value:
        raise BadAnswer("refused query", _said(value))
    if not isinstance(value, list):
        raise BadAnswer("unexpected shape", f"{type(value).__name__} instead of a list of products")
    return value


def _error_of(answer: Answer) -> str:
    """What WordPress says of itself, or that it is no WordPress that answers."""
    try:
        value = json_within(answer)
    except BadAnswer as bad:
        return f"{bad.reason}: no Store API there, or a firewall before it"
    return _said(value) if isinstance(value, dict) else "unknown"


def _said(value: Mapping[str, object]) -> str:
    return f"{clean_text(value.get('code'), 80)}: {clean_text(value.get('message'), 200)}"


def _header(answer: Answer, name: str) -> int | None:
    text = answer.headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def read_products(rows: list[Any], site: Site) -> Reading:
    """Listings of the rows; what is odd is noted once a page."""
    yield from read_rows(rows, SHAPE, site, _listing)


def _listing(row: Row, site: Site) -> Read:
    name, url = fragment_text(_text(row.get("name")), MAX_NAME), _link(row)
    key = clean_text(row.get("id"), 40)
    if not name or not key or url is None:
        return Rejected("no_name_or_link", shown(row))
    prices = row.get("prices")
    asked = _asked(prices if isinstance(prices, dict) else {})
    description = fragment_text(_text(row.get("short_description")) or _text(row.get("description")) or _text(row.get("summary")))
    return Listing(
        key=key,
        name=name,
        url=url,
        description=description or None,
        brand=next(iter(_names(row, "brands")), None),
        category=(*_names(row, "categories"), *_names(row, "tags")),
        availability=_availability(row),
        seller=seller_of(site),
        country=site.country,
        language_text=site.lang,
        **asked,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _link(row: Row) -> str | None:
    """Address of the product's page."""
    url = clean_text(row.get("permalink"), 2_000)
    return url if url and url.startswith(("http://", "https://")) else None


def _asked(prices: Row) -> dict[str, Any]:
    """Fields of a Listing about its price: integers in minor units as texts; 0 or nothing = not priced."""
    currency, unit = clean_text(prices.get("currency_code"), 10), prices.get("currency_minor_unit")
    sound = isinstance(unit, int) and not isinstance(unit, bool) and 0 <= unit <= MOST_DECIMALS
    decimals = unit if isinstance(unit, int) and sound else None
    between = prices.get("price_range")
    ends = (between.get("min_amount"), between.get("max_amount")) if isinstance(between, dict) else (prices.get("price"), None)
    price, most, before = (_amount(value, decimals) for value in (*ends, prices.get("regular_price")))
    code = currency if currency and len(currency) == 3 and currency.isascii() and currency.isupper() else None
    return {
        "price_text": _printed(ends[0], price, decimals),
        "currency_text": currency,
        "price": price if code else None,
        "price_max": most if code and price and most and most > price else None,
        "list_price": before if code and price and before and before > price and not isinstance(between, dict) else None,
        "currency": code if price else None,
    }


def _amount(value: object, decimals: int | None) -> float | None:
    """Amount of a whole number of minor units; a decimal point in it means that it is none."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if decimals is None or not (text.isascii() and text.isdigit()) or len(text) > 15:
        return None
    return minor_units(text, decimals) or None


def _printed(value: object, price: float | None, decimals: int | None) -> str | None:
    """The amount with its point; what could not be read as the shop printed it."""
    return f"{price:.{decimals}f}" if price is not None and decimals is not None else clean_text(value, 60)


def _names(row: Row, field: str) -> tuple[str, ...]:
    """Names of categories, tags or brands, each once."""
    found = row.get(field)
    texts = (fragment_text(_text(one.get("name")), 100) for one in found[:30] if isinstance(one, dict)) if isinstance(found, list) else ()
    return tuple(dict.fromkeys(text for text in texts if text))


def _availability(row: Row) -> str | None:
    """BackOrder, InStock or OutOfStock; None where the answer does not say."""
    if not isinstance(row.get("is_in_stock"), bool):
        return None
    return next((word for field, word in STOCK if row.get(field) is True), "OutOfStock")
