"""SNAP retailers (United States): food shops with names that speak of an Asian or other fitting kitchen, with their place."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote, urlencode, urlsplit

from scrapy.http import Request

from market_db.seen import Party, Place
from spiders.base.json_api import Json, Shape, ShapeWatch, json_object, missing_in, number_in, object_in, rows_in, text_in, whole_in
from spiders.base.paging import Page, PagedSpider, Question
from spiders.reading import Answer, BadAnswer, Reading, Rejected
from spiders.source import Expect, Pace, Source

LAYER = "https://services1.arcgis.com/RLQu0rK7h4kbsBq5/arcgis/rest/services/snap_retailer_location_data/FeatureServer/0/query"
WORDS_AT_ONCE = 8
"""Name words in one question: addresses end at 2,083 characters."""
LEAST_WORD = 4
"""Letters: a shorter word stands inside too many others."""
MAX_NAME = 300
FIELDS = (
    *("Record_ID", "ObjectId", "Store_Name", "Store_Street_Address", "Additonal_Address", "City", "State", "Zip_Code", "Zip4", "County"),
    *("Store_Type", "Latitude", "Longitude", "Incentive_Program", "Grantee_Name"),
)
SHAPE: Shape = {
    **dict.fromkeys(FIELDS, str),
    **dict.fromkeys(("Record_ID", "Zip_Code", "Zip4"), (str, int)),
    **dict.fromkeys(("Latitude", "Longitude"), (int, float)),
    "ObjectId": int,
}


class SnapRetailers(PagedSpider):
    """A quarter of a million shops: only those whose name has a word of the product types are asked, some words at once."""

    name = "snap_retailers"
    window = 20_000
    page_size = 1_000
    about = Source(
        title="SNAP retailers with fitting names",
        publisher="U.S. Department of Agriculture, Food and Nutrition Service",
        home="https://www.fns.usda.gov/snap/retailer-locator",
        licence="United States public domain",
        attribution="Source: USDA Food and Nutrition Service, SNAP Retailer Locator",
        terms_url="https://www.fns.usda.gov/snap/retailer-locator/data",
        terms_read=None,
        basis="public domain",
        hosts=("services1.arcgis.com",),
        countries=("US",),
        roles=("retailer",),
        personal_data="none: shops and their addresses; owners are not published",
        every=timedelta(days=30),
        expect=Expect(least=20, most=30_000),
        pace=Pace(delay=2.0, max_requests=100),
        api=True,
        api_robots="public feature service for programs (ArcGIS REST)",
        note="A shop is a retailer, not an importer. The address of the service comes from other projects; shape unverified until the "
        "first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The name words of the product types, some at once."""
        words = name_words([word for product in self.products for word in product.shop_words])
        for at in range(0, len(words), WORDS_AT_ONCE):
            yield self.ask_chain(words[at : at + WORDS_AT_ONCE])

    def count_request(self, question: Question) -> Request:
        """How many shops have one of the words."""
        return self.ask(layer_url(question, returnCountOnly="true"))

    def page_request(self, question: Question, number: int) -> Request:
        """A page of shops, in the order of their ids."""
        paging = {"orderByFields": "ObjectId", "resultOffset": str((number - 1) * self.page_size), "resultRecordCount": str(self.page_size)}
        return self.ask(layer_url(question, outFields=",".join(FIELDS), returnGeometry="false", **paging))

    def page_of(self, answer: Answer) -> Page:
        """Rows of a page, or the number of a count."""
        found = layer_of(answer)
        if "count" in found:
            return Page(rows=0, total=whole_in(found, "count"), is_count=True)
        return Page(rows=len(rows_in(found, "features")), total=None)

    def read(self, answer: Answer) -> Reading:
        """Places of shops; a count holds none."""
        found = layer_of(answer)
        return iter(()) if "count" in found else read_shops(found, answer.url)


def name_words(words: list[str]) -> tuple[str, ...]:
    """Words as shop names print them in the United States: plain letters, long enough, none inside another."""
    plain = dict.fromkeys(word.upper() for word in words if word.isascii() and len(word) >= LEAST_WORD and word.replace(" ", "").isalpha())
    return tuple(word for word in plain if not any(other != word and other in word for other in plain))


def layer_url(words: Question, **asked: str) -> str:
    """A question to the layer: shops with one of the words in their name."""
    where = " OR ".join(f"UPPER(Store_Name) LIKE '%{word}%'" for word in words)
    return f"{LAYER}?{urlencode({'where': where, 'f': 'json', **asked}, quote_via=quote)}"


def layer_of(answer: Answer) -> Json:
    """Rows or count. Raises BadAnswer as `json_object`, "error in answer" (ArcGIS errs with status 200), "unexpected shape"."""
    found = json_object(answer, errors=False)
    error = object_in(found, "error")
    if error:
        raise BadAnswer("error in answer", f"{text_in(error, 'code', 20)} {text_in(error, 'message', 200)} {error.get('details')}"[:300])
    if "features" not in found and whole_in(found, "count") is None:
        raise BadAnswer("unexpected shape", f"no features or count; fields: {sorted(found)[:10]}")
    return found


def read_shops(found: Json, url: str) -> Reading:
    """One Place per shop."""
    watch = ShapeWatch(SHAPE)
    yield from missing_in(rows_in(found, "features"), ("attributes",))
    for feature in rows_in(found, "features"):
        row = feature.get("attributes") if isinstance(feature, dict) else None
        if isinstance(row, dict):
            yield from watch.look(row)
        yield shop(row, url)


def shop(row: object, url: str) -> Place | Rejected:
    """One shop, or why not."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    number, name = text_in(row, "Record_ID", 20) or text_in(row, "ObjectId", 20), text_in(row, "Store_Name", MAX_NAME)
    if number is None or not number.isalnum():
        return Rejected("no number", f"Record_ID {str(number)[:20]}")
    if name is None:
        return Rejected("no name", f"Record_ID {number}")
    return place(row, number, name, url)


def place(row: Json, number: str, name: str, url: str) -> Place:
    """The record of a shop whose number and name were checked."""
    kind, postcode = text_in(row, "Store_Type", 60), text_in(row, "Zip_Code", 10)
    lines = [line for line in (text_in(row, "Store_Street_Address"), text_in(row, "Additonal_Address")) if line]
    party = Party(
        name=name,
        role="retailer",
        role_proof=f"authorised SNAP retailer, {kind or 'type not given'}",
        country="US",
        country_basis="register",
        region=text_in(row, "State", 20),
        city=text_in(row, "City"),
        address=", ".join(lines) or None,
        # a number in some years: Massachusetts loses its zero
        postcode=postcode.zfill(5) if postcode and postcode.isdigit() else postcode,
        registry="us-snap",
        registry_id=number,
    )
    return Place(
        key=f"snap/{number}",
        party=party,
        url=record_url(number, url),
        latitude=number_in(row, "Latitude"),
        longitude=number_in(row, "Longitude"),
        shop_type=f"snap={kind}" if kind else None,
    )


def record_url(number: str, asked: str) -> str:
    """A question a person can open for one shop, on the service that answered."""
    where = f"Record_ID={number}" if number.isdigit() else f"Record_ID='{number}'"
    parts = urlsplit(asked)
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode({'where': where, 'outFields': '*', 'f': 'html'}, quote_via=quote)}"
