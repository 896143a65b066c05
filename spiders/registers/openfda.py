"""openFDA (United States): firms that once called such a product back, and so are known to have imported or distributed it."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from urllib.parse import quote

from scrapy.http import Request

from market_db.seen import Party, Registration
from market_db.values.names import core_name
from spiders.base.json_api import Json, Shape, ShapeWatch, json_object, object_in, rows_in, text_in, whole_in
from spiders.base.paging import Page, PagedSpider, Question
from spiders.reading import Answer, BadAnswer, Reading, Rejected
from spiders.source import Expect, Pace, Source

ENFORCEMENT = "https://api.fda.gov/food/enforcement.json"
YEARS = 8
"""A firm that had the product eight years ago may have it still; older reports name many firms that are gone."""
TERMS_AT_ONCE = 12
"""Phrases in one question: addresses end at 2,083 characters."""
NO_MATCH, REFUSED = 404, 400
MAX_NAME = 300

IMPORTED = re.compile(r"\b(?:imported (?:and distributed )?(?:by|for)|importer):?(?P<who>[^;\n]{0,60})", re.IGNORECASE)
DISTRIBUTED = re.compile(
    r"\b(?:distributed|packed|sold) (?:exclusively )?(?:by|for):?(?P<who>[^;\n]{0,60})|\bdistributor:?(?P<whom>[^;\n]{0,60})", re.IGNORECASE
)
FOREIGN = re.compile(
    r"\b(?:product of|made in|manufactured in|packed in)[: ]+(?!(?:the )?(?:u\.? ?s\b|usa\b|united states|america))[a-z][a-z ]{2,25}",
    re.IGNORECASE,
)
MADE = re.compile(r"\b(?:manufactured|produced|made|processed) by:?(?P<who>[^;\n]{0,60})", re.IGNORECASE)
LABELS = ((IMPORTED, "importer"), (DISTRIBUTED, "distributor"), (MADE, "supplier"))
"""What a label says of a firm, the most telling first."""

SHAPE: Shape = {
    **dict.fromkeys(("recall_number", "event_id", "recalling_firm", "address_1", "address_2", "city", "state", "postal_code"), str),
    **dict.fromkeys(("country", "product_description", "product_quantity", "product_type", "product_code", "code_info"), str),
    **dict.fromkeys(("more_code_info", "reason_for_recall", "distribution_pattern", "classification", "status", "report_date"), str),
    **dict.fromkeys(("recall_initiation_date", "center_classification_date", "termination_date", "voluntary_mandated"), str),
    **dict.fromkeys(("initial_firm_notification", "@id", "@epoch"), str),
    "openfda": dict,
}


class OpenFda(PagedSpider):
    """Enforcement reports of the last years whose product text holds one of the product types' English terms."""

    name = "openfda"
    window = 25_000
    page_size = 100
    about = Source(
        title="openFDA: firms that handled such products",
        publisher="U.S. Food and Drug Administration",
        home="https://open.fda.gov/apis/food/enforcement/",
        licence="CC0 1.0 (public domain)",
        attribution="Data from openFDA, U.S. Food and Drug Administration; use does not imply endorsement",
        terms_url="https://open.fda.gov/terms/",
        terms_read=None,
        basis="public domain",
        hosts=("api.fda.gov",),
        countries=("US",),
        roles=("importer", "distributor"),
        personal_data="none: firms and their business addresses",
        every=timedelta(days=7),
        expect=Expect(least=1, most=10_000),
        pace=Pace(delay=1.0, max_requests=100),  # 240 requests a minute and 1,000 a day without a key
        api=True,
        api_robots="documented public API for programs (CC0)",
        empty_statuses=(NO_MATCH,),
        note="An enforcement report proves that a firm handled such a product, nothing against it: the wording stays neutral, and the "
        "reason is not kept. Fields as documented, unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The English terms of each product type, some at once."""
        for product in self.products:
            terms = product.terms.get("en", ())
            for at in range(0, len(terms), TERMS_AT_ONCE):
                yield self.ask_chain(terms[at : at + TERMS_AT_ONCE])

    def page_request(self, question: Question, number: int) -> Request:
        """A page of reports, newest first; a 400 says what was wrong, a 404 that nothing matches."""
        url = reports_url(question, self.as_of, (number - 1) * self.page_size)
        return self.ask(url, meta={"handle_httpstatus_list": [REFUSED, NO_MATCH]})

    def page_of(self, answer: Answer) -> Page:
        """Rows and total of a page."""
        found = reports_of(answer)
        return Page(rows=len(rows_in(found, "results")), total=whole_in(results_meta(found), "total"))

    def read(self, answer: Answer) -> Reading:
        """Registrations of firms."""
        return read_reports(answer)


def reports_url(terms: Sequence[str], as_of: date, skip: int) -> str:
    """Reports of the last years with one of the phrases; "+" is openFDA's space, and between two phrases its OR."""
    phrases = "+".join(f"product_description:%22{quote(term.replace(chr(34), ''), safe='').replace('%20', '+')}%22" for term in terms)
    since = as_of.replace(year=as_of.year - YEARS, day=1)
    window = f"report_date:[{since:%Y%m%d}+TO+{as_of:%Y%m%d}]"
    return f"{ENFORCEMENT}?search=({phrases})+AND+{window}&sort=report_date:desc&limit={OpenFda.page_size}&skip={skip}"


def results_meta(found: Json) -> Json:
    """Counts of an answer."""
    return object_in(object_in(found, "meta"), "results")


def reports_of(answer: Answer) -> Json:
    """The reports; nothing found is an answer without rows.

    Raises BadAnswer as `json_object` (not for 404), "error in answer", "unexpected shape".
    """
    found = json_object(Answer(body=answer.body, url=answer.url) if answer.status == NO_MATCH else answer, errors=False)
    error = object_in(found, "error")
    if error.get("code") == "NOT_FOUND":
        return {"results": [], "meta": {"results": {"total": 0}}}
    if error or answer.status == NO_MATCH:
        raise BadAnswer("error in answer", f"{text_in(error, 'code', 60)} {text_in(error, 'message', 200)}")
    if "results" not in found or whole_in(results_meta(found), "total") is None:
        raise BadAnswer("unexpected shape", f"no results or total; fields: {sorted(found)[:10]}")
    return found


def read_reports(answer: Answer) -> Reading:
    """One Registration per report. Raises BadAnswer as `reports_of`."""
    watch = ShapeWatch(SHAPE)
    for row in rows_in(reports_of(answer), "results"):
        if isinstance(row, dict):
            yield from watch.look(row)
        yield report(row)


def report(row: object) -> Registration | Rejected:
    """The firm of one report with the product it handled; why it was called back is not kept."""
    if not isinstance(row, dict):
        return Rejected("not an object")
    number, name = text_in(row, "recall_number", 30), text_in(row, "recalling_firm", MAX_NAME)
    product = text_in(row, "product_description", 1_000)
    if number is None or len(number) < 4:
        return Rejected("no recall number", f"event {text_in(row, 'event_id', 20)}")
    if name is None or product is None:
        return Rejected("no firm or product", number)
    role, proof = role_of(product, name)
    year = text_in(row, "report_date", 8) or ""
    party = Party(
        name=name,
        role=role,
        role_proof=f"FDA report {number}: {proof}" if role else None,
        country_text=text_in(row, "country"),
        region=text_in(row, "state"),
        city=text_in(row, "city"),
        address=", ".join(line for line in (text_in(row, "address_1"), text_in(row, "address_2")) if line) or None,
        postcode=text_in(row, "postal_code", 20),
    )
    return Registration(
        key=number,
        party=party,
        url=f"{ENFORCEMENT}?search=recall_number:%22{quote(number, safe='')}%22",
        activity_text=product[:300],
        periods=(f"{year[:4]}-{year[4:6]}",) if len(year) == 8 and year.isdigit() else (),
    )


def role_of(product: str, firm: str) -> tuple[str | None, str | None]:
    """Role by what the label says of this very firm, with the words that prove it; what it says of another firm proves nothing."""
    for pattern, role in LABELS:
        for found in pattern.finditer(product):
            if names_firm(" ".join(text for text in found.groups() if text), firm):
                return role, f'label says "{found[0].strip()[:120]}"'
    if abroad := FOREIGN.search(product):
        return "distributor", f'sold a foreign product: "{abroad[0].strip()}"'
    return None, None


def names_firm(text: str, firm: str) -> bool:
    """Whether a label names the firm: by the first word of its name that is no legal form."""
    words = core_name(firm).split()
    return bool(words) and re.search(rf"\b{re.escape(words[0])}\b", text.casefold()) is not None
