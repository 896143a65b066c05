"""Food Hygiene Rating Scheme (United Kingdom): premises that a council inspects as food importer or distributor."""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request, Response

from market_db.reference import words
from market_db.seen import Party, Registration
from market_db.values.names import looks_like_company
from market_db.values.persons import looks_like_person
from spiders.base.activities import activity_codes
from spiders.base.json_api import Json, Shape, ShapeWatch, json_object, object_in, rows_in, text_in, whole_in
from spiders.base.paging import Page, PagedSpider, Question
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

SERVICE = "https://api.ratings.food.gov.uk"
VERSION = {"x-api-version": "2"}
"""Without it the service answers 404, as if the address were wrong."""
PRINTED = "https://ratings.food.gov.uk/business/"
MAX_NAME = 300
ROLES = (("importer", "importer"), ("distributor", "distributor"), ("supermarket", "retailer"), ("manufacturer", "supplier"))
"""Word in the business type -> role."""

SHAPE: Shape = {
    **dict.fromkeys(("LocalAuthorityBusinessID", "BusinessName", "BusinessType", "AddressLine1", "AddressLine2", "AddressLine3"), str),
    **dict.fromkeys(("AddressLine4", "PostCode", "Phone", "RatingValue", "RatingKey", "RatingDate", "LocalAuthorityCode"), str),
    **dict.fromkeys(("LocalAuthorityName", "LocalAuthorityWebSite", "LocalAuthorityEmailAddress", "SchemeType", "RightToReply"), str),
    **dict.fromkeys(("FHRSID", "ChangesByServerID", "BusinessTypeID"), int),
    **dict.fromkeys(("scores", "geocode", "meta"), dict),
    "Distance": (int, float, str),
    "NewRatingPending": bool,
    "links": list,
}


class Fhrs(PagedSpider):
    """The list of business types first, for the ids; then every establishment of the types that trade the products."""

    name = "fhrs"
    window = 30_000
    page_size = 1_000
    about = Source(
        title="Food Hygiene Rating Scheme: importers and distributors",
        publisher="Food Standards Agency",
        home="https://ratings.food.gov.uk/",
        licence="Open Government Licence v3.0",
        attribution="Contains FSA data, (c) Crown copyright, licensed under the Open Government Licence v3.0",
        terms_url="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("api.ratings.food.gov.uk",),
        countries=("GB",),
        roles=("importer", "distributor"),
        personal_data="Sole traders may trade under their own names: what can be a person's name, with neither a company marker nor a word "
        "of trade, is refused by the privacy step. Addresses of private homes are withheld by the publisher.",
        every=timedelta(days=14),
        expect=Expect(least=100, most=30_000),
        pace=Pace(delay=2.0, max_requests=60),
        api=True,
        api_robots="documented open-data API for programs (OGL v3)",
        note="Proves food premises of that kind, not what is traded there. JSON shape unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The list of business types."""
        if activity_codes(self.products, "fhrs"):
            yield self.ask(f"{SERVICE}/BusinessTypes", headers=VERSION, errback=self.lost)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """Establishments of the wanted types; then the pages of each."""
        answer = answer_of(response)
        if is_types(answer):
            ids = type_ids(answer)
            for name in activity_codes(self.products, "fhrs"):
                if (number := ids.get(name.casefold())) is not None:
                    yield self.ask_chain((str(number), name))
                else:
                    self.note(self.name, Issue("missing_type", f"no business type {name!r}; there are {', '.join(ids)}"[:500], broken=True))
        yield from super().next_requests(response)

    def page_request(self, question: Question, number: int) -> Request:
        """One page of establishments of a type."""
        return self.ask(establishments_url(int(question[0]), number), headers=VERSION)

    def page_of(self, answer: Answer) -> Page | None:
        """Rows and total of a page of establishments."""
        if is_types(answer):
            return None
        found = page_in(answer)
        return Page(rows=len(rows_in(found, "establishments")), total=whole_in(object_in(found, "meta"), "totalCount"))

    def read(self, answer: Answer) -> Reading:
        """Registrations of premises; the list of types holds none."""
        if is_types(answer):
            type_ids(answer)
            return
        yield from read_establishments(answer)


def is_types(answer: Answer) -> bool:
    """Whether an answer is the list of business types."""
    return urlsplit(answer.url).path.rstrip("/").lower() == "/businesstypes"


def type_ids(answer: Answer) -> dict[str, int]:
    """Business type (folded) -> id. Raises BadAnswer as `json_object`, and "unexpected shape" where no type is listed."""
    found = json_object(answer)
    rows = [row for row in rows_in(found, "businessTypes") if isinstance(row, dict)]
    named = {(text_in(row, "BusinessTypeName") or "").casefold(): whole_in(row, "BusinessTypeId") for row in rows}
    # "All" is -1: asked with it, the service would give every kitchen of the country
    ids = {name: number for name, number in named.items() if name and number is not None and number > 0}
    if not ids:
        raise BadAnswer("unexpected shape", f"no businessTypes; fields: {sorted(found)[:10]}")
    return ids


def establishments_url(type_id: int, page: int) -> str:
    """Establishments of one type; the service refuses a question without a filter, and so does this."""
    if type_id < 1:
        raise ValueError(f"business type {type_id} is no filter")
    return f"{SERVICE}/Establishments?{urlencode({'businessTypeId': type_id, 'pageNumber': page, 'pageSize': Fhrs.page_size})}"


def page_in(answer: Answer) -> Json:
    """A page of establishments. Raises BadAnswer as `json_object`, "error in answer", "unexpected shape"."""
    found = json_object(answer)
    code = text_in(object_in(found, "meta"), "returncode", 40)
    if code not in (None, "OK"):
        raise BadAnswer("error in answer", f"returncode {code}")
    if "establishments" not in found or whole_in(object_in(found, "meta"), "totalCount") is None:
        raise BadAnswer("unexpected shape", f"no establishments or totalCount; fields: {sorted(found)[:10]}")
    return found


def read_establishments(answer: Answer) -> Reading:
    """One Registration per establishment. Raises BadAnswer as `page_in`."""
    wanted = parse_qs(urlsplit(answer.url).query).get("businessTypeId", [""])[0]
    watch = ShapeWatch(SHAPE)
    for row in rows_in(page_in(answer), "establishments"):
        if isinstance(row, dict):
            yield from watch.look(row)
        yield establishment(row, wanted)


def establishment(row: object, wanted: str = "") -> Registration | Rejected:
    """One establishment, or why not; a rejection shows the number only."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    number, name = whole_in(row, "FHRSID"), text_in(row, "BusinessName", MAX_NAME)
    if number is None or not 0 < number < 10**12:
        return Rejected("no number", f"FHRSID {str(row.get('FHRSID'))[:20]}")
    if name is None:
        return Rejected("no name", f"FHRSID {number}")
    kind = whole_in(row, "BusinessTypeID")
    if wanted and str(kind) != wanted:
        return Rejected("not what was asked", f"FHRSID {number}: type {str(kind)[:20]} instead of {wanted}")
    return registration(row, number, name)


def registration(row: Json, number: int, name: str) -> Registration:
    """The record of an establishment whose number and name were checked."""
    kind = text_in(row, "BusinessType") or ""
    role = next((role for word, role in ROLES if word in kind.lower()), None)
    lines = [line for line in (text_in(row, f"AddressLine{at}") for at in range(1, 5)) if line]
    phone = text_in(row, "Phone", 100)
    party = Party(
        name=name,
        role=role,
        role_proof=f'business type "{kind}" of the Food Standards Agency' if role else None,
        country="GB",
        country_basis="register",
        address=", ".join(lines) or None,
        postcode=text_in(row, "PostCode", 20),
        registry="gb-fhrs",
        registry_id=str(number),
        phones_text=(phone,) if phone else (),
        natural_person=not looks_like_company(name) and looks_like_person(name, words("trade_words", "words")),
    )
    return Registration(
        key=str(number), party=party, url=f"{PRINTED}{number}", activity_codes=(f"fhrs:{kind}",) if kind else (), activity_text=kind or None
    )
