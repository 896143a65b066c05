"""Shops of any software that can be searched: the address their row or their front page names, page by page, to the products."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from scrapy.http import Request, Response

from spiders.base.keyword_spider import KeywordSpider
from spiders.base.sites_spider import MAX_LEVELS, allowed, family_passport, page_of, page_reading, speaks_of, words_of
from spiders.extract.document import Document
from spiders.extract.page import Page
from spiders.extract.results import next_page, result_links, says_none
from spiders.extract.search_forms import Search, opensearch_link, read_opensearch, search_url, searches
from spiders.reading import Answer, BadAnswer, Issue, Reading
from spiders.site import Site
from spiders.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One page of results."""

    keyword: str
    number: int
    page: Page
    none: bool
    """Whether it says that nothing was found."""
    links: tuple[str, ...]
    """Product pages on it that speak of the products."""

    @property
    def url(self) -> str:
        """Address of the page."""
        return self.page.document.url if self.page.document else ""

    @property
    def tells(self) -> bool:
        """Whether it shows products, or says that there are none."""
        return bool(self.links or self.page.items or self.page.records or self.none)


class SearchSpider(KeywordSpider):
    """Template of the row, else SearchAction, OpenSearch or search form of the front page -> results -> next page -> product pages.

    A page of results without products is an issue, unless the page says that there are none: that is a finding.
    """

    name = "search"
    about: ClassVar[Source] = family_passport("Shops with a search")
    handle_httpstatus_list: ClassVar[list[int]] = [404, 410]
    asking = ("front", "opensearch", "results")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.templates: dict[str, str] = {source: site.search for source, site in self.sites.items() if site.search}
        """Address of the search, by source."""
        self.shown: dict[tuple[str, str], set[str]] = {}
        """Products shown so far, by source and keyword: a page that brings none of its own is the last."""

    def entry(self, site: Site) -> Iterator[Request]:
        """First page of the first keyword, or the front page to find out how to search."""
        if site.source in self.templates:
            yield from self.results_request(site, self.keywords(site)[0], site.first_page)
        else:
            yield from self.fresh(site, site.url, http={"errback": self.lost}, step="front")

    def results_request(self, site: Site, keyword: str, page: int, url: str | None = None) -> Iterator[Request]:
        """The request for one page of results."""
        address = url or search_url(self.templates[site.source], keyword, page, site.charset)
        yield from self.fresh(site, address, http={"errback": self.lost}, step="results", keyword=keyword, page=page)

    def take(self, site: Site, step: str, answer: Answer, response: Response) -> Iterator[Any]:
        """Find the search, then results; the rest as for any site."""
        if step == "front":
            yield from self.after_front(site, answer)
        elif step == "opensearch":
            yield from self.begin(site, read_opensearch(answer.body, site.url) if answer.status == 200 else None)
        elif step == "results":
            yield from self.after_results(site, str(response.meta["keyword"]), int(response.meta["page"]), answer)
        else:
            yield from super().take(site, step, answer, response)

    def after_front(self, site: Site, answer: Answer) -> Iterator[Any]:
        """The firm of the front page, and the first way to search that lies on the site's own hosts.

        Raises BadAnswer: no search, closed, and what `page_of` raises.
        """
        if answer.status != 200:
            raise BadAnswer("closed", f"its front page answers with status {answer.status}")
        page = page_of(answer, site)
        yield from self.deliver(site.source, page_reading(page), answer.url)
        doc = page.document or Document(answer.body, answer.url, answer.headers, site.charset)
        ways = [way for way in searches(doc) if self.belongs(way.template, site, shared=True)]
        described = opensearch_link(doc)
        if described and not any(way.why == "SearchAction" for way in ways):
            yield from self.fresh(site, described, http={"errback": self.lost}, step="opensearch")
            return
        yield from self.begin(site, ways[0] if ways else None)

    def begin(self, site: Site, way: Search | None) -> Iterator[Request]:
        """Ask for the first keyword. Raises BadAnswer: no search."""
        if way is None or not self.belongs(way.template, site, shared=True):
            raise BadAnswer("no search", "no SearchAction, OpenSearch or search form on the front page: write search.url in its row")
        self.templates[site.source] = way.template
        yield from self.results_request(site, self.keywords(site)[0], site.first_page)

    def after_results(self, site: Site, keyword: str, page: int, answer: Answer) -> Iterator[Any]:
        """Products of a page of results, its next page, and after the first good page the other keywords.

        Raises BadAnswer: closed, and what `page_of` raises, before any page was good; later such a page is an issue.
        """
        try:
            found = self._results(site, keyword, page, answer)
        except BadAnswer as bad:
            if site.source not in self.answered:
                raise
            self.note(site.source, Issue("partial_answer", f"page {page} of {keyword!r}: {bad}"[:500], broken=True), answer.url)
            return
        yield from self.deliver(site.source, page_reading(found.page), answer.url)
        self._judge(site, found)
        for url in found.links:
            yield from self.fresh(site, url, step="page", level=MAX_LEVELS)
        yield from self.after_page(site, found.page, MAX_LEVELS)
        yield from self._onward(site, found)
        if site.source not in self.answered and found.tells:
            self.answered.add(site.source)
            for other in self.keywords(site)[1:]:
                yield from self.results_request(site, other, site.first_page)

    def read(self, answer: Answer) -> Reading:
        """Records of a page, also of one of results out of an archive: there only its address tells."""
        site = self.site_of(answer.url)
        if site is not None and self._asks(site, answer.url):
            yield from page_reading(self._results_page(site, answer))
        else:
            yield from super().read(answer)

    def _asks(self, site: Site, url: str) -> bool:
        """Whether an address asks for one of the site's keywords."""
        parts = urlsplit(url)
        said = [value for _, value in parse_qsl(parts.query, encoding=site.charset or "utf-8", errors="replace")]
        return not {*said, *map(unquote, parts.path.split("/"))}.isdisjoint(self.keywords(site))

    def _results_page(self, site: Site, answer: Answer) -> Page:
        """The page, without a product it only seems to be about: one or two hits read like a product called "2 results"."""
        page = page_of(answer, site)
        return replace(page, records=()) if page.kind == "product" and not self._moved(site, page, answer.url) else page

    def _results(self, site: Site, keyword: str, number: int, answer: Answer) -> Results:
        """A page of results; some shops answer 404 where there are none.

        Raises BadAnswer: closed, login wall, unparsed.
        """
        page = self._results_page(site, answer)
        none = not page.items and page.document is not None and says_none(page.document)
        if answer.status != 200 and not (none and site.source in self.answered):
            raise BadAnswer("closed", f"its search answers with status {answer.status}")
        links = () if none or page.records else self._links(site, page)
        return Results(keyword=keyword, number=number, page=page, none=none, links=links)

    def _moved(self, site: Site, page: Page, url: str) -> bool:
        """Whether a search led to the product itself: by redirect, or by what the page calls its own address."""
        search = urlsplit(self.templates.get(site.source, url).partition("{")[0]).path
        addresses = (url, page.document.canonical if page.document else None)
        return any(not urlsplit(each).path.startswith(search) or search == "/" != urlsplit(each).path for each in addresses if each)

    def _links(self, site: Site, page: Page) -> tuple[str, ...]:
        """Product pages that the words speak of, on the site's own hosts."""
        search = urlsplit(self.templates.get(site.source, "")).path

        def speaks(text: str) -> bool:
            name, _, url = text.rpartition(" ")
            return allowed(url, site) and urlsplit(url).path != search and speaks_of(f"{name} {words_of(url)}", self.products)

        return tuple(url for url in result_links(page, speaks, site.listing.get("link")) if self.belongs(url, site))

    def _judge(self, site: Site, found: Results) -> None:
        """Say it where a first page shows neither products nor that there are none."""
        if found.number == site.first_page and not found.tells:
            detail = f"results for {found.keyword!r} show no products that can be read: look at the page, write [site.listing] link"
            self.note(site.source, Issue("no_tiles", detail), found.url)

    def _onward(self, site: Site, found: Results) -> Iterator[Request]:
        """The next page, while pages bring products of their own."""
        shown = self.shown.setdefault((site.source, found.keyword), set())
        new = {*found.links, *(tile.url for tile in found.page.items if tile.url)} - shown
        shown |= new
        paged, doc = "{page}" in self.templates[site.source], found.page.document
        following = None if paged or doc is None else next_page(doc, site.listing.get("next"))
        if not new or not (following or paged):
            return
        if found.number - site.first_page + 1 >= site.max_pages:
            detail = f"{site.max_pages} pages read for {found.keyword!r}, there are more: raise search.max_pages"
            self.note(site.source, Issue("partial_answer", detail), found.url)
            return
        yield from self.results_request(site, found.keyword, found.number + 1, following)
