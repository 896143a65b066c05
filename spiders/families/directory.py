"""Directories of companies and boards of requests to buy: declared lists, card by card, page by page, to the profiles behind them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import quote

from scrapy.http import Request, Response

from market_db.seen import Notice, Registration, Seen
from spiders.base.keyword_spider import KeywordSpider
from spiders.base.sites_spider import allowed, family_passport, page_of
from spiders.evidence import place_of, stamp
from spiders.extract.blocks import Block, link_in, listed_blocks, middle_of, onward, shape_of
from spiders.extract.contacts import NO_CONTACTS, Contacts
from spiders.extract.firm_blocks import Told, firm_of, merged, stated_firm
from spiders.extract.moment import moment_of
from spiders.extract.page import Page
from spiders.extract.request_blocks import Asked, merged_request, request_of
from spiders.extract.results import says_none
from spiders.extract.search_forms import search_url
from spiders.extract.tiles import LEAST
from spiders.extract.totals import printed_total
from spiders.manners.outcomes import Refused, Stop
from spiders.reading import Answer, BadAnswer, Issue, Read, Reading
from spiders.site import Site
from spiders.source import Source

MOST_MISSING = 0.1
"""Share of the printed total that may be missing before a list read to its end is called incomplete."""
LEAST_FIELDS = 3
"""Labels of a page that make it the profile of one firm, where its address does not tell."""
_PLACES = {"{q}": r"[^&#/]*", "{category}": r"[^&#]*?", "{page}": r"\d*"}
Record = Registration | Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """One page of a list."""

    page: Page
    reading: tuple[Read, ...]
    """Firms or requests of the cards, rejected ones, and oddities."""
    count: int
    """Cards, readable or not."""
    total: int | None = None
    """Entries of the whole list as the page prints it."""
    none: bool = False
    """Whether it says that nothing was found."""
    following: str | None = None
    """Address of the next page."""

    @property
    def records(self) -> list[Record]:
        """What could be read."""
        return [read for read in self.reading if isinstance(read, Record)]


class DirectorySpider(KeywordSpider):
    """Start addresses of the row -> cards -> next page; each card's own page where it has one.

    A card waits for its page and is given as it is where that does not come. Lists whose robots.txt is against them are not read by
    another way: what a directory lists is known only from its lists.
    """

    name = "directory"
    about: ClassVar[Source] = family_passport("Directories and boards")
    handle_httpstatus_list: ClassVar[list[int]] = [404, 410]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[str, dict[str, Seen]] = {source: {} for source in self.sites}
        """Cards whose own page was asked, by source and the address they lead to; stamped with the list that shows them."""
        self.given: dict[str, set[str]] = {source: set() for source in self.sites}
        """Keys met already, by source."""
        self.came: Counter[tuple[str, str]] = Counter()
        """Cards read, by source and chain of pages."""
        self.shown: dict[tuple[str, str], set[str]] = {}
        """Keys of a chain's pages: a page that brings none of its own is the last, or a trap."""
        self.shapes: dict[tuple[str, str], str] = {}
        """Selector of the repeated cards, by source and chain."""
        self.own: dict[str, Contacts] = {}
        """The directory's own contacts, by source."""

    def entry(self, site: Site) -> Iterator[Request]:
        """The first page of every list of the row."""
        for template in site.start or (site.url,):
            for keyword in self.keywords(site) if "{q}" in template else ("",):
                for category in site.categories if "{category}" in template else ("",):
                    filled = template.replace("{category}", quote(category, safe="/%"))
                    yield from self.list_request(site, filled, keyword, site.first_page)

    def list_request(self, site: Site, template: str, keyword: str, page: int, url: str | None = None) -> Iterator[Request]:
        """The request for one page of a list."""
        address = url or search_url(template, keyword, page, site.charset)
        yield from self.fresh(site, address, http={"errback": self.lost}, step="list", template=template, keyword=keyword, page=page)

    def take(self, site: Site, step: str, answer: Answer, response: Response) -> Iterator[Any]:
        """Pages of lists, and the pages behind their cards."""
        if step == "list":
            yield from self.after_list(site, answer, response)
        else:
            yield from self.after_detail(site, answer, str(response.meta.get("listed")))

    def after_list(self, site: Site, answer: Answer, response: Response) -> Iterator[Any]:
        """Cards of a list, the pages behind them, and the list's next page."""
        meta = response.meta
        chain, number = _chain_of(meta), int(meta["page"])
        try:
            found = self._cards(site, answer, chain)
        except BadAnswer as bad:
            past_the_end = bad.reason == "closed" and number > site.first_page and "{page}" in meta["template"]
            if not past_the_end:
                self.note(site.source, Issue("partial_answer", f"page {number} of {chain}: {bad}"[:500], broken=True), answer.url)
            self._reckon(site, chain, None, answer.url)
            return
        self.own.setdefault(site.source, _own_contacts(found.page))
        if found.count or found.none:
            self.answered.add(site.source)
        yield from self._pass_on(site, found, answer.url, response)
        yield from self._onward(site, chain, meta, found, answer.url)

    def _pass_on(self, site: Site, found: Cards, url: str, response: Response) -> Iterator[Any]:
        """Each card once: now, or when its own page came."""
        for read in found.reading:
            if not isinstance(read, Record):
                yield from self.deliver(site.source, iter([read]), url)
            elif read.key in self.given[site.source]:
                self.counts[site.source, "again:card"] += 1
            else:
                self.given[site.source].add(read.key)
                asked = list(self._detail_request(site, read, url))
                if asked and response.request is not None:
                    self.waiting[site.source][read.url] = stamp(read, site.source, place_of(response.request, response))
                    yield from asked
                else:
                    yield from self.deliver(site.source, iter([read]), url)

    def _detail_request(self, site: Site, record: Record, listed_at: str) -> Iterator[Request]:
        if site.details and record.url != listed_at and allowed(record.url, site):
            yield from self.fresh(site, record.url, http={"errback": self.lost}, step="detail", listed=record.url)

    def after_detail(self, site: Site, answer: Answer, listed: str) -> Iterator[Any]:
        """The record of a card's own page, with what only the card shows; the card alone where the page is no use."""
        card = self.waiting[site.source].pop(listed, None)
        try:
            if answer.status != 200:
                raise BadAnswer("closed", f"status {answer.status}")
            reading = list(self._detail(site, answer))
        except BadAnswer as bad:
            self.counts[site.source, "pages:bad"] += 1
            self.note(site.source, Issue("bad_answer", str(bad)[:500]), answer.url)
            reading = []
        self.counts[site.source, "pages:read"] += bool(reading)
        records = [read for read in reading if isinstance(read, Record)]
        if card is not None and not records:
            yield from self.deliver(site.source, iter([card]), answer.url)
        for read in reading:
            joined = _joined(read, card) if isinstance(read, Record) else read
            yield from self.deliver(site.source, iter([joined]), answer.url)

    def lost(self, failure: Any) -> Iterator[Any]:
        """Errback: a page of a list that did not come makes the run incomplete; a card whose page did not come is given as it is."""
        request = failure.request
        site = self.sites.get(self.source_of(request))
        if site is None:
            return
        if request.meta.get("step") == "detail":
            card = self.waiting[site.source].pop(str(request.meta.get("listed")), None)
            self.counts[site.source, "pages:lost"] += 1
            yield from self.deliver(site.source, iter([card] if card is not None else []), request.url)
        elif failure.check(Refused) and failure.value.reason == Stop.ROBOTS:
            self.note(site.source, Issue("asking_closed", "robots.txt is against this list: it is not read"), request.url)
        else:
            chain = _chain_of(request.meta)
            detail = f"page {request.meta.get('page')} of {chain} did not come: {failure.getErrorMessage()}"[:500]
            self.note(site.source, Issue("partial_answer", detail, broken=True), request.url)

    def read(self, answer: Answer) -> Reading:
        """Records of one page, as a list where its address is one of the row's or most of it is cards, else as one firm or request."""
        site = self.site_of(answer.url)
        if site is None or answer.url.endswith("/robots.txt"):
            return
        cards = self._cards(site, answer)
        if _is_list(site, answer.url) or (cards.count >= LEAST and not self._is_detail(site, cards.page)):
            yield from cards.reading
        else:
            yield from self._detail(site, answer)

    def _is_detail(self, site: Site, page: Page) -> bool:
        block = middle_of(page.document, site.detail, site.drop) if page.document else None
        return block is not None and len(block.fields) >= LEAST_FIELDS

    def _cards(self, site: Site, answer: Answer, chain: str = "") -> Cards:
        """One page of a list; one with too few cards to repeat is read as those before it in its chain.

        Raises BadAnswer: closed, login wall, unparsed.
        """
        if answer.status != 200:
            raise BadAnswer("closed", f"the list answers with status {answer.status}")
        page = page_of(answer, replace(site, detail={}))
        known = self.shapes.get((site.source, chain))
        blocks = listed_blocks(page, _selectors(site).get("item"), _selectors(site), site.drop, known)
        if chain and blocks and known is None and (shape := shape_of(page)):
            self.shapes[site.source, chain] = shape
        reading = tuple(_once(read for block in blocks for read in self._of_block(site, self._linked(site, page, block), page, answer)))
        doc = page.document
        return Cards(
            page=page,
            reading=reading,
            count=len(blocks),
            total=printed_total(doc.lines) if doc else None,
            none=not blocks and doc is not None and says_none(doc),
            following=onward(doc, site.listing.get("next")) if doc else None,
        )

    @staticmethod
    def _linked(site: Site, page: Page, block: Block) -> Block:
        """The block with the address that the row's `link` finds in it."""
        selector = _selectors(site).get("link")
        found = link_in(page.document, block.element, selector) if selector and page.document else None
        return replace(block, url=found or block.url)

    def _of_block(self, site: Site, block: Block, page: Page, answer: Answer) -> Iterator[Read]:
        if site.record == "rfq":
            now = moment_of(answer, self.as_of)
            yield from request_of(block, Asked(kind=site.kind, now=now, language=site.lang or page.language))
        else:
            yield firm_of(block, self._told(site, page))

    def _told(self, site: Site, page: Page) -> Told:
        host = page.document.host if page.document else ""
        own = self.own.get(site.source, NO_CONTACTS)
        return Told(country=site.country, role=site.list_role, proof=site.proof, host=host, not_theirs=own)

    def _detail(self, site: Site, answer: Answer) -> Iterator[Read]:
        """The firm or request of one page. Raises BadAnswer: closed, login wall, unparsed."""
        page = page_of(answer, replace(site, detail={}))
        block = middle_of(page.document, site.detail, site.drop) if page.document else None
        if block is None or page.document is None:
            raise BadAnswer("unparsed", "no page in it")
        stated = stated_firm(page.document).get("name") if site.record == "company" and block.name is None else None
        block = replace(block, name=block.name or stated, url=answer.url)
        yield from self._of_block(site, block, page, answer)

    def _onward(self, site: Site, chain: str, meta: Mapping[str, Any], found: Cards, url: str) -> Iterator[Request]:
        """The next page while pages bring cards of their own; else the reckoning."""
        number, paged = int(meta["page"]), "{page}" in meta["template"]
        shown = self.shown.setdefault((site.source, chain), set())
        keys = {record.key for record in found.records}
        new = keys - shown
        shown |= keys
        self.came[site.source, chain] += found.count if new else 0
        if not found.count and number == site.first_page and not found.none:
            detail = f"{chain} shows no cards that can be read: look at the page, write [site.listing] item"
            self.note(site.source, Issue("no_cards", detail), url)
        if keys and not new and number > site.first_page and not paged:
            self.note(site.source, Issue("trap", f"page {number} of {chain} repeats those before"), url)
        complete = found.total is not None and self.came[site.source, chain] >= found.total
        if not new or complete or not (paged or found.following):
            self._reckon(site, chain, found.total, url)
        elif number - site.first_page + 1 >= site.max_pages:
            detail = f"{site.max_pages} pages read of {chain}, {found.total or 'more'} entries announced: raise search.max_pages"
            self.note(site.source, Issue("partial_answer", detail[:500]), url)
        else:
            following = None if paged else found.following
            yield from self.list_request(site, meta["template"], str(meta["keyword"]), number + 1, following)

    def _reckon(self, site: Site, chain: str, total: int | None, url: str) -> None:
        """Compare the cards that came with the total that the list prints."""
        came = self.came[site.source, chain]
        if total is not None and came < total:
            missing = came < total * (1 - MOST_MISSING)
            self.note(site.source, Issue("partial_answer", f"{total} entries announced by {chain}, {came} came"[:500], broken=missing), url)


def _chain_of(meta: Mapping[str, Any]) -> str:
    """Name of a list in messages: its template with the words."""
    return str(meta["template"]).replace("{q}", str(meta["keyword"]))[:300]


def _selectors(site: Site) -> Mapping[str, str]:
    """Selectors for cards: of [site.rfq] on boards, with those of [site.listing] where it has none."""
    return {**site.listing, **site.rfq} if site.record == "rfq" else site.listing


def _own_contacts(page: Page) -> Contacts:
    """Contacts of a list that stand in none of its cards: the directory's own."""
    theirs = {text for tile in page.items for text in (*tile.contacts.phones, *tile.contacts.emails)}
    phones, emails = (tuple(text for text in texts if text not in theirs) for texts in (page.contacts.phones, page.contacts.emails))
    return Contacts(phones, emails)


def _joined(record: Record, card: Seen | None) -> Record:
    """The record of a page with what only its card shows; the page is the proof."""
    if isinstance(record, Registration) and isinstance(card, Registration):
        return merged(record, card)
    return merged_request(record, card) if isinstance(record, Notice) and isinstance(card, Notice) else record


def _once(reading: Iterator[Read]) -> Iterator[Read]:
    """The reading with each kind of oddity once, and how often it was met."""
    met: Counter[Issue] = Counter()
    for read in reading:
        if isinstance(read, Issue):
            met[read] += 1
        else:
            yield read
    yield from (replace(issue, detail=f"{times} x: {issue.detail}") for issue, times in met.items())


def _is_list(site: Site, url: str) -> bool:
    """Whether an address is one of the row's lists, with any words and any page."""
    return any(_template_pattern(template).fullmatch(url) for template in site.start or (site.url,))


def _template_pattern(template: str) -> re.Pattern[str]:
    pattern = re.escape(template)
    for place, form in _PLACES.items():
        pattern = pattern.replace(re.escape(place), form)
    return re.compile(pattern)
