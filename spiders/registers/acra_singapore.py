"""ACRA (Singapore): companies registered as food wholesalers, from the 27 data sets (A to Z, others) on data.gov.sg."""

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from scrapy.http import Request, Response

from market_db.seen import Party, Registration
from spiders.base.activities import activity_codes
from spiders.base.json_api import Json, Shape, ShapeWatch, json_object, object_in, rows_in, text_in, whole_in
from spiders.base.paging import Page, PagedSpider, Question
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

COLLECTION = "https://api-production.data.gov.sg/v2/public/api/collections/2/metadata"
ROWS = "https://data.gov.sg/api/action/datastore_search"
PRINTED = "https://www.bizfile.gov.sg/"
DATASETS = 27
MAX_NAME = 300
LAST_DIGITS = range(1, 10)
"""SSIC 2020 numbers the classes of a group like 463 as 46301 to 46309."""
ROLES = {"4610": "distributor", "46": "wholesaler", "47": "retailer"}
"""SSIC prefix -> role; 4610 are agents."""
FIRMS = ("company", "limited liability partnership", "corporate")
"""Words in the type of entity of firms; sole proprietorships and partnerships are people."""
ALIVE = ("live", "registered")
NOTHING = ("", "na", "nan", "-")
"""How the data sets print a missing value."""

SHAPE: Shape = {
    **dict.fromkeys(("uen", "issuance_agency_id", "issuance_agency_desc", "entity_name", "entity_type_description"), str),
    **dict.fromkeys(("business_constitution_description", "company_type_description", "paf_constitution_description"), str),
    **dict.fromkeys(("entity_status_description", "registration_incorporation_date", "uen_issue_date", "address_type"), str),
    **dict.fromkeys(("block", "street_name", "level_no", "unit_no", "building_name", "postal_code"), str),
    **dict.fromkeys(("other_address_line1", "other_address_line2", "account_due_date", "annual_return_date"), str),
    **dict.fromkeys(("primary_ssic_code", "secondary_ssic_code", "no_of_officers"), (str, int)),
    **dict.fromkeys(("primary_ssic_description", "primary_user_described_activity"), str),
    **dict.fromkeys(("secondary_ssic_description", "secondary_user_described_activity"), str),
    **{f"former_entity_name{at}": str for at in range(1, 16)},
    **{f"{what}_of_audit_firm{at}": str for at in range(1, 6) for what in ("uen", "name")},
    **dict.fromkeys(("_id", "rank"), (int, float)),
}


class AcraSingapore(PagedSpider):
    """The list of data sets first, then each of them by activity code: a thousandth of the 480 MB that the files are."""

    name = "acra_singapore"
    window = 20_000
    page_size = 1_000
    about = Source(
        title="ACRA: Singapore food wholesalers",
        publisher="Accounting and Corporate Regulatory Authority",
        home="https://data.gov.sg/collections/2/view",
        licence="Singapore Open Data Licence 1.0",
        attribution="Contains information from ACRA Information on Corporate Entities, accessed from data.gov.sg under the Singapore "
        "Open Data Licence",
        terms_url="https://data.gov.sg/open-data-licence",
        terms_read=None,
        basis="open licence",
        hosts=("api-production.data.gov.sg", "data.gov.sg"),
        countries=("SG",),
        roles=("wholesaler", "distributor"),
        personal_data="Sole proprietorships and partnerships are dropped by type of entity, counted; numbers of officers are not kept.",
        every=timedelta(days=30),
        expect=Expect(least=100, most=40_000),
        pace=Pace(delay=3.0, max_requests=500, max_seconds=7_200),
        api=True,
        api_robots="documented open-data API for programs (Singapore Open Data Licence)",
        note="Monthly. Keyless calls are rationed, hence three seconds between them. Shape unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The collection, which names its data sets."""
        if ssic_codes(activity_codes(self.products, "ssic2020")):
            yield self.ask(COLLECTION, errback=self.lost)

    def next_requests(self, response: Response) -> Iterator[Request]:
        """Each data set by each code; then the pages of each."""
        answer = answer_of(response)
        if is_collection(answer):
            for dataset in datasets_in(answer):
                for code in ssic_codes(activity_codes(self.products, "ssic2020")):
                    yield self.ask_chain((dataset, code))
        yield from super().next_requests(response)

    def page_request(self, question: Question, number: int) -> Request:
        """Rows of one data set with one activity code."""
        filters = json.dumps({"primary_ssic_code": question[1]}, separators=(",", ":"))
        asked = {"resource_id": question[0], "filters": filters, "limit": self.page_size, "offset": (number - 1) * self.page_size}
        return self.ask(f"{ROWS}?{urlencode(asked)}")

    def page_of(self, answer: Answer) -> Page | None:
        """Rows and total of a page."""
        if is_collection(answer):
            return None
        found = result_of(answer)
        return Page(rows=len(rows_in(found, "records")), total=whole_in(found, "total"))

    def read(self, answer: Answer) -> Reading:
        """Registrations of companies; of the collection, whether it has its data sets."""
        if not is_collection(answer):
            yield from read_entities(answer)
        elif len(datasets_in(answer)) != DATASETS:
            yield Issue("datasets_changed", f"{len(datasets_in(answer))} data sets instead of {DATASETS}")


def ssic_codes(groups: tuple[str, ...]) -> tuple[str, ...]:
    """Five-digit codes of groups (three digits); codes of five digits stand for themselves."""
    codes = [code for group in groups for code in ([f"{group}0{digit}" for digit in LAST_DIGITS] if len(group) == 3 else [group])]
    return tuple(dict.fromkeys(codes))


def is_collection(answer: Answer) -> bool:
    """Whether an answer is the list of data sets."""
    return "/collections/" in urlsplit(answer.url).path


def datasets_in(answer: Answer) -> tuple[str, ...]:
    """Ids of the data sets. Raises BadAnswer as `json_object`, and "unexpected shape" where none is named."""
    found = json_object(answer)
    children = rows_in(object_in(object_in(found, "data"), "collectionMetadata"), "childDatasets")
    ids = [str(child) for child in children if isinstance(child, str) and child.startswith("d_") and child[2:].isalnum()]
    if not ids:
        raise BadAnswer("unexpected shape", f"no childDatasets; fields: {sorted(found)[:10]}")
    return tuple(dict.fromkeys(ids))


def result_of(answer: Answer) -> Json:
    """The result of a search in a data set. Raises BadAnswer as `json_object`, "error in answer", "unexpected shape"."""
    found = json_object(answer, errors=False)
    if found.get("success") is False or found.get("error"):
        raise BadAnswer("error in answer", json.dumps(found.get("error"))[:300])
    result = object_in(found, "result")
    if whole_in(result, "total") is None or "records" not in result:
        raise BadAnswer("unexpected shape", f"no result with records and total; fields: {sorted(found)[:10]}")
    return result


def read_entities(answer: Answer) -> Reading:
    """One Registration per live firm. Raises BadAnswer as `result_of`."""
    watch = ShapeWatch(SHAPE)
    for row in rows_in(result_of(answer), "records"):
        if isinstance(row, dict):
            yield from watch.look(row)
        yield entity(row)


def value_in(row: Json, name: str) -> str | None:
    """Text under `name`; the data sets print "na" for nothing."""
    text = text_in(row, name)
    return None if text is None or text.lower() in NOTHING else text


def entity(row: object) -> Registration | Rejected:
    """One entity, or why not; a rejection shows the number only."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    uen, name = value_in(row, "uen"), value_in(row, "entity_name")
    if uen is None or not uen.isalnum() or len(uen) not in (9, 10):
        return Rejected("bad uen", f"uen {str(uen)[:20]}")
    if not (value_in(row, "entity_status_description") or "").lower().startswith(ALIVE):
        return Rejected("not live", f"uen {uen}")
    kind = (value_in(row, "entity_type_description") or "").lower()
    if not any(word in kind for word in FIRMS):
        return Rejected("sole proprietorship or partnership" if kind else "no type of entity", f"uen {uen}")
    if name is None or len(name) > MAX_NAME:
        return Rejected("no name", f"uen {uen}")
    return registration(row, uen, name)


def registration(row: Json, uen: str, name: str) -> Registration:
    """The record of a live firm whose number and name were checked."""
    code = value_in(row, "primary_ssic_code")
    role = next((role for prefix, role in ROLES.items() if code and code.startswith(prefix)), None)
    texts = dict.fromkeys(
        text for text in (value_in(row, "primary_ssic_description"), value_in(row, "primary_user_described_activity")) if text
    )
    level, unit = value_in(row, "level_no"), value_in(row, "unit_no")
    street = [value_in(row, "block"), value_in(row, "street_name"), f"#{level}-{unit}" if level and unit else None]
    codes = [value for value in (code, value_in(row, "secondary_ssic_code")) if value]
    party = Party(
        name=name,
        role=role,
        role_proof=f"SSIC {code} in the Singapore register" if role else None,
        country="SG",
        country_basis="register",
        city="Singapore",
        address=", ".join(part for part in (" ".join(part for part in street if part), value_in(row, "building_name")) if part) or None,
        postcode=value_in(row, "postal_code"),
        registry="sg-uen",
        registry_id=uen,
    )
    return Registration(
        key=uen,
        party=party,
        url=PRINTED,
        activity_codes=tuple(f"ssic2020:{value}" for value in dict.fromkeys(codes)),
        activity_text=": ".join(texts) or None,
        status="active",
    )
