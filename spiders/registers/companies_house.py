"""Companies House (United Kingdom): food wholesalers by activity code, through the API (free key) or the monthly file of all companies."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import BinaryIO
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request, Response

from market_db.seen import Party, Registration
from spiders.base.bulk_file import BulkFileSpider
from spiders.base.json_api import Json, JsonApiSpider, Shape, ShapeWatch, json_object, object_in, rows_in, text_in, whole_in
from spiders.base.paging import short_page
from spiders.base.spider import answer_of
from spiders.base.tables import Columns, Row, table_rows
from spiders.keys import BASIC
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

SEARCH = "https://api.company-information.service.gov.uk/advanced-search/companies"
FILE = "https://download.companieshouse.gov.uk/BasicCompanyDataAsOneFile-{year:04d}-{month:02d}-01.zip"
PAGE, WINDOW = 500, 10_000
"""Rows a page, and rows the search serves in all."""
ROLES = {"46": "wholesaler", "47": "retailer", "461": "distributor"}
"""SIC 2007 division -> role, longest first."""
STATUSES = {"active": "active", "liquidation": "dissolving", "dissolved": "dissolved", "administration": "dissolving"}
REGISTER = "gb-companies-house"
PERSONAL = "directors are neither asked nor read; a registered office may be a home, so it is kept only for companies"
ADDRESS: Shape = dict.fromkeys(
    ("care_of", "po_box", "premises", "address_line_1", "address_line_2", "locality", "region", "country", "postal_code"), str
)
SHAPE: Shape = {
    **dict.fromkeys(("company_name", "company_number", "company_status", "company_type", "company_subtype", "date_of_creation"), str),
    **dict.fromkeys(("date_of_cessation", "kind"), str),
    "links": dict,
    "registered_office_address": ADDRESS,
    "sic_codes": list,
}
COLUMNS = Columns(
    names={
        "name": ("CompanyName",),
        "number": ("CompanyNumber",),
        "line1": ("RegAddress.AddressLine1",),
        "line2": ("RegAddress.AddressLine2",),
        "city": ("RegAddress.PostTown",),
        "region": ("RegAddress.County",),
        "country": ("RegAddress.Country",),
        "postcode": ("RegAddress.PostCode",),
        "status": ("CompanyStatus",),
        **{f"sic{n}": (f"SICCode.SicText_{n}",) for n in range(1, 5)},
    },
    required=("name", "number", "status", "sic1"),
    watch=False,
)


def _passport(**more: object) -> Source:
    """What both ways share."""
    shared = {
        "publisher": "Companies House",
        "home": "https://www.gov.uk/government/organisations/companies-house",
        "licence": "Companies House data, free of restriction",
        "attribution": "Companies House",
        "terms_url": "https://resources.companieshouse.gov.uk/serviceInformation.shtml",
        "terms_read": None,
        "basis": "not decided",
        "countries": ("GB",),
        "roles": ("wholesaler", "distributor"),
        "personal_data": PERSONAL,
    }
    return Source(**{**shared, **more})  # type: ignore[arg-type]


class CompaniesHouse(JsonApiSpider):
    """The advanced search, a code at a time; the key goes into the header, never into an address."""

    name = "companies_house"
    about = _passport(
        title="Companies House, advanced search",
        hosts=("api.company-information.service.gov.uk",),
        every=timedelta(days=30),
        expect=Expect(least=10, most=40_000),
        pace=Pace(delay=1.0, max_requests=120),
        api=True,
        key_env="COMPANIES_HOUSE_KEY",
        empty_statuses=(404,),
        note="600 requests in five minutes are allowed; many shells are registered under these codes: use it to check, not alone",
    )
    handle_httpstatus_list = [400, 404]  # noqa: RUF012 - Scrapy reads this name from the class

    def first_requests(self) -> Iterator[Request]:
        """The first page of each code."""
        for code in dict.fromkeys(code for product in self.products for code in product.activities.get("sic2007", ())):
            yield self.ask_page(code, 0)

    def ask_page(self, code: str, start: int) -> Request:
        """One page of active companies."""
        asked = {"sic_codes": code, "company_status": "active", "size": PAGE, "start_index": start}
        return self.ask(f"{SEARCH}?{urlencode(asked)}", headers={"Authorization": BASIC})

    def read(self, answer: Answer) -> Reading:
        """Companies of one page; 404 or an empty body is how this search says "none"."""
        if answer.status == 404 or (answer.status == 200 and not answer.body.strip()):
            return
        found, watch = json_object(answer), ShapeWatch(SHAPE)
        if "items" not in found:
            raise BadAnswer("unexpected shape", f"no items; fields: {', '.join(sorted(found))[:200]}")
        for row in rows_in(found, "items"):
            if isinstance(row, dict):
                yield from watch.look(row)
                yield company(row)
            else:
                yield Rejected("not an object")
        start = int(parse_qs(urlsplit(answer.url).query).get("start_index", ["0"])[0])
        hits = whole_in(found, "hits") or 0
        yield from short_page(len(rows_in(found, "items")), start, PAGE, min(hits, WINDOW))
        if hits >= WINDOW and start == 0:
            detail = f"{hits} companies under one code, the search serves {WINDOW}: use companies_house_bulk"
            yield Issue("partial_answer", detail, broken=True)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """The next page, while there is one."""
        if response.status != 200 or not response.body.strip():
            return
        asked = {name: values[0] for name, values in parse_qs(urlsplit(response.url).query).items()}
        start = int(asked.get("start_index", "0")) + PAGE
        hits = whole_in(json_object(answer_of(response)), "hits") or 0
        if start < min(hits, WINDOW):
            yield self.ask_page(asked["sic_codes"], start)


class CompaniesHouseBulk(BulkFileSpider):
    """The file of all companies (about 470 MB), asked in parts once a month."""

    name = "companies_house_bulk"
    about = _passport(
        title="Companies House, file of all companies",
        hosts=("download.companieshouse.gov.uk",),
        every=timedelta(days=30),
        expect=Expect(least=500, most=100_000),
        pace=Pace(delay=2.0, max_requests=150, max_bytes=1_000_000_000, max_seconds=7_200, max_items=200_000),
        enabled=False,
        note="shape unverified until the first live check; about 470 MB a month",
    )

    def first_requests(self) -> Iterator[Request]:
        """The file of the month of the run."""
        if self.products:
            yield self.ask_file(FILE.format(year=self.as_of.year, month=self.as_of.month))

    def read(self, answer: Answer) -> Reading:
        """A saved file, as a fixture."""
        return self.read_rows(answer.body)

    def read_file(self, file: BinaryIO, url: str) -> Reading:
        """Active companies with one of the products' codes; all others are not even counted: they are millions."""
        return self.read_rows(file)

    def read_rows(self, source: bytes | BinaryIO) -> Reading:
        """Rows of the table under the wanted codes (all codes where no product is given)."""
        wanted = tuple(code for product in self.products for code in product.activities.get("sic2007", ()))
        for row in table_rows(source, COLUMNS):
            if isinstance(row, Rejected | Issue):
                yield row
            elif row["status"].lower() == "active" and any(row[f"sic{n}"].startswith(wanted or ("4", "5")) for n in range(1, 5)):
                yield listed(row)


def company(row: Json) -> Registration | Rejected:
    """One company of the search."""
    name, number = text_in(row, "company_name", 300), text_in(row, "company_number", 20)
    if name is None or number is None:
        return Rejected("no name or number")
    address = object_in(row, "registered_office_address")
    lines = [text_in(address, key, 200) for key in ("care_of", "premises", "address_line_1", "address_line_2")]
    codes = tuple(code for code in rows_in(row, "sic_codes") if isinstance(code, str))
    place = {
        "city": text_in(address, "locality", 100),
        "region": text_in(address, "region", 100),
        "postcode": text_in(address, "postal_code", 20),
    }
    status = text_in(row, "company_status", 60) or ""
    return registration(name, number, codes, status, {**place, "address": ", ".join(line for line in lines if line) or None})


def listed(row: Row) -> Registration:
    """One company of the file; codes stand as "46390 - Non-specialised wholesale of food"."""
    codes = tuple(row[f"sic{n}"].split(" - ")[0] for n in range(1, 5) if row[f"sic{n}"][:5].isdigit())
    place = {name: row[name] or None for name in ("city", "region", "postcode")}
    lines = ", ".join(line for line in (row["line1"], row["line2"]) if line) or None
    return registration(row["name"], row["number"], codes, row["status"].lower(), {**place, "address": lines})


def registration(name: str, number: str, codes: tuple[str, ...], status: str, place: Mapping[str, str | None]) -> Registration:
    """A company as both ways show it."""
    prefixes = [prefix for prefix in sorted(ROLES, key=len, reverse=True) if any(code.startswith(prefix) for code in codes)]
    role = ROLES[prefixes[0]] if prefixes else None
    proof = f"SIC 2007 {', '.join(codes)}" if role else None
    party = Party(
        name=name,
        role=role,
        role_proof=proof,
        country="GB",
        registry=REGISTER,
        registry_id=number,
        city=place["city"],
        region=place["region"],
        postcode=place["postcode"],
        address=place["address"],
    )
    return Registration(
        key=number,
        party=party,
        url=f"https://find-and-update.company-information.service.gov.uk/company/{number}",
        activity_codes=tuple(f"sic2007:{code}" for code in codes),
        status=STATUSES.get(status, status or None),
    )
