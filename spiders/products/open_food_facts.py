"""Open Food Facts: which such products are on sale in which country, under which brands and labels, and in which shops."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request, Response

from market_db.products import ProductType, load_products
from market_db.values.places import read_country
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, clean_text, json_object, number_in, rows_in, text_in, whole_in
from spiders.base.off_products import HALAL, Shown, counted, listings
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected, day_of
from spiders.source import Expect, Pace, Source

SITE = "https://world.openfoodfacts.org"
SEARCH, COUNTRIES = f"{SITE}/api/v2/search", f"{SITE}/facets/countries?json=1"
PAGE = 100
MOST_LISTED = 2_000
"""Products listed of one type, the most scanned first: whoever wants all of them takes the daily file (`open_food_facts_dump`)."""
LEAST_CATALOGUE = 2_000
"""Products of all kinds below which a country's catalogue says nothing about what is on sale there; such countries are not counted."""
SHAPE: Shape = {
    **dict.fromkeys(("code", "product_name", "brands", "quantity", "stores", "origins", "manufacturing_places", "lang"), str),
    **dict.fromkeys(("product_quantity", "product_quantity_unit"), object),
    **dict.fromkeys(("countries_tags", "labels_tags", "categories_tags"), list),
}
"""The fields that are asked for; those of contributors are not among them."""


class OpenFoodFacts(JsonApiSpider):
    """One request for the catalogue of each country, pages of products of each type, and two counts a type and country."""

    name = "open_food_facts"
    about = Source(
        title="Open Food Facts: products on sale",
        publisher="Open Food Facts",
        home="https://world.openfoodfacts.org/",
        licence="ODbL 1.0",
        attribution="© Open Food Facts contributors, Open Database License (ODbL) 1.0",
        terms_url="https://world.openfoodfacts.org/terms-of-use",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("world.openfoodfacts.org",),
        roles=("retailer",),
        personal_data="contributors are not asked for; shops are named, persons are not",
        every=timedelta(days=30),
        expect=Expect(least=100, most=60_000),
        pace=Pace(delay=7.5, max_requests=300),  # ten searches a minute; eight are asked
        api=True,
        api_robots="documented API for programs, ten searches a minute, with a contact in the User-Agent",
        share_alike=True,
        note="Volunteers photograph what they find: France and its neighbours are well covered, Asia hardly. Monthly, because the project "
        "asks programs that want counts to take its daily file; the file is read by open_food_facts_dump. Shape of the counts unverified "
        "until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """How many products each country has, and the first page of each product type."""
        known = [product for product in self.products if product.off_categories]
        if known:
            yield self.ask(COUNTRIES, errback=self.page_failed)
        for product in known:
            yield self.ask(page_url(product, 1), errback=self.page_failed)

    def read(self, answer: Answer) -> Reading:
        """Listings of a page, or the counts of a country or of all."""
        day = day_of(answer, self.as_of)
        if is_catalogue(answer.url):
            return read_catalogue(answer, day)
        return read_page(answer) if "page" in asked(answer.url) else read_count(answer, day)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """Counts for the countries with a catalogue; the next page while there are more products."""
        answer = answer_of(response)
        if is_catalogue(answer.url):
            yield from self._counts(answer)
            return
        query, found = asked(answer.url), json_object(answer)
        number, total = int(query.get("page", "0")), whole_in(found, "count") or 0
        if number * PAGE == MOST_LISTED < total:
            detail = f"the {MOST_LISTED} most scanned of {total} products were listed; all of them: open_food_facts_dump"
            self.note(self.name, Issue("partial_answer", detail), response.url)
        if number and rows_in(found, "products") and number * PAGE < min(total, MOST_LISTED):
            for product in types_of(query):
                yield self.ask(page_url(product, number + 1), errback=self.page_failed)
                return

    def _counts(self, answer: Answer) -> Iterator[Request]:
        tags = [tag for tag, _, products in catalogue(answer) if products >= LEAST_CATALOGUE]
        for product in self.products:
            for tag in tags if product.off_categories else ():
                yield self.ask(count_url(product, tag), errback=self.page_failed)
                yield self.ask(count_url(product, tag, HALAL), errback=self.page_failed)


def page_url(product: ProductType, number: int) -> str:
    """A page of products of any of the type's categories, the most scanned first."""
    names = ",".join(SHAPE)
    query = {"categories_tags": "|".join(product.off_categories), "fields": names, "sort_by": "unique_scans_n", "page_size": PAGE}
    return f"{SEARCH}?{urlencode({**query, 'page': number}, safe=':,')}"


def count_url(product: ProductType, country: str, label: str = "") -> str:
    """How many products of the type a country has, with a label if one is named; one product comes along, because none cannot be asked."""
    query = {"categories_tags": "|".join(product.off_categories), "countries_tags": country, "fields": "code", "page_size": 1}
    return f"{SEARCH}?{urlencode({**query, 'labels_tags': label} if label else query, safe=':,')}"


def asked(url: str) -> dict[str, str]:
    """Parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def is_catalogue(url: str) -> bool:
    """Whether an address is the list of countries."""
    return urlsplit(url).path == "/facets/countries"


def types_of(query: Mapping[str, str]) -> list[ProductType]:
    """Product types that a search was about."""
    return [
        product
        for product in load_products().values()
        if product.off_categories and "|".join(product.off_categories) == query.get("categories_tags")
    ]


def catalogue(answer: Answer) -> list[tuple[str, str, int]]:
    """(tag, ISO 3166-1 alpha-2, products) of the list of countries; tags that name no country are left out.

    Raises BadAnswer as `json_object`, and "missing field" where no entry has id and products.
    """
    rows = rows_in(json_object(answer), "tags")
    pairs = [(text_in(row, "id", 80), whole_in(row, "products")) for row in rows if isinstance(row, dict)]
    whole = [(tag, products) for tag, products in pairs if tag is not None and products is not None]
    if not whole:
        raise BadAnswer("missing field", f"no id and products in {len(rows)} tags")
    return [(tag, country, products) for tag, products in whole if (country := read_country(tag)) is not None]


def read_catalogue(answer: Answer, day: date) -> Reading:
    """How many products of all kinds each country has: what the counts of a type are measured by.

    Raises BadAnswer as `catalogue`.
    """
    found, seen = catalogue(answer), set[str]()
    for _, country, products in found:
        if country in seen:
            yield Rejected("country twice", country)
            continue
        seen.add(country)
        yield counted("catalogue_products", country, period=f"{day:%Y-%m}", value=products, url=answer.url)
    rows = len(rows_in(json_object(answer), "tags"))
    yield from (Rejected("tag of no country") for _ in range(rows - len(found)))
    total = whole_in(json_object(answer), "count")
    if total is not None and total > rows:
        yield Issue("partial_answer", f"{rows} of {total} countries came", broken=True)


def read_count(answer: Answer, day: date) -> Reading:
    """One count. Raises BadAnswer as `total_of`."""
    query, total = asked(answer.url), total_of(json_object(answer))
    country = read_country(query.get("countries_tags", ""))
    if country is None:
        yield Rejected("tag of no country", query.get("countries_tags", "")[:80])
        return
    metric = "assortment_halal_products" if query.get("labels_tags") == HALAL else "assortment_products"
    for product in types_of(query):
        yield counted(metric, country, period=f"{day:%Y-%m}", value=total, url=answer.url, product=product.key)


def total_of(found: Json) -> int:
    """Products that match. Raises BadAnswer "error in answer" or "missing field"."""
    errors = found.get("errors") or found.get("error")
    if errors:
        raise BadAnswer("error in answer", clean_text(str(errors), 300) or "")
    total = whole_in(found, "count")
    if total is None:
        raise BadAnswer("missing field", f"no count; there are {', '.join(map(str, found))}"[:300])
    return total


def read_page(answer: Answer) -> Reading:
    """Listings of one page of products.

    Raises BadAnswer as `total_of`; Issue partial_answer where fewer products came than the total leaves for this page.
    """
    found = json_object(answer)
    total, rows, number = total_of(found), rows_in(found, "products"), int(asked(answer.url)["page"])
    due = max(0, min(PAGE, total - (number - 1) * PAGE))
    if len(rows) < due:
        yield Issue("partial_answer", f"page {number}: {len(rows)} of {due} products came, {total} match", broken=not rows)
    watch = ShapeWatch(SHAPE)
    for row in rows:
        if not isinstance(row, dict):
            yield Rejected("not an object")
            continue
        yield from watch.look(row)
        yield from listings(shown(row))


def shown(row: Json) -> Shown:
    """A product of the API."""
    size = number_in(row, "product_quantity")
    if size is None and isinstance(row.get("product_quantity"), str):
        size = _number(str(row["product_quantity"]))
    return Shown(
        code=text_in(row, "code", 40) or "",
        name=text_in(row, "product_name", 300),
        brands=text_in(row, "brands", 300),
        quantity=text_in(row, "quantity", 100),
        stores=text_in(row, "stores", 500),
        origins=text_in(row, "origins", 200),
        made_in=text_in(row, "manufacturing_places", 200),
        language=text_in(row, "lang", 10),
        countries=_tags(row, "countries_tags"),
        labels=_tags(row, "labels_tags"),
        categories=_tags(row, "categories_tags"),
        amount=size,
        unit=text_in(row, "product_quantity_unit", 10),
    )


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.replace(".", "", 1).isdigit() and len(text) <= 12 else None


def _tags(row: Json, name: str) -> Sequence[str]:
    values = row.get(name)
    return [tag for value in values[:200] if (tag := clean_text(value, 100))] if isinstance(values, list) else []
