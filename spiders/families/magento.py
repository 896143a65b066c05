"""Magento / Adobe Commerce shops: the public GraphQL catalogue, by keyword, a page of 100 at a time.

Format: the `products` query of the Adobe Commerce GraphQL schema. Its search takes each word of a keyword by itself, so answers are wide.
"""

import json
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy.http import Request

from market_db.seen import Listing
from spiders.base.catalogue_spider import PAGE_SIZE, Catalogue, CatalogueSpider, Row, read_rows, shown
from spiders.base.json_api import Shape, clean_text, object_in, whole_in
from spiders.base.sites_spider import family_passport
from spiders.extract.exact import exact_number
from spiders.extract.json_in_page import json_within
from spiders.extract.text import MAX_NAME, fragment_text
from spiders.reading import Answer, BadAnswer, Issue, Read, Reading, Rejected
from spiders.site import Site, seller_of
from spiders.source import Source

ENDPOINT = "/graphql"
PRICES = (
    "price_range { minimum_price { regular_price { value currency } final_price { value currency } }"
    " maximum_price { final_price { value currency } } }"
)
FULL = "__typename sku name url_key url_suffix stock_status categories { name } short_description { html } description { html } " + PRICES
PLAIN = f"sku name url_key {PRICES}"
"""Fields every release with a price range has (2.3.1 and later); asked where the shop does not know one of FULL."""
FIELDS = (FULL, PLAIN)
SHAPE: Shape = {
    **dict.fromkeys(["__typename", "sku", "name", "url_key", "url_suffix", "stock_status", "uid"], (str,)),
    **dict.fromkeys(["price_range", "short_description", "description"], (dict,)),
    **dict.fromkeys(["categories", "variants", "items", "configurable_options"], (list,)),
}
STOCK = {"IN_STOCK": "InStock", "OUT_OF_STOCK": "OutOfStock"}


class MagentoSpider(CatalogueSpider):
    """Every declared Magento shop; `store` of its row chooses the store view, and with it language and currency."""

    name = "magento"
    about: ClassVar[Source] = family_passport("Magento shops")
    handle_httpstatus_list: ClassVar[list[int]] = [400, 404, 405, 410]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields: dict[str, int] = dict.fromkeys(self.sites, 0)

    def page_request(self, site: Site, keyword: str, page: int) -> Iterator[Request]:
        """One page of results, with the fields that the shop knows."""
        headers = {"Accept": "application/json", "Content-Type": "application/json", **({"Store": site.store} if site.store else {})}
        http = {
            "method": "POST",
            "body": question(keyword, page, self.fields[site.source], site.store),
            "headers": headers,
            "errback": self.lost,
        }
        yield from self.fresh(site, urljoin(site.url, ENDPOINT), http=http, step="catalogue", keyword=keyword, page=page)

    def otherwise(self, site: Site, step: str) -> Iterator[Request]:
        """Fewer fields where the shop does not know one; else the sitemap."""
        if step == "catalogue" and self.why.get(site.source) == "unknown field" and self.fields[site.source] + 1 < len(FIELDS):
            self.fields[site.source] += 1
            yield from self.entry(site)
        else:
            yield from super().otherwise(site, step)

    def read_page(self, answer: Answer, site: Site) -> Catalogue:
        """One page of products. Raises BadAnswer as `products_of`."""
        found = products_of(answer)
        rows, info = rows_of(found), object_in(found, "page_info")
        return Catalogue(
            reading=tuple(read_products(rows, site)),
            rows=len(rows),
            total=whole_in(found, "total_count"),
            pages=whole_in(info, "total_pages"),
        )

    def read(self, answer: Answer) -> Reading:
        """Records of a GraphQL answer, or of a product page."""
        site = self.site_of(answer.url)
        if site is not None and urlsplit(answer.url).path == ENDPOINT:
            yield from read_products(rows_of(products_of(answer)), site)
        else:
            yield from super().read(answer)


def question(keyword: str, page: int, fields: int = 0, store: str | None = None) -> str:
    """Body of the request, the same text for the same question; without keyword everything that has a price.

    The store view, which only a header tells the shop, stands in a comment: two views of one shop are two questions.
    """
    priced = {"price": {"from": "0"}}
    kind, argument, value = ("String", "search", keyword) if keyword else ("ProductAttributeFilterInput", "filter", priced)
    query = (
        f"query ($asked: {kind}, $size: Int, $page: Int) {{ products({argument}: $asked, pageSize: $size, currentPage: $page)"
        f" {{ total_count page_info {{ current_page total_pages }} items {{ {FIELDS[fields]} }} }} }}" + (f" # {store}" if store else "")
    )
    return json.dumps({"query": query, "variables": {"asked": value, "size": PAGE_SIZE, "page": page}}, sort_keys=True)


def products_of(answer: Answer) -> Row:
    """The `products` object of an answer.

    Raises BadAnswer: closed (no GraphQL there), unknown field (an older release), refused query (any other error, also with status
    200 and with data beside it), what `json_within` raises, unexpected shape.
    """
    if answer.status not in (200, 400):
        raise BadAnswer("closed", f"status {answer.status} at {ENDPOINT}")
    value = json_within(answer)
    if not isinstance(value, dict):
        raise BadAnswer("unexpected shape", f"{type(value).__name__} instead of an object")
    if value.get("errors") or answer.status != 200:
        said = _errors(value)
        raise BadAnswer("unknown field" if "Cannot query field" in said else "refused query", said)
    found = object_in(object_in(value, "data"), "products")
    if "items" not in found:
        raise BadAnswer("unexpected shape", f"no items under data.products; fields: {sorted(map(str, value))[:10]}")
    return found


def _errors(value: Row) -> str:
    """Messages of the errors an answer names."""
    errors = value.get("errors")
    found = [clean_text(one.get("message"), 200) or "?" for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    return "; ".join(found[:3]) or json.dumps(value, ensure_ascii=True)[:200]


def rows_of(found: Row) -> list[Any]:
    """Products of a page. Raises BadAnswer: unexpected shape."""
    rows = found.get("items")
    if rows is not None and not isinstance(rows, list):
        raise BadAnswer("unexpected shape", f"items is {type(rows).__name__}, not a list")
    return rows or []


def read_products(rows: list[Any], site: Site) -> Reading:
    """Listings of the rows; what is odd is noted once a page."""
    yield from read_rows(rows, SHAPE, site, _listing)
    words = {str(row["stock_status"])[:40] for row in rows if isinstance(row, dict) and row.get("stock_status")}
    if unknown := words - set(STOCK):
        yield Issue("unmapped_value", f"stock_status: {', '.join(sorted(unknown))}"[:500])


def _listing(row: Row, site: Site) -> Read:
    sku, name = clean_text(row.get("sku"), 100), fragment_text(str(row.get("name") or ""), MAX_NAME)
    key, suffix = clean_text(row.get("url_key"), 500), clean_text(row.get("url_suffix"), 20) or ""
    if not sku or not name or not key or "/" in key or " " in key:
        return Rejected("no_name_or_link", shown(row))
    return Listing(
        key=sku,
        name=name,
        url=f"{site.url.rstrip('/')}/{key}{suffix if 'url_suffix' in row else site.suffix}",
        description=_described(row),
        category=_categories(row),
        availability=STOCK.get(str(row.get("stock_status"))),
        seller=seller_of(site),
        country=site.country,
        language_text=site.lang,
        **_asked(object_in(row, "price_range"), site),
    )


def _described(row: Row) -> str | None:
    for field in ("short_description", "description"):
        text = fragment_text(str(object_in(row, field).get("html") or ""))
        if text:
            return text
    return None


def _categories(row: Row) -> tuple[str, ...]:
    found = row.get("categories")
    names = (clean_text(one.get("name"), 100) for one in found[:30] if isinstance(one, dict)) if isinstance(found, list) else ()
    return tuple(dict.fromkeys(name for name in names if name))


def _asked(between: Row, site: Site) -> dict[str, Any]:
    """Fields of a Listing about its price; 0 = not priced, and without a currency anywhere only the printed amount is kept."""
    least, most = object_in(between, "minimum_price"), object_in(between, "maximum_price")
    final = object_in(least, "final_price")
    price, before, upper = (_amount(money) for money in (final, object_in(least, "regular_price"), object_in(most, "final_price")))
    stated = clean_text(final.get("currency"), 10)
    code = stated if stated and len(stated) == 3 and stated.isascii() and stated.isupper() else None if stated else site.currency
    known = code is not None and price is not None
    return {
        "price_text": clean_text(final.get("value"), 60),
        "currency_text": stated,
        "price": price if known else None,
        "price_max": upper if known and upper and price and upper > price else None,
        "list_price": before if known and before and price and before > price else None,
        "currency": code if known else None,
    }


def _amount(money: Row) -> float | None:
    value = money.get("value")
    return exact_number(value) or None if isinstance(value, int | float) else None
