"""FDA import refusals: which goods the United States turned back, from where and under which charge; the firms are not asked for."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

from scrapy.http import Request

from market_db.seen import Refusal
from spiders.base.json_api import Json, Shape, clean_text, json_object, read_rows, rows_in, text_in, whole_in
from spiders.base.paging import Page, PagedSpider, Question
from spiders.base.refusals import charges_in, country_in, day_in, fda_table
from spiders.keys import PLACEHOLDER, USER_PLACEHOLDER
from spiders.reading import Answer, BadAnswer, Reading, Rejected
from spiders.source import Expect, Pace, Source

API = "https://api-datadashboard.fda.gov/v1/import_refusals"
PAGE = "https://datadashboard.fda.gov/oii/cd/imprefusals.htm"
YEARS = 3
COLUMNS = (
    *("CountryCode", "CountryName", "IndustryCode", "IndustryCodeDescription", "ProductCode", "ProductCodeDescription"),
    *("RefusalDate", "ShipmentID", "RefusalCharges"),
)
"""What is asked for: neither the firm nor its address."""
SHAPE: Shape = dict.fromkeys(COLUMNS, object)
NEEDED = ("CountryName", "IndustryCode", "ProductCodeDescription", "RefusalDate", "ShipmentID", "RefusalCharges")


class FdaRefusals(PagedSpider):
    """Refused lines of the last three years, year by year, 5,000 at once."""

    name = "fda_refusals"
    window = 1_000_000
    page_size = 5_000
    about = Source(
        title="FDA: goods refused at the border",
        publisher="U.S. Food and Drug Administration",
        home="https://datadashboard.fda.gov/oii/cd/imprefusals.htm",
        licence="public domain (US government work)",
        attribution="U.S. Food and Drug Administration, Data Dashboard: import refusals",
        terms_url="https://datadashboard.fda.gov/oii/api/index.htm",
        terms_read=None,
        basis="public domain",
        hosts=("api-datadashboard.fda.gov",),
        countries=("US",),
        personal_data="firms, some named after a person, are in the data and not asked for",
        every=timedelta(days=30),
        expect=Expect(least=10, most=200_000),
        pace=Pace(delay=2.0, max_requests=60, max_items=200_000),
        api=True,
        post_hosts=("api-datadashboard.fda.gov",),
        key_env="FDA_DASHBOARD_KEY",
        note="Free key from FDA's OII Unified Logon; FDA_DASHBOARD_KEY holds user name and key with a colon between (name:KEY). "
        "Refusals warn, they are never scored. Fields as public clients use them, unverified until the first live check.",
    )

    def first_requests(self) -> Iterator[Request]:
        """One chain a year, where a product type has a group of goods that is refused."""
        if any(product.refusal_groups for product in self.products):
            for year in range(self.as_of.year, self.as_of.year - YEARS, -1):
                yield self.ask_chain((f"{year}-01-01", min(date(year, 12, 31), self.as_of).isoformat()))

    def page_request(self, question: Question, number: int) -> Request:
        """A page of one year, the newest first."""
        body = {
            "start": (number - 1) * self.page_size + 1,
            "rows": self.page_size,
            "sort": "RefusalDate",
            "sortorder": "DESC",
            "returntotalcount": True,
            "filters": {"RefusalDateFrom": [question[0]], "RefusalDateTo": [question[1]]},
            "columns": list(COLUMNS),
        }
        headers = {"Content-Type": "application/json", "Authorization-User": USER_PLACEHOLDER, "Authorization-Key": PLACEHOLDER}
        return self.ask(API, method="POST", body=json.dumps(body), headers=headers)

    def page_of(self, answer: Answer) -> Page:
        """Rows and total of a page."""
        found = result_of(answer)
        return Page(rows=len(rows_in(found, "result")), total=whole_in(found, "totalrecordcount"))

    def read(self, answer: Answer) -> Reading:
        """Refusals of goods in the industries of our product types."""
        return read_refusals(answer)


def result_of(answer: Answer) -> Json:
    """The envelope. Its status code says 400 when all is well, so only the rows tell.

    Raises BadAnswer as `json_object`, and "error in answer" with the FDA's words where there are no rows.
    """
    found = json_object(answer)
    if not isinstance(found.get("result"), list):
        words = clean_text(found.get("message"), 300)
        raise BadAnswer("error in answer", words if words and words != "success" else f"no result; there are {sorted(found)}"[:300])
    return found


def read_refusals(answer: Answer) -> Reading:
    """One Refusal a line of goods. Raises BadAnswer as `result_of`."""
    return read_rows(rows_in(result_of(answer), "result"), SHAPE, NEEDED, refusal)


def refusal(row: Json) -> Refusal | Rejected:
    """One refused line, or why it is not taken."""
    code, key = text_in(row, "IndustryCode", 4) or (text_in(row, "ProductCode", 12) or "")[:2], text_in(row, "ShipmentID", 60)
    industries = fda_table()["industries"]
    if code not in industries:
        return Rejected("other industry", f"{code} {text_in(row, 'IndustryCodeDescription', 60) or ''}".strip())
    day = day_in(text_in(row, "RefusalDate", 20) or "", day_first=False)
    if key is None or day is None:
        return Rejected("no shipment or day", f"{key} {text_in(row, 'RefusalDate', 20)}")
    charges = row.get("RefusalCharges")
    printed = ", ".join(str(one) for one in charges[:50]) if isinstance(charges, list) else clean_text(charges, 300) or ""
    origin = text_in(row, "CountryName", 80)
    return Refusal(
        key=key,
        url=PAGE,
        reason=charges_in(printed),
        country="US",
        origin=country_in(origin) if origin else None,
        origin_text=origin,
        product_text=text_in(row, "ProductCodeDescription", 300),
        category=industries[code],
        date=day,
    )
