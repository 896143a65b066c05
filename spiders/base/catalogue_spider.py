"""The walk over shops whose software answers a keyword with pages of products and says how many there are."""

import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scrapy.http import Request, Response

from market_db.seen import Listing
from spiders.base.json_api import Shape, ShapeWatch
from spiders.base.keyword_spider import KeywordSpider
from spiders.reading import Answer, BadAnswer, Issue, Read, Reading, Rejected
from spiders.site import Site

PAGE_SIZE = 100
"""The most that WooCommerce gives on one page; Magento's default cap is higher."""
MOST_MISSING = 0.1
"""Share of the announced products that may be missing (hidden ones are counted by some shops) before the run is called broken."""


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One page of a catalogue."""

    reading: tuple[Read, ...]
    rows: int
    """Products on the page, readable or not."""
    total: int | None = None
    """Products the shop says it found; None = it does not say."""
    pages: int | None = None
    """Pages it says there are."""


class CatalogueSpider(KeywordSpider):
    """A family says how to ask for a page (`page_request`) and how to read one (`read_page`); one keyword is tried before the others."""

    asking = ("catalogue",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.why: dict[str, str] = {}
        """Why a source's catalogue did not answer at the last try."""
        self.came: Counter[tuple[str, str]] = Counter()
        """Products that came, by source and keyword."""
        self.last: dict[tuple[str, str], frozenset[str]] = {}
        """Keys of the page before, by source and keyword."""
        self.given: dict[str, set[str]] = {source: set() for source in self.sites}
        """Keys given already: one product answers many keywords."""

    @abstractmethod
    def page_request(self, site: Site, keyword: str, page: int) -> Iterator[Request]:
        """The request for one page of results (1 is the first), or none where it was asked before."""

    @abstractmethod
    def read_page(self, answer: Answer, site: Site) -> Catalogue:
        """One page. Raises BadAnswer."""

    def entry(self, site: Site) -> Iterator[Request]:
        """First page of the first keyword."""
        yield from self.page_request(site, self.keywords(site)[0], 1)

    def take(self, site: Site, step: str, answer: Answer, response: Response) -> Iterator[Any]:
        """Pages of a catalogue until the announced end; the rest as for any site."""
        if step != "catalogue":
            yield from super().take(site, step, answer, response)
            return
        keyword, page = str(response.meta["keyword"]), int(response.meta["page"])
        try:
            found = self.read_page(answer, site)
        except BadAnswer as bad:
            if site.source not in self.answered:
                self.why[site.source] = bad.reason
                raise
            self.note(site.source, Issue("partial_answer", f"page {page} of {keyword!r}: {bad}"[:500], broken=True), answer.url)
            return
        yield from self.deliver(site.source, self._unseen(site, found), answer.url)
        yield from self._next_page(site, keyword, page, found, answer.url)
        if site.source not in self.answered:
            self.answered.add(site.source)
            for other in self.keywords(site)[1:]:
                yield from self.page_request(site, other, 1)

    def _unseen(self, site: Site, found: Catalogue) -> Reading:
        """The reading without products that another keyword brought."""
        given = self.given[site.source]
        for read in found.reading:
            if isinstance(read, Listing) and read.key in given:
                self.counts[site.source, "again:product"] += 1
                continue
            if isinstance(read, Listing):
                given.add(read.key)
            yield read

    def _next_page(self, site: Site, keyword: str, page: int, found: Catalogue, url: str) -> Iterator[Request]:
        """The page after this one, or the reckoning at the end."""
        chain = (site.source, keyword)
        keys = frozenset(read.key for read in found.reading if isinstance(read, Listing))
        repeats = bool(keys) and keys == self.last.get(chain)
        self.last[chain] = keys
        self.came[chain] += 0 if repeats else found.rows
        if repeats:
            self.note(site.source, Issue("trap", f"page {page} of {keyword!r} repeats the one before"), url)
        elif found.rows and self._has_more(found, page):
            if page < site.max_pages:
                yield from self.page_request(site, keyword, page + 1)
                return
            detail = f"{found.total or 'more'} products for {keyword!r}, {site.max_pages} pages read: raise search.max_pages"
            self.note(site.source, Issue("partial_answer", detail), url)
            return
        self._reckon(site, keyword, found, url)

    @staticmethod
    def _has_more(found: Catalogue, page: int) -> bool:
        """Whether the shop says there is another page; where it does not say, whether this one is full."""
        return page < found.pages if found.pages is not None else found.rows >= PAGE_SIZE

    def _reckon(self, site: Site, keyword: str, found: Catalogue, url: str) -> None:
        """Compare what came with what was announced."""
        came = self.came[site.source, keyword]
        if found.total is None or came == found.total:
            return
        missing = came < found.total * (1 - MOST_MISSING)
        detail = f"{found.total} products announced for {keyword!r}, {came} came"
        self.note(site.source, Issue("partial_answer", detail, broken=missing), url)


def read_rows(rows: list[Any], shape: Shape, site: Site, listing: Callable[[Row, Site], Read]) -> Reading:
    """What `listing` makes of each row; new and changed fields, and another currency than the row of the site says, are noted once."""
    watch, currencies = ShapeWatch(shape), set[str]()
    for row in rows:
        if isinstance(row, dict):
            yield from watch.look(row)
        read = listing(row, site) if isinstance(row, dict) else Rejected("no_name_or_link", shown(row))
        if isinstance(read, Listing) and read.currency:
            currencies.add(read.currency)
        yield read
    if site.currency and currencies - {site.currency}:
        yield Issue("other_currency", f"{', '.join(sorted(currencies))} where the site's row says {site.currency}")


def shown(row: object) -> str:
    """A row as an example in a count."""
    return json.dumps(row, ensure_ascii=True, default=str)[:200]
