"""Find a Tender: the notices of UK public bodies above the thresholds, and since 2025 below them too."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from scrapy.http import Request

from spiders.base.ocds_packages import Publisher
from spiders.base.ocds_spider import OcdsSpider
from spiders.source import Expect, Pace, Source

PACKAGES = "https://www.find-tender.service.gov.uk/api/1.0/ocdsReleasePackages"
WINDOW_HOURS, WINDOWS = 6, 28
"""Windows above six hours time out; a week back, so that missed nights heal."""


class FindATender(OcdsSpider):
    """Six-hour windows of updates; no stage filter, because a list of stages silently finds nothing here."""

    name = "find_a_tender"
    about = Source(
        title="Find a Tender: UK tenders and awards",
        publisher="Cabinet Office",
        home="https://www.find-tender.service.gov.uk/",
        licence="Open Government Licence v3.0",
        attribution="Contains public sector information licensed under the Open Government Licence v3.0 (Find a Tender)",
        terms_url="https://www.find-tender.service.gov.uk/Developer/Documentation",
        terms_read=None,
        basis="open licence stated in every package; terms of the service not read yet",
        hosts=("www.find-tender.service.gov.uk",),
        countries=("GB",),
        roles=("tender_authority", "distributor"),
        personal_data="Mailboxes and telephones of named officers are dropped, sole traders under their own names refused.",
        expect=Expect(least=1, most=20_000),
        pace=Pace(delay=10.0, max_requests=200, max_items=20_000),
        api=True,
        note="shape unverified until the first live check. 12 requests in two minutes, then 429 with Retry-After.",
    )
    publisher = Publisher(country="GB", page="https://www.find-tender.service.gov.uk/Notice/{id}")
    page_rows = 100
    max_pages = 15

    def first_requests(self) -> Iterator[Request]:
        """The week before the day of the run, newest window first."""
        midnight = datetime.combine(self.as_of, time())
        for window in range(WINDOWS if self.products else 0):
            until = midnight - timedelta(hours=WINDOW_HOURS * window)
            since = until - timedelta(hours=WINDOW_HOURS)
            yield self.page_request(f"{PACKAGES}?limit=100&updatedFrom={since.isoformat()}&updatedTo={until.isoformat()}")
