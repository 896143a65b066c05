"""Prozorro: tenders and awards of Ukrainian public bodies; a feed of what changed, and each procedure as an OCDS release."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from spiders.base.json_api import Json, rows_in, text_in
from spiders.base.ocds import codes_in, rows_or_none
from spiders.base.ocds_packages import Publisher, opened
from spiders.base.ocds_spider import OcdsSpider
from spiders.base.spider import answer_of
from spiders.reading import Answer, BadAnswer, Issue, Reading, Rejected
from spiders.source import Expect, Pace, Source

FEED = "https://public-api.prozorro.gov.ua/api/2.5/tenders"
MAX_DETAILS = 250
ID = re.compile(r"[0-9a-f]{32}")


class Prozorro(OcdsSpider):
    """The newest changes first; where the feed shows the items, only procedures with a code of the product types are opened."""

    name = "prozorro"
    about = Source(
        title="Prozorro: Ukrainian tenders and awards",
        publisher="State enterprise Prozorro",
        home="https://prozorro.gov.ua/",
        licence="unknown",
        attribution="Prozorro, https://prozorro.gov.ua",
        terms_url="https://prozorro.gov.ua/",
        terms_read=None,
        basis="documented public API; terms not read yet",
        hosts=("public-api.prozorro.gov.ua",),
        countries=("UA",),
        roles=("tender_authority", "distributor"),
        personal_data="Mailboxes and telephones of named officers are dropped; entrepreneurs (ten-digit numbers, ФОП) are refused.",
        expect=Expect(least=1, most=5_000),
        pace=Pace(delay=2.0, max_requests=400, max_items=5_000),
        api=True,
        note="shape unverified until the first live check: whether the feed shows items when asked, and the page of a tender. Others "
        "report 412 for programs that name themselves: then it stays off, there is no second identity.",
    )
    publisher = Publisher(country="UA", page="https://prozorro.gov.ua/tender/{tender}")
    max_pages = 40

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opened_ids: set[str] = set()
        self.codes = {f"cpv:{code}" for product in self.products for code in (*product.cpv, *product.cpv_near)}

    def first_requests(self) -> Iterator[Request]:
        """The newest page of the feed."""
        if self.codes:
            yield self.page_request(f"{FEED}?descending=1&limit=100&opt_fields=status,items")

    def read(self, answer: Answer) -> Reading:
        """Notices of one procedure; a page of the feed has none, its odd rows are counted."""
        if not is_feed(answer.url):
            yield from super().read(answer)
            return
        for row in feed_rows(opened(answer, self.publisher)):
            if id_of(row) is None:
                yield Rejected("no tender id") if isinstance(row, dict) else Rejected("not an object")

    def next_requests(self, response: Response) -> Iterator[Request]:
        """Procedures of a page of the feed, then its next page; an empty page ends it."""
        if not is_feed(response.url):
            return
        rows = feed_rows(opened(answer_of(response), self.publisher))
        yield from self.details([row for row in rows if isinstance(row, dict)], response)
        if rows and len(self.opened_ids) < MAX_DETAILS:
            yield from super().next_requests(response)

    def details(self, rows: list[Json], response: Response) -> Iterator[Request]:
        """One request a wanted procedure, up to a ceiling that is reported."""
        for row in rows:
            number = id_of(row)
            if number is None or number in self.opened_ids or not self.wanted(row):
                continue
            if len(self.opened_ids) >= MAX_DETAILS:
                self.note(self.name, Issue("partial_answer", f"{MAX_DETAILS} procedures opened, older ones left"), response.url)
                return
            self.opened_ids.add(number)
            yield self.ask(f"{FEED}/{number}?opt_schema=ocds", errback=self.page_failed)

    def wanted(self, row: Json) -> bool:
        """Whether its items have a code of the product types; a feed without items tells nothing, and all are wanted."""
        items = [item for item in rows_or_none(row.get("items")) if isinstance(item, dict)]
        return not items or bool(set(codes_in(*items)) & self.codes)


def is_feed(url: str) -> bool:
    """Whether an address is the feed's."""
    return urlsplit(url).path.rstrip("/").endswith("/tenders")


def feed_rows(found: object) -> list[object]:
    """Rows of a page of the feed.

    Raises BadAnswer: unexpected shape, where there is no list `data`.
    """
    if not isinstance(found, dict) or "data" not in found:
        raise BadAnswer("unexpected shape", "no data")
    return rows_in(found, "data")


def id_of(row: object) -> str | None:
    """The 32 hex digits that name a procedure."""
    number = text_in(row, "id", 40) if isinstance(row, dict) else None
    return number if number and ID.fullmatch(number) else None
