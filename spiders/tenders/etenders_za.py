"""eTenders: tenders and awards of South African public bodies.

Chosen because the API is keyless, documented (Swagger) and made for programs, and because South Africa buys halal and chili products
in quantity and imports them; it has no product codes, so titles and descriptions decide what is relevant.
"""

from collections.abc import Iterator
from datetime import timedelta

from scrapy.http import Request

from spiders.base.ocds_packages import Publisher
from spiders.base.ocds_spider import OcdsSpider
from spiders.source import Expect, Pace, Source

RELEASES = "https://ocds-api.etenders.gov.za/api/OCDSReleases"
WINDOW, WINDOWS = 7, 4


class EtendersZa(OcdsSpider):
    """A search a week, pages by number through links.next."""

    name = "etenders_za"
    about = Source(
        title="eTenders: South African tenders and awards",
        publisher="National Treasury, South Africa",
        home="https://www.etenders.gov.za/",
        licence="unknown",
        attribution="National Treasury of South Africa, eTenders",
        terms_url="https://www.etenders.gov.za/",
        terms_read=None,
        basis="documented public API; terms not read yet",
        hosts=("ocds-api.etenders.gov.za",),
        countries=("ZA",),
        roles=("tender_authority", "distributor"),
        personal_data="Contact points beside suppliers are the buyer's officers and are not read; sole traders are refused.",
        expect=Expect(least=1, most=20_000),
        pace=Pace(delay=3.0, max_requests=120, max_items=20_000),
        api=True,
        note="shape unverified until the first live check. Slow; one request at a time.",
    )
    publisher = Publisher(country="ZA", page="https://ocds-api.etenders.gov.za/api/OCDSReleases/release/{ocid}", supplier_contacts=False)
    page_rows = 200
    max_pages = 20

    def first_requests(self) -> Iterator[Request]:
        """The last weeks, newest first."""
        for window in range(WINDOWS if self.products else 0):
            until = self.as_of - timedelta(days=WINDOW * window)
            since = until - timedelta(days=WINDOW)
            yield self.page_request(f"{RELEASES}?PageNumber=1&PageSize=200&dateFrom={since}&dateTo={until}")
