"""Open Prices: what such products cost in named shops, as shoppers photographed it; who photographed is never read."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request

from market_db.seen import Listing, Party
from market_db.values.places import read_country
from market_db.values.websites import host_of
from spiders.base.json_api import (
    Json,
    Shape,
    announced_in,
    json_object,
    number_in,
    object_in,
    read_rows,
    rows_in,
    text_in,
    whole_in,
)
from spiders.base.off_products import BY_MASS, BY_VOLUME, GTIN_LENGTHS
from spiders.base.paging import Page, PagedSpider, Question
from spiders.reading import Answer, BadAnswer, Reading, Rejected
from spiders.source import Expect, Pace, Source

SITE = "https://prices.openfoodfacts.org"
PRICES = f"{SITE}/api/v1/prices"
DAYS = 365
"""Prices older than this say nothing about a shelf of today."""
PRODUCT: Shape = {
    **dict.fromkeys(("code", "product_name", "product_quantity_unit", "brands", "source", "image_url"), str),
    **dict.fromkeys(("categories_tags", "labels_tags"), list),
    **dict.fromkeys(("brands_tags", "origins_tags", "unique_scans_n", "price_count", "owner", "created", "updated"), object),
    **dict.fromkeys(("nutriscore_grade", "ecoscore_grade", "environmental_score_grade", "nova_group", "source_last_synced"), object),
    **dict.fromkeys(("id", "product_quantity"), (int, float, str)),
    **{f"{of}_count": int for of in ("price", "location", "user", "proof", "price_currency")},
}
LOCATION: Shape = {
    **{f"osm_{name}": object for name in ("id", "type", "lat", "lon", "version", "brand", "tag_key", "tag_value")},
    **{f"osm_{name}": str for name in ("name", "display_name")},
    **{f"osm_address_{name}": str for name in ("city", "country", "country_code", "postcode")},
    **dict.fromkeys(("id", "type", "website_url", "source", "created", "updated"), object),
    **{f"{of}_count": int for of in ("price", "user", "product", "proof")},
}
SHAPE: Shape = {
    **dict.fromkeys(("id", "product_id", "location_id", "location_osm_id"), int),
    **dict.fromkeys(("type", "product_code", "product_name", "category_tag", "price_per", "currency", "date", "discount_type"), str),
    **dict.fromkeys(("location_osm_type", "created", "updated"), str),
    **dict.fromkeys(("price", "price_without_discount"), (int, float, str)),
    **dict.fromkeys(("labels_tags", "origins_tags", "tags"), list),
    "product": PRODUCT,
    "location": LOCATION,
    "price_is_discounted": bool,
    # known and never read: who took the picture, and the picture
    **dict.fromkeys(("proof", "proof_id", "owner", "source", "receipt_quantity", "owner_comment"), object),
}
NEEDED = ("id", "price", "currency", "product", "location")
PER_KG = "KILOGRAM"


class OpenPrices(PagedSpider):
    """Prices of the last twelve months of the categories of each product type, the newest first.

    They are listings, not observations: a shop asked that price for that product, and the market's shelf price is the median of all
    listings, whichever source they come from. Each price keeps a key of its own, so that one jar in three shops counts three times.
    """

    name = "open_prices"
    window = 50_000  # 500 pages of 100 are served
    page_size = 100
    about = Source(
        title="Open Prices: shelf prices",
        publisher="Open Food Facts",
        home="https://prices.openfoodfacts.org/",
        licence="ODbL 1.0",
        attribution="© Open Prices contributors, Open Database License (ODbL) 1.0; shops © OpenStreetMap contributors",
        terms_url="https://prices.openfoodfacts.org/about",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("prices.openfoodfacts.org",),
        roles=("retailer",),
        personal_data="who took the price (owner) and the picture of it (proof, often a receipt) come along and are never read",
        every=timedelta(days=7),
        expect=Expect(least=20, most=50_000),
        pace=Pace(delay=2.0, max_requests=300),
        api=True,
        api_robots="documented API for programs, without key",
        share_alike=True,
        note="Mostly France and Germany. Dollars are worked out at the rate of the day of reading, not of the price: at most a year apart. "
        "Fields as in the server's source, unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """One chain a product type."""
        for product in self.products:
            if product.off_categories:
                yield self.ask_chain((",".join(product.off_categories),))

    def page_request(self, question: Question, number: int) -> Request:
        """A page of prices."""
        return self.ask(prices_url(question[0], self.as_of, number))

    def page_of(self, answer: Answer) -> Page:
        """Rows and total of a page."""
        found = json_object(answer)
        return Page(rows=len(rows_in(found, "items")), total=whole_in(found, "total"))

    def read(self, answer: Answer) -> Reading:
        """Listings."""
        return read_prices(answer)


def prices_url(categories: str, as_of: date, number: int) -> str:
    """Prices of products in any of the categories; there is no filter by country, so all come."""
    since = (as_of - timedelta(days=DAYS)).isoformat()
    query = {"product__categories_tags__overlap": categories, "date__gte": since, "order_by": "-date", "size": OpenPrices.page_size}
    return f"{PRICES}?{urlencode({**query, 'page': number}, safe=':,')}"


def read_prices(answer: Answer) -> Reading:
    """One listing a price.

    Raises BadAnswer as `json_object`, and "missing field" where the answer names no total; Issues for fields that are new or gone.
    """
    found = json_object(answer)
    if whole_in(found, "total") is None:
        raise BadAnswer("missing field", f"no total; there are {', '.join(map(str, found))}"[:300])
    since = parse_qs(urlsplit(answer.url).query).get("date__gte", [""])[0]
    rows = announced_in(found, "items", whole_in(found, "total"))
    yield from read_rows(rows, SHAPE, NEEDED, lambda row: listing(row, since))


def listing(row: Json, since: str = "") -> Listing | Rejected:
    """One price, or why not; `since` (YYYY-MM-DD) is the oldest day that was asked for."""
    number, day, product = whole_in(row, "id"), text_in(row, "date", 10), object_in(row, "product")
    name = text_in(product, "product_name", 300) or text_in(row, "product_name", 300)
    amount, currency = amount_in(row, "price"), text_in(row, "currency", 3)
    if number is None or name is None:
        return Rejected("no id or product name", f"{number}")
    if amount is None or currency is None:
        return Rejected("no price or currency", f"{number}")
    if day is None or day < since:
        return Rejected("no date, or older than asked", f"{number} {day}")
    shop = seller(object_in(row, "location"))
    grams, millilitres = (1_000.0, None) if row.get("price_per") == PER_KG else content_of(product)
    code = text_in(row, "product_code", 40) or text_in(product, "code", 40) or ""
    before = amount_in(row, "price_without_discount") if row.get("price_is_discounted") is True else None
    return Listing(
        key=str(number),
        name=name,
        url=f"{SITE}/prices/{number}",
        description=f"Shelf price of {day}{', discounted' if row.get('price_is_discounted') is True else ''}",
        brand=(text_in(product, "brands", 300) or "").split(",")[0].strip() or None,
        gtin=code if code.isdigit() and len(code) in GTIN_LENGTHS else None,
        category=_category(product),
        price_text=f"{amount:g} {currency}",
        currency_text=currency,
        price=amount,
        list_price=before if before is not None and before > amount else None,
        currency=currency if currency.isalpha() and currency.isupper() else None,
        net_grams=grams,
        net_millilitres=millilitres,
        seller=shop,
        country=shop.country if shop else None,
    )


def amount_in(row: Json, name: str) -> float | None:
    """An amount above 0, a number or digits with a point (decimals are printed both ways); None for anything else."""
    value, text = number_in(row, name), row.get(name)
    if value is None and isinstance(text, str) and len(text) <= 14 and text.isascii() and text.replace(".", "", 1).isdigit():
        value = float(text)
    return value if value is not None and value > 0 else None


def content_of(product: Mapping[str, object]) -> tuple[float | None, float | None]:
    """(grams, millilitres) of a product; its quantity is stored in one of the two units."""
    size, unit = amount_in(product, "product_quantity"), text_in(product, "product_quantity_unit", 10)
    return (size if unit == BY_MASS else None, size if unit == BY_VOLUME else None)


def _category(product: Json) -> tuple[str, ...]:
    tags = product.get("categories_tags")
    texts = [tag for tag in tags[:50] if isinstance(tag, str) and ":" in tag] if isinstance(tags, list) else []
    return tuple(tag.partition(":")[2].replace("-", " ")[:80] for tag in texts)


def seller(place: Json) -> Party | None:
    """The shop, as OpenStreetMap names it, or the web shop by its address; None where neither stands there."""
    name, website = text_in(place, "osm_name", 200), text_in(place, "website_url", 300)
    if name is None:
        host = (host_of(website) or "").removeprefix("www.") if website else ""
        return Party(name=host, role="retailer", role_proof="sells it online", website=website) if host else None
    country = read_country((text_in(place, "osm_address_country_code", 2) or "").upper())
    number, kind = whole_in(place, "osm_id"), (text_in(place, "osm_type", 10) or "").lower()
    return Party(
        name=name,
        role="retailer",
        role_proof="the price was seen there",
        country_text=text_in(place, "osm_address_country", 80),
        country=country,
        city=text_in(place, "osm_address_city", 100),
        postcode=text_in(place, "osm_address_postcode", 20),
        registry="osm" if number is not None and kind else None,
        registry_id=f"{kind}/{number}" if number is not None and kind else None,
    )
