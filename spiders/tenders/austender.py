"""AusTender: contracts of Australian federal bodies with their suppliers and UNSPSC codes.

Chosen because the API is keyless, documented by the publisher and under CC BY, because its codes name the goods, and because
Australia is near: who feeds its defence bases and detention centres is a food distributor. It has contracts only, no open tenders.
"""

from collections.abc import Iterator
from datetime import timedelta

from scrapy.http import Request

from spiders.base.ocds_packages import Publisher
from spiders.base.ocds_spider import OcdsSpider
from spiders.source import Expect, Pace, Source

BY_DATE = "https://api.tenders.gov.au/ocds/findByDates/contractPublished"
DAYS = 30
"""Days back, one request a day: about a hundred contracts each."""


class AusTender(OcdsSpider):
    """A request a day of publication; a day without contracts is answered with an error that says so."""

    name = "austender"
    about = Source(
        title="AusTender: Australian government contracts",
        publisher="Department of Finance, Australia",
        home="https://www.tenders.gov.au/",
        licence="CC BY 3.0 AU",
        attribution="(c) Commonwealth of Australia, AusTender, CC BY 3.0 AU",
        terms_url="https://www.tenders.gov.au/infolinks/termsofuse",
        terms_read=None,
        basis="open licence stated in every package; terms of the service not read yet",
        hosts=("api.tenders.gov.au",),
        countries=("AU",),
        roles=("tender_authority", "distributor"),
        personal_data="Contact points beside suppliers are the buyer's officers and are not read; sole traders are refused.",
        expect=Expect(least=1, most=20_000),
        pace=Pace(delay=2.0, max_requests=120, max_items=20_000),
        api=True,
        note="shape unverified until the first live check. Amounts are printed as text; no rate is published.",
    )
    publisher = Publisher(
        country="AU",
        page="https://api.tenders.gov.au/ocds/findById/{contract}",
        supplier_contacts=False,
        nothing=r"(?i)\bno records found\b",
    )
    max_pages = 20

    def first_requests(self) -> Iterator[Request]:
        """The last days, newest first."""
        for back in range(1, DAYS + 1 if self.products else 1):
            day = self.as_of - timedelta(days=back)
            yield self.page_request(f"{BY_DATE}/{day}T00:00:00Z/{day}T23:59:59Z")
