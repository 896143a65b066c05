"""Shopify shops: the public catalogue /products.json, a page of 250 at a time, and the sitemap where a shop has closed it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from scrapy.http import Request, Response

from market_db.seen import Listing
from market_db.values.text import clean
from spiders.base.sites_spider import SitesSpider, family_passport
from spiders.extract.exact import exact_number, minor_units
from spiders.extract.text import MAX_NAME, fragment_text
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected, load_json
from spiders.site import Site, seller_of
from spiders.source import Source

PAGE_SIZE = 250
MOST = 25_000
"""page x limit that Shopify answers; beyond it says 400 "Page * Limit exceeds the 25000 limit"."""
KNOWN = frozenset(
    [
        "id",
        "title",
        "handle",
        "body_html",
        "published_at",
        "created_at",
        "updated_at",
        "vendor",
        "product_type",
        "tags",
        "variants",
        "images",
        "options",
        "media",
        "available",
        "url",
        "description",
        "price",
        "price_min",
        "price_max",
        "price_varies",
        "compare_at_price",
        "compare_at_price_min",
        "compare_at_price_max",
        "compare_at_price_varies",
        "type",
        "content",
        "featured_image",
        "requires_selling_plan",
        "selling_plan_groups",
        "template_suffix",
        "status",
        "admin_graphql_api_id",
        "published_scope",
        "image",
    ]
)
_HANDLE = re.compile(r"[^\s/?#]{1,255}")
_GTIN = re.compile(r"\d{8}|\d{12,14}")
Row = Mapping[str, Any]


class ShopifySpider(SitesSpider):
    """Every declared Shopify shop; currency, country and language come from the site's row, the payload has none."""

    name = "shopify"
    about: ClassVar[Source] = family_passport("Shopify shops")
    handle_httpstatus_list: ClassVar[list[int]] = [400, 404, 410]

    def entry(self, site: Site) -> Iterator[Request]:
        """First page of the catalogue."""
        yield from self.fresh(site, catalogue_url(site, 1), step="catalogue")

    def take(self, site: Site, step: str, answer: Answer, response: Response) -> Iterator[Any]:
        """Catalogue pages until one is short, repeats itself, or the cap is reached; the rest as for any site."""
        if step != "catalogue":
            yield from super().take(site, step, answer, response)
            return
        rows = catalogue_rows(answer)
        yield from self.deliver(site.source, read_catalogue(rows, answer, site), answer.url)
        page = page_number(answer.url)
        known = self.asked[site.source]
        new = {f"#{row.get('id') or row.get('handle')}" for row in rows if isinstance(row, dict)} - known
        known |= new
        if rows and not new:
            self.note(site.source, Issue("trap", f"page {page} repeats earlier products"), answer.url)
        elif len(rows) >= PAGE_SIZE and page * PAGE_SIZE < MOST:
            yield from self.fresh(site, catalogue_url(site, page + 1), step="catalogue")

    def otherwise(self, site: Site, step: str) -> Iterator[Request]:
        """A closed catalogue is read through the sitemap."""
        yield from self.sitemap_entry(site) if step == "catalogue" else super().otherwise(site, step)

    def read(self, answer: Answer) -> Reading:
        """Records of a catalogue page, of a /products/<handle>.js, or of a product page."""
        site = self.site_of(answer.url)
        path = urlsplit(answer.url).path
        if site is not None and path.endswith("/products.json"):
            yield from read_catalogue(catalogue_rows(answer), answer, site)
        elif site is not None and path.endswith(".js"):
            yield from read_one(answer, site)
        else:
            yield from super().read(answer)


def catalogue_url(site: Site, page: int) -> str:
    """Address of one catalogue page."""
    return f"{site.url.rstrip('/')}{site.path}/products.json?limit={PAGE_SIZE}&page={page}"


def page_number(url: str) -> int:
    """Page a catalogue address asks for."""
    text = parse_qs(urlsplit(url).query).get("page", ["1"])[0]
    return int(text) if text.isdigit() and len(text) < 6 else 1


def catalogue_rows(answer: Answer) -> list[Any]:
    """Products of a catalogue page.

    Raises BadAnswer: closed (any status but 200), what `load_json` raises, unexpected shape.
    """
    if answer.status != 200:
        raise BadAnswer("closed", f"status {answer.status}")
    value = load_json(answer)
    rows = value.get("products") if isinstance(value, dict) else None
    if not isinstance(rows, list):
        raise BadAnswer("unexpected shape", "no list under products")
    return rows


def read_catalogue(rows: list[Any], answer: Answer, site: Site) -> Reading:
    """Listings of the rows; what a row lacks is unknown, what it has more is noted once a page."""
    unknown: set[str] = set()
    for row in rows:
        listing = _listing(row, site, minor=False) if isinstance(row, dict) else None
        unknown |= set(row) - KNOWN if isinstance(row, dict) else set()
        yield listing or Rejected("no_title_or_handle", json.dumps(row, ensure_ascii=True)[:200])
    if unknown:
        yield Issue("new_field", ", ".join(sorted(map(str, unknown)))[:500])
    if len(rows) >= PAGE_SIZE and page_number(answer.url) * PAGE_SIZE >= MOST:
        yield Issue("partial_answer", f"Shopify lists {MOST} products at most; name collections in the site's row")


def read_one(answer: Answer, site: Site) -> Reading:
    """Listing of a /products/<handle>.js, whose prices are whole numbers of hundredths in every currency, the yen too."""
    value = load_json(answer)
    listing = _listing(value, site, minor=True) if isinstance(value, dict) else None
    yield listing or Rejected("no_title_or_handle", str(value)[:200])


def _listing(row: Row, site: Site, *, minor: bool) -> Listing | None:
    name = fragment_text(str(row.get("title") or ""), MAX_NAME)
    handle = str(row.get("handle") or "")
    if not name or not _HANDLE.fullmatch(handle):
        return None
    variants = _variants(row)
    asked, listed = _prices(variants, site, minor)
    return Listing(
        key=str(row.get("id") or handle),
        name=name,
        url=f"{site.url.rstrip('/')}/products/{handle}",
        description=fragment_text(_text(row.get("body_html") or row.get("description"))) or None,
        brand=clean(_text(row.get("vendor")), 200) or None,
        gtin=_gtin(variants),
        category=_category(row),
        price_text=f"{asked[0]:.10g}" if asked else None,
        currency_text=site.currency,
        price=asked[0] if asked else None,
        price_max=asked[-1] if len(asked) > 1 else None,
        list_price=listed,
        currency=site.currency if asked else None,
        availability=_availability(variants),
        seller=seller_of(site),
        country=site.country,
        language_text=site.lang,
    )


def _variants(row: Row) -> list[Row]:
    variants = row.get("variants")
    return [variant for variant in variants if isinstance(variant, dict)] if isinstance(variants, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _category(row: Row) -> tuple[str, ...]:
    """Product type and tags; tags are a list, or in old themes a text with commas."""
    tags = row.get("tags")
    words = tags if isinstance(tags, list) else _text(tags).split(",")
    found = (clean(_text(word), 100) for word in (row.get("product_type") or row.get("type"), *words[:30]))
    return tuple(dict.fromkeys(word for word in found if word))


def _prices(variants: list[Row], site: Site, minor: bool) -> tuple[list[float], float | None]:
    """Distinct prices asked, lowest first, of what can be had (else of all); and the price the lowest is compared with. 0 = not priced."""
    had = [variant for variant in variants if variant.get("available") is not False] or variants
    pairs = [(amount, variant) for variant in had if (amount := _amount(variant.get("price"), site, minor))]
    if not pairs:
        return [], None
    lowest = min(pairs, key=lambda pair: pair[0])
    before = _amount(lowest[1].get("compare_at_price"), site, minor)
    return sorted({amount for amount, _ in pairs}), before if before and before > lowest[0] else None


def _amount(value: object, site: Site, minor: bool) -> float | None:
    return (minor_units(value, 2) if minor else exact_number(value, site.currency)) or None


def _availability(variants: list[Row]) -> str | None:
    """InStock where one variant can be had; None where the payload does not say."""
    stated = [variant["available"] for variant in variants if isinstance(variant.get("available"), bool)]
    return ("InStock" if any(stated) else "OutOfStock") if stated else None


def _gtin(variants: list[Row]) -> str | None:
    codes = (_text(variant.get("barcode")).strip() for variant in variants)
    return next((code for code in codes if _GTIN.fullmatch(code)), None)
