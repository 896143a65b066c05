"""GLEIF: whether a firm we know has a Legal Entity Identifier, and with it its legal name, address, national number and status."""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Request

from market_db.companies.known import KnownCompany
from market_db.seen import Party, Registration
from spiders.base.company_check import JsonCompanyCheck, same_firm
from spiders.base.json_api import Json, Shape, ShapeWatch, json_object, object_in, rows_in, text_in, whole_in
from spiders.reading import Answer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

RECORDS = "https://api.gleif.org/api/v1/lei-records"
PAGE = 50
SHOWN = "https://search.gleif.org/#/record/"

REGISTERS = {
    "RA000585": "gb-companies-house",
    "RA000472": "no-brreg",
    "RA000189": "fr-siren",
    "RA000188": "fi-ytunnus",
    "RA000163": "cz-ico",
}
"""GLEIF's registration authority -> the register's name here; of the others the LEI alone is kept."""

ADDRESS: Shape = {
    **dict.fromkeys(("language", "city", "region", "country", "postalCode"), str),
    **dict.fromkeys(("addressNumber", "addressNumberWithinBuilding", "mailRouting", "type"), str),
    "addressLines": list,
}
NAMED: Shape = dict.fromkeys(("language", "name", "type"), str)
CODED: Shape = dict.fromkeys(("id", "other"), str)
ENTITY: Shape = {
    "legalName": NAMED,
    **dict.fromkeys(("legalAddress", "headquartersAddress"), ADDRESS),
    **dict.fromkeys(("registeredAt", "legalForm"), CODED),
    **dict.fromkeys(("associatedEntity", "expiration", "successorEntity"), dict),
    "otherNames": [NAMED],
    "transliteratedOtherNames": [NAMED],
    **dict.fromkeys(("successorEntities", "otherAddresses", "eventGroups"), list),
    **dict.fromkeys(("registeredAs", "jurisdiction", "category", "status", "creationDate", "subCategory"), str),
}
ATTRIBUTES: Shape = {
    **dict.fromkeys(("bic", "mic", "ocid", "qcc", "spglobal", "gem", "conformityFlag", "registration"), object),
    "lei": str,
    "entity": ENTITY,
}
ROW: Shape = {**dict.fromkeys(("type", "id"), str), **dict.fromkeys(("relationships", "links"), dict), "attributes": ATTRIBUTES}


class Gleif(JsonCompanyCheck):
    """One question a firm, by legal name and country; answers about other firms are counted and left."""

    name = "gleif"
    about = Source(
        title="GLEIF register of legal entity identifiers",
        publisher="Global Legal Entity Identifier Foundation",
        home="https://www.gleif.org/",
        licence="CC0 1.0",
        attribution="GLEIF",
        terms_url="https://www.gleif.org/en/meta/lei-data-terms-of-use",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("api.gleif.org",),
        personal_data="none: legal entities only",
        every=timedelta(days=7),
        expect=Expect(least=0, most=10_000),
        pace=Pace(delay=2.0, max_requests=220),
        api=True,
        api_robots="documented open-data API for programs (CC0)",
    )

    def question(self, company: KnownCompany) -> Request | None:
        """By its best spelling."""
        asked = {"filter[entity.legalName]": company.name, "filter[entity.legalAddress.country]": company.country, "page[size]": PAGE}
        return self.ask(f"{RECORDS}?{urlencode(asked)}")

    def read(self, answer: Answer) -> Reading:
        """Registrations of the firm asked about."""
        return read_records(answer)


def read_records(answer: Answer) -> Reading:
    """The records with the asked name. Raises BadAnswer as `json_object` and `rows_in`."""
    asked = parse_qs(urlsplit(answer.url).query).get("filter[entity.legalName]", [""])[0]
    found, watch = json_object(answer), ShapeWatch(ROW)
    if "data" not in found:
        yield Issue("missing_field", "data", broken=True)
    rows = rows_in(found, "data")
    total = whole_in(object_in(object_in(found, "meta"), "pagination"), "total") or 0
    if rows and total > len(rows):
        yield Issue("partial_answer", f"{len(rows)} of {total} records of such a name came: the firm may be among the others")
    for row in rows:
        if isinstance(row, dict):
            yield from watch.look(row)
        attributes = object_in(row, "attributes") if isinstance(row, dict) else {}
        entity = object_in(attributes, "entity")
        yield registration(attributes, entity, asked)


def registration(attributes: Json, entity: Json, asked: str) -> Registration | Rejected:
    """One record, or why it is not the firm's."""
    lei, name = text_in(attributes, "lei", 20), text_in(object_in(entity, "legalName"), "name", 300)
    if lei is None or name is None:
        return Rejected("no name or LEI")
    if asked and not same_firm(asked, name):
        return Rejected("another firm")
    if text_in(entity, "category") == "SOLE_PROPRIETOR":
        return Rejected("sole trader")
    address = object_in(entity, "legalAddress")
    register = REGISTERS.get(text_in(object_in(entity, "registeredAt"), "id", 20) or "")
    number = text_in(entity, "registeredAs", 40)
    party = Party(
        name=name,
        country_text=text_in(address, "country", 2),
        region=text_in(address, "region", 20),
        city=text_in(address, "city", 100),
        address=", ".join(lines_of(address)) or None,
        postcode=text_in(address, "postalCode", 20),
        registry=register if register and number else "lei",
        registry_id=number if register and number else lei,
    )
    status = {"ACTIVE": "active", "INACTIVE": "dissolved"}.get(text_in(entity, "status") or "")
    return Registration(key=lei, party=party, url=f"{SHOWN}{lei}", status=status)


def lines_of(address: Json) -> Iterator[str]:
    """Street lines as printed."""
    for line in rows_in(address, "addressLines"):
        if isinstance(line, str) and line.strip():
            yield line.strip()[:200]
