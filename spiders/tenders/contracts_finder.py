"""Contracts Finder: tenders and awards of English and non-devolved public bodies, also below the thresholds of Find a Tender."""

from collections.abc import Iterator
from datetime import date, timedelta

from scrapy.http import Request

from spiders.base.ocds_packages import Publisher
from spiders.base.ocds_spider import OcdsSpider
from spiders.source import Expect, Pace, Source

SEARCH = "https://www.contractsfinder.service.gov.uk/Published/Notices/OCDS/Search"
WINDOW, WINDOWS = 7, 3
"""Days of one search, and searches back: small schools and hospitals leave two to three weeks for an answer."""


class ContractsFinder(OcdsSpider):
    """A search a week, pages by cursor."""

    name = "contracts_finder"
    about = Source(
        title="Contracts Finder: UK tenders and awards",
        publisher="Cabinet Office",
        home="https://www.contractsfinder.service.gov.uk/",
        licence="Open Government Licence v3.0",
        attribution="Contains public sector information licensed under the Open Government Licence v3.0 (Contracts Finder)",
        terms_url="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        terms_read=date(2026, 11, 25),
        basis="open licence",
        hosts=("www.contractsfinder.service.gov.uk",),
        countries=("GB",),
        roles=("tender_authority", "distributor"),
        personal_data="Mailboxes and telephones of named officers are dropped, sole traders under their own names refused.",
        expect=Expect(least=1, most=20_000),
        pace=Pace(delay=2.0, max_requests=200, max_items=20_000),
        api=True,
        api_robots="documented public OCDS API for programs; data under the Open Government Licence",
        retry_403=2,
        wait_403=300.0,
        note="shape unverified until the first live check. Too many requests are answered with 403 for five minutes, at no published rate.",
    )
    publisher = Publisher(country="GB", page="https://www.contractsfinder.service.gov.uk/Notice/{guid}", encoding="iso-8859-1")
    page_rows = 100
    max_pages = 50

    def first_requests(self) -> Iterator[Request]:
        """The last weeks, newest first; both stages in one search, as this API reads the list."""
        for window in range(WINDOWS if self.products else 0):
            until = self.as_of - timedelta(days=WINDOW * window)
            since = until - timedelta(days=WINDOW)
            yield self.page_request(f"{SEARCH}?limit=100&publishedFrom={since}&publishedTo={until}&stages=tender,award")
