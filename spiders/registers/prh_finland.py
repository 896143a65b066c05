"""PRH (Finland): wholesalers of food in the Business Information System, with the website where the firm gave one."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from scrapy.http import Request

from market_db.seen import Party, Registration
from spiders.base.activities import activity_codes, five_digits, nace_role
from spiders.base.json_api import Json, Shape, ShapeWatch, json_object, object_in, rows_in, text_in, whole_in
from spiders.base.paging import Page, PagedSpider, Question
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

COMPANIES = "https://avoindata.prh.fi/opendata-ytj-api/v3/companies"
PRINTED = "https://tietopalvelu.ytj.fi/yritys/"
MAX_NAME = 300
SCHEMES = {"TOIMI3": "tol2008", "TOIMI4": "tol2025"}
"""PRH's code sets -> versions of TOL, Finland's NACE; since 2026 the main business line is given in TOL 2025."""
VISITING, POSTAL = 1, 2
FINNISH, ENGLISH = "1", "3"
PEOPLE = frozenset({"yksityinen elinkeinonharjoittaja", "toiminimi", "private trader", "sole trader", "enskild näringsidkare"})
"""Company forms of natural persons, in the register's own words; its codes for them are not documented."""
SITUATIONS = {"KONK": "bankrupt", "SELTILA": "dissolving", "SANE": "restructuring"}

KNOWN: Shape = dict.fromkeys(("registrationDate", "endDate", "source", "version", "type"), object)
TOLD: Shape = dict.fromkeys(("languageCode", "description"), str)
POST_OFFICE: Shape = dict.fromkeys(("city", "languageCode", "municipalityCode"), str)
ADDRESS: Shape = {
    **KNOWN,
    **dict.fromkeys(("street", "postCode", "buildingNumber", "entrance", "apartmentNumber", "apartmentIdSuffix"), str),
    **dict.fromkeys(("postOfficeBox", "co", "country", "freeAddressLine"), str),
    "postOffices": [POST_OFFICE],
}
SHAPE: Shape = {
    "businessId": {**KNOWN, "value": str},
    "euId": {**KNOWN, "value": str},
    "mainBusinessLine": {**KNOWN, "typeCodeSet": str, "descriptions": [TOLD]},
    "website": {**KNOWN, "url": str},
    "names": [{**KNOWN, "name": str}],
    "companyForms": [{**KNOWN, "descriptions": [TOLD]}],
    "addresses": [ADDRESS],
    **dict.fromkeys(("companySituations", "registeredEntries"), list),
    **dict.fromkeys(("tradeRegisterStatus", "status", "registrationDate", "endDate", "lastModified"), str),
}


class PrhFinland(PagedSpider):
    """One search per main business line."""

    name = "prh_finland"
    about = Source(
        title="Finnish Business Information System (YTJ): food wholesalers",
        publisher="Finnish Patent and Registration Office (PRH)",
        home="https://avoindata.prh.fi/",
        licence="Creative Commons Attribution 4.0",
        attribution="Source: Finnish Patent and Registration Office, Business Information System, CC BY 4.0",
        terms_url="https://avoindata.prh.fi/en",
        terms_read=None,
        basis="open licence",
        hosts=("avoindata.prh.fi",),
        countries=("FI",),
        roles=("wholesaler", "distributor"),
        personal_data="Private traders are dropped by company form, counted; care-of names in addresses are not read.",
        every=timedelta(days=14),
        expect=Expect(least=20, most=10_000),
        pace=Pace(delay=1.0, max_requests=150),
        api=True,
        api_robots="documented open-data API for programs (CC BY 4.0)",
        note="No rate is published; one request a second. One recorded answer was seen, the filter mainBusinessLine "
        "is unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """One search per wholesale class, five digits without a point."""
        for code in dict.fromkeys(five_digits(code) for code in activity_codes(self.products, "nace2", "46")):
            yield self.ask_chain((code,))

    def page_request(self, question: Question, number: int) -> Request:
        """A page of firms of one business line."""
        return self.ask(f"{COMPANIES}?{urlencode({'mainBusinessLine': question[0], 'page': number})}")

    def page_of(self, answer: Answer) -> Page:
        """Rows and total of a search."""
        found = search_of(answer)
        return Page(rows=len(rows_in(found, "companies")), total=whole_in(found, "totalResults"))

    def read(self, answer: Answer) -> Reading:
        """Registrations of firms."""
        return read_companies(answer)


def search_of(answer: Answer) -> Json:
    """The answer of a search. Raises BadAnswer as `json_object`, and "unexpected shape"."""
    found = json_object(answer)
    if whole_in(found, "totalResults") is None or "companies" not in found:
        raise BadAnswer("unexpected shape", f"no companies or totalResults; fields: {sorted(found)[:10]}")
    return found


def read_companies(answer: Answer) -> Reading:
    """One Registration per company. Raises BadAnswer as `search_of`."""
    watch = ShapeWatch(SHAPE)
    for row in rows_in(search_of(answer), "companies"):
        if isinstance(row, dict):
            yield from watch.look(row)
            yield from unknown_values(row)
        yield company(row)


def unknown_values(row: Json) -> Iterator[Issue]:
    """Codes of the register that are not in our tables."""
    line = object_in(row, "mainBusinessLine")
    if line and text_in(line, "typeCodeSet", 20) not in SCHEMES:
        yield Issue("unmapped_value", f"typeCodeSet {text_in(line, 'typeCodeSet', 20)}")
    for situation in objects(row, "companySituations"):
        if text_in(situation, "type", 20) not in SITUATIONS:
            yield Issue("unmapped_value", f"companySituations type {text_in(situation, 'type', 20)}")


def objects(row: Json, name: str) -> list[Json]:
    """Objects of a list; anything else in it is passed over, `ShapeWatch` tells of lists that are none."""
    found = row.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def company(row: object) -> Registration | Rejected:
    """One company, or why not; a rejection shows the number only."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    number = text_in(object_in(row, "businessId"), "value", 20) or ""
    if not valid_number(number):
        return Rejected("bad business id", f"businessId {number}")
    forms = {(text or "").casefold() for form in objects(row, "companyForms") if not form.get("endDate") for text in words(form)}
    if forms & PEOPLE:
        return Rejected("sole trader", f"businessId {number}")
    if not forms:
        # people who register for tax only have no form
        return Rejected("no company form", f"businessId {number}")
    names = [text_in(each, "name", MAX_NAME) for each in objects(row, "names") if each.get("type") == "1" and not each.get("endDate")]
    if not names or names[0] is None:
        return Rejected("no name", f"businessId {number}")
    return registration(row, number, names[0])


def words(coded: Json) -> list[str | None]:
    """All descriptions of a coded value."""
    return [text_in(each, "description") for each in objects(coded, "descriptions")]


def valid_number(number: str) -> bool:
    """Mod-11 check of a Finnish business id (weights 7 9 10 5 8 4 2), written 1234567-8."""
    digits, dash, check = number.partition("-")
    if len(digits) != 7 or not dash or len(check) != 1 or not (digits + check).isascii() or not (digits + check).isdigit():
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(digits, (7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return rest != 1 and int(check) == (0 if rest == 0 else 11 - rest)


def registration(row: Json, number: str, name: str) -> Registration:
    """The record of a company whose number and name were checked."""
    line = object_in(row, "mainBusinessLine")
    code, scheme = text_in(line, "type", 10), SCHEMES.get(text_in(line, "typeCodeSet", 20) or "")
    text = next((text_in(each, "description") for each in objects(line, "descriptions") if each.get("languageCode") == ENGLISH), None)
    role = nace_role(code or "")
    situations = [SITUATIONS.get(text_in(each, "type", 20) or "") for each in objects(row, "companySituations") if not each.get("endDate")]
    return Registration(
        key=number,
        party=party_of(row, number, name, (role, f"{code} {text or ''}".strip() if role else None)),
        url=f"{PRINTED}{number}",
        activity_codes=(f"{scheme}:{code}",) if scheme and code else (),
        activity_text=text,
        status="dissolved" if row.get("endDate") else next((word for word in situations if word), "active"),
    )


def party_of(row: Json, number: str, name: str, role: tuple[str | None, str | None]) -> Party:
    """The firm at its visiting address, else its postal one."""
    places = sorted(objects(row, "addresses"), key=lambda each: each.get("type") != VISITING)
    place: Json = places[0] if places else {}
    towns = sorted(objects(place, "postOffices"), key=lambda each: each.get("languageCode") != FINNISH)
    box = text_in(place, "postOfficeBox", 20)
    street = [text_in(place, part, 100) for part in ("street", "buildingNumber", "entrance", "apartmentNumber")]
    return Party(
        name=name,
        role=role[0],
        role_proof=role[1],
        country="FI",
        country_basis="register",
        city=text_in(towns[0], "city") if towns else None,
        address=" ".join(part for part in street if part) or (f"PL {box}" if box else None),
        postcode=text_in(place, "postCode", 20),
        registry="fi-prh",
        registry_id=number,
        website=text_in(object_in(row, "website"), "url"),
    )
