"""RASFF: why food of our kind was notified or turned back in Europe; read from the portal's own search, which nobody documented."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

from scrapy.http import Request

from market_db.seen import Refusal
from spiders.base.json_api import Json, Shape, json_object, object_in, read_rows, rows_in, text_in, whole_in
from spiders.base.paging import Page, PagedSpider, Question
from spiders.base.refusals import country_in, day_in, rasff_reference
from spiders.reading import Answer, BadAnswer, Reading, Rejected
from spiders.source import Expect, Pace, Source

API = "https://webgate.ec.europa.eu/rasff-window/backend/public/notification/search/consolidated/en/"
PAGE = "https://webgate.ec.europa.eu/rasff-window/screen/notification/"
YEARS = 5
TERMS = 12
"""English terms of a product type that are searched in the subjects."""
PLACE: Shape = dict.fromkeys(("isoCode", "organizationName", "id"), object)
TOLD: Shape = dict.fromkeys(("id", "description"), object)
SHAPE: Shape = {
    "notifId": int,
    **dict.fromkeys(("reference", "ecValidationDate", "subject"), str),
    "notifyingCountry": PLACE,
    **dict.fromkeys(("productCategory", "productType", "notificationClassification", "riskDecision"), TOLD),
    "originCountries": [PLACE],
}
NEEDED = ("notifId", "reference", "ecValidationDate", "subject", "notifyingCountry", "originCountries")


class Rasff(PagedSpider):
    """One chain a term: the subject names goods, hazard and origin in one sentence."""

    name = "rasff"
    window = 5_000
    page_size = 100
    about = Source(
        title="RASFF: food notified in Europe",
        publisher="European Commission, DG SANTE",
        home="https://webgate.ec.europa.eu/rasff-window/screen/search",
        licence="CC BY 4.0 (as data.europa.eu states for the data set)",
        attribution="European Commission, Rapid Alert System for Food and Feed (RASFF)",
        terms_url="https://ec.europa.eu/info/legal-notice_en",
        terms_read=None,
        basis="not decided",
        hosts=("webgate.ec.europa.eu",),
        personal_data="none: operators are named only in details that are not asked for",
        every=timedelta(days=7),
        expect=Expect(least=1, most=20_000),
        pace=Pace(delay=5.0, max_requests=100),
        api=True,
        post_hosts=("webgate.ec.europa.eu",),
        enabled=False,
        note="The search behind the portal is undocumented: ask the Commission first. Without it: export the list on the portal and "
        "`tembus import FILE --preset rasff`.",
    )

    def first_requests(self) -> Iterator[Request]:
        """The English terms of each product type."""
        terms = (term for product in self.products if product.refusal_groups for term in product.terms.get("en", ())[:TERMS])
        for term in dict.fromkeys(terms):
            yield self.ask_chain((term,))

    def page_request(self, question: Question, number: int) -> Request:
        """A page of notifications of the last years whose subject holds the term."""
        since = date(self.as_of.year - YEARS, 1, 1)
        body = {
            "parameters": {"pageNumber": number, "itemsPerPage": self.page_size},
            "subject": question[0],
            "ecValidDateFrom": f"{since:%d-%m-%Y} 00:00:00",
        }
        return self.ask(API, method="POST", body=json.dumps(body), headers={"Content-Type": "application/json"})

    def page_of(self, answer: Answer) -> Page:
        """Rows and total of a page."""
        found = found_in(answer)
        return Page(rows=len(rows_in(found, "notifications")), total=whole_in(found, "totalElements"))

    def read(self, answer: Answer) -> Reading:
        """Refusals."""
        return read_notifications(answer)


def found_in(answer: Answer) -> Json:
    """The envelope. Raises BadAnswer as `json_object`, and "missing field" where it holds no list of notifications."""
    found = json_object(answer)
    if "notifications" not in found:
        raise BadAnswer("missing field", f"notifications; there are {', '.join(map(str, found))}"[:300])
    return found


def read_notifications(answer: Answer) -> Reading:
    """One Refusal a notification. Raises BadAnswer as `found_in`."""
    return read_rows(rows_in(found_in(answer), "notifications"), SHAPE, NEEDED, notification)


def notification(row: Json) -> Refusal | Rejected:
    """One notification: the search gives no field for goods or hazard alone, so its subject stands for both."""
    number, subject = whole_in(row, "notifId"), text_in(row, "subject", 500)
    reference, day = rasff_reference(text_in(row, "reference", 20) or ""), day_in(text_in(row, "ecValidationDate", 30) or "")
    if number is None or reference is None or subject is None:
        return Rejected("no reference or subject", f"{reference}")
    if day is None:
        return Rejected("no day", reference)
    countries = row.get("originCountries")
    listed = countries if isinstance(countries, list) else []  # one odd row is told by ShapeWatch, and harms no other
    origins = [name for one in listed if isinstance(one, dict) and (name := text_in(one, "organizationName", 80))]
    return Refusal(
        key=reference,
        url=f"{PAGE}{number}",
        reason=subject,
        country=country_in(_named(row, "notifyingCountry", "organizationName") or ""),
        origin=country_in(origins[0]) if len(origins) == 1 else None,
        origin_text=", ".join(origins) or None,
        product_text=subject,
        category=_named(row, "productCategory", "description"),
        date=day,
    )


def _named(row: Json, name: str, inner: str) -> str | None:
    """Text of a field that is an object with a name, or the name itself."""
    return text_in(object_in(row, name), inner, 120) or text_in(row, name, 120)
